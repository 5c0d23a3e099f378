"""The yardstick: a server whose only page says one word, served as the product is.

It has the product's settings and none of the two costs that every Streamlit page has by default.
PAGE names another page beside it.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib.ui.sockets import send_at_once

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[None]:
    send_at_once()
    yield


_PAGE = os.environ.get("PAGE", "empty_page.py")
app = st.App(Path(__file__).with_name(_PAGE), lifespan=_lifespan)
