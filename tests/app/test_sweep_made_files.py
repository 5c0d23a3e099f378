"""Made files go by themselves after a day, whether anybody comes to the page or not."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lib import clock
from lib.actions.made_files import KEPT
from lib.store.engine import writing
from lib.store.schema import made_file
from lib.ui import lifespan, resources
from tests.support.leaving import keep
from tests.support.visits import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import pytest

    from tests.support.visits import Office


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def age(office: Office, folder: Path) -> None:
    """Let what is made be a day old, as row and as bytes."""
    then = clock.now() - KEPT
    with writing(office.engine) as connection:
        connection.execute(made_file.update().values(moved_at=then))
    for path in folder.rglob("*"):
        os.utime(path, (then.timestamp(), then.timestamp()))


@asynccontextmanager
async def swept() -> AsyncIterator[None]:
    """While a server lives, in which ten minutes pass at once."""
    sweeping = asyncio.create_task(lifespan.sweep(every=0.01))
    yield
    sweeping.cancel()


async def until_swept(folder: Path) -> None:
    """A server that lives until nothing is kept any more."""
    async with swept():
        await until(lambda: not kept(folder))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in another thread."""
    while not condition():  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)


def test_a_file_goes_after_its_day_with_nobody_looking(office: Office, tmp_path: Path):
    folder = tmp_path / "evidence" / "made"
    keep(office)
    resources.file_desk().sweep()
    assert len(kept(folder)) == 1

    age(office, folder)
    asyncio.run(asyncio.wait_for(until_swept(folder), TIMEOUT))
    with writing(office.engine) as connection:
        assert connection.execute(made_file.select()).all() == []


def test_a_round_that_fails_is_followed_by_the_next(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    folder, away = tmp_path / "evidence", tmp_path / "away"
    keep(office)
    age(office, folder / "made")
    folder.rename(away)
    folder.touch()

    async def mended() -> None:
        async with swept():
            await until(lambda: "could not sweep" in caplog.text)
            folder.unlink()
            away.rename(folder)
            await until(lambda: not kept(folder))

    asyncio.run(asyncio.wait_for(mended(), TIMEOUT))
