"""The upload page's pieces: what a file would change, what was wrong, and the receipt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.actions import post
from lib.actions.plan import Outcome
from lib.actions.record_refusal import record_refusal
from lib.errors import UnreadableError
from lib.logs import LOG_KINDS
from lib.logs.cells import cells
from lib.problems import Problem
from lib.store import contracts, ledger, rosters
from lib.store.engine import reading
from lib.ui import navigation, parts
from lib.ui.resources import office, revision
from lib.workbooks.marking import marked
from lib.workbooks.reading import Workbook, read_workbook
from lib.workbooks.template import template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lib.access import Viewer
    from lib.actions.plan import Plan, PlannedRow
    from lib.rosters import Roster
    from lib.store.ledger import Receipt

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_READ, _POSTED = "upload_read", "upload_posted"


def template_download(viewer: Viewer) -> None:
    """The workbook to fill in, with the kinds that are wanted."""
    contract = office().contract
    chosen = st.pills(
        "模板中的工作表（点一下选上或去掉）",
        contract.kinds,
        selection_mode="multi",
        default=contract.kinds,
        format_func=lambda slug: LOG_KINDS[slug].sheet,
    )
    if chosen:
        st.download_button(
            "下载模板",
            data=lambda: _template(tuple(chosen), revision=revision()),
            file_name=f"工作日志模板_{viewer.team}.xlsx",
            mime=XLSX,
            on_click="ignore",
            icon=":material/download:",
        )


@st.cache_data(show_spinner=False, max_entries=16)
def _template(slugs: tuple[str, ...], *, revision: int) -> bytes:  # noqa: ARG001 - the cache's key
    here = office()
    with reading(here.engine) as connection:
        roster = rosters.load(connection, here.stored.id)
    return template([LOG_KINDS[slug] for slug in slugs], roster, here.contract)


def chosen_workbook(viewer: Viewer) -> Workbook | None:
    """The workbook in the uploader, read once; a refusal is shown, and recorded once."""
    file = st.file_uploader(
        "选择工作日志（.xlsx）",
        type=["xlsx", "xlsm"],
        help="同一份文件可以天天重传：已入账的行不会重复计算",
    )
    if file is None:
        st.session_state.pop(_READ, None)
        return None
    if st.session_state.get(_READ, (None,))[0] != file.file_id:
        st.session_state.pop(_POSTED, None)
        with st.spinner("正在读取……"):
            st.session_state[_READ] = (file.file_id, _read(viewer, file.name, file.getvalue()))
    outcome = st.session_state[_READ][1]
    if isinstance(outcome, Workbook):
        return outcome
    st.error(f"文件整份退回：{outcome}")
    return None


def _read(viewer: Viewer, name: str, data: bytes) -> Workbook | str:
    """The workbook, or the sentence with which it is refused whole."""
    here = office()
    outcome: Workbook | str
    try:
        workbook = read_workbook(name, data)
        plan = planned(viewer, workbook)
        reason, outcome = plan.refused_whole, plan.refusal or workbook
    except UnreadableError as unreadable:
        reason = outcome = unreadable.sentence
    if reason:
        with contracts.acting(here.engine, here.stored) as connection:
            record_refusal(
                connection,
                here.stored,
                viewer,
                name=name,
                data=data,
                reason=reason,
                now=clock.now(),
            )
    return outcome


def planned(viewer: Viewer, workbook: Workbook) -> Plan:
    """What posting the workbook would do at this moment."""
    here = office()
    today = clock.business_today()
    return post.preview(here.engine, here.stored, viewer, [workbook], today)[0]


def counts_view(plan: Plan) -> None:
    """How many rows posting would add, correct, skip and refuse."""
    notes = {
        Outcome.NEW: "将写入台账",
        Outcome.CORRECTED: "保留旧版，以新的为准",
        Outcome.UNCHANGED: "已在台账，跳过",
        Outcome.REFUSED: "改好后再传即可",
    }
    parts.tiles([parts.Tile(o.label, f"{n}", "行", notes[o]) for o, n in plan.counts.items()])
    earlier = plan.earlier
    if earlier and earlier != st.session_state.get(_POSTED):
        when = clock.local_text(earlier.posted_at)
        st.info(f"同一份文件已于 {when} 由 {earlier.posted_by} 上传，回执 {earlier.number}。")


def plan_view(plan: Plan) -> None:
    """Everything that is to be said: refused rows first, corrections, then the rest."""
    if plan.refusals:
        st.subheader(f"退回 {plan.counts[Outcome.REFUSED]} 行：改这些单元格", anchor=False)
        parts.problems([str(problem) for problem in plan.refusals])
        _marked_download(plan)
    corrections = [row for row in plan.rows if row.outcome is Outcome.CORRECTED]
    if corrections:
        st.subheader(f"更正 {len(corrections)} 行：原来与现在", anchor=False)
        parts.problems(_corrections(corrections))
    if plan.remarks:
        st.subheader("提示（不影响过账）", anchor=False)
        parts.problems(_grouped(plan.remarks))


def _grouped(remarks: Sequence[Problem]) -> Sequence[str]:
    """One line for what is said of many rows, the rows counted up in it."""
    rows: defaultdict[Problem, list[int]] = defaultdict(list)
    for remark in remarks:
        alike = Problem(replace(remark.place, row=0), replace(remark.fault, found=""))
        rows[alike].append(remark.place.row)
    return [f"{alike}{_row_words(numbers)}" for alike, numbers in rows.items()]


def _row_words(numbers: Sequence[int]) -> str:
    """The rows meant, when any are: the first of them and how many."""
    named = [str(number) for number in numbers if number]
    if not named:
        return ""
    more = f" 等 {len(named)} 行" if len(named) > _ROWS_NAMED else " 行"
    return f"第 {'、'.join(named[:_ROWS_NAMED])}{more}"


_ROWS_NAMED = 10


def _marked_download(plan: Plan) -> None:
    """The uploader's own file, the cells to be mended marked in it."""
    name = plan.workbook.name.rpartition(".")[0] or plan.workbook.name
    st.download_button(
        "下载标出错误的文件",
        data=lambda: marked(plan.workbook.data, plan.refusals),
        file_name=f"{name}_待改.xlsx",
        mime=XLSX,
        on_click="ignore",
        icon=":material/download:",
    )


