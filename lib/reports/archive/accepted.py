"""What was checked and signed: findings, samples, signatures, as members of the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.found import findings
from lib.kpi.cells import Eyes
from lib.kpi.samples import Result
from lib.logs import LOG_KINDS
from lib.periods import local_text
from lib.reports import findings as finding_list
from lib.reports.archive.lines import json_file, json_lines, workbook
from lib.reports.archive.zipped import Member
from lib.store import dossier, rosters, signatures
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from lib.contract import Thresholds
    from lib.fields import Plain
    from lib.findings.found import Finding
    from lib.reports.archive.wanted import Wanted
    from lib.store.dossier import Row


def found(wanted: Wanted) -> Iterator[Member]:
    """Every finding through the day, with its rows and all that was said of it."""
    with reading(wanted.engine) as connection:
        every = findings(connection, wanted.scope)
        eyes = Eyes(wanted.viewer, rosters.load(connection, wanted.stored.id))
        listed = finding_list.workbook(
            connection, wanted.scope, every, eyes, month="", made_at=wanted.made_text
        )
    thresholds = wanted.stored.terms.thresholds
    yield json_file("疑点/疑点.json", [_finding(each, thresholds) for each in every])
    yield Member("疑点/疑点.xlsx", [listed.data])


def _finding(found: Finding, thresholds: Thresholds) -> Mapping[str, Any]:
    return {
        "rule": found.rule.code,
        "name": found.rule.name,
        "meaning": found.rule.meaning,
        "threshold": found.rule.threshold(thresholds),
        "subject": found.subject,
        "state": found.state,
        "basis": found.basis,
        "rows": [vars(row) for row in found.rows],
        "acts": [vars(act) for act in found.acts],
    }


def sampled(wanted: Wanted) -> Iterator[Member]:
    """Every sample with its strata and seed, its items, and what was found of each."""
    with reading(wanted.engine) as connection:
        samples = dossier.samples(connection, wanted.stored.id, wanted.scope.as_of)
    yield json_file("抽查/抽查.json", samples)
    rows = [_item_cells(sample, item) for sample in samples for item in sample["items"]]
    yield workbook("抽查/抽查.xlsx", "抽查", _ITEM_HEADINGS, rows)


_ITEM_HEADINGS = (
    "抽查号",
    "序号",
    "层",
    "类别",
    "日期",
    "记录编号",
    "版本",
    "结果",
    "说明",
    "登记时间",
    "登记人",
)


def _item_cells(sample: Row, item: Row) -> Sequence[Plain]:
    """An item with the last result recorded of it."""
    last = item["results"][-1] if item["results"] else None
    return [
        sample["sample_id"],
        item["position"],
        item["stratum"],
        LOG_KINDS[item["kind"]].sheet,
        item["day"],
        item["entry_id"],
        item["version"],
        Result(last["result"]).label if last else "未登记",
        last["note"] if last else "",
        local_text(last["recorded_at"]) if last else "",
        last["recorded_by"] if last else "",
    ]


def signed(wanted: Wanted) -> Iterator[Member]:
    """Every signature with its figures, parameters and re-opening; for each, the rows it covers."""
    with reading(wanted.engine) as connection:
        every = signatures.listed(connection, wanted.stored.id)
    within = [each for each in every if each.month in map(str, wanted.months)]
    yield json_lines("签认/签认.jsonl", map(vars, within))
    for each in within:
        with reading(wanted.engine) as connection:
            rows = dossier.signed_rows(connection, wanted.stored.id, each.signature_id)
        yield json_lines(f"签认/{each.month}_{each.signature_id}.jsonl", rows)
