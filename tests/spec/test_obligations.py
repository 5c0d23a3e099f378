"""The clauses of a contract: how each stands, and what stands behind it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.actions import draw_sample, evidence, record_result
from lib.findings.doubt import Doubt
from lib.findings.found import State, findings
from lib.kpi.figures import Status, figures
from lib.kpi.frame import Design
from lib.kpi.obligations import Evidence, Findings, RosterFigure, obligations
from lib.kpi.samples import Checked, Result
from lib.kpi.scope import Scope
from lib.pictures.cleaning import clean
from lib.store import findings as said
from lib.store import setup
from lib.store.blobs import open_blobs
from lib.store.engine import reading, writing
from lib.store.evidence import Subject, attachments
from lib.store.schema import signature
from tests.support import small_office
from tests.support.pictures import jpeg, plain
from tests.support.small_office import END, MID_MONTH, OPERATOR, POSTED_AT, REVIEWER
from tests.support.visits import Office

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from lib.kpi.obligations import Clause, Obligations

# Everything of the small office is posted in May: that by itself shall be no finding here.
TERMS = small_office.TERMS.replace("late_posting_days = 7", "late_posting_days = 90")
SUNDAY = date(2023, 3, 12)
NOTHING_FOUND = Findings(0, 0, Doubt())


@pytest.fixture
def office(engine: Engine) -> Office:
    """The small office with its logs, and two odd entries: a Sunday, a survey by one person."""
    office = Office(engine, setup.prepare(engine, contract.parse(TERMS, "terms.toml")))
    office.import_rosters()
    logs = small_office.logs()
    logs["对象排查"].append(small_office.patrol(SUNDAY, "示员甲", small_office.EAST))
    logs["家计调查"].append(small_office.survey(date(2023, 3, 24), "示员丙", "示申003"))
    office.post(logs)
    return office


def seen(office: Office, day: date = END) -> Obligations:
    with reading(office.engine) as connection:
        return obligations(connection, Scope(office.stored, day))


def clause(office: Office, code: str, day: date = END) -> Clause:
    """The clause of that code, the one with a figure where an item has the same."""
    of_code = [each for each in seen(office, day).clauses if each.code == code]
    return of_code[-1]


def test_the_clauses_stand_in_the_contracts_order(office: Office):
    assert [(each.code, each.figure is None) for each in seen(office).clauses] == [
        ("case_handling", False),
        ("home_survey", False),
        ("patrol", False),
        ("training", True),
        ("campaign", False),
        ("elder_check", False),
        ("campaign_households", False),
        ("elder_months", False),
        ("training", False),
        ("new_applications", False),
    ]


@pytest.mark.parametrize("day", [MID_MONTH, END], ids=str)
def test_its_figures_are_those_of_the_overview(office: Office, day: date):
    with reading(office.engine) as connection:
        expected = figures(connection, Scope(office.stored, day))
    judged = [each.figure for each in seen(office, day).judged]
    assert judged == list(expected)


@pytest.mark.parametrize(
    ("code", "day", "standing", "verdict", "missing"),
    [
        # 20 person-days over 43 working days, 11 of them gone by; 3 delivered.
        ("case_handling", MID_MONTH, Status.BEHIND, "滞后", Fraction(20 * 11, 43) - 3),
        ("case_handling", END, Status.BEHIND, "未达标", Fraction(16)),
        ("training", MID_MONTH, Status.NOT_DUE, "未到期", None),
        ("training", END, Status.BEHIND, "未达标", Fraction(1)),
        ("campaign", MID_MONTH, Status.ON_TRACK, "正常", None),
        ("elder_months", END, Status.BEHIND, "未达标", Fraction(5)),
    ],
)
def test_before_the_end_it_stands_and_then_it_is_met_or_not(
    office: Office, code: str, day: date, standing: Status, verdict: str, missing: Fraction | None
):
    found = clause(office, code, day)
    assert (found.standing, found.verdict, found.missing) == (standing, verdict, missing)


def test_what_is_all_delivered_is_met(office: Office):
    office.post(
        {
            "业务培训": [small_office.training(date(2023, 4, 4), filed_on=date(2023, 4, 3))],
            "专项行动": [small_office.campaign(date(2023, 4, 6), "示员乙、示员丁", "H3")],
        }
    )
    for code in ("training", "campaign"):
        found = clause(office, code)
        assert (found.standing, found.verdict, found.missing) == (Status.DONE, "达标", None)


def test_an_item_without_a_quota_is_only_recorded(office: Office):
    item = seen(office).clauses[3]
    assert (item.standing, item.verdict, item.missing) == (None, "只记录", None)
    assert item.evidence.entries == 2
    assert item.measured.against == "合同不设定额，只记录；是否达标另看“培训场次”一条"


def test_the_evidence_is_entries_receipts_and_pictures(office: Office, tmp_path: Path):
    assert clause(office, "patrol").evidence == Evidence(entries=3, pictured=0, receipts=1)
    office.post({"对象排查": [small_office.patrol(date(2023, 4, 3), "示员丁", small_office.WEST)]})
    first = _attach(office, tmp_path)
    _attach(office, tmp_path, other=True)

    assert clause(office, "patrol").evidence == Evidence(entries=4, pictured=1, receipts=2)
    assert clause(office, "patrol", MID_MONTH).evidence == Evidence(3, 1, 1)
    assert clause(office, "case_handling").evidence == Evidence(4, 0, 1)
    for number in (first, first + 1):
        evidence.remove(
            office.engine, office.stored, OPERATOR, number, reason="附错了", now=POSTED_AT
        )
    assert clause(office, "patrol").evidence.pictured == 0


def _attach(office: Office, folder: Path, *, other: bool = False) -> int:
    """One of two photos on the Sunday's patrol; its number."""
    with reading(office.engine) as connection:
        found = findings(connection, Scope(office.stored, END))
    (row,) = next(each.rows for each in found if each.rule.code == "non_working_day")
    subject, kept = Subject("entry", row.entry_id), open_blobs(folder.as_uri())
    picture = clean(jpeg(plain(30, 20 + other)))
    evidence.attach(office.engine, office.stored, OPERATOR, kept, subject, [picture], POSTED_AT)
    with reading(office.engine) as connection:
        return attachments(connection, office.stored.id, subject)[-1].attachment_id


