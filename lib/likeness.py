"""The known value that may have been meant: alike in sound, in shape, or but for a slip.

Who types by sound picks another character of the same sound, who copies from paper one of the
same shape; a code loses its zeros, its prefix or a hyphen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, islice, pairwise, product
from typing import TYPE_CHECKING

from lib.text import squeezed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from four_corner_method import FourCornerMethod

# What it costs to take one character for another; any other two cost 1.
_SAME_SOUND, _SAME_SHAPE, _SAME_NUMBER, _SAME_MEANING = 0.25, 0.25, 0.25, 0.25
_NEAR_SOUND, _NEAR_SHAPE = 0.35, 0.45
_SWAPPED, _DOUBLED, _LEFT_OUT, _PUT_IN = 0.5, 0.5, 0.9, 1.0
_NUMBER_ALONE, _PART_ALONE = 0.1, 0.5
_NEVER = 99.0

_ALIKE = 1 / 3  # of a character's cost for each character of the longer word, at the most
_BESIDE = 0.3  # a value this much less like than the likest is still offered
_LONGEST = 60  # characters of a text that may be meant for a name, a code or a word
_LENGTHS_APART = 3  # one word so many times as long as the other is another word
_FEW = 60  # values all compared; of more, only those that share a trace

_NEGATIONS = frozenset("不未无没非")  # one more or less makes the opposite
_MARKS = re.compile(r"[-_‐-―－./·•]")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_CLOSING_NUMBER = re.compile(r"(.*?)0*([0-9]+)")
_CONFUSED = str.maketrans("OIL", "011")
_TONE = "12345"
# Pairs that many tell apart only in writing: zh/z, n/l, ang/an and their like.
_BLURRED = ((re.compile("^([zcs])h"), r"\1"), (re.compile("^l"), "n"), (re.compile("ng$"), "n"))
_READINGS_JOINED = 16


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known value most like the text, if one is like it at all."""
    return next(iter(candidates(text, known)), None)


