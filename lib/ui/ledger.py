"""The pieces of the pages that show rows: what is selected, a page of it, one entry's history."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_see_file, sees_full_names
from lib.kpi.cells import Eyes
from lib.kpi.mends import mended_cells
from lib.kpi.rows import LedgerRow, Page, containing, ledger_rows, number_of
from lib.kpi.scope import Scope
from lib.kpi.selection import condition, described, parse, total
from lib.kpi.versions import Version, versions
from lib.logs import LOG_KINDS
from lib.logs.entry import Source
from lib.periods import months_of
from lib.store.engine import reading
from lib.ui import choices, entry_acts, evidence, finding_marks, links, paging, parts, reads
from lib.ui.links import Link
from lib.ui.navigation import NotFoundError
from lib.ui.resources import office
from lib.ui.routes import FILE, LEDGER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.kpi.selection import Selection, Total
    from lib.rosters import Roster

_ROWS_A_PAGE = 50
_SEARCHED, _CODES = "查找编号、地点或内容中的字", "查找编号、地点或选项中的字"


def listing(viewer: Viewer, as_of: date) -> None:
    """The entries that the address asks for: what they come to, a page of them, a download."""
    here = office()
    scope, roster = Scope(here.stored, as_of), reads.roster()
    wanted = parse(st.query_params.to_dict(), here.contract, roster)
    if wanted is None:
        raise NotFoundError
    st.subheader("、".join(described(wanted, here.contract, roster)) or "全部记录", anchor=False)
    text = _filters(viewer, roster)
    chosen = condition(scope, wanted)
    if text:
        chosen = chosen & containing(text, viewer)
    with reading(here.engine) as connection:
        number = number_of(connection, chosen)
        page = Page(_ROWS_A_PAGE, paging.asked("page", number, _ROWS_A_PAGE))
        rows = ledger_rows(connection, chosen, page)
        found = None if text else total(connection, scope, wanted)
    _summary(viewer, wanted, as_of, number, found)
    if rows:
        eyes = Eyes(viewer, roster)
        parts.listing([_line(eyes, row) for row in rows])
        paging.ways("rows", "page", page.number, number, page.size)
    else:
        st.info("没有符合条件的记录。可以放宽上面的条件，或换一个截至日期。")


def _filters(viewer: Viewer, roster: Roster) -> str:
    """Narrow by month and place, kept in the address; and by a text, which is not."""
    months = {str(month): str(month) for month in months_of(office().contract.period)}
    names = {code: locality.name for code, locality in roster.localities.items()}
    month, place, search = st.columns([1, 1.4, 1.6])
    with month:
        choices.one_of("month", "月份", {"": "全部月份", **months})
    with place:
        choices.one_of("locality", "村（社区）", {"": "全部村（社区）", **names})
    with search:
        # A searched text may be somebody's name or illness: it does not belong into an address.
        return st.text_input(
            "查找",
            placeholder=_SEARCHED if sees_full_names(viewer) or viewer.team else _CODES,
            max_chars=40,
            label_visibility="collapsed",
        ).strip()


def _summary(
    viewer: Viewer, wanted: Selection, as_of: date, number: int, found: Total | None
) -> None:
    words = f"共 <b>{number:,}</b> 条记录"
    if found and found.unit != "条":
        words += f"，合 <b>{escape(parts.quantity(found.value))}</b> {escape(found.unit)}"
    ways = [("下载台账（.xlsx）", "")]
    if sees_full_names(viewer):
        ways.append(("下载全名台账（留痕）", "full"))
    file = LEDGER.removeprefix("/")
    download = "".join(
        f" · {Link(word, links.to(file, **wanted.parts(), as_of=as_of, names=names)).markup}"
        for word, names in ways
        if number
    )
    st.html(f'<p class="summary">{words}，截至 {as_of}{download}</p>')


def _line(eyes: Eyes, row: LedgerRow) -> Mapping[str, str | Link]:
    """A row's cells by heading; the day opens the entry."""
    return {
        "日期": Link(str(row.day), links.to("entry", id=row.entry_id)),
        "项目": LOG_KINDS[row.kind].sheet,
        "服务人员": eyes.people(row),
        "村（社区）": eyes.place(row),
        "内容": eyes.told(row),
        "回执": f"{clock.local_text(row.posted_at)[:10]} {_came(row)}",
    }


