"""The audit log attacked, and the file outside the database that holds its heads attacked."""

from __future__ import annotations

import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from lib.access import Role, Viewer
from lib.actions.begin import begin
from lib.actions.verify import verify
from lib.kpi.verification import Check, Held, Part, heads_checked, of_store
from lib.store import audit, contracts, heads
from lib.store.chain import canonical, linked
from lib.store.engine import open_store, reading, writing
from lib.store.schema import audit_line
from tests.spec import small
from tests.spec.test_verifying import unguarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from lib.kpi.verification import Verification
    from lib.store.contracts import StoredContract

AT = datetime(2023, 6, 1, 9, 30, tzinfo=UTC)
REVIEWER = Viewer("验收", Role.REVIEWER, origin="198.51.100.7")
LINES = 8  # rosters, heads kept, terms, and five acts


@dataclass(frozen=True)
class Kept:
    """A store, and the file in which the heads of its log are kept."""

    engine: Engine
    stored: StoredContract
    file: Path

    def act(self, subject: str = "ledger=all") -> None:
        """One more act, of one line."""
        act(self.engine, self.stored, subject)

    def verify(self) -> Verification:
        """Verify as the reviewer."""
        return verify(self.engine, self.stored, REVIEWER, lambda: AT)

    def differences(self) -> list[tuple[str, str]]:
        """What verifying finds."""
        return [(str(each.part), each.difference) for each in self.verify().differences]

    def notices(self) -> list[str]:
        """What verifying says besides, of the log."""
        return [notice for check in self.verify().checks for notice in check.notices]

    def lines(self) -> list[dict[str, object]]:
        """The file, line by line."""
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def rewrite(self, change: Callable[[list[str]], list[str]]) -> None:
        """The file's lines changed by hand."""
        self.file.write_text("".join(change(self.file.read_text().splitlines(keepends=True))))


def act(engine: Engine, stored: StoredContract, subject: str) -> None:
    """An act of one line, about a subject."""
    with contracts.acting(engine, stored) as connection:
        facts = {"at": AT, "viewer": REVIEWER, "act": "export_full_names", "subject": subject}
        audit.record(connection, stored.id, **facts)


@pytest.fixture
def kept(store_url: str, tmp_path: Path) -> Iterator[Kept]:
    """A log of eight lines, the heads of all of them kept."""
    engine = open_store(store_url)
    stored = small.entered(engine)
    office = Kept(heads.keep_in(engine, tmp_path / "heads.jsonl"), stored, tmp_path / "heads.jsonl")
    begin(engine, stored, small.ADMINISTRATOR, AT)
    for _ in range(LINES - 3):
        office.act()
    yield office
    engine.dispose()


def test_every_line_has_its_head_kept(kept: Kept):
    with reading(kept.engine) as connection:
        found = audit.heads(connection, kept.stored.id, 0)
    begun, *every = kept.lines()
    code = kept.stored.terms.code

    moments = [json.loads(canonical(head.at)) for head in found]
    assert begun == {
        "at": "2023-06-01T09:30:00.000000+00:00",
        "contract": code,
        "event": "begun",
        "hash": "",
        "line": 0,
    }
    assert every == [
        {"at": at, "contract": code, "hash": head.hash, "line": head.line}
        for head, at in zip(found, moments, strict=True)
    ]
    assert [head.line for head in found] == [*range(1, LINES + 1)]
    assert kept.file.stat().st_mode & 0o777 == 0o600
    assert kept.verify().differences == ()
    assert kept.notices() == []


# What is done to lines of the log, by whoever may write to the database: nothing holds them back.


def _edit(connection: Connection, line: int) -> None:
    connection.execute(
        update(audit_line).where(audit_line.c.line_id == line).values(subject="ledger=none")
    )


def _delete(connection: Connection, line: int) -> None:
    connection.execute(audit_line.delete().where(audit_line.c.line_id == line))


def _number(connection: Connection, line: int, number: int) -> None:
    connection.execute(
        update(audit_line).where(audit_line.c.line_id == line).values(line_id=number)
    )


def _swap(connection: Connection, line: int) -> None:
    for old, new in ((line, 99), (line + 1, line), (99, line + 1)):
        _number(connection, old, new)


def _insert(connection: Connection, line: int) -> None:
    for later in range(LINES, line - 1, -1):
        _number(connection, later, later + 1)
    copied = connection.execute(select(audit_line).where(audit_line.c.line_id == line - 1))
    row = dict(copied.mappings().one())
    connection.execute(audit_line.insert().values({**row, "line_id": line}))


