"""Uploaded bytes made into sheets of raw cells, and a sheet's rows found under its headings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import compress, islice, zip_longest
from typing import TYPE_CHECKING, Any

from lib.errors import UnreadableError
from lib.fields import BrokenCell, Cell, Field, Uncomputed, is_empty
from lib.garbage import uncollected
from lib.likeness import nearest
from lib.logs.entry import Source
from lib.text import mask_identity_numbers, squeezed
from lib.workbooks import limits, process
from lib.workbooks.mark import EXAMPLE, HELPING_HEADINGS, OwnRows
from lib.workbooks.packed import unpacked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

HEADING_ROWS = 30  # the heading row stands within the first so many rows
_TOTALS = {"合计", "总计", "小计", "共计", "累计", "本月合计", "本页合计"}


@dataclass(frozen=True)
class Sheet:
    """One worksheet, all its rows, each up to its last filled cell.

    `merged` are (top, left, bottom, right), counted from 0.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    hidden_rows: frozenset[int]
    merged: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class Mend:
    """A cell that was mended on the page: what stands in the file, and what counts instead.

    `row` counts from 1 as in the file; `field` is the column's slug.
    """

    sheet: str
    row: int
    field: str
    found: str
    put: str


@dataclass(frozen=True)
class Workbook:
    """An uploaded workbook, read, or the one row of a form laid out like one.

    `masked` names the sheet of each identity number that was cut; "" stands for those outside the
    cells, in formulas and notes, which are not read. `sealed` is one with parts that nobody can
    look into.
    `mends` are already put into `sheets`; `data` is as it was handed in.
    """

    name: str
    data: bytes
    sheets: tuple[Sheet, ...]
    macros: bool
    masked: tuple[str, ...]
    source: Source = Source.WORKBOOK
    mends: tuple[Mend, ...] = ()
    sealed: bool = False

    @property
    def may_be_kept(self) -> bool:
        """Whether no identity number stands in its bytes, as far as anybody can tell."""
        return not self.masked and not self.sealed


@dataclass(frozen=True)
class Table:
    """The rows found under a heading row: their numbers from 1, and raw columns by field slug.

    Left out are rows that our template brought and nobody filled in, `untouched` of them, and
    examples; `examples` are the numbers of those that say something of their own.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[Cell]]
    unknown_headings: tuple[str, ...]
    hidden: int
    untouched: int = 0
    examples: tuple[int, ...] = ()

    @property
    def rows(self) -> tuple[tuple[int, Mapping[str, Cell]], ...]:
        """Each row's number, and its cells by field slug."""
        rows = zip(*self.columns.values(), strict=True)
        named = (dict(zip(self.columns, row, strict=True)) for row in rows)
        return tuple(zip(self.numbers, named, strict=True))


def read_workbook(name: str, data: bytes) -> Workbook:
    """The sheets of a workbook, parsed in a process of its own; UnreadableError when refused."""
    if len(data) > limits.UPLOAD_BYTES:
        megabytes = limits.UPLOAD_BYTES >> 20
        raise UnreadableError(f"文件超过 {megabytes} MB，请删去图片或分成几个文件。")
    said = process.run(process.READER, data)
    if said is None:
        raise UnreadableError("文件内容超出可读取的范围，请新建工作簿、只复制台账内容后再传。")
    with uncollected():
        return workbook_of(name, data, said)


def workbook_of(name: str, data: bytes, said: bytes) -> Workbook:
    """The workbook as the worker says it; UnreadableError when it is refused."""
    found = unpacked(said)
    result = found.head
    if "refused" in result:
        raise UnreadableError(result["refused"])
    rows = found.rows([_cell(each) for each in result["values"]])
    return Workbook(
        name=mask_identity_numbers(name),
        data=data,
        sheets=tuple(_sheet(raw, rows) for raw in result["sheets"]),
        macros=result["macros"],
        masked=tuple(result["masked"]),
        sealed=result["sealed"],
    )


def _sheet(raw: dict[str, Any], rows: Iterator[Sequence[Cell]]) -> Sheet:
    """A sheet, to which the next rows belong."""
    return Sheet(
        name=raw["name"],
        rows=list(islice(rows, raw["rows"])),
        hidden_rows=frozenset(raw["hidden_rows"]),
        merged=tuple((top, left, bottom, right) for (top, left), (bottom, right) in raw["merged"]),
    )


def _cell(value: Any) -> Cell:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        cell: Cell = value
        return cell
    if "day" in value:
        return date.fromisoformat(value["day"])
    if "moment" in value:
        return datetime.fromisoformat(value["moment"])
    return BrokenCell(value["broken"]) if "broken" in value else Uncomputed()


def table(sheet: Sheet, fields: Sequence[Field], own: OwnRows | None = None) -> Table:
    """The data rows of a sheet laid out as offices do, by the fields they fill.

    `own` are the rows that our template brought, where the sheet is one of ours.
    UnreadableError when required columns are missing, two headings are alike, or cells are
    merged among the data rows (spec §3, §8).
    """
    if all(is_empty(cell) for row in sheet.rows for cell in row):
        return Table((), {}, (), 0)
    heading_row = _heading_row(sheet, fields)
    places, unknown = _columns(sheet, heading_row, fields)
    _require_unmerged(sheet, heading_row)
    below = sheet.rows[heading_row + 1 :]
    columns = _cells_below(below, places)
    words = dict(_data_rows(below, columns))
    examples = [index for index, word in words.items() if word == EXAMPLE]
    kept, untouched = [index for index, word in words.items() if word != EXAMPLE], 0
    if own:
        found = {index: {s: column[index] for s, column in columns.items()} for index in words}
        examples = [index for index in examples if not own.is_of_example(found[index])]
        filled = [index for index in kept if not own.is_untouched(found[index])]
        untouched = len(kept) - len(filled)
        kept = [index for index in filled if not own.is_example(found[index])]
    first, is_kept = heading_row + 2, set(kept)
    chosen = [index in is_kept for index in range(len(below))]
    return Table(
        numbers=[first + index for index in kept],
        columns={slug: list(compress(column, chosen)) for slug, column in columns.items()},
        unknown_headings=unknown,
        hidden=sum(row - heading_row - 1 in is_kept for row in sheet.hidden_rows),
        untouched=untouched,
        examples=tuple(first + index for index in examples),
    )


