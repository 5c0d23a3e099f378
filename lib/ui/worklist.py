"""The worklist's pieces: where to go next, what is owed by when, and village by village."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib.access import Role, may_upload
from lib.contract import Cases, Coverage
from lib.kpi import owed as kpi_owed
from lib.kpi import worklist
from lib.kpi.figures import is_indicator
from lib.kpi.selection import Selection
from lib.kpi.workdays import workdays
from lib.logs import LOG_KINDS
from lib.logs.columns import SUBJECTS
from lib.periods import end_of
from lib.store import promises
from lib.store.engine import reading
from lib.ui import choices, links, paging, parts, pieces, reads
from lib.ui.links import Link, content
from lib.ui.resources import office
from lib.ui.routes import PREFILLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.contract import Obligation
    from lib.kpi.names import Names
    from lib.kpi.owed import Owed
    from lib.kpi.workdays import Workdays
    from lib.kpi.worklist import Due, Trip
    from lib.rosters import Roster
    from lib.store.promises import Promise

ALL = "all"
_STYLE = Path(__file__).with_name("worklist.css")
_FIRST = 5  # places named as those to go to first
_A_PAGE = 20  # villages
_LITTLE = Fraction(1, 10)
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Shown:
    """What is looked at: whose places (a team's, or ALL), as of which day; and by whom.

    `promised` are the trips of those teams from the as-of day on.
    """

    viewer: Viewer
    day: date
    team: str
    promised: tuple[Promise, ...]

    @cached_property
    def roster(self) -> Roster:
        """The rosters."""
        return reads.roster()

    @cached_property
    def names(self) -> Names:
        """Whose names the viewer sees in full."""
        return reads.names(self.viewer, self.day)

    @cached_property
    def everything(self) -> Sequence[Owed]:
        """What is owed anywhere."""
        found: Sequence[Owed] = reads.of(kpi_owed.owed, self.day)
        return found

    @cached_property
    def days(self) -> Workdays:
        """The contract's working days."""
        found: Workdays = reads.of(workdays, self.day)
        return found

    @cached_property
    def owed(self) -> Sequence[Owed]:
        """What is owed in the places looked at."""
        if self.team == ALL:
            return self.everything
        return worklist.of_team(self.everything, self.names.teams, self.team)

    @cached_property
    def trips(self) -> Sequence[Trip]:
        """The same, place by place."""
        return worklist.trips(self.owed)

    @cached_property
    def week(self) -> Sequence[date]:
        """The working days to come of the week of the next one."""
        return worklist.next_week(self.days)

    def is_mine(self, team: str) -> bool:
        """Whether what is a team's is looked at."""
        return self.team in {ALL, team}

    def place(self, code: str | None) -> str | Link:
        """A locality's name, which leads to its page."""
        if code is None:
            return "未写村（社区）"
        name = self.roster.localities[code].name
        return Link(name, links.to("locality", code=code, as_of=self.day))

    def planned_for(self, day: date) -> Sequence[str]:
        """The localities promised for a day."""
        return [each.locality for each in self.promised if each.day == day]


def style() -> None:
    """The shapes of this page, on the screen and on paper."""
    st.html(_STYLE)


def chosen(viewer: Viewer, day: date) -> Shown:
    """The places that the address asks for: for a team lead the own team's, else all."""
    here = office()
    with reading(here.engine) as connection:
        ahead = promises.ahead(connection, here.stored.id, day, end_of(day))
    teams = _teams(viewer, reads.roster(), reads.names(viewer, day).teams)
    team = choices.one_of("team", "小组", teams)
    return Shown(viewer, day, team, tuple(each for each in ahead if team in {ALL, each.team}))


def _teams(viewer: Viewer, roster: Roster, assigned: Mapping[str, str]) -> Mapping[str, str]:
    """The choices, the viewer's own first."""
    teams = dict.fromkeys([*roster.teams, *assigned.values()])
    options = {ALL: "全部小组", **{team: f"{team}及未分工的村" for team in teams}}
    own = viewer.team if viewer.role is Role.TEAM_LEAD else None
    first = {own: f"{own}（本组）及未分工的村"} if own else {}
    return {**first, **{code: words for code, words in options.items() if code != own}}


def ways(shown: Shown) -> None:
    """Where a team lead goes on from here: what to take along, and to what was done."""
    if may_upload(shown.viewer):
        parts.ways(
            ("下载预填的工作簿", PREFILLED.removeprefix("/")),
            ("上传日志", links.to("upload")),
            ("快速录入", links.to("quick_entry")),
        )


def day_name(day: date) -> str:
    """A day as it is called here: 11-26（周四）."""
    return f"{day:%m-%d}（周{_WEEKDAYS[day.weekday()]}）"


def next_trip(shown: Shown) -> None:
    """Where to go on the next working day: where it is promised, else where it presses most."""
    pressing = worklist.pressing(shown.trips)
    if not pressing:
        pieces.success("这里已经没有还欠的走访。")
        return
    if not shown.week:
        pieces.info(f"截至 {shown.day}，合同期内已没有工作日；下面是仍然欠着的。")
        return
    planned = dict.fromkeys(shown.planned_for(shown.week[0]))
    urgent = [trip for trip in pressing if trip.urgent and trip.locality not in planned]
    if planned:
        names = "、".join(content(shown.place(code)) for code in planned)
        words, rest = f"计划去：{names}", _also_urgent(shown, urgent)
    else:
        words = f"建议先去：{'、'.join(_named(shown, trip) for trip in pressing[:_FIRST])}"
        rest = ""
    pieces.draw(
        f'<div class="headline{" watch" if urgent else ""}" role="status">'
        f"{day_name(shown.week[0])}{words}<small>{rest}{_what_is_urgent()}</small></div>"
    )


def _also_urgent(shown: Shown, urgent: Sequence[Trip]) -> str:
    names = "、".join(_named(shown, trip) for trip in urgent[:_FIRST])
    return f"没有计划而有急事的：{names}。" if urgent else ""


def _named(shown: Shown, trip: Trip) -> str:
    """A place, and how much there is urgent."""
    urgent = f"（急 {trip.urgent}）" if trip.urgent else ""
    return f'<span class="where">{content(shown.place(trip.locality))}{urgent}</span>'


def _what_is_urgent() -> str:
    limits = office().contract.thresholds
    return (
        f"“急”是老人或村（社区）超过 {limits.not_seen_days} 天未走访，"
        f"申请受理超过 {limits.inquiry_within_working_days} 个工作日未调查。"
    )


def sums(shown: Shown) -> None:
    """What is owed in all, and by the teams."""
    _dues(shown)
    _teams_owe(shown)


def _dues(shown: Shown) -> None:
    """What is still owed of each kind, what this week and each working day must bring."""
    found = worklist.dues(office().contract, shown.owed, shown.days)
    if not found:
        pieces.info("本合同没有要逐一走访的事项。")
        return
    pieces.heading("还欠多少")
    parts.listing([_due(shown, due) for due in found])
    pieces.note("户和老人按名册算，按剩下的工作日平均分；一周的份额向上取整，做到就不落后。")


def _due(shown: Shown, due: Due) -> Mapping[str, str | Link]:
    each, by_week = due.obligation, due.by(shown.week)
    name = f"{each.name}（管理指标）" if is_indicator(each) else each.name
    return {
        "事项": Link(name, links.to_subject(each, shown.day)),
        "还欠": f"{due.owed:,} {each.unit}",
        "急": f"{due.urgent:,}",
        _week_name(shown): "—" if by_week is None else f"{by_week:,}",
        "每个工作日须": _pace(due),
        "期限": _term(due),
    }


def _pace(due: Due) -> str:
    """What a working day must bring; little is not nothing."""
    if due.per_day is None:
        return "—"
    is_little = 0 < due.per_day < _LITTLE
    return f"不到 {parts.quantity(_LITTLE)}" if is_little else parts.quantity(due.per_day)


def _week_name(shown: Shown) -> str:
    """What the week's column is called, with the last of its working days."""
    if not shown.week:
        return "本周须完成"
    last = shown.week[-1]
    same = last.isocalendar()[:2] == shown.day.isocalendar()[:2]
    return f"{'本周' if same else '下周'}（到 {last:%m-%d}）须完成"


def _term(due: Due) -> str:
    """By when it is owed, and the working days left until then."""
    if due.left is None:
        limit = office().contract.thresholds.inquiry_within_working_days
        return f"受理后 {limit} 个工作日内"
    whole = "合同" if isinstance(due.obligation, Coverage) else "本月"
    return f"{whole}剩 {len(due.left)} 个工作日" if due.left else f"{whole}已无工作日"


def _teams_owe(shown: Shown) -> None:
    """When all are looked at: what is owed in each team's places."""
    found = worklist.by_team(shown.owed, shown.names.teams)
    if shown.team != ALL or not shown.names.teams:
        return
    pieces.heading("各组还欠")
    owing = [each for each in office().contract.obligation if isinstance(each, worklist.OWING)]
    listed = [team for team in (*shown.roster.teams, *found) if team in found]
    parts.listing([_team(shown, team, found[team], owing) for team in dict.fromkeys(listed)])


def _team(
    shown: Shown, team: str, found: Mapping[str, int], owing: Iterable[Obligation]
) -> Mapping[str, str | Link]:
    address = links.to("worklist", team=team, as_of=shown.day)
    return {
        "小组": Link(team, address) if team else "未分工的村（社区）",
        **{each.name: f"{found.get(each.code, 0):,} {each.unit}" for each in owing},
    }


def villages(shown: Shown) -> None:
    """A page of the places with something owed."""
    number = len(shown.trips)
    if number:
        page = paging.asked("page", number, _A_PAGE)
        pieces.kept(_villages, shown, page)
        paging.ways("worklist", "page", page, number, _A_PAGE)


def _villages(shown: Shown, page: int) -> None:
    """Each folded; what is owed there, the urgent first."""
    pieces.heading("逐村清单")
    listed = shown.trips[_A_PAGE * (page - 1) : _A_PAGE * page]
    pieces.draw(f"<div>{''.join(_village(shown, trip) for trip in listed)}</div>")


def _village(shown: Shown, trip: Trip) -> str:
    """A place's lines, opened where a trip is planned."""
    place = shown.place(trip.locality)
    name = place if isinstance(place, str) else place.text
    days = sorted({each.day for each in shown.promised if each.locality == trip.locality})
    planned = "".join(f'<span class="plan">计划 {day:%m-%d}</span>' for day in days)
    urgent = f"<b>▲ 急 {trip.urgent}</b>" if trip.urgent else ""
    way = f"<p>{place.markup}的各项情况</p>" if isinstance(place, Link) else ""
    lines = parts.table([{**line(shown, each), **_entering(shown, each)} for each in trip.owed])
    return (
        f'<details class="village"{" open" if days else ""}><summary><span class="name">'
        f"{escape(name)}</span>{urgent}{planned}<span>{escape(summed(trip))}</span></summary>"
        f"{way}{lines}</details>"
    )


def summed(trip: Trip) -> str:
    """How much of what is owed in a place."""
    obligations = {each.code: each for each in office().contract.obligation}
    return " · ".join(
        f"{obligations[code].name} {number} {obligations[code].unit}"
        for code, number in trip.times.items()
    )


def line(shown: Shown, each: Owed) -> Mapping[str, str | Link]:
    """Who or what it is, what is to be done there, and since when."""
    obligation = next(o for o in office().contract.obligation if o.code == each.figure)
    more = f"，还差 {each.times} 次" if each.times > 1 else ""
    days = "—" if each.days is None else f"{each.days} 天"
    return {
        "对象": _subject(shown, each, obligation),
        "事项": f"{obligation.name}{more}",
        "上次": _since(each, obligation),
        "已过": f"▲ 急，{days}" if each.urgent else days,
    }


def _entering(shown: Shown, each: Owed) -> Mapping[str, Link]:
    """For those who record: the form that answers the line, with the subjects that it takes."""
    if not may_upload(shown.viewer):
        return {}
    columns = LOG_KINDS[each.kind].by_slug
    given = {slug: getattr(each, slug) for slug in SUBJECTS if slug in columns}
    return {"录入": Link("记一次", links.to("quick_entry", kind=each.kind, **given))}


def _since(each: Owed, obligation: Obligation) -> str:
    if each.since is None:
        return "从未"
    return f"{each.since} 受理" if isinstance(obligation, Cases) else str(each.since)


def _subject(shown: Shown, each: Owed, obligation: Obligation) -> str | Link:
    if each.elder:
        name = shown.names.of_elder(shown.roster.elders[each.elder])
        return Link(f"{each.elder} {name}", links.to("elder", code=each.elder, as_of=shown.day))
    if each.household:
        name = shown.names.of_household(shown.roster.households[each.household])
        return f"{each.household} {name}"
    if each.application:
        wanted = Selection(figure=obligation.code, state="waiting", application=each.application)
        return Link(each.application, links.to_rows(wanted, shown.day))
    return "本村（社区）走访"
