"""名册: what the rosters hold beside the contract's figures, and importing them again."""

import streamlit as st

from lib.ui import frame, reads, rosters, session

viewer = session.guard("admin/rosters")
frame.header("名册")

roster = reads.roster()
rosters.figures(roster)

st.subheader("导入", anchor=False)
rosters.import_form(viewer)

st.subheader("现有名册", anchor=False)
rosters.members(viewer)
