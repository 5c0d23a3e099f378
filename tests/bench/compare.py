"""The page of all contracts, and the daily sums that it rests on.

A made-up year is filled through the product; its sums and receipts are copied to 99 contracts more,
which is all that the page reads of them. `every day` gives each contract a sum for each of its
items on each working day, four times what that year has: it has no limit, and says where one would
be reached. Times are those of a whole run in this process, the test client's part included.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from sqlalchemy import delete, insert, literal, select, text, true
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from lib import clock
from lib.access import operator
from lib.actions import accounts, post
from lib.kpi import person_days, sums
from lib.kpi.person_days import UNITS
from lib.kpi.scope import Scope
from lib.store import calendar, contracts, rosters
from lib.store import schema as tables
from lib.store.engine import reading, writing
from lib.ui.gate.owners import user_of
from lib.ui.kept import Kept
from lib.ui.resources import office
from tests.bench import served
from tests.bench.readings import Reading, ratio
from tests.spec.small import workbook
from tests.support.stores import PostgreSQLStores, SQLiteStores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract
    from lib.workbooks.reading import Workbook

NUMBER = 100  # of contracts
LIMIT = 100.0  # milliseconds of server time
_TIMES = 15
_ROWS = (1, 1_000, 10_000)  # in a posting
_DAYS = 100  # the last ones, over which they are spread
_ROOT = Path(__file__).parents[2]
_OPERATOR = operator("基准测试")


def measure() -> Iterator[Reading]:
    """The page on SQLite; sums against rows, and in a posting, on both stores."""
    with ExitStack() as ended:
        folder = Path(ended.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        os.environ["AUDIT_HEADS"] = str(folder / "audit-heads.jsonl")  # not the installation's own
        url = ended.enter_context(SQLiteStores.migrated_in(folder).fresh(folder))
        with _filled(url) as (engine, stored):
            yield from _sums("SQLite", engine, stored)
            with writing(engine) as connection:
                _copy(connection, stored, NUMBER - 1)
            yield from _page(url, engine, stored, f"{NUMBER} contracts")
            with writing(engine) as connection:
                _every_day(connection, stored)
            yield from _page(url, engine, stored, f"{NUMBER} contracts, every day", None)
        stores = ended.enter_context(PostgreSQLStores.migrated())
        with stores.fresh() as url, _filled(url) as (engine, stored):
            yield from _sums("PostgreSQL", engine, stored)
            with writing(engine) as connection:
                _copy(connection, stored, NUMBER - 1)
                connection.execute(text("ANALYZE"))  # as the server does itself within a minute
            yield from _page(url, engine, stored, f"{NUMBER} contracts, PostgreSQL")


@contextmanager
def _filled(url: str) -> Iterator[tuple[Engine, StoredContract]]:
    """A store with the demonstration's year in it, whose leader may see all contracts."""
    with served.filled(url, Path()) as office:
        here, now = (office.engine, office.stored), clock.now()
        accounts.set_oversight(*here, _OPERATOR, "leader", oversees=True, now=now)
        yield here


def _copy(connection: Connection, source: StoredContract, number: int) -> None:
    """So many more contracts with the source's terms, sums and receipts."""
    for index in range(number):
        terms = source.terms.model_copy(update={"code": f"bench-{index}", "name": f"合同{index}"})
        to = contracts.register(connection, terms)
        for table in (tables.daily_sum, tables.monthly_sum, tables.upload_file, tables.receipt):
            columns = [
                column for column in table.c if column.name not in {"contract_id", "content"}
            ]
            rows = select(literal(to.id), *columns).where(table.c.contract_id == source.id)
            names = ["contract_id", *(column.name for column in columns)]
            connection.execute(insert(table).from_select(names, rows))


def _every_day(connection: Connection, source: StoredContract) -> None:
    """A sum for each item of each contract on each working day."""
    for table in (tables.daily_sum, tables.monthly_sum):
        connection.execute(delete(table))
    worked = calendar.working_days(connection, source.terms.period)
    for each in contracts.every(connection):
        rows = [
            {"contract_id": each.id, "kind": kind, "day": day, "entries": 5, "units": UNITS}
            for kind in source.terms.kinds
            for day in worked
        ]
        connection.execute(insert(tables.daily_sum), rows)
    sums.add_up_months(connection, true())


