"""The rosters (名册): localities, staff, elders and households, as frozen values (spec §2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from lib.fields import Choice, Code, Count, Day, Field, Text
from lib.periods import Period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.contract import Contract


@dataclass(frozen=True, slots=True)
class Locality:
    """A community or village."""

    code: str
    name: str
    category: str
    subdistrict: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of the project's staff, on post from a day, perhaps until a day."""

    code: str
    name: str
    team: str
    on_post_on: date
    left_on: date | None = None

    @property
    def on_post(self) -> Period:
        """The days on which work can be recorded."""
        return Period(self.on_post_on, self.left_on)


@dataclass(frozen=True, slots=True)
class Elder:
    """A person in dispersed support for extreme poverty."""

    code: str
    name: str
    locality: str
    self_care: str
    enrolled_on: date
    left_on: date | None = None
    left_reason: str | None = None

    @property
    def on_roster(self) -> Period:
        """The days on which visits are owed."""
        return Period(self.enrolled_on, self.left_on)


@dataclass(frozen=True, slots=True)
class Household:
    """A household in difficulty."""

    code: str
    head_name: str
    locality: str
    aid_category: str
    members: int | None = None


AID_CATEGORIES = ("低保", "特困", "低保边缘", "临时救助")

Member = Locality | Staff | Elder | Household


@dataclass(frozen=True)
class RosterSheet:
    """One sheet of the roster workbook: rows are matched by the field `code`."""

    slug: str
    sheet: str
    fields: tuple[Field, ...]
    member: type[Member]


SHEETS = (
    RosterSheet(
        "locality",
        "村(社区)",
        (
            Field("code", "编码", Code(), required=True),
            Field("name", "名称", Code(), required=True),
            Field("category", "类别", Choice(("社区", "村")), required=True),
            Field("subdistrict", "街道", Code(), required=True),
        ),
        Locality,
    ),
    RosterSheet(
        "staff",
        "服务人员",
        (
            Field("code", "工号", Code(), required=True),
            Field("name", "姓名", Code(), required=True),
            Field("team", "小组", Code(), required=True),
            Field("on_post_on", "到岗日期", Day(), required=True),
            Field("left_on", "离岗日期", Day()),
        ),
        Staff,
    ),
    RosterSheet(
        "elder",
        "特困人员",
        (
            Field("code", "编号", Code(), required=True),
            Field("name", "姓名", Code(), required=True),
            Field("locality", "村(社区)", Code(), required=True),
            Field("self_care", "自理能力", Choice(("全自理", "半失能", "失能")), required=True),
            Field("enrolled_on", "纳入日期", Day(), required=True),
            Field("left_on", "退出日期", Day()),
            Field("left_reason", "退出原因", Text()),
        ),
        Elder,
    ),
    RosterSheet(
        "household",
        "困难家庭",
        (
            Field("code", "户编号", Code(), required=True),
            Field("head_name", "户主姓名", Code(), required=True),
            Field("locality", "村(社区)", Code(), required=True),
            Field("aid_category", "救助类别", Choice(AID_CATEGORIES), required=True),
            Field("members", "家庭人口", Count(limit=50)),
        ),
        Household,
    ),
)


@dataclass(frozen=True)
class Roster:
    """All rosters of one contract, each by code in the roster's own order.

    `last_change` numbers the last change that they hold, where they come from the store.
    """

    localities: Mapping[str, Locality] = field(default_factory=dict)
    staff: Mapping[str, Staff] = field(default_factory=dict)
    elders: Mapping[str, Elder] = field(default_factory=dict)
    households: Mapping[str, Household] = field(default_factory=dict)
    last_change: int = field(default=0, compare=False)

    @cached_property
    def locality_by_name(self) -> Mapping[str, Locality]:
        """Localities by name, which the roster holds once each."""
        return {locality.name: locality for locality in self.localities.values()}

    @cached_property
    def staff_by_name(self) -> Mapping[str, Sequence[Staff]]:
        """Staff by name; two people may share one."""
        namesakes: defaultdict[str, list[Staff]] = defaultdict(list)
        for person in self.staff.values():
            namesakes[person.name].append(person)
        return namesakes

    @cached_property
    def names(self) -> Mapping[str, Sequence[str]]:
        """The names of all people on the rosters by their first character, long ones first."""
        named = {
            *(person.name for person in self.staff.values()),
            *(elder.name for elder in self.elders.values()),
            *(household.head_name for household in self.households.values()),
        }
        names: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(named, key=len, reverse=True):
            names[name[0]].append(name)
        return names

    @cached_property
    def teams(self) -> tuple[str, ...]:
        """The teams that staff belong to, in the roster's order."""
        return tuple(dict.fromkeys(person.team for person in self.staff.values()))

    def listed(self, on: date) -> Listed:
        """How many they list; elders on the roster on a day."""
        return Listed(
            Counter(locality.category for locality in self.localities.values()),
            len(self.households),
            sum(on in elder.on_roster for elder in self.elders.values()),
        )

    def members(self, slug: str) -> Mapping[str, Member]:
        """The members listed on the sheet of that slug, by code."""
        listed: dict[str, Mapping[str, Member]] = {
            "locality": self.localities,
            "staff": self.staff,
            "elder": self.elders,
            "household": self.households,
        }
        return listed[slug]

    @classmethod
    def of(cls, members: Mapping[str, Mapping[str, Member]]) -> Roster:
        """The roster made of members by sheet slug and code."""
        return cls(
            localities=members.get("locality", {}),  # type: ignore[arg-type]
            staff=members.get("staff", {}),  # type: ignore[arg-type]
            elders=members.get("elder", {}),  # type: ignore[arg-type]
            households=members.get("household", {}),  # type: ignore[arg-type]
        )


@dataclass(frozen=True)
class Listed:
    """How many members rosters list: localities by category, and elders on the roster on a day."""

    categories: Mapping[str, int]
    households: int
    elders: int

    @property
    def localities(self) -> int:
        """All of them, of whichever category."""
        return sum(self.categories.values())


def compared(contract: Contract, listed: Listed) -> Sequence[tuple[str, int, int]]:
    """What the contract says the rosters hold, and what they hold: name, contracted, listed.

    Elders are listed as of the contract's first day, for which the contract names its figure.
    """
    figures = contract.roster
    return [
        ("村（社区）", figures.localities, listed.localities),
        *((name, n, listed.categories.get(name, 0)) for name, n in figures.by_category.items()),
        ("困难家庭", figures.households, listed.households),
        ("合同开始日在册特困人员", figures.elders, listed.elders),
    ]


def disagreements(contract: Contract, listed: Listed) -> tuple[str, ...]:
    """Where the rosters' figures differ from the contract's, in words (spec §2)."""
    return tuple(
        f"{name}：合同 {contracted}，名册 {found}"
        for name, contracted, found in compared(contract, listed)
        if contracted != found
    )
