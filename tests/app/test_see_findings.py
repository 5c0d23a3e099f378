"""Seeing what is odd in the ledger: the list, one finding, and what other pages say of it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

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
    of_rules,
    sign,
    spoil,
)
from tests.support.small_office import (
    ADMIN,
    EAST,
    EVERYONE,
    LEAD,
    LEADER,
    OTHER_LEAD,
    PERSONAL_NAMES,
    REVIEWER,
    patrol,
    survey,
)
from tests.support.visits import (
    FINDING,
    FINDINGS,
    HISTORY,
    OVERVIEW,
    WORKLIST,
    html_texts,
    is_sign_in_form,
    links,
    messages,
    sent,
)

if TYPE_CHECKING:
    from lib.access import Viewer
    from tests.support.visits import Office

NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
LABELS = tuple(state.label for state in State)
SUBJECTS = {ALONE: (FIRST_ALONE, SECOND_ALONE), DAY_OFF: (BOTH,)}
SEEN = {  # of the odd things
    LEADER: {FIRST_ALONE, SECOND_ALONE, BOTH},
    LEAD: {FIRST_ALONE, BOTH},
    OTHER_LEAD: {SECOND_ALONE, BOTH},
    REVIEWER: {FIRST_ALONE, SECOND_ALONE, BOTH},
    ADMIN: {FIRST_ALONE, SECOND_ALONE, BOTH},
}


@pytest.fixture
def doubtful(office: Office) -> Office:
    """The small office with something odd in its ledger."""
    spoil(office)
    return office


def opened(office: Office, viewer: Viewer | None, rule: str = ALONE) -> set[str]:
    """The subjects of a rule's findings that the list leads to."""
    app = office.visit(viewer, FINDINGS, rule=rule)
    assert not app.error
    ways = (
        re.fullmatch(f"finding\\?rule={rule}&subject=(.*)&month=2023-04", a) for a, _ in links(app)
    )
    return {way[1] for way in ways if way}


@pytest.mark.parametrize("viewer", SEEN, ids=lambda viewer: viewer.name)
def test_everybody_sees_what_is_theirs_to_see(doubtful: Office, viewer: Viewer):
    assert opened(doubtful, viewer) | opened(doubtful, viewer, DAY_OFF) == SEEN[viewer]
    for rule, subjects in SUBJECTS.items():
        for subject in subjects:
            app = doubtful.visit(viewer, FINDING, rule=rule, subject=subject)
            assert (messages(app) != NOT_FOUND) is (subject in SEEN[viewer])
            assert not app.error


@pytest.mark.parametrize("page", [FINDINGS, FINDING])
def test_a_stranger_finds_the_sign_in_form(doubtful: Office, page: str):
    app = doubtful.visit(None, page, rule=ALONE, subject=FIRST_ALONE)
    assert is_sign_in_form(app)


@pytest.mark.parametrize(
    ("rule", "subject"),
    [
        ("", ""),
        (ALONE, ""),
        (ALONE, "0"),
        (ALONE, "-1"),
        (ALONE, "9" * 30),
        (ALONE, "15 or 1=1"),
        (ALONE, "15'"),
        (ALONE, "14"),
        (DAY_OFF, FIRST_ALONE),
        ("nothing", FIRST_ALONE),
        ("', ''", "<b>"),
    ],
)
def test_what_is_not_found_is_answered_alike(doubtful: Office, rule: str, subject: str):
    app = doubtful.visit(REVIEWER, FINDING, rule=rule, subject=subject)
    assert messages(app) == NOT_FOUND


@pytest.mark.parametrize(
    ("month", "is_there"),
    [("", True), ("2023-04", True), ("2023-03", False), ("2023-05", False), ("'", False)],
)
def test_a_finding_is_looked_at_in_its_month(doubtful: Office, month: str, *, is_there: bool):
    app = doubtful.visit(REVIEWER, FINDING, rule=ALONE, subject=FIRST_ALONE, month=month)
    assert (messages(app) != NOT_FOUND) is is_there


@pytest.mark.parametrize(
    "asked",
    [
        {"month": "x", "rule": "'", "state": "<b>", "page": "-1"},
        {"month": "2023-13", "page": "9" * 30},
        {"month": "1999-01", "state": "nothing"},
    ],
)
def test_a_garbled_address_shows_the_list_by_default(doubtful: Office, asked: dict[str, str]):
    app = doubtful.visit(REVIEWER, FINDINGS, **asked)
    assert not app.error
    assert app.selectbox[0].value == "2023-04"


def test_the_list_says_how_many_stand_how(doubtful: Office):
    explain(doubtful, ALONE, FIRST_ALONE)
    decide(doubtful, ALONE, SECOND_ALONE)
    app = doubtful.visit(REVIEWER, FINDINGS, month="all")

    counts = Counter(each.state for each in of_rules(doubtful))
    assert [tile[:2] for tile in html_texts(app, "tile")][:4] == [
        [state.label, str(counts[state])] for state in State
    ]


