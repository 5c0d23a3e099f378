"""What a backup says of itself, and of the store that it was read from."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from lib.store.backup.tables import Form


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rows(_Plain):
    """A table, and how many rows of it there are."""

    form: Form
    rows: int


class Checked(_Plain):
    """A check of `kpi.verification` as it came out; `difference` is empty where there is none."""

    part: str
    month: str
    number: int
    difference: str


class Standing(_Plain):
    """How a contract stood: its audit log's last line, its checks, and its figures.

    Figures are those of `kpi.measures` under the `terms`, as of a day; none without terms.
    """

    contract_id: int
    code: str
    name: str
    lines: int
    last_hash: str
    checks: tuple[Checked, ...]
    terms: dict[str, Any] | None
    as_of: str
    figures: dict[str, Any] | None

    @property
    def differences(self) -> list[str]:
        """What is not as it was signed, in words."""
        found = [each for each in self.checks if each.difference]
        return [f"{self.code} {each.month} {each.difference}".replace("  ", " ") for each in found]


class Manifest(_Plain):
    """All of it.

    `pictures` are in the backup; `lost` are named by rows and were not there; `orphans` are named
    by none, and left out.
    """

    format: Literal["social-assistance-supervision-backup-1"]
    made_at: str
    revision: str
    tables: tuple[Rows, ...]
    pictures: int
    lost: tuple[str, ...]
    orphans: int
    contracts: tuple[Standing, ...]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(each.rows for each in self.tables)

    @property
    def differences(self) -> list[str]:
        """What in the store was not as it was signed, in words."""
        return [words for each in self.contracts for words in each.differences]
