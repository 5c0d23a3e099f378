"""The verb that shows what the rules find in the ledger (spec §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib import clock
from lib.findings import RULES
from lib.findings.found import findings
from lib.kpi.scope import Scope
from lib.store import setup
from lib.store.engine import reading
from lib.verbs.answers import DONE, print_json, say

if TYPE_CHECKING:
    import argparse

    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.findings.found import Finding


def show_findings(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """The findings as of a day: of all months or one, of all rules or one."""
    stored = setup.opened(engine, terms)
    scope = Scope(stored, terms.as_of(asked.as_of, clock.business_today()))
    rules = [RULES[asked.rule]] if asked.rule else RULES.values()
    with reading(engine) as connection:
        found = findings(connection, scope, month=str(asked.month or ""), rules=rules)
    if asked.json:
        print_json([_facts(each) for each in found])
        return DONE
    for each in found:
        print(
            f"{each.rule.name}（{each.rule.code}）  {each.subject}  "
            f"{len(each.rows)} 条记录  {each.state.label}"
        )
    say(f"截至 {scope.as_of}，共 {len(found)} 个疑点；所涉记录请加 --json 查看。")
    return DONE


def _facts(found: Finding) -> dict[str, Any]:
    return {
        "code": found.rule.code,
        "name": found.rule.name,
        "subject": found.subject,
        "state": str(found.state),
        "months": sorted(found.months),
        "entries": [
            {"id": row.entry_id, "kind": row.kind, "date": row.day.isoformat()}
            for row in found.rows
        ],
    }
