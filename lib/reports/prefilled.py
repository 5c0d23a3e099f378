"""The workbook that a team fills in of an evening: whom and what it still has to see stands in it.

A team's share is what is owed in the places that it looks after, and in those that nobody does.
Days, people and findings are left for the team to write.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.contract import Cases
from lib.kpi.names import as_seen_by
from lib.kpi.owed import Owed, owed
from lib.logs import LOG_KINDS, kinds_of
from lib.logs.references import NameOf
from lib.store import rosters, territories
from lib.workbooks.explained import Question, explanation
from lib.workbooks.template import Prefilled, PrefilledRow, template

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.contract import Contract
    from lib.fields import Field, Plain
    from lib.kpi.names import Names
    from lib.kpi.scope import Scope
    from lib.rosters import Roster


@dataclass(frozen=True)
class Share:
    """How many elders, households, applications and places stand in a team's workbook."""

    elders: int = 0
    households: int = 0
    applications: int = 0
    places: int = 0


@dataclass(frozen=True)
class Made:
    """A pre-filled workbook, what it holds, and whether names stand in it in full."""

    data: bytes
    share: Share
    names_somebody: bool
    rows: int


def share(connection: Connection, scope: Scope, team: str) -> Share:
    """What a team's workbook holds as of the day."""
    return _counted(_owed_by(connection, scope, team))


def workbook(connection: Connection, scope: Scope, viewer: Viewer, made_at: str = "") -> Made:
    """The .xlsx of the viewer's own team; names only where the viewer may see them."""
    team = viewer.team or ""
    contract, roster = scope.contract, rosters.load(connection, scope.contract_id)
    found = _owed_by(connection, scope, team)
    writer = _Writer(contract, scope.as_of, roster, as_seen_by(connection, scope, viewer))
    rows: defaultdict[str, list[PrefilledRow]] = defaultdict(list)
    for each in found:
        rows[each.kind].append(writer.row(each))
    prefilled = Prefilled(team, scope.as_of, rows)
    names = _names_somebody(rows)
    said = _said(scope, viewer, made_at, rows=len(found), names=names)
    data = template(kinds_of(contract), roster, contract, prefilled, said)
    return Made(data, _counted(found), names, len(found))


def blank(
    connection: Connection, scope: Scope, viewer: Viewer, kinds: Collection[str], made_at: str
) -> bytes:
    """The .xlsx of these kinds with no rows in it."""
    roster = rosters.load(connection, scope.contract_id)
    wanted = [kind for kind in kinds_of(scope.contract) if kind.slug in kinds]
    said = _said(scope, viewer, made_at, rows=0, names=False)
    return template(wanted, roster, scope.contract, said=said)


def _said(
    scope: Scope, viewer: Viewer, made_at: str, *, rows: int, names: bool
) -> Sequence[Sequence[Plain]]:
    """What the workbook says of itself."""
    asked = f"按待办预填的工作日志（{viewer.team}）" if rows else "空白的工作日志模板"
    question = Question(
        scope.contract,
        asked,
        scope.as_of,
        rows=rows,
        total=("预填行数", rows),
        names="本组要走访的人为全名" if names else "没有服务对象的姓名",
        made=f"{made_at} {viewer.name}",
    )
    return explanation(question).rows


def _owed_by(connection: Connection, scope: Scope, team: str) -> Sequence[Owed]:
    """The team's share, a row each; one place after another, those unvisited the longest first."""
    teams = territories.load(connection, scope.contract_id)
    found: dict[tuple[str, ...], Owed] = {}
    for each in owed(connection, scope):
        if teams.get(each.locality or "", team) == team:
            # Two obligations may ask for the same.
            found.setdefault((each.kind, _about(each), _code(each)), each)
    return sorted(found.values(), key=_waiting_days, reverse=True)


def _about(each: Owed) -> str:
    """What is owed something, as a `Share` counts it."""
    match each:
        case Owed(elder=str()):
            return "elders"
        case Owed(household=str()):
            return "households"
        case Owed(application=str()):
            return "applications"
        case _:
            return "places"


def _code(each: Owed) -> str:
    return each.elder or each.household or each.application or each.locality or ""


def _waiting_days(each: Owed) -> int:
    """For how long a place waits; nobody else is taken out of the order of places by it."""
    return (each.days or 0) if _about(each) == "places" else 0


def _counted(found: Sequence[Owed]) -> Share:
    return Share(**Counter(map(_about, found)))


def _names_somebody(rows: Mapping[str, Sequence[PrefilledRow]]) -> bool:
    return any(
        LOG_KINDS[kind].by_slug[slug].names_somebody
        for kind, listed in rows.items()
        for row in listed
        for slug in row.cells
    )


@dataclass(frozen=True)
class _Writer:
    """Writes what is owed as a row of the kind that answers it."""

    contract: Contract
    as_of: date
    roster: Roster
    names: Names

    def row(self, each: Owed) -> PrefilledRow:
        """The row: what says whom or what it is about, and what makes it the answer."""
        values = {
            field.slug: self._value(field, each) or self._condition(each).get(field.slug)
            for field in LOG_KINDS[each.kind].fields
        }
        cells = {slug: value for slug, value in values.items() if value}
        return PrefilledRow(cells, self._place(each), self._to_do(each))

    def _value(self, field: Field, each: Owed) -> str | None:
        match field.slug:
            case "locality":
                return self._place(each)
            case "elder" | "household" | "application":
                code: str | None = getattr(each, field.slug)
                return code
            case _ if isinstance(field.type, NameOf):
                return self._name(each)
            case _:
                return None

    def _place(self, each: Owed) -> str:
        return self.roster.localities[each.locality].name if each.locality else ""

    def _name(self, each: Owed) -> str | None:
        """The name of an elder or household's head; None where the viewer may not see it."""
        if each.elder:
            elder = self.roster.elders[each.elder]
            name, seen = elder.name, self.names.of_elder(elder)
        elif each.household:
            household = self.roster.households[each.household]
            name, seen = household.head_name, self.names.of_household(household)
        else:
            return None
        return name if seen == name else None

    def _condition(self, each: Owed) -> Mapping[str, str]:
        """What a row must say besides to answer the case."""
        return {
            cases.answered.field: cases.answered.value
            for cases in self.contract.obligation
            if isinstance(cases, Cases) and cases.code == each.figure
        }

    def _to_do(self, each: Owed) -> str:
        """What is to do, in words short enough for a cell."""
        last = f"上次 {self._day(each.since)}" if each.since else "还没去过"
        match _about(each):
            case "elders":
                return f"还差 {each.times} 次，{last}"
            case "applications":
                return f"{self._day(each.since)}受理" if each.since else ""
            case "places":
                return last
            case _:
                return ""

    def _day(self, day: date) -> str:
        year = "" if day.year == self.as_of.year else f"{day.year}年"
        return f"{year}{day.month}月{day.day}日"
