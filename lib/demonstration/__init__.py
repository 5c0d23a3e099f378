"""A made-up contract-year, loaded through the same posting code as a real one.

Rosters and rows are made from the contract's own figures and `data/demonstration.toml`; they are
written into workbooks as offices write them, read back, and posted as the teams would have posted
them through the year: every few days, with corrections and withdrawals; the first months are
accepted and signed.
The same seed makes the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from lib.access import Role, Viewer
from lib.actions.import_rosters import import_rosters
from lib.actions.post import post
from lib.actions.territories import assign
from lib.actions.withdraw import withdraw
from lib.demonstration import seed as seeds
from lib.demonstration import users as accounts
from lib.demonstration.acceptance import accept
from lib.demonstration.books import books, uploads
from lib.demonstration.rosters import made_up
from lib.demonstration.workbooks import Clerk, roster_workbook
from lib.demonstration.year import year
from lib.errors import StoreError
from lib.kpi.presence import busiest
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope, counted
from lib.periods import BUSINESS_ZONE
from lib.store import calendar, contracts, rosters
from lib.store.engine import reading
from lib.workbooks.own import read_own_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection, Engine

    from lib.demonstration.rosters import MadeUpRoster
    from lib.demonstration.seed import Seed
    from lib.store.contracts import StoredContract
    from lib.workbooks.reading import Workbook

_ADMIN = Viewer(str(Role.ADMIN), Role.ADMIN, origin=accounts.ORIGIN)
_WITHDRAWN = 2
_REMORSE = timedelta(days=2)  # entries are withdrawn so long after the last upload


@dataclass(frozen=True)
class _Act:
    """A workbook handed in: its name and bytes, and at what moment by which team (None: admin)."""

    at: datetime
    team: str | None
    name: str
    data: bytes


def fill(engine: Engine, stored: StoredContract, *, today: date, now: datetime) -> None:
    """Fill an empty store with a contract's made-up year as far as today; else StoreError.

    The contract is marked as a demonstration before the first row is entered, and once more when
    the last one is: what was interrupted is never shown as a whole year.
    """
    with reading(engine) as connection:
        _require_empty(connection, stored)
    acts = list(_acts(engine, stored, today, now))
    with contracts.acting(engine, stored) as connection:
        _require_empty(connection, stored)
        contracts.mark_demonstration(connection, stored.id)
    _carry_out(engine, stored, acts, today)
    last = max(act.at for act in acts)
    _withdraw(engine, stored, seeds.load(), min(last + _REMORSE, now))
    _share_out(engine, Scope(stored, stored.terms.as_of(None, today)), now)
    accept(engine, stored, today=today, now=min(last + _REMORSE, now))
    with contracts.acting(engine, stored) as connection:
        contracts.mark_demonstration_filled(connection, stored.id, now)


def _require_empty(connection: Connection, stored: StoredContract) -> None:
    if contracts.is_demonstration(connection, stored.id):
        raise StoreError("合同中已有演示数据，不再填入。")
    if contracts.any_in_use(connection):
        raise StoreError("数据库中已有名册或账号，演示数据只能填入空的数据库。")


def _acts(engine: Engine, stored: StoredContract, today: date, now: datetime) -> Iterator[_Act]:
    """Every workbook of the year that is handed in by today."""
    seed, contract = seeds.load(), stored.terms
    with reading(engine) as connection:
        working = calendar.working_days(connection, contract.period)
    if not working:
        raise StoreError("合同期内没有工作日，无从填入演示数据。")
    made = made_up(contract, seed, working)
    rows = [row for row in year(contract, made.final, seed, working) if row.day <= today]
    yield from _roster_acts(contract.start, made, seed, now)
    clerk = Clerk(contract, made.final, seed)
    for upload, book in uploads(books(made.final, seed, rows, working), now):
        data = clerk.workbook(book, upload)
        if data:
            yield _Act(upload.at, book.team, book.name, data)


def _roster_acts(start: date, made: MadeUpRoster, seed: Seed, now: datetime) -> Iterator[_Act]:
    """The rosters handed in before the contract starts, and again whenever they change."""
    first = min(_morning(start - timedelta(days=5)), now)
    yield _Act(first, None, "名册.xlsx", roster_workbook(made.at(start), seed))
    for day in made.changed_on:
        if _morning(day) <= now:
            name = f"名册{day:%Y%m%d}.xlsx"
            yield _Act(_morning(day), None, name, roster_workbook(made.at(day), seed))


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(8, 30), BUSINESS_ZONE).astimezone(UTC)


def _carry_out(engine: Engine, stored: StoredContract, acts: Sequence[_Act], today: date) -> None:
    """Read the workbooks and enter them in order of their moments."""
    leads: Mapping[str | None, Viewer] = {}
    for act in sorted(acts, key=lambda act: act.at):
        workbook = read_own_workbook(act.name, act.data)
        if act.team is None:
            _import(engine, stored, workbook, act.at)
            leads = _leads(engine, stored)
        else:
            _post(engine, stored, leads[act.team], workbook, today=today, now=act.at)


def _import(engine: Engine, stored: StoredContract, workbook: Workbook, at: datetime) -> None:
    done = import_rosters(engine, stored, _ADMIN, workbook, at)
    if done.problems:
        msg = f"the demonstration's roster is refused: {done.problems[0]}"
        raise RuntimeError(msg)


def _share_out(engine: Engine, scope: Scope, at: datetime) -> None:
    """Let each locality be looked after by the team with the most entries there."""
    with reading(engine) as connection:
        teams = {code: found.team for code, found in busiest(connection, scope).items()}
    assign(engine, scope.stored, _ADMIN, teams, at)


def _leads(engine: Engine, stored: StoredContract) -> Mapping[str | None, Viewer]:
    """Each team's lead, as the demonstration's users know them."""
    return {user.team: user for user in accounts.users(engine, stored) if user.team}


def _post(
    engine: Engine,
    stored: StoredContract,
    lead: Viewer,
    workbook: Workbook,
    *,
    today: date,
    now: datetime,
) -> None:
    plan = post(engine, stored, lead, [workbook], today=today, now=now)[0].plan
    if plan.refusal or plan.refusals:
        msg = f"the demonstration's {workbook.name} is refused: {plan.refusal or plan.refusals[0]}"
        raise RuntimeError(msg)


def _withdraw(engine: Engine, stored: StoredContract, seed: Seed, at: datetime) -> None:
    """Withdraw a few entries that only person-days are counted from."""
    chance = seed.chance("withdraw")
    quotas = {quota.code for quota in stored.terms.quotas}
    with reading(engine) as connection:
        rows = ledger_rows(connection, counted(Scope(stored, stored.terms.end)))
        staff = rosters.load(connection, stored.id).staff
    leads = _leads(engine, stored)
    plain = [row for row in rows if row.kind in quotas and not (row.application or row.household)]
    for row in chance.sample(plain, min(_WITHDRAWN, len(plain))):
        team = staff[min(row.people)].team
        reason = seed.text("withdrawn", chance)
        withdraw(engine, stored, leads[team], row.entry_id, reason=reason, now=at)
