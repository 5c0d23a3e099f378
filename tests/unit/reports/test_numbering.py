"""Numbers of headings, as official documents write them."""

from __future__ import annotations

import pytest

from lib.reports.numbering import Numbering, chinese


def test_a_heading_begins_the_levels_below_it_anew():
    numbering = Numbering()
    levels = [1, 2, 2, 3, 4, 3, 4, 2, 3, 1, 2]
    assert [numbering.next(level) for level in levels] == [
        "一、",
        "（一）",
        "（二）",
        "1.",
        "（1）",
        "2.",
        "（1）",
        "（三）",
        "1.",
        "二、",
        "（一）",
    ]


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (39, "三十九"), (99, "九十九")],
)
def test_numbers_in_chinese(number: int, words: str):
    assert chinese(number) == words


@pytest.mark.parametrize("number", [0, 100])
def test_no_document_has_so_many_headings(number: int):
    with pytest.raises(ValueError, match=str(number)):
        chinese(number)
