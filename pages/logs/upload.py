"""上传日志: a workbook, what it would change, what was wrong, the receipt."""

import streamlit as st

from lib.ui import frame, session, upload

viewer = session.guard("logs/upload")
frame.header(viewer, "上传日志")

workbook = upload.chosen_workbook(viewer)
upload.receipt_view()
if workbook:
    plan = upload.planned(viewer, workbook)
    if plan.refusal:
        st.error(f"文件整份退回：{plan.refusal}")
    else:
        upload.counts_view(plan)
        upload.post_button(viewer, plan)
        upload.plan_view(plan)
else:
    with st.expander("需要空白模板？"):
        upload.template_download(viewer)

st.subheader("本组最近的回执", anchor=False)
upload.recent_receipts(viewer)
