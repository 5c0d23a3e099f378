"""Processes of tests that begin by forking off one that has done nothing yet."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_NOTHING_OF_OURS = ModuleType("__main__")


def start(process: BaseProcess) -> None:
    """Start it, without first running in it what this process runs as its main module.

    That would be a page, once Streamlit has tried one here.
    """
    with mock.patch.dict(sys.modules, __main__=_NOTHING_OF_OURS):
        process.start()
