"""The yardstick: a server whose only page says one word, served as the product is.

It has the product's settings and none of the two costs that every Streamlit page has by default.
"""

from __future__ import annotations

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


app = st.App(Path(__file__).with_name("empty_page.py"), lifespan=_lifespan)
