"""Closed months: what is dated in one takes no change until a reviewer opens it again (spec §5).

The database refuses too, whoever asks (migration 0006); what is said here is said to users.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.errors import RefusedError
from lib.periods import Month, local_text
from lib.store import audit, ledger, lineage, samples, signatures
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract
    from lib.store.evidence import Subject
    from lib.store.samples import HeldItem
    from lib.store.signatures import Closing


CLOSED_MONTH = "closed_month"  # the rule of the fault of a row that would change one


@dataclass(frozen=True)
class Frozen:
    """The closed months (`YYYY-MM`) at a moment, each with who closed it when."""

    closings: Mapping[str, Closing]

    def __contains__(self, day: date) -> bool:
        """Whether what is dated on the day takes no change."""
        return str(Month.of(day)) in self.closings

    def sentence(self, days: Iterable[date]) -> str:
        """Why what is dated on these days takes no change, and the way out; empty when it does."""
        months = sorted({str(Month.of(day)) for day in days if day in self})
        if not months:
            return ""
        closed = "、".join(_closed(self.closings[month]) for month in months)
        return f"{closed}，不能再改；确需更正，请验收人员说明原因后重新打开该月。"

    @property
    def last(self) -> str:
        """The last of them, empty when there is none; months are closed in order, without a gap."""
        return max(self.closings, default="")

    def first_open(self, first: date, last: date) -> date:
        """The first day from which on no month is closed, within an inclusive period."""
        opens = Month.parse(self.last).next.first if self.last else first
        return min(max(first, opens), last)


def _closed(closing: Closing) -> str:
    return f"{closing.month} 已签认封存（{local_text(closing.signed_at)}，{closing.signed_by}）"


def frozen(connection: Connection, stored: StoredContract) -> Frozen:
    """The months that are closed now; under the contract's lock, until its end."""
    return Frozen(signatures.closings(connection, stored.id))


def require_open(connection: Connection, stored: StoredContract, days: Iterable[date]) -> None:
    """RefusedError with the sentence when any of the days lies in a closed month."""
    sentence = frozen(connection, stored).sentence(days)
    if sentence:
        raise RefusedError(sentence)


def days_of(connection: Connection, stored: StoredContract, subject: Subject) -> frozenset[date]:
    """The days of what evidence hangs on: an entry's, a drawn one's, or all that a receipt changed.

    A receipt's evidence speaks for all that the receipt changed, so one closed day closes it.
    """
    match subject.of:
        case "entry":
            found = ledger.held_entry(connection, stored.id, subject.id)
            return frozenset({found.day} if found else ())
        case "item":
            drawn = samples.item(connection, stored.id, subject.id)
            return rested_on(connection, stored, drawn) if drawn else frozenset()
        case "receipt":
            return lineage.days_changed(connection, stored.id, subject.id)


def rested_on(connection: Connection, stored: StoredContract, drawn: HeldItem) -> frozenset[date]:
    """The day of a drawn entry, when its month was signed on what was found of it.

    What is drawn after the signing is a check of its own, and changes nothing that was signed.
    """
    month = str(Month.of(drawn.day))
    rests = month in frozen(connection, stored).closings and was_drawn_first(
        connection, stored, drawn.sample_id, month
    )
    return frozenset({drawn.day} if rests else ())


def was_drawn_first(
    connection: Connection, stored: StoredContract, sample_id: int, month: str
) -> bool:
    """Whether a sample was drawn before the month (`YYYY-MM`) was last signed.

    The audit log says it, not the clock, which may have been put back in between.
    """
    drawn = audit.number_of(connection, stored.id, "draw_sample", f"sample {sample_id}")
    signed = audit.number_of(connection, stored.id, "sign_month", month)
    return drawn is None or signed is None or drawn < signed


def of_receipt(engine: Engine, stored: StoredContract, receipt_id: int) -> tuple[str, bool]:
    """Why a part of what a receipt changed is frozen, empty when none is; whether a part is not."""
    with reading(engine) as connection:
        days = lineage.days_changed(connection, stored.id, receipt_id)
        closed = frozen(connection, stored)
    return closed.sentence(days), any(day not in closed for day in days)
