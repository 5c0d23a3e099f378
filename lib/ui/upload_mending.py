"""Refused rows mended on the page: by one tap where a right value is near, else in a table."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from lib.actions.mend_upload import Edit, cells_of, mendable
from lib.actions.plan import Outcome
from lib.errors import RefusedError
from lib.fields import TEXT_LIMIT
from lib.logs import LOG_KINDS
from lib.text import tidy
from lib.ui import links, parts
from lib.ui.fault_groups import groups
from lib.ui.resources import desk
from lib.ui.routes import MARKED, MENDED
from lib.workbooks.mending import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lib.access import Viewer
    from lib.actions.mend_upload import Key
    from lib.actions.plan import Plan, PlannedRow
    from lib.logs.kind import LogKind
    from lib.ui.fault_groups import Group
    from lib.ui.upload_desk import Standing
    from lib.workbooks.reading import Mend

_GROUPS_A_PAGE, _ROWS_A_PAGE, _MENDED_ROWS_A_PAGE = 10, 20, 10
_DRAWN, _TAKEN, _TURN = "mending_drawn", "mending_taken", "mending_turn"
_SAID = "mending_said"
_NUMBER, _WRONG = "行", "问题"  # the table's columns that are no cells of the file
_ROW_HEIGHT = 35  # pixels, as Streamlit draws a table's


@dataclass(frozen=True)
class _Drawn:
    """The table as it was last sent to the browser: what an edit's position in it means."""

    key: str
    upload_id: int
    sheet: str
    rows: tuple[int, ...]


def refused(viewer: Viewer, standing: Standing) -> None:
    """What keeps rows out, and the ways to mend it here; what was mended, and the way back."""
    plan = standing.plan
    if plan is None:
        return
    cells = cells_of(plan)
    _take_edits(viewer, standing, cells)
    if said := st.session_state.pop(_SAID, ""):
        st.error(said)
    if plan.refusals:
        st.subheader(f"退回 {plan.counts[Outcome.REFUSED]:,} 行：改这些单元格", anchor=False)
        _groups(viewer, standing, groups(plan), cells)
    if cells:
        _table(standing, plan)
    if plan.workbook.mends:
        _mended(viewer, standing, plan.workbook.mends)
    _files(standing, plan)


def _changing(change: Callable[[], None]) -> None:
    """Carry out a change and look again; one that is refused is said above the table."""
    try:
        change()
    except RefusedError as refusal:
        st.session_state[_SAID] = refusal.sentence
        _forget_table()
    st.rerun()


