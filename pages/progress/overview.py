"""合同总览: how the contract stands, at a glance, as of any day."""

import streamlit as st

from lib.ui import finding_marks, frame, overview, session

viewer = session.guard("progress/overview")
day = frame.dated_header(viewer, "合同总览")
st.html(overview.drawn(day, finding_marks.attention(viewer)))
