"""The pieces of the page of the staff: person-days by item and by month, a month day by day.

What is read is kept by staff codes; names are put beside them only where they are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import streamlit as st

from lib.access import masked_name, may_record, sees_full_names
from lib.contract import PersonDays
from lib.kpi import people
from lib.kpi.selection import PERSON_DAYS, Selection
from lib.logs import LOG_KINDS
from lib.periods import Month, days_of, months_of
from lib.ui import choices, links, matrix, parts, pieces, reads
from lib.ui.links import Link
from lib.ui.matrix import Cell, Row
from lib.ui.navigation import NotFoundError
from lib.ui.parts import Tile
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.contract import Item
    from lib.kpi.people import Worked
    from lib.kpi.workdays import Workdays
    from lib.rosters import Roster, Staff

_NOBODY_NAMED = 5  # so many codes are named in a note, the rest counted
_MANY_ENTRIES = 4  # a day of so many entries is the darkest
_WEEKDAYS = "一二三四五六日"
_VIEWS = {"items": "各项人天", "months": "各月人天", "days": "本月逐日"}


@dataclass(frozen=True)
class Shown:
    """The staff that are shown, to whom, as of which day, and what all of them worked."""

    viewer: Viewer
    roster: Roster
    team: str
    day: date
    worked: Worked

    @property
    def staff(self) -> Sequence[Staff]:
        """The team's people, or all of them, team after team."""
        teams = [self.team] if self.team else self.roster.teams
        listed = self.roster.staff.values()
        return [person for team in teams for person in listed if person.team == team]

    @property
    def is_everybody(self) -> bool:
        """Whether no team is chosen, so that sums are those of the whole contract."""
        return not self.team

    def team_cells(self, text: str) -> list[str]:
        """The column of teams, left out where all are of one."""
        return [text] if self.is_everybody else []

    def sum(self, by: Mapping[tuple[str, str], Fraction], column: str = "") -> Fraction:
        """The shown people's person-days of an item or month, or of all of them."""
        codes = {person.code for person in self.staff}
        return _sum(
            days for (code, name), days in by.items() if code in codes and column in {"", name}
        )

    def label(self, person: Staff) -> str:
        """Code and name of a person, masked for those who need not know it; whether on post."""
        full = sees_full_names(self.viewer) or may_record(self.viewer, (person.code,), self.roster)
        name = person.name if full else masked_name(person.name)
        away = "（未到岗）" if self.day < person.on_post_on else "（已离岗）"
        return f"{person.code} {name}{'' if self.day in person.on_post else away}"


def asked(viewer: Viewer, roster: Roster) -> str:
    """The team that the address asks for, empty for all; a team lead has only the own one."""
    wanted = st.query_params.get("team", "")
    if wanted and wanted not in ((viewer.team,) if viewer.team else roster.teams):
        raise NotFoundError
    return viewer.team or wanted


def choose(viewer: Viewer, roster: Roster) -> str:
    """The team chosen among all, kept in the address."""
    if viewer.team or len(roster.teams) == 1:
        return viewer.team or ""
    return choices.one_of("team", "小组", {"": "全部小组", **{t: t for t in roster.teams}})


def looked_at(viewer: Viewer, team: str, day: date) -> None:
    """The team's people at a glance, and the table that the address asks for."""
    pieces.kept(_glance, viewer, team, day)
    pieces.kept(_table, viewer, team, day, choices.pills("show", "查看", _VIEWS))


def _shown(viewer: Viewer, team: str, day: date) -> Shown:
    return Shown(viewer, reads.roster(), team, day, reads.of(people.worked, day))


def _table(viewer: Viewer, team: str, day: date, show: str) -> None:
    draw = {"items": by_item, "months": by_month, "days": by_day}[show]
    draw(_shown(viewer, team, day))


def _glance(viewer: Viewer, team: str, day: date) -> None:
    """How many are on post, what they worked, and of whom nothing came this month."""
    shown, month = _shown(viewer, team, day), str(Month.of(day))
    on_post = [person for person in shown.staff if shown.day in person.on_post]
    idle = [each.code for each in on_post if (each.code, month) not in shown.worked.by_month]
    parts.tiles(
        [
            Tile("在岗人员", f"{len(on_post):,}", "人", shown.team or "全部小组"),
            Tile("累计人天", _total(shown, shown.sum(shown.worked.by_month)), "人天"),
            Tile("本月人天", _total(shown, shown.sum(shown.worked.by_month, month), month), "人天"),
            Tile("本月尚无记录", f"{len(idle):,}", "人", _named(idle)),
        ]
    )


