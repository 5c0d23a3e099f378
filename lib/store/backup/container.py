"""The file of a backup: a ZIP whose last 64 bytes, its comment, are the hash of all bytes before.

So no bit of it can turn over unseen, not even one that no reader of ZIPs looks at. Whoever makes
the hash anew meets those of the members, their sizes, and the audit log's own chain.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import ValidationError

from lib.errors import StoreError
from lib.store.backup.manifest import Manifest
from lib.store.backup.tables import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

HASHES, MANIFEST = "manifest.sha256", "manifest.json"
_SEAL = 64  # characters
_CHUNK = 1 << 20  # bytes in memory at a time
_NAMES = re.compile(
    r"manifest\.json|tables/[a-z_]+\.jsonl|evidence/([0-9a-f]{2})/\1[0-9a-f]{62}(\.thumbnail)?"
)
_LARGEST_LIST = 1 << 28  # bytes: two million pictures
# Rows pack ten times, perhaps thirty times; what packs more is made to fill a disk.
_RATIO, _SMALL = 200, 1 << 20
_PACKED = "evidence/"  # in themselves


class DamagedError(StoreError):
    """A file that is no backup of ours, or not as it was written."""


def _damaged(what: str) -> DamagedError:
    return DamagedError(f"这个文件不是本系统的备份，或已损坏、被改动（{what}）：请改用另一份备份。")


@dataclass
class Writing:
    """A backup being written; `hashes` by path of what stands in it so far."""

    archive: ZipFile
    hashes: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, parts: Iterable[bytes]) -> int:
        """Write a member after the others; how many parts it had."""
        hashed, number = hashlib.sha256(), 0
        info = ZipInfo(path)
        info.compress_type = ZIP_STORED if path.startswith(_PACKED) else ZIP_DEFLATED
        info.create_system, info.external_attr = 3, 0o600 << 16
        with self.archive.open(info, "w", force_zip64=True) as member:
            for part in parts:
                number += 1
                hashed.update(part)
                member.write(part)
        self.hashes[path] = hashed.hexdigest()
        return number


@contextmanager
def written(file: BinaryIO) -> Iterator[Writing]:
    """Write a backup into an empty file: at the end come the members' hashes, then the seal."""
    with ZipFile(file, "w") as archive:
        writing = Writing(archive)
        yield writing
        hashes = "".join(f"{sha256}  {path}\n" for path, sha256 in writing.hashes.items())
        writing.add(HASHES, [hashes.encode()])
        archive.comment = b"0" * _SEAL
    seal(file)


def seal(file: BinaryIO) -> None:
    """Put the hash of all bytes before it into the comment of a ZIP."""
    length = file.seek(0, 2) - _SEAL
    sha256 = _hash(file, length)
    file.seek(length)
    file.write(sha256.encode())


def _hash(file: BinaryIO, length: int) -> str:
    """The hash of a file's first bytes."""
    hashed = hashlib.sha256()
    file.seek(0)
    while length > 0 and (part := file.read(min(_CHUNK, length))):
        hashed.update(part)
        length -= len(part)
    return hashed.hexdigest()


@dataclass(frozen=True)
class Opened:
    """A backup of which every byte has been compared; `sha256` is the whole file's."""

    archive: ZipFile
    manifest: Manifest
    hashes: dict[str, str]
    sha256: str

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a table."""
        with _readable(), self.archive.open(path) as member:
            while line := member.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise _damaged("一行过长")
                yield line

    @property
    def pictures(self) -> list[str]:
        """The hashes of the photos and scans that are in it."""
        names = [path.rpartition("/")[2] for path in self.hashes if path.startswith(_PACKED)]
        return [name for name in names if "." not in name]

    def picture(self, name: str) -> bytes:
        """A photo or scan, or its thumbnail; empty when it is not in it."""
        path = picture_path(name)
        with _readable():
            return self.archive.read(path) if path in self.hashes else b""


def table_path(name: str) -> str:
    """Where a table stands in a backup."""
    return f"tables/{name}.jsonl"


def picture_path(name: str) -> str:
    """Where a photo, a scan or its thumbnail stands in a backup."""
    return f"{_PACKED}{name[:2]}/{name}"


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """A backup, looked at as a whole: DamagedError says what is wrong with any other file."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise StoreError(f"打不开文件 {path}，请核对路径和权限。") from error
    with file, _readable():
        _require_sealed(file)
        with ZipFile(file) as archive:
            hashes = _hashes(archive)
            _require_hashes(archive, hashes)
            manifest = _manifest(archive)
            if {table_path(each.form.name) for each in manifest.tables} != _tables(hashes):
                raise _damaged("表与清单不符")
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            yield Opened(archive, manifest, hashes, sha256)


@contextmanager
def _readable() -> Iterator[None]:
    """Let whatever a reader of ZIPs stumbles over become one sentence."""
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged("读不出来") from error


def _require_sealed(file: BinaryIO) -> None:
    length = file.seek(0, 2) - _SEAL
    file.seek(max(length, 0))
    if length <= 0 or file.read() != _hash(file, length).encode():
        raise _damaged("整个文件的校验值不符")


def _hashes(archive: ZipFile) -> dict[str, str]:
    """The hash of every member; the members are exactly these, each once, none of it a bomb."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(set(names)) < len(names) or HASHES not in names:
        raise _damaged("成员重复或缺少清单")
    if any(_is_bomb(member) for member in members):
        raise _damaged("解开后大得不合情理")
    listed = archive.read(HASHES).decode("ascii", "replace").splitlines()
    hashes = {path: sha256 for sha256, _, path in (line.partition("  ") for line in listed)}
    if len(hashes) < len(listed) or {*hashes, HASHES} != {*names}:
        raise _damaged("成员与清单不符")
    if not all(_NAMES.fullmatch(path) for path in hashes) or MANIFEST not in hashes:
        raise _damaged("成员的名称不对")
    return hashes


def _is_bomb(member: ZipInfo) -> bool:
    grows = member.file_size > max(_SMALL, _RATIO * member.compress_size)
    is_list = member.filename in (HASHES, MANIFEST)
    return grows or (is_list and member.file_size > _LARGEST_LIST)


def _require_hashes(archive: ZipFile, hashes: dict[str, str]) -> None:
    for path, sha256 in hashes.items():
        hashed = hashlib.sha256()
        with archive.open(path) as member:
            while part := member.read(_CHUNK):
                hashed.update(part)
        if hashed.hexdigest() != sha256:
            raise _damaged(f"{path} 的校验值不符")


def _manifest(archive: ZipFile) -> Manifest:
    try:
        return Manifest.model_validate_json(archive.read(MANIFEST))
    except ValidationError as error:
        raise _damaged("说明文件读不懂，也许由更新版本的程序写成") from error


def _tables(hashes: dict[str, str]) -> set[str]:
    return {path for path in hashes if path.startswith("tables/")}
