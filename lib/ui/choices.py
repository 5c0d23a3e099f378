"""Choices that are kept in the address under their codes, so that the link can be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping


def current(part: str, options: Mapping[str, str]) -> str:
    """The option that a part of the address names; the first one where it names none."""
    asked = st.query_params.get(part, "")
    return asked if asked in options else next(iter(options))


def pills(part: str, label: str, options: Mapping[str, str]) -> str:
    """One of a few options, all to be seen; the first one is meant where the address says none."""
    now = current(part, options)
    chosen = st.pills(
        label,
        list(options),
        default=now,
        required=True,
        format_func=options.__getitem__,
        key=f"{part}={now}",
        label_visibility="collapsed",
        wrap=True,
        on_change=_keep,
        args=(part, f"{part}={now}", next(iter(options))),
    )
    return chosen or now


def one_of(part: str, label: str, options: Mapping[str, str]) -> str:
    """One of many options."""
    now = current(part, options)
    return st.selectbox(
        label,
        list(options),
        index=list(options).index(now),
        format_func=options.__getitem__,
        key=f"{part}={now}",
        label_visibility="collapsed",
        width=260,
        on_change=_keep,
        args=(part, f"{part}={now}", next(iter(options))),
    )


def _keep(part: str, key: str, first: str) -> None:
    """Keep a choice in the address before the page is drawn; it begins at its first page."""
    chosen = st.session_state.pop(key)
    if chosen is None:  # let go of, which leaves the one before
        return
    st.query_params.pop("page", None)
    if chosen == first:
        st.query_params.pop(part, None)
    else:
        st.query_params[part] = chosen