def candidates(text: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The few known values most like the text, the likest first.

    None where more than `limit` are equally like: then nothing says which was meant.
    """
    word, listing = _Word(squeezed(text)), _listing(tuple(known))
    if len(word.text) > _LONGEST:
        return ()
    costs = {other.text: _cost(word, other) for other in listing.near(word)}
    best = min(costs.values(), default=_NEVER)
    if best >= _NEVER or sum(cost == best for cost in costs.values()) > limit:
        return ()
    like = [value for value, cost in costs.items() if cost <= best + _BESIDE]
    return tuple(sorted(like, key=lambda value: costs[value])[:limit])


def sounds_alike(one: str, other: str) -> bool:
    """Whether two words are the same to the ear, tones included, character by character."""
    return len(one) == len(other) and all(
        a == b or bool(_readings(a) & _readings(b)) for a, b in zip(one, other, strict=True)
    )


@dataclass(frozen=True)
class _Word:
    """A text, and what of it is compared."""

    text: str

    @cached_property
    def core(self) -> str:
        """Without case, hyphens and leading zeros, and with 0 and 1 for the letters like them."""
        return _ZEROS.sub("", _MARKS.sub("", self.text).upper().translate(_CONFUSED))

    @cached_property
    def number(self) -> tuple[str, str]:
        """What stands before a code's closing number, and that number without leading zeros."""
        match = _CLOSING_NUMBER.fullmatch(self.text.upper())
        return (match[1], match[2]) if match else (self.text, "")

    @cached_property
    def traces(self) -> frozenset[str]:
        """What two words share that differ by a character, in sound, or by a prefix."""
        core = self.core
        shortened = (core[:index] + core[index + 1 :] for index in range(len(core)))
        heard = islice(product(*(_blurred(c) or (c,) for c in core)), _READINGS_JOINED)
        spoken = ("~".join(syllables) for syllables in heard)
        numbered = (f"#{self.number[1]}",) if self.number[1] else ()
        return frozenset((core, *shortened, *spoken, *numbered))


@dataclass(frozen=True)
class _Listing:
    """Known values, prepared to be asked many times."""

    words: Sequence[_Word]

    @cached_property
    def _by_trace(self) -> Mapping[str, Sequence[_Word]]:
        found: defaultdict[str, list[_Word]] = defaultdict(list)
        for word in self.words:
            for trace in word.traces:
                found[trace].append(word)
        return found

    def near(self, word: _Word) -> Iterable[_Word]:
        """Those worth comparing, in their own order where that is all of them."""
        if len(self.words) <= _FEW:
            return self.words
        traced = (self._by_trace.get(trace, ()) for trace in sorted(word.traces))
        return dict.fromkeys(other for others in traced for other in others)


@lru_cache(maxsize=32)
def _listing(known: tuple[str, ...]) -> _Listing:
    return _Listing([_Word(value) for value in known])


def _cost(one: _Word, other: _Word) -> float:
    """How unlike two words are, `_NEVER` when they are not like at all."""
    if one.core == other.core:
        return 0.0
    (before, number), (other_before, other_number) = one.number, other.number
    if number and number == other_number and not (before and other_before):
        return _NUMBER_ALONE
    shorter, longer = sorted((one.core, other.core), key=len)
    if len(longer) > len(shorter) * _LENGTHS_APART:
        return _NEVER
    cost = _distance(one.core, other.core)
    return cost if cost <= _ALIKE * len(longer) else _cost_of_part(shorter, longer)


def _cost_of_part(part: str, whole: str) -> float:
    """The cost of having written only half of a word or more: 示例一 for 示例一社区."""
    before, _, after = whole.partition(part)
    left_out = before + after
    told = len(part) > 1 and part in whole and len(part) >= len(left_out)
    return _PART_ALONE if told and not _NEGATIONS & set(left_out) else _NEVER


def _distance(written: str, meant: str) -> float:
    """The least cost of turning one word into the other, neighbours swapped at most once."""
    too_much, missing = _alone(written, _PUT_IN), _alone(meant, _LEFT_OUT)
    above: list[float] = []
    row = [0.0, *accumulate(missing)]
    for i, a in enumerate(written):
        further, above, row = above, row, [row[0] + too_much[i]]
        for j, b in enumerate(meant):
            least = min(
                above[j] + _difference(a, b), above[j + 1] + too_much[i], row[j] + missing[j]
            )
            if further and j and a != b and a == meant[j - 1] and b == written[i - 1]:
                least = min(least, further[j - 1] + _SWAPPED)
            row.append(least)
    return row[-1]


@lru_cache(maxsize=1 << 12)
def _alone(word: str, cost: float) -> tuple[float, ...]:
    """What each character costs when it stands in this word only."""
    return tuple(
        _NEVER if character in _NEGATIONS else _DOUBLED if before == character else cost
        for before, character in pairwise(f" {word}")
    )


@lru_cache(maxsize=1 << 16)
def _difference(one: str, other: str) -> float:
    """The cost of one character taken for another."""
    if one == other:
        return 0.0
    if _numeric(one) == _numeric(other) is not None:
        return _SAME_NUMBER
    if one.isascii() or other.isascii():
        return 1.0
    if one in _NEGATIONS and other in _NEGATIONS:
        return _SAME_MEANING
    if _syllables(one) & _syllables(other):
        return _SAME_SOUND
    wrong_corners = _wrong_corners(one, other)
    if wrong_corners == 0:
        return _SAME_SHAPE
    if set(_blurred(one)) & set(_blurred(other)):
        return _NEAR_SOUND
    return _NEAR_SHAPE if wrong_corners == 1 else 1.0


def _numeric(character: str) -> float | None:
    """The number a character writes: 3 and 三 are one."""
    return unicodedata.numeric(character, None)


@lru_cache(maxsize=1 << 14)
def _readings(character: str) -> frozenset[str]:
    """The syllables, with tones, that a character is read as; none for what is no character."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 - its tables take a quarter of a second

    heard = pinyin(character, style=Style.TONE3, heteronym=True, errors="ignore")
    return frozenset(reading for readings in heard for reading in readings)


@lru_cache(maxsize=1 << 14)
def _syllables(character: str) -> frozenset[str]:
    """The readings without their tones."""
    return frozenset(reading.rstrip(_TONE) for reading in _readings(character))


@lru_cache(maxsize=1 << 14)
def _blurred(character: str) -> tuple[str, ...]:
    """The syllables as they sound to who does not tell zh from z, n from l, ang from an."""
    blurred = set()
    for syllable in _syllables(character):
        for told_apart, one in _BLURRED:
            syllable = told_apart.sub(one, syllable)  # noqa: PLW2901 - each rule on top of the last
        blurred.add(syllable)
    return tuple(sorted(blurred))


def _wrong_corners(one: str, other: str) -> int | None:
    """In how many digits the four-corner codes of two characters differ; None without a code."""
    code, other_code = _corners(one), _corners(other)
    if not code or not other_code:
        return None
    return sum(a != b for a, b in zip(code, other_code, strict=True))


@lru_cache(maxsize=1 << 14)
def _corners(character: str) -> str:
    """The five digits that say what the corners of a character look like."""
    return str(_corner_table().query(character, ""))


@lru_cache(maxsize=1)
def _corner_table() -> FourCornerMethod:
    from four_corner_method import FourCornerMethod  # noqa: PLC0415 - only when a word is unknown

    return FourCornerMethod()
