"""A line of JSON, and after it rows of numbers in bytes: within it they take ten times longer."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_Value = TypeVar("_Value")
_UNSIGNED = "I"


@dataclass(frozen=True)
class Packed:
    """What is said in JSON, how many numbers each row has, and all of them row after row.

    Numbers are from 0 to 2³² - 1.
    """

    head: Any
    lengths: Sequence[int]
    numbers: Sequence[int]

    def rows(self, values: Sequence[_Value]) -> Iterator[list[_Value]]:
        """The rows, with the values that the numbers count; IndexError when there is no such."""
        found, first = list(map(values.__getitem__, self.numbers)), 0
        for length in self.lengths:
            yield found[first : first + length]
            first += length


def numbers(of: Iterable[int] = ()) -> array[int]:
    """Numbers held as they are packed."""
    return array(_UNSIGNED, of)


def packed(what: Packed) -> bytes:
    """In bytes, to be unpacked on the same machine."""
    head = json.dumps(what.head, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    parts = ([len(what.lengths)], what.lengths, what.numbers)
    return b"\n".join((head.encode(), b"".join(numbers(part).tobytes() for part in parts)))


def unpacked(said: bytes) -> Packed:
    """What was packed; ValueError when it is not whole."""
    head, _, rest = said.partition(b"\n")
    every = numbers()
    every.frombytes(rest)
    number = every[0] if every else -1
    found = Packed(json.loads(head), every[1 : number + 1], every[number + 1 :])
    if len(found.lengths) != number or sum(found.lengths) != len(found.numbers):
        raise ValueError("cut short")
    return found
