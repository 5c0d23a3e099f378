"""Keeping what somebody types into a form until it is posted or put away: everybody's own only.

A draft is no act on the ledger: it is neither audited nor counted as a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import may_upload, require
from lib.store import contracts, drafts
from lib.store.drafts import Draft
from lib.store.engine import reading
from lib.text import mask_identity_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.store.contracts import StoredContract

_ACT = "录入工作日志"


def keep(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    slot: str,
    cells: Mapping[str, str | int | float],
    now: datetime,
) -> None:
    """Keep a form's cells, identity numbers masked, in place of what its slot held."""
    require(may_upload(viewer), _ACT)
    masked = {slug: _masked(cell) for slug, cell in cells.items()}
    with contracts.acting(engine, stored) as connection:
        drafts.save(connection, stored.id, viewer.name, Draft(slot, masked, now))


def _masked(cell: str | float) -> str | float:
    """The cell as it is without identity numbers, typed as a number or not."""
    masked = mask_identity_numbers(str(cell))
    return cell if masked == str(cell) else masked


def own(engine: Engine, stored: StoredContract, viewer: Viewer) -> Sequence[Draft]:
    """The viewer's own drafts, the newest first."""
    require(may_upload(viewer), _ACT)
    with reading(engine) as connection:
        return drafts.listed(connection, stored.id, viewer.name)


def put_away(engine: Engine, stored: StoredContract, viewer: Viewer, slot: str) -> None:
    """Let go of a draft of the viewer's own: posted, or no longer wanted."""
    require(may_upload(viewer), _ACT)
    with contracts.acting(engine, stored) as connection:
        drafts.remove(connection, stored.id, viewer.name, slot)
