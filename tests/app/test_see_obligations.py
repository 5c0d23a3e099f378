"""Going through the contract clause by clause: every role, as of any day, one clause alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.app.test_open_every_figure import BARE
from tests.support import small_office
from tests.support.row_links import misfits, under
from tests.support.small_office import (
    BEFORE_ANY_LOG,
    END,
    EVERYONE,
    LEAD,
    LEADER,
    MID_MONTH,
    OTHER_LEAD,
    PERSONAL_NAMES,
    REVIEWER,
)
from tests.support.visits import (
    OBLIGATIONS,
    OVERVIEW,
    RECEIPTS,
    headings,
    html_texts,
    links,
    messages,
    sent,
)

if TYPE_CHECKING:
    from pathlib import Path

    from lib.access import Viewer
    from tests.support.visits import Office

# Everything of the small office is posted in May: that by itself shall be no finding here.
TERMS = small_office.TERMS.replace("late_posting_days = 7", "late_posting_days = 90")
QUOTA = "“业务协办”的人天：每人每天最多 1 人天，当天做几项就平分到几项"
EVIDENCE = ["记录 4 条", "回执 1 张", "有照片 0 条"]


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    """The contract file of another contract."""
    return tmp_path / "other.toml"


@pytest.fixture
def office(office: Office, terms: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The small office, whose late posting is no finding."""
    return under(office, TERMS, terms, monkeypatch)


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_the_answer_and_nobodys_name(office: Office, viewer: Viewer):
    app = office.visit(viewer, OBLIGATIONS)

    assert messages(app) == []
    not_met = (
        "9 条要判定的条款，0 条达标；未达标 9 条：业务协办、家计调查、对象排查、专项行动、"
        "特困老人定期核查、专项行动入户、特困老人月访、培训场次、新申请入户调查。"
    )
    assert html_texts(app, "headline") == [["▼ 未达标", not_met, "截至 2023-04-30"]]
    assert html_texts(app, "tile") == [
        ["达标", "0", "/ 9 条"],
        ["月度确认", "0", "/ 2 个月已签认"],
        ["待核疑点", "0", "个，0 人天"],
        ["存疑", "0", "个，0 人天", "已认定；人天并列，不从完成数中扣"],
        ["抽查属实", "0", "/ 0 条已核", "还没有抽查"],
    ]
    assert [name for name in PERSONAL_NAMES if name in sent(app)] == []


def test_a_clause_says_what_it_asks_how_it_is_counted_and_how_it_stands(office: Office):
    clauses = html_texts(office.visit(LEADER, OBLIGATIONS), "clause")

    assert clauses[0] == [
        *("1. 业务协办", "合同文件没有写原文", "完成", QUOTA),
        *("要求", "合同定额 20 人天（2 人 × 10 天）；应达按工作日推算"),
        *("20 人天", "20", "4", "▼ 未达标", "差 16 人天", *EVIDENCE, "无", "未抽"),
    ]
    assert clauses[3] == [
        *("4. 业务培训", "合同文件没有写原文", "完成", "“业务培训”记录的条数"),
        *("要求", "合同不设定额，只记录；是否达标另看“培训场次”一条"),
        *("—", "—", "2 条", "○ 只记录", "记录 2 条", *EVIDENCE[1:], "无", "未抽"),
    ]
    assert clauses[6] == [
        *("7.", "专项行动入户", "合同文件没有写原文"),
        *("完成", "有过“专项行动”记录的户数，同一户多次只算一次"),
        *("要求", "合同写明的 4 户；应达按工作日推算"),
        *("4 户", "4", "2", "▼ 未达标", "差 2 户", "记录 2 条", *EVIDENCE[1:], "无", "未抽"),
    ]
    assert clauses[7] == [
        *("8.", "特困老人月访", "合同文件没有写原文"),
        *("完成", "每位老人每月有“特困老人核查”记录的天数，每月最多算 2 次"),
        *("要求", "在册老人每人每月 2 次；当月在册不满整月的按天数折算，不足一次按一次"),
        *("不算", "同一天去两次只算一次；上月少访的，本月补不回来"),
        *("8 人次", "8", "3", "▼ 未达标", "差 5 人次", "记录 3 条", *EVIDENCE[1:], "无", "未抽"),
    ]
    assert clauses[8] == [
        *("9.", "培训场次", "合同文件没有写原文"),
        *("完成", "方案备案在举办当日或之前的“业务培训”次数"),
        *("要求", "合同要求的 2 次", "不算", "没有备案、备案晚了的，算已办，不计数"),
        *("2 次", "2", "1", "▼ 未达标", "差 1 次", "记录 2 条", *EVIDENCE[1:], "无", "未抽"),
    ]
    assert clauses[9] == [
        *("10.", "新申请入户调查", "合同文件没有写原文"),
        "完成",
        "受理后有“家计调查”中调查类型为“新增申请”的记录的件数，同一受理编号只算一件",
        *("要求", "有“业务协办”中办理环节为“受理”的记录的全部件数（100%）"),
        *("不算", "没有受理记录的受理编号，有调查也不算"),
        *("3 件", "3", "1", "▼ 未达标", "差 2 件", "记录 1 条", *EVIDENCE[1:], "无", "未抽"),
    ]


