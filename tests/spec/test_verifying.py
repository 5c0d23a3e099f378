"""Verifying (spec §5): what is changed behind the application's back is named, and only that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from lib.access import Role, Viewer
from lib.actions import accounts
from lib.actions.close_month import proposed, reopen, sign
from lib.actions.post import post
from lib.actions.verify import Last, last_verified, verify
from lib.actions.withdraw import withdraw
from lib.errors import NotPermittedError
from lib.kpi.scope import Scope
from lib.kpi.verification import Check, Part, figures_checked, of_store
from lib.periods import Month
from lib.store import audit, contracts, signatures
from lib.store.engine import reading, writing
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine

    from lib.kpi.verification import Verification
    from lib.store.contracts import StoredContract

FEBRUARY, MARCH = Month(2023, 2), Month(2023, 3)
REVIEWER = Viewer("验收", Role.REVIEWER)
PASSWORD = "云杉-口令-2023"
SIGNED_AT = datetime(2023, 6, 1, 9, 30, tzinfo=UTC)


def patrol(day: date, people: str = "赵一", found: str = "走访") -> small.Cells:
    """A patrol in the south."""
    return {"日期": day, "服务人员": people, "村(社区)": "南村", "排查情况": found}


BOOK = {
    "对象排查": [
        patrol(date(2023, 2, 13)),
        patrol(date(2023, 2, 14)),
        patrol(date(2023, 3, 13)),
        patrol(date(2023, 3, 14)),
        patrol(date(2023, 4, 13)),
    ],
    "特困老人核查": [
        {
            "日期": date(2023, 3, 15),
            "服务人员": "钱二丰",
            "特困人员编号": "E1",
            "生活状况": "良好",
            "健康状况": "良好",
        }
    ],
}
# By entry: 1 and 2 are February's, 3, 4 (withdrawn) and 6 March's, 5 April's. Receipt 1 brought
# them all, receipt 2 a newer version of 3.


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """February was signed, opened again, and signed once more; March was signed."""
    entered = small.entered(engine)
    accounts.add_account(engine, entered, small.ADMINISTRATOR, REVIEWER, PASSWORD, small.NOW)
    for book in (BOOK, {"对象排查": [patrol(date(2023, 3, 13), found="屋顶漏水")]}):
        made = small.workbook(book)
        post(engine, entered, small.ANYBODY, [made], today=small.TODAY, now=small.NOW)
    withdraw(engine, entered, small.ANYBODY, 4, reason="错录", now=small.NOW)
    signed(engine, entered, FEBRUARY, SIGNED_AT - timedelta(hours=1))
    reopen(engine, entered, REVIEWER, FEBRUARY, reason="更正", now=SIGNED_AT)
    signed(engine, entered, FEBRUARY)
    signed(engine, entered, MARCH)
    return entered


def signed(engine: Engine, stored: StoredContract, month: Month, now: datetime = SIGNED_AT) -> None:
    """Sign a month as it is."""
    with reading(engine) as connection:
        shown = proposed(connection, Scope(stored, small.TODAY), month).shown
    asked = {"password": PASSWORD, "shown": shown, "now": now, "today": small.TODAY}
    sign(engine, stored, REVIEWER, month, **asked)


def run(engine: Engine, stored: StoredContract) -> Verification:
    """Verify as the reviewer."""
    return verify(engine, stored, REVIEWER, lambda: SIGNED_AT)


def unguarded(connection: Connection) -> None:
    """Let a transaction do as the owner of the database file or server could."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for name in connection.execute(triggers).scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))


def differences(
    engine: Engine, stored: StoredContract, *statements: str
) -> Sequence[tuple[str, str]]:
    """What verifying finds after these statements, by part and month; nothing is kept of them."""
    with writing(engine) as connection:
        unguarded(connection)
        for statement in statements:
            assert connection.execute(text(statement), {"id": stored.id}).rowcount > 0
        checks = list(of_store(connection, stored.id, lambda *_: None))
        connection.rollback()
    return [
        (f"{each.part} {each.month}".strip(), each.difference) for each in checks if each.difference
    ]


