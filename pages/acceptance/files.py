"""报告和档案: reports and the acceptance file, made and taken away."""

import streamlit as st

from lib.ui import files, frame, session

viewer = session.guard("acceptance/files")
frame.header("报告和档案")

through = files.chooser()
files.last_signed(through)
files.readiness(viewer, through)
st.subheader("报告和台账", anchor=False)
files.papers(through, files.name_choice(viewer))
files.acceptance_file(viewer, through)
