"""A rerun of each page over the real websocket, in turns with an empty page served the same way.

Every page of the menu that needs no parameter, as the first of reviewer, team lead and
administrator who may open it. Client and parsing are in both times.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sqlalchemy import event

from lib import clock
from lib.kpi.overview import overview
from lib.kpi.scope import Scope
from lib.store import contracts
from lib.store.engine import reading
from lib.ui import navigation
from tests.bench import served
from tests.bench.readings import Reading, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_TIMES = 60
_WARM = 5
_VIEWS = 400  # the kernel counts processor time in hundredths of a second
_POSTINGS = 30
_AGAINST = "empty page"
_USERS = ("reviewer", "lead1", "admin")
_ALONE = ("progress/wall", "progress/brief", "account/password")  # not in the menu, no parameter
_OVERVIEW = "progress/overview"
_OVERVIEW_LIMIT, _CPU_LIMIT, _SQL_LIMIT = 2.5, 15.0, 2.0
_ALLOWED = 0.010  # seconds that the overview may take beside its SQL


def measure() -> Iterator[Reading]:
    """Each page, then what a view of the overview costs the server, then it after a posting."""
    with ExitStack() as stack:
        office = stack.enter_context(served.office())
        ours = stack.enter_context(served.product(office))
        nothing = stack.enter_context(served.empty(office.folder))
        empty = stack.enter_context(served.page(nothing))
        tokens = {name: office.cookie(name) for name in _USERS}
        for page in _pages():
            if who := _who(office, page):
                yield _rerun(ours, empty, page, tokens[who])
        token = office.cookie("leader")
        yield _processor(ours, token)
        yield _after_posting(office, ours, token)


def _pages() -> Sequence[navigation.MenuPage]:
    return [page for page in navigation.MENU if page.listed or page.file in _ALONE]


def _who(office: served.Office, page: navigation.MenuPage) -> str | None:
    """Who of ours may open the page; none sees all contracts, which `compare` measures."""
    those = (name for name in _USERS if navigation.may_open(office.viewer(name), page.file))
    return next(those, None)


def _rerun(
    ours: served.Running, empty: served.Page, page: navigation.MenuPage, token: str
) -> Reading:
    address = "" if page.file == _OVERVIEW else navigation.address(page.file)
    with served.page(ours, address, token=token) as opened:
        for _ in range(_WARM):
            opened.rerun()
        name = f"rerun of {page.file}, {opened.messages} messages, {opened.received} bytes"
        limit = _OVERVIEW_LIMIT if page.file == _OVERVIEW else None
        return ratio(name, opened.rerun, empty.rerun, against=_AGAINST, times=_TIMES, limit=limit)


def _processor(ours: served.Running, token: str) -> Reading:
    """What a view of the overview costs the server, all of its process included."""
    with served.page(ours, token=token) as opened:
        for _ in range(_WARM):
            opened.rerun()
        values = []
        for _ in range(3):
            before = ours.cpu
            for _ in range(_VIEWS):
                opened.rerun()
            values.append((ours.cpu - before) / _VIEWS * 1000)
    return Reading(
        "processor time for a view of the overview", tuple(values), "ms", limit=_CPU_LIMIT
    )


def _after_posting(office: served.Office, ours: served.Running, token: str) -> Reading:
    """The overview as the first sees it after an act that may have changed its figures.

    Against the same statements with the same values, sent by the driver alone.
    """
    asked = _statements(office)
    values = []
    with served.page(ours, token=token) as opened:
        opened.rerun()
        for _ in range(_POSTINGS):
            with contracts.acting(office.engine, office.stored) as connection:
                contracts.touch(connection, office.stored.id)
            took = opened.rerun() - _ALLOWED
            values.append(took / _sql(office, asked))
    return Reading(
        f"overview after a posting, less {_ALLOWED * 1000:.0f} ms",
        tuple(values),
        against=f"its {len(asked)} statements alone",
        limit=_SQL_LIMIT,
    )


def _statements(office: served.Office) -> Sequence[tuple[str, Any]]:
    """What the overview asks the store, with the values asked for."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        asked.append((statement, values))

    event.listen(office.engine, "before_cursor_execute", note)
    scope = Scope(office.stored, office.stored.terms.as_of(None, clock.business_today()))
    with reading(office.engine) as connection:
        overview(connection, scope)
    event.remove(office.engine, "before_cursor_execute", note)
    return [(statement, values) for statement, values in asked if "SELECT" in statement]


def _sql(office: served.Office, asked: Sequence[tuple[str, Any]]) -> float:
    """Seconds that the driver takes for the statements."""
    with office.engine.connect() as connection:
        cursor = connection.connection.cursor()
        began = time.perf_counter()
        for statement, values in asked:
            cursor.execute(statement, values)
            cursor.fetchall()
        return time.perf_counter() - began
