"""A home survey by fewer people than are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.one_person_survey import ONE_PERSON_SURVEY
from tests.spec import small
from tests.spec.findings.planting import ONE, THREE, TWO, check, found, march, review, survey

if TYPE_CHECKING:
    from sqlalchemy import Engine

SHEETS = {
    "家计调查": [
        survey(march(6), "A1", ONE),  # 1: alone
        survey(march(6), "A2", f"{ONE}、{TWO}"),
        survey(march(6), "A3", f"{ONE}、{TWO}、{THREE}"),
        review(march(6), "H1", TWO),  # 4: alone, of whatever type
        survey(march(7), "A4", ONE),  # 5: withdrawn
    ],
    "特困老人核查": [check(march(6), "E1", ONE)],
}


def test_surveys_by_too_few(shared_engine: Engine):
    assert found(shared_engine, ONE_PERSON_SURVEY, SHEETS, withdrawn=[5]) == {"1": [1], "4": [4]}


def test_as_many_are_asked_for_as_the_contract_says(shared_engine: Engine):
    assert found(
        shared_engine, ONE_PERSON_SURVEY, SHEETS, withdrawn=[5], people_at_home_survey=3
    ) == {"1": [1], "2": [2], "4": [4]}


def test_without_the_obligation_one_person_will_do(shared_engine: Engine):
    terms = small.without_obligations()

    assert found(shared_engine, ONE_PERSON_SURVEY, SHEETS, terms=terms) == {}
