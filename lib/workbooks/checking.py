"""A log workbook checked against contract and rosters: entries, and all that is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from lib.errors import UnreadableError
from lib.logs import LOG_KINDS
from lib.logs.checking import Checker, Known
from lib.logs.entry import Entry
from lib.problems import Fault, Place, Problem, Severity
from lib.text import squeezed
from lib.workbooks.explained import EXPLAINED
from lib.workbooks.mark import EXAMPLE, OPTIONS_SHEET, VERSION, Mark, mark_of
from lib.workbooks.reading import Sheet, Table, Workbook, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lib.logs.checking import Context, Faults
    from lib.logs.kind import LogKind


_SEALED = (
    "有宏或嵌入的对象，看不到里面有没有身份证号码；原文件因此不留存，请另存为不带宏、"
    "不带嵌入对象的 .xlsx"
)
_BESIDE_CELLS = "公式、批注、文本框等处有身份证号码"


class CheckedRow(NamedTuple):
    """One data row, by its number from 1: its entry, or None and the problems that refuse it."""

    file: str
    kind: str
    number: int
    entry: Entry | None
    problems: tuple[Problem, ...] = ()

    @property
    def place(self) -> Place:
        """Where the row stands."""
        return Place(self.file, LOG_KINDS[self.kind].sheet, self.number)


@dataclass(frozen=True)
class CheckedWorkbook:
    """Everything a log workbook holds, and what is to be said about it besides its rows."""

    workbook: Workbook
    rows: tuple[CheckedRow, ...]
    notices: tuple[Problem, ...]


def check_workbook(
    workbook: Workbook, context: Context, progress: Callable[[int, int], None] | None = None
) -> CheckedWorkbook:
    """Check every sheet that is named for a log kind; UnreadableError when there is none.

    `progress` is told again and again: rows done, all rows.
    """
    kinds = {squeezed(LOG_KINDS[slug].sheet): LOG_KINDS[slug] for slug in context.contract.kinds}
    sheets = [(sheet, kinds.get(squeezed(sheet.name))) for sheet in workbook.sheets]
    known = [(sheet, kind) for sheet, kind in sheets if kind]
    if not known:
        raise UnreadableError(_no_known_sheet(workbook, kinds))
    mark = mark_of(workbook)
    tables = [(kind, table(sheet, kind.fields, mark.of(sheet.name))) for sheet, kind in known]
    total = sum(len(found.numbers) for _, found in tables)
    if not total:
        raise UnreadableError(_no_rows([found for _, found in tables]))
    shared = Known(context)
    rows: list[CheckedRow] = []
    for some in chain.from_iterable(_rows(workbook.name, *each, shared) for each in tables):
        rows += some
        if progress:
            progress(len(rows), total)
    notices = [
        *_workbook_notices(workbook, sheets),
        *_version_notice(workbook, mark),
        *_empty_notice(workbook, tables),
    ]
    for kind, found in tables:
        notices += _table_notices(workbook.name, kind, found)
    return CheckedWorkbook(workbook, tuple(rows), tuple(notices))


def _no_known_sheet(workbook: Workbook, kinds: Mapping[str, LogKind]) -> str:
    found = "、".join(f"“{sheet.name}”" for sheet in workbook.sheets) or "（无）"
    expected = "、".join(kind.sheet for kind in kinds.values())
    return f"没有认识的工作表，文件里有：{found}；工作表名应为：{expected}。"


def _no_rows(tables: Sequence[Table]) -> str:
    """The sentence for a workbook in which nobody filled in anything."""
    untouched = sum(found.untouched for found in tables)
    prefilled = f"预填的 {untouched} 行都还没填" if untouched else "表中没有数据行"
    return f"{prefilled}，填写后再传。"


def _rows(file: str, kind: LogKind, found: Table, shared: Known) -> Iterator[Sequence[CheckedRow]]:
    """The rows of a sheet, so many at once that it shows how far they are."""
    checker = Checker(kind, shared)
    for first in range(0, len(found.numbers), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        outcomes = checker.check({slug: column[some] for slug, column in found.columns.items()})
        numbered = zip(found.numbers[some], outcomes, strict=True)
        yield [
            CheckedRow(file, kind.slug, number, outcome)
            if isinstance(outcome, Entry)
            else _refused(file, kind, number, outcome)
            for number, outcome in numbered
        ]


def _refused(file: str, kind: LogKind, number: int, faults: Faults) -> CheckedRow:
    problems = _problems(Place(file, kind.sheet, number), kind, faults)
    return CheckedRow(file, kind.slug, number, None, problems)


_AT_ONCE = 1000


def _problems(row: Place, kind: LogKind, faults: Faults) -> tuple[Problem, ...]:
    """What is wrong with a row, each at its cell."""
    return tuple(
        Problem(replace(row, column=kind.by_slug[slug].heading), fault) for slug, fault in faults
    )


def _workbook_notices(
    workbook: Workbook, sheets: list[tuple[Sheet, LogKind | None]]
) -> Iterator[Problem]:
    whole = Place(workbook.name)
    if workbook.macros:
        yield _notice(whole, "macros", "文件带有宏，已忽略，只读取了数据。")
    for name, count in Counter(workbook.masked).items():
        where = f"有 {count} 处身份证号码，已打码后读取" if name else _BESIDE_CELLS
        expected = f"{where}；原文件因此不留存，请今后不要填写"
        yield _notice(Place(workbook.name, name), "identity_number", expected)
    if workbook.sealed and not workbook.masked:
        yield _notice(whole, "sealed", _SEALED)
    for sheet, kind in sheets:
        if kind is None and sheet.rows and sheet.name not in {OPTIONS_SHEET, EXPLAINED}:
            yield _notice(
                Place(workbook.name, sheet.name), "unknown_sheet", "不是日志工作表，未读取"
            )


def _version_notice(workbook: Workbook, mark: Mark) -> Iterator[Problem]:
    if mark.is_outdated:
        versions = f"第 {mark.version} 版，现为第 {VERSION} 版"
        sentence = f"由旧模板填写（{versions}），已照常读取，下月请下载新模板"
        yield _notice(Place(workbook.name), "old_template", sentence)


def _empty_notice(workbook: Workbook, tables: list[tuple[LogKind, Table]]) -> Iterator[Problem]:
    bare = [kind for kind, found in tables if not found.numbers and not found.untouched]
    empty = "、".join(f"“{kind.sheet}”" for kind in bare)
    if empty:
        yield _notice(Place(workbook.name), "no_rows", f"{empty}没有数据行")


def _table_notices(file: str, kind: LogKind, found: Table) -> Iterator[Problem]:
    place = Place(file, kind.sheet)
    if found.unknown_headings:
        columns = "、".join(f"“{heading}”" for heading in found.unknown_headings)
        yield _notice(place, "unknown_columns", f"不认识的列 {columns}，未读取")
    if found.hidden:
        yield _notice(place, "hidden_rows", f"有 {found.hidden} 行隐藏行，已一并读取")
    if found.untouched:
        yield _notice(place, "untouched", f"{found.untouched} 行预填的还没填，未读取")
    for row in found.examples:
        sentence = f"以“{EXAMPLE}”开头，未读取；如是实际记录，请把这两个字改成序号"
        yield _notice(replace(place, row=row), "example", sentence)


def _notice(place: Place, rule: str, expected: str) -> Problem:
    return Problem(place, Fault(rule, expected.rstrip("。"), severity=Severity.NOTICE))
