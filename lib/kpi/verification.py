"""Whether audit log and signed months are still as they were written, check by check (spec §5).

Whoever changes the store behind the application's back would have to change every hash after it.
What is compared says where it differs in numbers and codes, and names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from lib.kpi import settled, sums
from lib.kpi.recomputed import recomputed
from lib.kpi.versions import named
from lib.logs import LOG_KINDS
from lib.periods import Month, local_text
from lib.store import audit, signatures, signing
from lib.store.chain import linked
from lib.store.ledger import receipt_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from lib.store.audit import Line
    from lib.store.contracts import StoredContract
    from lib.store.heads import Kept, Restoring
    from lib.store.signatures import Signature
    from lib.store.signing import SignedRow

    Tell = Callable[[str, int, int], None]


class Part(StrEnum):
    """What is verified."""

    LOG = "log"
    HEADS = "heads"
    SIGNATURE = "signature"
    ROWS = "rows"
    FIGURES = "figures"
    SUMS = "sums"

    @property
    def label(self) -> str:
        """The word officials use."""
        return _LABELS[self]

    @property
    def unit(self) -> str:
        """What is counted of it."""
        return _UNITS[self]


_UNITS = {
    Part.LOG: "行",
    Part.HEADS: "个",
    Part.SIGNATURE: "份",
    Part.ROWS: "条",
    Part.FIGURES: "项",
    Part.SUMS: "项",
}
_LABELS = {
    Part.LOG: "审计记录",
    Part.HEADS: "库外校验值",
    Part.SIGNATURE: "签认",
    Part.ROWS: "记录",
    Part.FIGURES: "数字",
    Part.SUMS: "每日合计",
}


@dataclass(frozen=True)
class Check:
    """One thing verified: `number` lines, rows or figures compared; the first that differs, or "".

    `notices` are sentences about what is no difference, and still to be known. `month` is empty for
    what is no month's; `signature_id` is 0 then, `entry_id` where no row differs.
    """

    part: Part
    number: int
    difference: str = ""
    month: str = ""
    signature_id: int = 0
    entry_id: int = 0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verification:
    """Every check, in the order in which they were made."""

    checks: tuple[Check, ...]
    remarks: tuple[str, ...] = ()  # on how the store is set up

    @property
    def differences(self) -> tuple[Check, ...]:
        """The checks that found something different."""
        return tuple(check for check in self.checks if check.difference)

    @property
    def notices(self) -> tuple[str, ...]:
        """What is no difference, and still to be known."""
        return (*(notice for check in self.checks for notice in check.notices), *self.remarks)

    def number(self, part: Part) -> int:
        """How many lines, rows or figures were compared."""
        return sum(check.number for check in self.checks if check.part is part)

    @property
    def months(self) -> int:
        """How many closed months were compared with the ledger."""
        return sum(check.part is Part.ROWS for check in self.checks)


def of_store(
    connection: Connection, contract_id: int, tell: Tell, held: Held | None = None
) -> Iterator[Check]:
    """The audit log, then every signature, then the rows of the closed months, as they are now.

    `held` is what is kept of the log outside the database, read before the connection's first
    statement; None where nothing is meant to be. `tell` is told what is looked at, how much is
    done, and of how much.
    """
    tell("审计记录", 0, 1)
    found = log(connection, contract_id)
    yield found.check
    if held:
        yield heads_checked(connection, contract_id, held)
    try:
        every = signatures.listed(connection, contract_id)
    except ValueError:  # what was written there is not what this program writes
        yield Check(Part.SIGNATURE, 0, "有签认的内容读不出来")
        return
    yield from signatures_checked(connection, contract_id, every, found)
    closed = [signature for signature in every if signature.reopened_at is None]
    for done, signature in enumerate(closed, 1):
        tell(f"{signature.month} 的记录", done, 1 + len(closed))
        yield rows_checked(connection, contract_id, signature)


# The acts of `actions.close_month`, as the audit log names them.
SIGNED, REOPENED = "sign_month", "reopen_month"
# The act of `actions.begin` by which the log itself says that its heads are kept.
HEADS_KEPT = "keep_heads"


@dataclass(frozen=True)
class Log:
    """The audit log, verified; and what it says of months: signatures by number, those reopened."""

    check: Check
    signed: Mapping[int, tuple[str, str]]  # month and hash
    reopened: frozenset[int]


@dataclass(frozen=True)
class Held:
    """What is kept of a log outside the database, and as sentences what stops it, or "".

    `unread` says why it cannot be read, `unwritten` why nothing can be added to it.
    """

    kept: Kept
    unread: str = ""
    unwritten: str = ""


def heads_checked(connection: Connection, contract_id: int, held: Held) -> Check:
    """The hashes of the log beside those that were kept of it outside the database."""
    there = {head.line: head.hash for head in audit.heads(connection, contract_id, 0)}
    since = audit.last(connection, contract_id, HEADS_KEPT)
    found = held.unread or _otherwise_kept(held.kept, there, since["line_id"] if since else None)
    notices = [held.unwritten] if held.unwritten else []
    notices += [_restored(each) for each in held.kept.restored]
    if not found and held.kept.first is None:
        notices.append("库外还没有保存过校验值，从下一次操作起保存")
    elif not found and since is None:
        notices.append(f"库外校验值从第 {held.kept.first} 行起保存，之前的行没有")
    return Check(Part.HEADS, len(held.kept.hashes), found, notices=tuple(notices))


def _otherwise_kept(kept: Kept, there: Mapping[int, str], since: int | None) -> str:
    """The first line at which the log and what was kept of it part; `since` they are kept."""
    if kept.first is None:
        return f"审计记录自第 {since} 行起在库外保存校验值，库外文件却不在或是空的" if since else ""
    for line in range(kept.first, kept.last + 1):
        hashes = kept.hashes.get(line, [])
        if line not in there and line > max(there, default=0):
            return f"审计记录只到第 {line - 1} 行，库外保存的校验值到第 {kept.last} 行"
        if not hashes:
            return f"库外文件缺第 {line} 行的校验值"
        if hashes != [there.get(line)]:
            return f"审计记录第 {line} 行与库外保存的校验值不同"
    if since and kept.first > 1 and not kept.restored:
        return f"库外文件缺第 1 行至第 {kept.first - 1} 行的校验值"
    return ""


def _restored(each: Restoring) -> str:
    """When the store was put back, by whom, and what of the log went with that."""
    lost = f"，其后的第 {each.line + 1} 至 {each.lost} 行已不在" if each.lost > each.line else ""
    return f"{_moment(each.at)} 由 {each.by} 从备份恢复，审计记录回到第 {each.line} 行{lost}"


def _moment(text: str) -> str:
    """A moment of the file in local time; as it stands there when it is none."""
    try:
        return local_text(datetime.fromisoformat(text))
    except ValueError:
        return text


def log(connection: Connection, contract_id: int) -> Log:
    """The audit log verified line by line."""
    signed: dict[int, tuple[str, str]] = {}
    reopened: set[int] = set()
    difference, number, previous = "", 0, ""
    for number, line in enumerate(audit.lines(connection, contract_id), 1):
        difference = difference or _broken(line, number, previous)
        previous = line.hash
        facts = line.facts or {}
        if facts.get("act") == SIGNED:
            after = _mapping(facts["after"])
            signed[after.get("signature", 0)] = (facts["subject"], after.get("hash", ""))
        if facts.get("act") == REOPENED:
            reopened.update(_mapping(facts["before"]).get("signatures", ()))
    return Log(Check(Part.LOG, number, difference), signed, frozenset(reopened))


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever stands in the log
    return value if isinstance(value, dict) else {}


def _broken(line: Line, expected: int, previous: str) -> str:
    """What is wrong with a line that should bear a number and follow on a hash; else empty."""
    if line.line_id != expected:
        return f"审计记录缺第 {expected} 行"
    if line.facts is None:
        return f"审计记录第 {expected} 行的内容读不出来"
    if line.hash != linked(previous, line.facts):
        return f"审计记录第 {expected} 行的内容与校验值不符，或与前一行接不上"
    return ""


def signatures_checked(
    connection: Connection, contract_id: int, every: Sequence[Signature], told: Log
) -> Iterator[Check]:
    """Each signature, opened again or not: its hash, its list of rows, what the log says of it."""
    for at, signature in enumerate(every):
        rows = signing.signed_rows(connection, contract_id, signature.signature_id)
        difference = (
            _unsealed(signature)
            or _unlinked(signature, every[:at])
            or _rows_unsealed(signature, rows)
            or _untold(signature, told)
        )
        yield _check(Part.SIGNATURE, 1, difference, signature)
    there = {signature.signature_id for signature in every}
    for number, (month, _) in told.signed.items():
        if number not in there:
            said = f"审计记录里有第 {number} 号签认（{month}），这份签认已不在"
            yield Check(Part.SIGNATURE, 0, said, month, number)


def _check(part: Part, number: int, difference: str, signature: Signature) -> Check:
    return Check(part, number, difference, signature.month, signature.signature_id)


def _unsealed(signature: Signature) -> str:
    facts = {name: getattr(signature, name) for name in signing.SEALED}
    if signing.seal(signature.previous_hash, facts) != signature.hash:
        return "签认的数字、参数、时间或签认人与校验值不符"
    return ""


def _unlinked(signature: Signature, earlier: Sequence[Signature]) -> str:
    """Months are signed in order: the one before is the last that was signed of its month."""
    before = str(Month.parse(signature.month).previous)
    last = next((each for each in reversed(earlier) if each.month == before), None)
    if signature.previous_hash != (last.hash if last else ""):
        return f"与前一个月（{before}）的签认接不上"
    return ""


def _rows_unsealed(signature: Signature, rows: Sequence[SignedRow]) -> str:
    if len(rows) != signature.entries:
        return f"签认了 {signature.entries} 条记录，签认清单里有 {len(rows)} 条"
    if signing.entries_hash(rows) != signature.entries_hash:
        return "签认的记录清单与校验值不符"
    return ""


def _untold(signature: Signature, told: Log) -> str:
    """Where signature and audit log contradict each other."""
    number = signature.signature_id
    if told.signed.get(number) != (signature.month, signature.hash):
        return "审计记录里没有这份签认，或校验值与其不同"
    if signature.reopened_at and number not in told.reopened:
        return "已重新打开，审计记录里没有这次重新打开"
    if number in told.reopened and not signature.reopened_at:
        return "审计记录里已重新打开，重新打开的记录已不在"
    return ""


def rows_checked(connection: Connection, contract_id: int, signature: Signature) -> Check:
    """A closed month's rows as they were signed beside those that count now."""
    signed = signing.signed_rows(connection, contract_id, signature.signature_id)
    try:
        now = signing.rows(connection, contract_id, Month.parse(signature.month))
    except (ValueError, DBAPIError):  # what was written there is not what this program writes
        return _check(Part.ROWS, len(signed), "有记录的内容读不出来", signature)
    number = _first_other(signed, now)
    if number == 0:
        return _check(Part.ROWS, len(signed), "", signature)
    said = _otherwise(connection, contract_id, number, signed, now)
    return replace(_check(Part.ROWS, len(signed), said, signature), entry_id=number)


