"""Spec §3 and §4 once more, slow and plain: acts replayed one by one, figures by sets and loops.

Written from the spec alone; nothing of the product is imported, so that the two can disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import chinese_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Cells = Mapping[str, Any]

# Spec §3: sheet by kind, and the headings that make two rows the same entry.
KINDS = {
    "case_handling": ("业务协办", ("日期", "受理编号", "办理环节")),
    "home_survey": ("家计调查", ("日期", "调查类型", "受理编号 or 户编号")),
    "patrol": ("对象排查", ("日期", "村(社区)", "服务人员")),
    "data_work": ("网络管理", ("日期", "服务人员", "工作内容", "平台名称")),
    "archive_work": ("档案管理", ("日期", "服务人员", "地点", "档案类别", "环节")),
    "training": ("业务培训", ("日期", "主题")),
    "publicity": ("政策宣传", ("日期", "服务人员", "村(社区)", "宣传形式")),
    "campaign": ("专项行动", ("日期", "户编号")),
    "elder_check": ("特困老人核查", ("日期", "特困人员编号")),
    "other_task": ("其他工作", ("日期", "服务人员", "工作内容")),
}
KIND_OF_SHEET = {sheet: kind for kind, (sheet, _) in KINDS.items()}


@dataclass
class Change:
    """What a receipt did to an entry: people, cells and whether it counted before; None: new."""

    receipt: int
    before: tuple[frozenset[str], dict[str, Any], bool] | None


@dataclass
class Fact:
    """One entry: what its latest version says, and whether it counts.

    `changes` are those of receipts that are not undone, the last one at the end.
    """

    kind: str
    day: date
    people: frozenset[str]
    cells: dict[str, Any]
    effective: bool = True
    changes: list[Change] = field(default_factory=list)

    def put(self, receipt: int, people: frozenset[str], cells: dict[str, Any]) -> None:
        """Let it say something else from a receipt on, and count."""
        self.changes.append(Change(receipt, (self.people, self.cells, self.effective)))
        self.people, self.cells, self.effective = people, cells, True


@dataclass
class Ledger:
    """Rosters by sheet and code, entries in the order in which they came, receipts by number.

    A receipt is "posted", "undone" or "undoing".
    """

    terms: Mapping[str, Any]
    rosters: dict[str, dict[str, Cells]] = field(default_factory=dict)
    entries: list[Fact] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)

    def import_rosters(self, listed: Mapping[str, Mapping[str, Cells]]) -> None:
        """Members that are listed are entered or changed; the others stay."""
        for sheet, members in listed.items():
            self.rosters.setdefault(sheet, {}).update(members)

    def post(
        self, books: Sequence[Mapping[str, Sequence[Cells]]], *, restoring: bool = False
    ) -> list[list[str]]:
        """What becomes of each row of each book, posted in one go.

        `restoring`: rows that were withdrawn and say the same count again.
        """
        read = [
            [self._read(KIND_OF_SHEET[sheet], row) for sheet, rows in book.items() for row in rows]
            for book in books
        ]
        valid = [fact for facts in read for fact in facts if fact]
        seen: set[tuple[Any, ...]] = set()
        held = {key_of(fact): fact for fact in self.entries}
        posted = []
        for facts in read:
            posted.append(
                [self._post_row(fact, valid, seen, held, restoring=restoring) for fact in facts]
            )
            if {"new", "corrected"} & set(posted[-1]):
                self.receipts.append("posted")
        return posted

    def _post_row(
        self,
        new: Fact | None,
        valid: Sequence[Fact],
        seen: set[tuple[Any, ...]],
        held: dict[tuple[Any, ...], Fact],
        *,
        restoring: bool,
    ) -> str:
        if new is None:
            return "refused"
        key = key_of(new)
        if any(key_of(other) == key and not says_the_same(other, new) for other in valid):
            return "refused"
        if key in seen:
            return "unchanged"
        seen.add(key)
        receipt = len(self.receipts) + 1
        if key not in held:
            new.changes.append(Change(receipt, None))
            self.entries.append(new)
            return "new"
        if says_the_same(held[key], new) and not (restoring and not held[key].effective):
            return "unchanged"
        held[key].put(receipt, new.people, new.cells)
        return "corrected"

    def _read(self, kind: str, row: Cells) -> Fact | None:
        """The row as a fact; None when spec §3 refuses it."""
        day = row["日期"]
        codes = {member["姓名"]: code for code, member in self.rosters["服务人员"].items()}
        people = frozenset(codes[name] for name in row["服务人员"].split("、"))
        staff = [self.rosters["服务人员"][code] for code in people]
        on_post = all(within(day, member, "到岗日期", "离岗日期") for member in staff)
        elder = row.get("特困人员编号")
        present = elder is None or within(
            day, self.rosters["特困人员"][elder], "纳入日期", "退出日期"
        )
        if not (self.terms["start"] <= day <= self.terms["end"] and on_post and present):
            return None
        cells = {h: v for h, v in row.items() if v is not None and h not in {"日期", "服务人员"}}
        return Fact(kind, day, people, cells)

    def withdraw(self, number: int) -> None:
        """Take an entry out, counted from 1 in the order in which they came."""
        self.entries[number - 1].effective = False

    def restore(self, number: int) -> None:
        """Let a withdrawn entry count again, under a receipt of its own."""
        fact = self.entries[number - 1]
        self.receipts.append("posted")
        fact.put(len(self.receipts), fact.people, fact.cells)

    def undo(self, number: int) -> bool:
        """Take back what a posted receipt changed and nothing changed since, if there is any."""
        counting = [fact for fact in self.entries if fact.effective and fact.changes]
        mine = [fact for fact in counting if fact.changes[-1].receipt == number]
        for fact in mine:
            before = fact.changes.pop().before
            fact.people, fact.cells, fact.effective = before or (fact.people, fact.cells, False)
        if mine:
            self.receipts[number - 1] = "undone"
            self.receipts.append("undoing")
        return bool(mine)


def within(day: date, member: Cells, begins: str, ends: str) -> bool:
    """Whether the day lies in the member's time on a roster."""
    return member[begins] <= day and (member.get(ends) is None or day <= member[ends])


