"""Putting daily sums right: they are derived, and must be what the ledger's rows come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import may_rebuild, require
from lib.kpi import sums
from lib.store import audit, contracts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.kpi.sums import Difference
    from lib.store.contracts import AnyContract


def put_right(
    engine: Engine, contract: AnyContract, viewer: Viewer, now: datetime
) -> Sequence[Difference]:
    """Make a contract's sums anew from its ledger, on record where any differed; those that did.

    Nothing is written while all are as they should be.
    """
    require(may_rebuild(viewer), "重算每日合计")
    with contracts.acting(engine, contract) as connection:
        found = sums.differences(connection, contract.id)
        if found:
            sums.rebuild(connection, contract.id)
            contracts.touch(connection, contract.id)
            audit.record(
                connection,
                contract.id,
                at=now,
                viewer=viewer,
                act="rebuild_sums",
                subject="daily_sums",
                after={"differences": len(found)},
            )
    return found
