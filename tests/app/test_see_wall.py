"""Seeing the overview on a wall screen, and on a sheet of paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.small_office import BEFORE_ANY_LOG, END, EVERYONE, LEADER, MID_MONTH
from tests.support.visits import BRIEF, OVERVIEW, WALL, html_texts, is_sign_in_form, links

if TYPE_CHECKING:
    from datetime import date

    from lib.access import Viewer
    from tests.support.visits import Office


def everybodys(texts: list[list[str]]) -> list[list[str]]:
    """Without what waits for the viewer alone."""
    return [[text for text in each if "疑点" not in text] for each in texts]


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
@pytest.mark.parametrize("page", [WALL, BRIEF])
@pytest.mark.parametrize("day", [BEFORE_ANY_LOG, MID_MONTH, END], ids=str)
def test_it_shows_what_the_overview_shows(office: Office, viewer: Viewer, page: str, day: date):
    overview = office.visit(viewer, OVERVIEW, as_of=str(day))
    shown = office.visit(viewer, page, as_of=str(day))
    for part in ("tile", "row", "attention"):
        assert html_texts(shown, part) == everybodys(html_texts(overview, part))
    assert html_texts(shown, "headline")[0][:2] == html_texts(overview, "headline")[0][:2]


@pytest.mark.parametrize("page", [WALL, BRIEF])
def test_the_as_of_day_is_said(office: Office, page: str):
    shown = office.visit(LEADER, page, as_of=str(MID_MONTH))
    assert html_texts(shown, "headline")[0][2].startswith(f"截至 {MID_MONTH}")


@pytest.mark.parametrize("asked", ["garbage", "0001-01-01", "2023-02-30", "9999-12-31", "'"])
def test_the_wall_takes_no_day_that_is_none(office: Office, asked: str):
    shown = office.visit(LEADER, WALL, as_of=asked)
    assert not shown.error
    assert html_texts(shown, "headline")[0][2][3:13] in {"2023-03-01", "2023-04-30"}


def test_the_wall_asks_who_is_looking_when_the_session_has_ended(office: Office):
    shown = office.visit(LEADER, WALL)
    office.disable(LEADER)
    assert is_sign_in_form(shown.run())


def test_the_overview_leads_to_both(office: Office):
    found = links(office.visit(LEADER, OVERVIEW, as_of=str(MID_MONTH)))
    assert ("brief?as_of=2023-03-15", "一页简报（可打印）") in found
    assert ("wall", "大屏") in found
