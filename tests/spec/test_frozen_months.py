"""A closed month takes no change from any statement, whoever asks the database (spec §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.periods import Month
from lib.store import bulk, contracts, signing
from lib.store.engine import writing
from lib.store.schema import entry
from tests.spec import small

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract

SIGNED_AT = datetime(2023, 6, 1, 9, tzinfo=UTC)
CLOSED, OPEN = Month(2023, 2), Month(2023, 3)


_ENTRIES = {CLOSED: (1, 3, "2023-02-13"), OPEN: (2, 4, "2023-03-13")}
FROZEN, FINAL = "is signed and closed", "are never changed or taken away"
_REFUSALS = (FROZEN, FINAL)


def task(day: date, what: str = "会务", people: str = "赵一") -> small.Cells:
    """A row of the plainest kind."""
    return {"日期": day, "服务人员": people, "工作内容": what}


@dataclass(frozen=True)
class Ledger:
    """A store in which entry 1 (receipt 1) is dated in February, entry 2 (receipt 2) in March.

    Each has a second version, and hangs a photo; entries 3 and 4 are the same, but withdrawn.
    """

    engine: Engine
    stored: StoredContract

    def sign(self, month: Month = CLOSED) -> None:
        """Sign a month."""
        facts = {"signed_at": SIGNED_AT, "signed_by": "验收", "figures": {}, "parameters": {}}
        with writing(self.engine) as connection:
            rows = signing.rows(connection, self.stored.id, month)
            signing.add(connection, self.stored.id, "", {**facts, "month": str(month)}, rows)

    def reopen(self) -> None:
        """Open every signed month again."""
        with writing(self.engine) as connection:
            numbers = connection.execute(text("SELECT signature_id FROM signature")).scalars().all()
            said = {"at": SIGNED_AT, "by": "验收", "reason": "更正"}
            signing.reopen(connection, self.stored.id, numbers, **said)

    def refusals(self, month: Month) -> dict[str, str]:
        """What each of the statements about a month's entries is answered, "" if it is done."""
        return {name: self.tried(statement, month) for name, statement in STATEMENTS.items()}

    def tried(self, statement: str, month: Month = OPEN) -> str:
        """How a statement is refused, "" if it is done; nothing is kept of it."""
        entry_id, withdrawn, day = _ENTRIES[month]
        values = {"id": self.stored.id, "e": entry_id, "w": withdrawn, "day": day}
        with self.engine.connect() as connection, connection.begin() as transaction:
            try:
                connection.execute(text(statement), values)
            except IntegrityError as refusal:
                return next(each for each in _REFUSALS if each in str(refusal.orig))
            finally:
                transaction.rollback()
        return ""


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """Nothing signed yet."""
    stored = small.entered(engine)
    for day in (date(2023, 2, 13), date(2023, 3, 13)):
        _post(engine, stored, task(day))
    for day in (date(2023, 2, 14), date(2023, 3, 14)):
        _post(engine, stored, task(day))
    for entry_id in (3, 4):
        withdraw(engine, stored, small.ANYBODY, entry_id, reason="错录", now=small.NOW)
    with writing(engine) as connection:
        _hang_photos(connection, stored)
    return Ledger(engine, stored)


def _post(engine: Engine, stored: StoredContract, *rows: small.Cells) -> None:
    book = small.workbook({"其他工作": rows})
    post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)


def _hang_photos(connection: Connection, stored: StoredContract) -> None:
    at = {"id": stored.id, "at": "2023-06-01 08:00:00"}
    photo = (
        "INSERT INTO evidence (contract_id, sha256, media_type, size, received_sha256, kept_at)"
        " VALUES (:id, 'p', 'image/jpeg', 1, 'p', :at)"
    )
    hung = (
        "INSERT INTO attachment (contract_id, attachment_id, sha256, entry_id, attached_at,"
        " attached_by) VALUES (:id, 1, 'p', 1, :at, 'a'), (:id, 2, 'p', 2, :at, 'a')"
    )
    for statement in (photo, hung):
        connection.execute(text(statement), at)


