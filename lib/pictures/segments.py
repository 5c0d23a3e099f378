"""Pictures as they lie inside a PDF, their metadata cut out and no pixel touched."""

from __future__ import annotations

import re

from lib.errors import UnreadableError

_BEGINS, _ENDS, _SCAN = 0xD8, 0xD9, 0xDA
_ADOBE = 0xEE  # says how the colours are coded
_METADATA = {*range(0xE1, 0xF0), 0xFE} - {_ADOBE}  # APP1 to APP15, comments
_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")  # any but stuffed bytes and restarts
_JP2 = b"\x00\x00\x00\x0cjP  "
_JP2_METADATA = {b"xml ", b"uuid", b"uinf"}


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG without Exif, XMP, comments and what stands behind its end.

    UnreadableError when it is none.
    """
    kept, position = [data[:2]], 2
    if data[:2] != bytes((0xFF, _BEGINS)):
        raise damaged()
    while marker := _MARKER.match(data, position):
        ends = _segment_end(data, marker)
        if marker[1][0] not in _METADATA:
            kept.append(data[position:ends])
        if marker[1][0] == _ENDS:
            return b"".join(kept)
        position = ends
    raise damaged()


def _segment_end(data: bytes, marker: re.Match[bytes]) -> int:
    """Where the segment ends, the picture's own data after it included."""
    after = marker.end()
    if marker[1][0] == _ENDS:
        return after
    ends = after + int.from_bytes(data[after : after + 2])
    if marker[1][0] == _SCAN:
        following = _AFTER_SCAN.search(data, ends)
        ends = following.start() if following else len(data)
    return ends


def bare_jp2(data: bytes) -> bytes:
    """A JPEG 2000 file without its boxes of metadata; a bare codestream as it is."""
    if not data.startswith(_JP2):
        return data
    kept, position = [], 0
    while position < len(data):
        length = int.from_bytes(data[position : position + 4])
        if length == 1:  # the length stands behind the name
            length = int.from_bytes(data[position + 8 : position + 16])
        ends = position + length if length else len(data)
        if ends < position + 8:
            raise damaged()
        if data[position + 4 : position + 8] not in _JP2_METADATA:
            kept.append(data[position:ends])
        position = ends
    return b"".join(kept)


def damaged() -> UnreadableError:
    """What is said of a PDF whose parts do not fit together."""
    return UnreadableError("PDF 已损坏或不完整，请重新扫描或导出后再传。")
