"""Backups: a store that is restored is the same, whichever database it came from or goes to."""

from __future__ import annotations

import hashlib
import tracemalloc
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from sqlalchemy import insert, select, text

from lib.access import Role, Viewer
from lib.actions import restore_backup
from lib.actions.back_up import BackedUp, back_up
from lib.actions.orphans import orphans, remove_orphans
from lib.actions.post import post
from lib.actions.standing import standings
from lib.errors import NotPermittedError, StoreError
from lib.store import accounts, audit, contracts, heads, made_files
from lib.store.backup import tables
from lib.store.backup.folder import Keep
from lib.store.blobs import THUMBNAIL, Blobs, open_blobs
from lib.store.engine import open_store, reading, writing
from lib.store.schema import audit_line, household, metadata, session
from tests.spec import small
from tests.spec.histories import examples, histories, played
from tests.support.accepted import PICTURE, SIGNED_AT, TICKET, TOKEN, accepted, patrol
from tests.support.backups import remade, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from lib.store.backup.manifest import Standing
    from lib.store.contracts import StoredContract
    from tests.spec.histories import Act

OPERATOR = small.ADMINISTRATOR
LATER = SIGNED_AT + timedelta(days=3)
PICTURE_SHA256 = hashlib.sha256(PICTURE.data).hexdigest()
PICTURE_FOLDER = PICTURE_SHA256[:2]


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """A folder for photos and scans."""
    return open_blobs((tmp_path / "evidence").as_uri())


@pytest.fixture
def stored(engine: Engine, blobs: Blobs) -> StoredContract:
    """A contract with something of everything; and another one beside it."""
    stored = accepted(engine, blobs)
    small.entered(engine)
    return stored


def backed_up(engine: Engine, stored: StoredContract, blobs: Blobs, folder: Path) -> BackedUp:
    """Back the store up as the operator."""
    asked = {"today": lambda: small.TODAY, "now": lambda: LATER}
    return back_up(engine, stored, blobs, OPERATOR, folder, Keep(), **asked)


@dataclass(frozen=True)
class Stores:
    """Where fresh stores of both kinds are made."""

    request: pytest.FixtureRequest
    folder: Path

    @contextmanager
    def fresh(self, kind: str) -> Iterator[Engine]:
        """A store of a kind, migrated and empty."""
        made = self.request.getfixturevalue(f"{kind}_stores")
        folder = self.folder / f"{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        with made.fresh(*([folder] if kind == "sqlite" else [])) as url:
            engine = open_store(url)
            yield engine
            engine.dispose()


@pytest.fixture
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    """Fresh stores of both kinds."""
    folder = tmp_path / "stores"
    folder.mkdir()
    return Stores(request, folder)


def other(engine: Engine) -> str:
    """The other kind of store."""
    return "postgresql" if engine.dialect.name == "sqlite" else "sqlite"


def standing(engine: Engine, stored: StoredContract) -> Sequence[Standing]:
    """Figures, audit log and checks of every contract, but for what was audited since."""
    with reading(engine) as connection:
        found = standings(connection, stored.terms, small.TODAY)
    return [replace_log(each) for each in found]


def replace_log(each: Standing) -> Standing:
    """A standing without the length of its audit log."""
    checks = tuple(c.model_copy(update={"number": 0}) for c in each.checks if c.part == "log")
    others = tuple(c for c in each.checks if c.part != "log")
    return each.model_copy(update={"lines": 0, "last_hash": "", "checks": (*checks, *others)})


def log(connection: Connection, contract_id: int) -> list[audit.Line]:
    """The audit log."""
    return list(audit.lines(connection, contract_id))


@pytest.mark.postgresql
@examples(10)
@given(history=histories())
def test_ten_histories_come_back_the_same_across_both_databases(
    sqlite_stores, postgresql_stores, tmp_path_factory, history: tuple[Act, ...]
):
    folder = tmp_path_factory.mktemp("drill")
    blobs = open_blobs((folder / "evidence").as_uri())
    with sqlite_stores.fresh(folder) as url, postgresql_stores.fresh() as other_url:
        here, there = open_store(url), open_store(other_url)
        stored, _ = played(here, history)
        back = open_store(f"sqlite:///{folder / 'back.db'}")
        first = backed_up(here, stored, blobs, folder / "first")
        restore_backup.restore(there, first.path, blobs, OPERATOR, LATER)
        second = backed_up(there, stored, blobs, folder / "second")
        restore_backup.restore(back, second.path, blobs, OPERATOR, LATER)
        assert standing(here, stored) == standing(there, stored) == standing(back, stored)
        logs = []
        for engine in (here, there, back):
            with reading(engine) as connection:
                logs.append(log(connection, stored.id))
            engine.dispose()
    length = first.manifest.contracts[0].lines
    assert [each[:length] for each in logs] == [logs[0][:length]] * 3
    assert [len(each) for each in logs] == [length + 1, length + 2, length + 2]