NEW_ENTRY = (
    "INSERT INTO entry (contract_id, entry_id, kind, natural_key, day, version, effective)"
    " SELECT contract_id, 9, kind, 'new', day, version, effective FROM entry"
    " WHERE contract_id = :id AND entry_id = :e"
)
NEW_VERSION = (
    "INSERT INTO entry_version (contract_id, entry_id, version, receipt_id, source_row, digest,"
    " details) SELECT contract_id, entry_id, 2, receipt_id, source_row, digest, details"
    " FROM entry_version WHERE contract_id = :id AND entry_id = :e"
)
ATTACHMENT = (
    "INSERT INTO attachment (contract_id, attachment_id, sha256, {}, attached_at, attached_by)"
    " SELECT contract_id, 9, sha256, {}, attached_at, attached_by FROM attachment"
    " WHERE contract_id = :id AND attachment_id = :e"
)
# What changes a month, and what it is allowed to do to an open one.
STATEMENTS = {
    "a new entry": NEW_ENTRY,
    "a new version": NEW_VERSION,
    "one more person": "INSERT INTO entry_person (contract_id, entry_id, version, staff)"
    " VALUES (:id, :e, 1, 'G3')",
    "a withdrawal": "INSERT INTO withdrawal (contract_id, entry_id, version, withdrawn_at,"
    " withdrawn_by, reason) SELECT contract_id, :e, 1, withdrawn_at, 'a', 'b' FROM withdrawal"
    " WHERE contract_id = :id AND entry_id = :w",
    "not to count": "UPDATE entry SET effective = false WHERE contract_id = :id AND entry_id = :e",
    "to count again": "UPDATE entry SET effective = true WHERE contract_id = :id AND entry_id = :w",
    "another key": "UPDATE entry SET natural_key = 'x' WHERE contract_id = :id AND entry_id = :e",
    "out of the month": "UPDATE entry SET day = '2023-04-03'"
    " WHERE contract_id = :id AND entry_id = :e",
    "into the month": "UPDATE entry SET day = :day WHERE contract_id = :id AND entry_id = 2",
    "a photo": ATTACHMENT.format("entry_id", "entry_id"),
    "a photo of the receipt": ATTACHMENT.format("receipt_id", "entry_id"),
    "a photo taken off": "UPDATE attachment SET removed_by = 'a'"
    " WHERE contract_id = :id AND attachment_id = :e",
}


REFUSED, DONE = dict.fromkeys(STATEMENTS, FROZEN), dict.fromkeys(STATEMENTS, "")


def test_every_statement_is_refused_for_a_closed_month_and_only_for_that(ledger: Ledger):
    assert ledger.refusals(CLOSED) == DONE
    ledger.sign()
    assert ledger.refusals(CLOSED) == REFUSED
    assert ledger.refusals(OPEN) == DONE
    ledger.reopen()
    assert ledger.refusals(CLOSED) == DONE
    ledger.sign()
    assert ledger.refusals(CLOSED) == REFUSED


def test_one_row_of_a_closed_month_stops_the_whole_statement(ledger: Ledger):
    ledger.sign()

    every = "UPDATE entry SET effective = false WHERE contract_id = :id"
    assert ledger.tried(every) == FROZEN


def test_rows_put_in_at_once_are_refused_as_others_are(ledger: Ledger):
    ledger.sign()
    in_open, in_closed = (
        (ledger.stored.id, number, "other_task", f"{number}", day, 1, False)
        for number, day in ((8, date(2023, 3, 14)), (9, date(2023, 2, 14)))
    )
    with writing(ledger.engine) as connection:
        bulk.add(connection, entry, [[value] for value in in_open])
    with pytest.raises(IntegrityError, match=FROZEN), writing(ledger.engine) as connection:
        bulk.add(connection, entry, [[value] for value in in_closed])


def test_who_writes_past_the_application_waits_for_a_signing_that_goes_on(ledger: Ledger):
    if ledger.engine.dialect.name == "sqlite":
        pytest.skip("one writes at a time")
    with contracts.acting(ledger.engine, ledger.stored), ledger.engine.begin() as other:
        other.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            other.execute(text("UPDATE entry SET effective = false WHERE entry_id = 1"))
        other.rollback()


