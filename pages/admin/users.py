"""用户: who can sign in, with which role; adding, another role, disabling, a new password."""

import streamlit as st

from lib.ui import frame, session, users
from lib.ui.alone import alone_acting

viewer = session.guard("admin/users")
frame.header("用户")

users.said()
users.table()
adding, changing = st.columns(2, gap="large")
with adding:
    st.subheader("新增", anchor=False)
    users.add_form(viewer)
with changing:
    st.subheader("改角色、重设密码、停用", anchor=False)
    alone_acting(users.change_form, viewer)
