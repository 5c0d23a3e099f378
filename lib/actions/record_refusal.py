"""Noting in the audit log that nothing of a file was taken (spec §8)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lib.store import audit
from lib.text import mask_identity_numbers

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.store.contracts import StoredContract


def record_refusal(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    *,
    name: str,
    data: bytes,
    reason: str,
    now: datetime,
) -> None:
    """Note who handed in which file, its hash and size, and the reason, which names nobody.

    The caller holds the contract's lock.
    """
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="upload_refused",
        subject=hashlib.sha256(data).hexdigest(),
        after={"file": mask_identity_numbers(name), "size": len(data), "reason": reason},
    )
