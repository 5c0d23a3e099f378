"""A sample as a workbook to take along: what to check in the order of trips, and how it was drawn.

The frame goes with it as long as the ledger says what it said then: whoever has the workbook can
draw the sample again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.kpi import sample_words
from lib.kpi.frame import rank
from lib.kpi.redrawn import redrawn
from lib.kpi.versions import named
from lib.logs import LOG_KINDS
from lib.logs.columns import DAY, LOCALITY, PEOPLE
from lib.periods import local_text
from lib.workbooks.explained import Answer, Question, explanation
from lib.workbooks.ledger import LedgerSheet, office_ledger
from lib.workbooks.to_fill import laid_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lib.fields import Plain
    from lib.kpi.cells import Eyes
    from lib.kpi.redrawn import Redrawn
    from lib.kpi.samples import Item, Sample
    from lib.kpi.scope import Scope
    from lib.kpi.versions import Version

_WIDTHS = {
    "街道": 12,
    "村(社区)": 12,
    "项目": 14,
    "日期": 12,
    "服务人员": 14,
    "内容": 52,
    "核查结果": 12,
    "核查人": 10,
    "核查日期": 12,
    "备注": 24,
}
_OWN = {field.slug for field in (DAY, LOCALITY, PEOPLE)}  # in columns of their own here


def workbook(
    connection: Connection, scope: Scope, sample: Sample, eyes: Eyes, made_at: str
) -> Answer:
    """The .xlsx of a sample, names as `eyes` see them."""
    versions = drawn_versions(connection, scope.contract_id, sample.items)
    title = f"抽查表 {sample_words.days(sample.first, sample.last)}"
    rows = [_row(item, versions[item.entry_id, item.version], eyes) for item in sample.items]
    byline = (scope.contract.name, eyes.viewer.name)
    again = redrawn(connection, scope, sample)
    sheets = [
        LedgerSheet("抽查表", list(_WIDTHS), rows, title=title, byline=byline),
        explanation(_question(scope, sample, eyes, made_at), _drawn(scope, sample, again)),
    ]
    if again.is_same_frame:
        sheets.append(_frame(sample, again, eyes))
    return Answer(laid_out(office_ledger(sheets), list(_WIDTHS.values())), len(rows))


def drawn_versions(
    connection: Connection, contract_id: int, items: Sequence[Item]
) -> Mapping[tuple[int, int], Version]:
    """What each item said when it was drawn, by entry and version."""
    return named(connection, contract_id, [(item.entry_id, item.version) for item in items])


def told(version: Version, eyes: Eyes) -> str:
    """All that the entry says besides when, where and who, as one text."""
    cells = eyes.cells(version)
    own = [field.heading for field in LOG_KINDS[version.kind].fields if field.slug not in _OWN]
    return "；".join(f"{name}：{cells[name]}" for name in own if cells[name] not in (None, ""))


def _row(item: Item, version: Version, eyes: Eyes) -> Sequence[Plain]:
    place = eyes.roster.localities.get(version.locality or "")
    last = item.last
    return [
        place.subdistrict if place else "",
        place.name if place else "",
        LOG_KINDS[version.kind].sheet,
        version.day,
        eyes.people(version),
        told(version, eyes),
        last.result.label if last else None,
        last.by if last else None,
        local_text(last.at)[:10] if last else None,
        eyes.said(last.note) if last else None,
    ]


def _question(scope: Scope, sample: Sample, eyes: Eyes, made_at: str) -> Question:
    """What the sheet is about; what was drawn stands as it was then, whatever the ledger says."""
    days = sample_words.days(sample.first, sample.last)
    return Question(
        scope.contract,
        f"抽查表：{days}，{sample_words.kinds(sample.kinds, scope.contract.kinds)}",
        sample.last,
        rows=len(sample.items),
        total=("抽取条数", len(sample.items)),
        names="已隐去" if eyes.masked else "全名",
        made=f"{made_at} {eyes.viewer.name}",
    )


def _drawn(scope: Scope, sample: Sample, again: Redrawn) -> Sequence[Sequence[Plain]]:
    """How the sample was drawn, and what is to be written into the sheet."""
    return [
        ["抽查范围", sample_words.days(sample.first, sample.last)],
        ["抽查项目", sample_words.kinds(sample.kinds, scope.contract.kinds)],
        ["记录总数", sample.population],
        ["抽取条数", len(sample.items)],
        ["要求", sample_words.sureness(sample)],
        ["核查结果填法", "属实、不符、无法核实；不符和无法核实请在备注写明情况"],
        *sample_words.method(sample),
        ["抽取", f"{local_text(sample.drawn_at)} {sample.drawn_by}"],
        ["台账与抽取时", "相同，见“抽样框”" if again.is_same_frame else "不同，抽样框未附"],
    ]


def _frame(sample: Sample, again: Redrawn, eyes: Eyes) -> LedgerSheet:
    """Every entry that could be drawn, with its rank; a key may hold a text, and names in it.

    The rank of an entry whose key is masked can be computed from the sheet with full names only.
    """
    drawn = {(item.entry_id, item.version) for item in sample.items}
    rows: list[list[Plain]] = [
        [
            member.kind,
            member.locality,
            eyes.said(member.natural_key),
            member.digest,
            rank(sample.seed, member),
            "是" if (member.entry_id, member.version) in drawn else "",
        ]
        for member in again.frame.members
    ]
    headings = ["项目代码", "村(社区)编码", "记录键", "内容校验值", "抽签值", "抽中"]
    return LedgerSheet("抽样框", headings, rows)
