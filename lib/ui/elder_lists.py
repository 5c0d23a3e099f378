"""Elders listed: those to be visited this month, each one's months, and those in need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.kpi import elder_checks, elder_conditions
from lib.kpi.rows import Page
from lib.kpi.selection import Selection
from lib.periods import Month, months_of
from lib.ui import bars, choices, links, matrix, paging, parts, pieces, reads
from lib.ui import elder_checks as checks
from lib.ui.bars import Bar
from lib.ui.links import Link
from lib.ui.matrix import Cell, Row
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.contract import Visits
    from lib.kpi.elder_checks import Owed, Owing
    from lib.kpi.elder_conditions import Choices, Conditions, Latest
    from lib.kpi.names import Names
    from lib.rosters import Roster

_A_PAGE = 50


_PLACES = "places"
_VIEWS = {
    "owed": "本月名单",
    _PLACES: "各村（社区）",
    "people": "逐人逐月",
    "conditions": "生活和健康",
}


def asked_for(viewer: Viewer, obligations: Sequence[Visits], day: date) -> None:
    """The view that the address asks for, of each obligation, narrowed to a locality."""
    names = {code: place.name for code, place in reads.roster().localities.items()}
    with st.container(horizontal=True):
        show = choices.pills("show", "查看", _VIEWS)
        if show != _PLACES:
            place = choices.one_of("locality", "村（社区）", {"": "全部村（社区）", **names})
    if show == _PLACES:
        for obligation in obligations:
            pieces.kept(checks.places, obligation, day)
        return
    draw = {"owed": worklist, "people": people, "conditions": conditions}[show]
    with pieces.together():
        for obligation in obligations:
            draw(viewer, obligation, day, place)


def worklist(viewer: Viewer, obligation: Visits, day: date, place: str) -> None:
    """Elders who are still owed visits this month, the most pressing first."""
    number = reads.of(elder_checks.number_owing, day, obligation, place)
    if not number:
        pieces.success("本月应访的人已全部访够。")
        return
    page = _page(number)
    pieces.kept(_owing_listed, viewer, obligation, day, place, page, number)
    paging.ways("elder_checks", "page", page.number, number, _A_PAGE)


def _owing_listed(
    viewer: Viewer, obligation: Visits, day: date, place: str, page: Page, number: int
) -> None:
    seen, roster = reads.names(viewer, day), reads.roster()
    limit = office().contract.thresholds.not_seen_days
    pieces.draw(
        f'<p class="summary">本月还差访视的 <b>{number:,}</b> 人：'
        f"超过 {limit} 天未见的在前，其次访得最少的；已退出名册的在最后。</p>"
    )
    owing = reads.of(elder_checks.worklist, day, obligation, place, page)
    parts.listing([_owing(seen, roster, day, each) for each in owing])


def _owing(seen: Names, roster: Roster, day: date, owing: Owing) -> Mapping[str, str | Link]:
    return {
        **_who(seen, roster, day, owing.elder),
        "本月已访/应访": f"{owing.done}/{owing.owed}",
        "上次访视": str(owing.last_on) if owing.last_on else "尚未访过",
        "未见天数": _days(owing),
    }


def _days(owing: Owing) -> str:
    if owing.gone:
        return "已退出名册"
    return f"▲ {owing.days} 天" if owing.overdue else f"{owing.days} 天"


def _who(seen: Names, roster: Roster, day: date, code: str) -> Mapping[str, str | Link]:
    """An elder's code and name, which lead to the elder's page, and where they live."""
    place = roster.elders[code].locality
    return {
        "编号": Link(code, links.to("elder", code=code, as_of=day)),
        "姓名": seen.of_elder(roster.elders[code]),
        "村（社区）": Link(
            roster.localities[place].name, links.to("locality", code=place, as_of=day)
        ),
    }


def people(viewer: Viewer, obligation: Visits, day: date, place: str) -> None:
    """Every elder by month: how many of the visits owed were made."""
    number = reads.of(elder_checks.number_of_elders, day, obligation, place)
    if not number:
        pieces.info("这里没有应访的人，可以换一个村（社区）。")
        return
    page = _page(number)
    pieces.kept(_months_listed, viewer, obligation, day, place, page)
    paging.ways("elder_checks", "page", page.number, number, _A_PAGE)


def _months_listed(viewer: Viewer, obligation: Visits, day: date, place: str, page: Page) -> None:
    seen, roster = reads.names(viewer, day), reads.roster()
    pieces.draw(
        '<p class="summary">数字是当月访到的次数，访够的只写次数，未访够的写 已访/应访；'
        "空格表示当月不在册。点数字看记录，点编号看本人。</p>"
    )
    codes = reads.of(elder_checks.elders, day, obligation, place, page)
    found = reads.of(elder_checks.months_of, day, obligation, tuple(codes))
    months = begun(day)
    matrix.matrix(
        "逐人逐月访视次数",
        "特困人员",
        checks.month_names(months),
        [
            Row(
                Link(
                    f"{code} {seen.of_elder(roster.elders[code])}",
                    links.to("elder", code=code, as_of=day),
                ),
                [month_cell(obligation, day, code, month, found[code]) for month in months],
            )
            for code in codes
        ],
    )


def begun(day: date) -> Sequence[str]:
    """The contract's months through the one of a day."""
    months = map(str, months_of(office().contract.period))
    return [month for month in months if month <= str(Month.of(day))]


