"""How each clause is measured, in plain words: what counts, against what, and what does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from lib.contract import (
    Cases,
    Coverage,
    Events,
    LocalityMonths,
    Obligation,
    PersonDays,
    Visits,
)
from lib.logs import LOG_KINDS

if TYPE_CHECKING:
    from lib.contract import Condition, Contract, Item


@dataclass(frozen=True)
class Measured:
    """A figure in words: its numerator, its denominator, and what is left out of it."""

    counts: str
    against: str
    left_out: str = ""


def measured(obligation: Obligation, contract: Contract) -> Measured:
    """How an obligation's figure is made, from its measure (spec §4)."""
    match obligation:
        case PersonDays():
            return _person_days(obligation, contract)
        case Coverage(required=required, unit=unit):
            return Measured(
                f"有过“{_sheet(obligation.kind)}”记录的{unit}数，同一{unit}多次只算一次",
                f"合同写明的 {required:,} {unit}；应达按工作日推算",
            )
        case Visits(times_per_month=times):
            return Measured(
                f"每位老人每月有“{_sheet(obligation.kind)}”记录的天数，每月最多算 {times} 次",
                f"在册老人每人每月 {times} 次；当月在册不满整月的按天数折算，不足一次按一次",
                "同一天去两次只算一次；上月少访的，本月补不回来",
            )
        case Events(required=required, unit=unit):
            return Measured(
                f"方案备案在举办当日或之前的“{_sheet(obligation.kind)}”{unit}数",
                f"合同要求的 {required:,} {unit}",
                "没有备案、备案晚了的，算已办，不计数",
            )
        case Cases(opened=opened, answered=answered, unit=unit):
            return Measured(
                f"受理后有{_meeting(answered)}记录的{unit}数，同一受理编号只算一{unit}",
                f"有{_meeting(opened)}记录的全部{unit}数（100%）",
                "没有受理记录的受理编号，有调查也不算",
            )
        case LocalityMonths():
            return Measured(
                f"当月有“{_sheet(obligation.kind)}”记录的{obligation.unit}", "名册上的全部"
            )
        case _:
            assert_never(obligation)


def recorded(item: Item, contract: Contract) -> Measured:
    """What is said of an item without a quota: where it is judged, if anywhere."""
    others = [each.name for each in contract.obligation if getattr(each, "kind", "") == item.code]
    judged = f"是否达标另看“{'”“'.join(others)}”一条" if others else "不作判定"
    return Measured(f"“{_sheet(item.code)}”记录的条数", f"合同不设定额，只记录；{judged}")


def _person_days(obligation: PersonDays, contract: Contract) -> Measured:
    (item,) = (item for item in contract.item if item.code == obligation.code)
    made_of = f"（{item.people_per_day} 人 × {item.days} 天）" if item.days else ""
    due = "应达按合同的分月计划" if obligation.plan else "应达按工作日推算"
    return Measured(
        f"“{_sheet(item.code)}”的人天：每人每天最多 1 人天，当天做几项就平分到几项",
        f"合同定额 {obligation.required:,} {obligation.unit}{made_of}；{due}",
    )


def _sheet(kind: str) -> str:
    return LOG_KINDS[kind].sheet


def _meeting(condition: Condition) -> str:
    heading = LOG_KINDS[condition.kind].by_slug[condition.field].heading
    return f"“{_sheet(condition.kind)}”中{heading}为“{condition.value}”的"