def key_of(fact: Fact) -> tuple[Any, ...]:
    """What makes two rows the same entry."""
    values = {**fact.cells, "日期": fact.day, "服务人员": fact.people}
    parts = []
    for heading in KINDS[fact.kind][1]:
        names = heading.split(" or ")
        parts.append(next((values[name] for name in names if name in values), None))
    return (fact.kind, *parts)


def says_the_same(one: Fact, other: Fact) -> bool:
    """Whether two rows have the same contents."""
    return (one.people, one.cells) == (other.people, other.cells)


# Days.


def days(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


is_workday = cache(chinese_calendar.is_workday)


def working_days(first: date, last: date) -> list[date]:
    """The working days among them."""
    return [day for day in days(first, last) if is_workday(day)]


def month_of(day: date) -> str:
    """`YYYY-MM`."""
    return f"{day:%Y-%m}"


def days_of_month(month: str) -> list[date]:
    """All its days."""
    first = date.fromisoformat(f"{month}-01")
    return [day for day in days(first, first + timedelta(days=30)) if month_of(day) == month]


@dataclass
class Figures:
    """Every figure of a ledger as of a day."""

    ledger: Ledger
    as_of: date

    @property
    def terms(self) -> Mapping[str, Any]:
        """The contract as its file writes it."""
        return self.ledger.terms

    @property
    def start(self) -> date:
        """The contract's first day."""
        day: date = self.terms["start"]
        return day

    @property
    def end(self) -> date:
        """The contract's last day."""
        day: date = self.terms["end"]
        return day

    def at(self, as_of: date) -> Figures:
        """The same ledger as of another day."""
        return Figures(self.ledger, as_of)

    def facts(self, kind: str | None = None) -> list[Fact]:
        """Effective entries from the contract's start to the day."""
        return [
            fact
            for fact in self.ledger.entries
            if fact.effective and self.start <= fact.day <= self.as_of and kind in {None, fact.kind}
        ]

    def obligation(self, measure: str) -> Mapping[str, Any]:
        """The only obligation of that measure."""
        found: Mapping[str, Any] = next(
            o for o in self.terms["obligation"] if o["measure"] == measure
        )
        return found

    def entries(self) -> dict[str, int]:
        """Effective entries by kind."""
        return {item["code"]: len(self.facts(item["code"])) for item in self.terms["item"]}

    # Person-days.

    def shares(self) -> dict[tuple[str, date, str], Fraction]:
        """What of a person-day each person gave on each day to each item."""
        return shares(self.facts())

    def person_days(self) -> dict[str, Fraction]:
        """Person-days by item, items without any included."""
        totals = {item["code"]: Fraction(0) for item in self.terms["item"]}
        for (_, _, kind), part in self.shares().items():
            totals[kind] += part
        return totals

    def person_days_by_day(self) -> dict[tuple[date, str], Fraction]:
        """Person-days by day and item."""
        totals: dict[tuple[date, str], Fraction] = {}
        for (_, day, kind), part in self.shares().items():
            totals[day, kind] = totals.get((day, kind), Fraction(0)) + part
        return totals

    def patrol_person_days(self) -> dict[str, Fraction]:
        """Patrol person-days by locality: a person's share parted over the day's patrols."""
        totals: dict[str, Fraction] = {}
        for fact, part in self.parts("patrol"):
            place = fact.cells["村(社区)"]
            totals[place] = totals.get(place, Fraction(0)) + part
        return totals

    def parts(self, kind: str) -> list[tuple[Fact, Fraction]]:
        """The person-days of each entry of an item: its people's shares, parted over entries."""
        shares = self.shares()
        facts = self.facts(kind)
        return [
            (
                fact,
                sum(
                    (
                        shares[person, fact.day, kind]
                        / sum(other.day == fact.day and person in other.people for other in facts)
                        for person in fact.people
                    ),
                    start=Fraction(0),
                ),
            )
            for fact in facts
        ]

    def doubts(
        self, found: Sequence[tuple[str, Sequence[int]]], month: str | None = None
    ) -> dict[str, tuple[Fraction, Fraction]]:
        """Person-days in doubt by item, confirmed and undecided, of a month or of all.

        `found` are the findings: how each stands, and its entries, counted from 1 as they came.
        """
        totals: dict[str, tuple[Fraction, Fraction]] = {}
        for item in self.terms["item"]:
            confirmed = undecided = Fraction(0)
            for fact, days in self.parts(item["code"]):
                number = next(n for n, e in enumerate(self.ledger.entries, 1) if e is fact)
                states = [state for state, entries in found if number in entries]
                if month not in {None, month_of(fact.day)} or not set(states) - {"dismissed"}:
                    continue
                if "confirmed" in states:
                    confirmed += days
                else:
                    undecided += days
            if confirmed or undecided:
                totals[item["code"]] = (confirmed, undecided)
        return totals

    def elapsed(self, month: str | None = None) -> int:
        """Working days of the contract gone by, of one month if it is named."""
        return sum(
            month in {None, month_of(day)} and day <= self.as_of
            for day in working_days(self.start, self.end)
        )

    def working(self, month: str | None = None) -> int:
        """Working days of the contract, of one month if it is named."""
        return self.at(self.end).elapsed(month)

    def due(self, required: int, plan: Mapping[str, int] | None = None) -> Fraction:
        """What of a quota is due."""
        if plan is None:
            return required * Fraction(self.elapsed(), self.working())
        return sum(
            (
                amount * Fraction(self.elapsed(month), self.working(month))
                for month, amount in plan.items()
            ),
            start=Fraction(0),
        )

    def person_day_dues(self) -> dict[str, Fraction]:
        """What is due of each item that has a quota."""
        return {
            item["code"]: self.due(item["person_days"], item.get("plan"))
            for item in self.terms["item"]
            if "person_days" in item
        }

    def overall(self) -> tuple[Fraction, Fraction]:
        """Σ min(delivered, required) and Σ required over the person-day items."""
        done = self.person_days()
        quotas = {i["code"]: i["person_days"] for i in self.terms["item"] if "person_days" in i}
        delivered = sum((min(done[code], Fraction(q)) for code, q in quotas.items()), Fraction(0))
        return delivered, Fraction(sum(quotas.values()))

    # The campaign.

    def households(self) -> set[str]:
        """Households with an entry."""
        return {fact.cells["户编号"] for fact in self.facts("campaign")}

    def coverage_by_locality(self) -> dict[str, tuple[int, int]]:
        """By locality's name: its households, and those with an entry."""
        found = {}
        for place in self.ledger.rosters["村(社区)"].values():
            homes = {
                code
                for code, home in self.ledger.rosters["困难家庭"].items()
                if home["村(社区)"] == place["名称"]
            }
            found[place["名称"]] = (len(homes), len(homes & self.households()))
        return found

    def problems(self) -> tuple[int, int, int, int]:
        """Problems found, followed up, closed by the day, and open for longer than allowed."""
        found = [fact for fact in self.facts("campaign") if "发现问题" in fact.cells]
        closed = [f for f in found if "办结日期" in f.cells and f.cells["办结日期"] <= self.as_of]
        limit = self.terms["thresholds"]["problem_open_days"]
        overdue = [f for f in found if f not in closed and (self.as_of - f.day).days > limit]
        return (
            len(found),
            sum("跟进措施" in fact.cells for fact in found),
            len(closed),
            len(overdue),
        )

    # Elder checks.

    def months(self) -> list[str]:
        """The contract's months begun by the day."""
        return sorted({month_of(day) for day in days(self.start, self.as_of)})

    def visits(self, month: str) -> dict[str, tuple[int, int]]:
        """By elder with r > 0: r, and the visits done of those."""
        found = {}
        for code, elder in self.ledger.rosters["特困人员"].items():
            all_days = days_of_month(month)
            owed_on = [
                day
                for day in all_days
                if self.start <= day <= self.end and within(day, elder, "纳入日期", "退出日期")
            ]
            times = self.obligation("visits")["times_per_month"]
            required = -(-times * len(owed_on) // len(all_days))
            visited = {
                fact.day
                for fact in self.facts("elder_check")
                if fact.cells["特困人员编号"] == code and month_of(fact.day) == month
            }
            if required:
                found[code] = (required, min(required, len(visited)))
        return found

    def compliance(self) -> dict[str, tuple[int, int, int, int]]:
        """By month begun: people with r > 0, those with done = r, Σr, Σdone."""
        found = {}
        for month in self.months():
            visits = self.visits(month).values()
            if visits:
                found[month] = (
                    len(visits),
                    sum(done == required for required, done in visits),
                    sum(required for required, _ in visits),
                    sum(done for _, done in visits),
                )
        return found

    def this_month(self) -> tuple[int, int, int, int]:
        """Elders with enough, some and none of the visits; working days left in the month."""
        month = month_of(self.as_of)
        visits = self.visits(month).values()
        enough = sum(done == required for required, done in visits)
        none = sum(done == 0 for _, done in visits)
        left = self.working(month) - self.elapsed(month)
        return enough, len(visits) - enough - none, none, left

    def visits_figure(self) -> tuple[Fraction, Fraction, Fraction]:
        """Over the contract: visits owed; due by the day, months gone by in full; done."""
        required = due = Fraction(0)
        for month in self.at(self.end).months():
            owed = sum(r for r, _ in self.visits(month).values())
            required += owed
            if month in self.months():
                ended = days_of_month(month)[-1] <= self.as_of
                working = self.working(month)
                due += owed * (1 if ended else Fraction(self.elapsed(month), working))
        done = sum(done for month in self.months() for _, done in self.visits(month).values())
        return required, due, Fraction(done)

    # New applications.

    def cases(self) -> list[tuple[str, date, date | None, int]]:
        """Accepted applications: number, day, day of the survey, working days it took so far."""
        accepted = [f for f in self.facts("case_handling") if f.cells["办理环节"] == "受理"]
        surveys = [f for f in self.facts("home_survey") if f.cells["调查类型"] == "新增申请"]
        found = []
        for number in sorted({fact.cells["受理编号"] for fact in accepted}):
            on = min(f.day for f in accepted if f.cells["受理编号"] == number)
            surveyed = [f.day for f in surveys if f.cells["受理编号"] == number]
            first = min(surveyed, default=None)
            until = self.as_of if first is None else first
            found.append((number, on, first, len(working_days(on + timedelta(days=1), until))))
        return found

    # Trainings and localities.

    def trainings(self) -> list[tuple[date, str, bool]]:
        """Day, subject and whether it counts: filed on or before its day."""
        return sorted(
            (
                fact.day,
                fact.cells["主题"],
                "方案备案日期" in fact.cells and fact.cells["方案备案日期"] <= fact.day,
            )
            for fact in self.facts("training")
        )

    def patrols_by_month(self) -> dict[str, dict[str, set[date]]]:
        """Days visited by month and locality's name."""
        found: dict[str, dict[str, set[date]]] = {}
        for fact in self.facts("patrol"):
            month = found.setdefault(month_of(fact.day), {})
            month.setdefault(fact.cells["村(社区)"], set()).add(fact.day)
        return found

    def locality_states(self) -> dict[str, tuple[int, date | None, int]]:
        """By locality's name: days visited, the last of them, leads found."""
        found = {}
        for place in self.ledger.rosters["村(社区)"].values():
            name = place["名称"]
            here = [fact for fact in self.facts("patrol") if fact.cells["村(社区)"] == name]
            visited = {fact.day for fact in here}
            leads = sum(fact.cells.get("发现线索数", 0) for fact in here)
            found[name] = (len(visited), max(visited, default=None), leads)
        return found

    # Every obligation.

    def delivered(self) -> dict[str, Fraction]:
        """By obligation that has a daily rate: what is delivered."""
        done = self.person_days()
        bit_by_bit = {code: done[code] for code in self.person_day_dues()}
        return bit_by_bit | {self.obligation("coverage")["code"]: Fraction(len(self.households()))}

    def figures(self) -> list[tuple[str, str, Fraction, Fraction, Fraction]]:
        """Code, measure, required, due and delivered of every obligation, in the file's order."""
        dues, done = self.person_day_dues(), self.person_days()
        found = [
            (i["code"], "person_days", Fraction(i["person_days"]), dues[i["code"]], done[i["code"]])
            for i in self.terms["item"]
            if "person_days" in i
        ]
        for obligation in self.terms["obligation"]:
            if obligation["measure"] != "locality_months":
                numbers = self._figure(obligation)
                found.append((obligation["code"], obligation["measure"], *numbers))
        return found

    def _figure(self, obligation: Mapping[str, Any]) -> tuple[Fraction, Fraction, Fraction]:
        match obligation["measure"]:
            case "coverage":
                required = obligation["required"]
                return Fraction(required), self.due(required), Fraction(len(self.households()))
            case "visits":
                return self.visits_figure()
            case "events":
                required = obligation["required"]
                counted = sum(counts for _, _, counts in self.trainings())
                # A part of a training is never due.
                return Fraction(required), Fraction(int(self.due(required))), Fraction(counted)
            case _:
                cases = self.cases()
                surveyed = sum(first is not None for _, _, first, _ in cases)
                return Fraction(len(cases)), Fraction(len(cases)), Fraction(surveyed)

    # A month's settlement.

    def settlement(self, month: str) -> list[tuple[str, Fraction, Fraction, Fraction]]:
        """By obligation: due and delivered in the month, and what of that the contract buys."""
        last = min(days_of_month(month)[-1], self.end)
        end, begin = self.at(last), self.at(days_of_month(month)[0] - timedelta(days=1))
        dues: dict[str, Fraction] = {}
        if begin.as_of >= self.start:
            dues = {code: due for code, _, _, due, _ in begin.figures()}
        found = []
        for code, measure, required, due, to_date in end.figures():
            delivered = end.delivered_in(code, measure, month)
            room = max(required - (to_date - delivered), Fraction(0))
            found.append((code, due - dues.get(code, 0), delivered, min(delivered, room)))
        return found

    def delivered_in(self, code: str, measure: str, month: str) -> Fraction:
        """What came about in a month, from the month's own rows where that can be said of them."""
        match measure:
            case "person_days":
                days = self.person_days_by_day().items()
                return sum(
                    (part for (day, kind), part in days if kind == code and month_of(day) == month),
                    start=Fraction(0),
                )
            case "coverage":
                first: dict[str, date] = {}
                for fact in self.facts("campaign"):
                    home = fact.cells["户编号"]
                    first[home] = min(fact.day, first.get(home, fact.day))
                return Fraction(sum(month_of(day) == month for day in first.values()))
            case "visits":
                return Fraction(sum(done for _, done in self.visits(month).values()))
            case "events":
                return Fraction(
                    sum(counts and month_of(day) == month for day, _, counts in self.trainings())
                )
            case _:
                # Answered when both the acceptance and the survey are there.
                both = [max(on, first) for _, on, first, _ in self.cases() if first]
                return Fraction(sum(month_of(day) == month for day in both))

    def status(self, required: Fraction, due: Fraction, delivered: Fraction) -> str:
        """How it stands."""
        if required and delivered >= required:
            return "已完成"
        if not due:
            return "未到期"
        if delivered * 100 >= due * 95:
            return "正常"
        return "关注" if delivered * 100 >= due * 80 else "滞后"

    def pace(self, code: str, required: Fraction) -> tuple[Any, ...]:
        """Rate, projected final figure, day it is done on, and what a working day must bring."""
        recent = working_days(self.start, self.as_of)
        recent = recent[-self.terms["thresholds"]["pace_working_days"] :]
        delivered = self.delivered()[code]
        rate = Fraction(0)
        if recent:
            before = self.at(recent[0] - timedelta(days=1)).delivered()[code]
            rate = (delivered - before) / len(recent)
        left = self.working() - self.elapsed()
        missing = max(required - delivered, Fraction(0))
        done_on = self._day_when_done(missing, rate) if missing and rate else None
        return rate, delivered + rate * left, done_on, missing / left if left else None

    def _day_when_done(self, missing: Fraction, rate: Fraction) -> date | None:
        """The working day at whose end nothing is missing; the calendar knows one more year."""
        for day in working_days(self.as_of + timedelta(days=1), date(self.end.year + 1, 12, 31)):
            missing -= rate
            if missing <= 0:
                return day
        return None


def shares(facts: Iterable[Fact]) -> dict[tuple[str, date, str], Fraction]:
    """One person-day for each person and day, in equal parts for the items worked on."""
    worked: dict[tuple[str, date], set[str]] = {}
    for fact in facts:
        for person in fact.people:
            worked.setdefault((person, fact.day), set()).add(fact.kind)
    return {
        (person, day, kind): Fraction(1, len(kinds))
        for (person, day), kinds in worked.items()
        for kind in kinds
    }
