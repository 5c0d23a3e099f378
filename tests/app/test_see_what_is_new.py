"""What pages keep: nothing of it is shown once the store says something else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from lib.access import Role, Viewer
from lib.actions import draw_sample
from lib.kpi.frame import Design
from lib.ui import resources
from tests.support import small_office
from tests.support.small_office import ADMIN, POSTED_AT, REVIEWER
from tests.support.visits import (
    CAMPAIGN,
    CASES,
    ELDER_CHECKS,
    LOCALITIES,
    OBLIGATIONS,
    PEOPLE,
    RECEIPTS,
    SAMPLES,
    SETTLEMENT,
    TRAININGS,
    USERS,
    WORKLIST,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.visits import Office

DAY = date(2023, 4, 20)


def post(office: Office) -> None:
    """A row more of all that the pages show."""
    office.post(
        {
            "业务协办": [small_office.case(DAY, "G1", "SL9")],
            "业务培训": [small_office.training(DAY, DAY)],
            "专项行动": [small_office.campaign(DAY, "G1", "H2", "药费自付多")],
            "特困老人核查": [small_office.elder_check(DAY, "G1", "T1")],
            "对象排查": [small_office.patrol(DAY, "G1", small_office.WEST)],
        }
    )


def draw(office: Office) -> None:
    """A sample."""
    days = date(2023, 3, 1), date(2023, 3, 31)
    design = Design(*days, ("elder_check",), Decimal("0.95"), Decimal("0.05"))
    today = POSTED_AT.date()
    here = office.engine, office.stored
    draw_sample.draw(*here, REVIEWER, design, "NEW", today=today, now=POSTED_AT)


def add(office: Office) -> None:
    """A user."""
    office.add(Viewer("new", Role.REVIEWER))


ACTS = {
    **dict.fromkeys(
        (
            *(CAMPAIGN, CASES, ELDER_CHECKS, LOCALITIES, OBLIGATIONS, PEOPLE, TRAININGS),
            *(WORKLIST, RECEIPTS, SETTLEMENT),
        ),
        post,
    ),
    SAMPLES: draw,
    USERS: add,
}


@pytest.mark.parametrize(("page", "act"), ACTS.items(), ids=ACTS)
def test_what_was_kept_is_drawn_anew_after_an_act(
    office: Office, page: str, act: Callable[[Office], None]
):
    viewer = ADMIN if page == USERS else REVIEWER
    asked = {"month": "2023-04"} if page == SETTLEMENT else {}

    def drawn() -> list[str]:
        app = office.visit(viewer, page, as_of=str(DAY), **asked)
        return [element.proto.body for element in app.html]

    before = drawn()
    act(office)
    after = drawn()
    assert after != before
    resources.office.clear()
    assert drawn() == after
