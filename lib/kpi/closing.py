"""How far the closing of a contract's months has come: which are signed, which one is next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lib.periods import months_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from lib.contract import Contract
    from lib.periods import Month
    from lib.store.signatures import Signature


class Stage(StrEnum):
    """Where a month stands on its way to being closed."""

    RUNNING = "running"
    WAITING = "waiting"
    READY = "ready"
    SIGNED = "signed"

    @property
    def label(self) -> str:
        """The words officials use."""
        return _LABELS[self]


_LABELS = {
    Stage.RUNNING: "未到期",
    Stage.WAITING: "待前月签认",
    Stage.READY: "可签认",
    Stage.SIGNED: "已签认",
}


@dataclass(frozen=True)
class MonthStanding:
    """A month, where it stands, the signature that holds (or None), and those that held before.

    A month that was opened again is never told as signed, but what was signed of it stays.
    """

    month: Month
    stage: Stage
    signature: Signature | None
    earlier: tuple[Signature, ...]


def standings(
    contract: Contract, every: Iterable[Signature], today: date
) -> Sequence[MonthStanding]:
    """Every month of the contract in order, given every signature there ever was."""
    listed = list(every)
    found: list[MonthStanding] = []
    for month in months_of(contract.period):
        own = [each for each in listed if each.month == str(month)]
        held = next((each for each in own if each.reopened_at is None), None)
        if held:
            stage = Stage.SIGNED
        elif today <= min(month.last, contract.end):
            stage = Stage.RUNNING
        elif all(each.stage is Stage.SIGNED for each in found):
            stage = Stage.READY
        else:
            stage = Stage.WAITING
        earlier = tuple(each for each in own if each.reopened_at is not None)
        found.append(MonthStanding(month, stage, held, earlier))
    return found


def next_to_look_at(every: Sequence[MonthStanding]) -> MonthStanding:
    """The first month that is over and not signed, else the last signed, else the first of all."""
    over = (each for each in every if each.stage is Stage.READY)
    signed = (each for each in reversed(every) if each.stage is Stage.SIGNED)
    return next(over, next(signed, every[0]))
