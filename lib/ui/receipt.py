"""One receipt: who, when and why, and the entries that it brought, corrected or withdrew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_see_file
from lib.kpi import receipts, versions
from lib.kpi.cells import Eyes
from lib.kpi.receipts import Part
from lib.kpi.rows import Page
from lib.logs import LOG_KINDS
from lib.logs.entry import Source
from lib.store import ledger
from lib.store.engine import reading
from lib.text import squeezed
from lib.ui import evidence, history, links, paging, parts, reads
from lib.ui.links import Link
from lib.ui.navigation import NotFoundError
from lib.ui.parts import Tile
from lib.ui.resources import office
from lib.ui.routes import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lib.access import Viewer
    from lib.kpi.receipts import Mended
    from lib.kpi.versions import Version
    from lib.store.ledger import Receipt
    from lib.ui.parts import Cell

_PAGE = 30
_CORRECTED = {Source.UNDOING: "恢复原内容", Source.RESTORING: "重新计入"}  # else 更正
_NONE = "—"


def asked(viewer: Viewer) -> Receipt:
    """The receipt that the address names; NotFoundError when there is none for the viewer."""
    here = office()
    number = links.number_in(st.query_params.get("id", ""))
    with reading(here.engine) as connection:
        found = ledger.receipt_of(connection, here.stored.id, number) if number else None
    if found is None or not may_see_file(viewer, found.team):
        raise NotFoundError
    return found


def other_side(receipt: Receipt) -> Receipt | None:
    """The receipt that undoes this one, or the one that it undoes."""
    here = office()
    with reading(here.engine) as connection:
        found = receipts.other_sides(connection, here.stored.id, [receipt])
    return found.get(receipt.receipt_id)


def summary(receipt: Receipt, other: Receipt | None) -> None:
    """Who, when, how and why; how many rows of which outcome; what it undoes or is undone by."""
    here = office()
    with reading(here.engine) as connection:
        kept = ledger.original(connection, here.stored.id, receipt.receipt_id)
    st.subheader(f"回执 {receipt.number}", anchor=False)
    if other and not receipt.undoes:
        when = clock.local_text(other.posted_at)
        st.warning(f"这张回执已于 {when} 由 {other.posted_by} 撤销。")
    file = links.to(FILE.removeprefix("/"), receipt=receipt.receipt_id)
    lines: list[tuple[str, str | Link]] = [
        ("时间", clock.local_text(receipt.posted_at)),
        ("经办", history.who(receipt)),
        ("来源", Source(receipt.source).label),
        ("原文件", Link(receipt.file_name, file) if kept else f"{receipt.file_name}（未留存）"),
    ]
    if receipt.reason:
        lines.append(("原因", receipt.reason))
    if other:
        lines.append(("撤销", history.side(receipt, other)))
    if other and not receipt.undoes:
        lines.append(("撤销原因", other.reason or _NONE))
    parts.facts(lines)
    parts.tiles([Tile(word, f"{number:,}", "条") for word, number in _counts(receipt)])


def _counts(receipt: Receipt) -> Sequence[tuple[str, int]]:
    """Rows by what became of them, as such a receipt has them."""
    corrected = (_corrected(receipt), receipt.corrected)
    match receipt.source:
        case Source.UNDOING:
            return [("撤回", receipt.withdrawn), corrected, ("保持不变", receipt.unchanged)]
        case Source.RESTORING:
            return [corrected]
        case _:
            rest = [("未变", receipt.unchanged), ("退回", receipt.refused)]
            return [("新增", receipt.added), corrected, *rest]


def _corrected(receipt: Receipt) -> str:
    """What was done to the entries that say something else since the receipt."""
    return _CORRECTED.get(Source(receipt.source), "更正")


def pictures(viewer: Viewer, receipt: Receipt) -> None:
    """The photos and scans attached to the whole receipt."""
    evidence.pictures(viewer, receipt_id=receipt.receipt_id)


def changes(viewer: Viewer, receipt: Receipt) -> None:
    """What the receipt changed, entry by entry, and what became of these entries later."""
    eyes = Eyes(viewer, reads.roster())
    for part, word, number in (
        (Part.NEW, "新增", receipt.added),
        (Part.CORRECTED, _corrected(receipt), receipt.corrected),
        (Part.WITHDRAWN, "撤回", receipt.withdrawn),
    ):
        if number:
            st.subheader(f"{word} {number:,} 条", anchor=False)
            _entries(eyes, receipt, part, number)
    _mends(receipt)
    _later(viewer, receipt)


def _entries(eyes: Eyes, receipt: Receipt, part: Part, number: int) -> None:
    """A page of the entries to which the receipt did one thing."""
    here = office()
    page = Page(_PAGE, paging.asked(part, number, _PAGE))
    with reading(here.engine) as connection:
        found = receipts.changed(connection, here.stored.id, receipt.receipt_id, part, page)
    if part is Part.CORRECTED:
        corrected(eyes, [(entry_id, version - 1, version) for entry_id, version in found])
    else:
        entries(eyes, found)
    paging.ways("receipt", part, page.number, number, page.size)


def entries(eyes: Eyes, wanted: Sequence[tuple[int, int]]) -> None:
    """What entries say, given by entry and version; the day opens the entry."""
    here = office()
    with reading(here.engine) as connection:
        said = versions.named(connection, here.stored.id, wanted)
    parts.listing([line(eyes, said[pair]) | _told(eyes, said[pair]) for pair in wanted])


def corrected(
    eyes: Eyes,
    wanted: Sequence[tuple[int, int, int]],
    words: tuple[str, str] = ("原来", "现在"),
) -> None:
    """What differs cell by cell, given by entry, the version before and the one after.

    `words` head what was said before and after.
    """
    here = office()
    pairs = [(entry_id, version) for entry_id, *both in wanted for version in both]
    with reading(here.engine) as connection:
        said = versions.named(connection, here.stored.id, pairs)
    shown = [(said[n, before], said[n, after]) for n, before, after in wanted]
    parts.listing(
        [
            line(eyes, after) | dict(zip(words, _difference(eyes, before, after), strict=True))
            for before, after in shown
        ]
    )


def line(eyes: Eyes, version: Version) -> dict[str, Cell]:
    """What tells which entry is meant."""
    return {
        "日期": Link(str(version.day), links.to("entry", id=version.entry_id)),
        "项目": LOG_KINDS[version.kind].sheet,
        "服务人员": eyes.people(version),
        "村（社区）": eyes.place(version) or _NONE,
    }


def _told(eyes: Eyes, version: Version) -> dict[str, Cell]:
    """What it says, and in which row of the file that has rows."""
    told: dict[str, Cell] = {"内容": eyes.told(version)}
    return told if version.source == Source.FORM else told | {"文件行": version.source_row}


def _difference(eyes: Eyes, before: Version, after: Version) -> tuple[str, str]:
    """Old and new of the cells that differ; of an entry that only counts again none does."""
    cells = eyes.differences(before, after)
    if not cells:
        return "已撤回" if before.withdrawn_at else _NONE, "内容相同，重新计入"
    return (
        "；".join(f"{name}：{_filled(old)}" for name, old, _ in cells),
        "；".join(f"{name}：{_filled(new)}" for name, _, new in cells),
    )


def _filled(value: object) -> str:
    return "（空）" if value in (None, "") else str(value)


def _mends(receipt: Receipt) -> None:
    """The cells that were mended on the page; whoever sees the receipt may fetch its file too."""
    here = office()
    with reading(here.engine) as connection:
        mended = receipts.mends(connection, here.stored.id, receipt.receipt_id)
    if mended:
        st.subheader(f"在页面上改过的单元格 {len(mended):,} 个", anchor=False)
        parts.listing(
            [
                {
                    "工作表": each.sheet,
                    "行": each.row,
                    "列": _heading(each),
                    "文件中": each.found or "（空）",
                    "过账为": each.put or "（空）",
                }
                for each in mended
            ]
        )


def _heading(mended: Mended) -> str:
    """The heading of the mended cell's column."""
    kinds = {squeezed(kind.sheet): kind for kind in LOG_KINDS.values()}
    kind = kinds.get(squeezed(mended.sheet))
    return kind.by_slug[mended.field].heading if kind else mended.field


def _later(viewer: Viewer, receipt: Receipt) -> None:
    """What was done to the same entries since."""
    here = office()
    with reading(here.engine) as connection:
        found = receipts.later(connection, here.stored.id, receipt.receipt_id)
    if not found.receipts and not found.withdrawn:
        return
    st.subheader("这些记录后来的变化", anchor=False)
    if found.receipts:
        parts.listing([_later_line(viewer, *each) for each in found.receipts])
    if found.withdrawn:
        st.caption(f"另有 {found.withdrawn} 条后来单独撤回。")


def _later_line(viewer: Viewer, later: Receipt, number: int) -> Mapping[str, Cell]:
    """A later receipt; another team's is named and not opened."""
    address = links.to("receipt", id=later.receipt_id)
    opens = may_see_file(viewer, later.team)
    return {
        "回执号": Link(later.number, address) if opens else later.number,
        "时间": clock.local_text(later.posted_at),
        "来源": Source(later.source).label,
        "经办": history.who(later),
        "涉及条数": number,
    }
