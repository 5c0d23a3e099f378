"""Entries by what a column of theirs holds, and by month: every number a way to its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from lib.kpi import tallies
from lib.periods import Month, Period, months_of
from lib.ui import bars, links, matrix, pieces, reads
from lib.ui.bars import Bar
from lib.ui.links import Link
from lib.ui.matrix import Cell, Row
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from lib.fields import Field
    from lib.kpi.selection import Selection
    from lib.kpi.tallies import Tally

EMPTY = "未填"
_VALUES_SHOWN = 12
_BESIDE = 3


def shares(wanted: Selection, fields: Sequence[Field], day: date, unit: str) -> None:
    """For each column of the selection's kind, a bar for each value: how many entries hold it."""

    def shown(field: Field) -> None:
        pieces.draw(f'<p class="summary"><b>{escape(field.heading)}</b></p>')
        bars.bars(field.heading, list(_bars(wanted, field, day, unit)))

    _beside(fields, shown)


def _beside(fields: Sequence[Field], shown: Callable[[Field], None]) -> None:
    """What is shown of each column, beside each other, three at most."""
    with pieces.beside(*[1] * min(max(len(fields), 1), _BESIDE)) as places:
        for number, place in enumerate(places):
            with place:
                for field in fields[number :: len(places)]:
                    shown(field)


def _bars(wanted: Selection, field: Field, day: date, unit: str) -> Iterator[Bar]:
    found = reads.of(tallies.by_value, day, wanted, field.slug)
    most = max((tally.number for tally in found.values()), default=0)
    for value, tally in list(found.items())[:_VALUES_SHOWN]:
        text = f"{tally.number:,} {unit}"
        figure = way(text, tally.number, holding(wanted, field, value), day)
        yield Bar(value or EMPTY, tally.number / most if most else 0, figure)
    if len(found) > _VALUES_SHOWN:
        yield Bar(f"另有 {len(found) - _VALUES_SHOWN} 种", 0, "见记录明细")


def holding(wanted: Selection, field: Field, value: str) -> Selection:
    """The selected entries whose column holds a value, or (empty) nothing."""
    if value:
        return replace(wanted, field=field.slug, value=value)
    return replace(wanted, empty=field.slug)


def way(text: str, number: int, wanted: Selection, day: date) -> str | Link:
    """A link to the rows selected, where there are any."""
    return Link(text, links.to_rows(wanted, day)) if number else text


@dataclass(frozen=True)
class Series:
    """A name and the selection counted under it; with `amount`, its number added up."""

    name: str
    wanted: Selection


def months(label: str, series: Sequence[Series], day: date) -> None:
    """A row for each series, a column for each month gone by."""
    begun = Period(office().contract.start, max(day, office().contract.start))
    columns = [str(month) for month in months_of(begun)]
    rows = [Row(each.name, _cells(_numbers(each, day), each, columns, day)) for each in series]
    matrix.matrix(label, "月份", [_short(month) for month in columns], rows)


def _short(month: str) -> str:
    return f"{Month.parse(month).number}月"


def _numbers(series: Series, day: date) -> Mapping[str, int]:
    """What the series comes to, by month."""
    amounts = (series.wanted.amount,) if series.wanted.amount else ()
    found = reads.of(tallies.by_month, day, series.wanted, amounts)
    return {month: _only(tally) for month, tally in found.items()}


def _only(tally: Tally) -> int:
    return tally.amounts[0] if tally.amounts else tally.number


def _cells(
    found: Mapping[str, int], series: Series, columns: Sequence[str], day: date
) -> Sequence[Cell]:
    most = max(found.values(), default=0)
    return [_cell(found.get(m, 0), replace(series.wanted, month=m), most, day) for m in columns]


def tables(fields: Sequence[Field], series: Sequence[Series], day: date) -> None:
    """For each column a table of its values, beside each other."""
    _beside(fields, lambda field: _table(field, series, day))


def _table(field: Field, series: Sequence[Series], day: date) -> None:
    """A row for each value of a column, a column for each series."""
    found = [_values(each, field, day) for each in series]
    values = list(dict.fromkeys(value for numbers in found for value in numbers))
    most = [max(numbers.values(), default=0) for numbers in found]
    rows = [
        Row(
            value or EMPTY,
            [
                _cell(numbers.get(value, 0), holding(each.wanted, field, value), top, day)
                for each, numbers, top in zip(series, found, most, strict=True)
            ],
        )
        for value in values[:_VALUES_SHOWN]
    ]
    matrix.matrix(field.heading, field.heading, [each.name for each in series], rows)
    if len(values) > _VALUES_SHOWN:
        pieces.note(f"另有 {len(values) - _VALUES_SHOWN} 种，见记录明细")


def _values(series: Series, field: Field, day: date) -> Mapping[str, int]:
    amounts = (series.wanted.amount,) if series.wanted.amount else ()
    found = reads.of(tallies.by_value, day, series.wanted, field.slug, amounts)
    return {value: _only(tally) for value, tally in found.items()}


def _cell(number: int, wanted: Selection, most: int, day: date) -> Cell:
    return Cell(way(f"{number:,}", number, wanted, day), matrix.shade(number / most) if most else 0)