def _forget_table() -> None:
    """Let the table begin anew, without the edits that the browser still holds."""
    for name in (_DRAWN, _TAKEN):
        st.session_state.pop(name, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _mend(viewer: Viewer, standing: Standing, edits: Sequence[Edit]) -> None:
    plan = standing.plan
    if plan:
        upload_id = standing.upload.upload_id
        _changing(lambda: desk().mend(viewer, upload_id, plan, edits))


def _groups(
    viewer: Viewer, standing: Standing, found: Sequence[Group], cells: Mapping[Key, str]
) -> None:
    """Each fault once, however many rows it stands in, with the values that may be right."""
    sure = [group for group in found if group.is_sure and group.edits(cells, group.suggested[0])]
    if len(sure) > 1:
        number = sum(len(group.rows) for group in sure)
        words = f"全部采纳：有把握的 {len(sure)} 项、{number} 行一次改好"
        if st.button(words, key="mend_all_sure", icon=":material/done_all:"):
            edits = [edit for each in sure for edit in each.edits(cells, each.suggested[0])]
            _mend(viewer, standing, edits)
    for group in _page(found, _GROUPS_A_PAGE, f"groups_{standing.upload.upload_id}"):
        _group(viewer, standing, group, cells)


def _group(viewer: Viewer, standing: Standing, group: Group, cells: Mapping[Key, str]) -> None:
    parts.problems([group.sentence])
    if not group.edits(cells, ""):
        return
    problem, turn = group.problem, st.session_state.get(_TURN, 0)
    key = f"{problem.place.sheet}/{group.field}/{group.rows[0]}/{problem.fault.found}/{turn}"
    with st.container(horizontal=True, gap="small"):
        for right in group.suggested:
            if st.button(f"改为“{right}”", key=f"mend/{key}/{right}"):
                _mend(viewer, standing, group.edits(cells, right))
        if not group.suggested:
            right = st.text_input(
                "改为",
                key=f"write/{key}",
                max_chars=TEXT_LIMIT,
                placeholder="改为……（写好按回车）",
                label_visibility="collapsed",
                width=260,
            ).strip()
            edits = [each for each in group.edits(cells, right) if not _stands(each, cells)]
            if right and edits:
                _mend(viewer, standing, edits)


def _page(listed: Sequence[Any], size: int, key: str) -> Sequence[Any]:
    """A page of a long list, the way to the others above it."""
    pages = -(-len(listed) // size)
    current = st.pagination(pages, key=f"{key}_{pages}") if pages > 1 else 1
    return listed[(current - 1) * size : current * size]


def _table(standing: Standing, plan: Plan) -> None:
    """The rows as they stand in the file, to be written over; those of one kind at a time."""
    st.markdown("**或直接在表里改**（点两下单元格；改完即重新核对，只影响这次过账）")
    rows = mendable(plan)
    slugs = list(dict.fromkeys(row.checked.kind for row in rows))
    slug = slugs[0]
    if len(slugs) > 1:
        slug = (
            st.segmented_control(
                "工作表",
                slugs,
                default=slugs[0],
                required=True,
                format_func=lambda each: LOG_KINDS[each].sheet,
                key=f"kind_{standing.upload.upload_id}_{len(slugs)}",
                label_visibility="collapsed",
            )
            or slugs[0]
        )
    own = [row for row in rows if row.checked.kind == slug]
    _editor(standing, plan, LOG_KINDS[slug], _page(own, _ROWS_A_PAGE, f"rows_{slug}"))


def _editor(standing: Standing, plan: Plan, kind: LogKind, rows: Sequence[PlannedRow]) -> None:
    numbers = tuple(row.checked.place.row for row in rows)
    cells = texts(plan.workbook, kind, numbers)
    upload_id, turn = standing.upload.upload_id, st.session_state.get(_TURN, 0)
    key = f"mending_{upload_id}_{kind.slug}_{hash(numbers)}_{turn}"
    wrong = {problem.place.column for row in rows for problem in row.problems}
    mended = {each.field for each in plan.workbook.mends if each.row in numbers}
    first = {field.slug for field in kind.fields if field.heading in wrong} | mended
    fields = sorted(kind.fields, key=lambda field: field.slug not in first)
    lines = [
        {_NUMBER: row.checked.place.row, _WRONG: _said(row)}
        | {field.slug: cells[row.checked.place.row][field.slug] for field in fields}
        for row in rows
    ]
    config: dict[str, Any] = {
        _NUMBER: st.column_config.NumberColumn(pinned=True, width=50),
        _WRONG: st.column_config.TextColumn(width=300),
    }
    for field in fields:
        mark = "⚠ " if field.heading in wrong else ""
        config[field.slug] = st.column_config.TextColumn(
            f"{mark}{field.heading}", help=field.type.hint, max_chars=TEXT_LIMIT
        )
    st.session_state[_DRAWN] = _Drawn(key, upload_id, kind.sheet, numbers)
    st.data_editor(
        pd.DataFrame(lines),
        key=key,
        hide_index=True,
        disabled=[_NUMBER, _WRONG],
        column_config=config,
        height=_ROW_HEIGHT * (len(lines) + 1) + 3,
    )


def _said(row: PlannedRow) -> str:
    """What is wrong with a row, or that it was put right."""
    wrong = [
        f"{problem.place.column or '整行'}：{problem.fault.sentence}"
        for problem in row.problems
        if problem.refuses
    ]
    return f"⚠ {'；'.join(wrong)}" if wrong else "✓ 已改好"


def _take_edits(viewer: Viewer, standing: Standing, cells: Mapping[Key, str]) -> None:
    """Keep what was written over in the table as it was last drawn."""
    drawn: _Drawn | None = st.session_state.get(_DRAWN)
    if drawn is None or drawn.upload_id != standing.upload.upload_id:
        return
    state = st.session_state.get(drawn.key)
    edits = [edit for edit in _sent(state or {}, drawn) if not _stands(edit, cells)]
    if edits and edits != st.session_state.get(_TAKEN):  # the browser repeats them in every run
        st.session_state[_TAKEN] = edits
        _mend(viewer, standing, edits)


def _sent(state: Mapping[str, Any], drawn: _Drawn) -> Iterator[Edit]:
    """The edits in a browser's message; what no table of ours sends is an edit of no row."""
    for position, changes in state.get("edited_rows", {}).items():
        known = 0 <= position < len(drawn.rows)
        row = drawn.rows[position] if known and isinstance(changes, dict) else 0
        for name, value in changes.items() if row else [("", None)]:
            yield Edit(drawn.sheet, row, name, "" if value is None else value)
    for _ in (*state.get("added_rows", ()), *state.get("deleted_rows", ())):
        yield Edit(drawn.sheet, 0, "", None)


def _stands(edit: Edit, cells: Mapping[Key, str]) -> bool:
    """Whether the cell says so already."""
    return isinstance(edit.text, str) and cells.get(edit.key) == tidy(edit.text)


def _mended(viewer: Viewer, standing: Standing, mends: Sequence[Mend]) -> None:
    """What was mended, row by row, each to be taken back."""
    upload_id = standing.upload.upload_id
    with st.expander(f"已改 {len(mends)} 格（可以撤销）"):
        if st.button("全部撤销", key="take_back_all", icon=":material/undo:"):
            _forget_table()
            _changing(lambda: desk().take_back(viewer, upload_id, None))
        rows = list(dict.fromkeys((mend.sheet, mend.row) for mend in mends))
        for row in _page(rows, _MENDED_ROWS_A_PAGE, f"mended_{upload_id}"):
            here = [mend for mend in mends if (mend.sheet, mend.row) == row]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(f'<p class="summary">{escape(_mend_words(here))}</p>')
                if st.button("撤销", key=f"take_back/{row[0]}/{row[1]}"):
                    _forget_table()
                    _changing(lambda row=row: desk().take_back(viewer, upload_id, [row]))  # type: ignore[misc]


def _mend_words(mends: Sequence[Mend]) -> str:
    """The mended cells of one row: what stands in the file, and what counts instead."""
    kind = next(kind for kind in LOG_KINDS.values() if kind.sheet == mends[0].sheet)
    changed = "；".join(
        f"{kind.by_slug[mend.field].heading}：{mend.found or '（空）'} → {mend.put or '（空）'}"
        for mend in mends
    )
    return f"“{kind.sheet}”第 {mends[0].row} 行　{changed}"


def _files(standing: Standing, plan: Plan) -> None:
    """The uploader's own file, what is still wrong marked in it; and the one that was mended."""
    upload_id, ways = standing.upload.upload_id, []
    if plan.refusals:
        ways.append(("下载标出错误的文件", links.to(MARKED.removeprefix("/"), upload=upload_id)))
    if plan.workbook.mends:
        ways.append(("下载改好的文件", links.to(MENDED.removeprefix("/"), upload=upload_id)))
    if ways:
        parts.ways(*ways)
