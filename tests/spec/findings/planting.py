"""Rows planted for a rule of findings, and what the rule finds of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from lib import contract
from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.findings.found import findings
from lib.kpi.scope import Scope
from lib.store.engine import reading, writing
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.contract import Contract
    from lib.fields import Cell
    from lib.findings.rule import Rule
    from lib.store.contracts import StoredContract
    from tests.spec.small import Cells

    Sheets = Mapping[str, Sequence[Cells]]

EAST, SOUTH, WEST = "东社区", "南村", "西山村"  # all in one subdistrict
FAR = "远村"  # in another
ONE, TWO, THREE = "赵一", "钱二丰", "李四"  # G1, G2, G4

_PLACES = small.ROSTERS["村(社区)"]
_ELDER = small.ROSTERS["特困人员"]["E1"]
ROSTERS = {
    **small.ROSTERS,
    "村(社区)": {**_PLACES, "L4": {"编码": "L4", "名称": FAR, "类别": "村", "街道": "山前"}},
    "特困人员": {
        **small.ROSTERS["特困人员"],
        "E9": {**_ELDER, "编号": "E9", "姓名": "尤大", "村(社区)": FAR},
    },
}


@dataclass(frozen=True)
class Posting:
    """Workbooks of one moment, a receipt each; entries are numbered as their rows stand here."""

    sheets: Sheets
    at: datetime = small.NOW


def found(
    engine: Engine,
    rule: Rule,
    *planted: Posting | Sheets,
    withdrawn: Sequence[int] = (),
    then: Callable[[Connection, StoredContract], None] | None = None,
    as_of: date = small.END,
    terms: Contract | None = None,
    **thresholds: float,
) -> Mapping[str, Sequence[int]]:
    """The entries that a rule finds, by subject, in order of days.

    Everything is planted in two contracts of one store: what leaks from one into the other counts
    twice in both.
    """
    terms = terms or contract.parse(small.TERMS, "small.toml")
    limits = terms.thresholds.model_copy(update=thresholds)
    terms = terms.model_copy(update={"thresholds": limits})
    both = [small.entered(engine, ROSTERS, terms) for _ in range(2)]
    for stored in both:
        for each in planted:
            _post(engine, stored, each if isinstance(each, Posting) else Posting(each))
        for entry_id in withdrawn:
            withdraw(engine, stored, small.ADMINISTRATOR, entry_id, reason="填错了", now=small.NOW)
        if then:
            with writing(engine) as connection:
                then(connection, stored)
    first, second = (_found(engine, Scope(stored, as_of), rule) for stored in both)
    assert first == second
    return first


def _post(engine: Engine, stored: StoredContract, posting: Posting) -> None:
    book = small.workbook(posting.sheets)
    (done,) = post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=posting.at)
    assert not done.plan.refusals


def _found(engine: Engine, scope: Scope, rule: Rule) -> Mapping[str, Sequence[int]]:
    with reading(engine) as connection:
        listed = findings(connection, scope, rules=[rule])
    assert len({each.subject for each in listed}) == len(listed)
    return {each.subject: [row.entry_id for row in each.rows] for each in listed}


def march(day: int) -> date:
    """A day of March 2023, of which the 6th is a Monday."""
    return date(2023, 3, day)


def april(day: int) -> date:
    """A day of April 2023."""
    return date(2023, 4, day)


def patrol(day: date, people: str = ONE, place: str = EAST, **more: Cell) -> Cells:
    """A patrol."""
    row = {"日期": day, "服务人员": people, "村(社区)": place, "排查情况": "看过"}
    return {**row, **more}


def check(day: date, elder: str = "E1", people: str = ONE, **more: Cell) -> Cells:
    """A visit to an elder; E1 lives in the east, E2 and E3 in the south, E9 far away."""
    row = {"日期": day, "服务人员": people, "特困人员编号": elder}
    return {**row, "生活状况": "良好", "健康状况": "良好", **more}


def campaign(day: date, home: str = "H1", people: str = ONE, **more: Cell) -> Cells:
    """A visit to a household; H1 lives in the east, H2 and H3 in the south, H4 in the west."""
    return {"日期": day, "服务人员": people, "户编号": home, "政策宣讲": "是", **more}


def acceptance(day: date, application: str, people: str = ONE, place: str = EAST) -> Cells:
    """An application accepted."""
    row = {"日期": day, "服务人员": people, "村(社区)": place, "受理编号": application}
    return {**row, "申请人": "某人", "救助类别": "低保", "办理环节": "受理"}


def survey(day: date, application: str, people: str = ONE, place: str = EAST) -> Cells:
    """The home survey of a new application."""
    row = {"日期": day, "服务人员": people, "调查类型": "新增申请", "受理编号": application}
    return {**row, "村(社区)": place, "调查结论": "符合"}


def review(day: date, home: str, people: str = ONE, place: str = EAST, **more: Cell) -> Cells:
    """The home survey of a household that has aid already."""
    row = {"日期": day, "服务人员": people, "调查类型": "定期复核", "户编号": home}
    return {**row, "村(社区)": place, "调查结论": "符合", **more}


def archive(day: date, copies: int, people: str = ONE, step: str = "整理") -> Cells:
    """Work on archives."""
    row = {"日期": day, "服务人员": people, "地点": "街道", "档案类别": "低保"}
    return {**row, "环节": step, "份数": copies}


def publicity(day: date, audience: int, handouts: int, people: str = ONE) -> Cells:
    """The policies made known."""
    row = {"日期": day, "服务人员": people, "村(社区)": EAST, "宣传形式": "广播"}
    return {**row, "受众人数": audience, "发放资料份数": handouts}
