"""Explaining findings and deciding them, one at a time or several at once, on their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lib.findings.found import State
from tests.support.doubtful import (
    ALONE,
    BOTH,
    DAY_OFF,
    FIRST_ALONE,
    SECOND_ALONE,
    decide,
    explain,
    sign,
    spoil,
    states,
)
from tests.support.small_office import (
    ADMIN,
    LEAD,
    LEADER,
    OTHER_LEAD,
    REVIEWER,
    survey,
)
from tests.support.visits import FINDING, FINDINGS, button, html_texts, messages

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

DECIDED = "2023-04-03 的疑点刚有人处理：已认定，2023-05-04 10:00，reviewer。请看过再决定。"


@pytest.fixture
def doubtful(office: Office) -> Office:
    """The small office with something odd in its ledger."""
    spoil(office)
    return office


def looked_at(office: Office, viewer: Viewer, subject: str = FIRST_ALONE) -> AppTest:
    """The page of a survey by one person."""
    return office.visit(viewer, FINDING, rule=ALONE, subject=subject)


def labels(app: AppTest) -> list[str]:
    """The buttons of the page itself."""
    return [each.label for each in app.button]


def written(app: AppTest, note: str) -> AppTest:
    """The page with a note written into its form."""
    (field,) = (*app.text_area, *app.text_input)
    field.set_value(note)
    return app


def chip(app: AppTest) -> str:
    """How the finding stands, at the top of its page."""
    return html_texts(app, "chip")[0][0]


@pytest.mark.parametrize(
    ("viewer", "offered"),
    [(LEADER, []), (LEAD, ["提交说明"]), (REVIEWER, ["认定", "排除"]), (ADMIN, [])],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_role_is_offered_what_it_may_do(doubtful: Office, viewer: Viewer, offered: list[str]):
    assert labels(looked_at(doubtful, viewer)) == offered


def test_a_lead_explains(doubtful: Office):
    app = written(looked_at(doubtful, LEAD), " 同行人漏写 ")
    button(app, "提交说明").click().run()

    assert messages(app) == ["已提交说明，等验收人员作出结论。"]
    assert chip(app) == "● 已说明"
    assert app.text_area[0].value == ""
    assert labels(app) == ["提交说明"]
    (line,) = office_lines(doubtful)
    assert line == ("lead1", "finding one_person_survey 15", "explained")


def office_lines(office: Office) -> list[tuple[str, str, str]]:
    """What is on record of findings: who, which, what."""
    lines = office.audit("say_of_finding")
    return [(line["by"], line["subject"], line["after"]["state"]) for line in lines]


def test_a_lead_is_not_asked_about_what_is_decided(doubtful: Office):
    decide(doubtful, ALONE, FIRST_ALONE)
    app = looked_at(doubtful, LEAD)
    assert (labels(app), chip(app)) == ([], "✕ 已认定")


@pytest.mark.parametrize(
    ("press", "state", "shown", "left"),
    [
        ("认定", State.CONFIRMED, "✕ 已认定", ["排除"]),
        ("排除", State.DISMISSED, "○ 已排除", ["认定"]),
    ],
)
def test_a_reviewer_decides(
    doubtful: Office, press: str, state: State, shown: str, left: list[str]
):
    app = written(looked_at(doubtful, REVIEWER), "已电话核实")
    button(app, press).click().run()

    assert messages(app) == [f"已{press} 1 个疑点。"]
    assert (chip(app), labels(app)) == (shown, left)
    assert states(doubtful)[FIRST_ALONE] is state
    assert office_lines(doubtful) == [("reviewer", "finding one_person_survey 15", str(state))]


def test_a_decision_is_changed_by_another(doubtful: Office):
    decide(doubtful, ALONE, FIRST_ALONE)
    app = written(looked_at(doubtful, REVIEWER), "现场核实属实")
    button(app, "排除").click().run()

    assert [row[2] for row in html_texts(app, "listed") if row[1] == "reviewer"] == [
        "已认定",
        "已排除",
    ]


@pytest.mark.parametrize(
    ("viewer", "press", "said"),
    [
        (LEAD, "提交说明", "说明疑点必须写明原因。"),
        (REVIEWER, "认定", "认定疑点必须写明原因。"),
        (REVIEWER, "排除", "排除疑点必须写明原因。"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_without_a_note_nothing_is_said(doubtful: Office, viewer: Viewer, press: str, said: str):
    app = looked_at(doubtful, viewer)
    button(app, press).click().run()

    assert messages(app) == [said]
    assert office_lines(doubtful) == []


def test_of_two_windows_one_wins_and_the_other_is_told(doubtful: Office):
    app = written(looked_at(doubtful, REVIEWER), "说明属实")
    decide(doubtful, ALONE, FIRST_ALONE)
    button(app, "排除").click().run()

    assert messages(app) == [DECIDED]
    assert chip(app) == "✕ 已认定"
    assert app.text_input[0].value == "说明属实", "nothing that was written is lost"
    assert len(office_lines(doubtful)) == 1

    button(app, "排除").click().run()  # having seen it
    assert states(doubtful)[FIRST_ALONE] is State.DISMISSED


def test_a_press_twice_makes_one_record(doubtful: Office):
    app = written(looked_at(doubtful, REVIEWER), "说明属实")
    press = button(app, "认定").click()
    press.run()
    app.run()

    assert len(office_lines(doubtful)) == 1


def test_rows_that_changed_are_looked_at_before_it_is_decided(doubtful: Office):
    app = written(looked_at(doubtful, REVIEWER), "说明属实")
    doubtful.post({"家计调查": [{**survey("2023-04-03", "示员甲", "示申011"), "备注": "补"}]})
    button(app, "排除").click().run()

    assert messages(app) == ["2023-04-03 的疑点的记录刚有变化，请看过现在的记录再决定。"]
    assert office_lines(doubtful) == []


def test_what_was_said_of_other_rows_is_shown_as_that(doubtful: Office):
    decide(doubtful, ALONE, FIRST_ALONE)
    doubtful.post({"家计调查": [{**survey("2023-04-03", "示员甲", "示申011"), "备注": "补"}]})
    app = looked_at(doubtful, REVIEWER)

    assert messages(app) == ["上次处理以后，这个疑点的记录有变化，须重新处理。"]
    assert chip(app) == "▲ 待说明"
    assert [row[-1] for row in html_texts(app, "listed") if row[1] == "reviewer"] == [
        "当时的记录，此后有变化"
    ]


@pytest.mark.parametrize("viewer", [LEAD, REVIEWER], ids=lambda viewer: viewer.name)
def test_in_a_signed_month_nothing_is_offered(doubtful: Office, viewer: Viewer):
    explain(doubtful, ALONE, FIRST_ALONE)
    sign(doubtful, "2023-04")
    app = looked_at(doubtful, viewer)

    assert labels(app) == []
    assert messages(app) == ["2023-04 已签认封存，这个疑点的结论不能再改。"]


def test_signed_meanwhile_it_is_refused(doubtful: Office):
    app = doubtful.visit(REVIEWER, FINDINGS, rule=ALONE)
    app.checkbox[0].check()
    written(app, "说明属实")
    sign(doubtful, "2023-04")
    app = looked_at(doubtful, REVIEWER)

    assert not app.error
    assert labels(app) == []


# Several at once.


def ticked(app: AppTest, *subjects: str) -> AppTest:
    """The list with these findings ticked."""
    for subject in subjects:
        next(box for box in app.checkbox if box.label.endswith(f" {subject}")).check()
    return app


@pytest.mark.parametrize(
    ("press", "state"), [("一并认定", State.CONFIRMED), ("一并排除", State.DISMISSED)]
)
def test_those_that_are_ticked_are_decided_together(doubtful: Office, press: str, state: State):
    explain(doubtful, ALONE, FIRST_ALONE)
    app = doubtful.visit(REVIEWER, FINDINGS, rule=ALONE)
    button(written(ticked(app, SECOND_ALONE), "已电话核实"), press).click().run()

    assert messages(app) == [f"已{press[2:]} 1 个疑点。"]
    assert states(doubtful) == {
        FIRST_ALONE: State.EXPLAINED,
        SECOND_ALONE: state,
        BOTH: State.OPEN,
    }
    assert not any(box.value for box in app.checkbox)


def test_all_of_a_page_are_decided_together(doubtful: Office):
    app = doubtful.visit(REVIEWER, FINDINGS, rule=ALONE)
    app.checkbox[0].check()
    button(written(app, "已电话核实"), "一并排除").click().run()

    assert app.checkbox[0].label == "选中本页全部 2 个"
    assert states(doubtful) == {
        FIRST_ALONE: State.DISMISSED,
        SECOND_ALONE: State.DISMISSED,
        BOTH: State.OPEN,
    }


@pytest.mark.parametrize(
    ("subjects", "note", "said"),
    [
        ([], "已电话核实", "还没有选中疑点，请先勾选。"),
        ([SECOND_ALONE], "", "排除疑点必须写明原因。"),
    ],
)
def test_nothing_is_decided_without_a_choice_and_a_note(
    doubtful: Office, subjects: list[str], note: str, said: str
):
    app = doubtful.visit(REVIEWER, FINDINGS, rule=ALONE)
    button(written(ticked(app, *subjects), note), "一并排除").click().run()

    assert messages(app) == [said]
    assert office_lines(doubtful) == []
    assert [box.label[-2:] for box in app.checkbox if box.value] == subjects


def test_when_one_was_decided_meanwhile_none_is(doubtful: Office):
    app = doubtful.visit(REVIEWER, FINDINGS, rule=ALONE)
    ticked(written(app, "已电话核实"), FIRST_ALONE, SECOND_ALONE)
    decide(doubtful, ALONE, SECOND_ALONE)
    button(app, "一并排除").click().run()

    assert messages(app) == [DECIDED]
    assert states(doubtful)[FIRST_ALONE] is State.OPEN


@pytest.mark.parametrize(
    ("viewer", "rule"),
    [(LEADER, ALONE), (LEAD, ALONE), (OTHER_LEAD, DAY_OFF), (ADMIN, ALONE), (REVIEWER, "")],
    ids=lambda value: getattr(value, "name", value),
)
def test_ticks_are_for_reviewers_who_chose_a_rule(doubtful: Office, viewer: Viewer, rule: str):
    app = doubtful.visit(viewer, FINDINGS, rule=rule)
    assert (labels(app), list(app.checkbox)) == ([], [])


def test_in_a_signed_month_there_is_nothing_to_tick(doubtful: Office):
    sign(doubtful, "2023-04")
    app = doubtful.visit(REVIEWER, FINDINGS, rule=ALONE, month="2023-04")

    assert list(app.checkbox) == []
    assert [card[-2:] for card in (texts[:3] for texts in html_texts(app, "found"))] == [
        ["▲ 待说明", "已封存"]
    ] * 2
