"""修改密码: a new password of one's own; signing in again follows."""

from lib.ui import frame, links, parts, password, session

viewer = session.guard("account/password")
frame.header("修改密码")
changed = password.change_form(viewer)
parts.ways(("用新密码登录" if changed else "回到合同总览", links.OVERVIEW))
