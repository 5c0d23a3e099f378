"""The demonstration's users: one of each role, a lead for each team; none in any other store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import Role, Viewer, operator
from lib.actions import accounts
from lib.errors import RefusedError
from lib.store import accounts as stored_accounts
from lib.store import contracts, rosters
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

ORIGIN = "演示数据"  # where from all that is made up was done
_OPERATOR = operator("演示", ORIGIN)


def users(engine: Engine, stored: StoredContract) -> Sequence[Viewer]:
    """Who can sign in to the demonstration."""
    with reading(engine) as connection:
        teams = rosters.load(connection, stored.id).teams
    leads = [Viewer(f"lead{n}", Role.TEAM_LEAD, team, ORIGIN) for n, team in enumerate(teams, 1)]
    others = [Role.LEADER, Role.REVIEWER, Role.ADMIN]
    return [*leads, *(Viewer(str(role), role, origin=ORIGIN) for role in others)]


def admit(
    engine: Engine, stored: StoredContract, viewer: Viewer, password: str, now: datetime
) -> None:
    """Give a demonstration user this password, the account made where there is none yet."""
    with reading(engine) as connection:
        if not contracts.is_demonstration(connection, stored.id):
            raise RefusedError("演示账号只能建在演示数据库中。")
        known = stored_accounts.find(connection, stored.id, viewer.name)
    if known:
        accounts.set_password(engine, stored, _OPERATOR, viewer.name, password, now)
    else:
        accounts.add_account(engine, stored, _OPERATOR, viewer, password, now)
