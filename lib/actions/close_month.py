"""Closing a month: signing it with the password, and opening it again with a reason (spec §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import Viewer, may_review, require
from lib.actions import accounts, reasons
from lib.errors import RefusedError
from lib.kpi import settled
from lib.kpi.recomputed import parameters
from lib.kpi.scope import Scope
from lib.kpi.settlement import last_day
from lib.periods import local_text, months_of
from lib.store import audit, contracts, signatures, signing
from lib.store.chain import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine

    from lib.kpi.settled import Settled
    from lib.periods import Month
    from lib.store.contracts import StoredContract
    from lib.store.signatures import Signature
    from lib.store.signing import SignedRow


@dataclass(frozen=True)
class Proposal:
    """What signing a month now would put a name to: its settlement, and the rows behind it."""

    settled: Settled
    rows: Sequence[SignedRow]

    @property
    def shown(self) -> str:
        """A hash of all of it: whoever signs says by it what they looked at."""
        return digest([settled.facts(self.settled), signing.entries_hash(self.rows)])


def proposed(connection: Connection, scope: Scope, month: Month) -> Proposal:
    """What signing a month of the contract now would be about."""
    found = settled.of_month(connection, scope, month)
    return Proposal(found, signing.rows(connection, scope.contract_id, month))


def sign(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    month: Month,
    *,
    password: str,
    shown: str,
    now: datetime,
    today: date,
) -> int:
    """Sign a month; gives back the signature's number. From then its entries are frozen.

    RefusedError for a wrong password, a month that cannot be signed yet or is signed already, or
    when what was looked at (`shown`, from `Proposal`) has changed since. Findings that are not
    decided do not stop it; how many there are is signed too.
    """
    require(may_review(viewer), "签认月度结算")
    if not accounts.is_own_password(engine, stored, viewer, password, now):
        raise RefusedError("密码不对，没有签认。")
    with contracts.acting(engine, stored) as connection:
        closed = signatures.closed(connection, stored.id)
        _require_next(stored, month, closed, today)
        found = proposed(connection, Scope(stored, today), month)
        if found.shown != shown:
            raise RefusedError(
                f"您打开页面之后，{month} 的记录、疑点或抽查有了变化，请看过现在的数字再签认。"
            )
        return _signed(connection, stored, viewer, found, closed, now)


def _require_next(
    stored: StoredContract, month: Month, closed: Mapping[str, Signature], today: date
) -> None:
    """Raise RefusedError unless the month is the one to be signed next."""
    held = closed.get(str(month))
    if held:
        raise RefusedError(f"{month} 已经签认：{local_text(held.signed_at)}，{held.signed_by}。")
    months = list(months_of(stored.terms.period))
    if month not in months:
        raise RefusedError(f"{month} 不在合同期内，不能签认。")
    last = last_day(Scope(stored, today), month)
    if today <= last:
        raise RefusedError(f"{month} 还没有结束，{last} 过后才能签认。")
    earliest = next(each for each in months if str(each) not in closed)
    if earliest != month:
        raise RefusedError(f"各月要按顺序签认，请先签认 {earliest}。")


def _signed(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    found: Proposal,
    closed: Mapping[str, Signature],
    now: datetime,
) -> int:
    facts = {
        "month": found.settled.month,
        "signed_at": now,
        "signed_by": viewer.name,
        "figures": settled.facts(found.settled),
        "parameters": parameters(connection, stored),
    }
    previous = list(closed.values())[-1].hash if closed else ""
    number = signing.add(connection, stored.id, previous, facts, found.rows)
    contracts.touch(connection, stored.id)
    held = signatures.closed(connection, stored.id)[found.settled.month]
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="sign_month",
        subject=held.month,
        after={"signature": number, "entries": held.entries, "hash": held.hash},
    )
    return number


def to_reopen(closed: Mapping[str, Signature], month: str) -> Sequence[Signature]:
    """The signatures that end when a month is opened again: its own, and those of later months."""
    return [held for each, held in closed.items() if each >= month]


def reopen(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    month: Month,
    *,
    reason: str,
    now: datetime,
    shown: int | None = None,
) -> None:
    """Open a signed month again, and every later one that is signed; their signatures stay.

    RefusedError without a reason, when the month is not closed, or when `shown`, the number of the
    signature that was looked at, is not the one that holds.
    """
    require(may_review(viewer), "重新打开已签认的月份")
    why = reasons.given("重新打开", reason)
    with contracts.acting(engine, stored) as connection:
        closed = signatures.closed(connection, stored.id)
        held = closed.get(str(month))
        if held is None:
            raise RefusedError(not_closed(connection, stored, month))
        if shown not in (None, held.signature_id):
            raise RefusedError(
                f"{month} 刚又签认过（{local_text(held.signed_at)}，{held.signed_by}），"
                "请看过现在的签认再决定。"
            )
        opened = to_reopen(closed, str(month))
        numbers = [each.signature_id for each in opened]
        signing.reopen(connection, stored.id, numbers, at=now, by=viewer.name, reason=why)
        contracts.touch(connection, stored.id)
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act="reopen_month",
            subject=str(month),
            before={"signatures": numbers},
            after={"months": [each.month for each in opened]},
        )


def not_closed(connection: Connection, stored: StoredContract, month: Month) -> str:
    """Why a month cannot be opened again, as a sentence."""
    every = signatures.listed(connection, stored.id)
    last = next((held for held in reversed(every) if held.month == str(month)), None)
    if last is None or last.reopened_at is None:
        return f"{month} 还没有签认，不用重新打开。"
    return f"{month} 已经重新打开：{local_text(last.reopened_at)}，{last.reopened_by}。"
