"""Photos and scans attached to entries and receipts by their own team, seen by few (spec §6).

And to items of a sample, by the reviewers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import may_record, may_review, may_see_pictures, require, sees_full_names
from lib.actions import reasons, take_out
from lib.actions.frozen import days_of, frozen, require_open
from lib.actions.take_out import Taken
from lib.errors import RefusedError
from lib.store import audit, contracts, evidence, ledger, rosters, samples
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.pictures.cleaning import Picture
    from lib.store.blobs import Blobs
    from lib.store.contracts import StoredContract
    from lib.store.evidence import Attachment, Subject

MOST = 20  # on one subject
PDF = "application/pdf"


@dataclass(frozen=True)
class Gallery:
    """What a viewer may know of a subject's evidence.

    `number` hang there; `shown` are those the viewer may see, the removed ones too for reviewers.
    `closed` says to whom it could be changed by why it cannot be any more; else it is empty.
    """

    number: int
    shown: Sequence[Attachment]
    may_see: bool
    may_change: bool
    closed: str = ""


def gallery(engine: Engine, stored: StoredContract, viewer: Viewer, subject: Subject) -> Gallery:
    """What hangs on a subject; nothing on one that does not exist."""
    with reading(engine) as connection:
        own = _is_own(connection, stored, viewer, subject)
        every = evidence.attachments(connection, stored.id, subject)
        days = days_of(connection, stored, subject) if own else ()
        closed = frozen(connection, stored).sentence(days)
    hanging = [each for each in every if each.removed_at is None]
    sees = may_see_pictures(viewer, own=own)
    shown = [each for each in every if _is_shown(viewer, each, own=own)]
    return Gallery(len(hanging), shown, may_see=sees, may_change=own and not closed, closed=closed)


def _is_shown(viewer: Viewer, found: Attachment, *, own: bool) -> bool:
    """Whether the viewer may see it: what was taken off, only those who check what was done."""
    if found.removed_at is not None:
        return sees_full_names(viewer)
    return may_see_pictures(viewer, own=own)


def _is_own(
    connection: Connection, stored: StoredContract, viewer: Viewer, subject: Subject
) -> bool:
    """Whether there is such a subject, and it is the viewer's own: a sample's any reviewer's."""
    if not subject.is_possible:
        return False
    match subject.of:
        case "receipt":
            return evidence.is_receipt_of(connection, stored.id, subject.id, viewer.team)
        case "item":
            is_there = samples.item(connection, stored.id, subject.id) is not None
            return is_there and may_review(viewer)
        case "entry":
            found = ledger.held_entry(connection, stored.id, subject.id)
            roster = rosters.load(connection, stored.id)
            return found is not None and may_record(viewer, found.people, roster)


def attach(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    blobs: Blobs,
    subject: Subject,
    pictures: Sequence[Picture],
    now: datetime,
) -> int:
    """Attach photos and scans to a subject of the viewer's own: how many were not there yet.

    All of them or, with a RefusedError (in a closed month too), none. Their bytes are kept before
    the rows are written.
    """
    with reading(engine) as connection:
        require(_is_own(connection, stored, viewer, subject), "给这里附图片")
        require_open(connection, stored, days_of(connection, stored, subject))
    kept = {blobs.put(picture.data, picture.thumbnail): picture for picture in pictures}
    with contracts.acting(engine, stored) as connection:
        require(_is_own(connection, stored, viewer, subject), "给这里附图片")
        require_open(connection, stored, days_of(connection, stored, subject))
        every = evidence.attachments(connection, stored.id, subject)
        hanging = [each for each in every if each.removed_at is None]
        new = _new(kept, hanging)
        _require_room(len(hanging), len(new))
        for sha256 in new:
            evidence.keep(connection, stored.id, _facts(sha256, kept[sha256], now))
            number = evidence.attach(connection, stored.id, subject, sha256, at=now, by=viewer.name)
            audit.record(
                connection,
                stored.id,
                at=now,
                viewer=viewer,
                act="attach_evidence",
                subject=str(subject),
                after={"attachment": number, "sha256": sha256},
            )
    return len(new)


