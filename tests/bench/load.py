"""Many at once over the real websocket, on a made-up year, served by a process as offices run it.

The visitors are in this process, on the same machine: what they take is told apart from what the
server takes, but both share its cores. Bytes are those before the websocket compresses them. A p95
is taken of each round; what is printed is the middle of these.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

from lib import clock
from lib.kpi.overview import headline, overview
from lib.kpi.scope import Scope
from lib.store import rosters
from lib.store.engine import reading
from tests.bench.readings import TIMES, Reading
from tests.bench.served import empty, filled, product
from tests.bench.visitor import visiting
from tests.support.small_office import book
from tests.support.stores import PostgreSQLStores

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from tests.bench.served import Office, Running
    from tests.bench.visitor import Run, Visitor

ROUNDS, VIEWS = 5, 10  # of a crowd; a viewer's views in each
CROWDS = {25: 0.45, 50: 0.8}  # viewers at once, seconds that 19 of 20 views may take
VISITORS, THINK, RAMP, WINDOW, WINDOWS = 100, 5.0, 10.0, 20.0, 3  # seconds but for the numbers
RERUNS, ENDS, WARMING = 5000, 2000, 500
LEFT_FOR = 5  # seconds after which a page that was left is forgotten, here; 300 as shipped
MIX = (
    *("", "obligations", "localities", "worklist", "campaign", "elder_checks"),
    *("people", "cases", "trainings", "tasks", "findings", "settlement", "brief"),
)
_EMPTY = "views of a page with one word on it, served the same way"
DAYS = ("2023-06-30", "2023-09-30", "2023-11-30", "2023-12-31")


@asynccontextmanager
async def _crowd(
    number: int, *servers: Running, office: Office | None = None, name: str = "leader"
) -> AsyncIterator[list[Visitor]]:
    """So many visitors, each in a session of its own, the first page on their screens."""
    async with AsyncExitStack() as open_pages:
        here: list[Visitor] = []
        for server, _ in zip(cycle(servers), range(number)):
            page = visiting(server.address, office.cookie(name) if office else "")
            here.append(await open_pages.enter_async_context(page))
            _require_sound([await here[-1].open()])
        yield here


def measure() -> Iterator[Reading]:
    """All of it on each database."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as stores:
        folder = Path(name)
        postgresql = stores.enter_context(PostgreSQLStores.migrated())
        url = stores.enter_context(postgresql.fresh())
        for database, at in (("SQLite", f"sqlite:///{folder}/store.db"), ("PostgreSQL", url)):
            with filled(at, folder) as office:
                for found in _of(office):
                    yield replace(found, name=f"{database}: {found.name}")


def _of(office: Office) -> Iterator[Reading]:
    with _served(office) as server, empty(office.folder) as yardstick:
        for number in CROWDS:
            yield from asyncio.run(_crowded(office, server, yardstick, number))
    with _served(office) as server:
        yield from asyncio.run(_thinking(office, server))
        yield from asyncio.run(_posted_amid(office, server))
    with _served(office) as server:
        yield from asyncio.run(_remembered(office, server))
    for sessions in (1, VISITORS):
        with _served(office) as server, empty(office.folder) as yardstick:
            yield from asyncio.run(_again_and_again(office, server, yardstick, sessions))
    with _served(office) as one, _served(office) as other:
        yield from asyncio.run(_side_by_side(office, one, other))


def _served(office: Office) -> AbstractContextManager[Running]:
    return product(office, STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL=str(LEFT_FOR))


async def _crowded(
    office: Office, server: Running, yardstick: Running, number: int
) -> list[Reading]:
    """Views back to back: seconds, and what server and visitors take of the processor."""
    ours, bare = [], []
    async with (
        _crowd(number, server, office=office) as here,
        _crowd(number, yardstick) as there,
    ):
        await _round(server, here)
        for _ in range(ROUNDS):
            ours.append(await _round(server, here))
            bare.append(await _round(yardstick, there))
    ratios = tuple(a[0] / b[0] for a, b in zip(ours, bare, strict=True))
    seconds, cpu, own = zip(*ours, strict=True)
    name = f"{number} viewers of the overview at once"
    return [
        Reading(f"{name}, p95", seconds, "s", limit=CROWDS[number]),
        Reading(f"{name}, p95 against as many on an empty page", ratios, against=_EMPTY),
        Reading(f"{name}, the server's CPU a view", cpu, "ms", limit=15),
        Reading(f"{name}, the visitors' own CPU a view", own, "ms"),
    ]


async def _round(server: Running, here: Sequence[Visitor]) -> tuple[float, float, float]:
    """The p95 of the views of a round; what server and visitors took for one, in milliseconds."""
    before, own = server.cpu, time.process_time()
    runs = await _views(here, VIEWS)
    taken = server.cpu - before, time.process_time() - own
    return _p95(runs), 1000 * taken[0] / len(runs), 1000 * taken[1] / len(runs)


