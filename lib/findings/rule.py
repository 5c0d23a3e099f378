"""What a rule of findings is: a question put to the ledger, and the words that go with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.contract import Thresholds
    from lib.kpi.scope import Scope

# A row for each finding and each entry in it: (subject, entry_id). The subject says in codes what
# was found; it stays the same when rows join or leave the finding.
Rows = Callable[["Scope"], "Select[tuple[str, int]]"]


@dataclass(frozen=True)
class Rule:
    """One rule (spec §5): `rows` finds, over counted entries as of the scope's day.

    `meaning` says what is odd about it and what may explain it; `threshold` where it begins, in
    words made from the contract's own numbers.
    """

    code: str
    name: str
    meaning: str
    threshold: Callable[[Thresholds], str]
    rows: Rows
