"""Made-up log rows of eight kinds, each another entry, in a workbook as an office writes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.demonstration import seed as seeds
from lib.demonstration.writing import written
from lib.logs import LOG_KINDS
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from lib.fields import Value
    from lib.rosters import Elder, Household, Locality, Roster, Staff

    Cells = Mapping[str, Value]


def workbook(roster: Roster, working: Sequence[date], number: int) -> bytes:
    """So many rows, in equal parts of each kind, on all working days in turn."""
    seed = seeds.load()
    office = _Office.of(roster, working)
    sheets = []
    for part, (slug, cells_of) in enumerate(_KINDS.items()):
        kind, chance = LOG_KINDS[slug], seed.chance("posting", number, slug)
        rows = []
        for index in range(part, number, len(_KINDS)):
            turn, day = divmod(index // len(_KINDS), len(working))
            texts = {name: seed.text(name, chance) for name in seed.texts}
            cells = {"day": working[day], **cells_of(office, turn, texts, chance)}
            rows.append([written(each, cells.get(each.slug), chance) for each in kind.fields])
        headings = [each.heading for each in kind.fields]
        title, byline = f"{kind.sheet}工作台账", (seed.unit, office.staff[0].name)
        sheets.append(LedgerSheet(kind.sheet, headings, rows, title, byline))
    return office_ledger(sheets)


@dataclass(frozen=True)
class _Office:
    """Whom and what rows speak of, all of them there from the first day to the last."""

    staff: Sequence[Staff]
    places: Sequence[Locality]
    elders: Sequence[Elder]
    households: Sequence[Household]

    @classmethod
    def of(cls, roster: Roster, working: Sequence[date]) -> _Office:
        first = working[0]
        staff = [e for e in roster.staff.values() if e.on_post_on <= first and not e.left_on]
        elders = [e for e in roster.elders.values() if e.enrolled_on <= first and not e.left_on]
        return cls(staff, [*roster.localities.values()], elders, [*roster.households.values()])

    def people(self, turn: int) -> tuple[str, ...]:
        """One or two by name: others at each of as many turns as there are pairs."""
        number = len(self.staff)
        apart, first = divmod(turn, number)
        second = (first + apart % number) % number
        return tuple(dict.fromkeys((self.staff[first].name, self.staff[second].name)))

    def place(self, turn: int) -> str:
        """A locality's name."""
        return self.places[turn % len(self.places)].name


def _case(office: _Office, turn: int, texts: Mapping[str, str], chance: random.Random) -> Cells:
    return {
        "people": office.people(chance.randrange(1000)),
        "locality": office.place(chance.randrange(1000)),
        "application": f"示例受{turn:05d}",
        "applicant": chance.choice(office.households).head_name,
        "aid_category": chance.choice(("低保", "特困", "低保边缘", "临时救助")),
        "step": chance.choice(("受理", "材料补正", "公示", "归档")),
        "complete": chance.choice(("是", "否")),
    }


def _survey(office: _Office, turn: int, texts: Mapping[str, str], chance: random.Random) -> Cells:
    return {
        "people": office.people(chance.randrange(1000)),
        "survey_type": "新增申请",
        "application": f"示例受{turn:05d}",
        "locality": office.place(chance.randrange(1000)),
        "applicant": chance.choice(office.households).head_name,
        "members": chance.randint(1, 6),
        "monthly_income": chance.randint(200, 1200),
        "conclusion": chance.choice(("符合", "不符合", "待补充")),
    }


def _patrol(office: _Office, turn: int, texts: Mapping[str, str], chance: random.Random) -> Cells:
    return {
        "people": office.people(turn),
        "locality": office.place(turn),
        "households_visited": chance.randint(1, 12),
        "situation": texts["patrol"],
        "leads": chance.randint(0, 2),
    }


def _data(office: _Office, turn: int, texts: Mapping[str, str], chance: random.Random) -> Cells:
    return {
        "people": office.people(turn),
        "task": chance.choice(("数据收集", "数据更新", "数据核对", "数据上报")),
        "platform": "救助信息平台",
        "items": chance.randint(5, 200),
    }


def _publicity(
    office: _Office, turn: int, texts: Mapping[str, str], chance: random.Random
) -> Cells:
    return {
        "people": office.people(turn),
        "locality": office.place(turn),
        "form": chance.choice(("入户宣讲", "集市宣传", "宣传栏")),
        "audience": chance.randint(5, 60),
        "handouts": chance.randint(5, 60),
        "content": texts["publicity"],
    }


def _campaign(office: _Office, turn: int, texts: Mapping[str, str], chance: random.Random) -> Cells:
    household = office.households[turn % len(office.households)]
    return {
        "people": office.people(chance.randrange(1000)),
        "household": household.code,
        "head_name": household.head_name,
        "explained": "是",
        "hardship": texts["hardship"],
        "problem": texts["problem"],
        "problem_category": chance.choice(("医疗", "教育", "住房")),
        "follow_up": texts["follow_up"],
    }


def _elder(office: _Office, turn: int, texts: Mapping[str, str], chance: random.Random) -> Cells:
    elder = office.elders[turn % len(office.elders)]
    return {
        "people": office.people(chance.randrange(1000)),
        "elder": elder.code,
        "elder_name": elder.name,
        "living": chance.choice(("良好", "一般", "较差")),
        "health": chance.choice(("良好", "一般", "较差")),
        "safety": "安全",
        "care": "落实",
        "problem": texts["elder_problem"],
        "handling": texts["elder_handling"],
    }


def _other(office: _Office, turn: int, texts: Mapping[str, str], chance: random.Random) -> Cells:
    remark: Cells = {"remark": texts["remark"]} if chance.random() < _REMARKS else {}
    return {
        "people": office.people(turn),
        "task": texts["other_task"],
        "outcome": texts["outcome"],
        **remark,
    }


_REMARKS = 0.1  # the share of rows with one
# The cells of a kind's row besides its day, by field slug: on one day no two turns are one entry.
_KINDS: Mapping[str, Callable[[_Office, int, Mapping[str, str], random.Random], Cells]] = {
    "case_handling": _case,
    "home_survey": _survey,
    "patrol": _patrol,
    "data_work": _data,
    "publicity": _publicity,
    "campaign": _campaign,
    "elder_check": _elder,
    "other_task": _other,
}
