"""Cells that name somebody or something on a roster, and how they are resolved to its code."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from lib.fields import Code, Names, Value, shown, unknown
from lib.likeness import sounds_alike
from lib.problems import Fault
from lib.text import squeezed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from lib.rosters import Elder, Roster, Staff


@runtime_checkable
class Reference(Protocol):
    """A field type whose values are looked up in the rosters."""

    def turns(self, roster: Roster) -> Iterable[date]:
        """The days from which on the same value may mean something else."""

    def resolve(self, value: Value, roster: Roster, day: date | None) -> Value | Fault:
        """The code (or codes) meant; `day` is None when the row's own day is not valid."""


@dataclass(frozen=True, slots=True)
class People(Names):
    """Staff by name, or by code where two share a name; on post on the row's day."""

    def turns(self, roster: Roster) -> Iterable[date]:
        """Somebody comes, or has left the day before."""
        return chain.from_iterable(person.on_post.turns for person in roster.staff.values())

    def resolve(self, value: Value, roster: Roster, day: date | None) -> Value | Fault:
        """Their codes in ascending order, each once."""
        written = value if isinstance(value, tuple) else (str(value),)
        codes: set[str] = set()
        for part in written:
            for name in _parted(part, roster):
                person = _person(name, roster, day)
                if isinstance(person, Fault):
                    return person
                codes.add(person.code)
        return tuple(sorted(codes))


def _parted(part: str, roster: Roster) -> Sequence[str]:
    """The names between strong separators: spaces part names, unless “张 伟” is one name."""
    if part in roster.staff_by_name:
        return [part]
    whole = squeezed(part)
    return [whole] if whole in roster.staff_by_name or whole in roster.staff else part.split()


def _person(name: str, roster: Roster, day: date | None) -> Staff | Fault:
    """The one member of staff meant, on post on the day."""
    candidates = (
        [roster.staff[name]] if name in roster.staff else roster.staff_by_name.get(name, [])
    )
    if not candidates:
        return unknown("unknown_staff", "服务人员名册中没有此人", name, roster.staff_by_name)
    if day is None:
        return candidates[0]
    on_post = [person for person in candidates if day in person.on_post]
    if len(on_post) > 1:
        codes = "、".join(person.code for person in on_post)
        return Fault("ambiguous_staff", f"有同名人员，请改填工号（{codes}）", name)
    return on_post[0] if on_post else _off_post(candidates[0], day)


def _off_post(person: Staff, day: date) -> Fault:
    if day < person.on_post_on:
        return Fault("not_on_post", f"此人 {person.on_post_on} 才到岗，当日不能记工", person.name)
    return Fault("not_on_post", f"此人 {person.left_on} 已离岗，当日不能记工", person.name)


@dataclass(frozen=True, slots=True)
class LocalityName(Code):
    """A locality by name or code."""

    @property
    def hint(self) -> str:
        """What to write."""
        return "村（社区）名称，按名册填写"

    def turns(self, roster: Roster) -> Iterable[date]:  # noqa: ARG002
        """Never."""
        return ()

    def resolve(self, value: Value, roster: Roster, day: date | None) -> Value | Fault:  # noqa: ARG002
        """Its code."""
        name = str(value)
        if name in roster.localities:
            return name
        found = roster.locality_by_name.get(name)
        if found:
            return found.code
        return unknown(
            "unknown_locality", "村（社区）名册中没有此处", name, roster.locality_by_name
        )


@dataclass(frozen=True, slots=True)
class ElderCode(Code):
    """An elder by code, on the roster on the row's day."""

    def turns(self, roster: Roster) -> Iterable[date]:
        """Somebody is enrolled, or has left the day before."""
        return chain.from_iterable(elder.on_roster.turns for elder in roster.elders.values())

    def resolve(self, value: Value, roster: Roster, day: date | None) -> Value | Fault:
        """The code itself."""
        elder = roster.elders.get(str(value))
        if elder is None:
            return unknown("unknown_elder", "特困人员名册中没有此编号", str(value), roster.elders)
        if day is not None and day not in elder.on_roster:
            return _off_roster(elder, day)
        return elder.code


def _off_roster(elder: Elder, day: date) -> Fault:
    if day < elder.enrolled_on:
        return Fault("not_on_roster", f"此人 {elder.enrolled_on} 才纳入，当日不在册", elder.code)
    return Fault("not_on_roster", f"此人 {elder.left_on} 已退出，当日不在册", elder.code)


@dataclass(frozen=True, slots=True)
class HouseholdCode(Code):
    """A household by code."""

    def turns(self, roster: Roster) -> Iterable[date]:  # noqa: ARG002
        """Never."""
        return ()

    def resolve(self, value: Value, roster: Roster, day: date | None) -> Value | Fault:  # noqa: ARG002
        """The code itself."""
        code = str(value)
        if code in roster.households:
            return code
        return unknown("unknown_household", "困难家庭名册中没有此户编号", code, roster.households)


@dataclass(frozen=True, slots=True)
class NameOf(Code):
    """A name written beside a code, which must be the name on the roster for that code."""

    subject: str = "elder"

    @property
    def hint(self) -> str:
        """What to write."""
        return "姓名，应与名册一致"

    def listed(self, code: str, roster: Roster) -> str | None:
        """The name that the roster holds for the code."""
        if self.subject == "elder":
            elder = roster.elders.get(code)
            return elder.name if elder else None
        household = roster.households.get(code)
        return household.head_name if household else None

    def misfit(self, name: str, code: str, roster: Roster) -> Fault | None:
        """What is wrong when the roster has another name for the code."""
        listed = self.listed(code, roster)
        if listed is None or name == listed or squeezed(name) == squeezed(listed):
            return None
        guess = listed if _is_slip(squeezed(name), squeezed(listed)) else None
        expected = f"与编号 {code} 在名册中的姓名不一致"
        likely = (guess,) if guess else ()
        return Fault("name_misfit", expected, shown(name), guess, candidates=likely)


def _is_slip(written: str, name: str) -> bool:
    """Whether all but one character of a name is right, or its first and the sound of all.

    Only then is the right name told: a code must not be a way to ask for one.
    """
    if not len(written) == len(name) >= _TOLD_FROM:
        return False
    differing = sum(one != other for one, other in zip(written, name, strict=True))
    return differing == 1 or (written[0] == name[0] and sounds_alike(written, name))


_TOLD_FROM = 3  # characters: with one of two, a family name would be enough