def test_each_rule_says_what_is_odd_and_where_it_begins(doubtful: Office):
    explain(doubtful, ALONE, FIRST_ALONE)
    app = doubtful.visit(REVIEWER, FINDINGS)

    (line,) = [row for row in html_texts(app, "listed") if row[0] == "单人入户调查"]
    assert line == [
        "单人入户调查",
        "入户调查的人数不够。可能是漏写同行人员，也可能确为一人入户。",
        "入户调查应有 2 人以上",
        "1",
        "1",
        "0",
        "0",
    ]


def test_the_list_is_narrowed_by_the_address(doubtful: Office):
    explain(doubtful, ALONE, FIRST_ALONE)
    decide(doubtful, ALONE, SECOND_ALONE)
    found = {
        state: [
            dict(parse_qsl(address.partition("?")[2]))["subject"]
            for address, _ in links(doubtful.visit(REVIEWER, FINDINGS, rule=ALONE, state=state))
            if address.startswith("finding?")
        ]
        for state in ("", "undecided", "open", "explained", "confirmed", "dismissed")
    }
    assert found == {
        "": [FIRST_ALONE, SECOND_ALONE],
        "undecided": [FIRST_ALONE],
        "open": [],
        "explained": [FIRST_ALONE],
        "confirmed": [SECOND_ALONE],
        "dismissed": [],
    }
    assert not opened_in(doubtful, "2023-03")


def test_a_long_list_is_shown_by_pages(doubtful: Office):
    day = date(2023, 4, 4)
    more = [survey(day, "示员甲", f"示申1{number:02}") for number in range(20)]
    doubtful.post({"家计调查": more})
    pages = [doubtful.visit(LEADER, FINDINGS, rule=ALONE, page=page) for page in ("", "2", "99")]

    assert [len(html_texts(app, "found")) for app in pages] == [20, 2, 2]
    assert [html_texts(app, "pager")[0][0] for app in pages] == [
        "第 1 / 2 页 ·",
        "第 2 / 2 页 ·",
        "第 2 / 2 页 ·",
    ]
    assert ("findings?rule=one_person_survey&page=2", "下一页") in links(pages[0])


def opened_in(office: Office, month: str) -> list[str]:
    """What the list of a month leads to, of the rule on surveys by one person."""
    app = office.visit(REVIEWER, FINDINGS, rule=ALONE, month=month)
    return [address for address, _ in links(app) if address.startswith("finding?")]


def test_what_joins_a_finding_later_leaves_an_earlier_month_as_it_was(office: Office):
    same = "走访两户，未见新增困难线索"
    march = [patrol(date(2023, 3, day), "示员甲", EAST, same) for day in (6, 7, 8, 9, 10)]
    office.post({"对象排查": march})
    (found,) = of_rules(office, "repeated_text")
    decide(office, found.rule.code, found.subject, month="2023-03")
    office.post({"对象排查": [patrol(date(2023, 4, 6), "示员甲", EAST, same)]})

    assert {
        month: [
            text
            for card in html_texts(
                office.visit(REVIEWER, FINDINGS, rule="repeated_text", month=month), "found"
            )
            for text in card
            if text.endswith(LABELS)
        ]
        for month in ("2023-03", "2023-04")
    } == {"2023-03": ["✕ 已认定"], "2023-04": ["▲ 待说明"]}


def test_the_month_by_default_is_the_newest_that_waits_to_be_signed(doubtful: Office):
    sign(doubtful, "2023-04")
    app = doubtful.visit(REVIEWER, FINDINGS)
    assert app.selectbox[0].value == "2023-03"