def _page(
    url: str, engine: Engine, stored: StoredContract, what: str, limit: float | None = LIMIT
) -> Iterator[Reading]:
    """A run of the whole page in this process: guard, menu, header, figures, the table's HTML."""
    os.environ["DATABASE_URL"] = url
    st.cache_resource.clear()
    st.cache_data.clear()
    manifest_scanner.scan_component_manifests = list  # type: ignore[assignment]
    ContextProxy.cookies = ContextProxy.headers = {}  # type: ignore[assignment]
    app = AppTest.from_file(_ROOT / "lib" / "ui" / "entry.py", default_timeout=60)
    begun = accounts.begin_session(engine, stored, "leader", clock.now())
    app.user = user_of(begun.session_id)
    app.switch_page(str(_ROOT / "pages" / "progress" / "contracts.py"))
    app.run()
    if app.exception or not any('class="contracts"' in each.proto.body for each in app.html):
        raise RuntimeError(what)
    for when, before in (
        ("nothing kept", _forget),
        ("after an act on one of them", partial(_touch, engine, stored)),
        ("again", lambda: None),
    ):
        walls, cpus = [], []
        for _ in range(_TIMES):
            before()
            wall, cpu = time.perf_counter(), time.process_time()
            app.run()
            walls.append(1000 * (time.perf_counter() - wall))
            cpus.append(1000 * (time.process_time() - cpu))
        for clocked, values in (("wall", walls), ("CPU", cpus)):
            yield Reading(
                f"page of {what}, {when}, {clocked}", tuple(values), unit="ms", limit=limit
            )


def _forget() -> None:
    """Let go of what is kept of all contracts, but of their terms: those are read at the start."""
    here = office()
    object.__setattr__(here, "kept_of_all", Kept())
    here.stood.clear()


def _touch(engine: Engine, stored: StoredContract) -> None:
    with writing(engine) as connection:
        contracts.touch(connection, stored.id)


def _sums(store: str, engine: Engine, stored: StoredContract) -> Iterator[Reading]:
    """Reading the sums, against asking the rows; making them anew, as a part of posting."""
    scope = Scope(stored, stored.terms.as_of(None, clock.business_today()))
    with reading(engine) as connection:
        if sums.delivered(connection, scope) != person_days.delivered(connection, scope):
            raise RuntimeError(store)
        yield ratio(
            f"person-days of one contract from its sums, {store}",
            lambda: sums.delivered(connection, scope),
            lambda: person_days.delivered(connection, scope),
            against="of asking its rows",
            times=_TIMES,
            limit=1,
        )
    for number in _ROWS:
        yield _posting(store, engine, stored, number)


def _posting(store: str, engine: Engine, stored: StoredContract, number: int) -> Reading:
    """How much of posting rows that were read already goes into making their days' sums anew."""
    values = []
    for turn in range(3):
        book, days = _book(engine, stored, number, turn)
        began = time.perf_counter()
        checked = post.check(engine, stored, [book], clock.business_today())
        with contracts.rehearsing(engine, stored) as connection:
            done = post.post_checked(connection, stored, _OPERATOR, checked, now=clock.now())
            posted = time.perf_counter()
            if not done[0].receipt or done[0].receipt.added != number:
                raise RuntimeError(number)
            sums.refresh(connection, stored.id, days)
            values.append((time.perf_counter() - posted) / (posted - began))
    name = f"making sums anew in a posting of {number} rows, {store}"
    return Reading(name, tuple(values), against="of checking and writing them")


def _book(
    engine: Engine, stored: StoredContract, number: int, turn: int
) -> tuple[Workbook, Sequence[date]]:
    """A workbook of so many rows over working days of the open months, and these days."""
    with reading(engine) as connection:
        period = stored.terms.period
        people = [
            each.name
            for each in rosters.load(connection, stored.id).staff.values()
            if each.on_post_on <= period.first and each.left_on is None
        ]
        days = calendar.working_days(connection, period)
    gone = [day for day in days if day <= clock.business_today()][-_DAYS:][:number]
    rows: list[dict[str, Any]] = [
        {
            "日期": gone[index % len(gone)],
            "服务人员": people[index // len(gone) % len(people)],
            "工作内容": f"第 {turn} 次第 {index} 项",
        }
        for index in range(number)
    ]
    return workbook({"其他工作": rows}), gone
