"""A backup that is not as it was written is refused, and leaves the target as it was."""

from __future__ import annotations

import json
import random
import struct
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from lib.actions import restore_backup
from lib.actions.back_up import back_up
from lib.errors import StoreError
from lib.store.backup.container import HASHES, MANIFEST, opened, seal
from lib.store.backup.folder import Keep
from lib.store.blobs import open_blobs
from lib.store.chain import canonical, linked
from lib.store.engine import open_store
from tests.spec import small
from tests.support.accepted import SIGNED_AT, accepted
from tests.support.backups import members, remade, rows_of, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from lib.store.blobs import Blobs

    Change = Callable[[dict[str, bytes]], None]

SEED = 20261126
FLIPS = 200


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all these tests share."""
    return tmp_path_factory.mktemp("damage")


@pytest.fixture(scope="module")
def blobs(folder: Path) -> Blobs:
    """A folder for photos and scans."""
    return open_blobs((folder / "evidence").as_uri())


@pytest.fixture(scope="module")
def good(sqlite_stores, folder: Path, blobs: Blobs) -> Path:
    """A backup with something of everything in it."""
    with sqlite_stores.fresh(folder) as url:
        engine = open_store(url)
        asked = {"today": lambda: small.TODAY, "now": lambda: SIGNED_AT}
        stored = accepted(engine, blobs)
        done = back_up(engine, stored, blobs, small.ADMINISTRATOR, folder, Keep(), **asked)
        engine.dispose()
    return done.path


@pytest.fixture(scope="module")
def target(sqlite_stores, folder: Path) -> Iterator[Engine]:
    """An empty store, which stays empty whatever it is given here."""
    (folder / "target").mkdir()
    with sqlite_stores.fresh(folder / "target") as url:
        engine = open_store(url)
        yield engine
        assert not any(rows_of(engine).values())
        engine.dispose()


def refusal(target: Engine, path: Path, blobs: Blobs) -> str:
    """With which sentence restoring is refused; nothing of it is in the store then."""
    with pytest.raises(StoreError) as refused:
        restore_backup.restore(target, path, blobs, small.ADMINISTRATOR, SIGNED_AT)
    assert not any(rows_of(target).values())
    return refused.value.sentence


def test_a_bit_turned_over_anywhere_is_seen(good: Path, tmp_path: Path):
    whole, chance = good.read_bytes(), random.Random(SEED)  # noqa: S311 - to be drawn again
    places = [(chance.randrange(len(whole)), chance.randrange(8)) for _ in range(FLIPS)]
    unseen = []
    for place, bit in places:
        turned = bytearray(whole)
        turned[place] ^= 1 << bit
        path = tmp_path / "turned.zip"
        path.write_bytes(turned)
        try:
            with opened(path):
                unseen.append((place, bit))
        except StoreError as refused:
            assert "已损坏" in refused.sentence  # noqa: PT017 - none is a failure too
    assert unseen == [], f"seed {SEED}"


@pytest.mark.parametrize("part", [0, 1, 64, 0.1, 0.5, 0.999])
def test_a_file_cut_off_is_refused(good: Path, target: Engine, blobs: Blobs, part: float):
    whole = good.read_bytes()
    path = good.with_name("cut")
    path.write_bytes(whole[: int(part * len(whole)) if isinstance(part, float) else part])
    assert "不是本系统的备份，或已损坏" in refusal(target, path, blobs)


def test_what_is_no_backup_is_refused(good: Path, target: Engine, blobs: Blobs, tmp_path: Path):
    foreign = tmp_path / "foreign.zip"
    with ZipFile(foreign, "w") as archive:
        archive.writestr("a.txt", "a")
    (tmp_path / "text").write_text("备份" * 1000)
    (tmp_path / "more").write_bytes(good.read_bytes() + b"\n")
    for name in ("foreign.zip", "text", "more"):
        assert "不是本系统的备份，或已损坏" in refusal(target, tmp_path / name, blobs)
    assert "打不开文件" in refusal(target, tmp_path / "none", blobs)
    assert "打不开文件" in refusal(target, tmp_path, blobs)


def without(found: dict[str, bytes]) -> None:
    """A table is left out."""
    del found["tables/withdrawal.jsonl"]


def added(found: dict[str, bytes]) -> None:
    """A member more."""
    found["tables/more.jsonl"] = b""


def outside(found: dict[str, bytes]) -> None:
    """A name that points out of the folder."""
    found["evidence/../../etc/passwd"] = b"x"


def absolute(found: dict[str, bytes]) -> None:
    """A name from the root."""
    found["/etc/passwd"] = b"x"


def misnamed_picture(found: dict[str, bytes]) -> None:
    """A picture's bytes are others."""
    name = next(name for name in found if name.startswith("evidence/") and "." not in name)
    found[name] = b"another picture"