def _first_other(signed: Iterable[SignedRow], now: Iterable[SignedRow]) -> int:
    """The number of the first row that is not as it was signed; 0 when there is none."""
    return min((row.entry_id for row in {*signed} ^ {*now}), default=0)


def _otherwise(
    connection: Connection,
    contract_id: int,
    number: int,
    signed: Iterable[SignedRow],
    now: Iterable[SignedRow],
) -> str:
    """In which way a row is not as it was signed."""
    then, today = (
        next((row.version for row in rows if row.entry_id == number), None)
        for rows in (signed, now)
    )
    what = _named(connection, contract_id, number, then or today or 0)
    if then and today:
        return f"{what}与签认时不同"
    return f"{what}签认时计入，现在不计入" if then else f"{what}签认时没有，现在计入"


def _named(connection: Connection, contract_id: int, entry_id: int, version: int) -> str:
    """An entry by its number, and where it came from as far as that can still be read."""
    found = named(connection, contract_id, [(entry_id, version)]).get((entry_id, version))
    if found is None:
        return f"记录 {entry_id} "
    kind = LOG_KINDS.get(found.kind)
    receipt = receipt_number(found.receipt_id, found.posted_at)
    where = f"{found.day}，回执 {receipt} 第 {found.source_row} 行"
    return f"记录 {entry_id}（{kind.sheet if kind else found.kind}，{where}）"


