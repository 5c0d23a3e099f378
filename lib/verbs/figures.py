"""Verbs that show what the store holds: figures and entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.kpi.measures import measures
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope, of_kind
from lib.store import setup
from lib.store.engine import reading
from lib.store.schema import entry
from lib.verbs.answers import DONE, print_json, say

if TYPE_CHECKING:
    import argparse

    from sqlalchemy import Engine

    from lib.contract import Contract


def show_measures(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Every figure as of a day."""
    stored = setup.opened(engine, terms)
    scope = Scope(stored, terms.as_of(asked.as_of, clock.business_today()))
    with reading(engine) as connection:
        found = measures(connection, scope)
    if asked.json:
        print_json(found)
        return DONE
    names = {item.code: item.name for item in terms.item}
    print(f"{terms.name}，截至 {scope.as_of}")
    for code, figure in found["person_days"].items():
        print(
            f"{names[code]}：完成 {figure['delivered']} 人天，应完成 {figure['due']}，"
            f"合同 {figure['required']}"
        )
    say("其余指标请加 --json 查看。")
    return DONE


def show_entries(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Effective entries of one kind."""
    stored = setup.opened(engine, terms)
    scope = Scope(stored, min(asked.last or terms.end, terms.end))
    first = asked.first or terms.start
    with reading(engine) as connection:
        rows = ledger_rows(connection, of_kind(scope, asked.kind) & (entry.c.day >= first))
    facts = [
        {
            "id": row.entry_id,
            "kind": row.kind,
            "version": row.version,
            "date": row.day.isoformat(),
            "people": list(row.people),
            "names": list(row.people.values()),
            "locality": row.locality,
            "elder": row.elder,
            "household": row.household,
            "application": row.application,
            "details": dict(row.details),
            "file": row.file_name,
            "row": row.source_row,
        }
        for row in rows
    ]
    if asked.json:
        print_json(facts)
        return DONE
    for row in rows:
        print(
            f"{row.day}  {'、'.join(row.people.values())}  {row.file_name} 第 {row.source_row} 行"
        )
    say(f"共 {len(facts)} 条；逐项内容请加 --json 查看。")
    return DONE
