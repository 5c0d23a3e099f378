"""The acts of some days at a small contract, one transaction each, and what a store then holds.

Nothing in them is random but secrets, which are left out: the same acts give the same rows, to
the microsecond and to the last hash of the audit log.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from lib.access import Role, Viewer
from lib.actions import (
    accounts,
    close_month,
    decide_finding,
    drafts,
    draw_sample,
    evidence,
    record_result,
)
from lib.actions.decide_finding import Looked
from lib.actions.import_rosters import import_rosters
from lib.actions.passwords import hashed
from lib.actions.post import post
from lib.actions.restore import restore
from lib.actions.undo import undo
from lib.actions.withdraw import withdraw
from lib.findings.found import State
from lib.kpi import verification
from lib.kpi.frame import Design
from lib.kpi.samples import Result
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.pictures.cleaning import Picture
from lib.store import accounts as stored_accounts
from lib.store import setup
from lib.store.blobs import open_blobs
from lib.store.engine import open_store, reading, writing
from lib.store.evidence import Subject
from lib.store.schema import entry_version, metadata, receipt, withdrawal
from lib.workbooks.reading import Mend
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract
    from lib.workbooks.reading import Workbook

    Act = Callable[["Place", datetime], None]
    Held = Mapping[str, Sequence[str]]

FIRST, SECOND = Viewer("甲", Role.TEAM_LEAD, "一组"), Viewer("乙", Role.TEAM_LEAD, "二组")
ONE, TWO = Viewer("验收甲", Role.REVIEWER), Viewer("验收乙", Role.REVIEWER)
ADMIN = Viewer("管理员", Role.ADMIN)
PASSWORD = "云杉-口令-2023"
TERMS = small.without_obligations()
FEBRUARY, MARCH = Month(2023, 2), Month(2023, 3)
PICTURE = Picture("image/jpeg", b"cleaned", b"thumb", 30, 40, "of-what-was-sent")


@dataclass(frozen=True)
class Place:
    """A store with the small contract in it, and where its photos lie (an EVIDENCE_URL)."""

    engine: Engine
    stored: StoredContract
    evidence: str

    @classmethod
    def opened(cls, store: str, evidence: str) -> Place:
        """The contract in a store that is made ready already."""
        engine = open_store(store)
        return cls(engine, setup.opened(engine, TERMS), evidence)


def made_ready(url: str) -> None:
    """Enter the contract, its rosters and its people into an empty store."""
    engine = open_store(url)
    stored = setup.prepare(engine, TERMS)
    small.imported(engine, stored, small.ROSTERS)
    with writing(engine) as connection:
        for viewer in (FIRST, SECOND, ONE, TWO, ADMIN):
            stored_accounts.add(
                connection, stored.id, viewer, password_hash=hashed(PASSWORD), at=small.NOW
            )
    engine.dispose()


# Rows, by sheet.


def patrols(*days: date, people: str = "赵一", found: str = "如常") -> dict[str, list[small.Cells]]:
    """Patrols of one place, one a day."""
    rows = [
        {"日期": day, "服务人员": people, "村(社区)": "南村", "排查情况": found} for day in days
    ]
    return {"对象排查": rows}


def surveys(*applications: str, people: str = "赵一") -> dict[str, list[small.Cells]]:
    """Surveys of new applications in March, on a Saturday: a finding."""
    row = {"服务人员": people, "调查类型": "新增申请", "村(社区)": "南村", "调查结论": "符合"}
    day = SATURDAY
    return {"家计调查": [{"日期": day, "受理编号": number, **row} for number in applications]}


def book(sheets: Mapping[str, Sequence[small.Cells]], name: str) -> Workbook:
    """A workbook whose bytes are its name."""
    return small.workbook(sheets, f"{name}.xlsx", data=name.encode())


# The acts.

FEBRUARY_DAYS = (date(2023, 2, 13), date(2023, 2, 14), date(2023, 2, 15))
MARCH_DAYS = (date(2023, 3, 1), date(2023, 3, 2))
SATURDAY = date(2023, 3, 11)


def posting(
    viewer: Viewer, sheets: Mapping[str, Sequence[small.Cells]], name: str, *mends: Mend
) -> Act:
    """Posting a workbook of these rows."""

    def act(place: Place, now: datetime) -> None:
        workbook = replace(book(sheets, name), mends=mends)
        post(
            place.engine,
            place.stored,
            viewer,
            [workbook],
            today=small.TODAY,
            now=now,
            reason="录错了",
        )

    return act


def withdrawing(place: Place, now: datetime) -> None:
    """The first entry is withdrawn."""
    withdraw(place.engine, place.stored, FIRST, 1, reason="录错了", now=now, shown=2)


def restoring(place: Place, now: datetime) -> None:
    """It counts again."""
    restore(place.engine, place.stored, FIRST, 1, reason="没有录错", now=now, shown=2)


def undoing(place: Place, now: datetime) -> None:
    """The second team's receipt is undone."""
    undo(place.engine, place.stored, SECOND, 2, reason="传错了", now=now)


def attaching(place: Place, now: datetime) -> None:
    """A photo is attached to an entry."""
    blobs, to = open_blobs(place.evidence), Subject("entry", 2)
    evidence.attach(place.engine, place.stored, FIRST, blobs, to, [PICTURE], now)


