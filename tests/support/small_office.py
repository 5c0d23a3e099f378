"""A small office: a contract file, rosters and log workbooks as bytes; every name is invented."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from openpyxl import Workbook

from lib.access import Role, Viewer, operator
from lib.logs import LOG_KINDS
from lib.rosters import SHEETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Cells = Mapping[str, object]

# 43 working days: 2023-04-05 is a holiday, 2023-04-23 a made-up workday.
TERMS = """
code = "shi-2023"
name = "示例小区2023年救助服务"
buyer = "示例局"
start = 2023-03-01
end = 2023-04-30

[roster]
localities = 3
by_category = { "社区" = 1, "村" = 2 }
subdistricts = 1
households = 4
elders = 2

[[item]]
code = "case_handling"
name = "业务协办"
people_per_day = 2
days = 10
person_days = 20

[[item]]
code = "home_survey"
name = "家计调查"
person_days = 8

[[item]]
code = "patrol"
name = "对象排查"
person_days = 12

[[item]]
code = "training"
name = "业务培训"

[[item]]
code = "campaign"
name = "专项行动"
person_days = 4

[[item]]
code = "elder_check"
name = "特困老人定期核查"
person_days = 6

[[obligation]]
code = "campaign_households"
name = "专项行动入户"
measure = "coverage"
kind = "campaign"
required = 4
unit = "户"
by_locality = "campaign_by_locality"
shown_fields = ["explained"]
[obligation.problems]
found = "problem"
category = "problem_category"
followed = "follow_up"
closed = "closed_on"

[[obligation]]
code = "elder_months"
name = "特困老人月访"
measure = "visits"
kind = "elder_check"
times_per_month = 2
unit = "人次"

[[obligation]]
code = "training"
name = "培训场次"
measure = "events"
kind = "training"
required = 2
filed_field = "filed_on"
unit = "次"

[[obligation]]
code = "new_applications"
name = "新申请入户调查"
measure = "cases"
opened = { kind = "case_handling", field = "step", value = "受理" }
answered = { kind = "home_survey", field = "survey_type", value = "新增申请" }
unit = "件"

[[obligation]]
code = "patrol_localities"
name = "排查到村"
measure = "locality_months"
kind = "patrol"
leads_field = "leads"
unit = "个村（社区）"

[thresholds]
on_track = 0.95
watch = 0.80
pace_working_days = 5
inquiry_within_working_days = 3
people_at_home_survey = 2
urgent_working_days = 5
not_seen_days = 30
problem_open_days = 30
late_posting_days = 7
days_between_visits = 3
home_visits_per_person_day = 12
repeated_text_rows = 5
rush_share = 0.40
rush_last_days = 3
"""
START, BEFORE_ANY_LOG, FIRST_LOG = date(2023, 3, 1), date(2023, 3, 3), date(2023, 3, 6)
MID_MONTH, END = date(2023, 3, 15), date(2023, 4, 30)
POSTED_AT = datetime(2023, 5, 4, 2, tzinfo=UTC)

FIRST_TEAM, SECOND_TEAM = "示一组", "示二组"
STAFF = {"G1": "示员甲", "G2": "示员乙", "G3": "示员丙", "G4": "示员丁"}
ELDERS = {"T1": "示老安", "T2": "示老柏"}
HEADS = {"H1": "示户辰", "H2": "示户朵", "H3": "示户恩"}
PERSONAL_NAMES = (*STAFF.values(), *ELDERS.values(), *HEADS.values())
EAST, SOUTH, WEST = "示东社区", "示南村", "示西村"

PASSWORD = "云杉-口令-2023"
LEADER = Viewer("leader", Role.LEADER)
LEAD = Viewer("lead1", Role.TEAM_LEAD, FIRST_TEAM)
OTHER_LEAD = Viewer("lead2", Role.TEAM_LEAD, SECOND_TEAM)
REVIEWER = Viewer("reviewer", Role.REVIEWER)
ADMIN = Viewer("admin", Role.ADMIN)
EVERYONE = (LEADER, LEAD, OTHER_LEAD, REVIEWER, ADMIN)
OPERATOR = operator("运维人员")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_ROW = 4  # of the data: title, reporting line and headings stand above


def rosters() -> dict[str, list[Cells]]:
    """The rosters' rows by sheet, under the headings of spec §2; one household less than agreed."""
    on_post, enrolled = date(2023, 1, 1), date(2022, 1, 1)
    return {
        "村(社区)": [
            {"编码": code, "名称": name, "类别": category, "街道": "示河街道"}
            for code, name, category in (
                ("L1", EAST, "社区"),
                ("L2", SOUTH, "村"),
                ("L3", WEST, "村"),
            )
        ],
        "服务人员": [
            {"工号": code, "姓名": name, "小组": team, "到岗日期": on_post}
            for (code, name), team in zip(
                STAFF.items(), (FIRST_TEAM, FIRST_TEAM, SECOND_TEAM, SECOND_TEAM), strict=True
            )
        ],
        "特困人员": [
            {
                "编号": code,
                "姓名": name,
                "村(社区)": place,
                "自理能力": "全自理",
                "纳入日期": enrolled,
            }
            for (code, name), place in zip(ELDERS.items(), (EAST, SOUTH), strict=True)
        ],
        "困难家庭": [
            {"户编号": code, "户主姓名": name, "村(社区)": place, "救助类别": "低保"}
            for (code, name), place in zip(HEADS.items(), (EAST, SOUTH, WEST), strict=True)
        ],
    }