async def _views(here: Sequence[Visitor], number: int) -> list[Run]:
    """So many views of each, all at the same time."""

    async def look(visitor: Visitor) -> list[Run]:
        return [await visitor.rerun() for _ in range(number)]

    found = [run for runs in await asyncio.gather(*map(look, here)) for run in runs]
    _require_sound(found)
    return found


async def _thinking(office: Office, server: Running) -> list[Reading]:
    """A hundred who look, think, look at something else; they come one by one in the beginning."""
    chance = random.Random(7)  # noqa: S311 - who looks at what
    windows: list[list[Run]] = [[] for _ in range(WINDOWS)]
    failed = 0

    async def visit(visitor: Visitor, own: random.Random, begun: float) -> None:
        nonlocal failed
        await asyncio.sleep(own.uniform(0, RAMP))
        while (passed := time.monotonic() - begun - RAMP) < WINDOW * WINDOWS:
            run = await _step(visitor, own)
            failed += bool(run.faults)
            if passed >= 0:
                windows[int(passed / WINDOW)].append(run)
            await asyncio.sleep(own.expovariate(1 / THINK))

    async with _crowd(VISITORS, server, office=office) as here:
        begun, before, own = time.monotonic(), server.cpu, time.process_time()
        seeds = [random.Random(chance.random()) for _ in here]  # noqa: S311 - the same
        await asyncio.gather(*(visit(v, s, begun) for v, s in zip(here, seeds, strict=True)))
        passed = time.monotonic() - begun
        busy = (server.cpu - before) / passed, (time.process_time() - own) / passed
    name = f"{VISITORS} visitors of {len(MIX)} pages, {THINK:g} s between views"
    views = sum(map(len, windows))
    return [
        Reading(f"{name}, p95 after {RAMP:g} s", tuple(map(_p95, windows)), "s", limit=0.3),
        Reading(f"{name}, views that failed of {views}", (failed,), "views", limit=0),
        Reading(f"{name}, a core's part that the server takes", (100 * busy[0],), "%"),
        Reading(f"{name}, a core's part that the visitors take", (100 * busy[1],), "%"),
    ]


async def _step(visitor: Visitor, chance: random.Random) -> Run:
    """Another page, another day, or the same again."""
    does = chance.random()
    if does < 1 / 2:
        return await visitor.open(chance.choice(MIX))
    if does < 3 / 4 and visitor.has("as_of"):
        visitor.choose("as_of", chance.choice(DAYS))
    return await visitor.rerun()


async def _remembered(office: Office, server: Running) -> list[Reading]:
    """What a session holds in memory, and whether it is let go of when its page is left."""
    async with _crowd(5, server, office=office):
        pass
    held = []
    for _ in range(2):
        await asyncio.sleep(LEFT_FOR + 1)
        async with _crowd(1, server, office=office):  # with somebody new the old are forgotten
            pass
        before = server.memory / 2**20
        async with _crowd(VISITORS, server, office=office) as here:
            await _views(here, 2)
            held.append((before, server.memory / 2**20))
    (before, first), (_, second) = held
    name = f"memory of a session on the overview, of {VISITORS}"
    return [
        Reading(name, ((first - before) / VISITORS,), "MB", limit=0.5),
        Reading(
            f"memory that {VISITORS} more take once the first have left",
            ((second - first) / VISITORS,),
            "MB a session",
            limit=0.1,
        ),
    ]


async def _again_and_again(
    office: Office, server: Running, yardstick: Running, sessions: int
) -> list[Reading]:
    """Views one after the other: whether the last take longer than the first, or more memory.

    After each comes one of the empty page, whose time says how quick the machine is meanwhile.
    """
    async with (
        _crowd(sessions, server, office=office) as here,
        _crowd(1, yardstick) as (bare,),
    ):
        turns = cycle(here)

        async def stretch(views: int) -> _Stretch:
            return await _in_turns(server, turns, yardstick, bare, views)

        await stretch(WARMING)
        before = server.memory
        first = await stretch(ENDS)
        between = await stretch(RERUNS - 2 * ENDS)
        last = await stretch(ENDS)
        after = server.memory
    name = f"{RERUNS} views in {sessions} session{'s' if sessions > 1 else ''}"
    ends = f"the first {ENDS} after {WARMING}, each against the empty page's meanwhile"
    slower, dearer = last.times / first.times, last.cpu_times / first.cpu_times
    return [
        Reading(f"{name}, seconds of the last {ENDS}", (slower,), TIMES, ends, limit=1.1),
        Reading(f"{name}, CPU of the last {ENDS}", (dearer,), TIMES, ends, limit=1.1),
        Reading(f"{name}, memory", (after / before,), TIMES, "that before them", limit=1.1),
        Reading(f"{name}, a view", (*first.seconds, *between.seconds, *last.seconds), "s"),
    ]


