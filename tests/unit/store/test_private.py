"""Stores, journals, pictures and backups are for their owner only, whatever the umask."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lib.store import private
from lib.store.backup.folder import unfinished
from lib.store.blobs import open_blobs
from lib.store.engine import open_store, writing
from lib.store.schema import metadata
from tests.support.app_process import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _open_to_all() -> Iterator[None]:
    """A process that was started with no umask at all."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """What is open to whom, of all that lies in a folder."""
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in sorted(folder.rglob("*"))
    }


def test_a_new_store_and_its_journal_are_the_owners(tmp_path: Path):
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with writing(engine) as connection:
        metadata.create_all(connection)
        found = modes(tmp_path)
    engine.dispose()
    assert set(found.values()) == {"0o600"}
    assert "store.db" in found
    assert len(found) > 1  # the journal, of whichever sort


def test_a_store_that_others_may_read_is_closed_to_them(tmp_path: Path):
    for name in ("store.db", "store.db-wal", "store.db-journal"):
        (tmp_path / name).touch(0o666)
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with writing(engine):
        assert set(modes(tmp_path).values()) == {"0o600"}
    engine.dispose()


def test_pictures_are_the_owners(tmp_path: Path):
    folder = tmp_path / "evidence"
    folder.mkdir(0o755)
    sha256 = open_blobs(folder.as_uri()).put(b"picture", b"small")
    assert modes(tmp_path) == {
        "evidence": "0o700",
        f"evidence/{sha256[:2]}": "0o700",
        f"evidence/{sha256[:2]}/{sha256}": "0o600",
        f"evidence/{sha256[:2]}/{sha256}.thumbnail": "0o600",
    }


def test_the_folder_of_backups_is_the_owners(tmp_path: Path):
    folder = tmp_path / "backups"
    folder.mkdir(0o777)
    with unfinished(folder) as place:
        assert set(modes(tmp_path).values()) == {"0o700", "0o600"}
        assert place.parent == folder


def test_what_is_not_ours_to_close_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "store.db"
    path.touch(0o644)

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(type(path), "chmod", refused)
    private.close(path)
    assert caplog.messages == ["others may read store.db, and it is not ours to close"]


@pytest.mark.parametrize("edge", ["app", "lib.__main__"])
def test_both_edges_take_the_rest_from_what_they_make(edge: str):
    asked = f"import runpy, os; runpy.run_module('{edge}', run_name=NAME); print(oct(os.umask(0)))"
    name = "'app'" if edge == "app" else "'__main__'"
    lines = (
        "import sys; sys.argv = ['lib', '--help']\n"
        f"try:\n    {asked.replace('NAME', name)}\n"
        "except SystemExit:\n    import os; print(oct(os.umask(0)))\n"
    )
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", lines], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.splitlines()[-1] == "0o77"