def test_every_row_and_picture_comes_back_on_the_other_database(
    engine: Engine, stored: StoredContract, blobs: Blobs, stores: Stores, tmp_path: Path
):
    done = backed_up(engine, stored, blobs, tmp_path / "backups")
    assert (done.differences, done.manifest.pictures, done.manifest.lost) == ((), 1, ())
    there = open_blobs((tmp_path / "there").as_uri())
    before = rows_of(engine)
    with stores.fresh(other(engine)) as target:
        found = restore_backup.restore(target, done.path, there, OPERATOR, LATER)
        after = rows_of(target)
        _same_but_for_sessions(before, after, stored)
        with writing(target) as connection:  # and it goes on being used
            entered = contracts.register(
                connection, stored.terms.model_copy(update={"code": "new"})
            )
    assert found.sha256 == done.sha256
    assert entered.id == stored.id + 2
    (sha256,) = [name for name in there.kept(PICTURE_FOLDER) if THUMBNAIL not in name]
    assert there.get(sha256) == blobs.get(sha256)
    assert there.thumbnail(sha256) == blobs.thumbnail(sha256)


def _same_but_for_sessions(
    before: Mapping[str, list[bytes]], after: Mapping[str, list[bytes]], stored: StoredContract
) -> None:
    """All rows are as they were; after them one line of the audit log for each contract."""
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"session", "audit_line", "contract"}
    gone = set(before["audit_line"]) - set(after["audit_line"])
    # What was audited of the backup itself came after it was read.
    assert len(gone) == len(set(after["audit_line"]) - set(before["audit_line"])) == 2
    assert all(b'"act":"backup"' in line for line in gone)
    assert [b'"ended_at":null' in line for line in before["session"]] == [True, True]
    assert [b'"ended_at":null' in line for line in after["session"]] == [False, False]
    assert not any(word.encode() in line for line in after["session"] for word in (TICKET, TOKEN))
    assert stored.id == 1


def test_nobody_stays_signed_in(
    engine: Engine, stored: StoredContract, blobs: Blobs, stores: Stores, tmp_path: Path
):
    with writing(engine) as connection:
        made_files.add(connection, stored.id, "验收", "archive", {}, at=small.NOW)
        assert accounts.of_token(connection, stored.id, TOKEN, small.NOW)
    done = backed_up(engine, stored, blobs, tmp_path / "backups")
    with stores.fresh("sqlite") as target:
        restore_backup.restore(target, done.path, blobs, OPERATOR, LATER)
        with writing(target) as connection:
            assert accounts.of_token(connection, stored.id, TOKEN, small.NOW) is None
            assert not accounts.redeem_ticket(connection, stored.id, TICKET, "new", small.NOW)
            assert connection.execute(select(session.c.ended_at)).scalars().all() == [LATER, LATER]
            assert made_files.of_account(connection, stored.id, "验收", "archive") == []
            account = accounts.find(connection, stored.id, "验收")
    assert account is not None


def test_backing_up_and_restoring_are_on_record(
    engine: Engine, stored: StoredContract, blobs: Blobs, stores: Stores, tmp_path: Path
):
    done = backed_up(engine, stored, blobs, tmp_path / "backups")
    manifest = done.manifest
    with reading(engine) as connection:
        for each in manifest.contracts:
            line = audit.last(connection, each.contract_id, "backup")
            assert line is not None
            assert (line["subject"], line["after"]) == (
                done.sha256,
                {"rows": manifest.rows, "pictures": 1},
            )
    outside = tmp_path / "heads.jsonl"
    with stores.fresh("sqlite") as target:
        heads.keep_in(target, outside)
        restore_backup.restore(target, done.path, blobs, OPERATOR, LATER)
        with reading(target) as connection:
            for each in manifest.contracts:
                (noted,) = heads.kept(outside, each.code).restored
                assert (noted.line, noted.by) == (each.lines, OPERATOR.name)
                line = audit.last(connection, each.contract_id, "restore_backup")
                assert line is not None
                assert (line["line_id"], line["subject"]) == (each.lines + 1, done.sha256)
                assert line["after"] == {"rows": manifest.rows, "last_line": each.lines}


