"""A workbook with forty faults comes back with these marked, and mended it is as good as none."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from lib.access import Role, Viewer
from lib.actions.post import Outcome, Plan, post, preview
from lib.logs import LOG_KINDS
from lib.workbooks.marking import marked
from lib.workbooks.own import read_own_workbook
from lib.workbooks.reading import Mend, Workbook
from tests.spec import small
from tests.support.looks import looks_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

    Rows = dict[str, list[dict[str, Any]]]

LEAD = Viewer("甲", Role.TEAM_LEAD, "一组")
TODAY = date(2023, 4, 25)
TITLE, BYLINE, HEADING, FIRST = 1, 2, 3, 4
MARK = "00FFC7CF"
MARCH = date(2023, 3, 6)

# Beside the small contract's rosters: namesakes, and an elder for one month only.
ELDER_MONTH = {"纳入日期": date(2023, 3, 10), "退出日期": date(2023, 4, 10)}
LISTED = small.ROSTERS | {
    "服务人员": small.ROSTERS["服务人员"]
    | {
        code: {"工号": code, "姓名": "示五", "小组": "一组", "到岗日期": date(2023, 1, 1)}
        for code in ("G5", "G6")
    },
    "特困人员": small.ROSTERS["特困人员"]
    | {"E4": small.ROSTERS["特困人员"]["E1"] | ELDER_MONTH | {"编号": "E4", "姓名": "示老安"}},
}


@dataclass(frozen=True)
class Fault:
    """A right row, one cell of it made wrong, and where that is marked: "" is the row's first."""

    sheet: str
    right: dict[str, Any]
    heading: str
    wrong: object
    rule: str
    marked: str | None = None

    @property
    def column(self) -> str:
        """The heading of the marked cell."""
        return self.heading if self.marked is None else self.marked


def case(number: str, **cells: object) -> dict[str, Any]:
    """A right row of 业务协办."""
    facts = {"日期": MARCH, "服务人员": "赵一", "村(社区)": "南村", "受理编号": number}
    return facts | {"申请人": "示申", "救助类别": "低保", "办理环节": "受理"} | cells


def survey(**cells: object) -> dict[str, Any]:
    """A right row of 家计调查."""
    facts = {"日期": MARCH, "服务人员": "赵一 钱二丰", "调查类型": "新增申请"}
    return facts | {"村(社区)": "南村", "调查结论": "符合"} | cells


def review(household: str, **cells: object) -> dict[str, Any]:
    """A right row of 家计调查 that needs no application."""
    return survey(调查类型="定期复核", 户编号=household, **cells)


def patrol(day: int, **cells: object) -> dict[str, Any]:
    """A right row of 对象排查."""
    facts = {"日期": date(2023, 3, day), "服务人员": "赵一", "村(社区)": "西山村"}
    return facts | {"走访户数": 3, "排查情况": "一切如常", "发现线索数": 0} | cells


def data_work(task: str, **cells: object) -> dict[str, Any]:
    """A right row of 网络管理."""
    facts = {"日期": MARCH, "服务人员": "钱二丰", "工作内容": task, "平台名称": "示例平台"}
    return facts | {"条数": 10} | cells


def archive(step: str, **cells: object) -> dict[str, Any]:
    """A right row of 档案管理."""
    facts = {"日期": MARCH, "服务人员": "赵一", "地点": "街道", "档案类别": "低保"}
    return facts | {"环节": step, "份数": 2} | cells


def training(topic: str, **cells: object) -> dict[str, Any]:
    """A right row of 业务培训."""
    facts = {"日期": date(2023, 3, 10), "服务人员": "赵一", "培训类别": "其他", "主题": topic}
    facts |= {"方案备案日期": date(2023, 3, 1), "街道专管员人数": 2, "协理员人数": 5}
    return facts | {"廉政教育": "是"} | cells


