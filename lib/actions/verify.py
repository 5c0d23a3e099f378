"""Verifying: an act on record, made of checks that change nothing (spec §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import require, sees_acceptance
from lib.kpi import verification
from lib.kpi.verification import Check, Held, Part, Verification
from lib.store import audit, contracts, grants, heads, signatures
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.kpi.verification import Tell
    from lib.store.contracts import StoredContract

VERIFIED = "verify"
_NO_MONTHS = (Part.LOG, Part.HEADS)  # what they say of keeps no month from being computed
_SAME, _DIFFERS = "same", "differs"
# What is to be done when something differs: nothing in the application makes it right again.
ADVICE = (
    "这说明有人绕过本系统改动了数据库。请先备份现状，不要再改动；"
    "再与签认时的档案和更早的备份比对，查明是谁、何时改动。"
)


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody is told."""


def verify(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    now: Callable[[], datetime],
    tell: Tell = silent,
) -> Verification:
    """Verify the contract's audit log and its signed months, and put the result on record.

    First the log, then every signature, then the closed months' rows as of one moment, and the
    daily sums; then the months' figures, which rest on no sums. `now` is asked for the time when
    it is done.
    """
    require(sees_acceptance(viewer), "核验")
    held = _held(engine, stored)
    with reading(engine) as connection:
        checks = list(verification.of_store(connection, stored.id, _half(tell), held))
        sums = verification.sums_checked(connection, stored.id)
        remarks = grants.remarks(connection)
    checks += _figures(engine, stored, checks, tell)
    found = Verification((*checks, sums), remarks)
    _record(engine, stored, viewer, found, now())
    return found


def _held(engine: Engine, stored: StoredContract) -> Held | None:
    """What is kept of the log outside the database, what a crash left out caught up first."""
    path = heads.place(engine)
    if path is None:
        return None
    heads.follow(engine, stored)
    try:
        return Held(heads.kept(path, stored.terms.code), unwritten=heads.fault(engine))
    except OSError as error:
        return Held(heads.Kept(), f"库外校验值读不出来（{error.strerror}）")


def _half(tell: Tell) -> Tell:
    """Tells of work after which as much is still to be done."""
    return lambda what, done, total: tell(what, done, 2 * total)


def _figures(
    engine: Engine, stored: StoredContract, checks: Sequence[Check], tell: Tell
) -> Iterator[Check]:
    """The figures of the closed months, as far as all that they follow from is as it was signed."""
    rows = [check for check in checks if check.part is Part.ROWS]
    others = [check.month for check in checks if check.difference and check.part not in _NO_MONTHS]
    sound = [each for each in rows if all(each.month < other for other in others)]
    for done, check in enumerate(sound):
        tell(f"{check.month} 的数字", len(sound) + done, 2 * len(sound))
        with contracts.rehearsing(engine, stored) as connection:
            held = signatures.closed(connection, stored.id).get(check.month)
            if held and held.signature_id == check.signature_id:
                yield verification.figures_checked(connection, stored, held)


def _record(
    engine: Engine, stored: StoredContract, viewer: Viewer, found: Verification, now: datetime
) -> None:
    with contracts.acting(engine, stored) as connection:
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act=VERIFIED,
            subject=_DIFFERS if found.differences else _SAME,
            after={
                "months": found.months,
                **{str(part): found.number(part) for part in Part},
                "differences": [[str(each.part), each.month] for each in found.differences],
            },
        )


@dataclass(frozen=True)
class Last:
    """The last verification on record: when, by whom, and whether all was as it was signed."""

    at: datetime
    by: str
    same: bool


def last_verified(connection: Connection, stored: StoredContract) -> Last | None:
    """The last verification; None before the first."""
    line = audit.last(connection, stored.id, VERIFIED)
    return Last(line["at"], line["by"], line["subject"] == _SAME) if line else None