def sums_checked(connection: Connection, contract_id: int) -> Check:
    """The daily sums, on which no signature rests, beside what the ledger's rows come to now."""
    found = sums.differences(connection, contract_id)
    said = ""
    if found:
        first = sums.named(found[0])
        said = f"{first}；共 {len(found)} 处，请运行 python -m lib sums 按记录重算"
    return Check(Part.SUMS, sums.number(connection, contract_id), said)


def figures_checked(connection: Connection, stored: StoredContract, signature: Signature) -> Check:
    """A closed month's figures as they were signed beside what its rows come to now.

    The connection is one of `contracts.rehearsing`, as `recomputed` wants it.
    """
    held = settled.computed(signature.figures)
    now = recomputed(connection, stored, signature)
    return _check(Part.FIGURES, len(held["lines"]), _first_figure(held, now), signature)


def _first_figure(held: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The first figure that differs: whose it is, and both numbers."""
    for then, today in zip(held["lines"], now["lines"], strict=False):
        for part, number in then.items():
            if today.get(part) != number:
                what = f"“{then['name']}”的{_FIGURES.get(part, part)}"
                return f"{what}签认时是 {number}，现在算得 {today.get(part)}"
    return "" if held == now else "合计与签认时不同"


_FIGURES = {
    "required": "合同数量",
    "due_to_date": "累计应完成",
    "delivered_to_date": "累计完成",
    "due": "本月应完成",
    "delivered": "本月完成",
    "payable": "本月可计付",
    "unit_price": "单价",
    "amount": "金额",
}
