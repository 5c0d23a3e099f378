"""An office of which everything that can leave as a file is there, and the way to each file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from lib.actions import (
    draw_sample,
    evidence,
    import_rosters,
    made_files,
    post,
    record_result,
    withdraw,
)
from lib.actions.made_files import Kept
from lib.clock import now
from lib.fields import Text
from lib.kpi import samples
from lib.kpi.frame import Design
from lib.kpi.samples import Result
from lib.logs import LOG_KINDS, kinds_of
from lib.pictures.cleaning import clean
from lib.store.engine import reading
from lib.store.evidence import Subject
from lib.ui import resources
from lib.workbooks.ledger import LedgerSheet, office_ledger
from lib.workbooks.own import read_own_workbook
from tests.support import doubtful, small_office
from tests.support.pictures import scan
from tests.support.small_office import (
    ADMIN,
    LEAD,
    LEADER,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.access import Viewer
    from tests.support.small_office import Cells
    from tests.support.visits import Office

PLAIN = ("一切如常",)


@dataclass(frozen=True)
class File:
    """Where a file is fetched by whom; `others` are those who may not have it.

    `act` is what stands on record once it is taken; None for what is only shown.
    """

    address: str
    query: str
    owner: Viewer
    others: Sequence[Viewer] = ()
    act: str | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Stocked:
    """The office, and the numbers of what stands in it."""

    office: Office
    upload: int
    made: int

    @property
    def files(self) -> Sequence[File]:
        """One of each route, in the order of their addresses."""
        checked = (LEAD, OTHER_LEAD)
        not_leads = (LEADER, REVIEWER, ADMIN)
        not_lead1 = (OTHER_LEAD, *not_leads)
        strangers = (LEADER, ADMIN, OTHER_LEAD)
        return (
            File("/audit_lines", "act=post", REVIEWER, (LEADER, *checked), "export"),
            File("/evidence", "id=1", LEAD, strangers, "fetch_evidence"),
            File("/file", f"receipt={self._receipt}", LEAD, strangers, "fetch_file"),
            File("/finding_list", "month=2023-04", LEADER, (), "export"),
            File("/ledger", "figure=patrol&names=full", REVIEWER, (), "export_full_names"),
            File("/made", f"id={self.made}", REVIEWER, (LEADER, *checked, ADMIN), "fetch_made"),
            File("/marked", f"upload={self.upload}", LEAD, not_lead1, "fetch_upload"),
            File("/mended", f"upload={self.upload}", LEAD, not_lead1, "fetch_upload"),
            File("/prefilled", "", LEAD, not_leads, "export_own_names"),
            File("/report", "what=settlement&month=2023-03", ADMIN, checked, "fetch_report"),
            File("/sample_sheet", "id=1", LEADER, checked, "export"),
            File("/template", "kinds=patrol.campaign", LEAD, not_leads, "fetch_template"),
            File("/unreached", "figure=campaign_households", LEADER, (), "export"),
        )

    @property
    def _receipt(self) -> int:
        """The receipt of the lead's own workbook: before it came what is usual and what is odd."""
        return 3


def stock(office: Office, texts: Sequence[str] = PLAIN) -> Stocked:
    """Fill the office; these texts stand wherever somebody may write what he likes."""
    *_, home = small_office.rosters()["困难家庭"]
    _rename(office, {**home, "户主姓名": f"{texts[-1]}户"})
    doubtful.spoil(office)
    data = workbook(office, texts)
    book = read_own_workbook(f"{texts[-1]}四月.xlsx".replace("/", "_"), data)
    (done,) = post.post(
        office.engine, office.stored, LEAD, [book], today=POSTED_AT.date(), now=POSTED_AT
    )
    assert not done.plan.refusals, done.plan.refusals
    _say(office, texts)
    subject = Subject("receipt", 3)
    evidence.attach(
        office.engine, office.stored, LEAD, resources.blobs(), subject, [clean(scan())], now()
    )
    return Stocked(office, _hand_in(office, texts), keep(office))


