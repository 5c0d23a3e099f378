"""Every page as every role and as nobody, and what each may ask a page for: a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lib.ui import navigation
from tests.support.guarded_office import NAMES, lone_surveys
from tests.support.small_office import EVERYONE, LEAD, LEADER, OTHER_LEAD, REVIEWER
from tests.support.visits import (
    ELDER,
    FINDING,
    HISTORY,
    LOCALITY,
    QUICK_ENTRY,
    RECEIPT,
    ROWS,
    SAMPLE,
    SETTLEMENT,
    UPLOAD,
    is_sign_in_form,
    messages,
    sent,
    titles,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

# Who opens a page: leader, lead, other lead, reviewer, admin, in that order (spec §6).
OPENS = {
    "progress/overview": "+++++",
    "progress/contracts": "-----",  # nobody's, until the operator says so
    "progress/campaign": "+++++",
    "progress/elder_checks": "+++++",
    "progress/cases": "+++++",
    "progress/trainings": "+++++",
    "progress/tasks": "+++++",
    "progress/localities": "+++++",
    "progress/people": "+++++",
    "progress/locality": "+++++",
    "progress/elder": "+++++",
    "progress/wall": "+++++",
    "progress/brief": "+++++",
    "progress/rows": "+++++",
    "progress/entry": "+++++",
    "logs/worklist": "+++++",
    "logs/upload": "-++--",
    "logs/quick_entry": "-++--",
    "logs/history": "-+++-",
    "logs/receipt": "-+-+-",  # the first team's
    "acceptance/obligations": "+++++",
    "acceptance/findings": "+++++",
    "acceptance/samples": "+--++",
    "acceptance/settlement": "+++++",
    "acceptance/files": "+--++",
    "acceptance/verify": "+--++",
    "acceptance/finding": "++-++",  # the first team's
    "acceptance/sample": "+--++",
    "admin/rosters": "----+",
    "admin/territories": "----+",
    "admin/users": "----+",
    "admin/sessions": "----+",
    "admin/audit": "---++",
    "account/missing": "-----",
    "account/password": "+++++",
}
NOWHERE = (["找不到这个页面"], ["网址可能有误，或者您的角色不使用这一页。"])


def first_finding(office: Office) -> Mapping[str, str]:
    """What the address of the first team's finding asks for."""
    first, _ = lone_surveys(office)
    return {"rule": "one_person_survey", "subject": str(first), "month": "2023-04"}


def answer(app: AppTest) -> tuple[list[str], list[str]]:
    """The page's last title, and what it says in boxes."""
    return titles(app)[-1:], messages(app)


def test_every_page_of_the_menu_is_in_the_table():
    assert sorted(OPENS) == sorted(page.file for page in navigation.MENU)


@pytest.mark.parametrize("page", OPENS)
def test_a_page_opens_for_its_roles_and_for_nobody_else(office: Office, page: str):
    asked = first_finding(office) if page == FINDING else {}
    opened = ""
    for viewer in EVERYONE:
        app = office.visit(viewer, page, **asked)
        assert not app.exception
        assert not app.error
        opened += "-" if answer(app) == NOWHERE else "+"
    assert opened == OPENS[page]

    stranger = office.visit(None, page, **asked)
    assert is_sign_in_form(stranger)
    assert [name for name in NAMES if name in sent(stranger)] == []


# What no address may name, whoever asks: it is answered as what does not exist.
WRONG = ("0", "-1", "9" * 19, "9" * 400, "'1'", '1"', "1 or 1=1", "１", "1.0", "")
ASKED_FOR = (
    (HISTORY, "id", REVIEWER),
    (RECEIPT, "id", REVIEWER),
    (RECEIPT, "id", LEAD),
    (SAMPLE, "id", LEADER),
    (SAMPLE, "item", LEADER),
    (LOCALITY, "code", LEADER),
    (ELDER, "code", LEADER),
    (FINDING, "subject", REVIEWER),
    (FINDING, "month", REVIEWER),
    (FINDING, "rule", REVIEWER),
    (QUICK_ENTRY, "entry", LEAD),
    (UPLOAD, "upload", LEAD),
    (SETTLEMENT, "month", LEADER),
    (ROWS, "figure", LEADER),
    (ROWS, "elder", LEADER),
    (ROWS, "staff", LEADER),
)


@pytest.mark.parametrize(
    ("page", "part", "viewer"), ASKED_FOR, ids=lambda each: getattr(each, "name", each)
)
def test_what_cannot_be_named_is_not_found(office: Office, page: str, part: str, viewer: Viewer):
    besides = first_finding(office) if page == FINDING else {}
    empty_is_all = part in {"item", "month"} or page == ROWS
    wrong = WRONG[:-1] if empty_is_all else WRONG
    answers = {}
    for value in wrong:
        app = office.visit(viewer, page)
        app.query_params.clear()
        for name, said in {**besides, part: value}.items():
            app.query_params[name] = said
        if (page, part) == (SAMPLE, "item"):
            app.query_params["id"] = "1"
        answers[value] = answer(app.run())
    assert answers == dict.fromkeys(wrong, NOWHERE)


def test_another_teams_things_are_answered_like_what_is_not_there(office: Office):
    first, second = lone_surveys(office)
    month = {"rule": "one_person_survey", "month": "2023-04"}
    tried = (
        (RECEIPT, {"id": "1"}, {"id": "2"}, {"id": "999"}),
        (
            FINDING,
            {**month, "subject": str(first)},
            {**month, "subject": str(second)},
            {**month, "subject": "999"},
        ),
        (QUICK_ENTRY, {"entry": str(first)}, {"entry": str(second)}, {"entry": "999"}),
    )
    for page, own, foreign, nothing in tried:
        assert answer(office.visit(LEAD, page, **own)) != NOWHERE
        assert answer(office.visit(LEAD, page, **foreign)) == NOWHERE
        assert answer(office.visit(LEAD, page, **nothing)) == NOWHERE
        assert answer(office.visit(OTHER_LEAD, page, **foreign)) != NOWHERE
        assert answer(office.visit(OTHER_LEAD, page, **own)) == NOWHERE
