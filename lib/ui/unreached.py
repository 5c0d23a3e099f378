"""The households still to be reached: narrowed by place and category, by pages, as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.access import sees_full_names
from lib.kpi import unreached
from lib.kpi.rows import Page
from lib.kpi.unreached import Among
from lib.rosters import AID_CATEGORIES
from lib.ui import choices, links, paging, parts, pieces, reads
from lib.ui.links import Link
from lib.ui.navigation import NotFoundError
from lib.ui.routes import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.contract import Coverage
    from lib.kpi.names import Names
    from lib.rosters import Household, Locality

_A_PAGE = 20
_PAGE = "page"


def require_known() -> None:
    """NotFoundError where the address asks about a place or a category that there is not."""
    if _asked() is None:
        raise NotFoundError


def _asked() -> Among | None:
    return unreached.parse(st.query_params.to_dict(), reads.roster())


def listing(viewer: Viewer, obligations: Sequence[Coverage], day: date) -> None:
    """The households each obligation has not reached, under one choice of place and category."""
    roster = reads.roster()
    if not roster.households:
        return
    st.subheader("还没有走访的家庭", anchor=False)
    places = {code: place.name for code, place in roster.localities.items()}
    with st.container(horizontal=True):
        choices.one_of("locality", "村（社区）", {"": "全部村（社区）", **places})
        categories = {each: each for each in AID_CATEGORIES}
        choices.one_of("category", "救助类别", {"": "全部救助类别", **categories})
    for obligation in obligations:
        _listing(viewer, obligation, _asked() or Among(), day)


def _listing(viewer: Viewer, obligation: Coverage, among: Among, day: date) -> None:
    number = reads.of(unreached.number, day, obligation, among)
    if not number:
        st.success("没有符合条件的未走访家庭。" if among.parts() else "名册中的家庭已全部走访。")
        return
    page = Page(_A_PAGE, paging.asked(_PAGE, number, _A_PAGE))
    pieces.kept(_homes, viewer, obligation, among, day, page)
    _pager(obligation, page, number)


def _homes(viewer: Viewer, obligation: Coverage, among: Among, day: date, page: Page) -> None:
    """A page of the households, how many there are in all, and the ways to take them along."""
    localities, seen = reads.roster().localities, reads.names(viewer, day)
    _summary(viewer, obligation, among, day, reads.of(unreached.number, day, obligation, among))
    homes = reads.of(unreached.listed, day, obligation, among, page)
    parts.listing([_line(seen, home, localities, day) for home in homes])


def _pager(obligation: Coverage, page: Page, number: int) -> None:
    """Buttons, since a link would lead back to the top of this long page."""
    last = -(-number // page.size)
    if last == 1:
        return
    around = (("上一页", page.number - 1), ("下一页", page.number + 1))
    with st.container(horizontal=True, vertical_alignment="center"):
        for word, to in around:
            st.button(
                word,
                key=f"{obligation.code} {word}",
                disabled=not 1 <= to <= last,
                on_click=_turn_to,
                args=(to,),
            )
        st.html(f'<p class="pager">第 {page.number} / {last} 页</p>')


def _turn_to(number: int) -> None:
    st.query_params[_PAGE] = str(number)


def _summary(viewer: Viewer, obligation: Coverage, among: Among, day: date, number: int) -> None:
    """How many there are, and the ways to take them along."""
    address = {"figure": obligation.code, **among.parts(), "as_of": day}
    page = UNREACHED.removeprefix("/")
    ways = [Link("下载名单（.xlsx）", links.to(page, **address))]
    if sees_full_names(viewer):
        ways.append(Link("下载全名（留痕）", links.to(page, **address, names="full")))
    downloads = " · ".join(way.markup for way in ways)
    pieces.draw(
        f'<p class="summary">名册中还有 <b>{number:,}</b> 户未走访，截至 {day} · {downloads}</p>'
    )


def _line(
    seen: Names, home: Household, localities: Mapping[str, Locality], day: date
) -> Mapping[str, str | Link]:
    place = localities[home.locality]
    return {
        "户编号": home.code,
        "户主": seen.of_household(home),
        "村（社区）": Link(place.name, links.to("locality", code=place.code, as_of=day)),
        "救助类别": home.aid_category,
        "家庭人口": "—" if home.members is None else f"{home.members} 人",
    }
