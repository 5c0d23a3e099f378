"""The dashboard: who is looking, the menu for that viewer, and the page that was asked for."""

import streamlit as st

from lib.ui import frame, navigation, parts, session

st.set_page_config(page_title="社会救助服务监管", page_icon="📋", layout="wide")
parts.style()

with frame.edge():
    viewer = session.viewer()
    if viewer is None:
        navigation.no_menu()
        session.sign_in_page()
    else:
        navigation.menu(viewer).run()
