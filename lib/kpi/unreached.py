"""The households that a campaign has not reached yet: on the roster, and without an entry."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, select

from lib.kpi.coverage import reached_once
from lib.rosters import AID_CATEGORIES, Household
from lib.store.schema import household, locality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lib.contract import Coverage
    from lib.kpi.rows import Page
    from lib.kpi.scope import Scope
    from lib.rosters import Roster


@dataclass(frozen=True)
class Among:
    """The households looked among: of one locality, of one category of aid; empty for any."""

    locality: str = ""
    category: str = ""

    def parts(self) -> Mapping[str, str]:
        """The filled parts, as an address holds them."""
        named = {"locality": self.locality, "category": self.category}
        return {name: value for name, value in named.items() if value}


def parse(parts: Mapping[str, str], roster: Roster) -> Among | None:
    """The households that an address asks about; None where it names something not there."""
    among = Among(parts.get("locality", ""), parts.get("category", ""))
    known = among.locality in {"", *roster.localities} and among.category in {"", *AID_CATEGORIES}
    return among if known else None


def number(connection: Connection, scope: Scope, coverage: Coverage, among: Among) -> int:
    """How many there are."""
    query = select(func.count()).select_from(household)
    return connection.execute(query.where(_condition(scope, coverage, among))).scalar_one()


def listed(
    connection: Connection,
    scope: Scope,
    coverage: Coverage,
    among: Among,
    page: Page | None = None,
) -> Sequence[Household]:
    """The households, heads' names in full, or one page of them; by localities as on the roster."""
    columns = [household.c[field.name] for field in fields(Household)]
    home = and_(
        locality.c.contract_id == household.c.contract_id,
        locality.c.code == household.c.locality,
    )
    query = (
        select(*columns)
        .select_from(household.join(locality, home))
        .where(_condition(scope, coverage, among))
        .order_by(locality.c.position, household.c.position)
    )
    if page:
        query = query.limit(page.size).offset(page.size * (page.number - 1))
    return [Household(**row._mapping) for row in connection.execute(query)]


def _condition(scope: Scope, coverage: Coverage, among: Among) -> ColumnElement[bool]:
    reached = reached_once(scope, coverage)
    conditions = [
        household.c.contract_id == scope.contract_id,
        household.c.code.not_in(select(reached.c.household)),
    ]
    if among.locality:
        conditions.append(household.c.locality == among.locality)
    if among.category:
        conditions.append(household.c.aid_category == among.category)
    return and_(*conditions)