def _named(codes: Sequence[str]) -> str:
    """Whose logs are to be asked for; the first few by their codes."""
    if not codes:
        return "在岗的人都有记录"
    more = f"等 {len(codes)} 人" if len(codes) > _NOBODY_NAMED else ""
    return f"请催报：{'、'.join(codes[:_NOBODY_NAMED])}{more}"


def _total(shown: Shown, days: Fraction, month: str = "") -> str | Link:
    """A sum over the people shown; a way in where these are all, whom a selection can name."""
    wanted = Selection(month=month, amount=PERSON_DAYS)
    return _way(days, wanted if shown.is_everybody else None, shown.day)


def _way(days: Fraction, wanted: Selection | None, day: date) -> str | Link:
    """Person-days, a link to their rows where there are any."""
    text = parts.quantity(days)
    return Link(text, links.to_rows(wanted, day)) if days and wanted else text


def by_item(shown: Shown) -> None:
    """People × items, in person-days; for all people, what is due and contracted below."""
    items = office().contract.item
    pieces.draw(
        '<p class="summary">单位：人天。一人一天最多计 1 人天，同一天做几项就平分。'
        "点数字看记录。</p>"
    )
    rows = [_item_row(shown, person, items) for person in shown.staff]
    sums = [
        _way(
            shown.sum(shown.worked.by_item, item.code),
            _of_item(item) if shown.is_everybody else None,
            shown.day,
        )
        for item in items
    ]
    rows.append(_sum_row(shown, _total(shown, shown.sum(shown.worked.by_item)), sums))
    if shown.is_everybody:
        rows += _quota_rows(shown.day, items)
    headings = [*shown.team_cells("小组"), "合计", *(item.name for item in items)]
    matrix.matrix("每人各项人天", "服务人员", headings, rows)


def _of_item(item: Item, staff: str = "") -> Selection:
    """The entries of an item; by kind where it has no quota, and so no figure."""
    if item.person_days is None:
        return Selection(kind=item.code, staff=staff, amount=PERSON_DAYS)
    return Selection(figure=item.code, staff=staff)


def _item_row(shown: Shown, person: Staff, items: Sequence[Item]) -> Row:
    found = [shown.worked.by_item.get((person.code, item.code), Fraction(0)) for item in items]
    most = max(shown.worked.by_item.values(), default=Fraction(1))
    cells = [
        Cell(
            _way(days, _of_item(item, person.code), shown.day),
            matrix.shade(float(days / most)),
        )
        for item, days in zip(items, found, strict=True)
    ]
    return _person_row(shown, person, _sum(found), cells)


def _person_row(shown: Shown, person: Staff, whole: Fraction, cells: Sequence[Cell]) -> Row:
    wanted = Selection(staff=person.code, amount=PERSON_DAYS)
    total = Cell(_way(whole, wanted, shown.day))
    return Row(shown.label(person), [*map(Cell, shown.team_cells(person.team)), total, *cells])


def _sum_row(shown: Shown, whole: str | Link, sums: Sequence[str | Link]) -> Row:
    name = "合计" if shown.is_everybody else "本组合计"
    return Row(name, [*map(Cell, shown.team_cells("")), Cell(whole), *map(Cell, sums)])


def _quota_rows(day: date, items: Sequence[Item]) -> Iterable[Row]:
    """What is due by the day and what the contract has of each item; blank without a quota."""
    lines = [line.figure for line in reads.overview(day).lines]
    quotas = {f.obligation.code: f for f in lines if isinstance(f.obligation, PersonDays)}
    for name, held in (("应达", "due"), ("合同", "required")):
        amounts = [
            getattr(quotas[item.code], held) if item.code in quotas else None for item in items
        ]
        whole = parts.quantity(_sum(amount for amount in amounts if amount is not None))
        texts = ["—" if amount is None else parts.quantity(amount) for amount in amounts]
        yield Row(name, [Cell(""), Cell(whole), *map(Cell, texts)])


