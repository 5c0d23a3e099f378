"""Backing up and restoring as operators do: verbs, faults in the middle, what the page says."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lib import __main__ as command_line
from lib import clock, contract
from lib.actions import restore_backup
from lib.actions.back_up import back_up
from lib.errors import StoreError
from lib.store import setup
from lib.store.backup.folder import Keep, listed, unfinished
from lib.store.blobs import open_blobs
from lib.store.engine import open_store
from tests.support.app_process import ROOT
from tests.support.backups import rows_of
from tests.support.shell import Shell
from tests.support.small_office import ADMIN, LEADER, OPERATOR, PERSONAL_NAMES, REVIEWER
from tests.support.visits import VERIFY, Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.actions.back_up import BackedUp
    from lib.store.blobs import Blobs

DONE, REFUSED, USAGE = 0, 1, 2
SEED, KILLS = 20261126, 4


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    """Where the office's photos and scans lie."""
    return open_blobs((tmp_path / "evidence").as_uri())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups are written."""
    return tmp_path / "backups"


def made(
    office: Office,
    blobs: Blobs,
    folder: Path,
    ago: timedelta = timedelta(),
    keep: Keep | None = None,
) -> BackedUp:
    """A backup of the office, made so long ago."""
    return back_up(
        office.engine,
        office.stored,
        blobs,
        OPERATOR,
        folder,
        keep or Keep(),
        today=clock.business_today,
        now=lambda: clock.now() - ago,
    )


@pytest.fixture
def empty(tmp_path: Path, office: Office) -> Path:
    """The file of a store into which nothing was ever written."""
    return tmp_path / "new.db"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Run a verb in this process: its exit status and what it says."""
    status = command_line.main([*map(str, words)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_operator_backs_up_checks_and_restores(
    office: Office,
    folder: Path,
    empty: Path,
    terms_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    shell = Shell(str(office.engine.url), terms_file, tmp_path)
    first = shell("backup", "--to", folder)
    status, out, err = run(capsys, "backup", "--to", folder, "--json")
    assert (first.returncode, status, err) == (DONE, DONE, "")
    assert "已备份并试恢复，核对一致" in first.stderr
    facts = json.loads(out)
    (path,) = listed(folder)  # the day's newest is kept
    assert (facts["file"], len(facts["removed"])) == (str(path), 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    measured = run(capsys, "measures", "--json")

    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{empty}")
    assert run(capsys, "restore", path, "--check")[0] == DONE
    assert not empty.exists()
    status, out, err = run(capsys, "restore", path)
    assert (status, "所有人需要重新登录" in err) == (DONE, True)
    assert run(capsys, "measures", "--json") == measured
    assert run(capsys, "verify")[0] == DONE
    assert stat.S_IMODE(empty.stat().st_mode) == 0o600
    status, _, refused = run(capsys, "restore", path)
    assert (status, "目标数据库不是空的" in refused) == (REFUSED, True)
    said = first.stdout + first.stderr + out + err + refused
    assert not any(name in said for name in PERSONAL_NAMES)


def test_the_checked_figures_are_told_to_machines(
    office: Office, blobs: Blobs, folder: Path, capsys: pytest.CaptureFixture[str]
):
    path = made(office, blobs, folder).path
    status, out, err = run(capsys, "restore", path, "--check", "--json")
    assert (status, err) == (DONE, "")
    (found,) = json.loads(out)["contracts"]
    assert found["figures"] == office.measures(office.stored.terms.end)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "--keep", "7y"), "--keep 应写成 7d,5w,12m 的样子"),
        (("backup", "--every", "0"), "--every 应是小时数，如 24"),
        (("backup", "--every", "nan"), "--every 应是小时数，如 24"),
        (("restore",), "缺少 FILE"),
    ],
    ids=str,
)
def test_what_is_asked_for_wrongly_is_said(
    capsys: pytest.CaptureFixture[str], words: Sequence[str], said: str
):
    with pytest.raises(SystemExit) as ended:
        command_line.main(words)
    assert (ended.value.code, said in capsys.readouterr().err) == (USAGE, True)


