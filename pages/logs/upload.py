"""上传日志: a workbook, what it would change, what was wrong and is mended here, the receipt."""

import streamlit as st

from lib.ui import frame, session, templates, upload, upload_mending, upload_plan

viewer = session.guard("logs/upload")
frame.header("上传日志")

upload.chooser(viewer)
standing = upload.current(viewer)
if standing:
    upload.heading(viewer, standing)
if standing and standing.plan:
    upload_plan.counts(standing)
    upload_plan.post_form(viewer, standing)
    upload_plan.corrections(standing.plan)
    upload_mending.refused(viewer, standing)
    upload_plan.remarks(standing.plan)
if standing is None:
    templates.prefilled_download(viewer)
    with st.expander("需要空白模板？"):
        templates.blank_download()

upload.others(viewer, standing)
st.subheader("本组最近的回执", anchor=False)
upload.recent_receipts(viewer)
