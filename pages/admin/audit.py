"""审计记录: every act, who, when, from where, before and after."""

from lib.ui import audit, frame, session
from lib.ui.alone import alone

viewer = session.guard("admin/audit")
frame.header("审计记录")
alone(audit.looked_up, viewer)
