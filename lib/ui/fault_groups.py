"""Refused cells by what is wrong with them, the most frequent first, and how they are put right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lib.actions.mend_upload import Edit
from lib.logs import LOG_KINDS
from lib.problems import Problem
from lib.workbooks.mending import put_right

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lib.actions.mend_upload import Key
    from lib.actions.plan import Plan

_SUGGESTED = 3
_ROWS_NAMED = 10


@dataclass(frozen=True)
class Group:
    """The same fault in one or many rows; `field` is its column's slug, "" for the whole row."""

    problem: Problem
    field: str
    rows: tuple[int, ...]

    @property
    def sentence(self) -> str:
        """Where, what stands there and what to do; how often, when it is in many rows."""
        place, fault = self.problem.place, self.problem.fault
        if len(self.rows) == 1:
            return str(Problem(replace(place, row=self.rows[0]), fault))
        times = f"“{fault.found}”出现" if fault.found else "出现"
        said = replace(fault, found="").sentence
        return f"{place}：{times} {len(self.rows)} 次，{said}{row_words(self.rows)}"

    @property
    def suggested(self) -> tuple[str, ...]:
        """The right values that may have been meant, the likeliest first."""
        fault = self.problem.fault
        nearest = (fault.nearest,) if fault.nearest else ()
        return tuple(dict.fromkeys([*nearest, *fault.candidates]))[:_SUGGESTED]

    @property
    def is_sure(self) -> bool:
        """Whether only one right value can have been meant."""
        return len(self.suggested) == 1

    def edits(self, cells: Mapping[Key, str], right: str) -> Sequence[Edit]:
        """The edits that put it right in all its rows; none where the cell holds more than it."""
        sheet, found = self.problem.place.sheet, self.problem.fault.found
        keys = [(sheet, row, self.field) for row in self.rows]
        puts = {key: put_right(cells[key], found, right) for key in keys if key in cells}
        return [Edit(*key, put) for key, put in puts.items() if put is not None]


def groups(plan: Plan) -> Sequence[Group]:
    """What keeps rows out, alike faults together; those equally frequent as they stand there."""
    rows: defaultdict[tuple[Problem, str], list[int]] = defaultdict(list)
    for row in plan.rows:
        headings = {field.heading: field.slug for field in LOG_KINDS[row.checked.kind].fields}
        for problem in row.problems:
            if problem.refuses:
                alike = replace(problem, place=replace(problem.place, row=0))
                field = headings.get(problem.place.column, "")
                rows[alike, field].append(problem.place.row)
    found = [Group(problem, field, tuple(where)) for (problem, field), where in rows.items()]
    return sorted(found, key=lambda group: -len(group.rows))


def row_words(numbers: Sequence[int]) -> str:
    """The rows meant, when any are: the first of them and how many."""
    named = [str(number) for number in numbers if number]
    if not named:
        return ""
    more = f" 等 {len(named)} 行" if len(named) > _ROWS_NAMED else " 行"
    return f"第 {'、'.join(named[:_ROWS_NAMED])}{more}"