def publicity(form: str, **cells: object) -> dict[str, Any]:
    """A right row of 政策宣传."""
    facts = {"日期": MARCH, "服务人员": "赵一、钱二丰", "村(社区)": "东社区", "宣传形式": form}
    return facts | {"受众人数": 30} | cells


def campaign(household: str, **cells: object) -> dict[str, Any]:
    """A right row of 专项行动."""
    facts = {"日期": MARCH, "服务人员": "钱二丰", "户编号": household, "政策宣讲": "是"}
    return facts | {"办结日期": date(2023, 3, 20)} | cells


def visit(elder: str, day: int, **cells: object) -> dict[str, Any]:
    """A right row of 特困老人核查."""
    facts = {"日期": date(2023, 3, day), "服务人员": "赵一", "特困人员编号": elder}
    return facts | {"生活状况": "良好", "健康状况": "一般"} | cells


def task(content: str, **cells: object) -> dict[str, Any]:
    """A right row of 其他工作."""
    return {"日期": MARCH, "服务人员": "赵一", "工作内容": content} | cells


FAULTS = (
    Fault("业务协办", case("A01"), "日期", "2023-01-31", "outside_contract"),
    Fault("业务协办", case("A02"), "日期", date(2023, 4, 26), "in_future"),
    Fault("业务协办", case("A03"), "服务人员", "赵伊", "unknown_staff"),
    Fault("业务协办", case("A04"), "服务人员", "示五", "ambiguous_staff"),
    Fault("业务协办", case("A05"), "服务人员", "孙三", "other_team", marked=""),
    Fault("业务协办", case("A06"), "村(社区)", "西川村", "unknown_locality"),
    Fault("业务协办", case("A07"), "受理编号", 5101072023030600123, "long_number"),
    Fault("业务协办", case("A09"), "救助类别", "低保边", "not_a_choice"),
    Fault("业务协办", case("A10", 材料是否齐全="是"), "材料是否齐全", True, "not_text"),
    # The second says otherwise what the first says: both are refused.
    Fault("业务协办", case("A11"), "备注", None, "contradicts", marked=""),
    Fault("业务协办", case("A12", 备注="两次"), "受理编号", "A11", "contradicts", marked=""),
    Fault("家计调查", survey(受理编号="A01"), "受理编号", None, "required"),
    Fault("家计调查", review("H1"), "户编号", "H-9", "unknown_household"),
    Fault("家计调查", review("H2"), "户编号", None, "required"),
    Fault("家计调查", review("H3", 家庭人口=3), "家庭人口", 51, "too_large"),
    Fault("家计调查", review("H4"), "月人均收入(元)", "八百", "not_an_amount"),
    Fault("对象排查", patrol(7), "日期", "1900-02-29", "not_a_day"),
    Fault("对象排查", patrol(8), "日期", 60, "not_a_day"),
    Fault("对象排查", patrol(9), "走访户数", -1, "not_a_count"),
    Fault("对象排查", patrol(10), "走访户数", "12人", "not_a_count"),
    Fault("对象排查", patrol(13), "发现线索数", 1.5, "not_a_count"),
    Fault("对象排查", patrol(14), "发现线索数", True, "not_a_count"),
    Fault("对象排查", patrol(15, 日期=date(2023, 2, 20)), "服务人员", "赵一、孙三", "not_on_post"),
    Fault("网络管理", data_work("数据收集"), "条数", "=1+1", "uncomputed"),
    Fault("网络管理", data_work("数据更新"), "条数", "#REF!", "broken_cell"),
    Fault("网络管理", data_work("数据核对"), "平台名称", "长" * 101, "too_long"),
    Fault("档案管理", archive("收集"), "份数", None, "required"),
    Fault("档案管理", archive("整理"), "日期", 99999999, "not_a_day"),
    Fault("业务培训", training("示例一"), "方案备案日期", "三月一日", "not_a_day"),
    Fault("业务培训", training("示例二"), "廉政教育", "有", "not_a_choice"),
    Fault("政策宣传", publicity("入户"), "受众人数", 2_000_000, "too_large"),
    Fault("政策宣传", publicity("集市"), "服务人员", "、", "required"),
    Fault("专项行动", campaign("H1"), "户编号", "H" * 41, "too_long"),
    Fault("专项行动", campaign("H2", 户主姓名="冯乙"), "户主姓名", "王甲", "name_misfit"),
    Fault("特困老人核查", visit("E1", 6), "特困人员编号", "E-11", "unknown_elder"),
    Fault("特困老人核查", visit("E2", 7, 姓名="吴大"), "姓名", "周大", "name_misfit"),
    Fault("特困老人核查", visit("E3", 8), "特困人员编号", "E4", "not_on_roster"),
    Fault(
        "特困老人核查",
        visit("E2", 9, 日期=date(2023, 4, 11)),
        "特困人员编号",
        "E4",
        "not_on_roster",
    ),
    Fault("其他工作", task("接待", 日期=date(2023, 4, 21)), "服务人员", "李四", "not_on_post"),
    Fault("其他工作", task("值守"), "工作内容", None, "required"),
)
GOOD: Rows = {
    "业务协办": [case("A20"), case("A21", 办理环节="公示", 备注="已张贴")],
    "家计调查": [survey(受理编号="A20", 申请人="示申")],
    "对象排查": [patrol(1), patrol(2) | {"村(社区)": "东社区"}],
    "网络管理": [data_work("数据上报")],
    "档案管理": [archive("归档")],
    "业务培训": [training("示例三")],
    "政策宣传": [publicity("张贴")],
    "专项行动": [campaign("H3", 户主姓名="陈丙"), campaign("H4")],
    "特困老人核查": [visit("E1", 20, 姓名="周大")],
    "其他工作": [task("会议")],
}


