"""The upload page: a workbook chosen, where it stands while it is worked on, and the receipt."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.actions.progress import Step
from lib.kpi import receipts
from lib.kpi.receipts import Asked
from lib.kpi.rows import Page
from lib.store import ledger
from lib.store.engine import reading
from lib.store.pending_uploads import FINISHED, State
from lib.ui import frame, handed_in, links, navigation, parts, pieces, session
from lib.ui.links import Link
from lib.ui.resources import desk, office

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.access import Viewer
    from lib.store.pending_uploads import PendingUpload
    from lib.ui.upload_desk import Standing

_UPLOAD = "upload"  # the part of the address that names one
_CHOOSER, _RESTORED = "upload_chooser", "upload_restored"
_PATIENCE = 2.0  # seconds: what is done by then is shown at once, without a bar
_FINISHED_SHOWN = timedelta(days=1)


def chooser(viewer: Viewer) -> None:
    """Where a workbook is chosen; it is handed in once, and the place is free for the next."""
    number = st.session_state.setdefault(_CHOOSER, 0)
    file = st.file_uploader(
        "选择工作日志（.xlsx）",
        type=["xlsx", "xlsm"],
        help="同一份文件可以天天重传：已入账的行不会重复计算",
        key=f"{_CHOOSER}_{number}",
    )
    if file is not None:
        upload_id = desk().hand_in(viewer, file.name, file.getvalue())
        handed_in.let_go([file])
        st.session_state[_CHOOSER] = number + 1
        st.query_params[_UPLOAD] = str(upload_id)
        st.rerun()


def current(viewer: Viewer) -> Standing | None:
    """Where the upload stands that the address names, else the newest; None without any.

    NotFoundError when the address names one that there is not, or that is somebody else's.
    """
    upload_id = _asked(viewer)
    if upload_id is None:
        return None
    standing = desk().look(viewer, upload_id, restore=restored(upload_id))
    if standing and standing.job:
        desk().wait(upload_id, _PATIENCE)
        standing = desk().look(viewer, upload_id, restore=restored(upload_id))
    if standing is None:
        raise navigation.NotFoundError
    return standing


def _asked(viewer: Viewer) -> int | None:
    if _UPLOAD in st.query_params:
        return links.number_in(st.query_params[_UPLOAD]) or 0
    now = clock.now()
    for upload in desk().uploads(viewer):
        if upload.state not in FINISHED or abs(now - upload.moved_at) < _FINISHED_SHOWN:
            return upload.upload_id
    return None


def restored(upload_id: int) -> bool:
    """Whether rows of this upload that were withdrawn are to count again."""
    return upload_id in st.session_state.get(_RESTORED, ())


def restore(upload_id: int, wanted: bool) -> None:  # noqa: FBT001 - what a check box says
    """Let rows that were withdrawn count again, or not."""
    others = set(st.session_state.get(_RESTORED, ())) - {upload_id}
    st.session_state[_RESTORED] = others | ({upload_id} if wanted else set())


def heading(viewer: Viewer, standing: Standing) -> None:
    """Which file this is, and what has become of it."""
    upload = standing.upload
    with st.container(horizontal=True, vertical_alignment="center"):
        at = clock.local_text(upload.begun_at)
        st.html(f'<p class="summary"><b>{escape(upload.file_name)}</b> · 上传于 {at}</p>')
        if upload.state is not State.POSTING and st.button("收起这份文件", key="put_away"):
            desk().put_away(viewer, upload.upload_id)
            st.query_params.pop(_UPLOAD, None)
            st.rerun()
    if upload.receipt_id:
        _receipt(upload.receipt_id)
    if standing.is_at_work:
        _progress(upload.upload_id)
    elif upload.state is State.REFUSED:
        st.error(f"文件整份退回：{upload.said}")
    elif standing.is_lost:
        st.warning("这份文件里有（或可能有）身份证号码，或没有读完，没有留存。请重新选择文件。")
    elif standing.failure or standing.is_broken_off:
        _broken_off(viewer, standing)
    elif upload.said:
        st.warning(upload.said)


def _receipt(receipt_id: int) -> None:
    """The receipt of what was posted of this file."""
    here = office()
    with reading(here.engine) as connection:
        receipt = ledger.receipt_of(connection, here.stored.id, receipt_id)
    if receipt:
        st.success(
            f"已过账，回执号 {receipt.number}：新增 {receipt.added} 行，"
            f"更正 {receipt.corrected} 行，未变 {receipt.unchanged} 行，退回 {receipt.refused} 行。"
        )
        posted = ("看这张回执", links.to("receipt", id=receipt_id))
        parts.ways(posted, ("看总览的变化", links.OVERVIEW))


_BROKEN_OFF = {
    State.READING: "读取时中断了，台账没有变化。",
    State.CHECKING: "核对时中断了，台账没有变化。",
    State.POSTING: "过账时中断了，台账没有写入任何内容。",
}


def _broken_off(viewer: Viewer, standing: Standing) -> None:
    """What broke off, and one way to go on."""
    st.warning(standing.failure or _BROKEN_OFF[standing.upload.state])
    if st.button("继续", type="primary", key="go_on"):
        desk().go_on(viewer, standing.upload.upload_id)
        st.rerun()


_TO_COME = "可以离开这一页，做完的结果会留在这里。"
_LAST = "台账、名册或文件有了改动，正在重新核对；下面是上一次的结果，做完会自动换成新的。"


@st.fragment(run_every=1.0)
def _progress(upload_id: int) -> None:
    """How far the work has come, looked up every second for as long as it goes on."""
    with frame.edge():
        viewer = session.viewer()
        standing = viewer and desk().look(viewer, upload_id, restore=restored(upload_id))
        if not standing or not standing.is_at_work:
            st.rerun()
        words, part = _said(standing)
        if part is None:
            st.info(f"{words}……", icon=":material/hourglass_top:")
        else:
            st.progress(part, text=words)
        st.caption(_LAST if standing.plan else _TO_COME)


def _said(standing: Standing) -> tuple[str, float | None]:
    """What is being done in words, and the part of it that is done where that is known."""
    upload, job = standing.upload, standing.job
    if job is None:
        return _counted(upload.state.label, upload.done, upload.total)
    if job.step is None:
        return "前面还有文件在处理，正在排队", None
    if job.step is Step.READING:
        return job.step.label, None
    return _counted(job.step.label, job.done, job.total)


def _counted(words: str, done: int, total: int) -> tuple[str, float | None]:
    if not total:
        return words, None
    return f"{words}：已完成 {done:,} 行，共 {total:,} 行", done / total


def others(viewer: Viewer, standing: Standing | None) -> None:
    """The viewer's other uploads, each leading to where it stands."""
    here = standing.upload.upload_id if standing else None
    rest = [each for each in desk().uploads(viewer) if each.upload_id != here]
    if rest:
        st.subheader("您的其他文件", anchor=False)
        parts.listing([_line(each) for each in rest])
        st.caption("30 天没有动过的、办完满一天的，会自动收起。")


