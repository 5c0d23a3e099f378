"""What is typed into a form is kept until it is posted or put away, for its own account only."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lib.access import Role, Viewer
from lib.actions import accounts, drafts
from lib.errors import NotPermittedError
from lib.store.drafts import Draft
from tests.spec import small
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

LEAD, OTHER = Viewer("甲", Role.TEAM_LEAD, "一组"), Viewer("乙", Role.TEAM_LEAD, "一组")
CELLS = {"day": "2023-03-06", "people": "G1", "remark": "门口有积水", "copies": 3, "amount": 1.5}
LATER = small.NOW + timedelta(minutes=1)


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract with two leads of one team."""
    stored = small.entered(engine)
    for viewer in (LEAD, OTHER):
        accounts.add_account(
            engine, stored, small.ADMINISTRATOR, viewer, "云杉-口令-2023", small.NOW
        )
    return stored


def test_a_draft_comes_back_as_it_was_typed(engine: Engine, stored: StoredContract):
    drafts.keep(engine, stored, LEAD, "kind=patrol", CELLS, small.NOW)
    assert drafts.own(engine, stored, LEAD) == [Draft("kind=patrol", CELLS, small.NOW)]


def test_a_slot_holds_what_was_typed_last(engine: Engine, stored: StoredContract):
    drafts.keep(engine, stored, LEAD, "kind=patrol", CELLS, small.NOW)
    drafts.keep(engine, stored, LEAD, "entry=1", {"remark": "一"}, small.NOW)
    drafts.keep(engine, stored, LEAD, "kind=patrol", {"people": "G2"}, LATER)
    assert drafts.own(engine, stored, LEAD) == [
        Draft("kind=patrol", {"people": "G2"}, LATER),
        Draft("entry=1", {"remark": "一"}, small.NOW),
    ]


def test_one_put_away_is_gone_and_no_other(engine: Engine, stored: StoredContract):
    for viewer in (LEAD, OTHER):
        for slot in ("kind=patrol", "entry=1"):
            drafts.keep(engine, stored, viewer, slot, CELLS, small.NOW)
    for _ in range(2):
        drafts.put_away(engine, stored, LEAD, "entry=1")
    assert [each.slot for each in drafts.own(engine, stored, LEAD)] == ["kind=patrol"]
    assert [each.slot for each in drafts.own(engine, stored, OTHER)] == ["entry=1", "kind=patrol"]


def test_an_identity_number_never_reaches_the_store(engine: Engine, stored: StoredContract):
    drafts.keep(engine, stored, LEAD, "kind=patrol", {"remark": f"证号{NUMBER}"}, small.NOW)
    (found,) = drafts.own(engine, stored, LEAD)
    assert found.cells == {"remark": f"证号{NUMBER[:3]}{'*' * 11}{NUMBER[-4:]}"}


@pytest.mark.parametrize("role", [Role.LEADER, Role.REVIEWER, Role.ADMIN])
def test_who_enters_nothing_keeps_nothing(engine: Engine, stored: StoredContract, role: Role):
    nobody = Viewer("丙", role)
    with pytest.raises(NotPermittedError):
        drafts.keep(engine, stored, nobody, "kind=patrol", CELLS, small.NOW)
    with pytest.raises(NotPermittedError):
        drafts.own(engine, stored, nobody)
    with pytest.raises(NotPermittedError):
        drafts.put_away(engine, stored, nobody, "kind=patrol")
