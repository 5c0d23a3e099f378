"""An elder's two visits of a month less than so many days apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.close_visits import CLOSE_VISITS
from tests.spec import small
from tests.spec.findings.planting import TWO, april, campaign, check, found, march

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_two_visits_of_a_month_close_to_each_other(shared_engine: Engine):
    visits = [
        check(march(6), "E1"),  # 1: two days apart, by whomever
        check(march(8), "E1", TWO),
        check(march(20), "E1"),
        check(march(6), "E2"),  # 4: three days apart
        check(march(9), "E2"),
        check(march(7), "E3"),  # 6: a day after another elder's
        check(march(30), "E2"),  # 7: a day apart, in two months
        check(april(1), "E2"),
        check(april(10), "E1"),  # 9: three in a row
        check(april(11), "E1"),
        check(april(12), "E1"),
        check(april(10), "E3"),  # 12: the second is withdrawn
        check(april(11), "E3"),
    ]
    sheets = {"特困老人核查": visits, "专项行动": [campaign(march(8), "H2")]}

    assert found(shared_engine, CLOSE_VISITS, sheets, withdrawn=[13], days_between_visits=3) == {
        "E1 2023-03": [1, 2],
        "E1 2023-04": [9, 10, 11],
    }


def test_without_the_obligation_nothing_is_too_close(shared_engine: Engine):
    visits = {"特困老人核查": [check(march(6), "E1"), check(march(7), "E1")]}

    assert found(shared_engine, CLOSE_VISITS, visits, terms=small.without_obligations()) == {}