def _line(upload: PendingUpload) -> dict[str, str | Link]:
    address = links.to("upload", upload=upload.upload_id)
    return {
        "文件": Link(upload.file_name, address),
        "上传时间": clock.local_text(upload.begun_at),
        "状态": desk().words(upload),
        "已改": f"{len(upload.mends)} 格" if upload.mends else "—",
    }


_RECENT = 10


def recent_receipts(viewer: Viewer) -> None:
    """What the team posted lately, so that a lost page can be looked up here."""
    pieces.kept(_recent, viewer.team or "")


def _recent(team: str) -> None:
    here = office()
    with reading(here.engine) as connection:
        found = receipts.listed(connection, here.stored.id, Asked(team=team), Page(_RECENT))
    if not found:
        pieces.note("本组还没有过账记录。")
        return
    parts.listing(_receipt_lines(found))


def _receipt_lines(listed: Sequence[ledger.Receipt]) -> Sequence[dict[str, str | int | Link]]:
    return [
        {
            "回执号": Link(each.number, links.to("receipt", id=each.receipt_id)),
            "时间": clock.local_text(each.posted_at),
            "文件": each.file_name,
            "上传人": each.posted_by,
            "新增": each.added,
            "更正": each.corrected,
            "未变": each.unchanged,
            "退回": each.refused,
        }
        for each in listed
    ]
