"""Comparing all contracts' daily sums with their ledgers, and putting them right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, select, update

from lib import __main__ as command_line
from lib.contract import parse
from lib.store import contracts
from lib.store.engine import reading, writing
from lib.store.schema import audit_line, daily_sum, monthly_sum
from tests.support.small_office import TERMS

if TYPE_CHECKING:
    from tests.support.visits import Office

DONE, REFUSED = 0, 1


@pytest.fixture
def spoiled(office: Office) -> Office:
    """The office beside another contract, with one sum that is not what the rows come to."""
    with writing(office.engine) as connection:
        other = parse(TERMS, "other.toml").model_copy(update={"code": "other"})
        contracts.register(connection, other)
        row = update(daily_sum).where(
            daily_sum.c.kind == "campaign", daily_sum.c.day == "2023-03-13"
        )
        connection.execute(row.values(entries=3))
    return office


def units(office: Office) -> int:
    """All entries that the sums count."""
    with reading(office.engine) as connection:
        return int(connection.execute(select(func.sum(daily_sum.c.entries))).scalar_one())


SAID = (
    "shi-2023 2023-03-13 专项行动：合计 3 条、1 人天，按记录应为 1 条、1 人天\n"
    "other：一致（0 项）\n"
)


def test_they_are_compared_only_or_mended_on_record(
    spoiled: Office, capsys: pytest.CaptureFixture[str]
):
    before = units(spoiled)
    assert command_line.main(["sums", "--check"]) == REFUSED
    told = capsys.readouterr()
    assert told.out == SAID
    assert told.err == "有 1 处不一致，没有更正；去掉 --check 再运行就按记录更正。\n"
    assert (units(spoiled), spoiled.audit("rebuild_sums")) == (before, [])

    assert command_line.main(["sums"]) == REFUSED
    told = capsys.readouterr()
    assert told.out == SAID
    assert told.err == "有 1 处不一致，已按记录更正，并记入审计记录。\n"
    assert units(spoiled) == before - 2
    (line,) = spoiled.audit("rebuild_sums")
    assert (line["subject"], line["after"]) == ("daily_sums", {"differences": 1})

    assert command_line.main(["sums"]) == DONE
    assert capsys.readouterr().out == "shi-2023：一致（13 项）\nother：一致（0 项）\n"
    assert len(spoiled.audit("rebuild_sums")) == 1


def test_machines_are_told_what_differed(spoiled: Office, capsys: pytest.CaptureFixture[str]):
    assert command_line.main(["sums", "--json"]) == REFUSED
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "contracts": [
            {
                "contract": "shi-2023",
                "differences": [
                    {
                        "day": "2023-03-13",
                        "kind": "campaign",
                        "kept": {"entries": 3, "units": 2520},
                        "found": {"entries": 1, "units": 2520},
                    }
                ],
            },
            {"contract": "other", "differences": []},
        ],
    }


def test_a_month_is_told_as_a_month(office: Office, capsys: pytest.CaptureFixture[str]):
    with writing(office.engine) as connection:
        row = delete(monthly_sum).where(
            monthly_sum.c.kind == "campaign", monthly_sum.c.month == "2023-03"
        )
        connection.execute(row)

    assert command_line.main(["sums", "--check", "--json"]) == REFUSED
    (told,) = json.loads(capsys.readouterr().out)["contracts"]
    assert told["differences"] == [
        {
            "month": "2023-03",
            "kind": "campaign",
            "kept": None,
            "found": {
                "entries": 2,
                "units": 5040,
                "first_on": "2023-03-13",
                "last_on": "2023-03-16",
            },
        }
    ]


def test_a_contract_whose_terms_the_store_does_not_hold_is_mended_too(
    spoiled: Office, capsys: pytest.CaptureFixture[str]
):
    with writing(spoiled.engine) as connection:
        connection.execute(update(contracts.table).values(terms=None))

    assert command_line.main(["sums"]) == REFUSED
    assert command_line.main(["sums"]) == DONE
    with reading(spoiled.engine) as connection:
        ids = select(audit_line.c.contract_id).where(audit_line.c.act == "rebuild_sums")
        assert connection.execute(ids).scalars().all() == [spoiled.stored.id]
