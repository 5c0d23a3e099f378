"""A ledger row in its office's own columns, names in full only for those who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import masked_name, may_record, sees_full_names
from lib.fields import Text
from lib.kpi.names import without_names
from lib.logs import LOG_KINDS
from lib.logs.cells import cell
from lib.logs.references import People

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lib.access import Viewer
    from lib.fields import Field
    from lib.kpi.rows import LedgerRow
    from lib.kpi.versions import Version
    from lib.logs.cells import Shown
    from lib.logs.kind import LogKind
    from lib.rosters import Roster

    Row = LedgerRow | Version

_TOLD = 3  # so many details say what a row is about


@dataclass(frozen=True)
class Eyes:
    """Somebody who looks at rows, and the rosters that names are taken from.

    What leaves the building is `masked` but for the viewer's own team (spec §5).
    """

    viewer: Viewer
    roster: Roster
    masked: bool = False

    @property
    def sees_every_name(self) -> bool:
        """Whether names are shown in full wherever they stand."""
        return sees_full_names(self.viewer) and not self.masked

    def sees_names_of(self, row: Row) -> bool:
        """Whether this row's names are shown in full: to reviewers, and to the row's own team."""
        return self.sees_every_name or may_record(self.viewer, row.people, self.roster)

    def name(self, name: str, row: Row) -> str:
        """A name in a row, masked for those who need not know it."""
        return name if self.sees_names_of(row) else masked_name(name)

    def written(self, text: str, row: Row) -> str:
        """What somebody wrote in a row or of it, without names for those who need not know them.

        The rosters' names, and those that stand in columns of the row itself.
        """
        if self.sees_names_of(row):
            return text
        for name in _named_by(row):
            text = text.replace(name, masked_name(name))
        return without_names(text, self.roster)

    def said(self, text: str) -> str:
        """What somebody wrote of many rows or of none: without names for all but reviewers."""
        return text if self.sees_every_name else without_names(text, self.roster)

    def people(self, row: Row) -> str:
        """The row's staff."""
        return "、".join(self.name(name, row) for name in row.people.values())

    def place(self, row: Row) -> str:
        """The name of the row's village or community, empty without one."""
        return self.roster.localities[row.locality].name if row.locality else ""

    def cells(self, row: Row) -> Mapping[str, Shown]:
        """The row's cells by heading, in the order of its kind's columns."""
        return {field.heading: self._cell(row, field) for field in LOG_KINDS[row.kind].fields}

    def told(self, row: Row) -> str:
        """The row's subject and the first few of its own details, as one text."""
        subject = row.elder or row.household or row.application or ""
        cells = self.cells(row)
        own = [field.heading for field in LOG_KINDS[row.kind].fields if field.slug in row.details]
        details = (f"{heading}：{cells[heading]}" for heading in own[:_TOLD])
        return "；".join(part for part in (subject, *details) if part)

    def differences(self, before: Row, after: Row) -> Sequence[tuple[str, Shown, Shown]]:
        """Heading, old and new of each cell in which two versions of an entry differ."""
        old, new = self.cells(before), self.cells(after)
        return [(name, old[name], new[name]) for name in new if new[name] != old[name]]

    def _cell(self, row: Row, field: Field) -> Shown:
        if isinstance(field.type, People):
            return self.people(row)
        value = cell(field, row, self.roster)
        if value and field.names_somebody:
            return self.name(str(value), row)
        is_written = isinstance(field.type, Text) and isinstance(value, str)
        return self.written(str(value), row) if is_written else value


def _named_by(row: Row) -> Iterator[str]:
    """The names that stand in the row's own columns, as those of applicants do."""
    for field in LOG_KINDS[row.kind].fields:
        if field.names_somebody and field.slug in row.details:
            yield str(row.details[field.slug])


def headings(kind: LogKind) -> list[str]:
    """The office's own headings for a kind."""
    return [field.heading for field in kind.fields]