def _cut(connection: Connection, line: int) -> None:
    connection.execute(audit_line.delete().where(audit_line.c.line_id >= line))


def _rewrite(connection: Connection, line: int) -> None:
    """Edit a line, and write all hashes anew, so that the chain holds."""
    _edit(connection, line)
    previous = ""
    query = select(audit_line).order_by(audit_line.c.line_id)
    for row in [dict(row) for row in connection.execute(query).mappings()]:
        previous = linked(previous, audit.facts_of(row))
        named = audit_line.c.line_id == row["line_id"]
        connection.execute(update(audit_line).where(named).values(hash=previous))


OTHER_HASH = "审计记录第 5 行的内容与校验值不符，或与前一行接不上"
OTHER_HEAD = "审计记录第 5 行与库外保存的校验值不同"
ATTACKS = {
    "edit": (_edit, [("log", OTHER_HASH)]),
    "delete": (_delete, [("log", "审计记录缺第 5 行"), ("heads", OTHER_HEAD)]),
    "swap": (_swap, [("log", OTHER_HASH), ("heads", OTHER_HEAD)]),
    "insert": (_insert, [("log", OTHER_HASH), ("heads", OTHER_HEAD)]),
    "cut tail": (_cut, [("heads", "审计记录只到第 4 行，库外保存的校验值到第 8 行")]),
    "rewrite": (_rewrite, [("heads", OTHER_HEAD)]),
}


def attacked(kept: Kept, name: str, line: int = 5) -> None:
    """The log after an attack."""
    attack, _ = ATTACKS[name]
    with writing(kept.engine) as connection:
        unguarded(connection)
        attack(connection, line)


def found_after(kept: Kept, name: str) -> list[tuple[str, str]]:
    """What is found after an attack; nothing is kept of it."""
    attack, _ = ATTACKS[name]
    held = Held(heads.kept(kept.file, kept.stored.terms.code))
    with writing(kept.engine) as connection:
        unguarded(connection)
        attack(connection, 5)
        checks = list(of_store(connection, kept.stored.id, lambda *_: None, held))
        connection.rollback()
    return [(str(each.part), each.difference) for each in checks if each.difference]


def test_the_six_attacks_are_caught_and_their_place_is_named(kept: Kept):
    found = {name: found_after(kept, name) for name in ATTACKS}

    assert found == {name: expected for name, (_, expected) in ATTACKS.items()}


def test_acts_after_a_cut_do_not_cover_it(kept: Kept):
    attacked(kept, "cut tail")
    for _ in range(2 * LINES):
        kept.act("ledger=later")

    assert kept.differences() == [("heads", OTHER_HEAD)]


OF_FILE = {
    "taken away": (
        None,
        "审计记录自第 2 行起在库外保存校验值，库外文件却不在或是空的",
    ),
    "emptied": (
        lambda _: [],
        "审计记录自第 2 行起在库外保存校验值，库外文件却不在或是空的",
    ),
    "a line edited": (
        lambda lines: [*lines[:5], lines[5].replace('"hash":"', '"hash":"0'), *lines[6:]],
        OTHER_HEAD,
    ),
    "a line taken out": (
        lambda lines: [*lines[:5], *lines[6:]],
        "库外文件缺第 5 行的校验值",
    ),
    "a line made unreadable": (
        lambda lines: [*lines[:5], "{\n", *lines[6:]],
        "库外文件缺第 5 行的校验值",
    ),
    "its beginning cut off": (lambda lines: lines[4:], "库外文件缺第 1 行至第 3 行的校验值"),
}


def test_attacks_on_the_file_are_named(kept: Kept):
    whole_file, found = kept.file.read_bytes(), {}
    for name, (change, _) in OF_FILE.items():
        kept.file.write_bytes(whole_file)
        if change:
            kept.rewrite(change)
        else:
            kept.file.unlink()
        held = Held(heads.kept(kept.file, kept.stored.terms.code))
        with reading(kept.engine) as connection:
            found[name] = heads_checked(connection, kept.stored.id, held).difference

    assert found == {name: said for name, (_, said) in OF_FILE.items()}


def test_a_file_taken_away_is_not_made_good_by_the_next_acts(kept: Kept):
    kept.file.unlink()
    kept.act()
    kept.act()

    assert kept.differences() == [("heads", f"库外文件缺第 1 行至第 {LINES} 行的校验值")]


def test_a_crash_between_commit_and_keeping_is_caught_up(kept: Kept):
    kept.rewrite(lambda lines: [*lines[:-3], lines[-3][:20]])  # two lost, and one half-written
    kept.act()

    assert [line["line"] for line in whole(kept)] == [*range(LINES + 2)]
    assert kept.differences() == []


