"""A bug is logged under a number, by type and place, without its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.errors import logged

if TYPE_CHECKING:
    import pytest


def test_a_bug_is_logged_without_its_own_words(caplog: pytest.LogCaptureFixture):
    cell = "某人的编号"
    try:
        int(cell)
    except ValueError as bug:
        number = logged(bug)

    (line,) = caplog.messages
    assert line.startswith(f"error {number}: ValueError\n")
    assert "test_errors.py" in line
    assert cell not in line
