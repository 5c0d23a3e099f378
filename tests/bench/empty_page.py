"""One word."""

import streamlit as st

st.write("空")
