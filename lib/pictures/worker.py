"""The process in which a photo or scan is opened: `python -m lib.pictures.worker`.

Bytes on standard input; on standard output a line of JSON, `{"refused": sentence}` or
`{"media_type", "width", "height", "thumbnail"}`, and after it the cleaned file followed by its
thumbnail, which is as long as the line says.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lib import process
from lib.errors import UnreadableError
from lib.pictures import photo, scan

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}


def main(data: bytes) -> bytes:
    """The cleaned file, or the sentence with which it is refused."""
    try:
        return _scanned(data) if data.startswith(scan.BEGINS) else _photographed(data)
    except UnreadableError as refusal:
        return _line({"refused": refusal.sentence})


def _scanned(data: bytes) -> bytes:
    facts = {"media_type": "application/pdf", "width": None, "height": None, "thumbnail": 0}
    return _line(facts) + scan.cleaned(data)


def _photographed(data: bytes) -> bytes:
    if not data:
        raise UnreadableError("文件是空的，请重新拍照或扫描后再传。")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise UnreadableError(
            "HEIC 格式的照片读不出来，请在手机相机设置中选“兼容性最佳”，或另存为 JPEG 后再传。"
        )
    found = photo.cleaned(data)
    facts = {
        "media_type": "image/jpeg",
        "width": found.width,
        "height": found.height,
        "thumbnail": len(found.thumbnail),
    }
    return _line(facts) + found.full + found.thumbnail


def _line(said: Mapping[str, object]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


if __name__ == "__main__":
    process.serve(main)