def test_findings_stand_by_the_clauses_of_their_entries(office: Office):
    one_day = Findings(1, 0, Doubt(undecided=Fraction(1)))
    assert clause(office, "patrol").findings == one_day
    assert clause(office, "home_survey").findings == one_day
    # Person-days are the item's; the survey itself answers the application.
    assert clause(office, "new_applications").findings == Findings(1, 0, Doubt())
    assert clause(office, "case_handling").findings == NOTHING_FOUND
    assert seen(office).findings == Findings(2, 0, Doubt(undecided=Fraction(2)))


def test_before_an_odd_entry_there_is_no_finding(office: Office):
    assert clause(office, "patrol", date(2023, 3, 11)).findings == NOTHING_FOUND
    assert clause(office, "home_survey", MID_MONTH).findings == NOTHING_FOUND


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.EXPLAINED, Findings(1, 0, Doubt(undecided=Fraction(1)))),
        (State.CONFIRMED, Findings(0, 1, Doubt(confirmed=Fraction(1)))),
        (State.DISMISSED, NOTHING_FOUND),
    ],
)
def test_what_was_said_of_a_finding_shows_and_takes_nothing_off(
    office: Office, state: State, expected: Findings
):
    before = clause(office, "patrol").figure
    with reading(office.engine) as connection:
        found = findings(connection, Scope(office.stored, END))
    sunday = next(each for each in found if each.rule.code == "non_working_day")
    facts = {"state": state, "note": "示例", "basis": sunday.basis, "at": POSTED_AT, "by": "示"}
    with writing(office.engine) as connection:
        said.add(connection, office.stored.id, sunday.rule.code, sunday.subject, facts)
    assert clause(office, "patrol").findings == expected
    assert clause(office, "patrol").figure == before


def test_samples_of_all_months_through_the_day_are_counted(office: Office):
    march = date(2023, 3, 1), date(2023, 3, 31)
    design = Design(*march, ("patrol",), Decimal("0.95"), Decimal("0.05"))
    today = POSTED_AT.date()
    draw_sample.draw(
        office.engine, office.stored, REVIEWER, design, "seed", today=today, now=POSTED_AT
    )
    record_result.record(
        office.engine, office.stored, REVIEWER, 1, Result.TRUE, note="", shown=0, now=POSTED_AT
    )
    assert clause(office, "patrol").checked == Checked(drawn=3, true=1)
    assert clause(office, "patrol", date(2023, 3, 8)).checked == Checked()
    assert clause(office, "case_handling").checked == Checked()
    assert seen(office).checked == Checked(drawn=3, true=1)


def test_signed_months_are_those_gone_by_that_are_closed(office: Office):
    assert (seen(office).months, seen(office).signed) == (2, 0)
    with writing(office.engine) as connection:
        for number, month in enumerate(("2023-03", "2023-04"), 1):
            connection.execute(signature.insert().values(_signature(office, number, month)))
    assert (seen(office).months, seen(office).signed) == (2, 2)
    assert (seen(office, MID_MONTH).months, seen(office, MID_MONTH).signed) == (1, 1)


def _signature(office: Office, number: int, month: str) -> dict[str, object]:
    return {
        "contract_id": office.stored.id,
        "signature_id": number,
        "month": month,
        "signed_at": POSTED_AT,
        "signed_by": REVIEWER.name,
        "figures": {},
        "parameters": {},
        "entries": 0,
        "entries_hash": "",
        "previous_hash": "",
        "hash": "",
    }


def test_the_rosters_stand_beside_the_contracts_figures(office: Office):
    assert seen(office).roster == (
        RosterFigure("村（社区）", 3, 3),
        RosterFigure("社区", 1, 1),
        RosterFigure("村", 2, 2),
        RosterFigure("困难家庭", 4, 3),
        RosterFigure("合同开始日在册特困人员", 2, 2),
    )


def test_indicators_are_no_clauses(office: Office):
    (places,), (cases,) = seen(office).places, seen(office).cases
    assert (places.months, places.localities) == ({"2023-03": 2}, 3)
    assert (cases.times.answered, cases.times.within, cases.late) == (2, 1, 1)
    assert (cases.entries, cases.few_people) == (2, 1)
    assert "patrol_localities" not in {each.code for each in seen(office).clauses}
