"""A part of a page that is drawn alone when its own widgets change."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pytest
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import local_script_runner

from lib import clock
from lib.actions import accounts, sessions
from lib.logs.elder_check import ELDER_CHECK as KIND
from tests.support.forms import fill, filled
from tests.support.small_office import ADMIN, LEAD, OTHER_LEAD, elder_check
from tests.support.visits import ELDER_CHECKS, QUICK_ENTRY, button, is_sign_in_form, titles

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from tests.support.visits import Office

    Alone = Callable[[AppTest], None]

DAY = date(2023, 4, 3)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Alone:
    """Have a page's only part drawn alone from now on, as a browser asks for it."""

    def begin(app: AppTest) -> None:
        (part,) = app._fragment_storage._fragments  # noqa: SLF001 - the test tool names none
        asked = partial(RerunData, fragment_id=part)
        monkeypatch.setattr(local_script_runner, "RerunData", asked)

    return begin


def form(office: Office) -> AppTest:
    """A filled form of a team lead's."""
    return fill(office.visit(LEAD, QUICK_ENTRY, kind=KIND.slug), KIND, filled(KIND, DAY, "T1"))


def entered(office: Office) -> int:
    """How many entries of that day and kind there are."""
    return office.measures(DAY)["entries"][KIND.slug]


def test_what_is_around_the_part_is_not_drawn(office: Office, alone: Alone):
    app = form(office)
    assert titles(app) == ["快速录入"]
    alone(app)
    app.run()
    assert not titles(app)
    assert [each.label for each in app.button] == ["提交", "放弃草稿，重新填写"]


def test_what_is_pressed_in_it_is_done_and_the_whole_page_says_so(office: Office, alone: Alone):
    app, before = form(office), entered(office)
    alone(app)
    button(app, "提交").click().run()
    assert titles(app) == ["快速录入"]
    assert app.success[0].value.startswith("已记入台账，回执 ")
    assert entered(office) == before + 1


def disable(office: Office) -> None:
    """The lead's account."""
    office.disable(LEAD)


def move(office: Office) -> None:
    """The lead to another team."""
    now = clock.now()
    team = OTHER_LEAD.team
    accounts.change_role(office.engine, office.stored, ADMIN, LEAD.name, LEAD.role, team, now)


def end(office: Office) -> None:
    """All of the lead's sessions."""
    sessions.end_all(office.engine, office.stored, ADMIN, LEAD.name, clock.now())


@pytest.mark.parametrize("ended", [disable, move, end])
def test_whoever_is_somebody_else_by_now_does_nothing_in_it(
    office: Office, alone: Alone, ended: Callable[[Office], None]
):
    app, before = form(office), entered(office)
    alone(app)
    ended(office)
    button(app, "提交").click().run()
    assert is_sign_in_form(app)
    assert entered(office) == before


def test_after_an_act_of_somebody_the_whole_page_is_drawn(office: Office, alone: Alone):
    app = office.visit(LEAD, ELDER_CHECKS)
    alone(app)
    app.run()
    assert not titles(app)
    office.post({"特困老人核查": [elder_check(DAY, "G1", "T2")]})
    app.run()
    assert titles(app) == ["老人核查"]


def test_what_is_pressed_after_an_act_of_somebody_is_done(office: Office, alone: Alone):
    app, before = form(office), entered(office)
    alone(app)
    office.post({"特困老人核查": [elder_check(DAY, "G1", "T2")]})
    button(app, "提交").click().run()
    assert app.success[0].value.startswith("已记入台账，回执 ")
    assert entered(office) == before + 2
