"""Whose name reaches whom: everything that is sent to each viewer's browser.

Each of the guarded office's names stands in one kind of place, so that one too many tells where it
leaked, and one too few who can no longer work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import streamlit as st

from lib.kpi.rows import containing, number_of
from lib.store.engine import reading
from lib.store.schema import entry
from lib.ui import navigation
from tests.support.guarded_office import NAMES, SEES, STAFF, lone_surveys
from tests.support.small_office import EVERYONE, LEAD, LEADER, OTHER_LEAD, REVIEWER
from tests.support.visits import (
    ELDER,
    ELDER_CHECKS,
    FILES,
    FINDING,
    FINDINGS,
    HISTORY,
    LOCALITY,
    PEOPLE,
    QUICK_ENTRY,
    RECEIPT,
    ROWS,
    SAMPLE,
    SETTLEMENT,
    TRAININGS,
    WORKLIST,
    sent,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lib.access import Viewer
    from tests.support.visits import Office

EVERY_VIEWER = pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
OPENED = tuple(page.file for page in navigation.MENU if page.roles)
# What the pages about one thing, or with several views, are asked for besides.
BESIDES: tuple[tuple[str, Mapping[str, str]], ...] = (
    *((HISTORY, {"id": str(number)}) for number in range(2, 22)),
    *((RECEIPT, {"id": str(number)}) for number in range(2, 6)),
    *((LOCALITY, {"code": code}) for code in ("L2", "L3")),
    *((ELDER, {"code": f"T{number}"}) for number in range(2, 7)),
    *((PEOPLE, {"show": show}) for show in ("months", "days")),
    *((ELDER_CHECKS, {"show": show}) for show in ("months", "need")),
    *((SAMPLE, {"id": "1", "view": view}) for view in ("paper", "again")),
    *((SAMPLE, {"id": "1", "item": str(number)}) for number in range(1, 5)),
    (SAMPLE, {"id": "1", "found": "every"}),
    *((WORKLIST, {"team": team, "view": "paper"}) for team in ("", "all")),
    (WORKLIST, {"team": "all"}),
    *((QUICK_ENTRY, {"kind": kind}) for kind in ("campaign", "elder_check", "home_survey")),
    (QUICK_ENTRY, {"entry": "1"}),
    *((page, {"month": "2023-03"}) for page in (SETTLEMENT, FILES, FINDINGS)),
    (FINDINGS, {"month": "all"}),
)


def visits(office: Office) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every page with all that it can be asked for."""
    yield from ((page, {}) for page in OPENED)
    yield from BESIDES
    for subject in lone_surveys(office):
        yield FINDING, {"rule": "one_person_survey", "subject": str(subject), "month": "2023-04"}


def named_in(text: str) -> set[str]:
    """The people named in full."""
    return {name for name in NAMES if name in text}


def tour(office: Office, viewer: Viewer) -> dict[str, set[str]]:
    """Whom each page names to the viewer, all that it was asked for together."""
    found: dict[str, set[str]] = {}
    for page, asked in visits(office):
        if navigation.may_open(viewer, page):
            named = named_in(sent(office.visit(viewer, page, **asked)))
            found.setdefault(page, set()).update(named)
    return found


@EVERY_VIEWER
def test_all_that_is_sent_names_exactly_whom_the_viewer_may_see(office: Office, viewer: Viewer):
    found = tour(office, viewer)
    colleagues = found.pop(QUICK_ENTRY, set())  # a lead chooses with whom work was done
    assert colleagues <= SEES[viewer].union(STAFF.values())
    assert {page: names - SEES[viewer] for page, names in found.items()} == {
        page: set() for page in found
    }
    assert set().union(*found.values()) == SEES[viewer]


ORDERS = ((REVIEWER, LEADER), (REVIEWER, LEAD), (LEAD, OTHER_LEAD), (OTHER_LEAD, LEAD))


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(v.name for v in order))
def test_what_is_kept_for_one_is_not_shown_to_the_next(
    office: Office, order: tuple[Viewer, Viewer]
):
    first, second = order
    pages = (ELDER_CHECKS, WORKLIST, LOCALITY, FINDINGS, ROWS, TRAININGS, PEOPLE)
    alone = {page: named_in(sent(office.visit(second, page))) for page in pages}
    st.cache_data.clear()
    for page in pages:
        office.visit(first, page)
    assert {page: named_in(sent(office.visit(second, page))) for page in pages} == alone


@EVERY_VIEWER
def test_a_search_finds_no_name_that_is_masked(office: Office, viewer: Viewer):
    of_team = {LEAD: {"示户江": 4}, OTHER_LEAD: {"示户柯": 2, "户柯家": 1}}
    everything = {"示户江": 4, "示户柯": 2, "户柯家": 1}
    seen = {REVIEWER: everything, **of_team}.get(viewer, {})
    looked_for = ("示申甲", "示员", "示老", "示户江", "示户柯", "户柯家")
    with reading(office.engine) as connection:
        found = {
            text: number_of(connection, containing(text, viewer) & entry.c.effective)
            for text in looked_for
        }
    assert found == {text: seen.get(text, 0) for text in looked_for}


@EVERY_VIEWER
def test_choices_and_places_are_found_by_everybody(office: Office, viewer: Viewer):
    with reading(office.engine) as connection:
        found = {text: number_of(connection, containing(text, viewer)) for text in ("受理", "示南")}
    assert found == {"受理": 5, "示南": 5}
