"""Uploads worked on in the background: posted once and whole, whatever happens meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from lib import clock, contract
from lib.actions import accounts, post, post_upload
from lib.actions.mend_upload import Edit
from lib.actions.plan import Outcome
from lib.actions.post_upload import Asked
from lib.actions.progress import Step
from lib.errors import RefusedError
from lib.store import contracts, pending_uploads, schema, setup
from lib.store.engine import reading
from lib.store.pending_uploads import State
from lib.ui.upload_desk import Desk
from lib.workbooks.own import read_own_workbook
from tests.support.small_office import (
    FIRST_ROW,
    LEAD,
    OTHER_LEAD,
    POSTED_AT,
    TERMS,
    WEST,
    book,
    case,
    patrol,
    rosters,
)
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from lib.actions.plan import Plan
    from lib.actions.post import Checked
    from lib.store.pending_uploads import PendingUpload

APRIL = date(2023, 4, 3)
ROWS = {
    "业务协办": [case(APRIL, "示员甲", "示申009"), case(APRIL, "示员田", "示申010")],
    "对象排查": [patrol(APRIL, "示员乙", WEST)],
}
SECONDS = 30


@pytest.fixture
def office(engine: Engine) -> Office:
    """Rosters and one team lead, nothing posted."""
    office = Office(engine, setup.prepare(engine, contract.parse(TERMS, "contract.toml")))
    office.import_rosters()
    office.add(LEAD)
    return office


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    """A process that works on uploads."""
    desk = Desk(office.engine, office.stored, lambda: POSTED_AT)
    yield desk
    desk.finish(SECONDS)


def handed_in(desk: Desk, data: bytes | None = None) -> int:
    """The number of an upload that is ready."""
    upload_id = desk.hand_in(LEAD, "四月.xlsx", data or book(ROWS))
    desk.finish(SECONDS)
    return upload_id


def plan_of(desk: Desk, upload_id: int) -> Plan:
    """The upload's plan."""
    plan = desk.plan(LEAD, upload_id, SECONDS)
    assert plan
    return plan


def found(desk: Desk, upload_id: int) -> PendingUpload:
    """The upload as the store has it."""
    upload = desk.find(LEAD, upload_id)
    assert upload
    return upload


def checked(desk: Desk, upload_id: int) -> Checked:
    """The workbook that is kept with the upload, checked."""
    with reading(desk.engine) as connection:
        content = pending_uploads.content(connection, desk.stored.id, upload_id)
    assert content
    workbook = read_own_workbook("四月.xlsx", content)
    return post.check(desk.engine, desk.stored, [workbook], POSTED_AT.date())


def written(engine: Engine) -> dict[str, int]:
    """How many rows each table of the ledger has."""
    tables = (schema.receipt, schema.entry, schema.entry_version, schema.mend, schema.upload_file)
    with reading(engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }


NOTHING = {"receipt": 0, "entry": 0, "entry_version": 0, "mend": 0, "upload_file": 0}
TWO_ROWS = {"receipt": 1, "entry": 2, "entry_version": 2, "mend": 0, "upload_file": 1}


def test_what_is_handed_in_is_read_checked_and_ready(desk: Desk):
    upload_id = handed_in(desk)
    upload = found(desk, upload_id)
    assert (upload.state, upload.done, upload.total) == (State.READY, 3, 3)
    assert upload.is_kept
    workbook = read_own_workbook("四月.xlsx", book(ROWS))
    (direct,) = post.preview(desk.engine, desk.stored, LEAD, [workbook], POSTED_AT.date())
    assert plan_of(desk, upload_id).rows == direct.rows


def test_progress_is_told_sheet_by_sheet(desk: Desk):
    told: list[tuple[Step, int, int]] = []
    workbook = read_own_workbook("四月.xlsx", book(ROWS))

    def tell(step: Step, done: int, total: int) -> None:
        told.append((step, done, total))

    as_checked = post.check(desk.engine, desk.stored, [workbook], POSTED_AT.date(), tell)
    with contracts.acting(desk.engine, desk.stored) as connection:
        post.post_checked(connection, desk.stored, LEAD, as_checked, now=POSTED_AT, progress=tell)
    assert told == [(Step.CHECKING, 2, 3), (Step.CHECKING, 3, 3), (Step.WRITING, 0, 2)]


def test_posting_says_so_in_the_same_transaction(desk: Desk):
    upload_id = handed_in(desk)
    desk.post(LEAD, upload_id, Asked())
    desk.finish(SECONDS)
    upload = found(desk, upload_id)
    assert (upload.state, upload.receipt_id) == (State.POSTED, 1)
    assert written(desk.engine) == TWO_ROWS


def test_pressed_twenty_times_at_once_it_is_posted_once(desk: Desk):
    upload_id = handed_in(desk)
    with ThreadPoolExecutor(10) as browsers:
        list(browsers.map(lambda _: desk.post(LEAD, upload_id, Asked()), range(20)))
    desk.finish(SECONDS)
    assert written(desk.engine) == TWO_ROWS


def test_two_processes_carry_out_one_posting(desk: Desk):
    upload_id = handed_in(desk)
    as_checked = checked(desk, upload_id)
    now = POSTED_AT
    assert post_upload.begin(desk.engine, desk.stored, LEAD, upload_id, now)
    assert not post_upload.begin(desk.engine, desk.stored, LEAD, upload_id, now)
    for _ in range(2):
        post_upload.carry_out(desk.engine, desk.stored, LEAD, upload_id, as_checked, now, Asked())
    assert written(desk.engine) == TWO_ROWS
    assert found(desk, upload_id).state is State.POSTED


