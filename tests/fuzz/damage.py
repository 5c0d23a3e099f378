"""Whole workbooks and pictures, and the ways in which they are damaged: each by a number."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.support.pictures import jpeg, photo, plain, scan
from tests.support.small_office import book, logs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Damage = Callable[[bytes, Random], bytes]

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_WORDS = (
    *("0", "-1", "1", "2", "99999", "4294967296", "1E400", "NaN", "0x1F", "true", "TRUE", ""),
    *("A1", "C4", "B4:C9", "XFD1048576", "A1:XFD1048576", "$B$4", "a1", "AAAA1", "B0"),
    *("s", "str", "inlineStr", "b", "e", "d", "n", "rId1", "rId99", "/xl/workbook.xml"),
    *("&amp;", "&#65;", "&x;", "&#0;", "_x0000_", "\u200b", "示例", "1904", "hidden"),
)
_TAGS = [
    "c",
    "v",
    "f",
    "is",
    "t",
    "row",
    "sheetData",
    "si",
    "r",
    "mergeCell",
    "mergeCells",
    "sheet",
    "xf",
    "numFmt",
    "x",
]
_PIECES = (
    *("<!DOCTYPE a>", "<!-- a -->", "<![CDATA[7]]>", "<?a b?>", "<v>7</v>", "<x/>", "<f>1+1</f>"),
    *(
        '<c r="C9"><v>7</v></c>',
        '<row r="9" hidden="1"><c><v>7</v></c></row>',
        "\0",
        "\ufeff",
        "]]>",
    ),
    *("<mergeCells><mergeCell ref='A5:B6'/></mergeCells>", "<sheetData/>", "</sheetData>"),
)


def _in_1904() -> Workbook:
    workbook = load_workbook(io.BytesIO(book(logs())))
    workbook.epoch = CALENDAR_MAC_1904
    return workbook


def _with_oddities() -> Workbook:
    workbook = load_workbook(io.BytesIO(book(logs())))
    sheet = workbook.worksheets[0]
    sheet.row_dimensions[5].hidden = True
    sheet["J5"], sheet["J6"], sheet["J4"] = "=1+1", "#REF!", True
    sheet.merge_cells("A1:H1")
    sheet["J6"].data_type = "e"
    workbook.create_chartsheet("示图", 0)
    workbook.create_sheet("示藏").sheet_state = "veryHidden"
    return workbook


def _saved(workbook: Workbook) -> bytes:
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


@cache
def workbooks() -> Sequence[bytes]:
    """Workbooks that are whole."""
    return book(logs()), _saved(_in_1904()), _saved(_with_oddities())


@cache
def pictures() -> Sequence[bytes]:
    """Pictures that are whole, and small."""
    small = plain(40, 30)
    forms = [jpeg(small, form) for form in ("JPEG", "PNG", "WEBP")]
    return *forms, photo(40, 30), photo(40, 30, "PNG"), jpeg(small, progressive=True), scan()


# Of bytes.


def flip_bits(data: bytes, random: Random) -> bytes:
    """Some bits are others."""
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        found[random.randrange(len(found))] ^= 1 << random.randrange(8)
    return bytes(found)


def cut(data: bytes, random: Random) -> bytes:
    """The end is missing, or the beginning, or a piece within."""
    one, other = sorted(random.randrange(len(data) + 1) for _ in range(2))
    return random.choice((data[:one], data[one:], data[:one] + data[other:]))


def splice(data: bytes, random: Random) -> bytes:
    """A piece of it stands in another place too."""
    one, other = sorted(random.randrange(len(data) + 1) for _ in range(2))
    at = random.randrange(len(data) + 1)
    return data[:at] + data[one : min(other, one + 5000)] + data[at:]


def overwrite(data: bytes, random: Random) -> bytes:
    """Some bytes are the largest, least or any number."""
    at, length = random.randrange(len(data)), random.choice((1, 2, 4, 8))
    number = random.choice((bytes(length), b"\xff" * length, random.randbytes(length)))
    return data[:at] + number + data[at + length :]


# Of archives.


def lie_in_the_directory(data: bytes, random: Random) -> bytes:
    """One field of one header says another number."""
    heads = [match.start() for match in re.finditer(rb"PK(\x01\x02|\x03\x04|\x05\x06)", data)]
    if not heads:
        return data
    at, length = random.choice(heads) + random.randrange(4, 46), random.choice((1, 2, 4))
    number = random.choice((0, 1, 7, 8, 12, 14, 0xFF, 1 << 31)).to_bytes(4, "little")[:length]
    return data[:at] + number + data[at + length :]


def append_archive(data: bytes, random: Random) -> bytes:
    """Another archive stands before it, behind it, or in its comment."""
    other = random.choice(workbooks())[: random.choice((None, 500))]
    in_comment = data[:-2] + (len(other) & 0xFFFF).to_bytes(2, "little") + other
    return random.choice((data + other, other + data, in_comment))


def rename_part(data: bytes, random: Random) -> bytes:
    """A part has another name, or the name of another part besides."""
    parts = _parts(data)
    name, other = random.choice(list(parts)), random.choice(list(parts))
    new = random.choice(
        (other, name.upper(), f"../{name}", f"/{name}", name.replace("/", "\\"), f"{name}\0x", "x")
    )
    kept = {
        each: content for each, content in parts.items() if random.random() < 0.5 or each != name
    }
    return _packed([*kept.items(), (new, parts[name])], random)


def _parts(data: bytes) -> Mapping[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()} or {"x": b""}
    except Exception:  # noqa: BLE001 - whatever was damaged before
        return {"x": b""}


def _packed(parts: Sequence[tuple[str, bytes]], random: Random) -> bytes:
    method = random.choice((zipfile.ZIP_STORED,) * 8 + (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in parts:
            info = zipfile.ZipInfo(name.replace("\0", "?"), _EARLIEST)
            info.compress_type = method
            archive.NameToInfo.pop(info.filename, None)  # a name twice is what is wanted
            archive.writestr(info, content)
    return written.getvalue()


# Of XML.


def change_attribute(data: bytes, random: Random) -> bytes:
    """An attribute of one part says something else."""
    return _rewritten(data, random, rb"=\"([^\"]*)\"", lambda _: f'="{random.choice(_WORDS)}"')


def change_text(data: bytes, random: Random) -> bytes:
    """A text of one part is another."""
    return _rewritten(data, random, rb">([^<]*)<", lambda _: f">{random.choice(_WORDS)}<")


def change_tag(data: bytes, random: Random) -> bytes:
    """An element begins or ends as another."""
    return _rewritten(
        data, random, rb"<(/?)(\w+)", lambda match: f"<{match[1].decode()}{random.choice(_TAGS)}"
    )


def insert_piece(data: bytes, random: Random) -> bytes:
    """Something stands where nothing stood."""
    return _rewritten(
        data,
        random,
        rb"[<>]",
        lambda match: random.choice(
            (match[0].decode() + random.choice(_PIECES), random.choice(_PIECES) + match[0].decode())
        ),
    )


def move_element(data: bytes, random: Random) -> bytes:
    """A cell or row stands in another place, or twice."""

    def change(xml: bytes) -> bytes:
        found = list(re.finditer(rb"<(c|row|si|sheet|xf) .*?(</\1>|/>)", xml))
        if not found:
            return xml
        one, at = random.choice(found), random.choice(found).start()
        bare = xml if random.random() < 0.5 else xml[: one.start()] + xml[one.end() :]
        return bare[:at] + one[0] + bare[at:]

    return _of_one_part(data, random, change)


def declare_encoding(data: bytes, random: Random) -> bytes:
    """A part is, or says that it is, in another encoding."""
    encoding = random.choice(("utf-16", "utf-8", "gbk", "koi8-r", "utf-7", "utf-32", "cp037"))

    def change(xml: bytes) -> bytes:
        text = re.sub(rb"^<\?xml[^>]*\?>", b"", xml).decode(errors="replace")
        declared = f'<?xml version="1.0" encoding="{encoding}"?>{text}'
        return declared.encode(random.choice((encoding, "utf-8")), errors="replace")

    return _of_one_part(data, random, change)


def _rewritten(
    data: bytes, random: Random, pattern: bytes, new: Callable[[re.Match[bytes]], str]
) -> bytes:
    def change(xml: bytes) -> bytes:
        found = list(re.finditer(pattern, xml))
        if not found:
            return xml
        one = random.choice(found)
        return xml[: one.start()] + new(one).encode() + xml[one.end() :]

    return _of_one_part(data, random, change)


def _of_one_part(data: bytes, random: Random, change: Callable[[bytes], bytes]) -> bytes:
    """The archive with one of its parts changed, most often a sheet."""
    parts = dict(_parts(data))
    names = sorted(parts)
    sheets = [name for name in names if "/worksheets/" in name or "shared" in name]
    name = random.choice(sheets or names) if random.random() < 0.7 else random.choice(names)
    parts[name] = change(parts[name])
    return _packed(list(parts.items()), random)


OF_BYTES: Mapping[str, Damage] = {
    each.__name__: each for each in (flip_bits, cut, splice, overwrite)
}
OF_WORKBOOKS: Mapping[str, Damage] = {
    each.__name__: each
    for each in (
        *(lie_in_the_directory, append_archive, rename_part, change_attribute, change_text),
        *(change_tag, insert_piece, move_element, declare_encoding),
    )
}


def damages(kinds: Mapping[str, Damage]) -> st.SearchStrategy[list[tuple[str, int]]]:
    """Up to three damages by name, each with the number that says which exactly."""
    return st.lists(
        st.tuples(st.sampled_from(sorted(kinds)), st.integers(0, 2**32 - 1)), min_size=1, max_size=3
    )


def damaged(data: bytes, done: Sequence[tuple[str, int]]) -> bytes:
    """The bytes after these damages, in their order."""
    for name, number in done:
        if data:
            data = (OF_BYTES | OF_WORKBOOKS)[name](data, Random(number))  # noqa: S311 - repeatable
    return data