def rows(*, faulty: bool) -> Rows:
    """Every sheet's rows: good ones, a blank one, and those that are right or wrong."""
    laid_out: Rows = {}
    for kind in LOG_KINDS.values():
        own = [fault for fault in FAULTS if fault.sheet == kind.sheet]
        wrong = [each.right | ({each.heading: each.wrong} if faulty else {}) for each in own]
        laid_out[kind.sheet] = [*GOOD[kind.sheet], {}, *wrong]
    return laid_out


def headings(sheet: str) -> list[str]:
    """The headings of a sheet, its first column among them."""
    kind = next(kind for kind in LOG_KINDS.values() if kind.sheet == sheet)
    return ["序号", *(field.heading for field in kind.fields)]


def place(fault: Fault, heading: str) -> str:
    """The coordinate of a cell in the fault's row."""
    own = [each for each in FAULTS if each.sheet == fault.sheet]
    row = FIRST + len(GOOD[fault.sheet]) + 1 + own.index(fault)
    return f"{get_column_letter(headings(fault.sheet).index(heading or '序号') + 1)}{row}"


# The workbook, laid out and coloured as offices do.

EDGE = Side("thin", color="FF999999")
BOX = Border(left=EDGE, right=EDGE, top=EDGE, bottom=EDGE)
HEAD, STRIPE = PatternFill("solid", fgColor="FFD9E1F2"), PatternFill("solid", fgColor="FFF2F2F2")


