"""A photo or scan as it was sent, and what may be kept of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from lib import process
from lib.errors import UnreadableError
from lib.pictures import limits

# What a browser's file dialog offers. A phone told so turns its own formats into JPEG.
EXTENSIONS = ("jpg", "jpeg", "png", "webp", "pdf")


@dataclass(frozen=True)
class Picture:
    """A cleaned photo (always JPEG) or scan (PDF: no pixels, an empty thumbnail).

    `received_sha256` is of the bytes as they were sent, of which nothing else is kept.
    """

    media_type: str
    data: bytes
    thumbnail: bytes
    width: int | None
    height: int | None
    received_sha256: str

    @property
    def sha256(self) -> str:
        """The hash of what is kept."""
        return hashlib.sha256(self.data).hexdigest()


def clean(data: bytes) -> Picture:
    """The photo or scan without position, device and author; UnreadableError when refused.

    Opened in a process of its own, and judged by its content alone.
    """
    if len(data) > limits.UPLOAD_BYTES:
        megabytes = limits.UPLOAD_BYTES >> 20
        raise UnreadableError(f"文件超过 {megabytes} MB，请用普通画质重拍，或缩小后再传。")
    said = process.run("lib.pictures.worker", data, _allowed())
    if said is None:
        raise UnreadableError("文件内容超出可读取的范围，请重新拍照或扫描后再传。")
    line, _, rest = said.partition(b"\n")
    result: dict[str, Any] = json.loads(line)
    if "refused" in result:
        raise UnreadableError(result["refused"])
    ends = len(rest) - result["thumbnail"]
    return Picture(
        media_type=result["media_type"],
        data=rest[:ends],
        thumbnail=rest[ends:],
        width=result["width"],
        height=result["height"],
        received_sha256=hashlib.sha256(data).hexdigest(),
    )


def _allowed() -> process.Limits:
    return process.Limits(
        limits.WORKER_MEMORY_BYTES, limits.WORKER_CPU_SECONDS, limits.WORKER_SECONDS
    )
