"""The same picture hanging on two entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from lib.findings.rule import Rule
from lib.kpi.scope import counted
from lib.store.schema import attachment, entry, evidence

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope

_DIGITS = 12  # of a picture's hash

# A cleaned picture that was downloaded and handed in again is received as what the first was kept.
_FIRST = evidence.alias("first")
_HANGING = (
    entry.join(
        attachment,
        and_(
            attachment.c.contract_id == entry.c.contract_id,
            attachment.c.entry_id == entry.c.entry_id,
            attachment.c.removed_at.is_(None),
        ),
    )
    .join(
        evidence,
        and_(
            evidence.c.contract_id == attachment.c.contract_id,
            evidence.c.sha256 == attachment.c.sha256,
        ),
    )
    .outerjoin(
        _FIRST,
        and_(
            _FIRST.c.contract_id == evidence.c.contract_id,
            _FIRST.c.sha256 == evidence.c.received_sha256,
        ),
    )
)


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """The entries on which one picture hangs: a finding a picture.

    Pictures are the same when they were received as the same bytes: what is kept as the same bytes
    was, since it is kept once.
    """
    received = func.coalesce(_FIRST.c.received_sha256, evidence.c.received_sha256)
    hanging = (
        select(received.label("picture"), entry.c.entry_id)
        .select_from(_HANGING)
        .where(counted(scope))
        .distinct()
        .subquery()
    )
    used = select(
        func.substr(hanging.c.picture, 1, _DIGITS).label("subject"),
        hanging.c.entry_id,
        func.count().over(partition_by=hanging.c.picture).label("entries"),
    ).subquery()
    return select(used.c.subject, used.c.entry_id).where(used.c.entries > 1)


SAME_PICTURE = Rule(
    code="same_picture",
    name="图片重复使用",
    meaning="同一张图片附在两条以上记录。可能一张集体照用于几条，也可能拿旧照片充数。",
    threshold=lambda _: "同一图片附在两条以上记录，已移除的不算",
    rows=rows,
)
