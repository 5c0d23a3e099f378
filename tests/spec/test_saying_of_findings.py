"""Explaining, confirming and dismissing findings: by whom, of what, and what is kept (spec §5)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from lib.access import Role, Viewer
from lib.actions import decide_finding
from lib.actions.decide_finding import Looked, seal
from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.errors import NotPermittedError, RefusedError
from lib.findings import RULES
from lib.findings.found import Finding, FoundRow, State, findings
from lib.kpi.scope import Scope
from lib.store import contracts, schema
from lib.store.engine import open_store, reading, writing
from lib.store.findings import Act
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

FIRST, SECOND = Viewer("甲", Role.TEAM_LEAD, "一组"), Viewer("乙", Role.TEAM_LEAD, "二组")
REVIEWER, OTHER_REVIEWER = Viewer("丙", Role.REVIEWER), Viewer("丁", Role.REVIEWER)
LATER = small.NOW + timedelta(minutes=5)
SATURDAY = date(2023, 3, 11)
ALONE, DAY_OFF, MARCH = "one_person_survey", "non_working_day", "2023-03"
NOT_OWN = (
    "这里没有您可以说明的疑点：它不含本组的记录，或者记录已更正、撤回。请回到清单看现在的情况。"
)
GONE = "疑点已经不在了：它的记录有更正或撤回。请回到清单看现在的情况。"


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """Three surveys by one person (the third of the second team), and a Saturday of both teams."""
    stored = small.entered(engine)
    surveyed = [("赵一", "A1"), ("赵一", "A2"), ("孙三", "A3")]
    hand_in(
        engine,
        stored,
        {
            "家计调查": [survey(people, number) for people, number in surveyed],
            "其他工作": [task("赵一"), task("孙三")],
        },
    )
    return stored


def survey(people: str, application: str, remark: str | None = None) -> dict[str, Any]:
    """A row of a home survey."""
    return {
        "日期": date(2023, 3, 6),
        "服务人员": people,
        "调查类型": "新增申请",
        "受理编号": application,
        "村(社区)": "南村",
        "调查结论": "符合",
        "备注": remark,
    }


def task(people: str) -> dict[str, Any]:
    """A row of other work on a Saturday."""
    return {"日期": SATURDAY, "服务人员": people, "工作内容": "接待"}


def hand_in(engine: Engine, stored: StoredContract, sheets: dict[str, Any]) -> None:
    """Post these rows; none may be refused."""
    book = small.workbook(sheets)
    (done,) = post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    assert not done.plan.refusals


def found(engine: Engine, stored: StoredContract, rule: str = ALONE, subject: str = "1") -> Finding:
    """A finding as it is now."""
    with reading(engine) as connection:
        every = findings(connection, Scope(stored, small.END))
    return next(each for each in every if (each.rule.code, each.subject) == (rule, subject))


def explain(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer = FIRST,
    looked: Looked = Looked(ALONE, "1", MARCH),  # noqa: B008 - frozen
    note: str = "同行的人漏写了",
) -> None:
    """Explain a finding."""
    decide_finding.explain(
        engine, stored, viewer, looked, note=note, today=small.TODAY, now=small.NOW
    )


def decide(
    engine: Engine,
    stored: StoredContract,
    *subjects: str | Looked,
    viewer: Viewer = REVIEWER,
    state: State = State.CONFIRMED,
    note: str = "与事实不符",
    now: datetime = small.NOW,
) -> None:
    """Decide findings, by default of the rule on surveys by one person."""
    looked = [Looked(ALONE, each, MARCH) if isinstance(each, str) else each for each in subjects]
    decide_finding.decide(
        engine, stored, viewer, looked, state, note=note, today=small.TODAY, now=now
    )


def sign(engine: Engine, stored: StoredContract, month: str) -> None:
    """Let a month be closed."""
    facts = {"figures": [], "parameters": {}, "entries": 0, "entries_hash": "", "hash": ""}
    row = {"contract_id": stored.id, "signature_id": 1, "month": month, "previous_hash": ""}
    signed = {"signed_at": small.NOW, "signed_by": "丙"}
    with writing(engine) as connection:
        connection.execute(insert(schema.signature).values({**row, **facts, **signed}))


def audited(engine: Engine) -> list[tuple[Any, ...]]:
    """By whom, about what, from which state to which, what is on record of findings."""
    line = schema.audit_line.c
    query = select(line.by, line.subject, line.before, line.after).where(
        line.act == "say_of_finding"
    )
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(line.line_id)).all()
    return [(row.by, row.subject, row.before["state"], row.after["state"]) for row in rows]


def revision(engine: Engine, stored: StoredContract) -> int:
    """What cached figures are keyed by."""
    with reading(engine) as connection:
        return contracts.revision(connection, stored.id)


def refusal(act: Callable[[], None]) -> str:
    """The sentence with which an act is refused."""
    with pytest.raises(RefusedError) as refused:
        act()
    return refused.value.sentence


# What is said, and kept.


def test_a_lead_explains_and_a_reviewer_decides(engine: Engine, stored: StoredContract):
    before = revision(engine, stored)
    assert found(engine, stored).state is State.OPEN
    explain(engine, stored)
    assert found(engine, stored).state is State.EXPLAINED
    decide(engine, stored, "1")

    now = found(engine, stored)
    assert now.state is State.CONFIRMED
    assert [(act.state, act.note, act.by, act.basis) for act in now.acts] == [
        ("explained", "同行的人漏写了", "甲", now.basis),
        ("confirmed", "与事实不符", "丙", now.basis),
    ]
    assert revision(engine, stored) == before + 2
    assert found(engine, stored, subject="2").state is State.OPEN


def test_what_is_on_record_is_who_and_what_and_not_why(engine: Engine, stored: StoredContract):
    explain(engine, stored)
    decide(engine, stored, "1", state=State.DISMISSED)

    assert audited(engine) == [
        ("甲", "finding one_person_survey 1", "open", "explained"),
        ("丙", "finding one_person_survey 1", "explained", "dismissed"),
    ]
    with reading(engine) as connection:
        lines = connection.execute(select(schema.audit_line)).all()
    assert not [line for line in lines if "漏写" in str(line) or "不符" in str(line)]


def test_a_lead_explains_again_while_nothing_is_decided(engine: Engine, stored: StoredContract):
    explain(engine, stored)
    explain(engine, stored, note="另附说明")

    assert [act.note for act in found(engine, stored).acts] == ["同行的人漏写了", "另附说明"]


@pytest.mark.parametrize("state", [State.CONFIRMED, State.DISMISSED])
def test_a_lead_does_not_explain_what_is_decided(
    engine: Engine, stored: StoredContract, state: State
):
    decide(engine, stored, "1", state=state)

    assert refusal(lambda: explain(engine, stored)) == (
        f"2023-03-06 的疑点已有结论，不能再补充说明：{state.label}，2023-06-01 16:00，丙。"
    )
    assert len(found(engine, stored).acts) == 1


def test_a_reviewer_decides_otherwise_later(engine: Engine, stored: StoredContract):
    decide(engine, stored, "1")
    decide(engine, stored, "1", viewer=OTHER_REVIEWER, state=State.DISMISSED, now=LATER)

    assert [act.state for act in found(engine, stored).acts] == ["confirmed", "dismissed"]
    assert found(engine, stored).state is State.DISMISSED


def test_when_its_rows_change_it_is_open_again(engine: Engine, stored: StoredContract):
    decide(engine, stored, "1", state=State.DISMISSED)
    hand_in(engine, stored, {"家计调查": [survey("赵一", "A1", remark="补")]})

    assert found(engine, stored).state is State.OPEN
    explain(engine, stored)
    assert found(engine, stored).state is State.EXPLAINED


def test_what_was_said_of_a_months_rows_stands_whatever_joins_them_later():
    rows = tuple(FoundRow(day.month, 1, "", day) for day in (date(2023, 3, 6), date(2023, 4, 6)))
    of_march = Finding(RULES[ALONE], "x", rows[:1])
    of_april = replace(of_march, rows=rows)
    acts = (
        Act(1, "dismissed", "", of_march.basis, small.NOW, "丙"),
        Act(2, "confirmed", "", of_april.basis, small.NOW, "丙"),
    )
    by_march, by_april, by_now = (
        replace(each, acts=said)
        for each, said in ((of_march, acts), (of_april, acts), (of_april, acts[:1]))
    )

    assert [
        (each.month, each.state, each.has_changed) for each in (by_march, by_april, by_now)
    ] == [
        ("2023-03", State.DISMISSED, False),
        ("2023-04", State.CONFIRMED, False),
        ("2023-04", State.OPEN, True),
    ]


# Who may.


@pytest.mark.parametrize(
    ("viewer", "rule", "subject", "may"),
    [
        (FIRST, ALONE, "1", True),
        (FIRST, ALONE, "3", False),
        (SECOND, ALONE, "3", True),
        (FIRST, DAY_OFF, str(SATURDAY), True),
        (SECOND, DAY_OFF, str(SATURDAY), True),
        (FIRST, ALONE, "99", False),
        (FIRST, "nothing", "1", False),
        (REVIEWER, ALONE, "1", False),
        (Viewer("戊", Role.LEADER), ALONE, "1", False),
        (Viewer("己", Role.ADMIN), ALONE, "1", False),
    ],
)
def test_a_lead_explains_what_has_rows_of_the_own_team(
    engine: Engine, stored: StoredContract, viewer: Viewer, rule: str, subject: str, *, may: bool
):
    looked = Looked(rule, subject, MARCH)
    if may:
        explain(engine, stored, viewer, looked)
        assert found(engine, stored, rule, subject).state is State.EXPLAINED
    else:
        assert refusal(lambda: explain(engine, stored, viewer, looked)) == NOT_OWN
        assert audited(engine) == []


@pytest.mark.parametrize("role", [Role.LEADER, Role.TEAM_LEAD, Role.ADMIN])
def test_only_a_reviewer_decides(engine: Engine, stored: StoredContract, role: Role):
    viewer = Viewer("戊", role, "一组" if role is Role.TEAM_LEAD else None)
    with pytest.raises(NotPermittedError, match=r"^您的角色不能认定或排除疑点"):
        decide(engine, stored, "1", viewer=viewer)
    assert audited(engine) == []


# What is refused.


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("", "必须写明原因。"),
        (" \u200b ", "必须写明原因。"),
        ("长" * 201, "原因写了 201 个字，最多 200 个，请写短一些。"),
    ],
)
def test_nothing_is_said_without_a_note(
    engine: Engine, stored: StoredContract, note: str, said: str
):
    assert refusal(lambda: explain(engine, stored, note=note)).endswith(said)
    assert refusal(lambda: decide(engine, stored, "1", note=note)).endswith(said)
    assert audited(engine) == []


@pytest.mark.parametrize(
    "looked",
    [
        Looked(ALONE, "99", MARCH),
        Looked("nothing", "1", MARCH),
        Looked("", "1", MARCH),
        Looked(ALONE, "1", "2023-04"),
        Looked(ALONE, "1", "2023-06"),
        Looked(ALONE, "1", ""),
    ],
)
def test_nothing_is_decided_that_is_not_there(
    engine: Engine, stored: StoredContract, looked: Looked
):
    assert refusal(lambda: decide(engine, stored, looked)) == GONE


def test_what_has_gone_since_it_was_shown_is_not_decided(engine: Engine, stored: StoredContract):
    shown = Looked(ALONE, "1", MARCH, seal(found(engine, stored)))
    withdraw(engine, stored, FIRST, 1, reason="录错了", now=small.NOW)

    assert refusal(lambda: decide(engine, stored, shown)) == GONE


def test_what_was_said_meanwhile_is_told(engine: Engine, stored: StoredContract):
    shown = Looked(ALONE, "1", MARCH, seal(found(engine, stored)))
    decide(engine, stored, shown)

    told = "2023-03-06 的疑点刚有人处理：已认定，2023-06-01 16:00，丙。请看过再决定。"
    assert refusal(lambda: decide(engine, stored, shown)) == told
    other = {"viewer": OTHER_REVIEWER, "state": State.DISMISSED}
    assert refusal(lambda: decide(engine, stored, shown, **other)) == told
    assert refusal(lambda: explain(engine, stored, looked=shown)) == told
    assert refusal(lambda: decide(engine, stored, "1")) == (
        "2023-03-06 的疑点已是这个结论：已认定，2023-06-01 16:00，丙。"
    )


def test_rows_that_changed_since_they_were_shown_are_looked_at_first(
    engine: Engine, stored: StoredContract
):
    shown = Looked(ALONE, "1", MARCH, seal(found(engine, stored)))
    hand_in(engine, stored, {"家计调查": [survey("赵一", "A1", remark="补")]})

    assert refusal(lambda: decide(engine, stored, shown)) == (
        "2023-03-06 的疑点的记录刚有变化，请看过现在的记录再决定。"
    )
    decide(engine, stored, Looked(ALONE, "1", MARCH, seal(found(engine, stored))))


def test_of_two_reviewers_at_once_one_wins(store_url: str, engine: Engine, stored: StoredContract):
    shown = Looked(ALONE, "1", MARCH, seal(found(engine, stored)))
    engines = [open_store(store_url) for _ in range(4)]

    def pressed(browser: Engine) -> str:
        try:
            decide(browser, stored, shown)
        except RefusedError as refused:
            return refused.sentence
        return ""

    with ThreadPoolExecutor(len(engines)) as browsers:
        said = list(browsers.map(pressed, engines))
    for browser in engines:
        browser.dispose()

    told = "2023-03-06 的疑点刚有人处理：已认定，2023-06-01 16:00，丙。请看过再决定。"
    assert sorted(said) == ["", told, told, told]
    assert len(found(engine, stored).acts) == 1


# Several at once.


def test_several_are_decided_together(engine: Engine, stored: StoredContract):
    before = revision(engine, stored)
    decide(engine, stored, "1", "3", "1", state=State.DISMISSED, note="已电话核实")

    assert [found(engine, stored, subject=each).state for each in "123"] == [
        State.DISMISSED,
        State.OPEN,
        State.DISMISSED,
    ]
    assert [line[1] for line in audited(engine)] == [
        "finding one_person_survey 1",
        "finding one_person_survey 3",
    ]
    assert revision(engine, stored) == before + 1


def test_all_of_them_are_decided_or_none(engine: Engine, stored: StoredContract):
    shown = [
        Looked(ALONE, each, MARCH, seal(found(engine, stored, subject=each))) for each in "123"
    ]
    decide(engine, stored, "2", now=LATER)

    assert refusal(lambda: decide(engine, stored, *shown, state=State.DISMISSED)) == (
        "2023-03-06 的疑点刚有人处理：已认定，2023-06-01 16:05，丙。请看过再决定。"
    )
    assert len(audited(engine)) == 1


def test_nothing_is_decided_when_none_is_ticked(engine: Engine, stored: StoredContract):
    assert refusal(lambda: decide(engine, stored)) == "还没有选中疑点，请先勾选。"


# Signed months.


def test_in_a_signed_month_nothing_is_said_any_more(engine: Engine, stored: StoredContract):
    sign(engine, stored, "2023-03")
    closed = (
        "2023-03 已签认封存，其中的疑点不能再说明或改变结论；"
        "确需更改，请验收人员说明原因后重新打开该月。"
    )

    assert refusal(lambda: explain(engine, stored)) == closed
    assert refusal(lambda: decide(engine, stored, "1")) == closed
    assert audited(engine) == []


def test_another_signed_month_changes_nothing(engine: Engine, stored: StoredContract):
    sign(engine, stored, "2023-02")
    decide(engine, stored, "1")

    assert found(engine, stored).state is State.CONFIRMED