def without_picture(found: dict[str, bytes]) -> None:
    """A picture is left out."""
    del found[next(name for name in found if name.startswith("evidence/") and "." not in name)]


def bomb(found: dict[str, bytes]) -> None:
    """A table that unpacks to a hundred megabytes."""
    found["tables/draft.jsonl"] = b"0" * (100 << 20)


def no_rows(found: dict[str, bytes]) -> None:
    """A line that is none."""
    found["tables/draft.jsonl"] = b"[]\n"


def other_columns(found: dict[str, bytes]) -> None:
    """A row with a column that the table has not."""
    found["tables/promise.jsonl"] = b'{"drop":1}\n'


def row_left_out(found: dict[str, bytes]) -> None:
    """A row less than the manifest counts."""
    found["tables/staff.jsonl"] = b"\n".join(found["tables/staff.jsonl"].splitlines()[:-1]) + b"\n"


def dangling(found: dict[str, bytes]) -> None:
    """Rows that point at nothing."""
    found["tables/receipt.jsonl"] = b""


def other_figure(found: dict[str, bytes]) -> None:
    """The rows of an open month say another day's work."""
    path = "tables/entry.jsonl"
    found[path] = found[path].replace(b'"day":"2023-04-13"', b'"day":"2023-04-14"')
    found["tables/entry_person.jsonl"] = found["tables/entry_person.jsonl"].replace(
        b'"entry_id":4,"staff":"G1"', b'"entry_id":4,"staff":"G9"'
    )


def withdrawn_back(found: dict[str, bytes]) -> None:
    """A withdrawn row counts again, in a month that is signed."""
    path = "tables/entry.jsonl"
    found[path] = found[path].replace(b'"effective":false', b'"effective":true')


def other_line(found: dict[str, bytes]) -> None:
    """A line of the audit log says something else."""
    path = "tables/audit_line.jsonl"
    found[path] = found[path].replace(b'"act":"withdraw"', b'"act":"restored"')


def cut_log(found: dict[str, bytes]) -> None:
    """The audit log's last lines are cut off, and the manifest counts what is left."""
    path = "tables/audit_line.jsonl"
    lines = found[path].splitlines()[:-1]
    found[path] = b"".join(line + b"\n" for line in lines)
    facts = json.loads(found[MANIFEST])
    for each in facts["tables"]:
        each["rows"] -= each["form"]["name"] == "audit_line"
    found[MANIFEST] = json.dumps(facts).encode()


def chained_anew(found: dict[str, bytes]) -> None:
    """The audit log is rewritten with a chain that holds, the manifest is left."""
    path, previous, lines = "tables/audit_line.jsonl", "", []
    for line in found[path].splitlines():
        row = json.loads(line)
        facts = {name: value for name, value in row.items() if name != "hash"} | {"by": "别人"}
        for name in ("before", "after"):
            facts[name] = json.loads(facts[name]) if facts[name] else None
        previous = linked(previous, facts)
        lines.append(canonical(row | {"by": "别人", "hash": previous}).encode() + b"\n")
    found[path] = b"".join(lines)


