"""The clock put forward or back between acts: what came first is known by numbers, not by time."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lib.actions import accounts, hand_in, made_files
from lib.actions.record_result import record
from lib.errors import RefusedError
from lib.kpi.overview import overview
from lib.kpi.receipts import Asked, listed
from lib.kpi.rows import Page
from lib.kpi.samples import Result
from lib.kpi.scope import Scope
from lib.store import accounts as stored_accounts
from lib.store import audit, ledger, lineage
from lib.store.engine import reading
from lib.store.pending_uploads import State
from lib.ui.upload_desk import Desk, business_day
from tests.faults.acts import (
    FEBRUARY_DAYS,
    FIRST,
    ONE,
    Place,
    book,
    drawing,
    patrols,
    posting,
    signing,
)
from tests.spec import small

if TYPE_CHECKING:
    from lib.access import Viewer

NOW = small.NOW
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=366)
JUMPS = pytest.mark.parametrize(
    "jump",
    [-YEAR, -DAY, -HOUR, timedelta(minutes=-5), timedelta(minutes=5), HOUR, DAY, YEAR],
    ids=["-year", "-day", "-hour", "-5min", "5min", "hour", "day", "year"],
)
# Signing takes long.
FEW_JUMPS = pytest.mark.parametrize("jump", [-YEAR, -HOUR, YEAR], ids=["-year", "-hour", "year"])


@JUMPS
def test_receipts_versions_and_audit_lines_stand_in_the_order_of_acts(
    place: Place, jump: timedelta
):
    moments = [NOW, NOW + jump, NOW + 2 * jump]
    for number, at in enumerate(moments):
        posting(FIRST, patrols(FEBRUARY_DAYS[0], found=f"第{number}次"), f"第{number}份")(place, at)

    with reading(place.engine) as connection:
        receipts = listed(connection, place.stored.id, Asked(), Page(9))
        last = lineage.last_act(connection, place.stored.id, 1)
        lines = [line.facts or {} for line in audit.lines(connection, place.stored.id)]
        shown = overview(connection, Scope(place.stored, small.END))
    numbered = [(each.receipt_id, each.posted_at) for each in receipts]
    assert numbered == [(3, moments[2]), (2, moments[1]), (1, moments[0])]
    assert last.at == shown.last_posted_at == moments[2]
    assert [line["at"] for line in lines if line["act"] == "post"] == moments


@JUMPS
def test_the_same_file_again_names_the_first_receipt(place: Place, jump: timedelta):
    act = posting(FIRST, patrols(FEBRUARY_DAYS[0]), "一")
    act(place, NOW)
    posting(FIRST, patrols(FEBRUARY_DAYS[0], found="有线索"), "二")(place, NOW + jump)
    act(place, NOW + 2 * jump)

    sha256 = hashlib.sha256("一".encode()).hexdigest()
    with reading(place.engine) as connection:
        earlier = ledger.earlier_receipt(connection, place.stored.id, sha256)
        receipts = listed(connection, place.stored.id, Asked(), Page(9))
    assert [each.file_name for each in receipts] == ["一.xlsx", "二.xlsx", "一.xlsx"]
    assert earlier
    assert (earlier.receipt_id, earlier.posted_at) == (1, NOW)


LIVES = {
    -YEAR: False,
    -DAY: False,
    -HOUR: True,
    timedelta(minutes=-5): True,
    timedelta(minutes=5): True,
    HOUR: True,
    DAY: False,
    YEAR: False,
}


@pytest.mark.parametrize(("jump", "lives"), LIVES.items(), ids=map(str, LIVES))
def test_a_session_neither_lives_for_ever_nor_dies_of_clocks_that_differ(
    place: Place, jump: timedelta, lives: bool
):
    begun = accounts.begin_session(place.engine, place.stored, FIRST.name, NOW)

    def viewer(at: datetime) -> Viewer | None:
        return accounts.viewer_of(place.engine, place.stored, begun.session_id, at)

    assert (viewer(NOW + jump) is not None) == lives
    idle = NOW + jump + stored_accounts.IDLE_LIMIT + timedelta(minutes=1)
    assert viewer(idle) is None


@pytest.mark.parametrize(("jump", "good"), [(-YEAR, False), (-HOUR, False), (-HOUR / 12, True)])
def test_a_ticket_of_a_time_to_come_is_good_for_machines_apart_only(
    place: Place, jump: timedelta, good: bool
):
    begun = accounts.begin_session(place.engine, place.stored, FIRST.name, NOW)
    token = accounts.redeem_ticket(place.engine, place.stored, begun.ticket, NOW + jump)
    assert (token is not None) == good


@pytest.mark.parametrize("jump", [-YEAR, -HOUR], ids=str)
def test_what_was_broken_off_is_not_waited_for_until_the_clock_has_come_again(
    place: Place, jump: timedelta
):
    asked = {"through": "2023-03"}
    first, _ = made_files.begin(place.engine, place.stored, ONE, asked, NOW)
    second, begins = made_files.begin(place.engine, place.stored, ONE, asked, NOW + jump)
    assert (first != second, begins) == (True, True)


@pytest.mark.parametrize("jump", [-YEAR, -HOUR, YEAR], ids=str)
def test_an_upload_that_was_left_at_work_can_be_taken_up(place: Place, jump: timedelta):
    workbook = book(patrols(FEBRUARY_DAYS[0]), "一")
    left = Desk(place.engine, place.stored, lambda: NOW)
    number = hand_in.hand_in(left.engine, left.stored, FIRST, workbook.name, workbook.data, NOW)
    later = Desk(place.engine, place.stored, lambda: NOW + jump)
    standing = later.look(FIRST, number)
    assert standing
    assert (standing.upload.state, standing.is_broken_off) == (State.READING, True)


@FEW_JUMPS
def test_what_a_month_was_signed_on_stays_whatever_the_clock_says(place: Place, jump: timedelta):
    posting(FIRST, patrols(*FEBRUARY_DAYS), "一")(place, NOW)
    drawing(place, NOW)
    signing(place, NOW + jump)

    with pytest.raises(RefusedError, match=r"^2023-02 已签认封存"):
        record(
            place.engine, place.stored, ONE, 1, Result.TRUE, note="", shown=0, now=NOW + 2 * jump
        )


@FEW_JUMPS
def test_a_sample_of_a_signed_month_is_a_check_of_its_own_whatever_the_clock_says(
    place: Place, jump: timedelta
):
    posting(FIRST, patrols(*FEBRUARY_DAYS), "一")(place, NOW)
    signing(place, NOW)
    drawing(place, NOW + jump)
    record(place.engine, place.stored, ONE, 1, Result.TRUE, note="", shown=0, now=NOW + 2 * jump)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2023, 3, 31, 15, 59, 59, tzinfo=UTC), date(2023, 3, 31)),
        (datetime(2023, 3, 31, 16, 0, tzinfo=UTC), date(2023, 4, 1)),
        (datetime(2023, 3, 26, 1, 30, tzinfo=UTC), date(2023, 3, 26)),  # clocks change in Europe
        (datetime(2023, 11, 5, 6, 30, tzinfo=UTC), date(2023, 11, 5)),  # and in America
    ],
)
def test_the_day_is_that_of_beijing(moment: datetime, day: date):
    assert business_day(moment) == day
