"""Whether a sample is drawn again from today's ledger the same, or what changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from lib.kpi.frame import Design, Frame, frame
from lib.store.ledger import VERSIONS
from lib.store.schema import entry, receipt, withdrawal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from lib.kpi.samples import Sample
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Redrawn:
    """A sample drawn again by its seed from the ledger as it is now.

    `frame` is what it would be drawn from; `is_same_frame` whether that says what it said then,
    `is_same` whether the same entries are drawn. `changed` are the entries of its days and kinds
    that were added, corrected, withdrawn or counted again since, in order.
    """

    frame: Frame
    is_same_frame: bool
    is_same: bool
    changed: Sequence[int]


def redrawn(connection: Connection, scope: Scope, sample: Sample) -> Redrawn:
    """Draw a sample again, and compare."""
    now = frame(connection, scope, design_of(sample))
    drawn = {(member.entry_id, member.version) for member in now.drawn(sample.seed)}
    return Redrawn(
        now,
        is_same_frame=now.hash == sample.frame_hash,
        is_same=drawn == {(item.entry_id, item.version) for item in sample.items},
        changed=_changed(connection, scope, sample),
    )


def design_of(sample: Sample) -> Design:
    """What was asked for when it was drawn."""
    return Design(sample.first, sample.last, sample.kinds, sample.confidence, sample.margin)


def _changed(connection: Connection, scope: Scope, sample: Sample) -> Sequence[int]:
    query = (
        select(entry.c.entry_id)
        .distinct()
        .select_from(VERSIONS)
        .where(
            entry.c.contract_id == scope.contract_id,
            entry.c.kind.in_(sample.kinds),
            entry.c.day.between(sample.first, sample.last),
            or_(
                receipt.c.posted_at > sample.drawn_at,
                and_(
                    withdrawal.c.withdrawn_at.is_not(None),
                    withdrawal.c.withdrawn_at > sample.drawn_at,
                ),
            ),
        )
        .order_by(entry.c.entry_id)
    )
    return list(connection.execute(query).scalars())
