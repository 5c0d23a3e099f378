"""A new application surveyed at home before it was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.survey_before_acceptance import SURVEY_BEFORE_ACCEPTANCE
from tests.spec import small
from tests.spec.findings.planting import acceptance, found, march, review, survey

if TYPE_CHECKING:
    from sqlalchemy import Engine

SHEETS = {
    "家计调查": [
        survey(march(6), "A1"),  # 1: a day before
        survey(march(8), "A1"),
        survey(march(7), "A2"),  # 3: on the day
        survey(march(7), "A3"),  # 4: between two acceptances
        survey(march(7), "A4"),  # 5: never accepted
        survey(march(7), "A5"),  # 6: withdrawn
        survey(march(7), "A6"),  # 7: the earlier acceptance is withdrawn
        review(march(6), "H1", 受理编号="A1"),  # 8: of another type
    ],
    "业务协办": [
        acceptance(march(7), "A1"),  # 9
        acceptance(march(7), "A2"),
        acceptance(march(6), "A3"),
        acceptance(march(8), "A3"),
        acceptance(march(8), "A5"),
        acceptance(march(6), "A6"),  # 14: withdrawn
        acceptance(march(8), "A6"),
        {**acceptance(march(6), "A2"), "办理环节": "材料补正"},
        {**acceptance(march(8), "A4"), "办理环节": "公示"},
    ],
}


def test_surveys_dated_before_the_first_acceptance(shared_engine: Engine):
    assert found(shared_engine, SURVEY_BEFORE_ACCEPTANCE, SHEETS, withdrawn=[6, 14]) == {
        "1": [1],
        "7": [7],
    }


def test_without_the_obligation_no_survey_is_too_early(shared_engine: Engine):
    terms = small.without_obligations()

    assert found(shared_engine, SURVEY_BEFORE_ACCEPTANCE, SHEETS, terms=terms) == {}
