"""大屏: the overview for a screen on the wall."""

from lib.ui import session, wall

session.guard("progress/wall")
wall.screen()