def by_month(shown: Shown) -> None:
    """People × months begun, in person-days, above the working days gone by."""
    months = [m for m in months_of(office().contract.period) if m.first <= shown.day]
    workdays = reads.overview(shown.day).workdays
    pieces.draw(
        '<p class="summary">单位：人天，每人每天最多 1 人天。'
        "空格是不在岗的月份，最后一行是已过的工作日。</p>"
    )
    rows = [_month_row(shown, person, months, workdays) for person in shown.staff]
    sums = [
        _total(shown, shown.sum(shown.worked.by_month, str(month)), str(month)) for month in months
    ]
    rows.append(_sum_row(shown, _total(shown, shown.sum(shown.worked.by_month)), sums))
    elapsed = [Cell(str(workdays.in_month(month)[0])) for month in months]
    rows.append(
        Row(
            "已过工作日",
            [*map(Cell, shown.team_cells("")), Cell(str(workdays.elapsed)), *elapsed],
        )
    )
    headings = [*shown.team_cells("小组"), "合计", *map(str, months)]
    matrix.matrix("每人各月人天", "服务人员", headings, rows)


def _month_row(shown: Shown, person: Staff, months: Sequence[Month], workdays: Workdays) -> Row:
    found = [shown.worked.by_month.get((person.code, str(month)), Fraction(0)) for month in months]
    cells = [
        _month_cell(person, month, days, workdays, shown.day)
        for month, days in zip(months, found, strict=True)
    ]
    return _person_row(shown, person, _sum(found), cells)


def _month_cell(
    person: Staff, month: Month, days: Fraction, workdays: Workdays, as_of: date
) -> Cell:
    left = person.left_on is not None and person.left_on < month.first
    if not days and (left or person.on_post_on > month.last):
        return Cell("")
    wanted = Selection(staff=person.code, month=str(month), amount=PERSON_DAYS)
    part = days / max(workdays.in_month(month)[1], 1)
    return Cell(_way(days, wanted, as_of), matrix.shade(float(part)))


def by_day(shown: Shown) -> None:
    """People × days of the as-of day's month: how many entries, and which days are off."""
    month, contract = Month.of(shown.day), office().contract
    pieces.draw(
        f'<p class="summary">{month}：数字是当天的记录条数，点开看记录。“休”是休息日，'
        "“班”是调休上班；空格是休息日无记录、还没到的日子或不在岗。用“上月”“下月”换月份。</p>"
    )
    days = [day for day in days_of(contract.period) if Month.of(day) == month]
    working = frozenset(reads.overview(shown.day).workdays.working)
    found = reads.of(people.entries_by_day, shown.day, month)
    rows = [
        Row(
            shown.label(person),
            [_day_cell(shown, person, day, found, is_off=day not in working) for day in days],
        )
        for person in shown.staff
    ]
    matrix.matrix("每人逐日记录", "服务人员", [_day_heading(day, working) for day in days], rows)


def _day_heading(day: date, working: frozenset[date]) -> str:
    """The day, its weekday, and what is out of the ordinary about it: three short lines."""
    weekday = day.weekday()
    is_weekend = weekday >= _WEEKDAYS.index("六")
    off = "休" if day not in working else "班" if is_weekend else ""
    return f"{day.day}\n{_WEEKDAYS[weekday]}\n{off}"


def _day_cell(
    shown: Shown,
    person: Staff,
    day: date,
    found: Mapping[tuple[str, date], Mapping[str, int]],
    *,
    is_off: bool,
) -> Cell:
    kinds = found.get((person.code, day))
    if kinds:
        number = sum(kinds.values())
        told = "、".join(f"{LOG_KINDS[kind].sheet} {count} 条" for kind, count in kinds.items())
        address = links.to_rows(Selection(staff=person.code, day=str(day)), shown.day)
        return Cell(Link(str(number), address, told), matrix.shade(number / _MANY_ENTRIES))
    if is_off or day > shown.day or day not in person.on_post:
        return Cell("")
    return Cell("0", 0)


def _sum(days: Iterable[Fraction]) -> Fraction:
    return sum(days, Fraction(0))