def test_others_go_on_posting_and_the_backup_is_of_one_moment(
    engine: Engine, stored: StoredContract, blobs: Blobs, tmp_path: Path
):
    class Meanwhile(Blobs):
        """Where pictures lie; when they are looked for, the tables have been read."""

        posted = 0

        def kept(self, first: str) -> dict[str, datetime]:
            if not self.posted:
                day = small.END - timedelta(days=5)
                book = small.workbook({"对象排查": [patrol(day)]})
                (done,) = post(
                    engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW
                )
                object.__setattr__(self, "posted", done.receipt.number if done.receipt else 0)
            return super().kept(first)

    before = rows_of(engine)
    meanwhile = Meanwhile(blobs.store, blobs.folder)
    done = backed_up(engine, stored, meanwhile, tmp_path / "backups")
    assert meanwhile.posted
    counted = {each.form.name: each.rows for each in done.manifest.tables}
    assert counted == {name: len(rows) for name, rows in before.items()}


@pytest.mark.parametrize("viewer", [Viewer("某", role) for role in Role if role != Role.ADMIN])
def test_only_administrators_back_up_and_restore(
    sqlite_stores, blobs: Blobs, tmp_path: Path, viewer: Viewer
):
    with sqlite_stores.fresh(tmp_path) as url:
        engine = open_store(url)
        stored = small.entered(engine)
        clocks = {"today": lambda: small.TODAY, "now": lambda: LATER}
        with pytest.raises(NotPermittedError):
            back_up(engine, stored, blobs, viewer, tmp_path / "backups", Keep(), **clocks)
        with pytest.raises(NotPermittedError):
            restore_backup.restore(engine, tmp_path / "none.zip", blobs, viewer, LATER)
        with pytest.raises(NotPermittedError):
            remove_orphans(engine, blobs, viewer, LATER)
        engine.dispose()
    assert not (tmp_path / "backups").exists()


def test_a_store_that_holds_anything_is_left_as_it_is(
    engine: Engine, stored: StoredContract, blobs: Blobs, tmp_path: Path
):
    done = backed_up(engine, stored, blobs, tmp_path / "backups")
    before = rows_of(engine)
    with pytest.raises(StoreError, match="目标数据库不是空的"):
        restore_backup.restore(engine, done.path, blobs, OPERATOR, LATER)
    assert rows_of(engine) == before


def test_a_store_in_which_somebody_changed_something_is_backed_up_and_says_so(
    engine: Engine, stored: StoredContract, blobs: Blobs, stores: Stores, tmp_path: Path
):
    folder = tmp_path / "backups"
    first = backed_up(engine, stored, blobs, folder)
    with writing(engine) as connection:
        _unguarded(connection)
        connection.execute(text("UPDATE audit_line SET subject = 'x' WHERE line_id = 2"))
    second = backed_up(engine, stored, blobs, folder)
    assert second.differences[0].endswith("审计记录第 2 行的内容与校验值不符，或与前一行接不上")
    assert second.removed == ()
    assert first.path.exists()
    with stores.fresh("sqlite") as target:
        empty = rows_of(target)
        with pytest.raises(StoreError, match=r"第 2 行.*没有恢复.*--accept-differences"):
            restore_backup.restore(target, second.path, blobs, OPERATOR, LATER)
        assert rows_of(target) == empty
        restore_backup.restore(target, second.path, blobs, OPERATOR, LATER, accept_differences=True)
        assert len(rows_of(target)["entry"]) == 4


