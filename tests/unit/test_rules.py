"""Every rule of findings is registered, described and tried; none looks at another contract."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import sqlite

from lib import contract
from lib.findings import RULES
from lib.kpi.scope import Scope
from lib.settings import ROOT
from lib.store import schema
from lib.store.contracts import StoredContract
from lib.store.engine import open_store, reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lib.findings.rule import Rule
    from tests.support.stores import SQLiteStores

TERMS = contract.load(ROOT / "data" / "contract.toml")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def rule_constants() -> Iterator[tuple[str, str]]:
    """The stem of each file of the package that makes a rule, and the constant's name."""
    for path in sorted((ROOT / "lib" / "findings").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Rule("):
                yield path.stem, ast.unparse(node.targets[0])


def test_every_rule_is_registered_under_its_files_name():
    made: Mapping[str, str] = dict(rule_constants())

    assert made == {code: code.upper() for code in RULES}
    assert {code: rule.code for code, rule in RULES.items()} == {code: code for code in RULES}


def test_every_rule_is_tried():
    tests = {path.stem for path in (ROOT / "tests" / "spec" / "findings").glob("test_*.py")}

    assert tests == {f"test_{code}" for code in RULES}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_rule_says_what_it_finds_in_chinese(rule: Rule):
    words = (rule.name, rule.meaning, rule.threshold(TERMS.thresholds))

    assert [text for text in words if not CHINESE.search(text)] == []
    assert rule.meaning.endswith("。")
    assert "可能" in rule.meaning  # what may explain it


def test_rules_have_names_of_their_own():
    assert len({rule.name for rule in RULES.values()}) == len(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_reads_the_rows_of_its_contract_only(
    rule: Rule, sqlite_stores: SQLiteStores, tmp_path
):
    # A full calendar is no contract's, and short.
    shared = {schema.contract.name, schema.calendar_day.name}
    tables = {table.name for table in schema.metadata.sorted_tables} - shared
    statement = rule.rows(Scope(StoredContract(TERMS, 1), TERMS.end)).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with sqlite_stores.fresh(tmp_path) as url:
        engine = open_store(url)
        with reading(engine) as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
        engine.dispose()
    steps = [line.detail for line in plan if line.detail.startswith(("SCAN", "SEARCH"))]
    read = [step for step in steps if step.split()[1] in tables]

    assert read
    assert [step for step in read if "(contract_id=?" not in step] == []
