"""Each act is one line of the log: who, from where, what, before and after; its head is kept."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from lib.access import Role, Viewer
from lib.actions import accounts, take_out
from lib.actions.begin import begin, on_record
from lib.actions.close_month import proposed, reopen, sign
from lib.actions.draw_sample import draw
from lib.actions.import_rosters import import_rosters
from lib.actions.post import post
from lib.actions.promises import plan
from lib.actions.record_refusal import record_refusal
from lib.actions.record_result import record
from lib.actions.restore import restore
from lib.actions.territories import assign
from lib.actions.undo import undo
from lib.actions.verify import verify
from lib.actions.withdraw import withdraw
from lib.errors import NotPermittedError, RefusedError
from lib.kpi.frame import Design
from lib.kpi.samples import Result
from lib.kpi.scope import Scope
from lib.store import contracts, heads
from lib.store.contracts import StoredContract
from lib.store.engine import reading
from lib.store.schema import audit_line
from tests.spec import small
from tests.spec.test_verifying import BOOK, FEBRUARY, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

HERE = "198.51.100.7"
ADMIN = Viewer("管理", Role.ADMIN, origin=HERE)
REVIEWER = Viewer("验收", Role.REVIEWER, origin=HERE)
LEAD = Viewer("组长", Role.TEAM_LEAD, "一组", HERE)
AT = small.NOW + timedelta(hours=1)
TODAY = small.END
DESIGN = Design(small.START, small.END, ("patrol",), Decimal("0.95"), Decimal("0.05"))


@pytest.fixture
def here(engine: Engine, tmp_path: Path) -> tuple[Engine, StoredContract]:
    """A store whose log's heads are kept, rosters in it."""
    stored = small.entered(engine)
    return heads.keep_in(engine, tmp_path / "heads.jsonl"), stored


def signed(engine: Engine, stored: StoredContract) -> None:
    """Sign February as it is."""
    with reading(engine) as connection:
        shown = proposed(connection, Scope(stored, small.TODAY), FEBRUARY).shown
    asked = {"password": PASSWORD, "shown": shown, "now": AT, "today": small.TODAY}
    sign(engine, stored, REVIEWER, FEBRUARY, **asked)


def refused(engine: Engine, stored: StoredContract) -> None:
    """Refuse a file whole."""
    with contracts.acting(engine, stored) as connection:
        facts = {"name": "一月.xlsx", "data": b"?", "reason": "不是工作簿。", "now": AT}
        record_refusal(connection, stored, LEAD, **facts)


def posted(engine: Engine, stored: StoredContract) -> None:
    """Post the book as its team's lead."""
    book = small.workbook(BOOK, data=b"book")
    post(engine, stored, LEAD, [book], today=small.TODAY, now=AT)


ANY = "…"
NEW_HOUSEHOLD = {"户编号": "H5", "户主姓名": "卫戊", "村(社区)": "西山村", "救助类别": "低保"}
GROWN = {"困难家庭": {"H5": NEW_HOUSEHOLD}}
BOOK_HASH = hashlib.sha256(b"book").hexdigest()
COUNTS = {"new": 6, "corrected": 0, "unchanged": 0, "refused": 0}
# In order: what is done, and by whom it is recorded, as what, about what, with before and after.
STORY: Sequence[tuple[Callable[[Engine, StoredContract], object], tuple[Any, ...]]] = (
    (
        lambda *on: accounts.add_account(*on, ADMIN, REVIEWER, PASSWORD, AT),
        (ADMIN, "add_account", "验收", None, {"role": "reviewer", "team": None}),
    ),
    (
        lambda *on: accounts.add_account(*on, ADMIN, LEAD, PASSWORD, AT),
        (ADMIN, "add_account", "组长", None, {"role": "team_lead", "team": "一组"}),
    ),
    (
        lambda *on: accounts.set_password(*on, ADMIN, "组长", PASSWORD + "1", AT),
        (ADMIN, "set_password", "组长", None, None),
    ),
    (
        lambda *on: accounts.set_disabled(*on, ADMIN, "组长", disabled=True, now=AT),
        (ADMIN, "disable_account", "组长", {"disabled": False}, {"disabled": True}),
    ),
    (
        lambda *on: accounts.set_disabled(*on, ADMIN, "组长", disabled=False, now=AT),
        (ADMIN, "enable_account", "组长", {"disabled": True}, {"disabled": False}),
    ),
    (
        lambda *on: import_rosters(*on, ADMIN, small.roster_workbook(GROWN), AT),
        (ADMIN, "import_rosters", "名册.xlsx", None, ANY),
    ),
    (
        lambda *on: assign(*on, ADMIN, {"L1": "一组"}, AT),
        (ADMIN, "assign_territories", "territory", {"L1": None}, {"L1": "一组"}),
    ),
    (
        refused,
        (
            LEAD,
            "upload_refused",
            hashlib.sha256(b"?").hexdigest(),
            None,
            {"file": "一月.xlsx", "size": 1, "reason": "不是工作簿。"},
        ),
    ),
    (posted, (LEAD, "post", "2023-000001", None, {"sha256": BOOK_HASH, **COUNTS})),
    (
        lambda *on: plan(*on, LEAD, date(2023, 5, 7), ["L1"], today=TODAY, now=AT),
        (
            LEAD,
            "promise_trips",
            "一组 2023-05-07",
            {"localities": []},
            {"localities": ["L1"]},
        ),
    ),
    (
        lambda *on: withdraw(*on, LEAD, 4, reason="错录", now=AT),
        (LEAD, "withdraw", "entry 4 v1", {"effective": True}, {"effective": False}),
    ),
    (
        lambda *on: restore(*on, LEAD, 4, reason="没有错", now=AT),
        (
            LEAD,
            "restore",
            "entry 4 v2",
            {"effective": False},
            {"effective": True, "receipt": "2023-000002"},
        ),
    ),
    (
        lambda *on: draw(*on, REVIEWER, DESIGN, "seed", today=small.TODAY, now=AT),
        (REVIEWER, "draw_sample", "sample 1", None, ANY),
    ),
    (
        lambda *on: record(*on, REVIEWER, 1, Result.TRUE, note="", shown=0, now=AT),
        (
            REVIEWER,
            "record_result",
            "sample 1 item 1",
            None,
            {"number": 1, "result": "true"},
        ),
    ),
    (signed, (REVIEWER, "sign_month", "2023-02", None, ANY)),
    (
        lambda *on: verify(*on, REVIEWER, lambda: AT),
        (REVIEWER, "verify", "same", None, ANY),
    ),
    (
        lambda *on: reopen(*on, REVIEWER, FEBRUARY, reason="更正", now=AT),
        (
            REVIEWER,
            "reopen_month",
            "2023-02",
            {"signatures": [1]},
            {"months": ["2023-02"]},
        ),
    ),
    (
        lambda *on: undo(*on, LEAD, 1, reason="传错了", now=AT),
        (LEAD, "undo", "2023-000001", {"added": 6, "corrected": 0}, ANY),
    ),
    (
        lambda *on: take_out.original_file(*on, REVIEWER, 1, AT),
        (REVIEWER, "fetch_file", BOOK_HASH, None, ANY),
    ),
)


