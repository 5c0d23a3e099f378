"""The script that runs at every visit: who is looking, the menu, and the page asked for."""

import streamlit as st

from lib.ui import chinese, frame, moment, navigation, session

st.set_page_config(page_title=chinese.TITLE, page_icon="📋", layout="wide")

with frame.edge(), moment.run():
    viewer = session.viewer()
    if viewer is None:
        page = navigation.no_menu()
        session.sign_in_page(f"/{page.url_path}")
    else:
        frame.run(navigation.menu(viewer), viewer)
