"""登录情况: who is signed in, since when and from where; ending a session; wrong tries."""

import streamlit as st

from lib.ui import frame, session, sessions

viewer = session.guard("admin/sessions")
frame.header("登录情况")

sessions.said()
sessions.signed_in(viewer)
st.subheader("输错密码", anchor=False)
sessions.wrong_tries(viewer)
