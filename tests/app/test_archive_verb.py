"""The operator's `archive`: the whole acceptance file or nothing, on record."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from tests.support.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.visits import Office

DONE, REFUSED, USAGE = 0, 1, 2
BY = ("--by", "示例档案员")


@pytest.fixture
def shell(office: Office, terms_file: Path, tmp_path: Path) -> Shell:
    """The command line on the small office."""
    return Shell(str(office.engine.url), terms_file, tmp_path)


def test_it_writes_what_sha256sum_checks(office: Office, shell: Shell, tmp_path: Path):
    out = tmp_path / "档案.zip"
    done = shell("archive", "--out", out, "--month", "2023-03", *BY)
    sha256 = hashlib.sha256(out.read_bytes()).hexdigest()
    assert (done.returncode, done.stdout) == (DONE, f"{sha256}  {out}\n")
    assert done.stderr.splitlines()[0] == "1/16 月度结算报告 2023-03"
    (line,) = office.audit("fetch_made")
    facts = {"through": "2023-03", "sha256": sha256, "names": "full"}
    assert (line["by"], line["after"]) == ("示例档案员", facts)

    with ZipFile(out) as opened:
        opened.extractall(tmp_path / "unpacked")
    check = ["sha256sum", "--strict", "--quiet", "-c", "manifest.sha256"]
    subprocess.run(check, cwd=tmp_path / "unpacked", check=True)  # noqa: S603 - fixed words


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("--month", "2023-09", *BY), REFUSED, "“2023-09”不是合同期内已经开始的月份"),
        ((), USAGE, "缺少 --by"),
        (("--by", " "), USAGE, "--by 要写明由谁负责"),
    ],
)
def test_what_is_asked_for_wrongly_writes_nothing(
    office: Office, shell: Shell, tmp_path: Path, words: tuple[str, ...], status: int, sentence: str
):
    done = shell("archive", "--out", tmp_path / "档案.zip", *words)
    assert done.returncode == status
    assert sentence in done.stderr
    assert not list(tmp_path.glob("*.zip"))
    assert office.audit("fetch_made") == []


def test_a_file_that_is_there_is_not_overwritten(office: Office, shell: Shell, tmp_path: Path):
    out = tmp_path / "档案.zip"
    out.write_bytes(b"earlier")
    done = shell("archive", "--out", out, *BY)
    assert (done.returncode, out.read_bytes()) == (REFUSED, b"earlier")
    assert "不会覆盖" in done.stderr
    assert office.audit("fetch_made") == []


def test_a_place_that_cannot_be_written_is_said(office: Office, shell: Shell, tmp_path: Path):
    done = shell("archive", "--out", tmp_path / "没有" / "档案.zip", *BY)
    assert done.returncode == REFUSED
    assert "写不了" in done.stderr
    assert office.audit("fetch_made") == []
