"""What an acceptance file is made of: the contract through a day, and where its bytes lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.kpi.scope import Scope
from lib.kpi.settlement import last_day
from lib.periods import Month, local_text, months_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.store.blobs import Blobs
    from lib.store.contracts import StoredContract


@dataclass(frozen=True)
class Wanted:
    """An acceptance file: of the whole contract, or of all `through` a month of it.

    `made_at` is when it is made, by `viewer`; names stand in it in full.
    """

    engine: Engine
    stored: StoredContract
    blobs: Blobs
    viewer: Viewer
    made_at: datetime
    today: date
    through: Month | None = None

    @property
    def scope(self) -> Scope:
        """The contract as of the last day that the file is about."""
        contract = self.stored.terms
        every = Scope(self.stored, contract.as_of(None, self.today))
        return every.at(min(last_day(every, self.through), every.as_of)) if self.through else every

    @property
    def months(self) -> Sequence[Month]:
        """The months that the file is about, in order."""
        period = self.stored.terms.period
        return [each for each in months_of(period) if each.first <= self.scope.as_of]

    @property
    def made_text(self) -> str:
        """When it is made, as officials read it."""
        return local_text(self.made_at)

    @property
    def file_name(self) -> str:
        """The archive's name: the contract's code and how far it reaches; nobody's name."""
        reaches = str(self.through or self.scope.as_of)
        return f"验收档案_{self.stored.terms.code}_{reaches}.zip"


def asked(through: Month | None) -> Mapping[str, str]:
    """What is asked for, in codes; `through` empty for the whole contract."""
    return {"through": str(through) if through else ""}