def test_two_at_once_are_one(
    office: Office, blobs: Blobs, folder: Path, capsys: pytest.CaptureFixture[str]
):
    with unfinished(folder):
        status, out, err = run(capsys, "backup", "--to", folder)
    assert (status, out) == (REFUSED, "")
    assert "另一次备份正在进行" in err
    assert listed(folder) == []


def test_older_ones_go_only_when_a_good_one_is_there(office: Office, blobs: Blobs, folder: Path):
    old = [made(office, blobs, folder, timedelta(days=days)).path for days in (2, 1)]
    blocked = folder / "blocked"
    blocked.write_bytes(b"")
    with pytest.raises(StoreError, match="原有的备份都还在"):
        made(office, blobs, blocked, keep=Keep(1, 0, 0))
    assert all(path.exists() for path in old)
    done = made(office, blobs, folder, keep=Keep(1, 0, 0))
    assert (list(listed(folder)), set(done.removed)) == ([done.path], set(old))


def _forked(act: Callable[[], object]) -> int:
    """How a child process ends that does one thing: its exit status, or minus the signal."""
    child = os.fork()
    if child == 0:
        try:
            act()
            os._exit(0)
        except StoreError:
            os._exit(REFUSED)
        finally:
            os._exit(9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _killed_at(call: int, act: Callable[[], object]) -> Callable[[], object]:
    """The same act, in a process that is killed when it comes to its so many-th call."""

    def doomed() -> None:
        count = 0

        def counted(_frame: object, event: str, _argument: object) -> None:
            nonlocal count
            count += event == "call"
            if count >= call:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(counted)
        act()

    return doomed


def _calls(act: Callable[[], object]) -> int:
    """How many calls an act comes to, in a process of its own like those that are killed.

    Whoever does it first in a process compiles its SQL, and calls more.
    """
    heard, said = os.pipe()

    def told() -> None:
        calls = 0

        def counted(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(counted)
        act()
        sys.setprofile(None)
        os.write(said, str(calls).encode())

    assert _forked(told) == 0
    os.close(said)
    with os.fdopen(heard) as counts:
        return int(counts.read())


def test_a_backup_killed_at_any_moment_leaves_nothing_half(
    office: Office, blobs: Blobs, folder: Path
):
    first = made(office, blobs, folder, timedelta(days=3))
    office.engine.dispose()
    calls = _calls(lambda: made(office, blobs, folder, timedelta(days=2)))
    good = {*listed(folder)}
    chance = random.Random(SEED)  # noqa: S311 - to be drawn again
    for _ in range(KILLS):
        call = chance.randrange(1, calls)
        office.engine.dispose()
        ended = _forked(_killed_at(call, lambda: made(office, blobs, folder, timedelta(days=1))))
        assert ended == -signal.SIGKILL, f"seed {SEED}, call {call}"
        assert first.path.exists()
        for path in {*listed(folder)} - good:
            assert restore_backup.check(path, _fresh(folder)).differences == ()
            good.add(path)
    last = made(office, blobs, folder)
    assert last.path in listed(folder)
    left = {each.name for each in folder.iterdir()} - {path.name for path in listed(folder)}
    assert left <= {".lock", *(f"check-{n}" for n in range(100))}


def _fresh(folder: Path) -> Path:
    """An empty folder."""
    new = folder / f"check-{len(list(folder.glob('check-*')))}"
    new.mkdir()
    return new


@pytest.fixture
def tried_url(store_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another store of the same kind."""
    kind = "sqlite" if store_url.startswith("sqlite") else "postgresql"
    (tmp_path / "tried").mkdir()
    places = [tmp_path / "tried"] if kind == "sqlite" else []
    with request.getfixturevalue(f"{kind}_stores").fresh(*places) as url:
        yield url


def test_restoring_killed_at_any_moment_leaves_the_target_empty(
    office: Office, blobs: Blobs, folder: Path, store_url: str, tried_url: str
):
    path = made(office, blobs, folder).path
    calls = _calls(lambda: _restored(tried_url, path, blobs))
    chance = random.Random(SEED)  # noqa: S311 - to be drawn again
    for _ in range(KILLS):
        call = chance.randrange(1, calls - calls // 50)  # the last calls come after the commit
        ended = _forked(_killed_at(call, lambda: _restored(store_url, path, blobs)))
        assert ended == -signal.SIGKILL, f"seed {SEED}, call {call}"
        assert not any(_rows(store_url).values()), f"seed {SEED}, call {call}"
    _restored(store_url, path, blobs)
    assert _rows(store_url)["entry"] == rows_of(office.engine)["entry"]


def _restored(url: str, path: Path, blobs: Blobs) -> None:
    """Restore into the store of that URL."""
    engine = open_store(url)
    restore_backup.restore(engine, path, blobs, OPERATOR, clock.now())
    engine.dispose()


def _rows(url: str) -> Mapping[str, Sequence[bytes]]:
    """The rows of a store."""
    engine = open_store(url)
    try:
        return rows_of(engine)
    finally:
        engine.dispose()


@pytest.mark.parametrize("room", [0, 20_000, 200_000])
def test_a_full_disk_leaves_no_half_file(office: Office, blobs: Blobs, folder: Path, room: int):
    first = made(office, blobs, folder, timedelta(days=1))

    def cramped() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        made(office, blobs, folder)

    office.engine.dispose()
    assert _forked(cramped) == REFUSED
    assert listed(folder) == [first.path]
    assert {each.name for each in folder.iterdir()} == {".lock", first.path.name}


def test_a_schedule_goes_on_until_it_is_told_to_end(office: Office, blobs: Blobs, folder: Path):
    made(office, blobs, folder, timedelta(hours=23))
    early = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "lib", "backup", "--to", folder, "--every", "12"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert early.stdout
    line = early.stdout.readline().decode()  # said once it is made
    early.send_signal(signal.SIGTERM)
    assert early.wait(30) == DONE
    early.stdout.close()
    assert line.split()[1] == str(listed(folder)[0])


def test_the_page_tells_the_administrator_when_the_last_backup_was(
    office: Office, blobs: Blobs, folder: Path
):
    never = office.visit(ADMIN, VERIFY)
    assert [each.value for each in never.warning] == [
        "还没有备份过：请安排每天运行 python -m lib backup。"
    ]
    done = made(office, blobs, folder, timedelta(days=3))
    (late,) = [each.value for each in office.visit(ADMIN, VERIFY).warning]
    at = clock.local_text(clock.now() - timedelta(days=3))
    assert late.startswith(f"最近一次备份：{at[:10]}")
    counted = f"，{done.manifest.rows:,} 行，已试恢复并核对"
    assert late.endswith(f"{counted}；已超过两天没有新的备份，请检查定时备份。")
    made(office, blobs, folder)
    visit = office.visit(ADMIN, VERIFY)
    assert (visit.warning.len, _lines(visit)) == (0, 1)
    for viewer in (REVIEWER, LEADER):
        assert _lines(office.visit(viewer, VERIFY)) == 0


def _lines(visit: AppTest) -> int:
    return sum(each.value.startswith("最近一次备份：") for each in visit.caption)


def test_a_contract_beside_it_is_in_the_backup_too(
    office: Office, blobs: Blobs, folder: Path, empty: Path
):
    terms = office.stored.terms.model_copy(update={"code": "beside", "name": "另一份"})
    setup.prepare(office.engine, contract.Contract.model_validate(terms.model_dump()))
    done = made(office, blobs, folder)
    assert [each.code for each in done.manifest.contracts] == [office.stored.terms.code, "beside"]
    _restored(f"sqlite:///{empty}", done.path, blobs)
    engine = open_store(f"sqlite:///{empty}")
    setup.opened(engine, terms)
    engine.dispose()
