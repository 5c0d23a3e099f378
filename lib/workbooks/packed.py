"""Rows of small numbers as two texts within JSON: written out they would take ten times longer."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from itertools import chain
from typing import TYPE_CHECKING, TypedDict, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_Value = TypeVar("_Value")
_UNSIGNED = "I"


class Packed(TypedDict):
    """How many numbers each row has, and all of them row after row; for the same machine."""

    lengths: str
    numbers: str


def packed(rows: Sequence[Sequence[int]]) -> Packed:
    """The rows, whose numbers are from 0 to 2³² - 1."""
    return {"lengths": _text(map(len, rows)), "numbers": _text(chain.from_iterable(rows))}


def unpacked(rows: Packed, values: Sequence[_Value]) -> Iterator[list[_Value]]:
    """The rows again, with the values that the numbers count.

    ValueError when a text is none of `packed`, IndexError when there is no such value.
    """
    found, first = list(map(values.__getitem__, _numbers(rows["numbers"]))), 0
    for length in _numbers(rows["lengths"]):
        yield found[first : first + length]
        first += length


def _text(numbers: Iterable[int]) -> str:
    return b64encode(array(_UNSIGNED, numbers)).decode()


def _numbers(text: str) -> Sequence[int]:
    numbers = array(_UNSIGNED)
    numbers.frombytes(b64decode(text, validate=True))
    return numbers
