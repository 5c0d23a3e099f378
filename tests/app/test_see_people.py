"""Seeing what each of the staff did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.small_office import (
    ADMIN,
    BEFORE_ANY_LOG,
    END,
    LEAD,
    LEADER,
    MID_MONTH,
    OTHER_LEAD,
    REVIEWER,
    SECOND_TEAM,
)
from tests.support.visits import PEOPLE, html_texts, links, messages

if TYPE_CHECKING:
    from datetime import date

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

MASKED = ["G1 示*", "G2 示*", "G3 示*", "G4 示*"]


def names(app: AppTest) -> list[str]:
    """The staff shown, in order."""
    return [text for text in html_texts(app, "matrix")[0] if text.startswith("G")]


@pytest.mark.parametrize(
    ("viewer", "shown"),
    [
        (LEADER, MASKED),
        (ADMIN, MASKED),
        (LEAD, ["G1 示员甲", "G2 示员乙"]),
        (OTHER_LEAD, ["G3 示员丙", "G4 示员丁"]),
        (REVIEWER, ["G1 示员甲", "G2 示员乙", "G3 示员丙", "G4 示员丁"]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_team_lead_sees_the_own_team_and_others_see_codes(
    office: Office, viewer: Viewer, shown: list[str]
):
    assert names(office.visit(viewer, PEOPLE)) == shown


def test_a_team_can_be_chosen_in_the_address(office: Office):
    assert names(office.visit(LEADER, PEOPLE, team=SECOND_TEAM)) == MASKED[2:]
    assert names(office.visit(LEADER, PEOPLE, team="nothing")) == MASKED
    assert names(office.visit(LEAD, PEOPLE, team=SECOND_TEAM)) == ["G1 示员甲", "G2 示员乙"]


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (BEFORE_ANY_LOG, ["0", "0", "0", "0", "0", "0", "0"]),
        (MID_MONTH, ["1.5", "0.5", "1", "2", "0", "0", "5"]),
        (END, ["1.5", "0.5", "1", "2", "0", "0", "5"]),
    ],
    ids=str,
)
def test_person_days_stand_by_item_and_in_all(office: Office, day: date, first: list[str]):
    app = office.visit(LEADER, PEOPLE, as_of=str(day))
    found = html_texts(app, "matrix")[0]
    items = [item.name for item in office.stored.terms.item]
    assert found[: len(items) + 2] == ["服务人员", *items, "合计"]
    assert found[len(items) + 3 : 2 * len(items) + 4] == first


def test_the_calendar_marks_days_off_and_opens_the_days_entries(office: Office):
    app = office.visit(LEADER, PEOPLE, as_of=str(MID_MONTH))
    heads = html_texts(app, "matrix")[1][1:32]
    assert (heads[0], heads[3], heads[30]) == ("1 三", "4休 六", "31 五")
    assert ("rows?day=2023-03-07&staff=G1&as_of=2023-03-15", "2") in links(app)


def test_without_a_roster_a_sentence_says_what_to_do(empty_office: Office):
    empty_office.add(LEADER)
    app = empty_office.visit(LEADER, PEOPLE)
    assert messages(app) == ["名册里还没有服务人员。请管理员先导入名册。"]
