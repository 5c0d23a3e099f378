"""What a reader says comes back as it was, whole or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.workbooks.packed import Packed, numbers, packed, unpacked

NUMBERS = st.integers(0, 2**32 - 1)
SAID = packed(Packed({"说": "一\n二"}, [2, 0, 1], [2, 0, 1]))


@given(st.lists(st.lists(NUMBERS)))
def test_rows_come_back_as_they_were(rows: list[list[int]]):
    lengths, flat = [len(row) for row in rows], [number for row in rows for number in row]

    found = unpacked(packed(Packed({"说": "一\n二"}, numbers(lengths), numbers(flat))))

    assert found.head == {"说": "一\n二"}
    assert list(found.rows(range(2**32))) == rows


def test_numbers_count_values():
    assert list(unpacked(SAID).rows("甲乙丙")) == [["丙", "甲"], [], ["乙"]]
    with pytest.raises(IndexError):
        list(unpacked(SAID).rows("甲乙"))


@pytest.mark.parametrize("length", range(len(SAID)))
def test_what_is_cut_short_is_nothing(length: int):
    with pytest.raises(ValueError, match=r".+"):
        unpacked(SAID[:length])
