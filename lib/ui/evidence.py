"""Photos and scans on a page: those that hang on something there, and attaching more."""

from __future__ import annotations

import logging
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.actions import evidence, reasons
from lib.errors import RefusedError, StoreError, UnreadableError
from lib.pictures import limits
from lib.pictures.cleaning import EXTENSIONS, Picture, clean
from lib.store.evidence import Subject
from lib.ui import handed_in, links, parts
from lib.ui.resources import blobs, office
from lib.ui.routes import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from lib.access import Viewer
    from lib.store.evidence import Attachment

_LOG = logging.getLogger(__name__)


def pictures(viewer: Viewer, *, entry_id: int = 0, receipt_id: int = 0) -> None:
    """What hangs on an entry or a receipt, and attaching more; how many there are for others."""
    pictures_of(viewer, Subject("entry", entry_id) if entry_id else Subject("receipt", receipt_id))


def pictures_of(viewer: Viewer, subject: Subject, whose: str = "本组和验收人员") -> None:
    """What hangs on a subject, and attaching more; to others how many, and `whose` it is to see."""
    found = evidence.gallery(office().engine, office().stored, viewer, subject)
    if not (found.number or found.shown or found.may_change):
        return
    st.subheader("照片和扫描件", anchor=False)
    if not found.may_see:
        st.caption(f"附有 {found.number} 个，只有{whose}可以看。")
        return
    if found.shown:
        figures = "".join(_figure(n, each) for n, each in enumerate(found.shown, 1))
        st.html(f'<div class="pictures">{figures}</div>')
    if found.closed:
        st.caption("所在月份已签认封存，照片和扫描件不能再增减。")
    if found.may_change:
        if found.shown:
            _remove_form(viewer, subject, found.shown)
        _attach_form(viewer, subject)


def _figure(number: int, found: Attachment) -> str:
    """A thumbnail that opens the picture, with who attached it when, or took it off and why."""
    address = escape(_address(found))
    words = f"{clock.local_text(found.attached_at)} {found.attached_by}"
    if found.removed_at:
        at = clock.local_text(found.removed_at)
        words = f"已移除：{found.removed_reason}（{at} {found.removed_by}）"
    inside = "PDF"
    if found.media_type != evidence.PDF:
        source = escape(_address(found, "thumb"))
        inside = f'<img src="{source}" alt="照片 {number}" loading="lazy">'
    return (
        f'<figure class="{"removed" if found.removed_at else ""}">'
        f'<a href="{address}" target="_blank">{inside}</a>'
        f"<figcaption>{number} · {escape(words)}</figcaption></figure>"
    )


def _address(found: Attachment, size: str = "") -> str:
    return links.to(EVIDENCE.removeprefix("/"), id=found.attachment_id, size=size)


def _remove_form(viewer: Viewer, subject: Subject, shown: Sequence[Attachment]) -> None:
    """Take one off, with a reason."""
    numbers = {each.attachment_id: n for n, each in enumerate(shown, 1)}
    key = f"remove:{subject}:{len(shown)}"  # another one afterwards, closed and empty
    with st.popover("移除一个", key=f"{key}:more"), st.form(key, border=False):
        chosen = st.selectbox("哪一个", list(numbers), format_func=lambda i: f"第 {numbers[i]} 个")
        reason = st.text_input("原因", max_chars=reasons.LIMIT, placeholder="例如：传错了人家")
        if not st.form_submit_button("移除", type="primary"):
            return
    here = office()
    try:
        evidence.remove(here.engine, here.stored, viewer, chosen, reason=reason, now=clock.now())
    except RefusedError as refusal:
        st.error(refusal.sentence)
    else:
        st.rerun()


def _attach_form(viewer: Viewer, subject: Subject) -> None:
    """Attach photos and scans, several at once."""
    key = f"attach:{subject}"
    turn = st.session_state.setdefault(f"{key}:turn", 0)
    files = st.file_uploader(
        "附上照片或扫描件（可拍照，可一次选几个）",
        type=list(EXTENSIONS),
        accept_multiple_files=True,
        key=f"{key}:{turn}",
        max_upload_size=limits.UPLOAD_BYTES >> 20,
        help="照片里的位置、手机型号等信息会自动去掉",
    )
    _told(st.session_state.pop(f"{key}:said", None))
    if files and st.button(f"附上这 {len(files)} 个文件", type="primary", key=f"{key}:go"):
        _attach(viewer, subject, files, key)


def _attach(viewer: Viewer, subject: Subject, files: Sequence[UploadedFile], key: str) -> None:
    """Clean each file, attach the good ones in one go, and begin with an empty uploader again."""
    here = office()
    pictures, refused = _cleaned(viewer, subject, files)
    try:
        new = 0
        if pictures:
            new = evidence.attach(
                here.engine, here.stored, viewer, blobs(), subject, pictures, clock.now()
            )
    except StoreError as lost:
        _LOG.error("cannot keep evidence: %s", lost.sentence)
        st.error("现在存不了，文件还在上面。请稍后再试；若一直这样，请告诉管理员。")
        return
    except RefusedError as refusal:
        st.error(refusal.sentence)
        return
    handed_in.let_go(files)
    st.session_state[f"{key}:said"] = (new, len(pictures) - new, refused)
    st.session_state[f"{key}:turn"] += 1
    st.rerun()


def _cleaned(
    viewer: Viewer, subject: Subject, files: Sequence[UploadedFile]
) -> tuple[list[Picture], list[str]]:
    """The files that can be kept, and a sentence for each that cannot."""
    here = office()
    pictures, refused = [], []
    progress = st.progress(0.0)
    for number, file in enumerate(files):
        progress.progress(number / len(files), f"正在处理第 {number + 1} 个，共 {len(files)} 个")
        data = file.getvalue()
        try:
            pictures.append(clean(data))
        except UnreadableError as refusal:
            refused.append(f"{file.name}：{refusal.sentence}")
            evidence.record_refusal(
                here.engine,
                here.stored,
                viewer,
                subject,
                data=data,
                reason=refusal.sentence,
                now=clock.now(),
            )
    return pictures, refused


def _told(said: tuple[int, int, list[str]] | None) -> None:
    """What became of the files that were sent last."""
    if said is None:
        return
    new, known, refused = said
    if new:
        st.success(f"已附上 {new} 个。")
    if known:
        st.info(f"{known} 个已经附在这里，没有重复附上。")
    if refused:
        st.warning(f"{len(refused)} 个没有附上：")
        parts.problems(refused)