def book(content: Rows) -> bytes:
    """The bytes of a workbook with these rows."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for sheet, listed in content.items():
        fill_in(made.create_sheet(sheet), sheet, listed)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def fill_in(sheet: Any, title: str, listed: list[dict[str, Any]]) -> None:  # noqa: ANN401 - openpyxl
    """Title, byline, headings, numbered rows, total; stripes, a list, print titles."""
    columns = headings(title)
    sheet.append([f"三月{title}台账"])
    sheet.append(["填报单位：示例项目组", *[None] * (len(columns) - 2), "填报人：示员"])
    sheet.append(columns)
    for number, row in enumerate(listed, 1):
        sheet.append([number, *map(row.get, columns[1:])] if row else [])
    sheet.append(["合计", len(listed) - 1])
    sheet.merge_cells(start_row=TITLE, end_row=TITLE, start_column=1, end_column=len(columns))
    sheet.cell(TITLE, 1).font = Font(bold=True, size=16)
    for row in sheet.iter_rows(min_row=HEADING, max_row=FIRST + len(listed)):
        for cell in row:
            cell.border, cell.alignment = BOX, Alignment(wrap_text=True, vertical="center")
            if cell.row == HEADING or cell.row % 2:
                cell.fill = HEAD if cell.row == HEADING else STRIPE
    for column in range(2, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 12 + column
    sheet.row_dimensions[HEADING].height = 33
    sheet.freeze_panes = f"C{FIRST}"
    sheet.print_title_rows = f"{TITLE}:{HEADING}"
    sheet.page_setup.orientation = "landscape"
    sheet.add_data_validation(DataValidation("list", formula1='"是,否"', sqref=f"E{FIRST}:E90"))
    red = DifferentialStyle(font=Font(color="FFFF0000"), fill=PatternFill(bgColor="FFFFFF00"))
    rule = Rule("expression", dxf=red, formula=[f"LEN(B{FIRST})>40"], priority=1)
    sheet.conditional_formatting.add(f"B{FIRST}:B90", rule)


def read(content: bytes) -> Workbook:
    """The workbook as it is uploaded."""
    return read_own_workbook("三月.xlsx", content)


# What the tests stand on: made once for each store, since reading takes a process.


@dataclass(frozen=True)
class Day:
    """The workbook without faults, the one with them and what is said of it, and it mended."""

    engine: Engine
    faultless: Workbook
    faulty: Workbook
    plan: Plan
    marked: bytes
    mended: Workbook


@pytest.fixture(scope="module")
def day(shared_engine: Engine) -> Day:
    """The faulty workbook handed in, given back marked, and mended."""
    faultless, faulty = (read(book(rows(faulty=wrong))) for wrong in (False, True))
    stored = small.entered(shared_engine, LISTED)
    [plan] = preview(shared_engine, stored, LEAD, [faulty], TODAY)
    given_back = marked(faulty.data, plan.refusals)
    mended = read(mended_by_hand(given_back))
    return Day(shared_engine, faultless, faulty, plan, given_back, mended)


def mended_by_hand(data: bytes) -> bytes:
    """What is wrong put right in the marked workbook, and nothing else."""
    given_back = openpyxl.load_workbook(io.BytesIO(data))
    for fault in FAULTS:
        cell = given_back[fault.sheet][place(fault, fault.heading)]
        cell.value = fault.right.get(fault.heading)
    written = io.BytesIO()
    given_back.save(written)
    return written.getvalue()


def marks(data: bytes) -> dict[tuple[str, str], str]:
    """What is said at each marked cell; a cell that is not filled says so."""
    found = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(data)):
        on_top = {
            str(cell)
            for formats in sheet.conditional_formatting
            if formats.rules[0].dxf.fill.bgColor.rgb == MARK
            for cell in str(formats.sqref).split()
        }
        for cell in (cell for row in sheet for cell in row):
            filled = cell.fill.fgColor.rgb == MARK or cell.coordinate in on_top
            if filled or cell.comment:
                said = cell.comment.text if cell.comment else ""
                found[sheet.title, cell.coordinate] = said if filled else f"unfilled: {said}"
    return found


def posted(day: Day, stored: StoredContract, workbook: Workbook) -> tuple[int, ...]:
    """The receipt of posting the workbook: added, corrected, unchanged, refused."""
    [done] = post(day.engine, stored, LEAD, [workbook], today=TODAY, now=small.NOW)
    receipt = done.receipt
    assert receipt is not None
    return receipt.added, receipt.corrected, receipt.unchanged, receipt.refused


RIGHT = sum(map(len, GOOD.values()))


def test_the_faultless_workbook_has_no_fault(day: Day):
    stored = small.entered(day.engine, LISTED)
    [plan] = preview(day.engine, stored, LEAD, [day.faultless], TODAY)

    assert [str(problem) for problem in plan.refusals] == []
    assert plan.counts[Outcome.NEW] == RIGHT + len(FAULTS) == 13 + 40


def test_forty_faults_are_found_each_for_its_reason(day: Day):
    found = [(p.place.sheet, p.place.row, p.place.column, p.fault.rule) for p in day.plan.refusals]

    assert found == [
        (fault.sheet, int(place(fault, "")[1:]), fault.column, fault.rule) for fault in FAULTS
    ]


def test_exactly_these_forty_cells_are_marked(day: Day):
    sentences = [problem.fault.sentence for problem in day.plan.refusals]

    assert marks(day.marked) == {
        (fault.sheet, place(fault, fault.column)): f"【待改 {number}/40】{sentence}"
        for number, (fault, sentence) in enumerate(zip(FAULTS, sentences, strict=True), 1)
    }


def test_everything_else_looks_as_it_did(day: Day):
    before, after = looks_of(day.faulty.data), looks_of(day.marked)

    for fault in FAULTS:
        for look in (before, after):
            cell = look[fault.sheet]["cells"][place(fault, fault.column)]
            cell["fill"] = cell["note"] = None
    for look in after.values():
        look["formats"] = [each for each in look["formats"] if each[2] != MARK]
    assert after == before


def test_the_mended_workbook_makes_the_ledger_of_the_faultless_one(day: Day):
    one, other = (small.entered(day.engine, LISTED) for _ in range(2))

    assert posted(day, one, day.faultless) == (RIGHT + 40, 0, 0, 0)
    assert posted(day, other, day.mended) == (RIGHT + 40, 0, 0, 0)
    assert small.ledger_of(day.engine, other) == small.ledger_of(day.engine, one)


def test_the_mended_workbook_posts_only_what_was_missing(day: Day):
    one, other = (small.entered(day.engine, LISTED) for _ in range(2))
    posted(day, one, day.faultless)

    assert posted(day, other, day.faulty) == (RIGHT, 0, 0, 40)
    assert posted(day, other, day.mended) == (40, 0, RIGHT, 0)
    assert small.ledger_of(day.engine, other) == small.ledger_of(day.engine, one)


def test_the_mended_workbook_given_back_has_no_mark_left(day: Day):
    given_back = marked(day.mended.data, [])

    assert marks(given_back) == {}
    assert looks_of(given_back) == looks_of(day.faultless.data)


def test_a_workbook_mended_in_part_keeps_the_other_marks(day: Day):
    half = openpyxl.load_workbook(io.BytesIO(day.marked))
    for fault in FAULTS[:20]:
        half[fault.sheet][place(fault, fault.heading)] = fault.right.get(fault.heading)
    written = io.BytesIO()
    half.save(written)

    stored = small.entered(day.engine, LISTED)
    again = read(written.getvalue())
    [plan] = preview(day.engine, stored, LEAD, [again], TODAY)

    assert set(marks(marked(again.data, plan.refusals))) == {
        (fault.sheet, place(fault, fault.column)) for fault in FAULTS[20:]
    }


def test_what_is_mended_on_the_page_stands_in_the_workbook_given_back(day: Day):
    slugs = {(k.sheet, f.heading): f.slug for k in LOG_KINDS.values() for f in k.fields}
    mends = [
        Mend(
            fault.sheet,
            int(place(fault, "")[1:]),
            slugs[fault.sheet, fault.heading],
            str(fault.wrong),
            str(fault.right.get(fault.heading, "")),
        )
        for fault in FAULTS
    ]
    stored = small.entered(day.engine, LISTED)
    mended = read(marked(day.faulty.data, [], mends))

    plans = preview(day.engine, stored, LEAD, [mended], TODAY)
    plans += preview(day.engine, stored, LEAD, [day.faultless], TODAY)
    assert plans[0].refusals == ()
    assert [e.digest for e in plans[0].entries] == [e.digest for e in plans[1].entries]