def test_while_the_contract_runs_it_says_what_is_due(office: Office):
    app = office.visit(LEADER, OBLIGATIONS, as_of=str(MID_MONTH))

    behind = (
        "9 条要判定的条款，3 条已完成、正常或未到期；滞后 6 条：业务协办、家计调查、对象排查、"
        "特困老人定期核查、特困老人月访、新申请入户调查。"
    )
    assert html_texts(app, "headline")[0][:2] == ["▼ 滞后", behind]
    assert html_texts(app, "tile")[0] == ["按进度", "3", "/ 9 条"]
    clauses = html_texts(app, "clause")
    assert clauses[0][6:11] == ["20 人天", "5.1", "3", "▼ 滞后", "比应达少 2.1 人天"]
    assert clauses[4][6:11] == ["4 人天", "1", "1", "● 正常", "记录 1 条"]
    assert clauses[8][9:14] == ["2 次", "0", "1", "○ 未到期", "记录 2 条"]


def test_before_the_first_log_it_says_so(office: Office):
    app = office.visit(LEADER, OBLIGATIONS, as_of=str(BEFORE_ANY_LOG))

    assert html_texts(app, "headline")[0][1] == (
        "还没有日志入账；9 条要判定的条款，2 条已完成、正常或未到期；滞后 7 条：业务协办、"
        "家计调查、对象排查、专项行动、特困老人定期核查、专项行动入户、特困老人月访。"
    )
    assert misfits(office, app, BEFORE_ANY_LOG) == []
    assert [text for address, text in links(app) if address.startswith("rows?")] == []


@pytest.mark.parametrize("day", [MID_MONTH, END], ids=str)
def test_every_number_leads_to_its_rows(office: Office, day: date):
    assert misfits(office, office.visit(REVIEWER, OBLIGATIONS, as_of=str(day)), day) == []


def test_the_contracts_own_words_stand_by_the_clause(
    office: Office, terms: Path, monkeypatch: pytest.MonkeyPatch
):
    words = "<b>“示例”</b>原文 100%"
    spoken = TERMS.replace('name = "业务协办"', f'name = "业务协办"\nclause = "{words}"')
    other = under(office, spoken, terms, monkeypatch)
    assert html_texts(other.visit(LEADER, OBLIGATIONS), "clause")[0][:2] == ["1. 业务协办", words]


def test_rosters_and_indicators_stand_apart(office: Office):
    app = office.visit(LEADER, OBLIGATIONS)

    assert headings(app) == ["逐条对照", "名册数字", "管理指标"]
    assert html_texts(app, "listed") == [
        ["名册", "合同", "名册实有", "判定"],
        ["村（社区）", "3", "3", "一致"],
        ["社区", "1", "1", "一致"],
        ["村", "2", "2", "一致"],
        ["困难家庭", "4", "3", "不一致，相差 1；要求以合同为准"],
        ["合同开始日在册特困人员", "2", "2", "一致"],
        ["指标", "出处", "现状", "未达"],
        [
            *("受理后 3 个工作日内调查", "最低生活保障审核确认办法（2021）"),
            *("已调查 1 件中按时 1 件", "超期待调查 2 件"),
        ],
        [
            *("入户调查 2 人以上", "最低生活保障审核确认办法（2021）"),
            *("调查记录 1 条", "人数不够 0 条"),
        ],
    ]
    assert html_texts(app, "matrix") == [
        ["月份", "2023-03", "排查到村（名册 3 个村（社区））", "2"]
    ]
    assert ["管理指标，不是合同义务，不参与上面的判定。"] in html_texts(app, "summary")


ACCEPTANCE = ("findings", "samples", "history")