def test_the_months_of_another_contract_are_its_own(engine: Engine, ledger: Ledger):
    ledger.sign()
    other = small.entered(engine)
    _post(engine, other, task(date(2023, 2, 13)))

    assert Ledger(engine, other).tried(STATEMENTS["not to count"], CLOSED) == ""


AT = "'2023-06-01 08:00:00'"
DRAWN = f"'2023-02-01', '2023-02-28', '[]', '0.95', '0.05', 's', 1, 'h', '{{}}', {AT}, 'a'"
# What is only added to, whatever has been signed: by table, a row for those still without one.
ADDED_TO = {
    "audit_line": "",
    "entry_person": "",
    "entry_version": "",
    "evidence": "",
    "receipt": "",
    "roster_change": "",
    "upload_file": "",
    "withdrawal": "",
    "signature": "",
    "signed_entry": "",
    "reopening": "",
    "mend": "(:id, 1, 's', 1, 'f', 'x', 'y')",
    "finding_act": f"(:id, 1, 'r', 's', 'explained', 'n', 'b', {AT}, 'a')",
    "sample": f"(:id, 1, {DRAWN})",
    "sample_item": "(:id, 1, 1, 1, 's', 1, 1)",
    "sample_result": f"(:id, 1, 1, 'true', 'n', {AT}, 'a')",
}
CHANGES = {
    f"{verb} {table}": change.format(table)
    for table in ADDED_TO
    for verb, change in (
        ("update", "UPDATE {} SET contract_id = contract_id"),
        ("delete", "DELETE FROM {}"),
    )
}
CHANGES |= {"delete entry": "DELETE FROM entry", "delete attachment": "DELETE FROM attachment"}
WHOLE = {
    "postgresql": {
        f"empty {table}": f"TRUNCATE {table} CASCADE"
        for table in (*ADDED_TO, "entry", "attachment")
    },
    "sqlite": {"replace": "INSERT OR REPLACE INTO receipt SELECT * FROM receipt"},
}


def test_what_is_only_added_to_is_neither_changed_nor_taken_away(ledger: Ledger):
    ledger.sign()
    ledger.reopen()
    with writing(ledger.engine) as connection:
        for table, row in ADDED_TO.items():
            if row:
                added = text(f"INSERT INTO {table} VALUES {row}")  # noqa: S608
                connection.execute(added, {"id": ledger.stored.id})
    changes = CHANGES | WHOLE[ledger.engine.dialect.name]

    assert {name: ledger.tried(change) for name, change in changes.items()} == dict.fromkeys(
        changes, FINAL
    )


@pytest.mark.postgresql
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_part_of_a_table_refuses_what_the_whole_refuses(ledger: Ledger):
    ledger.sign()
    parts = {table: _part(ledger, table) for table in _PARTED}
    written = {
        f"{name} {table}": statement
        for name, into_whole in STATEMENTS.items()
        for table, part in parts.items()
        if (statement := re.sub(rf"^(INSERT INTO|UPDATE) {table} ", rf"\1 {part} ", into_whole))
        != into_whole
    }
    changed = {
        f"{change} {table}": change.format(part)
        for table, part in parts.items()
        for change in ("DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET contract_id = 0")
        if not (table == "entry" and change.startswith("UPDATE"))  # which may be changed
    }

    assert len(written) == len([each for each in STATEMENTS if "photo" not in each]) - 1
    for name, statement in written.items():
        assert (name, ledger.tried(statement, OPEN)) == (name, "")
        assert (name, ledger.tried(statement, CLOSED)) == (name, FROZEN)
    for name, statement in changed.items():
        assert (name, ledger.tried(statement)) == (name, FINAL)


_PARTED = ("entry", "entry_version", "entry_person", "signed_entry")


def _part(ledger: Ledger, table: str) -> str:
    """The part of a table in which the contract's rows lie."""
    with ledger.engine.connect() as connection:
        query = text(f"SELECT DISTINCT tableoid::regclass::text FROM {table}")  # noqa: S608
        part = connection.execute(query).scalar_one()
    assert part.startswith(f"public_parts.{table}_")
    return part
