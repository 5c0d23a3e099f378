"""What the first visitor would wait for, done as the server starts."""

from __future__ import annotations

import gc
import importlib
import pkgutil

import streamlit as st

from lib import ui
from lib.store import contracts
from lib.store.engine import reading
from lib.ui import overview, pieces, reads
from lib.ui.effects import scope_now
from lib.ui.resources import office

_SCRIPT = "entry"  # a visit, no module


@st.cache_resource(show_spinner=False)
def warm() -> None:
    """Load what pages load, open the store, and find the figures that the first page shows.

    The terms of all its contracts are read too: whoever compares them would wait for a hundred.
    Done once; while the store is out of reach RefusedError, and whoever asks next does it. What is
    there at the end stays: collections need not look at it again.
    """
    for module in pkgutil.iter_modules(ui.__path__):
        if module.name != _SCRIPT:
            importlib.import_module(f"{ui.__name__}.{module.name}")
    with reading(office().engine) as connection:
        contracts.every(connection)
    reads.made(pieces.drawn, overview.shown, scope_now().as_of, ())
    gc.collect()
    gc.freeze()
