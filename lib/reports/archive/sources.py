"""Where the rows came from: receipts, original files, photos and scans, the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.errors import StoreError
from lib.logs.entry import Source
from lib.reports.archive.lines import json_lines
from lib.reports.archive.zipped import Member
from lib.store import dossier, ledger
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lib.reports.archive.wanted import Wanted
    from lib.store.dossier import Handed, Row

_TYPES = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
}
_WORKBOOKS = frozenset({"xls", "xlsm", "xlsx"})
_NOT_KEPT = "文件里有身份证号码，或有看不到内容的宏、嵌入对象，按规定没有留存，只留了校验值"


def received(wanted: Wanted) -> Iterator[Member]:
    """Every receipt, the cells that were mended for it, and what was withdrawn."""
    with reading(wanted.engine) as connection:
        handed = dossier.handed(connection, wanted.stored.id, wanted.scope.as_of)
        mends = dossier.mends(connection, wanted.stored.id)
        withdrawn = dossier.withdrawals(connection, wanted.stored.id, wanted.scope.as_of)
    receipts = [each.receipt for each in handed]
    within = {each.receipt_id for each in receipts}
    yield json_lines("回执/回执.jsonl", ({"number": r.number, **vars(r)} for r in receipts))
    yield json_lines("回执/改格.jsonl", (m for m in mends if m["receipt_id"] in within))
    yield json_lines("回执/撤回.jsonl", withdrawn)


def originals(wanted: Wanted) -> Iterator[Member]:
    """The uploaded files under the numbers of their receipts, each once, and a list of all.

    A file's own name may be a person's: it stands in the list only.
    """
    with reading(wanted.engine) as connection:
        handed = dossier.handed(connection, wanted.stored.id, wanted.scope.as_of)
    paths: dict[str, str] = {}
    for each in handed:
        sha256 = each.receipt.sha256
        if each.is_kept and sha256 not in paths:
            paths[sha256] = f"原件/{each.receipt.number}.{_extension(each)}"
            yield Member(paths[sha256], _content(wanted, each.receipt.receipt_id))
    yield json_lines("原件/清单.jsonl", (_listed(each, paths) for each in handed))


def _extension(handed: Handed) -> str:
    """A workbook's own, so that it opens; what was not handed in as a file is JSON."""
    if handed.receipt.source != Source.WORKBOOK:
        return "json"
    named = handed.receipt.file_name.rpartition(".")[2].lower()
    return named if named in _WORKBOOKS else "xlsx"


def _content(wanted: Wanted, receipt_id: int) -> Iterator[bytes]:
    with reading(wanted.engine) as connection:
        found = ledger.original(connection, wanted.stored.id, receipt_id)
    if found:
        yield found.content


def _listed(handed: Handed, paths: Mapping[str, str]) -> Row:
    receipt = handed.receipt
    return {
        "receipt": receipt.number,
        "path": paths.get(receipt.sha256),
        "file_name": receipt.file_name,
        "source": receipt.source,
        "sha256": receipt.sha256,
        "size": handed.size,
        "not_kept": None if handed.is_kept else _NOT_KEPT,
    }


def pictures(wanted: Wanted) -> Iterator[Member]:
    """Photos and scans under their hashes, each once, and a list of what they hang on.

    One that cannot be got is no reason to go without all others: the list and a remark say so.
    """
    with reading(wanted.engine) as connection:
        hanging = dossier.attachments(connection, wanted.stored.id, wanted.scope.as_of)
    paths: dict[str, str | None] = {}
    for each in hanging:
        sha256 = each["sha256"]
        if sha256 not in paths:
            data = _picture(wanted, sha256)
            path = f"图片/{sha256}.{_TYPES.get(each['media_type'], 'bin')}"
            paths[sha256] = path if data else None
            if data:
                yield Member(path, [data])
    lost = list(paths.values()).count(None)
    remark = (
        f"有 {lost} 个图片或扫描件取不出来，图片/清单.jsonl 中 path 为空的就是。" if lost else ""
    )
    listed = ({**each, "path": paths[each["sha256"]]} for each in hanging)
    yield json_lines("图片/清单.jsonl", listed, remark)


def _picture(wanted: Wanted, sha256: str) -> bytes | None:
    try:
        return wanted.blobs.get(sha256)
    except StoreError:
        return None


def audited(wanted: Wanted) -> Iterator[Member]:
    """The whole audit log: cut short, its chain of hashes could not be checked."""
    with reading(wanted.engine) as connection:
        lines = dossier.audit_lines(connection, wanted.stored.id)
    yield json_lines("审计/审计.jsonl", lines)