def month_cell(
    obligation: Visits, day: date, code: str, month: str, found: Mapping[str, Owed]
) -> Cell:
    """An elder's month: visits made, and those owed where some are missing."""
    owed = found.get(month)
    if owed is None:
        return Cell("")
    text = str(owed.done) if owed.done == owed.owed else f"{owed.done}/{owed.owed}"
    level = matrix.shade(owed.done / owed.owed)
    if not owed.done:
        return Cell(text, level)
    wanted = Selection(figure=obligation.code, month=month, elder=code)
    return Cell(Link(text, links.to_rows(wanted, day)), level)


def conditions(viewer: Viewer, obligation: Visits, day: date, place: str) -> None:
    """In what condition elders were last seen; those in the worst of any kind are listed."""
    kept = elder_conditions.choices(obligation)
    if not kept:
        pieces.info("这种日志没有记录状况的选项。")
        return
    found = reads.of(elder_conditions.conditions, day, obligation, place)
    pieces.draw(f'<p class="summary">在册 <b>{found.elders:,}</b> 人，按每人最近一次访视所记。</p>')
    for number in range(0, len(kept), 2):
        with pieces.beside(1, 1) as columns:
            for column, choice in zip(columns, kept[number : number + 2], strict=False):
                with column:
                    pieces.heading(choice.heading)
                    bars.bars(choice.heading, _bars(choice, found))
    _in_need(viewer, obligation, day, place)


def _bars(choice: Choices, found: Conditions) -> Sequence[Bar]:
    """A bar for each option, and one for those of whom nothing is known."""
    numbers = found.numbers.get(choice.slug, {})
    unknown = found.elders - sum(numbers.values())
    shown = {option: numbers.get(option, 0) for option in choice.options}
    if unknown:
        shown["尚无记录"] = unknown
    return [
        Bar(option, number / found.elders if found.elders else 0, f"{number:,} 人")
        for option, number in shown.items()
    ]


def _in_need(viewer: Viewer, obligation: Visits, day: date, place: str) -> None:
    seen, roster = reads.names(viewer, day), reads.roster()
    kept = elder_conditions.choices(obligation)
    words = "、".join(dict.fromkeys(choice.worst for choice in kept))
    number = reads.of(elder_conditions.number_in_need, day, obligation, place)
    pieces.heading(f"要关注的人：{number:,}")
    if not number:
        pieces.success(f"最近一次访视中没有记为{words}的人。")
        return
    pieces.draw(
        f'<p class="summary">最近记为{words}的人，项数多的在前；点所记的情况看那次访视。</p>'
    )
    page = _page(number)
    listed = reads.of(elder_conditions.in_need, day, obligation, place, page)
    parts.listing(
        [
            {
                **_who(seen, roster, day, code),
                **{choice.heading: _told(choice, latest) for choice in kept},
            }
            for code, latest in listed.items()
        ]
    )
    paging.ways("elder_checks", "page", page.number, number, _A_PAGE)


def _told(choice: Choices, latest: Mapping[str, Latest]) -> str | Link:
    last = latest.get(choice.slug)
    if last is None:
        return "—"
    if last.value != choice.worst:
        return last.value
    return Link(f"▲ {last.value}（{last.day:%m-%d}）", links.to("entry", id=last.entry_id))


def _page(number: int) -> Page:
    return Page(_A_PAGE, paging.asked("page", number, _A_PAGE))