def drafting(place: Place, now: datetime) -> None:
    """A form is typed into."""
    drafts.keep(place.engine, place.stored, FIRST, "patrol", {"found": "如常"}, now)


def signing_in(place: Place, now: datetime) -> None:
    """A session begins."""
    accounts.begin_session(place.engine, place.stored, FIRST.name, now)


def importing(place: Place, now: datetime) -> None:
    """A household moves."""
    moved = {**small.ROSTERS["困难家庭"]["H4"], "村(社区)": "南村"}
    listed = small.roster_workbook({"困难家庭": {"H4": moved}})
    import_rosters(place.engine, place.stored, small.ADMINISTRATOR, listed, now)


def drawing(place: Place, now: datetime) -> None:
    """A sample is drawn from February."""
    confidence, margin = Decimal("0.95"), Decimal("0.2")
    design = Design(date(2023, 2, 10), date(2023, 2, 28), ("patrol",), confidence, margin)
    seed, today = "K7-2023", small.TODAY
    draw_sample.draw(place.engine, place.stored, ONE, design, seed, today=today, now=now)


def recording(place: Place, now: datetime) -> None:
    """What was found of a drawn entry is recorded."""
    record_result.record(place.engine, place.stored, ONE, 1, Result.TRUE, note="", shown=0, now=now)


def deciding(place: Place, now: datetime) -> None:
    """A finding is dismissed."""
    looked = Looked("non_working_day", str(SATURDAY), str(MARCH))
    decide_finding.decide(
        place.engine,
        place.stored,
        ONE,
        [looked],
        State.DISMISSED,
        note="已核实",
        today=small.TODAY,
        now=now,
    )


def shown(place: Place, month: Month) -> str:
    """What a reviewer sees of a month now."""
    with reading(place.engine) as connection:
        scope = Scope(place.stored, small.TODAY)
        return close_month.proposed(connection, scope, month).shown


def signing(place: Place, now: datetime) -> None:
    """February is signed."""
    close_month.sign(
        place.engine,
        place.stored,
        ONE,
        FEBRUARY,
        password=PASSWORD,
        shown=shown(place, FEBRUARY),
        now=now,
        today=small.TODAY,
    )


def reopening(place: Place, now: datetime) -> None:
    """February is opened again."""
    close_month.reopen(place.engine, place.stored, TWO, FEBRUARY, reason="有误", now=now, shown=1)


_MENDED = Mend("对象排查", 2, "found", "如长", "如常")
_EVERYDAY = (
    posting(FIRST, patrols(*FEBRUARY_DAYS) | surveys("A1"), "一"),
    posting(SECOND, patrols(*MARCH_DAYS, people="李四"), "二"),
    signing_in,
    posting(FIRST, patrols(*FEBRUARY_DAYS[:2], found="有线索") | surveys("A1", "A2"), "三"),
    withdrawing,
    attaching,
    restoring,
    drafting,
    undoing,
    posting(SECOND, patrols(date(2023, 3, 3), people="孙三"), "四", _MENDED),
    importing,
    drawing,
    recording,
    deciding,
)
# Signing takes as long as all of these together, and is tried apart.
_CLOSING = (
    posting(FIRST, patrols(*FEBRUARY_DAYS), "一"),
    signing,
    posting(FIRST, patrols(date(2023, 4, 3)), "二"),
    reopening,
)
SCRIPTS = {"everyday": _EVERYDAY, "closing": _CLOSING}


def moment_of(number: int) -> datetime:
    """When the act of a number is done."""
    return small.NOW + timedelta(minutes=number)


# What a store holds.

_SECRETS = {"password_hash", "ticket_hash", "token_hash"}


def held(place: Place) -> Held:
    """Every row of every table, secrets left out, as texts in order."""
    with reading(place.engine) as connection:
        return {table.name: _rows(connection, table) for table in metadata.sorted_tables}


def _rows(connection: Connection, table: Any) -> list[str]:  # noqa: ANN401 - a Table
    columns = [column for column in table.c if column.name not in _SECRETS]
    return sorted(repr(tuple(row)) for row in connection.execute(select(*columns)))


def ledger(found: Held) -> Held:
    """Without what a repeated act may add: its audit line, and another session."""
    return {name: rows for name, rows in found.items() if name not in ("audit_line", "session")}


def require_intact(place: Place) -> None:
    """Assert that SQLite's file is whole, and every reference in it; PostgreSQL sees to both."""
    if place.engine.dialect.name == "sqlite":
        with reading(place.engine) as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def require_sound(place: Place) -> None:
    """Assert that the chain of the audit log holds, every signature, and every receipt's sum."""
    with reading(place.engine) as connection:
        checks = verification.of_store(connection, place.stored.id, lambda *_: None)
        assert [check.difference for check in checks if check.difference] == []
        _require_whole_receipts(connection)


def _require_whole_receipts(connection: Connection) -> None:
    """Every receipt has exactly the rows that it counts."""
    for row in connection.execute(select(receipt)):
        brought = _number(connection, entry_version, row.receipt_id)
        took_out = _number(connection, withdrawal, row.receipt_id)
        assert (brought, took_out) == (row.added + row.corrected, row.withdrawn), row


def _number(connection: Connection, table: Any, receipt_id: int) -> int:  # noqa: ANN401 - a Table
    rows = select(table.c.contract_id).where(table.c.receipt_id == receipt_id)
    return len(connection.execute(rows).all())
