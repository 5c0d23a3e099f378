"""An identity-card number brought in by every way that text can come in is stored nowhere."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import select

from lib import contract
from lib.access import operator
from lib.actions import (
    accounts,
    decide_finding,
    drafts,
    draw_sample,
    evidence,
    hand_in,
    mend_upload,
    record_result,
    undo,
    withdraw,
)
from lib.actions.decide_finding import Looked
from lib.actions.import_rosters import import_rosters
from lib.actions.mend_upload import Edit
from lib.actions.post import post, preview
from lib.errors import RefusedError
from lib.findings.found import State
from lib.kpi import samples
from lib.kpi.frame import Design
from lib.kpi.samples import Result
from lib.logs import LOG_KINDS
from lib.pictures.cleaning import clean
from lib.store import setup
from lib.store.blobs import open_blobs
from lib.store.engine import open_store, reading
from lib.store.evidence import Subject
from lib.store.schema import metadata
from lib.workbooks.form import form_workbook
from lib.workbooks.reading import read_workbook
from tests.support.pictures import jpeg, scan
from tests.support.small_office import (
    EAST,
    LEAD,
    OPERATOR,
    POSTED_AT,
    REVIEWER,
    TERMS,
    WEST,
    book,
    elder_check,
    logs,
    patrol,
    rosters,
)
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pikepdf
    from sqlalchemy import Engine

    from lib.store.blobs import Blobs
    from lib.store.contracts import StoredContract

TODAY = POSTED_AT.date()
OLD = "610102640229123"  # a place in Xi'an, a day that was one; nobody's
WIDE = NUMBER.translate({ord(str(digit)): ord("０") + digit for digit in range(10)})
SAID = f"证号{NUMBER[:6]} {NUMBER[6:14]}-{NUMBER[14:]}、{OLD}、{WIDE}"


def written(data: bytes) -> bytes:
    """The bytes, and those of every part where they are a ZIP file."""
    if data[:2] != b"PK":
        return data
    with ZipFile(io.BytesIO(data)) as parts:
        return data + b"\n".join(written(parts.read(name)) for name in parts.namelist())


def holds(data: bytes) -> bool:
    """Whether a number stands in them, whatever stands between its digits."""
    text = written(data).decode(errors="ignore")
    bare = text.replace(" ", "").replace("-", "")
    return any(number in bare for number in (NUMBER, OLD, WIDE))


def everything(engine: Engine) -> Iterator[tuple[str, bytes]]:
    """Every cell of every table, by table and column."""
    with reading(engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for name, value in row.items():
                    held = value if isinstance(value, bytes) else None
                    said = json.dumps(value, default=str, ensure_ascii=False).encode()
                    yield f"{table.name}.{name}", said if held is None else held


def test_every_way_in_is_closed(store_url: str, tmp_path: Path):
    engine = open_store(store_url)
    stored = setup.prepare(engine, contract.parse(TERMS, "合同.toml"))
    blobs = open_blobs((tmp_path / "evidence").as_uri())
    _bring_rosters(engine, stored)
    _post(engine, stored)
    _mend(engine, stored)
    _say(engine, stored)
    _attach(engine, stored, blobs)
    found = {where for where, data in everything(engine) if holds(data)}
    kept = [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]
    engine.dispose()
    assert found == set()
    assert len(kept) == 3
    assert not [path.name for path in kept if holds(path.read_bytes()) or holds(path.name.encode())]


def _bring_rosters(engine: Engine, stored: StoredContract) -> None:
    listed = {title: [dict(row) for row in rows] for title, rows in rosters().items()}
    listed["特困人员"][0] |= {"退出原因": SAID}
    workbook = read_workbook(f"名册{SAID}.xlsx", book(listed))
    import_rosters(engine, stored, operator(f"管理员{OLD}"), workbook, POSTED_AT)
    numbered = replace(REVIEWER, name=NUMBER)
    with pytest.raises(RefusedError):
        accounts.add_account(engine, stored, OPERATOR, numbered, "云杉-口令-2023", POSTED_AT)
    accounts.add_account(engine, stored, OPERATOR, LEAD, "云杉-口令-2023", POSTED_AT)


def _post(engine: Engine, stored: StoredContract) -> None:
    """Cells as text and as numbers, notes, properties, names of sheets and files, a form."""
    day = date(2023, 4, 10)
    rows: Mapping[str, object] = {"对象排查": [patrol(day, "示员甲", EAST, SAID)]}
    opened = load_workbook(io.BytesIO(book({**logs(), **rows})))  # type: ignore[dict-item]
    sheet = opened["对象排查"]
    sheet.cell(30, 1, int(OLD))
    sheet.oddHeader.center.text = SAID  # type: ignore[union-attr]
    opened.create_sheet(NUMBER).sheet_state = "veryHidden"
    opened.properties.creator = SAID
    changed = io.BytesIO()
    opened.save(changed)
    for name, data in (("四月.xlsx", changed.getvalue()), (f"{SAID}.xlsx", b"no workbook")):
        number = hand_in.hand_in(engine, stored, LEAD, name, data, POSTED_AT)
        read = hand_in.read(engine, stored, LEAD, number, name=name, data=data, now=POSTED_AT)
        if read:
            post(engine, stored, operator(NUMBER), [read], today=TODAY, now=POSTED_AT)
    cells = {"day": "2023-04-12", "people": "示员甲", "locality": EAST, "situation": SAID}
    slugs = LOG_KINDS["patrol"].by_slug.keys()
    form = form_workbook(LOG_KINDS["patrol"], {k: v for k, v in cells.items() if k in slugs})
    post(engine, stored, LEAD, [form], today=TODAY, now=POSTED_AT, reason=SAID)
    drafts.keep(engine, stored, LEAD, "patrol", {**cells, "leads": int(OLD)}, POSTED_AT)


def _mend(engine: Engine, stored: StoredContract) -> None:
    """A cell of a refused row, mended on the page and posted."""
    data = book({"对象排查": [patrol(date(2023, 4, 13), "示员无", WEST)]})
    number = hand_in.hand_in(engine, stored, LEAD, "待改.xlsx", data, POSTED_AT)
    read = hand_in.read(engine, stored, LEAD, number, name="待改.xlsx", data=data, now=POSTED_AT)
    assert read
    (planned,) = preview(engine, stored, LEAD, [read], today=TODAY)
    hand_in.settle(engine, stored, LEAD, number, planned, POSTED_AT)
    edits = [Edit("对象排查", 4, "remark", SAID)]
    mend_upload.mend(engine, stored, LEAD, number, planned, edits, POSTED_AT)


def _say(engine: Engine, stored: StoredContract) -> None:
    """Reasons and notes."""
    design = Design(
        date(2023, 3, 1), date(2023, 3, 31), stored.terms.kinds, Decimal("0.95"), Decimal("0.05")
    )
    number = draw_sample.draw(
        engine, stored, REVIEWER, design, "K7QF-2M8R", today=TODAY, now=POSTED_AT
    )
    with reading(engine) as connection:
        sample = samples.one(connection, stored.id, number)
    assert sample
    record_result.record(
        engine,
        stored,
        REVIEWER,
        sample.items[0].item_id,
        Result.UNTRUE,
        note=SAID,
        shown=0,
        now=POSTED_AT,
    )
    withdraw.withdraw(engine, stored, LEAD, 1, reason=SAID, now=POSTED_AT)
    saturday = book({"特困老人核查": [elder_check(date(2023, 4, 8), "示员甲", "T1")]})
    again = read_workbook("五月.xlsx", saturday)
    post(engine, stored, LEAD, [again], today=TODAY, now=POSTED_AT)
    looked = [Looked("non_working_day", "2023-04-08", "2023-04")]
    decide_finding.decide(
        engine,
        stored,
        REVIEWER,
        looked,
        State.CONFIRMED,
        note=SAID,
        today=TODAY,
        now=POSTED_AT,
    )
    undo.undo(engine, stored, LEAD, 3, reason=SAID, now=POSTED_AT)


def _attach(engine: Engine, stored: StoredContract, blobs: Blobs) -> None:
    """A photo and a scan that say it of themselves; what is on their pixels nobody can tell."""
    said = Image.Exif()
    said[0x010E] = said[0x9286] = SAID  # description, comment
    photo = jpeg(exif=said)

    def describe(pdf: pikepdf.Pdf) -> None:
        pdf.docinfo["/Title"] = SAID
        with pdf.open_metadata() as metadata:
            metadata["dc:description"] = SAID

    pictures = [clean(photo), clean(scan(describe))]
    evidence.attach(engine, stored, LEAD, blobs, Subject("receipt", 2), pictures, POSTED_AT)
