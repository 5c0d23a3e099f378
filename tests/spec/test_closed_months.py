"""Acts on a closed month: each is refused with one sentence, and rows that change nothing stand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from lib.access import Role, Viewer
from lib.actions import evidence, post, restore, undo, withdraw
from lib.actions.plan import Outcome
from lib.errors import RefusedError
from lib.kpi.scope import Scope
from lib.logs import LOG_KINDS
from lib.pictures.cleaning import Picture
from lib.store import contracts, signing
from lib.store.blobs import open_blobs
from lib.store.engine import writing
from lib.store.evidence import Subject
from lib.workbooks.form import form_workbook
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from lib.actions.plan import Plan

SIGNED_AT = datetime(2023, 6, 1, 1, 30, tzinfo=UTC)
LEAD = Viewer("lead1", Role.TEAM_LEAD, "一组")
FEBRUARY = (
    "2023-02 已签认封存（2023-06-01 09:30，验收），不能再改；"
    "确需更正，请验收人员说明原因后重新打开该月。"
)
IN_FEBRUARY, IN_MARCH = date(2023, 2, 13), date(2023, 3, 13)


def task(day: date = IN_FEBRUARY, what: str = "会务", outcome: str | None = None) -> small.Cells:
    """A row of the plainest kind."""
    return {"日期": day, "服务人员": "赵一", "工作内容": what, "完成情况": outcome}


class Office:
    """A store with the small contract in it, one team's lead, and a place for photos."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.stored = small.entered(engine)
        self.blobs = open_blobs((folder / "evidence").as_uri())

    def post(self, *rows: small.Cells, restore: bool = False) -> Plan:
        """Post these rows as the lead's workbook."""
        book = small.workbook({"其他工作": rows})
        (done,) = post.post(
            self.engine,
            self.stored,
            LEAD,
            [book],
            today=small.TODAY,
            now=small.NOW,
            reason="核实",
            restore=restore,
        )
        return done.plan

    def sign(self, month: str = "2023-02") -> None:
        """Close a month."""
        facts = {"signed_at": SIGNED_AT, "signed_by": "验收", "figures": {}, "parameters": {}}
        with contracts.acting(self.engine, self.stored) as connection:
            signing.add(connection, self.stored.id, "", {**facts, "month": month}, ())

    def reopen(self) -> None:
        """Open the only closed month again."""
        with writing(self.engine) as connection:
            said = {"at": SIGNED_AT, "by": "验收", "reason": "更正"}
            signing.reopen(connection, self.stored.id, [1], **said)

    def refusal(self, act: Callable[[], object]) -> str:
        """The sentence with which an act is refused, "" if it is done."""
        try:
            act()
        except RefusedError as refusal:
            return refusal.sentence
        return ""


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Receipt 1 brought entries 1 and 2 in February and 3 in March; receipt 2 entry 4 in February.

    Entry 2 is withdrawn; a photo hangs on entry 1, and one on receipt 1.
    """
    office = Office(engine, tmp_path)
    office.post(task(), task(what="接待"), task(IN_MARCH))
    office.post(task(what="值守"))
    withdraw.withdraw(engine, office.stored, LEAD, 2, reason="错录", now=small.NOW)
    for subject in (Subject("entry", 1), Subject("receipt", 1)):
        assert attach(office, subject) == 1
    return office


def picture(name: str) -> Picture:
    """A photo that differs from every other by its name."""
    return Picture("image/jpeg", name.encode(), b"small", 1, 1, name)


def attach(office: Office, subject: Subject, name: str = "first") -> int:
    """Attach a photo of that name."""
    pictures = [picture(f"{name} {subject}")]
    return evidence.attach(
        office.engine, office.stored, LEAD, office.blobs, subject, pictures, small.NOW
    )


def acts(office: Office) -> dict[str, Callable[[], object]]:
    """Every act that would change February; in an open month they can be done one after another."""
    here = (office.engine, office.stored, LEAD)
    scoped = (office.engine, Scope(office.stored, small.END), LEAD)
    why = {"reason": "核实", "now": small.NOW}
    return {
        "attach to an entry": lambda: attach(office, Subject("entry", 1), "second"),
        "attach to a receipt": lambda: attach(office, Subject("receipt", 1), "second"),
        "take off an entry": lambda: evidence.remove(*here, 1, **why),
        "take off a receipt": lambda: evidence.remove(*here, 2, **why),
        "withdraw": lambda: withdraw.withdraw(*here, 1, **why),
        "foresee a withdrawal": lambda: withdraw.foreseen(*scoped, 4, small.NOW),
        "restore": lambda: restore.restore(*here, 2, **why),
        "foresee a restoring": lambda: restore.foreseen(*scoped, 1, small.NOW),
        "undo": lambda: undo.undo(*here, 2, **why),
    }


def test_every_act_is_refused_in_a_closed_month_and_done_when_it_is_opened_again(office: Office):
    office.sign()
    refused = {name: office.refusal(act) for name, act in acts(office).items()}
    before = small.ledger_of(office.engine, office.stored)

    office.reopen()
    done = {name: office.refusal(act) for name, act in acts(office).items()}

    assert refused == dict.fromkeys(refused, FEBRUARY)
    assert done == dict.fromkeys(refused, "")
    assert small.ledger_of(office.engine, office.stored) != before


def outcomes(plan: Plan) -> Sequence[Outcome]:
    """What became of each row."""
    return [row.outcome for row in plan.rows]


def test_of_a_growing_workbook_only_what_changes_a_closed_month_is_refused(office: Office):
    office.sign()
    before = small.ledger_of(office.engine, office.stored)

    plan = office.post(
        task(),  # as it is held
        task(what="接待"),  # withdrawn, and stays so
        task(what="值守", outcome="办结"),
        task(what="新的"),
        task(IN_MARCH, outcome="办结"),
        task(IN_MARCH, what="新的"),
    )

    assert outcomes(plan) == [
        Outcome.UNCHANGED,
        Outcome.UNCHANGED,
        Outcome.REFUSED,
        Outcome.REFUSED,
        Outcome.CORRECTED,
        Outcome.NEW,
    ]
    assert [str(problem) for problem in plan.refusals] == [
        f"“其他工作”第 {row} 行“日期”：{FEBRUARY}" for row in (4, 5)
    ]
    now = small.ledger_of(office.engine, office.stored)
    assert {key: now[key] for key in before if "2023-02" in key[1]} == {
        key: said for key, said in before.items() if "2023-02" in key[1]
    }
    assert len(now) == len(before) + 1


def test_a_withdrawn_row_of_a_closed_month_does_not_count_again(office: Office):
    office.sign()

    plan = office.post(task(), task(what="接待"), restore=True)

    assert outcomes(plan) == [Outcome.UNCHANGED, Outcome.REFUSED]
    assert [problem.fault.sentence for problem in plan.refusals] == [FEBRUARY]


def test_a_month_closed_while_rows_were_checked_takes_none_of_them(office: Office):
    book = small.workbook({"其他工作": [task(what="新的")]})
    checked = post.check(office.engine, office.stored, [book], small.TODAY)
    office.sign()

    with contracts.acting(office.engine, office.stored) as connection:
        (done,) = post.post_checked(connection, office.stored, LEAD, checked, now=small.NOW)

    assert outcomes(done.plan) == [Outcome.REFUSED]
    assert done.receipt is None


def test_a_form_is_refused_like_a_workbook(office: Office):
    office.sign()
    cells = {"day": "2023-02-13", "people": "G1", "task": "会务", "outcome": "办结"}
    form = form_workbook(LOG_KINDS["other_task"], cells)

    plan = post.preview(office.engine, office.stored, LEAD, [form], small.TODAY)[0]

    assert [problem.fault.sentence for problem in plan.refusals] == [FEBRUARY]


def test_undoing_a_receipt_leaves_its_entries_of_closed_months(office: Office):
    office.sign()

    planned = undo.plan(office.engine, office.stored, LEAD, 1)

    assert [each.entry_id for each in planned.undone] == [3]
    assert planned.left == (
        undo.Left(1, 1, undo.Why.CLOSED),
        undo.Left(2, 1, undo.Why.CLOSED),
    )
    undo.undo(office.engine, office.stored, LEAD, 1, reason="传错", now=small.NOW)
    effective = small.ledger_of(office.engine, office.stored).values()
    assert [said[-1] for said in effective] == [True, False, False, True]


def test_what_an_undoing_took_back_closes_it_too(office: Office):
    undone = undo.undo(office.engine, office.stored, LEAD, 2, reason="传错", now=small.NOW)
    office.sign()

    subject = Subject("receipt", undone.receipt_id)
    assert office.refusal(lambda: attach(office, subject)) == FEBRUARY


def test_several_closed_months_are_named_in_one_sentence(office: Office):
    office.sign()
    office.sign("2023-03")

    closed = "{} 已签认封存（2023-06-01 09:30，验收）"
    both = "、".join(closed.format(month) for month in ("2023-02", "2023-03"))
    said = office.refusal(lambda: attach(office, Subject("receipt", 1), "third"))
    assert said == f"{both}，不能再改；确需更正，请验收人员说明原因后重新打开该月。"


def test_a_gallery_says_to_its_own_team_why_it_is_closed(office: Office):
    office.sign()
    reviewer = Viewer("reviewer", Role.REVIEWER)
    galleries = [
        evidence.gallery(office.engine, office.stored, viewer, subject)
        for viewer in (LEAD, reviewer)
        for subject in (Subject("entry", 1), Subject("entry", 3))
    ]

    assert [(each.may_change, each.closed) for each in galleries] == [
        (False, FEBRUARY),
        (True, ""),
        (False, ""),
        (False, ""),
    ]
