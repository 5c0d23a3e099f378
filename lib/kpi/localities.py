"""Every locality's figures beside each other: visited when, households reached, elders seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lib.contract import Coverage, LocalityMonths, Visits
from lib.kpi import coverage, locality_months, visits
from lib.kpi.selection import Selection
from lib.periods import Month
from lib.store.ledger import LATEST
from lib.store.schema import entry_version, household

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Cell:
    """A locality's figure, with its whole where it has one; None where there is nothing to tell."""

    value: int | None
    whole: int | None = None


@dataclass(frozen=True)
class Column:
    """One figure of every locality, by its code; `code` names the column in addresses.

    `wanted` selects the entries that the whole column counts, None where it counts none.
    `worst` is True where more is worse. `required` is the contract's own figure for all localities.
    """

    code: str
    heading: str
    unit: str
    cells: Mapping[str, Cell]
    wanted: Selection | None = None
    worst: bool = False
    is_indicator: bool = False
    required: int | None = None

    def of(self, locality: str) -> Cell:
        """The figure of one locality."""
        return self.cells.get(locality, Cell(None))

    def rows_of(self, locality: str) -> Selection | None:
        """The entries behind the figure of one locality."""
        return replace(self.wanted, locality=locality) if self.wanted else None

    def part(self, locality: str) -> float:
        """The figure from 0 to 1: of its whole, else of the largest of all localities.

        Where nobody ever was, it is longer ago than anywhere else.
        """
        cell = self.of(locality)
        if cell.value is None:
            return 1.0 if self.worst else 0.0
        largest = max((each.value or 0 for each in self.cells.values()), default=0)
        whole = largest if cell.whole is None else cell.whole
        return (cell.value or 0) / whole if whole else 0.0

    def urgency(self, locality: str) -> float:
        """What comes first when the worst is looked for: where nobody ever was, then the rest."""
        if self.of(locality).value is None:
            return 2.0 if self.worst else -1.0
        return self.part(locality) if self.worst else 1 - self.part(locality)


def columns(connection: Connection, scope: Scope) -> Sequence[Column]:
    """The contract's figures that are told by locality; where people went comes first."""
    return tuple(_columns(connection, scope))


def _columns(connection: Connection, scope: Scope) -> Iterator[Column]:
    for obligation in scope.contract.obligation:
        if isinstance(obligation, LocalityMonths):
            yield from _patrols(connection, scope, obligation)
    for obligation in scope.contract.obligation:
        match obligation:
            case Coverage():
                yield from _coverage(connection, scope, obligation)
            case Visits():
                yield _visits(connection, scope, obligation)


def _patrols(connection: Connection, scope: Scope, indicator: LocalityMonths) -> Iterator[Column]:
    states = locality_months.states(connection, scope, indicator)
    month = str(Month.of(scope.as_of))
    days = locality_months.visits_by_month(connection, scope, indicator)
    yield Column(
        indicator.code,
        "本月走访",
        "天",
        {code: Cell(days.get((code, month), 0)) for code in states},
        Selection(figure=indicator.code, month=month),
        is_indicator=True,
    )
    since = {
        code: Cell((scope.as_of - state.last_visit).days if state.last_visit else None)
        for code, state in states.items()
    }
    yield Column(
        f"{indicator.code}_since", "距上次走访", "天", since, worst=True, is_indicator=True
    )


def _coverage(connection: Connection, scope: Scope, obligation: Coverage) -> Iterator[Column]:
    reached = coverage.by_locality(connection, scope, obligation)
    cells = {code: Cell(each.delivered, each.required) for code, each in reached.items()}
    wanted = Selection(figure=obligation.code)
    name, required = obligation.name, obligation.required
    yield Column(obligation.code, name, obligation.unit, cells, wanted, required=required)
    found = problems_open(connection, scope, obligation)
    yield Column(
        f"{obligation.code}_open",
        "未办结问题",
        "个",
        {code: Cell(found.get(code, 0)) for code in reached},
        replace(wanted, state="open"),
        worst=True,
    )


def problems_open(connection: Connection, scope: Scope, obligation: Coverage) -> Mapping[str, int]:
    """Problems found and not closed, by the locality where the household lives now."""
    query = (
        select(household.c.locality, func.count())
        .select_from(LATEST.join(household, household.c.code == entry_version.c.household))
        .where(
            household.c.contract_id == scope.contract_id,
            coverage.problem_rows(scope, obligation)["open"],
        )
        .group_by(household.c.locality)
    )
    return {code: number for code, number in connection.execute(query)}  # noqa: C416 - rows


def _visits(connection: Connection, scope: Scope, obligation: Visits) -> Column:
    month = str(Month.of(scope.as_of))
    visited = visits.by_elder_and_month(scope, obligation, scope.as_of)
    query = (
        select(visited.c.locality, func.sum(visited.c.done), func.sum(visited.c.owed))
        .where(visited.c.month == month)
        .group_by(visited.c.locality)
    )
    cells = {code: Cell(int(done), int(owed)) for code, done, owed in connection.execute(query)}
    wanted = Selection(figure=obligation.code, month=month)
    return Column(obligation.code, f"本月{obligation.name}", obligation.unit, cells, wanted)
