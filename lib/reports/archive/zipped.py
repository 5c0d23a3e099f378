"""A ZIP written member by member, each hashed as it is written: no more than a part in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from lib.periods import BUSINESS_ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from typing import BinaryIO

    from lib.reports.archive.wanted import Wanted

MANIFEST = "manifest.sha256"
_PACKED = frozenset({"docx", "jpg", "pdf", "png", "webp", "xls", "xlsm", "xlsx"})  # in themselves


@dataclass(frozen=True)
class Member:
    """A file in the archive: its path, its bytes part by part, and what is to be known of it."""

    path: str
    parts: Iterable[bytes]
    remark: str = ""


@dataclass(frozen=True)
class Step:
    """A part of the work, in words, and the members that come of it one after the other."""

    words: str
    members: Callable[[Wanted], Iterator[Member]]


@dataclass
class Zipped:
    """An archive being written into a file; `hashes` by path of what stands in it so far.

    Every member bears the moment of making, so that the same contents give the same bytes.
    """

    archive: ZipFile
    made_at: datetime
    hashes: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def add(self, member: Member) -> None:
        """Write a member after the others."""
        hashed = hashlib.sha256()
        with self.archive.open(self._info(member.path), "w", force_zip64=True) as file:
            for part in member.parts:
                hashed.update(part)
                file.write(part)
        self.hashes[member.path] = hashed.hexdigest()
        if member.remark:
            self.remarks.append(member.remark)

    def add_manifest(self) -> None:
        """Write the hashes of all members so far as `sha256sum -c` reads them."""
        lines = "".join(f"{sha256}  {path}\n" for path, sha256 in self.hashes.items())
        self.add(Member(MANIFEST, [lines.encode()]))

    def _info(self, path: str) -> ZipInfo:
        at = self.made_at.astimezone(BUSINESS_ZONE)
        info = ZipInfo(path, (at.year, at.month, at.day, at.hour, at.minute, at.second))
        info.compress_type = ZIP_STORED if path.rpartition(".")[2] in _PACKED else ZIP_DEFLATED
        info.create_system = 3  # Unix, whatever it is made on
        info.external_attr = 0o600 << 16
        return info


def new_archive(file: BinaryIO, made_at: datetime) -> Zipped:
    """An empty archive in an empty file; its `archive` must be closed."""
    return Zipped(ZipFile(file, "w"), made_at)
