"""The audit log on a page: looked up by month, by who, by act and by what it was about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from lib import clock
from lib.access import require, sees_audit
from lib.actions import verify
from lib.kpi import acts, audit_log
from lib.kpi.audit_log import Asked
from lib.kpi.rows import Page
from lib.periods import Month
from lib.store import audit, heads
from lib.store.engine import reading
from lib.ui import choices, links, navigation, paging, parts, pieces
from lib.ui.links import Folded, Link, linked
from lib.ui.resources import office
from lib.ui.routes import AUDIT_LINES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from lib.access import Viewer
    from lib.kpi.audit_log import Line
    from lib.store.audit import Head
    from lib.ui.parts import Cell

T = TypeVar("T")
_PAGE = 50
_NONE = "—"
_RULE = "按规定至少保存六个月；本系统不删除。"


def looked_up(viewer: Viewer) -> None:
    """How the log stands, and the lines asked for."""
    require(sees_audit(viewer), "查看审计记录")
    here = office()
    with reading(here.engine) as connection:
        newest = audit.head(connection, here.stored.id)
    log = kept(newest, _log) if newest else None
    if newest is None or log is None:
        st.info("还没有审计记录。")
        return
    _stands(log.between[0], newest, log.last)
    _listing(viewer, newest, _asked(log))


def kept(newest: Head, find: Callable[..., T], *given: object) -> T:
    """What `find(*given)` finds in the log, kept until a line is added: no line ever changes.

    It is kept for every viewer alike: `given` says all it depends on, who is looking included.
    """
    key = newest.hash, find.__qualname__, given
    return office().kept_log.found(newest.line, key, lambda: find(*given))


@dataclass(frozen=True)
class _Log:
    """When the first and the last line were written, when it was verified, whose lines it has."""

    between: tuple[datetime, datetime]
    last: verify.Last | None
    people: Sequence[str]


def _log() -> _Log | None:
    here = office()
    with reading(here.engine) as connection:
        between = audit_log.span(connection, here.stored.id)
        last = verify.last_verified(connection, here.stored)
        people = audit_log.people(connection, here.stored.id)
    return _Log(between, last, people) if between else None


def _stands(first: datetime, newest: Head, last: verify.Last | None) -> None:
    """How far back the log goes, when it was verified, and whether its heads are kept."""
    verified = "还没有核验过"
    if last:
        word = "一致" if last.same else "不一致"
        verified = f"{clock.local_text(last.at)}，{last.by}，{word}"
    parts.facts(
        [
            ("保存", f"自 {clock.local_text(first)} 起，共 {newest.line:,} 行。{_RULE}"),
            ("上次核验", Link(verified, links.to("verify"))),
            ("库外校验值", _heads(newest)),
        ]
    )


def _heads(newest: Head) -> str:
    """Whether the newest line's head is kept outside the database."""
    here = office()
    path, fault = heads.place(here.engine), heads.fault(here.engine)
    if path is None:
        return "没有保存"
    if fault:
        return fault
    kept = heads.last_kept(path, here.stored.terms.code)
    if kept.hashes.get(newest.line) == [newest.hash]:
        return f"已保存到第 {newest.line:,} 行"
    return f"最后保存的是第 {kept.last:,} 行，与现在的第 {newest.line:,} 行不符，请核验"


def _asked(log: _Log) -> Asked:
    """Narrow by month and act, kept in the address; by a person and a text, which are not."""
    months = {str(month): str(month) for month in audit_log.months(log.between)}
    words = dict(sorted(acts.LABELS.items(), key=lambda named: named[1]))
    with st.container(horizontal=True, vertical_alignment="center"):
        month = choices.one_of("month", "月份", {"": "全部月份", **months})
        act = choices.one_of("act", "做了什么", {"": "全部操作", **words})
        by = st.selectbox(
            "谁",
            ["", *log.people],
            format_func=lambda name: name or "所有人",
            label_visibility="collapsed",
            on_change=_from_the_first_page,
            width=200,
        )
        text = st.text_input(
            "查找对象",
            placeholder="查找回执号、记录编号或用户名",
            max_chars=40,
            label_visibility="collapsed",
            on_change=_from_the_first_page,
            width=260,
        )
    return Asked(Month.parse(month) if month else None, by, act, text.strip())


def _from_the_first_page() -> None:
    st.query_params.pop("page", None)


def _listing(viewer: Viewer, newest: Head, asked: Asked) -> None:
    """A page of the lines asked for, the newest first."""
    number = kept(newest, _number, asked)
    if not number:
        st.info("没有符合条件的审计记录。可以放宽上面的条件。")
        return
    page = Page(_PAGE, paging.asked("page", number, _PAGE))
    pieces.draw(kept(newest, pieces.drawn, _lines, viewer, asked, page, number))
    paging.buttons("page", page.number, number, page.size)


def _number(asked: Asked) -> int:
    here = office()
    with reading(here.engine) as connection:
        return audit_log.number_of(connection, here.stored.id, asked)


def _lines(viewer: Viewer, asked: Asked, page: Page, number: int) -> None:
    """How many there are, the way to take them along, and a page of them."""
    here = office()
    with reading(here.engine) as connection:
        lines = audit_log.listed(connection, here.stored.id, asked, page)
    file = links.to(AUDIT_LINES.removeprefix("/"), month=asked.month or "", act=asked.act)
    way = Link("下载所选月份和操作（.xlsx，留痕）", file).markup
    pieces.draw(f'<p class="summary">共 <b>{number:,}</b> 行 · {way}</p>')
    parts.listing([_line(viewer, line) for line in lines])


def _line(viewer: Viewer, line: Line) -> Mapping[str, Cell]:
    """A line's cells by heading; what it says of before and after is folded."""
    return {
        "时间": clock.local_text(line.at),
        "谁": line.by,
        "从哪里": line.origin or _NONE,
        "做了什么": acts.label(line.act),
        "对象": linked(acts.subject(line.subject), _address(viewer, line)),
        "详情": _folded(line),
    }


def _folded(line: Line) -> Folded:
    said = [*acts.changes(line.before, line.after), ("原文", f"{line.act} {line.subject}")]
    return Folded(f"第 {line.line_id:,} 行", said)


# What an act was about, the page that shows it, and how its address names it.
_PLACES = (
    (re.compile(r"entry (\d+)( v\d+)?"), "progress/entry", "id"),
    (re.compile(r"receipt (\d+)"), "logs/receipt", "id"),
    (re.compile(r"\d{4}-(\d{6})"), "logs/receipt", "id"),
    (re.compile(r"sample (\d+)( item \d+)?"), "acceptance/sample", "id"),
    (re.compile(r"(\d{4}-\d{2})"), "acceptance/settlement", "month"),
)


def _address(viewer: Viewer, line: Line) -> str:
    """Where the subject of a line is seen, if the viewer may; else nowhere."""
    if line.subject.startswith("finding "):
        _, code, about = line.subject.split(" ", 2)
        return _if_open(viewer, "acceptance/finding", rule=code, subject=about)
    for pattern, page, part in _PLACES:
        if found := pattern.fullmatch(line.subject):
            return _if_open(viewer, page, **{part: found[1].lstrip("0")})
    return ""


def _if_open(viewer: Viewer, page: str, **asked: str) -> str:
    is_open = navigation.may_open(viewer, page)
    return links.to(navigation.address(page), **asked) if is_open else ""
