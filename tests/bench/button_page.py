"""A button and how often it was pressed."""

import streamlit as st

state = st.session_state
if st.button("再来一次"):
    state.pressed = state.get("pressed", 0) + 1
st.markdown(str(state.get("pressed", 0)))