def _unguarded(connection: Connection) -> None:
    """Let a transaction do as the owner of the database could."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        connection.execute(text("DROP TRIGGER final_audit_line_update"))


def test_a_lost_picture_is_said_and_old_backups_stay(
    engine: Engine, stored: StoredContract, blobs: Blobs, tmp_path: Path
):
    first = backed_up(engine, stored, blobs, tmp_path / "backups")
    (name,) = [each for each in blobs.kept(PICTURE_FOLDER) if THUMBNAIL not in each]
    assert blobs.folder
    (blobs.folder / PICTURE_FOLDER / name).write_bytes(b"another")
    second = backed_up(engine, stored, blobs, tmp_path / "backups")
    assert (second.manifest.pictures, second.manifest.lost) == (0, (name,))
    assert (second.removed, first.path.exists()) == ((), True)


def test_a_backup_of_an_older_schema_is_restored_and_brought_up_to_date(
    sqlite_stores, stores: Stores, blobs: Blobs, tmp_path: Path
):
    with sqlite_stores.fresh(tmp_path) as url:
        source = open_store(url)
        stored = small.entered(source)
        done = backed_up(source, stored, blobs, tmp_path / "backups")
        source.dispose()
    old = remade(done.path, tmp_path / "old.zip", revision="0006")
    fresh = open_store(f"sqlite:///{tmp_path / 'fresh.db'}")
    restore_backup.restore(fresh, old, blobs, OPERATOR, LATER)
    with reading(fresh) as connection:
        origins = connection.execute(select(audit_line.c.origin)).scalars().all()
        lines = log(connection, stored.id)
    fresh.dispose()
    assert origins == [None, ""]
    assert [line.facts["act"] for line in lines if line.facts] == [
        "import_rosters",
        "restore_backup",
    ]
    for kind in ("sqlite", "postgresql"):
        said = "比目标数据库旧，没有恢复；请换一个完全空的"
        with stores.fresh(kind) as newer, pytest.raises(StoreError, match=said):
            restore_backup.restore(newer, old, blobs, OPERATOR, LATER)


def test_a_backup_of_a_newer_program_is_refused(
    sqlite_stores, stores: Stores, blobs: Blobs, tmp_path: Path
):
    with sqlite_stores.fresh(tmp_path) as url:
        source = open_store(url)
        done = backed_up(source, small.entered(source), blobs, tmp_path / "backups")
        source.dispose()
    new = remade(done.path, tmp_path / "new.zip", manifest={"revision": "9999"})
    said = "更新版本的程序写成，没有恢复；请先更新本程序"
    with stores.fresh("sqlite") as target, pytest.raises(StoreError, match=said):
        restore_backup.restore(target, new, blobs, OPERATOR, LATER)


def test_pictures_that_no_row_names_are_counted_and_can_be_removed(
    engine: Engine, stored: StoredContract, blobs: Blobs, tmp_path: Path
):
    orphan = blobs.put(b"left by a crash", b"small")
    done = backed_up(engine, stored, blobs, tmp_path / "backups")
    assert (done.manifest.pictures, done.manifest.orphans) == (1, 2)
    (since,) = {since for name, since in blobs.kept(orphan[:2]).items() if name == orphan}
    young, old = since + timedelta(hours=23), since + timedelta(hours=25)
    assert orphans(engine, blobs, OPERATOR, young) == []
    assert remove_orphans(engine, blobs, OPERATOR, young) == 0
    assert orphans(engine, blobs, OPERATOR, old) == [orphan, orphan + THUMBNAIL]
    assert remove_orphans(engine, blobs, OPERATOR, old) == 2
    assert backed_up(engine, stored, blobs, tmp_path / "backups").manifest.orphans == 0
    assert blobs.get(PICTURE_SHA256) == PICTURE.data


@pytest.mark.parametrize("rows", [10_000])
def test_many_rows_need_no_more_memory_than_few(sqlite_stores, tmp_path: Path, rows: int):
    form = next(each for each in tables.forms() if each.name == "household")
    with sqlite_stores.fresh(tmp_path) as url:
        engine = open_store(url)
        stored = small.entered(engine)
        peaks = [_peak(engine, stored, form, number) for number in (rows // 10, rows)]
        engine.dispose()
    assert peaks[1] < peaks[0] * 1.3


def _peak(engine: Engine, stored: StoredContract, form: tables.Form, rows: int) -> int:
    """The most bytes held while so many more rows are read and entered again."""
    with writing(engine) as connection:
        connection.execute(household.delete())
        row = {"contract_id": stored.id, "head_name": "示户", "locality": "L1", "position": 1}
        row["aid_category"] = "低保"
        for first in range(0, rows, 1000):
            some = range(first, min(first + 1000, rows))
            connection.execute(insert(household), [{**row, "code": f"示{n:07}"} for n in some])
    path = engine.url.database
    assert path
    target = open_store("sqlite:///" + path + ".copy")
    with writing(target) as other_connection, reading(engine) as connection:
        metadata.create_all(other_connection)
        other_connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        tracemalloc.start()
        tables.load(other_connection, form, tables.lines(connection, form))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        other_connection.rollback()
    target.dispose()
    return peak
