"""A small contract with every kind and every measure, its rosters, and workbooks made of rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from lib import contract
from lib.access import operator
from lib.actions.import_rosters import import_rosters
from lib.logs import LOG_KINDS
from lib.rosters import SHEETS
from lib.store import calendar, contracts
from lib.store.engine import reading, writing
from lib.store.schema import entry, entry_version
from lib.workbooks.reading import Sheet, Workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.fields import Cell
    from lib.store.contracts import StoredContract

    Cells = Mapping[str, Cell]
    Listed = Mapping[str, Mapping[str, Cells]]

# From the middle of a month to the middle of another; 2023-04-05 is a holiday within, so are the
# first days of May, and 2023-04-23 (Sunday) and 2023-05-06 (Saturday) are made-up workdays.
TERMS = """
code = "small"
name = "小合同"
buyer = "某局"
start = 2023-02-10
end = 2023-05-07

[roster]
localities = 3
by_category = { "社区" = 1, "村" = 2 }
subdistricts = 1
households = 4
elders = 3

[[item]]
code = "case_handling"
name = "业务协办"
person_days = 6

[[item]]
code = "home_survey"
name = "家计调查"
people_per_day = 2
days = 2
person_days = 4

[[item]]
code = "patrol"
name = "对象排查"
person_days = 5

[[item]]
code = "data_work"
name = "网络管理"
person_days = 2

[[item]]
code = "archive_work"
name = "档案管理"
person_days = 3

[[item]]
code = "training"
name = "业务培训"

[[item]]
code = "publicity"
name = "政策宣传"
person_days = 6
plan = { "2023-02" = 1, "2023-03" = 3, "2023-05" = 2 }

[[item]]
code = "campaign"
name = "专项行动"
person_days = 7

[[item]]
code = "elder_check"
name = "特困老人定期核查"
person_days = 11

[[item]]
code = "other_task"
name = "其他工作"

[[obligation]]
code = "campaign_households"
name = "专项行动入户"
measure = "coverage"
kind = "campaign"
required = 5
unit = "户"
by_locality = "campaign_by_locality"
shown_fields = ["explained"]
problems.found = "problem"
problems.category = "problem_category"
problems.followed = "follow_up"
problems.closed = "closed_on"

[[obligation]]
code = "elder_months"
name = "特困老人月访"
measure = "visits"
kind = "elder_check"
times_per_month = 2
unit = "人次"

[[obligation]]
code = "training"
name = "业务培训"
measure = "events"
kind = "training"
required = 2
filed_field = "filed_on"
shown_fields = ["training_category", "integrity"]
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
urgent_working_days = 6
not_seen_days = 30
problem_open_days = 10
late_posting_days = 7
days_between_visits = 3
home_visits_per_person_day = 12
repeated_text_rows = 5
rush_share = 0.40
rush_last_days = 3
"""
START, END = date(2023, 2, 10), date(2023, 5, 7)
TODAY = date(2023, 6, 1)
NOW = datetime(2023, 6, 1, 8, tzinfo=UTC)

ADMINISTRATOR = operator("运维人员")
ANYBODY = operator("各组")

# By sheet and code, under the headings of spec §2.
ROSTERS: Listed = {
    "村(社区)": {
        "L1": {"编码": "L1", "名称": "东社区", "类别": "社区", "街道": "河口"},
        "L2": {"编码": "L2", "名称": "南村", "类别": "村", "街道": "河口"},
        "L3": {"编码": "L3", "名称": "西山村", "类别": "村", "街道": "河口"},
    },
    "服务人员": {
        "G1": {"工号": "G1", "姓名": "赵一", "小组": "一组", "到岗日期": date(2023, 1, 1)},
        "G2": {"工号": "G2", "姓名": "钱二丰", "小组": "一组", "到岗日期": date(2023, 2, 10)},
        "G3": {"工号": "G3", "姓名": "孙三", "小组": "二组", "到岗日期": date(2023, 3, 1)},
        "G4": {
            "工号": "G4",
            "姓名": "李四",
            "小组": "二组",
            "到岗日期": date(2023, 1, 1),
            "离岗日期": date(2023, 4, 20),
        },
    },
    "特困人员": {
        code: {
            "编号": code,
            "姓名": name,
            "村(社区)": locality,
            "自理能力": "全自理",
            "纳入日期": date(2022, 1, 1),
        }
        for code, name, locality in (
            ("E1", "周大", "东社区"),
            ("E2", "吴大", "南村"),
            ("E3", "郑大", "南村"),
        )
    },
    "困难家庭": {
        code: {"户编号": code, "户主姓名": head, "村(社区)": locality, "救助类别": "低保"}
        for code, head, locality in (
            ("H1", "王甲", "东社区"),
            ("H2", "冯乙", "南村"),
            ("H3", "陈丙", "南村"),
            ("H4", "褚丁", "西山村"),
        )
    },
}

_HEADINGS = {kind.sheet: [field.heading for field in kind.fields] for kind in LOG_KINDS.values()}
_HEADINGS |= {sheet.sheet: [field.heading for field in sheet.fields] for sheet in SHEETS}
_numbers = count(1)


def workbook(
    sheets: Mapping[str, Iterable[Cells]],
    name: str = "日志.xlsx",
    data: bytes | None = None,
    masked: Sequence[str] = (),
) -> Workbook:
    """A workbook as it comes out of reading: rows by sheet title, cells by heading.

    Without `data` it is the only one of its bytes.
    """
    made = tuple(
        Sheet(
            title,
            [_HEADINGS[title], *([row.get(h) for h in _HEADINGS[title]] for row in rows)],
            hidden_rows=frozenset(),
            merged=(),
        )
        for title, rows in sheets.items()
    )
    content = f"bytes {next(_numbers)}".encode() if data is None else data
    return Workbook(name, content, made, macros=False, masked=tuple(masked))


def roster_workbook(listed: Listed) -> Workbook:
    """The roster workbook that lists these members."""
    return workbook({title: rows.values() for title, rows in listed.items()}, "名册.xlsx")


def entered(
    engine: Engine, listed: Listed = ROSTERS, terms: Contract | None = None
) -> StoredContract:
    """The small contract under a code of its own, in a store that may hold others already."""
    terms = terms or contract.parse(TERMS, "small.toml")
    terms = terms.model_copy(update={"code": f"small-{next(_numbers)}"})
    with writing(engine) as connection:
        stored = contracts.register(connection, terms)
        calendar.fill(connection, terms.period)
    imported(engine, stored, listed)
    return stored


def imported(engine: Engine, stored: StoredContract, listed: Listed) -> None:
    """Import these members; none may be refused."""
    done = import_rosters(engine, stored, ADMINISTRATOR, roster_workbook(listed), NOW)
    assert done.problems == ()


def without_obligations() -> Contract:
    """The small contract's terms with nothing to be measured by but person-days."""
    return contract.parse(TERMS, "small.toml").model_copy(update={"obligation": ()})


def ledger_of(engine: Engine, stored: StoredContract) -> dict[tuple[str, str], tuple[Any, ...]]:
    """All entries by kind and key: what they say, which version, and whether it counts."""
    latest = entry.join(entry_version)
    with reading(engine) as connection:
        found = connection.execute(
            select(
                entry.c.kind,
                entry.c.natural_key,
                entry_version.c.digest,
                entry.c.version,
                entry.c.effective,
            )
            .select_from(latest)
            .where(entry.c.contract_id == stored.id, entry.c.version == entry_version.c.version)
        )
        return {(kind, key): tuple(rest) for kind, key, *rest in found}