@dataclass(frozen=True)
class _Stretch:
    """Views in turns with the empty page: the seconds of each, and all in its times."""

    seconds: list[float]
    times: float
    cpu_times: float


async def _in_turns(
    server: Running, turns: Iterator[Visitor], yardstick: Running, bare: Visitor, number: int
) -> _Stretch:
    before = server.cpu, yardstick.cpu
    runs = [(await next(turns).rerun(), await bare.rerun()) for _ in range(number)]
    cpu = server.cpu - before[0], yardstick.cpu - before[1]
    ours, bares = zip(*runs, strict=True)
    _require_sound([*ours, *bares])
    seconds = [run.seconds for run in ours]
    return _Stretch(seconds, sum(seconds) / sum(run.seconds for run in bares), cpu[0] / cpu[1])


async def _posted_amid(office: Office, server: Running) -> list[Reading]:
    """A lead uploads and posts while fifty look: whose next view does not show the new figure."""
    before, rows = _headline(office), _rows(office)
    posted = asyncio.Event()
    meanwhile: list[Run] = []

    async def look(visitor: Visitor) -> str:
        while not posted.is_set():
            meanwhile.append(await visitor.rerun())
        _require_sound([await visitor.rerun()])
        return visitor.text

    async with (
        _crowd(50, server, office=office) as here,
        _crowd(1, server, office=office, name="lead1") as (lead,),
    ):
        looking = [asyncio.create_task(look(visitor)) for visitor in here]
        seconds = await _post(lead, rows)
        posted.set()
        texts = await asyncio.gather(*looking)
    after = _headline(office)
    if after == before:
        msg = f"{len(rows)} rows changed no figure: {after}"
        raise RuntimeError(msg)
    _require_sound(meanwhile)
    missed = sum(after not in text for text in texts)
    name = f"a lead posts {len(rows)} rows while 50 look"
    return [
        Reading(f"{name}, who do not see the new figure then", (missed,), "viewers", limit=0),
        Reading(f"{name}, p95 of their views meanwhile", (_p95(meanwhile),), "s"),
        Reading(f"{name}, the lead's way from file to receipt", (seconds,), "s"),
    ]


def _headline(office: Office) -> str:
    """The overview's first sentence, computed by this process."""
    scope = Scope(office.stored, office.stored.terms.as_of(None, clock.business_today()))
    with reading(office.engine) as connection:
        return headline(overview(connection, scope))


def _rows(office: Office) -> list[dict[str, object]]:
    """Rows that nobody has entered, on free days of a month that is open: they change figures."""
    with reading(office.engine) as connection:
        roster = rosters.load(connection, office.stored.id)
    last, team = office.stored.terms.end, next(iter(roster.teams))
    staff = [each.name for each in roster.staff.values() if each.team == team and not each.left_on]
    place = next(iter(roster.localities.values())).name
    days = [day for ago in range(60) if _is_free(day := last - timedelta(days=ago))]
    return [
        {"日期": day, "服务人员": name, "村(社区)": place, "宣传形式": "负荷测试"}
        for day in days
        for name in staff[:3]
    ]


def _is_free(day: date) -> bool:
    return day.isoweekday() > 5


async def _post(lead: Visitor, rows: Sequence[dict[str, object]]) -> float:
    """Upload a workbook and post it, as a lead does; seconds from the file to the receipt."""
    _require_sound([await lead.open("upload")])
    begun = time.perf_counter()
    _require_sound([await lead.upload("upload_chooser_0", "负荷.xlsx", book({"政策宣传": rows}))])
    post = f"过账 {len(rows):,} 行"
    while not lead.has(post):
        await asyncio.sleep(0.2)
        _require_sound([await lead.rerun()])
    _require_sound([await lead.press(post)])
    while "已过账，回执号" not in lead.text:
        await asyncio.sleep(0.2)
        _require_sound([await lead.rerun()])
    return time.perf_counter() - begun


async def _side_by_side(office: Office, *servers: Running) -> list[Reading]:
    async with _crowd(50, *servers, office=office) as here:
        await _views(here, 1)
        seconds = [_p95(await _views(here, VIEWS)) for _ in range(ROUNDS)]
    name = f"50 viewers of the overview at once, {len(servers)} processes, p95"
    return [Reading(name, tuple(seconds), "s", limit=CROWDS[50])]


def _require_sound(runs: Sequence[Run]) -> None:
    """Nothing is measured of pages that fail: RuntimeError."""
    faults = {fault for run in runs for fault in run.faults}
    if faults:
        raise RuntimeError(", ".join(sorted(faults)))


def _p95(runs: Sequence[Run]) -> float:
    return quantiles([run.seconds for run in runs], n=20, method="inclusive")[-1]