def _corrections(rows: Sequence[PlannedRow]) -> Sequence[str]:
    """A line for each cell that differs: old beside new."""
    here = office()
    with reading(here.engine) as connection:
        roster = rosters.load(connection, here.stored.id)
    return [line for row in rows for line in _differences(row, roster)]


def _differences(row: PlannedRow, roster: Roster) -> Iterator[str]:
    held, new = row.held, row.checked.entry
    if held is None or new is None:
        return
    if new.locality is None:
        held = replace(held, locality=None)  # taken from the roster: it stands in no cell
    kind = LOG_KINDS[row.checked.kind]
    before, after = cells(kind, held, roster), cells(kind, new, roster)
    for heading in dict.fromkeys([*before, *after]):
        old, now = before.get(heading, "（空）"), after.get(heading, "（空）")
        if old != now:
            yield f"{replace(row.checked.place, column=heading)}：原来“{old}”，现在“{now}”"


def post_button(viewer: Viewer, plan: Plan) -> None:
    """Post what can be posted; the write is whole before anything is drawn."""
    counts = plan.counts
    number = counts[Outcome.NEW] + counts[Outcome.CORRECTED]
    if not plan.changes_something:
        if plan.earlier is None or plan.earlier != st.session_state.get(_POSTED):
            st.info("没有需要过账的新内容。")
        return
    rest = f"，退回的 {counts[Outcome.REFUSED]} 行改好后再传" if counts[Outcome.REFUSED] else ""
    words = f"新增 {counts[Outcome.NEW]} 行，更正 {counts[Outcome.CORRECTED]} 行{rest}"
    if st.button(f"过账 {number} 行", type="primary", help=words):
        here = office()
        done = post.post(
            here.engine,
            here.stored,
            viewer,
            [plan.workbook],
            today=clock.business_today(),
            now=clock.now(),
        )
        st.session_state[_POSTED] = done[0].receipt
        st.rerun()


def receipt_view() -> None:
    """The receipt of what was just posted."""
    receipt: Receipt | None = st.session_state.get(_POSTED)
    if receipt:
        st.success(
            f"已过账，回执号 {receipt.number}：新增 {receipt.added} 行，"
            f"更正 {receipt.corrected} 行，未变 {receipt.unchanged} 行，退回 {receipt.refused} 行。"
        )
        navigation.link("progress/overview", "看总览的变化")


def recent_receipts(viewer: Viewer) -> None:
    """What the team posted lately, so that a lost page can be looked up here."""
    here = office()
    with reading(here.engine) as connection:
        receipts = ledger.recent_receipts(connection, here.stored.id, viewer.team, limit=10)
    if not receipts:
        st.caption("本组还没有过账记录。")
        return
    parts.listing(
        [
            {
                "回执号": each.number,
                "时间": clock.local_text(each.posted_at),
                "文件": each.file_name,
                "上传人": each.posted_by,
                "新增": each.added,
                "更正": each.corrected,
                "未变": each.unchanged,
                "退回": each.refused,
            }
            for each in receipts
        ]
    )