def lines(engine: Engine, stored: StoredContract) -> Sequence[Mapping[str, Any]]:
    """The log, in order."""
    query = select(audit_line).where(audit_line.c.contract_id == stored.id)
    with reading(engine) as connection:
        return connection.execute(query.order_by(audit_line.c.line_id)).mappings().all()


def test_each_act_is_one_line_and_its_head_is_kept(here: tuple[Engine, StoredContract]):
    engine, stored = here
    begin(engine, stored, ADMIN, AT)
    number, file = len(lines(engine, stored)), heads.place(engine)
    for act, (viewer, name, subject, before, after) in STORY:
        act(engine, stored)
        (line,) = lines(engine, stored)[number:]
        number += 1

        assert (line["at"], line["by"], line["origin"]) == (AT, viewer.name, HERE)
        assert (line["act"], line["subject"]) == (name, subject)
        assert ANY in (before, after) or (line["before"], line["after"]) == (before, after)
        assert file
        assert heads.kept(file, stored.terms.code).hashes[number] == [line["hash"]]


def test_what_is_refused_leaves_no_line(here: tuple[Engine, StoredContract]):
    engine, stored = here
    before = len(lines(engine, stored))
    with pytest.raises(NotPermittedError):
        assign(engine, stored, REVIEWER, {"L1": "一组"}, AT)
    with pytest.raises(RefusedError):
        withdraw(engine, stored, small.ANYBODY, 99, reason="错录", now=AT)

    assert len(lines(engine, stored)) == before


def test_nobody_is_named_in_the_log(here: tuple[Engine, StoredContract]):
    engine, stored = here
    for act, _ in STORY:
        act(engine, stored)
    text = str(lines(engine, stored))
    names = [
        cells.get("姓名") or cells.get("户主姓名")
        for sheet in ("服务人员", "特困人员", "困难家庭")
        for cells in small.ROSTERS[sheet].values()
    ]

    assert len(names) == 11
    assert [name for name in names if str(name) in text] == []


def test_terms_that_change_are_on_record_before_and_after(here: tuple[Engine, StoredContract]):
    engine, stored = here
    begin(engine, stored, ADMIN, AT)
    begin(engine, stored, ADMIN, AT)  # nothing has changed, and nothing is written
    item, *others = stored.terms.item
    dearer = item.model_copy(update={"unit_price": Decimal("120.00"), "person_days": 7})
    changed = stored.terms.model_copy(update={"item": (dearer, *others)})
    begin(engine, StoredContract(changed, stored.id), ADMIN, AT)
    begin(engine, stored, ADMIN, AT)

    entered, dear, cheap = lines(engine, stored)[-3:]
    assert (entered["act"], entered["before"]) == ("enter_contract", None)
    assert entered["after"]["item.patrol.person_days"] == "5"
    new = {"item.case_handling.unit_price": "120.00", "item.case_handling.person_days": "7"}
    old = {"item.case_handling.person_days": "6"}
    facts = ("by", "origin", "act", "subject", "before", "after")
    said = ("管理", HERE, "change_terms", f"contract {stored.terms.code}")
    assert [dear[name] for name in facts] == [*said, old, new]
    assert [cheap[name] for name in facts] == [*said, new, old]
    with reading(engine) as connection:
        assert on_record(connection, stored) == entered["after"]


@pytest.mark.parametrize("role", [Role.LEADER, Role.TEAM_LEAD, Role.REVIEWER])
def test_only_who_administers_puts_terms_on_record(here: tuple[Engine, StoredContract], role: Role):
    with pytest.raises(NotPermittedError):
        begin(*here, Viewer("某", role), AT)