def test_what_nobody_has_touched_is_as_it_was_signed(engine: Engine, stored: StoredContract):
    assert run(engine, stored).checks == (
        Check(Part.LOG, 9),
        Check(Part.SIGNATURE, 1, month="2023-02", signature_id=1),
        Check(Part.SIGNATURE, 1, month="2023-02", signature_id=2),
        Check(Part.SIGNATURE, 1, month="2023-03", signature_id=3),
        Check(Part.ROWS, 2, month="2023-02", signature_id=2),
        Check(Part.ROWS, 2, month="2023-03", signature_id=3),
        Check(Part.FIGURES, 12, month="2023-02", signature_id=2),
        Check(Part.FIGURES, 12, month="2023-03", signature_id=3),
        Check(Part.SUMS, 5),
    )


ROW_3 = "记录 3（对象排查，2023-03-13，回执 2023-000002 第 2 行）"


def of_entry(statement: str) -> str:
    """The statement for entry 3."""
    return f"{statement} WHERE contract_id = :id AND entry_id = 3"


def of_version(statement: str) -> str:
    """The statement for the newest version of entry 3."""
    return f"{of_entry(statement)} AND version = 2"


CHANGED = [("rows 2023-03", f"{ROW_3}与签认时不同")]
# A byte of a signed row, in each of the columns that count.
TOUCHED = {
    "details": of_version("""UPDATE entry_version SET details = '{"found": "屋顶漏雨"}'"""),
    "locality": of_version("UPDATE entry_version SET locality = 'L3'"),
    "elder": of_version("UPDATE entry_version SET elder = 'E2'"),
    "household": of_version("UPDATE entry_version SET household = 'H2'"),
    "application": of_version("UPDATE entry_version SET application = 'A2'"),
    "digest": of_version("UPDATE entry_version SET digest = 'x'"),
    "natural key": of_entry("UPDATE entry SET natural_key = 'x'"),
    "one more person": "INSERT INTO entry_person VALUES (:id, 3, 2, 'G2')",
    "another person": of_version("UPDATE entry_person SET staff = 'G2'"),
    "nobody": of_version("DELETE FROM entry_person"),
    "who posted": "UPDATE receipt SET posted_by = 'x' WHERE contract_id = :id AND receipt_id = 2",
    "which file": "UPDATE receipt SET sha256 = 'x' WHERE contract_id = :id AND receipt_id = 2",
}


def test_one_byte_of_a_signed_row_is_named(engine: Engine, stored: StoredContract):
    found = {name: differences(engine, stored, change) for name, change in TOUCHED.items()}

    assert found == dict.fromkeys(TOUCHED, CHANGED)


