"""What the gate saw at a word, and which run it is good for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import Role, Viewer
from lib.actions.accounts import Arrival
from lib.store.contracts import Standing
from lib.store.engine import open_store, writing
from lib.ui.looks import Looks

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Watch:
    """A clock that goes when it is told to."""

    seconds: float = 100.0

    def __call__(self) -> float:
        """Where it stands."""
        return self.seconds


def came(session_id: int, revision: int = 1) -> Arrival:
    """Somebody who comes in a session."""
    return Arrival(session_id, Viewer("leader", Role.LEADER), Standing(revision, False))


def write(folder: Path) -> None:
    """Write something in this process."""
    engine = open_store(f"sqlite:///{folder}/store.db")
    with writing(engine):
        pass
    engine.dispose()


def test_a_look_serves_one_run_of_its_session():
    looks = Looks()

    assert looks.look(lambda: came(1)) == came(1)
    assert [looks.taken(number) for number in (2, 1, 1)] == [None, came(1), None]


def test_the_last_look_is_the_one_that_serves():
    looks = Looks()
    for revision in (1, 2):
        looks.look(lambda revision=revision: came(1, revision))

    assert looks.taken(1) == came(1, 2)


def test_a_look_that_began_earlier_does_not_take_the_place_of_a_later_one():
    watch = Watch()
    looks = Looks(watch)

    def overtaken() -> Arrival:
        watch.seconds += 0.5
        looks.look(lambda: came(1, 2))
        return came(1, 1)

    looks.look(overtaken)

    assert looks.taken(1) == came(1, 2)


def test_a_look_that_took_long_is_old_at_once():
    watch = Watch()
    looks = Looks(watch)

    def slowly() -> Arrival:
        watch.seconds += 1.5
        return came(1)

    assert (looks.look(slowly), looks.taken(1)) == (came(1), None)


def test_where_nobody_was_seen_there_is_no_look():
    looks = Looks()

    assert (looks.look(lambda: None), looks.taken(1)) == (None, None)


def test_what_was_written_since_or_meanwhile_ends_a_look(tmp_path: Path):
    looks = Looks()
    looks.look(lambda: came(1))
    write(tmp_path)
    since = looks.taken(1)

    def meanwhile() -> Arrival:
        write(tmp_path)
        return came(1)

    looks.look(meanwhile)

    assert (since, looks.taken(1)) == (None, None)


def test_a_look_is_good_for_a_second():
    watch = Watch()
    looks = Looks(watch)
    for number in (1, 2):
        looks.look(lambda number=number: came(number))
    watch.seconds += 1.0
    in_time = looks.taken(1)
    watch.seconds += 0.01

    assert (in_time, looks.taken(2)) == (came(1), None)


def test_looks_that_no_run_took_are_forgotten():
    watch = Watch()
    looks = Looks(watch)
    for number in range(50):
        looks.look(lambda number=number: came(number))
        watch.seconds += 0.5

    assert len(looks) == 3
