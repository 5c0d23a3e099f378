"""What a form learns from a kind's declaration: what is carried on, what is needed when."""

from __future__ import annotations

import pytest

from lib.logs import LOG_KINDS


@pytest.mark.parametrize(
    ("slug", "carried"),
    [
        ("case_handling", ("day", "people", "locality")),
        ("patrol", ("day", "people")),  # with its place it would be the same entry again
        ("archive_work", ("day", "people", "place")),
        ("publicity", ("day", "people", "locality")),
        ("campaign", ("day", "people")),
        ("elder_check", ("day", "people")),
    ],
)
def test_when_who_where_and_by_what_means_is_carried_on(slug: str, carried: tuple[str, ...]):
    assert LOG_KINDS[slug].carried == carried


@pytest.mark.parametrize("slug", LOG_KINDS)
def test_the_whole_key_is_never_carried_on(slug: str):
    kind = LOG_KINDS[slug]
    assert not kind.key_fields <= set(kind.carried)


@pytest.mark.parametrize(
    ("row", "needed"),
    [
        ({}, set()),
        ({"survey_type": "新增申请"}, {"application"}),
        ({"survey_type": "定期复核"}, {"household"}),
        ({"survey_type": "定期复核", "household": "H1"}, {"household"}),
    ],
    ids=str,
)
def test_what_is_needed_stays_needed_once_it_is_filled(row: dict[str, str], needed: set[str]):
    assert LOG_KINDS["home_survey"].needed(row) == needed