def _new(kept: Mapping[str, Picture], hanging: Sequence[Attachment]) -> Sequence[str]:
    """The hashes of those that do not hang there yet.

    Neither as they are kept nor as they were sent: another version of what cleans them may write
    the same picture differently.
    """
    known = {hashed for each in hanging for hashed in (each.sha256, each.received_sha256)}
    return [
        sha256
        for sha256, picture in kept.items()
        if known.isdisjoint((sha256, picture.received_sha256))
    ]


def _require_room(hanging: int, new: int) -> None:
    if hanging + new > MOST:
        left = max(MOST - hanging, 0)
        raise RefusedError(
            f"一处最多附 {MOST} 个文件，已有 {hanging} 个，这次选了 {new} 个新的；"
            f"还能附 {left} 个，请去掉一些再试。"
        )


def _facts(sha256: str, picture: Picture, now: datetime) -> dict[str, object]:
    """The columns of a new piece of evidence."""
    return {
        "sha256": sha256,
        "media_type": picture.media_type,
        "size": len(picture.data),
        "width": picture.width,
        "height": picture.height,
        "received_sha256": picture.received_sha256,
        "kept_at": now,
    }


def remove(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    attachment_id: int,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Take evidence off a subject of the viewer's own; it is kept, for reviewers to see.

    RefusedError without a reason, when it is off already or in a closed month; what does not exist
    and what is another team's are answered alike (spec §8).
    """
    said = reasons.given("移除", reason)
    with contracts.acting(engine, stored) as connection:
        found = evidence.attachment_of(connection, stored.id, attachment_id)
        own = found is not None and _is_own(connection, stored, viewer, found.subject)
        require(own, "移除这个图片")
        if found is None or found.removed_at is not None:
            raise RefusedError("这个图片已经移除。")
        require_open(connection, stored, days_of(connection, stored, found.subject))
        evidence.take_off(connection, stored.id, attachment_id, at=now, by=viewer.name, reason=said)
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act="remove_evidence",
            subject=str(found.subject),
            before={"attachment": attachment_id, "sha256": found.sha256},
        )


def record_refusal(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    subject: Subject,
    *,
    data: bytes,
    reason: str,
    now: datetime,
) -> None:
    """Note that a file was not taken; its own name is left out, since it may be a person's."""
    with contracts.acting(engine, stored) as connection:
        require(_is_own(connection, stored, viewer, subject), "给这里附图片")
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act="evidence_refused",
            subject=str(subject),
            after={
                "sha256": hashlib.sha256(data).hexdigest(),
                "size": len(data),
                "reason": reason,
            },
        )


def fetch(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    blobs: Blobs,
    attachment_id: int,
    *,
    thumbnail: bool,
    now: datetime,
) -> tuple[str, bytes] | None:
    """Media type and bytes; None when there is no such picture, or it is not the viewer's to see.

    Whatever is taken in its full size goes on record; a scan has no thumbnail. StoreError when the
    bytes are not where they should be.
    """
    with reading(engine) as connection:
        found = evidence.attachment_of(connection, stored.id, attachment_id)
        own = found is not None and _is_own(connection, stored, viewer, found.subject)
    if found is None or not _is_shown(viewer, found, own=own):
        return None
    if thumbnail:
        is_scan = found.media_type == PDF
        return None if is_scan else (found.media_type, blobs.thumbnail(found.sha256))
    data = blobs.get(found.sha256)
    with contracts.acting(engine, stored) as connection:
        taken = Taken("fetch_evidence", str(found.subject), facts={"sha256": found.sha256})
        take_out.record(connection, stored, viewer, taken, now)
    return found.media_type, data
