"""Workbooks filled with every sort of cell, each cell made together with what it means."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from lib import contract
from lib.fields import Choice, Count, Day, Money
from lib.logs import LOG_KINDS
from lib.logs.checking import Context
from lib.logs.references import ElderCode, HouseholdCode, LocalityName, NameOf, People
from lib.rosters import Elder, Household, Locality, Roster, Staff
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from lib.fields import Field
    from lib.logs.kind import LogKind

WRONG = object()  # what a cell means that must refuse its row
_SINCE, _MAIN = date(2020, 1, 1), "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_PLAIN, _DAY = 0, 1  # styles

ROSTER = Roster(
    localities={"L1": Locality("L1", "示东社区", "社区", "示河街道")},
    staff={
        code: Staff(code, name, "示一组", _SINCE)
        for code, name in (("G1", "示员甲"), ("G2", "示员乙"))
    },
    elders={"T1": Elder("T1", "示老安", "L1", "全自理", _SINCE)},
    households={"H1": Household("H1", "示户辰", "L1", "低保")},
)
CONTEXT = Context(contract.parse(small.TERMS, "contract.toml"), ROSTER, small.TODAY)


@dataclass(frozen=True)
class Cell:
    """A cell: its type, its value as the XML has it, and what is to be read from it.

    `means` is the value in the entry, None when the cell is empty, or WRONG.
    """

    kind: str
    value: str
    means: Any
    style: int = _PLAIN
    formula: str | None = None

    def xml(self, reference: str) -> str:
        """The cell at its place."""
        formula = "" if self.formula is None else f"<f>{escape(self.formula)}</f>"
        begins = f'<c r="{reference}" t="{self.kind}" s="{self.style}">{formula}'
        if self.kind == "inlineStr":
            text = f'<is><t xml:space="preserve">{escape(self.value)}</t></is>'
            return f"{begins}{text}</c>"
        return f"{begins}<v>{escape(self.value)}</v></c>" if self.value else f"{begins}</c>"


def number(value: object, means: Any, style: int = _PLAIN) -> Cell:  # noqa: ANN401 - any value
    """A numeric cell."""
    return Cell("n", str(value), means, style)


def text(value: str, means: Any) -> Cell:  # noqa: ANN401 - any value
    """A cell of text."""
    return Cell("inlineStr", value, means)


_EMPTY = (number("", None), text("", None), text(" \u200b\u3000", None))
# Wrong in a column of any type.
_BROKEN = (
    Cell("n", "", WRONG, formula="SUM(A1:A2)"),
    Cell("e", "#REF!", WRONG),
    Cell("e", "#N/A", WRONG, formula="1/0"),
    number("NaN", WRONG),
    number("1E400", WRONG),
    Cell("b", "1", WRONG),
)
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def _counts(_: Field) -> SearchStrategy[Cell]:
    good = st.integers(0, 1_000_000).flatmap(
        lambda n: st.sampled_from(
            (
                number(n, n),
                number(f"{n}.0", n),
                Cell("n", str(n), n, formula="1+1"),
                text(str(n), n),
                text(f" {n}\u200b ", n),
                text(str(n).translate(_WIDE), n),
                text(f"{n:,}", n),
            )
        )
    )
    wrong = (
        *(number(each, WRONG) for each in (-1, 2.5, "1E300", 1_000_001, "0.1", "1e-9")),
        *(
            text(each, WRONG)
            for each in ("12人", "-1", "1,20", "1.5", "一", "0x1F", "1e3", "+5", "٣")
        ),
        number(45000, WRONG, _DAY),
    )
    return good | st.sampled_from(wrong)


def _amounts(_: Field) -> SearchStrategy[Cell]:
    def cells(fen: int) -> SearchStrategy[Cell]:
        yuan = Decimal(fen) / 100
        means = format(yuan.normalize(), "f")
        return st.sampled_from((number(yuan, means), text(str(yuan), means)))

    wrong = (number("0.125", WRONG), number(-1, WRONG), text("1200元", WRONG), text("1e3", WRONG))
    return st.integers(0, 10_000_000).flatmap(cells) | st.sampled_from(wrong)


def _days(field: Field) -> SearchStrategy[Cell]:
    first, last = CONTEXT.contract.start, min(CONTEXT.contract.end, CONTEXT.today)

    def cells(day: date) -> SearchStrategy[Cell]:
        means = day if field.slug == "day" else day.isoformat()
        serial = (day - date(1899, 12, 30)).days
        year, month, of_month = day.year, day.month, day.day
        written = (
            *(day.isoformat(), f"{year}/{month}/{of_month}", f"{year}.{month}.{of_month}"),
            *(
                f"{year}年{month}月{of_month}日",
                day.strftime("%Y%m%d"),
                day.isoformat().translate(_WIDE),
            ),
        )
        return st.sampled_from(
            (
                *(text(each, means) for each in written),
                *(number(serial, means, style) for style in (_PLAIN, _DAY)),
                number(f"{serial}.25", means, _DAY),
                Cell("d", day.isoformat(), means),
            )
        )

    wrong = (
        *(
            text(each, WRONG)
            for each in ("1900-02-29", "2023-02-30", "三月", "3-5", "2023-3", "99999999")
        ),
        *(
            number(each, WRONG, style)
            for each in (0, 60, -1, 99999999, "1E9")
            for style in (_PLAIN, _DAY)
        ),
        number("45000.5", WRONG),
    )
    return st.dates(first, last).flatmap(cells) | st.sampled_from(wrong)


def _choices(field: Field) -> SearchStrategy[Cell]:
    assert isinstance(field.type, Choice)
    good = [text(word, word) for each in field.type.options for word in [each]]
    spaced = [text(f" {word[0]}\u3000{word[1:]} ", word) for word in field.type.options]
    wrong = [text(f"{field.type.options[0]}。", WRONG), number(1, WRONG), text("=1+1", WRONG)]
    return st.sampled_from(good + spaced + wrong)


def _texts(field: Field) -> SearchStrategy[Cell]:
    limit = getattr(field.type, "limit", 40)
    letters = st.characters(codec="utf-8", categories=["L", "N", "P", "S"], max_codepoint=0x2FFFF)
    plain = st.text(letters, min_size=1, max_size=12).map(
        lambda each: text(f"示{each}", f"示{each}")
    )
    odd = (
        *(
            text(each, each)
            for each in ("=1+1", "+1", "-1", "@a", "<b>示</b>", "'示", "=cmd|' /C'!A0")
        ),
        text("示\u202e\u200b例\u00a0一\u3000二 ", "示例 一 二"),
        text("示" * limit, "示" * limit),
        text("示" * (limit + 1), WRONG),
        number(12, "12"),
        number("12.5", "12.5"),
        number("1E15", WRONG),
        number("123456789012345678", WRONG),
    )
    return plain | st.sampled_from(odd)


def _codes(_: Field) -> SearchStrategy[Cell]:
    good = (text("示-001", "示-001"), text(" 示 －００２\u200b", "示-002"), number(12, "12"))
    return st.sampled_from((*good, text("示" * 41, WRONG), number("1E15", WRONG)))


def _listed(known: Mapping[str, str], *, people: bool = False) -> SearchStrategy[Cell]:
    good = [text(word, code) for code, name in known.items() for word in {code: 0, name: 0}]
    wrong = [text("示无此人", WRONG), number(1, WRONG), text("=A1", WRONG), text("、", WRONG)]
    if people:
        both = tuple(known)
        joined = [f"示员甲{mark}示 员乙" for mark in ("、", ",", "，", "/", "；", "\n")]
        good = [Cell(each.kind, each.value, (each.means,)) for each in good]
        good += [text(each, both) for each in (*joined, "示员乙 示员甲", "示员甲、示员乙、示员甲")]
    return st.sampled_from(good * 2 + wrong)


def _of(field: Field) -> SearchStrategy[Cell]:
    """Cells for a column of this type, right and wrong."""
    match field.type:
        case People():
            return _listed({"G1": "示员甲", "G2": "示员乙"}, people=True)
        case LocalityName():
            return _listed({"L1": "示东社区"})
        case ElderCode():
            return _listed({"T1": "T1"})
        case HouseholdCode():
            return _listed({"H1": "H1"})
        case NameOf(subject=subject):
            name = "示老安" if subject == "elder" else "示户辰"
            return st.just(text(name, name))
        case Count():
            return _counts(field)
        case Money():
            return _amounts(field)
        case Day():
            return _days(field)
        case Choice():
            return _choices(field)
        case _:
            return _texts(field) if hasattr(field.type, "limit") else _codes(field)


@cache
def _cells(kind: str, slug: str, *, right: bool) -> SearchStrategy[Cell]:
    """Cells for a column, of every sort or only such as fit."""
    field = LOG_KINDS[kind].by_slug[slug]
    own = _of(field)
    if right:
        fitting = own.filter(lambda cell: cell.means is not WRONG)
        return fitting if field.required else fitting | st.sampled_from(_EMPTY)
    return own | own | st.sampled_from((*_EMPTY, *_BROKEN))


@dataclass(frozen=True)
class Filled:
    """A sheet of a kind: its columns in their order, and its rows by number from 1."""

    slug: str
    columns: Sequence[str]
    rows: Mapping[int, Mapping[str, Cell]]
    hidden: frozenset[int]

    @property
    def kind(self) -> LogKind:
        """The kind."""
        return LOG_KINDS[self.slug]


@st.composite
def _sheets(draw: DrawFn, slug: str) -> Filled:
    kind = LOG_KINDS[slug]
    columns = draw(st.permutations([field.slug for field in kind.fields]))
    numbers = sorted(draw(st.sets(st.integers(3, 12), max_size=4)))
    rows = {}
    for number in numbers:
        wrong = (
            draw(st.sets(st.sampled_from(columns), max_size=2)) if draw(st.booleans()) else set()
        )
        rows[number] = {
            column: draw(_cells(slug, column, right=column not in wrong)) for column in columns
        }
    hidden = draw(st.sets(st.sampled_from(numbers))) if numbers else set()
    return Filled(slug, columns, rows, frozenset(hidden))


@st.composite
def workbooks(draw: DrawFn) -> list[Filled]:
    """Sheets of one to three kinds, in any order."""
    kinds = st.lists(st.sampled_from(sorted(LOG_KINDS)), min_size=1, max_size=3, unique=True)
    return [draw(_sheets(slug)) for slug in draw(kinds)]


_SHARED_CELL = re.compile(r't="inlineStr" s="0"><is>(.*?)</is></c>')


def packed(sheets: Sequence[Filled], *, shared: bool = False) -> bytes:
    """The workbook, with a sheet before them that is not ours; its texts in the cells or shared."""
    bodies = ['<row r="1"><c r="A1"><v>1</v></c></row>', *(_table(sheet) for sheet in sheets)]
    names = ["示例说明", *(sheet.kind.sheet for sheet in sheets)]
    listed, related = "", ""
    for index, name in enumerate(names, 1):
        listed += f'<sheet name={quoteattr(name)} sheetId="{index}" r:id="r{index}"/>'
        target = f'Target="worksheets/{index}.xml"'
        related += f'<Relationship Id="r{index}" Type="{_OFFICE}/worksheet" {target}/>'
    styles = '<xf numFmtId="0"/><xf numFmtId="14"/>'
    root = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "_rels/.rels": _element("Relationships", root, _PACKAGE),
        "xl/workbook.xml": _element("workbook", f"<sheets>{listed}</sheets>"),
        "xl/_rels/workbook.xml.rels": _element("Relationships", related, _PACKAGE),
        "xl/styles.xml": _element("styleSheet", f"<cellXfs>{styles}</cellXfs>"),
    }
    if shared:
        texts: list[str] = []
        bodies = [_SHARED_CELL.sub(lambda match: _shared(match, texts), each) for each in bodies]
        parts["xl/sharedStrings.xml"] = _element("sst", "".join(texts))
    for index, body in enumerate(bodies, 1):
        data = f"<sheetData>{body}</sheetData>"
        parts[f"xl/worksheets/{index}.xml"] = _element("worksheet", data)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def _shared(cell: re.Match[str], texts: list[str]) -> str:
    """The cell with its text put among those shared."""
    texts.append(f"<si>{cell[1]}</si>")
    return f't="s" s="0"><v>{len(texts) - 1}</v></c>'


def _element(tag: str, content: str, namespace: str = _MAIN) -> str:
    return f'<{tag} xmlns="{namespace}" xmlns:r="{_OFFICE}">{content}</{tag}>'


def _table(sheet: Filled) -> str:
    by_slug = sheet.kind.by_slug
    title = f'<row r="1">{text("示例台账", None).xml("A1")}</row>'
    headings = [text(by_slug[slug].heading, None) for slug in sheet.columns]
    return (
        title
        + _row(2, headings)
        + "".join(
            _row(number, [cells[slug] for slug in sheet.columns], hidden=number in sheet.hidden)
            for number, cells in sheet.rows.items()
        )
    )


def _row(number: int, cells: Sequence[Cell], *, hidden: bool = False) -> str:
    written = (cell.xml(f"{get_column_letter(at)}{number}") for at, cell in enumerate(cells, 1))
    said = ' hidden="1"' if hidden else ""
    return f'<row r="{number}"{said}>{"".join(written)}</row>'
