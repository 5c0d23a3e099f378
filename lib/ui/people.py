"""The pieces of the page of staff: person-days by item and month, a calendar of the month."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import streamlit as st

from lib.access import Role, masked_name, sees_full_names
from lib.kpi import people
from lib.kpi.selection import Selection
from lib.periods import Month, Period, days_of, months_of
from lib.ui import choices, links, matrix, parts, reads
from lib.ui.links import Link, linked
from lib.ui.matrix import Cell, Row, shade
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.contract import Item
    from lib.rosters import Roster, Staff

_BUSY = 5  # entries in a day from which a cell is as dark as it gets
_WEEKDAYS = "一二三四五六日"


def shown(viewer: Viewer, roster: Roster) -> Sequence[Staff]:
    """The staff to show: a team lead's own team, else those of the team in the address."""
    teams = list(dict.fromkeys(member.team for member in roster.staff.values()))
    team = viewer.team if viewer.role is Role.TEAM_LEAD else ""
    if viewer.role is not Role.TEAM_LEAD and len(teams) > 1:
        team = choices.pills("team", "小组", {"": "全部小组", **{name: name for name in teams}})
    return [member for member in roster.staff.values() if team in {"", member.team}]


def _name(viewer: Viewer, member: Staff, day: date) -> str:
    known = sees_full_names(viewer) or viewer.team == member.team
    name = member.name if known else masked_name(member.name)
    left = "（已离岗）" if member.left_on and member.left_on < day else ""
    return f"{member.code} {name}{left}"


def by_item(viewer: Viewer, staff: Sequence[Staff], day: date) -> None:
    """Person-days of each member by item, and in all."""
    st.subheader("各项人天", anchor=False)
    st.caption("一人一天最多算 1 人天；一天做几项的，平分给各项。点开看记录。")
    items = office().contract.item
    days = reads.of(people.by_item, day)
    rows = [
        Row(
            _name(viewer, member, day),
            [
                *(_item(member, item, days, day) for item in items),
                Cell(parts.quantity(_whole(member, days))),
            ],
        )
        for member in staff
    ]
    matrix.matrix("各项人天", "服务人员", [*(item.name for item in items), "合计"], rows)


def _item(member: Staff, item: Item, days: Mapping[tuple[str, str], Fraction], day: date) -> Cell:
    value = days.get((member.code, item.code), Fraction(0))
    address = ""
    if value and item.person_days:
        address = links.to_rows(Selection(figure=item.code, staff=member.code), day)
    largest = max(days.values(), default=Fraction(0))
    level = shade(float(value / largest) if largest else 0)
    return Cell(linked(parts.quantity(value), address), level)


def _whole(member: Staff, days: Mapping[tuple[str, str], Fraction]) -> Fraction:
    return sum((value for (code, _), value in days.items() if code == member.code), Fraction(0))


def by_month(viewer: Viewer, staff: Sequence[Staff], day: date) -> None:
    """Days worked by each member, by month."""
    st.subheader("各月人天", anchor=False)
    months = [str(m) for m in months_of(office().contract.period) if m.first <= day]
    days = reads.of(people.by_month, day)
    rows = [
        Row(
            _name(viewer, member, day),
            [_month(days.get((member.code, month), Fraction(0))) for month in months],
        )
        for member in staff
    ]
    matrix.matrix("各月人天", "服务人员", months, rows)


def _month(value: Fraction) -> Cell:
    return Cell(parts.quantity(value), shade(float(value) / 23))  # a month's most working days


def calendar(viewer: Viewer, staff: Sequence[Staff], day: date) -> None:
    """The month's days: how many entries each member has; days off are marked."""
    month = Month.of(day)
    st.subheader(f"{month} 日历", anchor=False)
    st.caption("格内是当天的记录条数；“休”是非工作日。")
    working = set(reads.overview(day).workdays.working)
    period = office().contract.period
    days = [each for each in days_of(Period(month.first, month.last)) if each in period]
    heads = [
        f"{each.day}{'' if each in working else '休'} {_WEEKDAYS[each.weekday()]}" for each in days
    ]
    counts = reads.of(people.entries_by_day, day)
    rows = [
        Row(_name(viewer, member, day), [_day(member, each, counts, day) for each in days])
        for member in staff
    ]
    matrix.matrix(f"{month} 日历", "服务人员", heads, rows)


def _day(member: Staff, each: date, counts: Mapping[tuple[str, date], int], as_of: date) -> Cell:
    number = counts.get((member.code, each), 0)
    if not number:
        return Cell("")
    wanted = Selection(staff=member.code, day=each.isoformat())
    return Cell(Link(str(number), links.to_rows(wanted, as_of)), shade(number / _BUSY))
