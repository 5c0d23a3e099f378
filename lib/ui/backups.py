"""When the store was last backed up, in a line: known from its audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_administer
from lib.actions.back_up import last_backed_up
from lib.store.engine import reading
from lib.ui.resources import is_demonstration, office

if TYPE_CHECKING:
    from lib.access import Viewer

_LATE = timedelta(days=2)


def last(viewer: Viewer) -> None:
    """The last backup that was tried out; a warning when there is none, or none of late.

    For the administrator, who can do something about it. Made-up data needs none.
    """
    if not may_administer(viewer):
        return
    here = office()
    with reading(here.engine) as connection:
        found = last_backed_up(connection, here.stored)
    if found is None:
        if not is_demonstration():
            st.warning("还没有备份过：请安排每天运行 python -m lib backup。")
        return
    said = f"最近一次备份：{clock.local_text(found.at)}，{found.rows:,} 行，已试恢复并核对"
    if clock.now() - found.at > _LATE:
        st.warning(f"{said}；已超过两天没有新的备份，请检查定时备份。")
    else:
        st.caption(f"{said}。")
