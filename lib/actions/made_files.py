"""Files that take a while: begun by a click, made once, fetched by whoever asked for them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lib.access import may_take_acceptance_file, require
from lib.actions import take_out
from lib.actions.take_out import Names, Taken
from lib.store import audit, contracts, made_files
from lib.store.engine import reading, writing
from lib.store.made_files import MadeFile, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.store.contracts import StoredContract

ACCEPTANCE_FILE = "acceptance_file"
KEPT = timedelta(days=1)  # they hold personal data
BROKEN_OFF_AFTER = timedelta(seconds=60)  # without a word


@dataclass(frozen=True)
class Progress:
    """So many of all steps are done; the words of the next."""

    done: int
    total: int
    said: str


@dataclass(frozen=True)
class Kept:
    """A file whose bytes are kept: its name, hash and size, and what is to be known of it."""

    file_name: str
    sha256: str
    size: int
    said: str | None = None


def begin(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    asked: Mapping[str, str],
    now: datetime,
) -> tuple[int, bool]:
    """The number of the acceptance file that is made, and whether this click begins it.

    While one is made for the account, no other begins. What failed or was broken off gives way.
    """
    require(may_take_acceptance_file(viewer), "制作验收档案")
    with contracts.acting(engine, stored) as connection:
        made_files.clear(connection, stored.id, before=now - KEPT, after=now + KEPT)
        for each in made_files.of_account(connection, stored.id, viewer.name, ACCEPTANCE_FILE):
            if is_at_work(each, now):
                return each.file_id, False
            if each.state is not State.MADE:
                made_files.remove(connection, stored.id, each.file_id)
        file_id = made_files.add(connection, stored.id, viewer.name, ACCEPTANCE_FILE, asked, at=now)
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act="make_file",
            subject=ACCEPTANCE_FILE,
            after=dict(asked),
        )
    return file_id, True


def forget_old(engine: Engine, stored: StoredContract, now: datetime) -> None:
    """Forget the files that were made, or given up, long enough ago."""
    with writing(engine) as connection:
        made_files.clear(connection, stored.id, before=now - KEPT, after=now + KEPT)


def is_at_work(found: MadeFile, now: datetime) -> bool:
    """Whether somebody makes the file, as far as its row tells."""
    return found.state is State.MAKING and abs(now - found.moved_at) < BROKEN_OFF_AFTER


def tell(
    engine: Engine, stored: StoredContract, file_id: int, progress: Progress, now: datetime
) -> None:
    """Say how far the making has come, and that it goes on."""
    with writing(engine) as connection:
        made_files.move(connection, stored.id, file_id, at=now, **asdict(progress))


def settle(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    file_id: int,
    kept: Kept,
    now: datetime,
) -> Sequence[str]:
    """Say that a file is made; gives back the hashes of those that it takes the place of.

    When it was given up meanwhile, or forgotten, its own is among them.
    """
    facts = {"state": State.MADE, **asdict(kept)}
    with contracts.acting(engine, stored) as connection:
        if not made_files.move(connection, stored.id, file_id, at=now, **facts):
            return [kept.sha256]
        every = made_files.of_account(connection, stored.id, viewer.name, ACCEPTANCE_FILE)
        older = [each for each in every if each.sha256 and each.file_id != file_id]
        for each in older:
            made_files.remove(connection, stored.id, each.file_id)
    return [each.sha256 for each in older if each.sha256 and each.sha256 != kept.sha256]


def fail(engine: Engine, stored: StoredContract, file_id: int, said: str, now: datetime) -> None:
    """Say why a file was not made."""
    with writing(engine) as connection:
        made_files.move(connection, stored.id, file_id, at=now, state=State.FAILED, said=said)


def newest(
    engine: Engine, stored: StoredContract, viewer: Viewer, now: datetime
) -> MadeFile | None:
    """The acceptance file that the viewer last asked for, for as long as it is kept."""
    if not may_take_acceptance_file(viewer):
        return None
    with reading(engine) as connection:
        every = made_files.of_account(connection, stored.id, viewer.name, ACCEPTANCE_FILE)
    return next((each for each in every if _is_kept(each, now)), None)


def _is_kept(found: MadeFile, now: datetime) -> bool:
    """Whether it is young enough; of a time that has not come the clock was put back since."""
    return abs(now - found.moved_at) < KEPT


def fetch(
    engine: Engine, stored: StoredContract, viewer: Viewer, file_id: int, now: datetime
) -> MadeFile | None:
    """A made file of the viewer's own, on record; None for any other number, or no longer kept."""
    if not may_take_acceptance_file(viewer):
        return None
    with contracts.acting(engine, stored) as connection:
        found = made_files.find(connection, stored.id, viewer.name, file_id)
        if found is None or found.state is not State.MADE or not _is_kept(found, now):
            return None
        take_out.record(connection, stored, viewer, _taken(found.asked, found.sha256), now)
    return found


def record_taken(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    asked: Mapping[str, str],
    sha256: str,
    now: datetime,
) -> None:
    """Note that the acceptance file is taken at the machine."""
    require(may_take_acceptance_file(viewer), "取走验收档案")
    take_out.put_on_record(engine, stored, viewer, _taken(asked, sha256), now)


def _taken(asked: Mapping[str, object], sha256: str | None) -> Taken:
    """The acceptance file, whole: names in full."""
    return Taken("fetch_made", ACCEPTANCE_FILE, names=Names.FULL, facts={**asked, "sha256": sha256})
