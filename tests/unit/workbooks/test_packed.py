"""Rows of numbers go through JSON unchanged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.workbooks.packed import packed, unpacked

NUMBERS = st.integers(0, 2**32 - 1)


@given(st.lists(st.lists(NUMBERS)))
def test_rows_come_back_as_they_were(rows: list[list[int]]):
    said = json.loads(json.dumps(packed(rows)))

    assert list(unpacked(said, range(2**32))) == rows


def test_numbers_count_values():
    assert list(unpacked(packed([[2, 0], [], [1]]), ["甲", "乙", "丙"])) == [
        ["丙", "甲"],
        [],
        ["乙"],
    ]
    with pytest.raises(IndexError):
        list(unpacked(packed([[3]]), ["甲", "乙", "丙"]))


@pytest.mark.parametrize("text", ["AAAA", "AAAA====!", "三"])
def test_a_text_that_is_none_of_ours_is_none(text: str):
    with pytest.raises(ValueError, match=r".+"):
        list(unpacked({"lengths": text, "numbers": ""}, ()))