def _came(row: LedgerRow) -> str:
    """The row of the file that an entry stands in, or how else it came."""
    source = Source(row.source)
    return f"第 {row.source_row} 行" if source is Source.WORKBOOK else source.label


def entry(viewer: Viewer) -> None:
    """One entry as the address names it: what it says, where it came from, what it said before."""
    here = office()
    asked = links.number_in(st.query_params.get("id", ""))
    with reading(here.engine) as connection:
        found = versions(connection, here.stored.id, asked) if asked else []
    if not found:
        raise NotFoundError
    newest, eyes = found[0], Eyes(viewer, reads.roster())
    kind = LOG_KINDS[newest.kind]
    st.subheader(f"{kind.sheet} · {newest.day}", anchor=False)
    said = [(name, _shown(value)) for name, value in eyes.cells(newest).items()]
    if newest.withdrawn_at:
        st.warning("此条已撤回，不计入。")
        reason = eyes.written(newest.reason or "", newest)
        said.append(("撤回原因", _shown(reason)))  # as it was written, never as markup
    parts.facts(said)
    entry_acts.offered(viewer, newest, eyes.roster)
    finding_marks.of_entry(viewer, newest.entry_id)
    evidence.pictures(viewer, entry_id=newest.entry_id)
    st.subheader("来源与历次内容", anchor=False)
    for version, before in zip(found, [*found[1:], None], strict=True):
        _version(eyes, version, before)
        entry_acts.receipt_way(viewer, version)


def _version(eyes: Eyes, version: Version, before: Version | None) -> None:
    """Who posted a version when, from which row of which file, and what it changed."""
    word = "更正" if before else "首次过账"
    at = clock.local_text(version.posted_at)
    lines = [
        ("第几版", f"{version.version}（{word}）"),
        ("过账", f"{at}，{_who(version)}"),
        _origin(eyes, version),
    ]
    if before:
        old, new = eyes.cells(before), eyes.cells(version)
        changed = [n for n in new if new[n] != old[n]]
        lines += [(name, f"{_shown(old[name])} → {_shown(new[name])}") for name in changed]
    lines += _mended(eyes, version)
    if version.withdrawn_at:
        at = clock.local_text(version.withdrawn_at)
        reason = eyes.written(version.reason or "", version)
        lines.append(("撤回", f"{at}，{version.withdrawn_by}：{reason}"))
    parts.facts(lines)
    if may_see_file(eyes.viewer, version.team):
        address = links.to(FILE.removeprefix("/"), receipt=version.receipt_id)
        word = "下载所填内容" if version.source == Source.FORM else "下载原文件"
        st.html(f'<p class="summary">{Link(word, address).markup}</p>')


def _origin(eyes: Eyes, version: Version) -> tuple[str, str]:
    """Where a version came from; the one row of a form is nothing to be counted."""
    if version.source == Source.FORM:
        return "来源", Source.FORM.label
    name = eyes.written(version.file_name, version)
    return "原文件", f"{name}，第 {version.source_row} 行"


def _mended(eyes: Eyes, version: Version) -> Sequence[tuple[str, str]]:
    """Where the version says something else than the file that it came from."""
    here = office()
    with reading(here.engine) as connection:
        cells = mended_cells(connection, here.stored.id, eyes, version)
    words = "原文件填“{}”，过账前在页面上改为“{}”"
    return [
        ("页面上改过", f"{cell.heading}：{words.format(cell.found, cell.put)}") for cell in cells
    ]


def _shown(value: object) -> str:
    return "—" if value in (None, "") else str(value)


def _who(version: Version) -> str:
    return f"{version.posted_by}（{version.team}）" if version.team else version.posted_by
