"""Entering one row on a form: what it asks, what it says, one entry whatever is pressed."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib import clock
from lib.actions.withdraw import withdraw
from lib.kpi import receipts
from lib.kpi.receipts import Asked
from lib.kpi.rows import Page, ledger_rows
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection, condition
from lib.logs import LOG_KINDS
from lib.logs.cells import written
from lib.store.engine import reading
from lib.ui.downloads import send_file
from lib.ui.quick_entry import REASON
from tests.support.downloads import fetch, token
from tests.support.forms import asked, fill, filled, heading
from tests.support.row_links import under
from tests.support.small_office import (
    ADMIN,
    END,
    LEAD,
    LEADER,
    OTHER_LEAD,
    REVIEWER,
    TERMS,
    elder_check,
)
from tests.support.visits import (
    ELDER,
    HISTORY,
    QUICK_ENTRY,
    ROWS,
    button,
    html_texts,
    is_sign_in_form,
    links,
    messages,
)
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamlit.testing.v1 import AppTest
    from streamlit.testing.v1.element_tree import TextInput

    from lib.access import Viewer
    from lib.kpi.rows import LedgerRow
    from lib.logs.kind import LogKind
    from tests.support.visits import Office

NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
VISIT = LOG_KINDS["elder_check"]
SURVEY = LOG_KINDS["home_survey"]
PATROL = LOG_KINDS["patrol"]
CHECK = {"day": "2023-04-03", "people": "G1、G2", "elder": "T1", "living": "较差", "health": "一般"}
# Every kind, whatever the small office's contract has.
ALL_TERMS = TERMS + "".join(
    f'[[item]]\ncode = "{slug}"\nname = "{kind.sheet}"\n'
    for slug, kind in LOG_KINDS.items()
    if f'"{slug}"' not in TERMS
)


def opened(office: Office, kind: str = "elder_check", viewer: Viewer = LEAD) -> AppTest:
    """The form of a kind."""
    return office.visit(viewer, QUICK_ENTRY, kind=kind)


def submit(app: AppTest) -> AppTest:
    """Press the button below the form."""
    return button(app, "提交").click().run()


def entries(office: Office, **wanted: str) -> list[LedgerRow]:
    """The entries selected, the newest last."""
    with reading(office.engine) as connection:
        chosen = condition(Scope(office.stored, END), Selection(**wanted))
        rows = ledger_rows(connection, chosen)
    return sorted(rows, key=lambda row: row.entry_id)


def holds(app: AppTest, kind: LogKind) -> dict[str, object]:
    """What the form on the page holds, by slug; what is empty is left out."""
    widgets = [*app.pills, *app.date_input, *app.selectbox, *app.number_input, *app.text_input]
    values = {heading(each): each.value for each in widgets}
    held = {column.slug: values.get(column.heading) for column in kind.fields}
    return {slug: value for slug, value in held.items() if value not in (None, "", [])}


def reason(app: AppTest) -> TextInput:
    """Where it is asked why."""
    return asked(app.text_input, REASON)


@pytest.mark.parametrize("slug", LOG_KINDS)
def test_every_kind_can_be_entered(
    office: Office, slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    full = under(office, ALL_TERMS, tmp_path / "all.toml", monkeypatch)
    kind, cells = LOG_KINDS[slug], filled(LOG_KINDS[slug], date(2023, 4, 3), "T1")
    app = submit(fill(opened(full, slug), kind, cells))
    assert not app.error
    (receipt,) = app.success
    assert receipt.value.startswith("已记入台账，回执 ")
    (row,) = entries(full, kind=slug, day="2023-04-03")
    assert {name: str(cell) for name, cell in written(kind, row).items()} == {
        name: str(cell) for name, cell in cells.items()
    }


@pytest.mark.parametrize("viewer", [LEADER, REVIEWER, ADMIN, None], ids=str)
def test_only_leads_enter(office: Office, viewer: Viewer | None):
    app = office.visit(viewer, QUICK_ENTRY, kind="elder_check")
    assert messages(app) == NOT_FOUND if viewer else is_sign_in_form(app)
    assert not app.pills


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": "nothing"},
        {"kind": "publicity"},  # not in this contract
        {"kind": "elder_check", "elder": "T9"},
        {"kind": "elder_check", "elder": "' or 1=1"},
        {"kind": "patrol", "locality": "L9"},
        {"kind": "campaign", "household": ""},
        {"kind": "case_handling", "application": "9" * 41},
    ],
    ids=str,
)
def test_an_address_of_what_is_not_there_is_not_found(office: Office, parts: Mapping[str, str]):
    app = office.visit(LEAD, QUICK_ENTRY, **parts)
    found = "household" in parts  # an empty part is left out of an address
    assert (messages(app) == NOT_FOUND) is not found


def test_the_address_fills_the_subject_in(office: Office):
    app = office.visit(LEAD, QUICK_ENTRY, kind="elder_check", elder="T2")
    assert holds(app, VISIT) == {"day": END, "elder": "T2"}


def test_required_columns_come_first_and_are_marked(office: Office):
    app = opened(office, "home_survey")
    folded = [heading(each) for each in app.expander[0].text_input]
    assert folded == ["受理编号", "申请人", "备注"]
    assert [each.label for each in app.pills] == ["服务人员 *", "调查类型 *", "调查结论 *"]
    fill(app, SURVEY, {"survey_type": "新增申请"})
    assert [heading(each) for each in app.expander[0].text_input] == ["申请人", "备注"]
    assert "受理编号 *" in [each.label for each in app.text_input]


def test_names_are_shown_to_the_team_that_knows_them_and_the_owed_come_first(office: Office):
    office.post(
        {
            "专项行动": [
                {"日期": date(2023, 4, 3), "服务人员": "示员甲", "户编号": "H3", "政策宣讲": "是"}
            ]
        }
    )
    lead = asked(opened(office, "campaign").selectbox, LOG_KINDS["campaign"].by_slug["household"])
    assert lead.options == ["H1 示户辰 示东社区", "H2 示* 示南村", "H3 示户恩 示西村"]
    elder = VISIT.by_slug["elder"]
    assert asked(opened(office).selectbox, elder).options == [
        "T1 示* 示东社区（待访）",
        "T2 示* 示南村（待访）",
    ]
    other = opened(office, viewer=OTHER_LEAD)
    assert asked(other.selectbox, elder).options == [
        "T1 示老安 示东社区（待访）",
        "T2 示老柏 示南村（待访）",
    ]


def test_those_not_owed_stand_last(office: Office):
    submit(fill(opened(office), VISIT, CHECK))
    app = submit(fill(opened(office), VISIT, {**CHECK, "day": "2023-04-10"}))
    assert asked(app.selectbox, VISIT.by_slug["elder"]).options == [
        "T2 示* 示南村（待访）",
        "T1 示老安 示东社区",
    ]


def test_a_choice_stays_though_its_words_would_be_others_by_now(office: Office):
    app = fill(opened(office), VISIT, {"elder": "T1", "people": "G1"})
    days = (date(2023, 4, 20), date(2023, 4, 21))
    office.post({"特困老人核查": [elder_check(day, "示员甲", "T1") for day in days]})
    fill(app, VISIT, {"day": "2023-04-03"})
    assert holds(app, VISIT) == {"day": date(2023, 4, 3), "people": ["G1"], "elder": "T1"}
    elder = VISIT.by_slug["elder"]
    assert asked(app.selectbox, elder).options[0] == "T1 示* 示东社区（待访）"
    assert asked(opened(office).selectbox, elder).options[-1] == "T1 示老安 示东社区"


def test_people_of_another_team_take_one_more_tap(office: Office):
    app = opened(office)
    people = asked(app.pills, VISIT.by_slug["people"])
    assert people.options == ["示员甲", "示员乙", "别组……"]
    assert not app.multiselect
    people.set_value(["G1", ""]).run()
    assert app.multiselect[0].options == ["示员丙", "示员丁"]
    app.multiselect[0].set_value(["G4"]).run()
    submit(fill(app, VISIT, {"elder": "T1", "living": "良好", "health": "良好"}))
    assert list(entries(office, kind="elder_check")[-1].people) == ["G1", "G4"]


def test_the_receipt_says_what_was_entered_and_leads_to_it(office: Office):
    app = submit(fill(opened(office), VISIT, CHECK))
    (row,) = entries(office, kind="elder_check", day="2023-04-03")
    posted = office.audit("post")[-1]
    assert [each.value for each in app.success] == [
        f"已记入台账，回执 {posted['subject']}。可以接着记下一条。"
    ]
    assert posted["by"] == LEAD.name
    assert html_texts(app, "summary")[0][0].split("，") == [
        "日期 2023-04-03",
        "服务人员 示员甲、示员乙",
        "特困人员编号 T1",
        "姓名 示老安",
        "生活状况 较差",
        "健康状况 一般",
    ]
    assert links(app)[:2] == [
        (f"entry?id={row.entry_id}", "打开这条记录（撤回也在那里）"),
        (f"quick_entry?entry={row.entry_id}", "更正"),
    ]


def test_among_the_rows_it_says_that_it_came_from_the_form(office: Office):
    submit(fill(office.visit(LEAD, QUICK_ENTRY, kind="elder_check", elder="T1"), VISIT, CHECK))
    _headings, newest, before, *_ = html_texts(office.visit(LEAD, ROWS), "listed")
    assert newest[1] == "特困老人核查"
    assert newest[-1].split()[1:] == ["快速录入"]
    assert before[-1].split()[1] == "第"


def test_the_next_entry_keeps_day_and_people_and_no_finding(office: Office):
    app = office.visit(LEAD, QUICK_ENTRY, kind="elder_check", elder="T1")
    submit(fill(app, VISIT, CHECK))
    assert holds(app, VISIT) == {"day": date(2023, 4, 3), "people": ["G1", "G2"]}
    assert app.query_params == {"kind": "elder_check"}
    submit(fill(app, VISIT, {"elder": "T2", "living": "良好", "health": "良好"}))
    assert [each.value for each in app.subheader] == ["照片和扫描件", "今天录入的 2 条"]
    assert [row[3] for row in html_texts(app, "listed")[1:]] == [
        "T2；生活状况：良好；健康状况：良好",
        "T1；生活状况：较差；健康状况：一般",
    ]


def test_another_visit_begins_with_the_people_and_the_kind_of_the_last(office: Office):
    submit(fill(opened(office), VISIT, CHECK))
    app = office.visit(LEAD, QUICK_ENTRY)
    assert app.selectbox[0].value == "elder_check"
    assert holds(app, VISIT) == {"day": END, "people": ["G1", "G2"]}
    assert holds(opened(office, viewer=OTHER_LEAD), VISIT) == {"day": END}


def test_a_place_is_kept_unless_the_next_entry_would_be_the_same_one(office: Office):
    case = LOG_KINDS["case_handling"]
    app = submit(fill(opened(office, case.slug), case, filled(case, END, "T1")))
    assert holds(app, case) == {"day": END, "people": ["G1"], "locality": "L1"}
    app = submit(fill(opened(office, "patrol"), PATROL, filled(PATROL, END, "T1")))
    assert holds(app, PATROL) == {"day": END, "people": ["G1"]}


def test_last_times_answers_are_shown_and_not_filled_in(office: Office):
    app = office.visit(LEAD, QUICK_ENTRY, kind="elder_check", elder="T1")
    assert [each.label for each in app.pills][1:] == [
        "生活状况 *（上次：良好）",
        "健康状况 *（上次：一般）",
        "居住安全",
        "照料落实",
    ]
    assert "living" not in holds(app, VISIT)


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(office: Office):
    cells = {**CHECK, "people": "G1"}
    del cells["living"]
    app = submit(fill(opened(office), VISIT, cells))
    assert html_texts(app, "fault") == [["“生活状况”必须填写。"]]
    assert [each.value for each in app.error] == ["没有提交，请先改好：生活状况。"]
    assert holds(app, VISIT) == {**cells, "day": date(2023, 4, 3), "people": ["G1"]}
    fill(app, VISIT, {"living": "良好"})
    assert not html_texts(app, "fault")
    submit(app)
    assert len(app.success) == 1
    assert not office.audit("upload_refused")


def test_an_empty_form_is_refused_in_a_sentence(office: Office):
    app = opened(office)
    app.date_input[0].set_value(None).run()
    submit(app)
    assert [each.value for each in app.error] == ["表中没有数据行，填写后再传。"]


def test_another_teams_work_is_refused(office: Office):
    app = opened(office)
    asked(app.pills, VISIT.by_slug["people"]).set_value([""]).run()
    app.multiselect[0].set_value(["G3"])
    submit(fill(app, VISIT, {"elder": "T1", "living": "良好", "health": "良好"}))
    assert [each.value for each in app.error] == ["没有示一组的人员，请由所在小组上传。"]


def test_pressed_in_two_windows_it_counts_once(office: Office):
    first, second = opened(office), opened(office)
    for app in (first, second):
        fill(app, VISIT, CHECK)
    submit(first)
    submit(second)
    assert len(entries(office, kind="elder_check", day="2023-04-03")) == 1
    assert "这一条已在台账，没有重复计算。" in messages(second)
    submit(first)  # the form has begun anew: there is nothing to be posted
    assert first.error
    assert len(office.audit("post")) == 2, "the small office's workbook and one form"


def test_what_is_there_with_other_contents_is_shown_before_it_is_corrected(office: Office):
    submit(fill(opened(office), VISIT, CHECK))
    app = submit(fill(opened(office), VISIT, {**CHECK, "living": "良好"}))
    assert "台账里已有这一条（日期、特困人员编号相同），请核对后再确认。" in messages(app)
    assert html_texts(app, "facts") == [["生活状况", "原来“较差”，现在“良好”"]]
    button(app, "确认更正").click().run()
    assert [each.value for each in app.error] == ["“原因”必须填写。"]
    reason(app).set_value("记错了")
    button(app, "确认更正").click().run()
    assert [each.value.partition("，")[0] for each in app.success] == ["已更正"]
    (row,) = entries(office, kind="elder_check", day="2023-04-03")
    assert (row.version, row.details["living"]) == (2, "良好")
    with reading(office.engine) as connection:
        (newest,) = receipts.listed(
            connection, office.stored.id, Asked(team=LEAD.team or ""), Page(size=1)
        )
    assert (newest.source, newest.reason, newest.corrected) == ("form", "记错了", 1)


def test_changing_the_form_takes_the_confirmation_back(office: Office):
    submit(fill(opened(office), VISIT, CHECK))
    app = submit(fill(opened(office), VISIT, {**CHECK, "living": "良好"}))
    fill(app, VISIT, {"living": "一般"})
    assert not html_texts(app, "facts")
    assert "确认更正" not in [each.label for each in app.button]


def test_a_withdrawn_entry_counts_again_when_that_is_confirmed(office: Office):
    submit(fill(opened(office), VISIT, CHECK))
    (row,) = entries(office, kind="elder_check", day="2023-04-03")
    withdraw(office.engine, office.stored, LEAD, row.entry_id, reason="没有去", now=clock.now())
    app = submit(fill(opened(office), VISIT, CHECK))
    assert "这一条已被撤回，不再计入；确认后重新计入。" in messages(app)
    assert not entries(office, kind="elder_check", day="2023-04-03")
    reason(app).set_value("去过")
    button(app, "重新计入").click().run()
    (row,) = entries(office, kind="elder_check", day="2023-04-03")
    assert row.version == 2


def test_an_identity_number_is_masked_where_it_is_typed(office: Office):
    app = fill(opened(office), VISIT, {**CHECK, "remark": f"证号{NUMBER}"})
    masked = f"证号{NUMBER[:3]}{'*' * 11}{NUMBER[-4:]}"
    assert asked(app.text_input, VISIT.by_slug["remark"]).value == masked
    assert html_texts(app, "fault") == [["身份证号码已打码，请不要填写。"]]
    submit(app)
    (row,) = entries(office, kind="elder_check", day="2023-04-03")
    assert row.details["remark"] == masked


def test_disabled_with_a_filled_form_nothing_is_posted(office: Office):
    app = fill(opened(office), VISIT, CHECK)
    office.disable(LEAD)
    submit(app)
    assert is_sign_in_form(app)
    assert not entries(office, kind="elder_check", day="2023-04-03")


def test_common_values_fill_the_text(office: Office):
    campaign = LOG_KINDS["campaign"]
    app = opened(office, "campaign")
    common = next(each for each in app.pills if heading(each) == "问题类别")
    common.set_value("住房").run()
    assert asked(app.text_input, campaign.by_slug["problem_category"]).value == "住房"


def test_the_entry_says_where_it_came_from_and_what_was_typed_can_be_taken_out(office: Office):
    submit(fill(opened(office), VISIT, CHECK))
    (row,) = entries(office, kind="elder_check", day="2023-04-03")
    app = office.visit(REVIEWER, HISTORY, id=str(row.entry_id))
    said = html_texts(app, "facts")[1]
    assert said[-2:] == ["来源", "快速录入"]
    assert (f"file?receipt={row.receipt_id}", "下载所填内容") in links(app)
    answer = fetch(send_file, token(office, REVIEWER), {"receipt": str(row.receipt_id)})
    name = f"%E5%BF%AB%E9%80%9F%E5%BD%95%E5%85%A5_{row.receipt_id}.json"
    assert answer.headers["content-disposition"].endswith(name)
    assert json.loads(answer.body)[VISIT.sheet]["特困人员编号"] == "T1"


@pytest.mark.parametrize(
    ("viewer", "offered"),
    [(LEAD, True), (LEADER, False), (REVIEWER, False), (ADMIN, False)],
    ids=str,
)
def test_the_page_of_an_elder_leads_leads_to_the_form(
    office: Office, viewer: Viewer, offered: bool
):
    address = "quick_entry?kind=elder_check&elder=T1"
    assert ((address, "记一次特困老人核查") in links(office.visit(viewer, ELDER))) is offered