def logs() -> dict[str, list[Cells]]:
    """Rows of both teams in March, by sheet."""
    return {
        "业务协办": [
            case(FIRST_LOG, "示员甲", "示申001"),
            case(date(2023, 3, 7), "示员甲、示员乙", "示申002"),
            case(date(2023, 3, 14), "示员乙", "示申002", "公示"),
            case(date(2023, 3, 20), "示员丙", "示申003"),
        ],
        "家计调查": [survey(date(2023, 3, 7), "示员甲 示员乙", "示申001")],
        "对象排查": [
            patrol(date(2023, 3, 9), "示员甲", EAST),
            patrol(date(2023, 3, 9), "示员丁", SOUTH),
        ],
        "业务培训": [training(date(2023, 3, 10), filed_on=date(2023, 3, 1)), training(MID_MONTH)],
        "专项行动": [
            campaign(date(2023, 3, 13), "示员乙", "H1", problem="药费自付多"),
            campaign(date(2023, 3, 16), "示员丁", "H2"),
        ],
        "特困老人核查": [
            elder_check(date(2023, 3, 6), "示员丙", "T1"),
            elder_check(date(2023, 3, 21), "示员丙", "T1"),
            elder_check(date(2023, 3, 22), "示员丁", "T2"),
        ],
    }


def case(day: object, people: str, application: str, step: str = "受理", **other: object) -> Cells:
    """A step of an application."""
    return {
        "日期": day,
        "服务人员": people,
        "村(社区)": EAST,
        "受理编号": application,
        "申请人": "示申一",
        "救助类别": "低保",
        "办理环节": step,
        **other,
    }


def survey(day: object, people: str, application: str) -> Cells:
    """A survey of a new application."""
    return {
        "日期": day,
        "服务人员": people,
        "调查类型": "新增申请",
        "受理编号": application,
        "村(社区)": EAST,
        "调查结论": "符合",
    }


def patrol(day: object, people: str, place: str, found: str = "一切如常") -> Cells:
    """A patrol."""
    return {"日期": day, "服务人员": people, "村(社区)": place, "排查情况": found}


def training(day: object, filed_on: object = None) -> Cells:
    """A training session."""
    return {
        "日期": day,
        "服务人员": "示员甲",
        "培训类别": "信息平台培训",
        "主题": f"示例培训 {day}",
        "方案备案日期": filed_on,
        "街道专管员人数": 2,
        "协理员人数": 5,
        "廉政教育": "是",
    }


def campaign(day: object, people: str, household: str, problem: str | None = None) -> Cells:
    """A household of the campaign."""
    return {
        "日期": day,
        "服务人员": people,
        "户编号": household,
        "政策宣讲": "是",
        "发现问题": problem,
    }


def elder_check(day: object, people: str, elder: str) -> Cells:
    """A visit to an elder."""
    return {
        "日期": day,
        "服务人员": people,
        "特困人员编号": elder,
        "姓名": ELDERS[elder],
        "生活状况": "良好",
        "健康状况": "一般",
    }


_HEADINGS = {kind.sheet: [field.heading for field in kind.fields] for kind in LOG_KINDS.values()}
_HEADINGS |= {sheet.sheet: [field.heading for field in sheet.fields] for sheet in SHEETS}


def book(sheets: Mapping[str, Iterable[Cells]]) -> bytes:
    """A workbook as offices keep it: title, reporting line, headings, numbered rows, total."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        headings = _HEADINGS[title]
        sheet = workbook.create_sheet(title)
        sheet.append([f"示例{title}台账"])
        sheet.append(["填报单位：示例项目组"])
        sheet.append(["序号", *headings])
        number = 0
        for number, row in enumerate(rows, 1):
            unknown = set(row) - set(headings)
            assert not unknown, unknown
            sheet.append([number, *(row.get(heading) for heading in headings)])
        sheet.append(["合计", number])
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()