def _rename(office: Office, home: Cells) -> None:
    """Import a household's roster in which its head has another name, whatever that begins with."""
    data = office_ledger([LedgerSheet("困难家庭", list(home), [list(home.values())])])
    done = import_rosters.import_rosters(
        office.engine, office.stored, ADMIN, read_own_workbook("名册.xlsx", data), POSTED_AT
    )
    assert not done.problems


def workbook(office: Office, texts: Sequence[str]) -> bytes:
    """A real workbook: a row of each kind for each text, in every column that takes free text."""
    sheets = []
    for kind in kinds_of(office.stored.terms):
        headings = [field.heading for field in kind.fields]
        free = [f.heading for f in kind.fields if isinstance(f.type, Text) and not f.names_somebody]
        rows = []
        for number, text in enumerate(texts):
            cells = {**_row(kind.slug, number), **dict.fromkeys(free, text)}
            rows.append([cells.get(heading) for heading in headings])
        sheets.append(LedgerSheet(kind.sheet, headings, rows, title=f"示例{kind.sheet}"))
    return office_ledger(sheets)


def _row(kind: str, number: int) -> Cells:
    """What a row of a kind says besides, another day for each."""
    day = date(2023, 4, 6) + timedelta(days=number)
    match kind:
        case "case_handling":
            return small_office.case(day, "示员甲", f"示申1{number}")
        case "home_survey":
            return small_office.survey(day, "示员甲 示员乙", f"示申1{number}")
        case "patrol":
            return small_office.patrol(day, "示员乙", small_office.WEST)
        case "training":
            return small_office.training(day, filed_on=date(2023, 3, 1))
        case "campaign":
            return small_office.campaign(day, "示员甲", "H1")
        case _:
            return small_office.elder_check(day, "示员甲", "T1")


def _say(office: Office, texts: Sequence[str]) -> None:
    """Say the texts of findings, of a sample, and of an entry that is withdrawn."""
    doubtful.explain(office, doubtful.ALONE, doubtful.FIRST_ALONE, note=texts[0])
    doubtful.decide(office, doubtful.DAY_OFF, doubtful.BOTH, note=texts[-1])
    kinds = office.stored.terms.kinds
    design = Design(date(2023, 4, 1), date(2023, 4, 30), kinds, Decimal("0.95"), Decimal("0.05"))
    today = POSTED_AT.date()
    sample_id = draw_sample.draw(
        office.engine, office.stored, REVIEWER, design, "K7QF-2M8R", today=today, now=POSTED_AT
    )
    with reading(office.engine) as connection:
        sample = samples.one(connection, office.stored.id, sample_id)
    assert sample
    for item, text in zip(sample.items, texts, strict=False):
        record_result.record(
            office.engine,
            office.stored,
            REVIEWER,
            item.item_id,
            Result.UNTRUE,
            note=text,
            shown=0,
            now=POSTED_AT,
        )
    withdraw.withdraw(office.engine, office.stored, LEAD, 1, reason=texts[-1], now=POSTED_AT)


def _hand_in(office: Office, texts: Sequence[str]) -> int:
    """A workbook handed in of which a row is refused."""
    headings = [field.heading for field in LOG_KINDS["patrol"].fields]
    row = {**_row("patrol", 20), "服务人员": "示员无", "备注": texts[0]}
    rows = [[row.get(heading) for heading in headings]]
    data = office_ledger([LedgerSheet("对象排查", headings, rows, title="示例")])
    number = resources.desk().hand_in(LEAD, "待改.xlsx", data)
    resources.desk().finish(60)
    return number


def keep(office: Office) -> int:
    """The reviewer's acceptance file, made of these bytes."""
    file_id, _ = made_files.begin(office.engine, office.stored, REVIEWER, {"through": ""}, now())
    with tempfile.TemporaryFile() as file:
        file.write(b"an archive")
        sha256 = resources.blobs().keep_made(file)
    kept = Kept("验收档案.zip", sha256, len(b"an archive"))
    made_files.settle(office.engine, office.stored, REVIEWER, file_id, kept, now())
    return file_id