ROW_6 = "记录 6（特困老人核查，2023-03-15，回执 2023-000001 第 2 行）"
NEW = (
    of_entry("INSERT INTO entry SELECT contract_id, 9, kind, 'x', day, 1, true FROM entry"),
    of_version(
        "INSERT INTO entry_version SELECT contract_id, 9, 1, receipt_id, source_row, digest,"
        " locality, elder, household, application, details FROM entry_version"
    ),
)
# What names a row in other words than that it was changed, and what is no row's.
ELSEWHERE = {
    "another day": (
        [of_entry("UPDATE entry SET day = '2023-03-14'")],
        [("rows 2023-03", f"{ROW_3.replace('03-13', '03-14')}与签认时不同")],
    ),
    "another month": (
        [of_entry("UPDATE entry SET day = '2023-02-20'")],
        [
            ("rows 2023-02", f"{ROW_3.replace('03-13', '02-20')}签认时没有，现在计入"),
            ("rows 2023-03", f"{ROW_3.replace('03-13', '02-20')}签认时计入，现在不计入"),
        ],
    ),
    "another kind": (
        [of_entry("UPDATE entry SET kind = 'x'")],
        [("rows 2023-03", f"{ROW_3.replace('对象排查', 'x')}与签认时不同")],
    ),
    "an earlier version": ([of_entry("UPDATE entry SET version = 1")], CHANGED),
    "no version": (
        [of_entry("UPDATE entry SET version = 7")],
        [("rows 2023-03", f"{ROW_3}签认时计入，现在不计入")],
    ),
    "not to count": (
        [of_entry("UPDATE entry SET effective = false")],
        [("rows 2023-03", f"{ROW_3}签认时计入，现在不计入")],
    ),
    "to count again": (
        ["UPDATE entry SET effective = true WHERE contract_id = :id AND entry_id = 4"],
        [
            (
                "rows 2023-03",
                "记录 4（对象排查，2023-03-14，回执 2023-000001 第 5 行）签认时没有，现在计入",
            )
        ],
    ),
    "taken away": (
        [
            "DELETE FROM entry_person WHERE contract_id = :id AND entry_id = 6",
            "DELETE FROM entry_version WHERE contract_id = :id AND entry_id = 6",
            "DELETE FROM entry WHERE contract_id = :id AND entry_id = 6",
        ],
        [("rows 2023-03", "记录 6 签认时计入，现在不计入")],
    ),
    "slipped in": (
        [*NEW, "INSERT INTO entry_person VALUES (:id, 9, 1, 'G2')"],
        [
            (
                "rows 2023-03",
                "记录 9（对象排查，2023-03-13，回执 2023-000002 第 2 行）签认时没有，现在计入",
            )
        ],
    ),
    "a row of an open month": (
        ["UPDATE entry_version SET digest = 'x' WHERE contract_id = :id AND entry_id = 5"],
        [],
    ),
    "off the list": (
        ["DELETE FROM signed_entry WHERE contract_id = :id AND signature_id = 3 AND entry_id = 6"],
        [
            ("signature 2023-03", "签认了 2 条记录，签认清单里有 1 条"),
            ("rows 2023-03", f"{ROW_6}签认时没有，现在计入"),
        ],
    ),
    "another hash on the list": (
        ["UPDATE signed_entry SET row_hash = 'x' WHERE contract_id = :id AND entry_id = 6"],
        [
            ("signature 2023-03", "签认的记录清单与校验值不符"),
            ("rows 2023-03", f"{ROW_6}与签认时不同"),
        ],
    ),
    "the list of an opened signature": (
        ["UPDATE signed_entry SET row_hash = 'x' WHERE contract_id = :id AND signature_id = 1"],
        [("signature 2023-02", "签认的记录清单与校验值不符")],
    ),
    "a signed figure": (
        ["UPDATE signature SET figures = '{}' WHERE contract_id = :id AND signature_id = 2"],
        [("signature 2023-02", "签认的数字、参数、时间或签认人与校验值不符")],
    ),
    "who signed": (
        ["UPDATE signature SET signed_by = 'x' WHERE contract_id = :id AND signature_id = 3"],
        [("signature 2023-03", "签认的数字、参数、时间或签认人与校验值不符")],
    ),
    "a signature taken away": (
        [
            "DELETE FROM signed_entry WHERE contract_id = :id AND signature_id = 2",
            "DELETE FROM signature WHERE contract_id = :id AND signature_id = 2",
        ],
        [
            ("signature 2023-03", "与前一个月（2023-02）的签认接不上"),
            ("signature 2023-02", "审计记录里有第 2 号签认（2023-02），这份签认已不在"),
        ],
    ),
    "opened in silence": (
        ["INSERT INTO reopening VALUES (:id, 3, '2023-06-01 08:00:00', 'x', 'y')"],
        [("signature 2023-03", "已重新打开，审计记录里没有这次重新打开")],
    ),
    "closed in silence": (
        ["DELETE FROM reopening WHERE contract_id = :id"],
        [("signature 2023-02", "审计记录里已重新打开，重新打开的记录已不在")],
    ),
    "a line of the log": (
        ["UPDATE audit_line SET subject = 'x' WHERE contract_id = :id AND line_id = 4"],
        [("log", "审计记录第 4 行的内容与校验值不符，或与前一行接不上")],
    ),
    "a line and its hash": (
        ["UPDATE audit_line SET hash = 'x' WHERE contract_id = :id AND line_id = 4"],
        [("log", "审计记录第 4 行的内容与校验值不符，或与前一行接不上")],
    ),
    "a line taken away": (
        ["DELETE FROM audit_line WHERE contract_id = :id AND line_id = 4"],
        [("log", "审计记录缺第 4 行")],
    ),
    "lines in another order": (
        [
            "UPDATE audit_line SET line_id = 99 WHERE contract_id = :id AND line_id = 3",
            "UPDATE audit_line SET line_id = 3 WHERE contract_id = :id AND line_id = 4",
            "UPDATE audit_line SET line_id = 4 WHERE contract_id = :id AND line_id = 99",
        ],
        [("log", "审计记录第 3 行的内容与校验值不符，或与前一行接不上")],
    ),
}


