"""登录情况: who is signed in, since when and from where; ending a session."""

from lib.ui import frame, session

viewer = session.guard("admin/sessions")
frame.header(viewer, "登录情况")