@pytest.mark.parametrize(
    ("viewer", "said"),
    [
        (LEADER, "疑点由组长说明，由验收人员认定或排除；这里供查看。"),
        (
            LEAD,
            "这里只列有本组记录的疑点。请逐个打开“待说明”的，写明情况；记录错了的请更正或撤回。",
        ),
        (
            REVIEWER,
            "逐个打开，看过记录和说明后认定或排除；选定一种类型后，可以在清单里勾选几个，一并处理。",
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_list_says_what_to_do_next(doubtful: Office, viewer: Viewer, said: str):
    assert [said] in html_texts(doubtful.visit(viewer, FINDINGS), "summary")


def test_what_a_lead_has_to_explain_comes_first(doubtful: Office):
    explain(doubtful, ALONE, FIRST_ALONE)
    app = doubtful.visit(LEAD, FINDINGS)
    chips = [text for card in html_texts(app, "found") for text in card if text[:2] in "▲ ● "]

    assert chips.index("● 已说明") == len(chips) - 1


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_names_are_masked_for_those_who_need_not_know(doubtful: Office, viewer: Viewer):
    shown = {
        LEADER: set(),
        LEAD: {"示员甲"},
        OTHER_LEAD: {"示员丙"},
        REVIEWER: {"示员甲", "示员丙"},
        ADMIN: set(),
    }
    pages = [
        doubtful.visit(viewer, FINDINGS, rule=DAY_OFF),
        doubtful.visit(viewer, FINDING, rule=DAY_OFF, subject=BOTH),
    ]
    for app in pages:
        text = sent(app)
        assert {name for name in PERSONAL_NAMES if name in text} == shown[viewer]


# One finding.


def test_a_finding_shows_its_rows_under_their_offices_headings(doubtful: Office):
    app = doubtful.visit(REVIEWER, FINDING, rule=DAY_OFF, subject=BOTH)

    head, *rows = html_texts(app, "listed")
    assert head == ["项目", "日期", "服务人员", "村(社区)", "排查情况", "过账"]
    posted = "2023-05-04 10:00 运维人员"
    assert rows == [
        ["对象排查", BOTH, "示员甲", "示东社区", "一切如常", posted],
        ["对象排查", BOTH, "示员丙", "示南村", "一切如常", posted],
    ]
    assert {address for address, _ in links(app) if address.startswith("entry?")} == {
        "entry?id=17",
        "entry?id=18",
    }


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (None, "列为待核"),
        (State.CONFIRMED, "列为存疑"),
        (State.DISMISSED, "不再存疑"),
    ],
)
def test_a_finding_says_what_it_does_to_the_figures(
    doubtful: Office, state: State | None, words: str
):
    if state:
        decide(doubtful, DAY_OFF, BOTH, state)
    app = doubtful.visit(REVIEWER, FINDING, rule=DAY_OFF, subject=BOTH)

    (facts,) = html_texts(app, "facts")
    assert facts[-2:] == [
        "对数字的影响",
        f"对象排查 2 人天，{words}；不从完成数中扣除，列在旁边",
    ]


def test_a_finding_shows_all_that_was_said_of_it(doubtful: Office):
    explain(doubtful, ALONE, FIRST_ALONE, note="=同行人<b>漏写</b>")
    decide(doubtful, ALONE, FIRST_ALONE)
    app = doubtful.visit(LEADER, FINDING, rule=ALONE, subject=FIRST_ALONE)

    at = "2023-05-04 10:00"
    assert [row for row in html_texts(app, "listed") if row[0] == at] == [
        [at, "lead1", "已说明", "=同行人<b>漏写</b>", "现在的记录"],
        [at, "reviewer", "已认定", "不符", "现在的记录"],
    ]


def test_a_finding_leads_to_the_next_of_its_kind(doubtful: Office):
    following = ("finding?rule=one_person_survey&subject=16&month=2023-04", "下一个同类疑点")
    app = doubtful.visit(REVIEWER, FINDING, rule=ALONE, subject=FIRST_ALONE)
    assert following in links(app)

    decide(doubtful, ALONE, SECOND_ALONE)
    app = doubtful.visit(REVIEWER, FINDING, rule=ALONE, subject=FIRST_ALONE)
    assert following not in links(app)


# Other pages.


@pytest.mark.parametrize(
    ("viewer", "told"),
    [(LEADER, True), (LEAD, True), (OTHER_LEAD, False), (REVIEWER, True), (ADMIN, True)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_an_entry_tells_which_findings_it_is_in(doubtful: Office, viewer: Viewer, *, told: bool):
    explain(doubtful, ALONE, FIRST_ALONE)
    app = doubtful.visit(viewer, HISTORY, id=FIRST_ALONE)

    marks = [texts for texts in html_texts(app, "found") if texts[0] == "单人入户调查"]
    assert marks == ([["单人入户调查", "● 已说明"]] if told else [])
    way = ("finding?rule=one_person_survey&subject=15&month=2023-04", "单人入户调查")
    assert (way in links(app)) is told


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_the_overview_tells_what_waits_before_a_month_can_be_signed(
    doubtful: Office, viewer: Viewer
):
    sign(doubtful, "2023-03")
    app = doubtful.visit(viewer, OVERVIEW)

    waiting = [each for each in of_rules(doubtful) if each.month == "2023-04"]
    own = {LEAD: {15, 17}, OTHER_LEAD: {16, 18}}.get(viewer, {15, 16, 17, 18})
    number = sum(any(row.entry_id in own for row in each.rows) for each in waiting)
    told = {
        LEADER: [],
        LEAD: [f"已结束的月份还有 {number} 个疑点待本组说明"],
        OTHER_LEAD: [f"已结束的月份还有 {number} 个疑点待本组说明"],
        REVIEWER: [f"2023-04 待签认，还有 {number} 个疑点未定"],
        ADMIN: [],
    }
    assert [text for address, text in links(app) if address.startswith("findings?")] == (
        told[viewer]
    )


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_the_worklist_tells_a_lead_how_many_are_to_be_explained(doubtful: Office, viewer: Viewer):
    sign(doubtful, "2023-03")
    explain(doubtful, ALONE, FIRST_ALONE)
    own = {LEAD: {15, 17}, OTHER_LEAD: {16, 18}}.get(viewer, set())
    number = sum(
        each.state is State.OPEN and any(row.entry_id in own for row in each.rows)
        for each in of_rules(doubtful)
        if each.month != "2023-03"
    )
    told = [("findings?month=all&state=open", f"有 {number} 个疑点待说明")] if number else []

    app = doubtful.visit(viewer, WORKLIST)
    assert [each for each in links(app) if each[0].startswith("findings?")] == told
    assert bool(told) is (viewer in {LEAD, OTHER_LEAD})
