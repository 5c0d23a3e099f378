"""The script that runs at every visit: who is looking, and the page asked for."""

import streamlit as st

from lib.ui import frame, moment, navigation, session

st.set_page_config(page_icon="📋", layout="wide")

with frame.edge(), moment.run():
    page = navigation.asked_for()
    viewer = session.viewer()
    if viewer is None:
        session.sign_in_page(f"/{page.url_path}")
    else:
        frame.run(page, viewer)
