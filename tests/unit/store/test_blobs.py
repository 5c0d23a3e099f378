"""Bytes kept by their hash, in a folder and on a real S3-compatible server alike."""

from __future__ import annotations

import hashlib
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from lib.errors import StoreError
from lib.store.blobs import Blobs, open_blobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedRandom
    from pathlib import Path

    from tests.support.blobs import Bucket

DATA, OTHER, SMALL = b"\x00\xff" * 40_000, b"another", b"small"
HASH = hashlib.sha256(DATA).hexdigest()
MISSING = "图片文件不在了或已损坏：请从备份中恢复存放图片的地方。"
UNREACHABLE = "存放图片的地方连不上或写不进去：请核对 EVIDENCE_URL 和权限。"
MISSPELT = "EVIDENCE_URL 的写法不对，应为 file:///文件夹 或 s3://存储桶/路径。"


@pytest.fixture
def blobs(evidence_url: str) -> Blobs:
    return open_blobs(evidence_url)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as refused:
        act()
    return refused.value.sentence


def test_what_is_put_is_got_by_its_hash(blobs: Blobs):
    assert blobs.put(DATA, SMALL) == HASH
    assert (blobs.get(HASH), blobs.thumbnail(HASH)) == (DATA, SMALL)


def test_it_is_still_there_for_whoever_opens_the_place_again(blobs: Blobs, evidence_url: str):
    blobs.put(DATA)
    assert open_blobs(evidence_url).get(HASH) == DATA


def test_the_same_bytes_are_the_same_object(blobs: Blobs):
    assert [blobs.put(data) for data in (DATA, OTHER, DATA)] == [
        HASH,
        hashlib.sha256(OTHER).hexdigest(),
        HASH,
    ]
    assert blobs.get(HASH) == DATA


def test_what_is_not_there_is_said(blobs: Blobs):
    blobs.put(OTHER)
    assert refusal(lambda: blobs.get(HASH)) == MISSING
    assert refusal(lambda: blobs.thumbnail(HASH)) == MISSING


def test_other_bytes_under_a_hash_are_not_given_out_and_the_right_ones_mend_them(blobs: Blobs):
    blobs.put(DATA)
    blobs.store.put(f"{HASH[:2]}/{HASH}", DATA[:-1])
    assert refusal(lambda: blobs.get(HASH)) == MISSING

    blobs.put(DATA)
    assert blobs.get(HASH) == DATA


@pytest.mark.parametrize(
    "url",
    ["", "data/evidence", "file://", "file:///", "file://host/x", "s3://", "s3:bucket", "memory:/"],
)
def test_a_url_that_names_no_place_is_refused(url: str):
    assert refusal(lambda: open_blobs(url)) == MISSPELT


def test_a_folder_and_its_files_are_closed_to_others(tmp_path: Path):
    folder = tmp_path / "照片 一"
    open_blobs(folder.as_uri()).put(DATA, SMALL)

    modes = {path.name: stat.filemode(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes == {
        HASH[:2]: "drwx------",
        HASH: "-rw-------",
        f"{HASH}.thumbnail": "-rw-------",
    }
    assert stat.filemode(folder.stat().st_mode) == "drwx------"


def test_a_folder_that_cannot_be_made_or_written_is_said(tmp_path: Path):
    (tmp_path / "file").touch()
    assert refusal(lambda: open_blobs((tmp_path / "file").as_uri())) == UNREACHABLE

    blobs = open_blobs((tmp_path / "folder").as_uri())
    (tmp_path / "folder" / HASH[:2]).touch()
    assert refusal(lambda: blobs.put(DATA)) == UNREACHABLE


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("s3://evidence", {"AWS_SECRET_ACCESS_KEY": "wrong"}),
        ("s3://evidence", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}),
        ("s3://another-bucket", {}),
    ],
    ids=["wrong key", "nobody there", "no such bucket"],
)
def test_a_bucket_that_cannot_be_written_is_said(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, url: str, changed: dict[str, str]
):
    for name, value in (bucket.environment | changed).items():
        monkeypatch.setenv(name, value)
    assert refusal(lambda: open_blobs(url).put(DATA)) == UNREACHABLE


def made(folder: Path, data: bytes = DATA * 80) -> BufferedRandom:
    """A file that was just made, read to its end."""
    file = (folder / "made").open("w+b")
    file.write(data)
    return file


def test_a_made_file_is_given_out_part_by_part_until_it_is_dropped(blobs: Blobs, tmp_path: Path):
    with made(tmp_path) as file:
        sha256 = blobs.keep_made(file)
    parts = list(blobs.made(sha256))
    assert b"".join(parts) == DATA * 80
    assert len(parts) > 1
    assert hashlib.sha256(DATA * 80).hexdigest() == sha256

    assert refusal(lambda: blobs.get(sha256)) == MISSING, "they lie apart"
    blobs.drop_made(sha256)
    blobs.drop_made(sha256)
    assert refusal(lambda: blobs.made(sha256)) == MISSING


def test_of_what_was_kept_long_ago_only_made_files_are_dropped(blobs: Blobs, tmp_path: Path):
    kept = blobs.put(DATA)
    with made(tmp_path) as file:
        sha256 = blobs.keep_made(file)
    blobs.drop_made_before(datetime(2020, 1, 1, tzinfo=UTC))
    assert b"".join(blobs.made(sha256)) == DATA * 80

    blobs.drop_made_before(datetime(2200, 1, 1, tzinfo=UTC))
    assert refusal(lambda: blobs.made(sha256)) == MISSING
    assert blobs.get(kept) == DATA


def test_nothing_is_dropped_where_nothing_was_made(blobs: Blobs):
    blobs.drop_made_before(datetime(2200, 1, 1, tzinfo=UTC))


def test_what_a_crash_left_half_kept_is_dropped_too(tmp_path: Path):
    blobs = open_blobs(tmp_path.as_uri())
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / f"{HASH}.part").write_bytes(DATA[:9])
    blobs.drop_made_before(datetime(2200, 1, 1, tzinfo=UTC))
    assert list((tmp_path / "made").iterdir()) == []
