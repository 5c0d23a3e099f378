"""All contracts beside each other: each stands as its own figures say, on both stores."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import null, update

from lib.actions.post import post
from lib.contract import parse
from lib.kpi.all_contracts import Stand, counted, headline, stands, worst
from lib.kpi.figures import Status, figures, overall, overall_due
from lib.kpi.overview import overview
from lib.kpi.scope import Scope
from lib.store import contracts
from lib.store.engine import reading, writing
from lib.store.schema import contract
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.store.contracts import StoredContract

TERMS = parse(small.TERMS, "small.toml")


def terms(name: str, end: date = small.END, on_track: float = 0.95) -> Contract:
    """The small contract under another name; one that ends earlier has no plan by months."""
    thresholds = TERMS.thresholds.model_copy(update={"on_track": on_track})
    unplanned = tuple(item.model_copy(update={"plan": None}) for item in TERMS.item)
    items = TERMS.item if end == small.END else unplanned
    changed = {"name": name, "end": end, "thresholds": thresholds, "item": items}
    return TERMS.model_copy(update=changed)


def rows(*days: date) -> dict[str, list[dict[str, object]]]:
    """Two kinds of work by one person on each day, and one by another."""
    patrol = {"村(社区)": "东社区", "排查情况": "走访"}
    data = {"工作内容": "数据收集", "条数": 7}
    return {
        "对象排查": [
            {"日期": day, "服务人员": who, **patrol} for day in days for who in ("赵一", "孙三")
        ],
        "网络管理": [{"日期": day, "服务人员": "赵一", **data} for day in days],
    }


DAYS = (date(2023, 3, 6), date(2023, 3, 10), date(2023, 4, 20), date(2023, 4, 23))


@pytest.fixture
def entered(engine: Engine) -> Sequence[StoredContract]:
    """Contracts with much, little and no work, and one of which the terms are not registered."""
    made = []
    for name, end, days in (
        ("甲区", small.END, DAYS),
        ("乙区", date(2023, 4, 20), DAYS[:2]),
        ("丙区", date(2023, 4, 1), ()),
        ("丁区", small.END, DAYS[:1]),
    ):
        stored = small.entered(engine, terms=terms(name, end))
        if days:
            books = [small.workbook(rows(*days))]
            post(engine, stored, small.ANYBODY, books, today=small.TODAY, now=small.NOW)
        made.append(stored)
    with writing(engine) as connection:
        row = update(contract).where(contract.c.contract_id == made[-1].id)
        connection.execute(row.values(terms=null()))
    return made


def seen(engine: Engine, as_of: date) -> Sequence[Stand]:
    """All contracts as of a day."""
    with reading(engine) as connection:
        return stands(connection, as_of)


@pytest.mark.parametrize(
    "as_of", [small.START, date(2023, 3, 8), date(2023, 4, 20), small.END, date(2024, 1, 1)]
)
def test_each_stands_as_its_own_figures_say(
    engine: Engine, entered: Sequence[StoredContract], as_of: date
):
    found = {each.contract.id: each for each in seen(engine, as_of)}
    for stored in entered[:-1]:
        scope, stand = Scope(stored, stored.terms.as_of(as_of, as_of)), found[stored.id]
        with reading(engine) as connection:
            alone = figures(connection, scope)
            whole = overview(connection, scope)
        assert stand.registered
        assert stand.whole
        assert (stand.whole.delivered, stand.whole.required) == overall(alone)
        assert stand.whole.due == overall_due(alone)
        quotas = [figure for figure in alone if figure.obligation in stored.terms.quotas]
        thresholds = stored.terms.thresholds
        late = [f.obligation.name for f in quotas if f.status(thresholds) is Status.BEHIND]
        assert list(stand.behind) == late
        assert stand.status is stand.whole.status(thresholds)
        assert (stand.last_entry_on, stand.last_posted_at) == (
            whole.last_entry_on,
            whole.last_posted_at,
        )


def test_the_furthest_behind_comes_first_and_what_is_not_known_last(
    engine: Engine, entered: Sequence[StoredContract]
):
    found = seen(engine, date(2023, 4, 30))

    assert [each.contract.name for each in found] == ["丙区", "乙区", "甲区", "丁区"]
    assert [each.entries for each in found] == [0, 0, 6, 0]
    assert (found[-1].whole, found[-1].last_entry_on) == (None, DAYS[0])
    assert headline(found) == "4 个合同：3 个滞后，1 个条款未登记。"
    assert worst(found) is Status.BEHIND
    assert found[2].whole
    assert found[2].whole.delivered == Fraction(7)  # of 4 days of 2 people; too much is of no use


def test_only_contracts_with_an_act_since_are_added_up_anew(
    engine: Engine, entered: Sequence[StoredContract]
):
    before = seen(engine, small.END)
    books = [small.workbook(rows(date(2023, 3, 7)))]
    post(engine, entered[1], small.ANYBODY, books, today=small.TODAY, now=small.NOW)
    with writing(engine) as connection:
        contracts.mark_demonstration(connection, entered[0].id)
    after = seen(engine, small.END)

    with reading(engine) as connection:
        found = stands(connection, small.END, before)

    assert found == after != before
    kept = {id(each.whole) for each in before}
    assert [each.contract.name for each in found if id(each.whole) not in kept] == ["乙区"]


def test_what_is_made_up_is_left_out_where_there_is_anything_else(
    engine: Engine, entered: Sequence[StoredContract]
):
    def names() -> list[str]:
        return [each.contract.name for each in counted(seen(engine, small.END))]

    for stored in entered[:2]:
        with writing(engine) as connection:
            contracts.mark_demonstration(connection, stored.id)
    assert names() == ["丙区", "丁区"]

    for stored in entered[2:]:
        with writing(engine) as connection:
            contracts.mark_demonstration(connection, stored.id)
    assert len(names()) == 4


def test_terms_are_kept_as_they_are_registered_and_each_change_is_counted(engine: Engine):
    stored = small.entered(engine, terms=terms("甲区"))
    later = terms("甲区", on_track=0.9).model_copy(update={"code": stored.terms.code})
    with writing(engine) as connection:
        before = contracts.revision_of_all(connection)
        contracts.register(connection, stored.terms)
        assert contracts.revision_of_all(connection) == before
        contracts.register(connection, later)
        assert contracts.revision_of_all(connection) == before + 1
        (listed,) = contracts.every(connection)
    assert listed.terms == later