@pytest.mark.parametrize(
    ("viewer", "pages"),
    [(LEADER, ACCEPTANCE[:2]), (LEAD, ()), (OTHER_LEAD, ()), (REVIEWER, ACCEPTANCE)],
    ids=lambda one: getattr(one, "name", ""),
)
def test_it_leads_only_where_the_viewer_sees_the_same(
    office: Office, viewer: Viewer, pages: tuple[str, ...]
):
    shown = {address.partition("?")[0] for address, _ in links(office.visit(viewer, OBLIGATIONS))}
    assert {page for page in ACCEPTANCE if page in shown} == set(pages)
    assert {"settlement", "campaign", "elder_checks", "cases", "trainings", "rows"} <= shown


def test_findings_are_listed_by_clause_and_by_how_they_stand(office: Office):
    office.post(
        {
            "家计调查": [
                small_office.survey(date(2023, 3, 24), "示员丙", "示申003"),
                small_office.survey(date(2023, 3, 23), "示员丁", "示申002"),
            ]
        }
    )
    found = links(office.visit(REVIEWER, OBLIGATIONS))
    of_all = "findings?month=all&state="
    assert (f"{of_all}undecided", "待核疑点2 个，2 人天") in found
    assert (f"{of_all}confirmed", "存疑0 个，0 人天已认定；人天并列，不从完成数中扣") in found
    by_clause = "findings?month=all&kind=home_survey&state=undecided"
    assert [text for address, text in found if address == by_clause] == [
        "待核 2 个，2 人天",
        "待核 2 个",
    ]
    assert ("findings?month=all&rule=one_person_survey", "人数不够 2 条") in found


def test_the_receipts_behind_a_clause_are_listed(office: Office):
    office.post({"对象排查": [small_office.patrol(END, "示员甲", small_office.WEST)]})
    app = office.visit(REVIEWER, OBLIGATIONS)
    assert ("history?kind=patrol&as_of=2023-04-30", "回执 2 张") in links(app)

    for kind, day, number in (("patrol", END, 2), ("patrol", MID_MONTH, 1), ("campaign", END, 1)):
        listed = office.visit(REVIEWER, RECEIPTS, as_of=str(day), kind=kind)
        assert html_texts(listed, "summary")[0][:2] == ["共", str(number)]


def test_one_clause_is_shown_alone_with_the_way_to_all(office: Office):
    app = office.visit(LEADER, OBLIGATIONS, clause="patrol")
    assert [clause[0] for clause in html_texts(app, "clause")] == ["3. 对象排查"]
    assert ("obligations?as_of=2023-04-30", "看全部条款") in links(app)

    both = office.visit(LEADER, OBLIGATIONS, clause="training")
    assert [clause[0] for clause in html_texts(both, "clause")] == ["4. 业务培训", "9."]


@pytest.mark.parametrize("asked", ["nothing", "patrol_localities", "' or 1=1 --", "x" * 5000])
def test_a_clause_that_is_none_is_said(office: Office, asked: str):
    app = office.visit(LEADER, OBLIGATIONS, clause=asked)
    assert messages(app) == ["合同里没有这一条。"]
    assert ("obligations?as_of=2023-04-30", "看全部条款") in links(app)


def test_the_overview_leads_to_each_clause(office: Office):
    found = [
        (address, text)
        for address, text in links(office.visit(LEADER, OVERVIEW))
        if address.startswith("obligations")
    ]
    assert ("obligations?clause=case_handling&as_of=2023-04-30", "20 人天") in found
    assert ("obligations?clause=new_applications&as_of=2023-04-30", "3 件") in found
    assert len(found) == 9


def test_a_contract_that_only_records_has_no_verdict(
    office: Office, terms: Path, monkeypatch: pytest.MonkeyPatch
):
    agreed = TERMS[TERMS.index("[roster]") : TERMS.index("[[item]]")]
    bare = BARE.replace("[[item]]", f"{agreed}[[item]]") + TERMS[TERMS.index("[thresholds]") :]
    other = under(office, bare, terms, monkeypatch)
    other.add(LEADER)
    app = other.visit(LEADER, OBLIGATIONS)

    assert html_texts(app, "headline")[0][:2] == [
        "○ 只记录",
        "本合同没有要判定的条款，所列项目只记录。",
    ]
    assert html_texts(app, "tile")[0] == ["达标", "0", "/ 0 条"]
    assert html_texts(app, "clause") == [
        [
            *("1. 其他工作", "合同文件没有写原文", "完成", "“其他工作”记录的条数"),
            *("要求", "合同不设定额，只记录；不作判定", "—", "—", "0 条", "○ 只记录"),
            *("记录 0 条", "回执 0 张", "有照片 0 条", "无", "未抽"),
        ]
    ]
    assert headings(app) == ["逐条对照", "名册数字"]
