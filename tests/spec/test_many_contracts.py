"""Contracts copied for benchmarks are whole: they verify, and their figures are those copied."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lib.actions import accounts
from lib.actions.post import post
from lib.actions.verify import verify
from lib.kpi.figures import figures
from lib.kpi.scope import Scope
from lib.store.engine import reading
from tests.bench import many
from tests.spec import small
from tests.spec.test_verifying import BOOK, FEBRUARY, PASSWORD, REVIEWER, SIGNED_AT, signed

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract


def test_copies_verify_and_only_varied_ones_stand_elsewhere(engine: Engine):
    source = small.entered(engine)
    accounts.add_account(engine, source, small.ADMINISTRATOR, REVIEWER, PASSWORD, small.NOW)
    book = small.workbook(BOOK)
    post(engine, source, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    signed(engine, source, FEBRUARY)
    alike = many.copied(engine, source, 2)
    (varied,) = many.copied(engine, source, 1, varied=True)

    assert [each.id for each in (*alike, varied)] == [2, 3, 4]
    for each in (*alike, varied):
        assert verify(engine, each, REVIEWER, lambda: SIGNED_AT).differences == ()
    assert [patrols(engine, each) for each in (source, *alike, varied)] == [5, 5, 5, 2]


def patrols(engine: Engine, stored: StoredContract) -> int:
    """Person-days of patrol."""
    with reading(engine) as connection:
        found = figures(connection, Scope(stored, date(2023, 5, 7)))
    return next(int(each.delivered) for each in found if each.obligation.code == "patrol")