def test_everything_else_is_named_for_what_it_is(engine: Engine, stored: StoredContract):
    found = {name: differences(engine, stored, *does) for name, (does, _) in ELSEWHERE.items()}

    assert found == {name: expected for name, (_, expected) in ELSEWHERE.items()}


def test_what_cannot_be_read_is_said_and_stops_nothing(engine: Engine, stored: StoredContract):
    if engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL keeps no broken JSON")
    assert differences(engine, stored, of_version("UPDATE entry_version SET details = '{'")) == [
        ("rows 2023-03", "有记录的内容读不出来")
    ]
    assert differences(engine, stored, "UPDATE audit_line SET after = '{' WHERE line_id = 4") == [
        ("log", "审计记录第 4 行的内容读不出来")
    ]
    assert differences(engine, stored, "UPDATE signature SET figures = '{'") == [
        ("signature", "有签认的内容读不出来")
    ]


def test_a_figure_that_comes_out_otherwise_is_named(engine: Engine, stored: StoredContract):
    with contracts.rehearsing(engine, stored) as connection:
        march = signatures.closed(connection, stored.id)["2023-03"]
        lines = [{**line, "due": "1/7"} for line in march.figures["lines"]]
        due = march.figures["lines"][0]["due"]
        others = (
            replace(march, figures={**march.figures, "lines": lines}),
            replace(march, figures={**march.figures, "amount": "1.00"}),
        )
        found = [figures_checked(connection, stored, each).difference for each in others]

    assert found == [f"“业务协办”的本月应完成签认时是 1/7，现在算得 {due}", "合计与签认时不同"]


def test_verifying_is_on_record(engine: Engine, stored: StoredContract):
    with reading(engine) as connection:
        assert last_verified(connection, stored) is None
    run(engine, stored)
    with writing(engine) as connection:
        unguarded(connection)
        connection.execute(text("UPDATE receipt SET posted_by = 'x' WHERE receipt_id = 2"))
    found = run(engine, stored)

    assert [check.part for check in found.checks if check.part is Part.FIGURES] == [Part.FIGURES]
    with reading(engine) as connection:
        assert last_verified(connection, stored) == Last(SIGNED_AT, "验收", same=False)
        line = audit.last(connection, stored.id, "verify")
    assert line is not None
    assert line["after"] == {
        "months": 2,
        "log": 10,
        "heads": 0,
        "signature": 3,
        "rows": 4,
        "figures": 12,
        "sums": 5,
        "differences": [["rows", "2023-03"]],
    }


@pytest.mark.parametrize("role", Role)
def test_who_is_checked_does_not_verify(engine: Engine, role: Role):
    entered = small.entered(engine)
    viewer = Viewer("某", role, "一组" if role is Role.TEAM_LEAD else None)
    if role is Role.TEAM_LEAD:
        with pytest.raises(NotPermittedError):
            verify(engine, entered, viewer, lambda: SIGNED_AT)
    else:
        found = verify(engine, entered, viewer, lambda: SIGNED_AT)
        assert found.checks == (Check(Part.LOG, 1), Check(Part.SUMS, 0))


def test_what_is_looked_at_is_told(engine: Engine, stored: StoredContract):
    told: list[tuple[str, int, int]] = []
    verify(engine, stored, REVIEWER, lambda: SIGNED_AT, lambda *said: told.append(said))

    assert told == [
        ("审计记录", 0, 2),
        ("2023-02 的记录", 1, 6),
        ("2023-03 的记录", 2, 6),
        ("2023-02 的数字", 2, 4),
        ("2023-03 的数字", 3, 4),
    ]
