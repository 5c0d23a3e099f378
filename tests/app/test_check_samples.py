"""Drawing a sample, recording what was found, taking its sheet along: every role tries."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert

from lib.actions import draw_sample, record_result, withdraw
from lib.clock import now
from lib.kpi import samples
from lib.kpi.frame import Design
from lib.kpi.samples import Result
from lib.store.engine import reading, writing
from lib.store.schema import signature
from lib.ui.sample_files import send_sample_sheet
from tests.support.downloads import fetch, token
from tests.support.pictures import photo
from tests.support.small_office import (
    ADMIN,
    EAST,
    EVERYONE,
    LEAD,
    LEADER,
    OPERATOR,
    OTHER_LEAD,
    PERSONAL_NAMES,
    POSTED_AT,
    REVIEWER,
    SOUTH,
)
from tests.support.visits import (
    SAMPLE,
    SAMPLES,
    button,
    html_texts,
    is_sign_in_form,
    links,
    messages,
    sent,
    titles,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from lib.kpi.samples import Sample
    from tests.support.visits import Office

NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
NOWHERE = ["网址可能有误，或者您的角色不使用这一页。"]
SEEING = (LEADER, REVIEWER, ADMIN)
MARCH = (date(2023, 3, 1), date(2023, 3, 31))


def draw(office: Office, *kinds: str) -> Sample:
    """A sample of March: of 14 entries all are drawn, as so few must be."""
    chosen = kinds or office.stored.terms.kinds
    design = Design(*MARCH, tuple(chosen), Decimal("0.95"), Decimal("0.05"))
    number = draw_sample.draw(
        office.engine,
        office.stored,
        REVIEWER,
        design,
        "K7QF-2M8R",
        today=POSTED_AT.date(),
        now=POSTED_AT,
    )
    return sample_of(office, number)


def sample_of(office: Office, number: int = 1) -> Sample:
    with reading(office.engine) as connection:
        found = samples.one(connection, office.stored.id, number)
    assert found
    return found


def record(office: Office, item_id: int, result: Result = Result.TRUE, viewer: Viewer = REVIEWER):
    record_result.record(
        office.engine,
        office.stored,
        viewer,
        item_id,
        result,
        note="本人说没有来",
        shown=0,
        now=POSTED_AT,
    )


def close_march(office: Office) -> None:
    """Write a signature of the month as the store holds one."""
    facts = {"figures": {}, "parameters": {}, "entries": 0, "entries_hash": ""}
    with writing(office.engine) as connection:
        connection.execute(
            insert(signature).values(
                contract_id=office.stored.id,
                signature_id=1,
                month="2023-03",
                signed_at=POSTED_AT,
                signed_by=REVIEWER.name,
                previous_hash="",
                hash="",
                **facts,
            )
        )


# The list, and drawing


@pytest.mark.parametrize("viewer", SEEING, ids=lambda viewer: viewer.name)
def test_samples_are_listed_and_reviewers_draw(office: Office, viewer: Viewer):
    app = office.visit(viewer, SAMPLES)
    first, *rest = messages(app)
    assert first == "还没有抽过。"
    assert rest == []
    assert [each.label for each in app.button if "抽取" in each.label] == (
        ["抽取 14 条"] if viewer == REVIEWER else []
    )

    draw(office)
    record(office, 1, Result.UNTRUE)
    (_, row, *_) = html_texts(office.visit(viewer, SAMPLES), "listed")
    assert row[:6] == ["2023-03", "全部项目", "14", "14", "1", "1"]
    assert row[6] == "0.0%（0.0%–79.3%）"
    assert row[7] == "2023-05-04 10:00 reviewer"


def test_the_preview_says_in_plain_words_what_is_drawn(office: Office):
    app = office.visit(REVIEWER, SAMPLES)
    assert ["从 14 条中抽 14 条：置信度 95%，误差 ±5%。"] in html_texts(app, "summary")
    assert html_texts(app, "listed") == [
        ["项目", "记录", "抽取"],
        ["业务协办", "4", "4"],
        ["家计调查", "1", "1"],
        ["对象排查", "2", "2"],
        ["业务培训", "2", "2"],
        ["专项行动", "2", "2"],
        ["特困老人核查", "3", "3"],
    ]
    assert ("rows?kind=patrol&month=2023-03&as_of=2023-03-31", "2") in links(app)


def test_more_than_the_formula_asks_for_is_explained(office: Office):
    app = office.visit(REVIEWER, SAMPLES)
    wanted = {"置信度（%）": 80.0, "误差（±%）": 20.0}
    for field in app.number_input:
        field.set_value(wanted[field.label])
    app.run()
    words = (
        "从 14 条中抽 9 条：置信度 80%，误差 ±20%。"
        "按公式 7 条即可，因每个项目在每个村至少抽 1 条而略多。"
    )
    assert [words] in html_texts(app, "summary")


def test_drawing_leads_to_the_sample_and_twice_is_once(office: Office):
    app = office.visit(REVIEWER, SAMPLES)
    (seed,) = (field for field in app.text_input if field.label == "抽样码")
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", seed.value)
    again = office.visit(REVIEWER, SAMPLES)
    for visit in (app, again):
        (field,) = (field for field in visit.text_input if field.label == "抽样码")
        field.set_value("MARCH-1")
        visit.run()
        button(visit, "抽取 14 条").click().run()
        assert titles(visit) == ["一次抽查"]
        assert visit.query_params["id"] == "1"
    assert len(office.audit("draw_sample")) == 1
    assert sample_of(office).seed == "MARCH-1"


@pytest.mark.parametrize(
    ("label", "value", "sentence"),
    [
        ("置信度（%）", 60.0, "置信度应在 80% 到 99.9% 之间。"),
        ("误差（±%）", 30.0, "误差应在 1% 到 20% 之间。"),
    ],
)
def test_what_is_out_of_range_is_said_and_nothing_is_lost(
    office: Office, label: str, value: float, sentence: str
):
    app = office.visit(REVIEWER, SAMPLES)
    (field,) = (field for field in app.number_input if field.label == label)
    field.set_value(value).run()
    assert messages(app) == [sentence, "还没有抽过。"]
    (field,) = (field for field in app.number_input if field.label == label)
    assert field.value == value
    assert not [each for each in app.button if "抽取" in each.label]


def test_the_next_month_to_draw_is_the_first_without_a_sample(office: Office):
    draw(office)
    app = office.visit(REVIEWER, SAMPLES)
    (when,) = (field for field in app.selectbox if field.label == "时段")
    assert when.value == "2023-04"
    assert messages(app) == ["这段时间里没有可抽的记录，请换一段时间或换项目。"]


# One sample


@pytest.mark.parametrize(
    ("viewer", "asked"),
    [
        *((REVIEWER, {"id": text}) for text in ("", "0", "-1", "2", "9" * 30, "1'", "１")),
        *((REVIEWER, {"id": "1", "item": text}) for text in ("0", "-1", "99", "x")),
        (LEAD, {"id": "1"}),
        (OTHER_LEAD, {"id": "1"}),
    ],
    ids=str,
)
def test_what_is_not_there_is_answered_like_what_is_not_yours(
    office: Office, viewer: Viewer, asked: Mapping[str, str]
):
    draw(office)
    app = office.visit(viewer, SAMPLE, **{"id": "", **asked})
    assert titles(app) == ["找不到这个页面"]
    assert messages(app) == NOWHERE


def test_a_stranger_gets_the_sign_in_form(office: Office):
    draw(office)
    for page in (SAMPLES, SAMPLE):
        assert is_sign_in_form(office.visit(None, page, id="1"))


@pytest.mark.parametrize("viewer", SEEING, ids=lambda viewer: viewer.name)
def test_a_sample_is_seen_names_as_the_role_has_it(office: Office, viewer: Viewer):
    draw(office)
    app = office.visit(viewer, SAMPLE, id="1")
    assert [each[:3] for each in html_texts(app, "tile")] == [
        ["已核查", "0", "/ 14 条"],
        ["属实", "0", "条"],
        ["不符", "0", "条"],
        ["无法核实", "0", "条"],
    ]
    page = sent(app)
    assert [name for name in PERSONAL_NAMES if name in page] == (
        [name for name in PERSONAL_NAMES if name != "示户恩"] if viewer == REVIEWER else []
    )
    named = [text for _, text in links(app)]
    assert ("开始核查：第 1 条" in named) is (viewer == REVIEWER)
    assert ("下载全名抽查表（留痕）" in named) is (viewer == REVIEWER)
    assert "下载抽查表（.xlsx）" in named
    assert "2023-03 · 全部项目 · 从 14 条中抽 14 条（置信度 95%，误差 ±5%）" in page


def test_items_stand_in_the_order_of_trips(office: Office):
    draw(office)
    app = office.visit(LEADER, SAMPLE, id="1")
    rows = [row for row in html_texts(app, "listed") if row[0].startswith("第")]
    assert [row[0] for row in rows] == [f"第 {n} 条" for n in range(1, 15)]
    places = [row[1] for row in rows]
    assert list(dict.fromkeys(places)) == [EAST, SOUTH, "—"]
    assert places == sorted(places, key=[EAST, SOUTH, "—"].index)


def test_what_the_sample_says_stands_first(office: Office):
    for item in draw(office).items:
        record(office, item.item_id, _RESULTS.get(item.position, Result.TRUE))
    app = office.visit(LEADER, SAMPLE, id="1")
    (said,) = html_texts(app, "said")
    found = sample_of(office).estimate()
    assert found
    assert said == [
        "据此估计 2023-03 的 14 条中约 1 条不实（95% 置信区间 1–2 条）。",
        "1 条无法核实，没有算进属实率；若都按不符算，属实率为 85.7%。",
    ]
    assert ("sample?id=1&found=untrue", "1") in links(app)
    (rate,) = (tile for tile in html_texts(app, "tile") if tile[0] == "估计属实率")
    assert rate[1] == f"{float(found.rate):.1%}"
    kinds = {row[0]: row[1:] for row in html_texts(app, "listed") if len(row) == 9}
    assert kinds["业务协办"][:6] == ["4", "4", "4", "3", "1", "0"]


_RESULTS = {1: Result.UNTRUE, 14: Result.UNVERIFIABLE}


def test_what_was_found_leads_to_its_items(office: Office):
    draw(office)
    record(office, 2, Result.UNTRUE)
    app = office.visit(LEADER, SAMPLE, id="1", found="untrue")
    rows = [row for row in html_texts(app, "listed") if row[0].startswith("第")]
    assert [(row[0], row[-1]) for row in rows] == [("第 2 条", "不符（reviewer）")]


def test_a_part_that_was_checked_is_called_that(office: Office):
    draw(office)
    record(office, 1)
    (said,) = html_texts(office.visit(LEADER, SAMPLE, id="1"), "said")
    assert said == ["按已核查的部分估计 2023-03 的 14 条中约 0 条不实（95% 置信区间 0–12 条）。"]


# One item


def item(office: Office, viewer: Viewer = REVIEWER, number: int = 1) -> AppTest:
    return office.visit(viewer, SAMPLE, id="1", item=str(number))


def note(app: AppTest, text: str) -> None:
    (field,) = (field for field in app.text_input if field.label.startswith("备注"))
    field.set_value(text)


def test_a_result_is_one_press_and_leads_to_the_next_open_item(office: Office):
    draw(office)
    record(office, 2)
    app = item(office)
    button(app, "属实").click().run()
    assert messages(app) == ["第 1 条已记：属实。"]
    assert app.query_params["item"] == "3"
    assert next(s.value for s in app.subheader).startswith("3 / 14 · ")
    (last,) = office.audit("record_result")[1:]
    assert (last["by"], last["subject"], last["after"]) == (
        REVIEWER.name,
        "sample 1 item 1",
        {"number": 1, "result": "true"},
    )


def test_what_is_untrue_wants_a_note(office: Office):
    draw(office)
    app = item(office)
    button(app, "不符").click().run()
    assert messages(app) == ["记“不符”要写明情况，例如：本人说当天没有人来。"]
    note(app, "本人说没有来")
    button(app, "不符").click().run()
    last = sample_of(office).items[0].last
    assert last
    assert (last.result, last.note) == (Result.UNTRUE, "本人说没有来")


def test_a_correction_stands_beside_what_it_corrects(office: Office):
    draw(office)
    record(office, 1, Result.UNTRUE)
    app = item(office)
    assert "更正结果" in [each.value for each in app.subheader]
    button(app, "属实").click().run()
    assert messages(app) == ["第 1 条已记：属实。"]
    rows = [row for row in html_texts(app, "listed") if row[0] != "结果"]
    assert [row[:2] for row in rows] == [["属实", "—"], ["不符（已更正）", "本人说没有来"]]


def test_of_two_reviewers_the_second_is_told_who_and_when(office: Office):
    draw(office)
    app = item(office)
    record(office, 1, viewer=REVIEWER)
    note(app, "没有找到人")
    button(app, "无法核实").click().run()
    assert messages(app) == ["这条刚由 reviewer 于 2023-05-04 10:00 记为“属实”，请看过再决定。"]
    assert len(sample_of(office).items[0].results) == 1

    # What was written is still there, and the result is the second reviewer's to correct by now.
    button(app, "无法核实").click().run()
    assert messages(app) == ["第 1 条已记：无法核实。"]
    assert [each.note for each in sample_of(office).items[0].results] == [
        "本人说没有来",
        "没有找到人",
    ]
    assert [field.value for field in app.text_input if field.label.startswith("备注")] == [""]


@pytest.mark.parametrize("viewer", [LEADER, ADMIN], ids=lambda viewer: viewer.name)
def test_others_see_an_item_and_record_nothing(office: Office, viewer: Viewer):
    draw(office)
    record(office, 1, Result.UNTRUE)
    app = item(office, viewer)
    assert not [each for each in app.button if each.label in {r.label for r in Result}]
    assert not app.file_uploader
    page = sent(app)
    assert "本人说没有来" in page
    assert [name for name in PERSONAL_NAMES if name in page] == []


def test_in_a_closed_month_nothing_is_recorded(office: Office):
    draw(office)
    close_march(office)
    app = item(office)
    assert messages(app) == ["2023-03 已签认封存，抽查结果不能再改。"]
    assert not [each for each in app.button if each.label in {r.label for r in Result}]


def test_what_was_withdrawn_since_says_so(office: Office):
    sample = draw(office)
    gone = sample.items[0].entry_id
    withdraw.withdraw(office.engine, office.stored, OPERATOR, gone, reason="录错", now=now())
    assert messages(item(office)) == ["抽取以后这条已撤回，上面是抽中时的内容。"]
    app = office.visit(REVIEWER, SAMPLE, id="1", view="again")
    assert messages(app) == [
        (
            "抽取以后，这段时间有 1 条记录新增、更正、撤回或重新计入，"
            "按今天的台账重抽会不同；抽查仍以抽取当时的内容为准。"
        )
    ]
    assert (f"entry?id={gone}", f"记录 {gone}") in links(app)


def test_photos_are_attached_by_reviewers_and_counted_for_others(office: Office):
    draw(office)
    app = item(office)
    app.file_uploader[0].set_value([("a.jpg", photo(), "image/jpeg")]).run()
    button(app, "附上这 1 个文件").click().run()
    assert "已附上 1 个。" in messages(app)
    assert "evidence?id=1" in sent(item(office))
    for viewer in (LEADER, ADMIN):
        app = item(office, viewer)
        assert "附有 1 个，只有验收人员可以看。" in [each.value for each in app.caption]
        assert "evidence?id=1" not in sent(app)


# Drawing it again, on paper, to take along


def test_how_to_draw_it_again_is_shown(office: Office):
    sample = draw(office)
    app = office.visit(LEADER, SAMPLE, id="1", view="again")
    assert messages(app) == ["按今天的台账重抽，抽中的记录与当时完全相同。"]
    (facts,) = html_texts(app, "facts")
    assert facts[:2] == ["抽样码", "K7QF-2M8R"]
    assert sample.frame_hash in facts


@pytest.mark.parametrize("viewer", SEEING, ids=lambda viewer: viewer.name)
def test_on_paper_names_are_masked_place_by_place(office: Office, viewer: Viewer):
    draw(office)
    app = office.visit(viewer, SAMPLE, id="1", view="paper")
    (paper,) = html_texts(app, "paper")
    assert [text for text in paper if "（示河街道）" in text] == [
        f"{EAST}（示河街道）",
        f"{SOUTH}（示河街道）",
    ]
    assert [name for name in PERSONAL_NAMES if name in "".join(paper)] == []
    assert paper.count("☐ 属实") == 14


def sheets(office: Office, viewer: Viewer, **asked: str) -> dict[str, list[tuple[object, ...]]]:
    answer = fetch(send_sample_sheet, token(office, viewer), {"id": "1", **asked})
    assert answer.status_code == 200
    workbook = load_workbook(io.BytesIO(bytes(answer.body)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in workbook}


def test_the_sheet_lists_items_in_order_with_columns_to_fill(office: Office):
    sample = draw(office)
    record(office, 1, Result.UNTRUE)
    found = sheets(office, LEADER)
    assert list(found) == ["抽查表", "说明", "抽样框"]
    _title, _byline, headings, *rows, _total = found["抽查表"]
    assert headings == (
        *("序号", "街道", "村(社区)", "项目", "日期", "服务人员", "内容"),
        *("核查结果", "核查人", "核查日期", "备注"),
    )
    assert [row[0] for row in rows] == [each.position for each in sample.items]
    assert [row[4].date() for row in rows] == [each.day for each in sample.items]
    assert rows[0][7:] == ("不符", "reviewer", "2023-05-04", "本人说没有来")
    assert {row[7:] for row in rows[1:]} == {(None,) * 4}
    told = dict(row[:2] for row in found["说明"])
    assert (told["抽样码"], told["记录总数"], told["抽取条数"]) == ("K7QF-2M8R", 14, 14)
    assert (told["抽样框校验值"], told["姓名"]) == (sample.frame_hash, "已隐去")


def test_whoever_has_the_sheet_can_draw_the_sample_again(office: Office):
    draw(office)
    found = sheets(office, LEADER)
    headings, *rows = found["抽样框"]
    assert headings[:3] == ("项目代码", "村(社区)编码", "记录键")
    for kind, _place, key, _digest, rank, _drawn in rows:
        assert rank == hashlib.sha256(f"K7QF-2M8R|{kind}|{key}".encode()).hexdigest()
    assert len(rows) == 14


def test_a_frame_that_has_changed_is_not_handed_out_as_the_one_drawn_from(office: Office):
    gone = draw(office).items[0].entry_id
    withdraw.withdraw(office.engine, office.stored, OPERATOR, gone, reason="录错", now=now())
    found = sheets(office, LEADER)
    assert list(found) == ["抽查表", "说明"]
    assert dict(row[:2] for row in found["说明"])["台账与抽取时"] == "不同，抽样框未附"


@pytest.mark.parametrize(
    ("viewer", "asked", "is_full"),
    [
        (LEADER, {}, False),
        (LEADER, {"names": "full"}, False),
        (ADMIN, {"names": "full"}, False),
        (REVIEWER, {}, False),
        (REVIEWER, {"names": "full"}, True),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_names_leave_in_full_for_reviewers_who_ask_on_record(
    office: Office, viewer: Viewer, asked: Mapping[str, str], is_full: bool
):
    draw(office)
    text = str(sheets(office, viewer, **asked))
    assert ("示员甲" in text) is is_full
    assert ("示老安" in text) is is_full
    assert [(line["by"], line["subject"]) for line in office.audit("export_full_names")] == (
        [(REVIEWER.name, "sample=1")] if is_full else []
    )


def test_the_sheet_is_for_those_who_see_the_acceptance(office: Office):
    draw(office)
    answers = {
        viewer: fetch(send_sample_sheet, token(office, viewer), {"id": "1"}).status_code
        for viewer in EVERYONE
    }
    assert answers == {LEADER: 200, LEAD: 404, OTHER_LEAD: 404, REVIEWER: 200, ADMIN: 200}
    for cookie in (None, "", "garbage"):
        answer = fetch(send_sample_sheet, cookie, {"id": "1"})
        assert (answer.status_code, bytes(answer.body).decode()) == (404, NOT_FOUND)
    cookie = token(office, REVIEWER)
    for text in ("", "0", "-1", "2", "9" * 30, "1'"):
        assert fetch(send_sample_sheet, cookie, {"id": text}).status_code == 404