def whole(kept: Kept) -> list[dict[str, int]]:
    """The lines of the file that can be read."""
    return [json.loads(line) for line in kept.file.read_text().splitlines() if line.endswith("}")]


def test_what_was_left_out_is_caught_up_at_the_start(kept: Kept):
    kept.rewrite(lambda lines: lines[:-2])
    begin(kept.engine, kept.stored, small.ADMINISTRATOR, AT)

    assert [line["line"] for line in kept.lines()] == [*range(LINES + 1)]


def test_a_file_that_cannot_be_written_stops_no_act(
    kept: Kept, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    heads.keep_in(kept.engine, tmp_path / "gone" / "heads.jsonl")
    with caplog.at_level(logging.ERROR, "lib.audit"):
        kept.act()

    assert [record.message for record in caplog.records] == [
        "audit head not kept: No such file or directory"
    ]
    with reading(kept.engine) as connection:
        newest = audit.head(connection, kept.stored.id)
    assert newest
    assert newest.line == LINES + 1
    said = "库外校验值写不进文件（No such file or directory），请检查磁盘空间和目录权限"
    assert heads.fault(kept.engine) == said
    assert said in kept.verify().notices


def test_each_head_goes_to_the_servers_log_without_a_name(
    kept: Kept, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO, "lib.audit"):
        kept.act()

    (record,) = caplog.records
    newest = kept.lines()[-1]
    named = ("contract", "line", "hash")
    assert [getattr(record, name) for name in named] == [newest[name] for name in named]
    assert record.message == "audit head"
    assert "验收" not in str(vars(record))


def test_a_rehearsal_keeps_nothing(kept: Kept):
    before = kept.file.read_bytes()
    with contracts.rehearsing(kept.engine, kept.stored) as connection:
        facts = {"at": AT, "viewer": REVIEWER, "act": "post", "subject": "x"}
        audit.record(connection, kept.stored.id, **facts)

    assert kept.file.read_bytes() == before


def test_many_at_once_keep_every_head_once(kept: Kept):
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(kept.act) for _ in range(24)]:
            done.result()

    assert [line["line"] for line in kept.lines()] == [*range(LINES + 24 + 1)]
    assert kept.differences() == []


def test_many_that_catch_up_at_once_do_it_once(kept: Kept):
    together = Barrier(8)

    def catch_up(_: int) -> bool:
        together.wait()
        return heads.follow(kept.engine, kept.stored)

    for _ in range(5):
        kept.rewrite(lambda lines: lines[:2])
        with ThreadPoolExecutor(8) as threads:
            assert [*threads.map(catch_up, range(8))] == [True] * 8
        assert [line["line"] for line in kept.lines()] == [*range(LINES + 1)]


def test_processes_keep_every_head_once(kept: Kept, store_url: str):
    kept.engine.dispose()
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            engine = heads.keep_in(open_store(store_url), kept.file)
            for _ in range(5):
                act(engine, kept.stored, "ledger=all")
            os._exit(0)
        children.append(child)

    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert [line["line"] for line in kept.lines()] == [*range(LINES + 15 + 1)]
    assert kept.differences() == []


def test_a_restored_store_is_told_from_a_cut_one(kept: Kept):
    attacked(kept, "cut tail", 7)
    with reading(kept.engine) as connection:
        head = audit.head(connection, kept.stored.id)
    assert head
    heads.restored(kept.file, kept.stored.terms.code, head, by="运维人员", at=AT)
    kept.act("ledger=later")

    found = kept.verify()
    assert found.differences == ()
    assert kept.notices() == [
        "2023-06-01 17:30 由 运维人员 从备份恢复，审计记录回到第 6 行，其后的第 7 至 8 行已不在"
    ]
    attacked(kept, "rewrite", 7)
    assert kept.differences() == [("heads", "审计记录第 7 行与库外保存的校验值不同")]


def test_a_log_of_which_nothing_was_ever_kept_gets_a_notice(store_url: str, tmp_path: Path):
    engine = open_store(store_url)
    stored = small.entered(engine)
    file = tmp_path / "heads.jsonl"
    office = Kept(heads.keep_in(engine, file), stored, file)
    found = office.verify()
    engine.dispose()

    assert found.differences == ()
    (check,) = (check for check in found.checks if check.part is Part.HEADS)
    assert check == Check(Part.HEADS, 1, notices=("库外校验值从第 1 行起保存，之前的行没有",))
