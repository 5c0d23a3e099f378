"""A part of a page that is drawn alone when its own widgets change, without what is around it.

Such a run passes neither the page's guard nor its edge: both are here. Who is looking is looked up
each time: where that has changed the whole page is drawn, by its guard.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.ui import frame, moment, session
from lib.ui.resources import revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from lib.access import Viewer


def alone(draw: Callable[..., None], viewer: Viewer, *given: object) -> None:
    """Draw a part that looks, by `draw(viewer, *given)`, and that alone when it changes.

    `given` holds until the whole page is drawn again, and that is when the ledger has changed: its
    figures stay the ones around them. A NotFoundError is the page's own matter.
    """
    _part(draw, viewer, revision(), *given)


def alone_acting(draw: Callable[..., None], viewer: Viewer, *given: object) -> None:
    """Draw a part that acts, which goes on when somebody else has changed the ledger.

    What is pressed there would be lost if the whole page were drawn first. What the part does that
    shows elsewhere ends with `st.rerun()`.
    """
    _part(draw, viewer, None, *given)


@st.fragment
def _part(draw: Callable[..., None], viewer: Viewer, seen: int | None, *given: object) -> None:
    context = get_script_run_ctx()
    by_itself = bool(context and context.fragment_ids_this_run)
    with frame.edge(), moment.run() if by_itself else nullcontext():
        if by_itself and (session.viewer() != viewer or seen not in (None, revision())):
            st.rerun()
        draw(viewer, *given)
