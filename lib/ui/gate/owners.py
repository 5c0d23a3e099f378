"""Whose a page is that is open: an upload goes into the own pages only."""

from __future__ import annotations

from typing import Any

from streamlit import runtime

SESSION_KEY = "session"  # in `st.user`, by `server.trustedUserHeaders`


def user_of(session: int | None) -> dict[str, Any]:
    """What Streamlit knows of whoever opens a page, and asks again when it is resumed."""
    return {SESSION_KEY: None if session is None else str(session)}


def owns_page(session: int, streamlit_session: str) -> bool:
    """Whether a page was opened in our session, by Streamlit's name for it."""
    manager = runtime.get_instance()._session_mgr  # noqa: SLF001 - no public way to ask
    found = manager.get_active_session_info(streamlit_session)
    return found is not None and found.session.matches_user_info(user_of(session))