def test_put_away_after_the_click_nothing_is_posted(desk: Desk):
    upload_id = handed_in(desk)
    as_checked = checked(desk, upload_id)
    post_upload.begin(desk.engine, desk.stored, LEAD, upload_id, POSTED_AT)
    desk.put_away(LEAD, upload_id)
    post_upload.carry_out(desk.engine, desk.stored, LEAD, upload_id, as_checked, POSTED_AT, Asked())
    assert written(desk.engine) == NOTHING


def test_taken_up_anew_after_the_click_nothing_is_posted(desk: Desk):
    upload_id = handed_in(desk)
    as_checked = checked(desk, upload_id)
    post_upload.begin(desk.engine, desk.stored, LEAD, upload_id, POSTED_AT)
    desk.go_on(LEAD, upload_id)
    desk.finish(SECONDS)
    post_upload.carry_out(desk.engine, desk.stored, LEAD, upload_id, as_checked, POSTED_AT, Asked())
    assert (found(desk, upload_id).state, written(desk.engine)) == (State.READY, NOTHING)


def test_disabled_after_the_click_nothing_is_posted_and_it_says_why(office: Office, desk: Desk):
    upload_id = handed_in(desk)
    office.disable(LEAD)
    desk.post(LEAD, upload_id, Asked())
    desk.finish(SECONDS)
    upload = found(desk, upload_id)
    words = "您的角色不能上传工作日志，如有需要请联系管理员。"
    assert (upload.state, upload.said) == (State.READY, words)
    assert written(desk.engine) == NOTHING


def test_signed_out_after_the_click_it_is_posted(office: Office, desk: Desk):
    session = office.begin_session(LEAD)
    upload_id = handed_in(desk)
    post_upload.begin(desk.engine, desk.stored, LEAD, upload_id, POSTED_AT)
    accounts.end_session(desk.engine, desk.stored, session, POSTED_AT)
    as_checked = checked(desk, upload_id)
    post_upload.carry_out(desk.engine, desk.stored, LEAD, upload_id, as_checked, POSTED_AT, Asked())
    assert written(desk.engine) == TWO_ROWS


def test_whoever_is_signed_in_is_served_while_somebody_posts(office: Office):
    session, later = office.begin_session(LEAD), clock.now() + timedelta(minutes=5)
    with ThreadPoolExecutor() as browser, contracts.acting(office.engine, office.stored):
        seen = browser.submit(accounts.viewer_of, office.engine, office.stored, session, later)
        assert seen.result(timeout=5) == LEAD


def test_rosters_that_change_after_the_check_count(office: Office, desk: Desk):
    workbook = read_own_workbook("四月.xlsx", book(ROWS))
    as_checked = post.check(desk.engine, desk.stored, [workbook], POSTED_AT.date())
    listed = rosters()
    listed["服务人员"][0] |= {"离岗日期": date(2023, 3, 31)}  # 示员甲
    office.import_rosters(listed)
    with contracts.acting(desk.engine, desk.stored) as connection:
        (done,) = post.post_checked(connection, desk.stored, LEAD, as_checked, now=POSTED_AT)
    outcomes = [row.outcome for row in done.plan.rows]
    assert outcomes == [Outcome.REFUSED, Outcome.REFUSED, Outcome.NEW]


MENDED = ("业务协办", FIRST_ROW + 1, "people")


def test_mends_are_posted_and_kept_with_the_receipt(desk: Desk):
    upload_id = handed_in(desk)
    desk.mend(LEAD, upload_id, plan_of(desk, upload_id), [Edit(*MENDED, "示员甲")])
    desk.post(LEAD, upload_id, Asked("示例原因"))
    desk.finish(SECONDS)
    assert written(desk.engine) == TWO_ROWS | {"entry": 3, "entry_version": 3, "mend": 1}
    with reading(desk.engine) as connection:
        kept = connection.execute(select(schema.mend)).one()
    assert tuple(kept) == (desk.stored.id, 1, *MENDED, "示员田", "示员甲")


def test_what_is_being_posted_cannot_be_mended(desk: Desk):
    upload_id = handed_in(desk)
    plan = plan_of(desk, upload_id)
    post_upload.begin(desk.engine, desk.stored, LEAD, upload_id, POSTED_AT)
    with pytest.raises(RefusedError, match="正在处理"):
        desk.mend(LEAD, upload_id, plan, [Edit(*MENDED, "示员甲")])
    assert found(desk, upload_id).mends == []


def test_another_accounts_upload_cannot_be_touched(office: Office, desk: Desk):
    office.add(OTHER_LEAD)
    upload_id = handed_in(desk)
    plan = plan_of(desk, upload_id)
    with pytest.raises(RefusedError):
        desk.mend(OTHER_LEAD, upload_id, plan, [Edit(*MENDED, "示员甲")])
    with pytest.raises(RefusedError):
        desk.take_back(OTHER_LEAD, upload_id, None)
    desk.post(OTHER_LEAD, upload_id, Asked())
    desk.go_on(OTHER_LEAD, upload_id)
    desk.put_away(OTHER_LEAD, upload_id)
    desk.finish(SECONDS)
    assert desk.look(OTHER_LEAD, upload_id) is None
    assert desk.uploads(OTHER_LEAD) == []
    assert (found(desk, upload_id).state, written(desk.engine)) == (State.READY, NOTHING)