def _cells_below(
    rows: Sequence[Sequence[Cell]], places: Mapping[str, int]
) -> Mapping[str, Sequence[Cell]]:
    """The columns by field slug; rows may end before them."""
    columns = list(zip_longest(*rows))
    empty = (None,) * len(rows)
    return {slug: columns[at] if at < len(columns) else empty for slug, at in places.items()}


def layout(sheet: Sheet, fields: Sequence[Field]) -> tuple[int, Mapping[str, int]]:
    """The index of the heading row, and of each field's column by slug.

    UnreadableError when there is none, or required columns are missing.
    """
    heading_row = _heading_row(sheet, fields)
    columns, _ = _columns(sheet, heading_row, fields)
    return heading_row, columns


def heading_in(cell: object) -> str:
    """The heading that a cell holds, without the star of a required column; "" when no text."""
    if isinstance(cell, BrokenCell | Uncomputed):
        return ""
    return squeezed(str(cell)).strip("*")


def heading_row(rows: Sequence[Sequence[object]], ours: Collection[str]) -> int:
    """The index of the row, of the first so many, that holds the most of our headings."""
    first = range(min(len(rows), HEADING_ROWS))
    return max(first, key=lambda index: _headings_among(rows[index], ours))


def _headings_among(row: Sequence[object], ours: Collection[str]) -> int:
    return sum(1 for cell in row if heading_in(cell) in ours)


def _heading_row(sheet: Sheet, fields: Sequence[Field]) -> int:
    """The index of the row that holds the most of our headings."""
    ours = {squeezed(field.heading) for field in fields}
    best = heading_row(sheet.rows, ours)
    if _headings_among(sheet.rows[best], ours) < min(2, len(ours)):
        required = "、".join(field.heading for field in fields if field.required)
        raise UnreadableError(f"工作表“{sheet.name}”找不到表头行，表头应含：{required}。")
    return best


def _columns(
    sheet: Sheet, heading_row: int, fields: Sequence[Field]
) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """Column index by field slug, and the headings nobody knows."""
    known = {squeezed(field.heading): field for field in fields}
    columns: dict[str, int] = {}
    unknown: list[str] = []
    for index, cell in enumerate(sheet.rows[heading_row]):
        if is_empty(cell):
            continue
        heading = heading_in(cell) or f"{_letters(index)} 列"
        field = known.get(heading)
        if field is None:
            unknown.append(heading)
        elif field.slug in columns:
            raise UnreadableError(f"工作表“{sheet.name}”有两列都叫“{field.heading}”，请删去一列。")
        else:
            columns[field.slug] = index
    missing = [field for field in fields if field.required and field.slug not in columns]
    if missing:
        raise UnreadableError(_missing_columns(sheet, missing, unknown))
    return columns, tuple(heading for heading in unknown if heading not in HELPING_HEADINGS)


def _missing_columns(sheet: Sheet, missing: Sequence[Field], unknown: Sequence[str]) -> str:
    """The sentence for missing columns, misspelt headings named."""
    words = []
    for field in missing:
        guess = nearest(squeezed(field.heading), unknown)
        words.append(f"“{field.heading}”" + (f"（表中的“{guess}”是不是它？）" if guess else ""))
    return f"工作表“{sheet.name}”缺少必填列：{'、'.join(words)}，请改正表头。"


def _require_unmerged(sheet: Sheet, heading_row: int) -> None:
    """Titles above the heading, closing rows and what stands below them may be merged."""
    if all(bottom <= heading_row for _, _, bottom, _ in sheet.merged):
        return
    below = range(heading_row + 1, len(sheet.rows))
    totals = {index for index in below if _is_total(sheet.rows[index])}
    last = max(totals, default=len(sheet.rows))
    for top, left, bottom, right in sheet.merged:
        if bottom > heading_row and top < last and top not in totals:
            place = f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"
            raise UnreadableError(
                f"工作表“{sheet.name}”的数据行中有合并单元格 {place}，请取消合并、逐行填写后再传。"
            )


def _letters(column: int) -> str:
    """The letters of a column counted from 0."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _is_total(row: Sequence[Cell]) -> bool:
    """Whether this is a closing row: its first filled cell says so."""
    first = _first(row)
    return isinstance(first, str) and _word(first) in _TOTALS


def _first(row: Sequence[Cell]) -> Cell:
    """The row's first filled cell."""
    for cell in row:
        if not is_empty(cell):
            return cell
    return None


def _word(text: str) -> str:
    """The word that a text is, whatever stands around it."""
    return squeezed(text).rstrip(":")


def _data_rows(
    rows: Sequence[Sequence[Cell]], columns: Mapping[str, Sequence[Cell]]
) -> Iterator[tuple[int, str]]:
    """Rows with something in one of our columns, by index, and the word that each begins with.

    Closing rows are left out.
    """
    word_of = cache(_word)
    for index, cells in enumerate(zip(*columns.values(), strict=True)):
        first = _first(rows[index])
        word = word_of(first) if isinstance(first, str) else ""
        if word not in _TOTALS and not all(map(is_empty, cells)):
            yield index, word