CHANGES: dict[Change, str] = {
    without: "表与清单不符",
    added: "表与清单不符",
    outside: "成员的名称不对",
    absolute: "成员的名称不对",
    misnamed_picture: "图片与它的校验值不符",
    without_picture: "图片与它的说明不符",
    bomb: "解开后大得不合情理",
    no_rows: "表 draft 的内容有误或前后矛盾",
    other_columns: "表 promise 的内容有误或前后矛盾",
    row_left_out: "表 staff",
    dangling: "的内容有误或前后矛盾",
    other_figure: "表 entry_person 的内容有误或前后矛盾",
    withdrawn_back: "记录 3",
    other_line: "审计记录第 5 行的内容与校验值不符",
    cut_log: "恢复出来的数字或审计记录与备份时不同",
    chained_anew: "恢复出来的数字或审计记录与备份时不同",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whoever_makes_every_hash_anew_is_found_out(
    good: Path, target: Engine, blobs: Blobs, tmp_path: Path, change: Change
):
    found = members(good)
    before = dict(found)
    change(found)
    assert found != before
    assert CHANGES[change] in refusal(target, written(tmp_path / "made.zip", found), blobs)


def test_a_list_of_hashes_that_does_not_fit_is_refused(
    good: Path, target: Engine, blobs: Blobs, tmp_path: Path
):
    found = members(good)
    with ZipFile(good) as archive:
        hashes = archive.read(HASHES)
    other = {**found, "tables/draft.jsonl": b""}
    cases = {
        "tables/draft.jsonl 的校验值不符": (other, hashes),
        "成员与清单不符": (found, hashes + hashes.splitlines(keepends=True)[0]),
        "成员的名称不对": ({"x": b""}, f"{'0' * 64}  x\n".encode()),
    }
    for said, (given, listed) in cases.items():
        assert said in refusal(target, written(tmp_path / "made.zip", given, listed), blobs)


def test_a_member_twice_is_refused(good: Path, target: Engine, blobs: Blobs, tmp_path: Path):
    path = tmp_path / "twice.zip"
    path.write_bytes(good.read_bytes())
    with path.open("rb+") as file:
        with ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("tables/draft.jsonl", "")
        seal(file)
    assert "成员重复" in refusal(target, path, blobs)


def test_a_directory_that_lies_about_sizes_is_refused(
    good: Path, target: Engine, blobs: Blobs, tmp_path: Path
):
    found = members(good)
    path = written(tmp_path / "lies.zip", found)
    data = bytearray(path.read_bytes())
    with ZipFile(path) as archive:
        size = archive.getinfo("tables/calendar_day.jsonl").file_size
    told = data.rindex(b"tables/calendar_day.jsonl") - 46 + 24  # in the central directory
    assert struct.unpack_from("<I", data, told) == (size,)
    struct.pack_into("<I", data, told, size - 10)
    path.write_bytes(data)
    with path.open("rb+") as file:
        seal(file)
    assert "已损坏" in refusal(target, path, blobs)


@pytest.mark.parametrize(
    "facts",
    [{"format": "other"}, {"rows": 1}, {"tables": []}, {"contracts": []}, {"revision": "0001"}],
    ids=lambda facts: next(iter(facts)),
)
def test_a_manifest_that_says_otherwise_is_refused(
    good: Path, target: Engine, blobs: Blobs, tmp_path: Path, facts: dict[str, Any]
):
    assert refusal(target, remade(good, tmp_path / "made.zip", manifest=facts), blobs)


def test_what_the_tests_change_is_otherwise_good(good: Path, tmp_path: Path):
    path = written(tmp_path / "same.zip", members(good))
    with ZipFile(path) as archive:
        assert {each.compress_type for each in archive.infolist()} == {ZIP_DEFLATED}
    found = restore_backup.check(path, tmp_path)
    assert found.differences == ()
