"""Files that leave: ledgers, templates, the acceptance file, against the writing library alone.

The store is the demonstration's year with so many elders and households that it has 12 000 rows.
"""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from unittest.mock import patch

import docx
import openpyxl

from lib import clock, contract, settings
from lib.access import Role
from lib.demonstration import fill, users
from lib.kpi.cells import Eyes
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection
from lib.periods import BUSINESS_ZONE
from lib.reports import archive
from lib.reports.archive.wanted import Wanted
from lib.reports.ledger import ledger_sheets
from lib.store import rosters, setup
from lib.store.engine import open_store, reading
from lib.ui import resources
from lib.ui.downloads import send_ledger, send_prefilled, send_template
from lib.workbooks.ledger import LedgerSheet, office_ledger
from tests.bench.readings import Reading, ratio
from tests.support.downloads import fetch, token
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lib.access import Viewer
    from lib.ui.sending import Endpoint

_ELDERS, _HOUSEHOLDS = 355, 1500  # of these the demonstration makes a year of 12 000 rows
_PASSWORD = "云杉-口令-2023"


class Saved(Protocol):
    """A document or workbook of its library."""

    def save(self, file: Any, /) -> None:  # noqa: ANN401 - each library has its own word for it
        """Write it into a file."""


_CELLS = "openpyxl write-only, the same cells"


def measure() -> Iterator[Reading]:
    """The ledger, written and as it is fetched; templates; the acceptance file."""
    with _filled() as office, ExitStack() as files:
        viewers = {user.role: user for user in users.users(office.engine, office.stored)}
        reviewer = viewers[Role.REVIEWER]
        sheets = _ledger_of(office, reviewer)
        rows = sum(len(sheet.rows) for sheet in sheets)
        yield ratio(
            f"a ledger of {rows} rows, written",
            lambda: office_ledger(sheets),
            lambda: _by_openpyxl(sheets),
            against=_CELLS,
            times=9,
            limit=0.5,
        )
        yield ratio(
            f"the same, fetched: asked for, read, masked, hashed, written, on record ({rows} rows)",
            lambda: _fetched(office, send_ledger, reviewer, {}),
            lambda: _by_openpyxl(sheets),
            against=_CELLS,
            times=9,
        )
        lead, kinds = viewers[Role.TEAM_LEAD], ".".join(office.stored.terms.kinds)
        for words, route, asked in [
            ("an empty workbook of all kinds, fetched", send_template, {"kinds": kinds}),
            ("a pre-filled workbook, fetched", send_prefilled, {}),
        ]:
            made = openpyxl.load_workbook(io.BytesIO(_fetched(office, route, lead, asked)))
            yield ratio(
                words,
                lambda: _fetched(office, route, lead, asked),  # noqa: B023 - called at once
                lambda: made.save(io.BytesIO()),  # noqa: B023
                against="openpyxl saving the made workbook",
                times=9,
            )
        members = _members(office, reviewer)
        yield ratio(
            f"the acceptance file of {rows} rows",
            lambda: _archived(office, reviewer, files.enter_context(tempfile.TemporaryFile())),
            lambda: _zipped(members),
            against="python-docx, openpyxl and zipfile saving the same members",
            times=3,
        )


@contextmanager
def _filled() -> Iterator[Office]:
    """The demonstration's year in a store that is thrown away, served as the app serves it."""
    terms = contract.load(settings.contract_path())
    figures = {"elders": _ELDERS, "households": _HOUSEHOLDS}
    terms = terms.model_copy(update={"roster": terms.roster.model_copy(update=figures)})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        places = {
            "DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
            "EVIDENCE_URL": (folder / "evidence").as_uri(),
            "AUDIT_HEADS": str(folder / "heads"),
        }
        with patch.dict(os.environ, places):
            engine = open_store(places["DATABASE_URL"])
            stored = setup.prepare(engine, terms)
            end = datetime.combine(terms.end, time(18), BUSINESS_ZONE).astimezone(UTC)
            fill(engine, stored, today=terms.end, now=end)
            for user in users.users(engine, stored):
                users.admit(engine, stored, user, _PASSWORD, end + timedelta(days=1))
            yield Office(engine, stored)


def _ledger_of(office: Office, viewer: Viewer) -> Sequence[LedgerSheet]:
    """The year's ledger as the viewer is given it."""
    scope = Scope(office.stored, office.stored.terms.end)
    with reading(office.engine) as connection:
        eyes = Eyes(viewer, rosters.load(connection, office.stored.id), masked=True)
        return ledger_sheets(connection, scope, Selection(), eyes)


def _by_openpyxl(sheets: Sequence[LedgerSheet]) -> bytes:
    """The sheets' cells, values alone, as openpyxl writes them the fastest."""
    book = openpyxl.Workbook(write_only=True)
    for sheet in sheets:
        written = book.create_sheet(sheet.name)
        written.append(["序号", *sheet.headings])
        for number, row in enumerate(sheet.rows, 1):
            written.append([number, *row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fetched(office: Office, route: Endpoint, viewer: Viewer, asked: Mapping[str, str]) -> bytes:
    """What the viewer is sent by a route, past the gate."""
    answer = fetch(route, token(office, viewer), asked)
    assert answer.status_code == 200, answer.body
    return bytes(answer.body)


def _archived(office: Office, viewer: Viewer, file: io.IOBase) -> None:
    """The acceptance file, written into a file."""
    wanted = Wanted(
        office.engine,
        office.stored,
        resources.blobs(),
        viewer,
        clock.now(),
        office.stored.terms.end,
    )
    archive.write(wanted, file, lambda *_: None)  # type: ignore[arg-type]


def _members(office: Office, viewer: Viewer) -> Mapping[zipfile.ZipInfo, bytes | Saved]:
    """What stands in the acceptance file, its documents and workbooks opened to be saved again."""
    with tempfile.TemporaryFile() as file:
        _archived(office, viewer, file)
        with zipfile.ZipFile(file) as packed:
            return {info: _opened(info.filename, packed.read(info)) for info in packed.infolist()}


def _opened(name: str, data: bytes) -> bytes | Saved:
    if name.startswith("原件"):
        return data
    match name.rpartition(".")[2]:
        case "docx":
            return docx.Document(io.BytesIO(data))
        case "xlsx":
            return openpyxl.load_workbook(io.BytesIO(data))
        case _:
            return data


def _zipped(members: Mapping[zipfile.ZipInfo, bytes | Saved]) -> None:
    """The same members in an archive, written by their libraries."""
    with tempfile.TemporaryFile() as file, zipfile.ZipFile(file, "w") as packed:
        for info, member in members.items():
            written = io.BytesIO(member) if isinstance(member, bytes) else io.BytesIO()
            if not isinstance(member, bytes):
                member.save(written)
            packed.writestr(info.filename, written.getvalue(), info.compress_type)
