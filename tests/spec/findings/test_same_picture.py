"""The same picture hanging on two entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.findings.same_picture import SAME_PICTURE
from lib.store import evidence
from lib.store.evidence import Subject
from tests.spec import small
from tests.spec.findings.planting import check, found, march

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract

VISITS = {"特困老人核查": [check(march(day), "E1") for day in range(6, 18)]}


@dataclass(frozen=True)
class Hung:
    """A picture as it is kept and as it was received, by its letter, on an entry or receipt."""

    kept: str
    received: str
    on: int
    of: str = "entry"
    removed: bool = False


PICTURES = [
    Hung("a", "b", 1),  # kept once, on two entries
    Hung("a", "b", 2),
    Hung("c", "d", 3),  # received twice, and cleaned by two versions
    Hung("e", "d", 4),
    Hung("f", "1", 5),  # taken from here, and handed in again
    Hung("2", "f", 6),
    Hung("3", "4", 7),  # taken off the other
    Hung("3", "4", 8, removed=True),
    Hung("5", "6", 9),  # also on the receipt
    Hung("5", "6", 1, "receipt"),
    Hung("7", "g", 10),  # on one that is withdrawn
    Hung("7", "g", 11),
    Hung("9", "0", 12),  # twice on one entry
    Hung("8", "0", 12),
]


def digest(letter: str) -> str:
    """Something like a hash."""
    return letter * 64


def hang(connection: Connection, stored: StoredContract) -> None:
    """Hang all pictures."""
    for each in PICTURES:
        facts = {
            "sha256": digest(each.kept),
            "media_type": "image/jpeg",
            "size": 1,
            "width": 1,
            "height": 1,
            "received_sha256": digest(each.received),
            "kept_at": small.NOW,
        }
        evidence.keep(connection, stored.id, facts)
        subject = Subject(each.of, each.on)
        number = evidence.attach(
            connection, stored.id, subject, digest(each.kept), at=small.NOW, by="某人"
        )
        if each.removed:
            evidence.take_off(
                connection, stored.id, number, at=small.NOW, by="某人", reason="附错了"
            )


def test_a_picture_on_two_entries(shared_engine: Engine):
    assert found(shared_engine, SAME_PICTURE, VISITS, then=hang, withdrawn=[11]) == {
        "b" * 12: [1, 2],
        "d" * 12: [3, 4],
        "1" * 12: [5, 6],
    }
