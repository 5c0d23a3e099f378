"""What an act changes of the figures: the same figures before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from lib.kpi import sums
from lib.kpi.figures import figures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from lib.kpi.figures import Figure
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Effect:
    """Person-days of all items together that come (or, below 0, go), and the figures that move.

    `moved` holds each obligation's figure before and after, where they differ.
    """

    person_days: Fraction
    moved: Sequence[tuple[Figure, Figure]]


def effect(connection: Connection, scope: Scope, act: Callable[[], object]) -> Effect:
    """What an act done on this connection changes, as of the scope's day."""
    days, before = _worked(connection, scope), figures(connection, scope)
    act()
    after = figures(connection, scope)
    moved = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    return Effect(_worked(connection, scope) - days, moved)


def _worked(connection: Connection, scope: Scope) -> Fraction:
    return sum(sums.delivered(connection, scope).values(), start=Fraction(0))
