"""Figures of one contract among others, against the same contract alone, and against bare SQL.

Each contract has 12 000 rows, posted in turns with the others'. What is compared is processor time,
the client's and the database's together; every page lies in memory by then.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text

from lib.contract import Cases, Coverage, Events, LocalityMonths, Visits
from lib.kpi import burn_up, cases, coverage, events, locality_months, sums, visits
from lib.kpi.figures import figures
from lib.kpi.measures import measures
from lib.kpi.overview import overview
from lib.kpi.scope import Scope
from lib.kpi.workdays import workdays
from lib.store import rosters
from lib.store.contracts import StoredContract
from lib.store.engine import open_store, reading, writing
from tests.bench import many
from tests.bench.readings import Reading, ratio
from tests.support.stores import PostgreSQLStores, SQLiteStores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

    Read = Callable[[Connection, Scope], object]

AMONG = (10, 100)
TIMES = 15
LIMIT = 1.15
_WHOLE = ("figures", "overview", "measures")  # what the limit is for; the rest says where to look


def measure() -> Iterator[Reading]:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as name:
        yield from _on("sqlite", *_files(Path(name)))
    with PostgreSQLStores.migrated() as stores, _databases(stores) as urls:
        yield from _on("postgresql", *urls)


def _files(folder: Path) -> Iterator[str]:
    """The URL of a store with one contract, then of each with more."""
    SQLiteStores.migrated_in(folder)
    alone = shutil.move(folder / "template.db", folder / "1.db")
    _fill(f"sqlite:///{alone}")
    yield f"sqlite:///{alone}"
    for number in AMONG:
        more = shutil.copyfile(alone, folder / f"{number}.db")
        yield _copied(f"sqlite:///{more}", number)


@contextmanager
def _databases(stores: PostgreSQLStores) -> Iterator[Sequence[str]]:
    with (
        stores.copies(_fill) as fresh,
        fresh() as alone,
        fresh() as some,
        fresh() as all_of_them,
    ):
        others = (some, all_of_them)
        yield (alone, *map(_copied, others, AMONG))


def _fill(url: str) -> None:
    engine = open_store(url)
    many.filled(engine, many.terms())
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.execute(text("ANALYZE"))
    engine.dispose()


def _copied(url: str, number: int) -> str:
    engine = open_store(url)
    many.copied(engine, StoredContract(many.terms(), 1), number - 1)
    engine.dispose()
    return url


def _on(store: str, *urls: str) -> Iterator[Reading]:
    engines = [open_store(url) for url in urls]
    for name, read in _reads().items():
        for number, engine in zip(AMONG, engines[1:], strict=True):
            with _asking(engines[0], 1, read) as alone, _asking(engine, number // 2, read) as among:
                yield ratio(
                    f"{store}: {name} of one among {number}",
                    among.ask,
                    alone.ask,
                    against="of the same contract alone",
                    times=TIMES,
                    limit=LIMIT if name in _WHOLE else None,
                    clock=partial(_spent, alone, among),
                )
    with _asking(engines[-1], AMONG[-1] // 2, _reads()["figures"]) as asked:
        said = f"of the bare SQL of its {len(asked.statements)} statements"
        yield ratio(
            f"{store}: figures among {AMONG[-1]}",
            asked.ask,
            asked.ask_bare,
            against=said,
            times=TIMES,
            clock=partial(_spent, asked),
        )
    for engine in engines:
        engine.dispose()


def _reads() -> Mapping[str, Read]:
    """What the overview is made of, by name; the whole of it first."""
    found: dict[str, Read] = {
        "figures": figures,
        "overview": overview,
        "measures": measures,
        "rosters": lambda connection, scope: rosters.load(connection, scope.contract_id),
        "burn-up": lambda connection, scope: burn_up.of_quotas(
            scope, workdays(connection, scope), sums.units_by_day(connection, scope)
        ),
    }
    for obligation in many.terms().obligation:
        found[obligation.code] = partial(_part, obligation)
    return found


def _part(obligation: object, connection: Connection, scope: Scope) -> object:
    """What the overview reads of an obligation besides its figure."""
    match obligation:
        case Coverage():
            return coverage.problems(connection, scope, obligation)
        case Visits():
            days = workdays(connection, scope)
            return visits.this_month(connection, scope, obligation, days)
        case Events():
            return events.listed(connection, scope, obligation)
        case Cases():
            return cases.listed(connection, scope, obligation)
        case LocalityMonths():
            return locality_months.localities_by_month(connection, scope, obligation)
    raise TypeError(obligation)


class _Asked:
    """A read on a connection of its own, and the statements it is made of."""

    def __init__(self, connection: Connection, scope: Scope, read: Read) -> None:
        self.connection, self.scope, self.read = connection, scope, read
        self.server = (
            connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            if connection.dialect.name == "postgresql"
            else None
        )
        self.statements: list[tuple[str, Any]] = []
        event.listen(connection, "before_cursor_execute", self._keep)
        self.ask()
        event.remove(connection, "before_cursor_execute", self._keep)

    def _keep(self, *heard: Any) -> None:  # noqa: ANN401 - as SQLAlchemy tells it
        self.statements.append((heard[2], heard[3]))

    def ask(self) -> None:
        """Read it as the product does."""
        self.read(self.connection, self.scope)

    def ask_bare(self) -> None:
        """Run the same statements with the driver alone."""
        driver: Any = self.connection.connection.driver_connection
        for statement, values in self.statements:
            driver.execute(statement, values).fetchall()

    @property
    def served(self) -> float:
        """Processor time of the server's process for this connection, where there is one."""
        if self.server is None:
            return 0.0
        return int(Path(f"/proc/{self.server}/schedstat").read_text().split()[0]) / 1e9


def _spent(*asked: _Asked) -> float:
    """Processor time so far: ours, and what servers spent for us."""
    return time.process_time() + sum(each.served for each in asked)


@contextmanager
def _asking(engine: Engine, contract_id: int, read: Read) -> Iterator[_Asked]:
    stored = StoredContract(many.terms(), contract_id)
    day = stored.terms.end - timedelta(days=45)  # the last months are under way
    with reading(engine) as connection:
        yield _Asked(connection, Scope(stored, day), read)
