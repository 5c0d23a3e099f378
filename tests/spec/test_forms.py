"""A form is posted like a workbook of one row, whatever its kind (spec §3)."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from lib.access import Role, Viewer
from lib.actions.post import post, preview
from lib.logs import LOG_KINDS
from lib.logs.cells import written
from lib.store import ledger, schema
from lib.store.engine import reading
from lib.workbooks.form import form_workbook
from tests.spec import small
from tests.support.forms import filled
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from lib.actions.post import Plan, Posted
    from lib.store.contracts import StoredContract

LEAD = Viewer("甲", Role.TEAM_LEAD, "一组")
DAY = date(2023, 3, 6)
VISIT = {"day": "2023-03-06", "people": "G1、G2", "elder": "E1", "living": "良好", "health": "一般"}


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract in a store of its own."""
    return small.entered(engine)


def planned(engine: Engine, stored: StoredContract, kind: str, cells: Mapping[str, Any]) -> Plan:
    """What posting the form would do."""
    book = form_workbook(LOG_KINDS[kind], cells)
    return preview(engine, stored, LEAD, [book], small.TODAY)[0]


def posted(engine: Engine, stored: StoredContract, kind: str, cells: Mapping[str, Any]) -> Posted:
    """The form posted."""
    book = form_workbook(LOG_KINDS[kind], cells)
    (done,) = post(engine, stored, LEAD, [book], today=small.TODAY, now=small.NOW)
    return done


def outcome(plan: Plan) -> str:
    """What becomes of the form's only row."""
    (row,) = plan.rows
    return str(row.outcome)


def original(engine: Engine, stored: StoredContract, receipt_id: int) -> Any:  # noqa: ANN401 - JSON
    """What is kept of a form; None when nothing is."""
    with reading(engine) as connection:
        found = ledger.original(connection, stored.id, receipt_id)
    return found and json.loads(found.content)


@pytest.mark.parametrize("slug", LOG_KINDS)
def test_what_the_ledger_holds_reads_back_unchanged(
    engine: Engine, stored: StoredContract, slug: str
):
    kind = LOG_KINDS[slug]
    cells = filled(kind, DAY, "E1")
    done = posted(engine, stored, slug, cells)
    assert (outcome(done.plan), done.plan.refusals) == ("new", ())
    with reading(engine) as connection:
        found = ledger.held_entry(connection, stored.id, 1)
    assert found
    assert {slug: str(cell) for slug, cell in written(kind, found).items()} == {
        slug: str(cell) for slug, cell in cells.items()
    }
    assert outcome(planned(engine, stored, slug, written(kind, found))) == "unchanged"


def test_the_receipt_says_it_was_a_form_and_keeps_what_was_typed(
    engine: Engine, stored: StoredContract
):
    done = posted(engine, stored, "elder_check", {**VISIT, "remark": " "})
    assert done.receipt
    assert (done.receipt.source, done.receipt.file_name) == ("form", "快速录入")
    assert original(engine, stored, 1) == {
        "特困老人核查": {
            "日期": "2023-03-06",
            "服务人员": "G1、G2",
            "特困人员编号": "E1",
            "生活状况": "良好",
            "健康状况": "一般",
        }
    }


def test_thrice_is_once(engine: Engine, stored: StoredContract):
    done = [posted(engine, stored, "elder_check", VISIT) for _ in range(3)]
    assert [outcome(each.plan) for each in done] == ["new", "unchanged", "unchanged"]
    assert [each.receipt is None for each in done] == [False, True, True]


def test_the_same_visit_from_a_workbook_is_the_same_entry(engine: Engine, stored: StoredContract):
    row = {"日期": DAY, "服务人员": "赵一、钱二丰", "特困人员编号": "E1"}
    row |= {"生活状况": "良好", "健康状况": "一般"}
    book = small.workbook({"特困老人核查": [row]})
    post(engine, stored, LEAD, [book], today=small.TODAY, now=small.NOW)
    assert outcome(planned(engine, stored, "elder_check", VISIT)) == "unchanged"
    assert outcome(planned(engine, stored, "elder_check", {**VISIT, "living": "较差"})) == (
        "corrected"
    )


def test_what_is_wrong_is_said_as_of_a_workbook(engine: Engine, stored: StoredContract):
    wrong = {**VISIT, "day": "2023-01-01", "living": "", "elder": "E9"}
    plan = planned(engine, stored, "elder_check", wrong)
    assert [(each.place.column, each.fault.sentence) for each in plan.refusals] == [
        ("日期", "填的是“2023-01-01”，不在合同期 2023-02-10 至 2023-05-07 内。"),
        ("特困人员编号", "填的是“E9”，特困人员名册中没有此编号。"),
        ("生活状况", "“生活状况”必须填写。"),
    ]


def test_another_teams_form_is_refused(engine: Engine, stored: StoredContract):
    plan = planned(engine, stored, "elder_check", {**VISIT, "people": "G3"})
    assert [each.fault.rule for each in plan.refusals] == ["other_team"]


def test_an_identity_number_is_masked_and_what_was_typed_is_not_kept(
    engine: Engine, stored: StoredContract
):
    done = posted(engine, stored, "elder_check", {**VISIT, "remark": f"证号{NUMBER}"})
    assert done.plan.workbook.masked == ("特困老人核查",)
    assert NUMBER.encode() not in done.plan.workbook.data
    assert original(engine, stored, 1) is None
    with reading(engine) as connection:
        (details,) = connection.execute(select(schema.entry_version.c.details)).scalars()
    assert details["remark"] == f"证号{NUMBER[:3]}{'*' * 11}{NUMBER[-4:]}"
