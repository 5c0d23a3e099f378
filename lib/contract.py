"""The contract as frozen values, parsed once from its file (spec §1).

Another district or next year's contract is another file: no number, item or place of a contract
is known to Python.
"""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lib.errors import ContractError
from lib.periods import Period, months_of

if TYPE_CHECKING:
    from pathlib import Path

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[str, Field(min_length=1)]
Positive = Annotated[int, Field(gt=0)]
Natural = Annotated[int, Field(ge=0)]
# Beyond any contract of ours, and within what the calendar's table should ever hold.
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Share = Annotated[float, Field(gt=0, le=1)]
# Money, in yuan; written as text, so that it is exactly what is written.
Price = Annotated[Decimal, Field(gt=0, decimal_places=2, strict=False)]
_LIST = Field(strict=False)  # TOML knows lists, frozen values hold tuples


class _Frozen(BaseModel):
    """A part of the contract: strict types, unknown keys refused, never changed."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class RosterFigures(_Frozen):
    """What the contract says the rosters hold; the rosters' own figures stand beside these."""

    localities: Positive
    by_category: dict[str, Positive]
    subdistricts: Positive
    households: Natural
    elders: Natural


class Item(_Frozen):
    """A service item: one log kind, and its quota of person-days where the contract names one."""

    code: Slug
    name: Words
    people_per_day: Positive | None = None
    days: Positive | None = None
    person_days: Positive | None = None
    plan: dict[str, Natural] | None = None
    unit_price: Price | None = None
    clause: str = ""

    @model_validator(mode="after")
    def _quota_adds_up(self) -> Item:
        """People × days is the quota, and a month-by-month plan adds up to it."""
        if (
            self.people_per_day
            and self.days
            and self.person_days != self.people_per_day * self.days
        ):
            raise _wrong(f"{self.people_per_day} 人 × {self.days} 天不等于 {self.person_days} 人天")
        if self.plan is not None and sum(self.plan.values()) != self.person_days:
            raise _wrong(f"分月计划合计 {sum(self.plan.values())}，不等于 {self.person_days} 人天")
        return self


class Condition(_Frozen):
    """Log rows of one kind whose field holds one value."""

    kind: Slug
    field: Slug
    value: Words


class _Obligation(_Frozen):
    code: Slug
    name: Words
    unit: Words
    unit_price: Price | None = None
    clause: str = ""


class ProblemFields(_Frozen):
    """The columns of a kind in which a problem is found, followed up and closed."""

    found: Slug
    category: Slug
    followed: Slug
    closed: Slug


class Coverage(_Obligation):
    """Every household on the roster is reached once (distinct households / required).

    Of the columns in `shown_fields` it is shown how many households gave which answer.
    """

    measure: Literal["coverage"]
    kind: Slug
    required: Positive
    by_locality: Slug
    problems: ProblemFields
    shown_fields: Annotated[tuple[Slug, ...], _LIST] = ()


class Visits(_Obligation):
    """Every elder on the roster is seen a number of times each month."""

    measure: Literal["visits"]
    kind: Slug
    times_per_month: Positive


class Events(_Obligation):
    """So many events; one counts when its plan was filed on or before its day."""

    measure: Literal["events"]
    kind: Slug
    required: Positive
    filed_field: Slug
    shown_fields: Annotated[tuple[Slug, ...], _LIST] = ()


class Cases(_Obligation):
    """Every case opened by one kind of row is answered by another, matched by application."""

    measure: Literal["cases"]
    opened: Condition
    answered: Condition


class LocalityMonths(_Obligation):
    """Localities with an entry of the kind, by month: a management indicator, no obligation."""

    measure: Literal["locality_months"]
    kind: Slug
    leads_field: Slug


class PersonDays(_Obligation):
    """The quota of an item; made from the item, not written in the file."""

    measure: Literal["person_days"] = "person_days"
    required: Positive
    plan: dict[str, Natural] | None = None


Obligation = PersonDays | Coverage | Visits | Events | Cases | LocalityMonths
_Declared = Annotated[
    Coverage | Visits | Events | Cases | LocalityMonths, Field(discriminator="measure")
]


class Thresholds(_Frozen):
    """Where a status or an indicator changes; none of them is an obligation of the contract."""

    on_track: Share
    watch: Share
    pace_working_days: Positive
    inquiry_within_working_days: Positive
    people_at_home_survey: Positive
    urgent_working_days: Positive
    not_seen_days: Positive
    problem_open_days: Positive
    late_posting_days: Positive
    days_between_visits: Positive
    home_visits_per_person_day: Positive
    repeated_text_rows: Positive
    rush_share: Share
    rush_last_days: Positive
    # What field monitoring looks at besides; a contract file may leave these out.
    repeated_text_characters: Positive = 6
    identical_answer_rows: Positive = 10
    round_number_share: Share = 0.60
    round_number_rows: Positive = 20
    pace_times: Positive = 3
    pace_rows: Positive = 8


class Payment(_Frozen):
    """How the contract pays; amounts only where its file names unit prices."""

    terms: Words


class Contract(_Frozen):
    """One procurement contract."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    name: Words
    buyer: Words
    start: Day
    end: Day
    roster: RosterFigures
    item: Annotated[tuple[Item, ...], _LIST]
    obligation: Annotated[tuple[_Declared, ...], _LIST] = ()
    thresholds: Thresholds
    payment: Payment = Payment(terms="按月支付")

    @model_validator(mode="after")
    def _consistent(self) -> Contract:
        if self.end < self.start:
            raise _wrong(f"合同结束日 {self.end} 早于开始日 {self.start}")
        for codes in (self.kinds, tuple(obligation.code for obligation in self.obligations)):
            twice = next((code for code in codes if codes.count(code) > 1), None)
            if twice:
                raise _wrong(f"代码“{twice}”出现了不止一次")
        planned = [item for item in self.item if item.plan is not None]
        months = {str(month) for month in months_of(self.period)} if planned else set()
        for item in planned:
            if set(item.plan or ()) - months:
                raise _wrong(f"“{item.name}”的分月计划含有合同期以外的月份")
        if sum(self.roster.by_category.values()) != self.roster.localities:
            raise _wrong("各类村（社区）之和不等于 roster.localities")
        return self

    @property
    def period(self) -> Period:
        """The days on which the contract runs."""
        return Period(self.start, self.end)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The slugs of the log kinds that this contract's items are recorded with."""
        return tuple(item.code for item in self.item)

    @property
    def quotas(self) -> tuple[PersonDays, ...]:
        """The person-day obligations, in the contract's order."""
        return tuple(
            PersonDays(
                code=item.code,
                name=item.name,
                unit="人天",
                clause=item.clause,
                required=item.person_days,
                plan=item.plan,
                unit_price=item.unit_price,
            )
            for item in self.item
            if item.person_days is not None
        )

    @property
    def obligations(self) -> tuple[Obligation, ...]:
        """Everything the contract is measured by, person-days first."""
        return (*self.quotas, *self.obligation)

    def as_of(self, asked: date | None, today: date) -> date:
        """The date figures are taken at: the one asked for, else today; never past the end."""
        return min(asked or today, self.end)


@cache
def share(value: float) -> Fraction:
    """A threshold as the decimal the file shows, exactly."""
    return Fraction(repr(value))


def _wrong(reason: str) -> ValueError:
    return ValueError(reason)


def load(path: Path) -> Contract:
    """The contract in a file; ContractError names file, key and reason."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(f"合同文件 {path} 读不出来：{type(error).__name__}") from error
    return parse(text, str(path))


@lru_cache(maxsize=512)  # a store of many contracts is read again after each act
def read(text: str) -> Contract | None:
    """The contract as its JSON says it; None where that is another program version's."""
    try:
        return Contract.model_validate_json(text)
    except ValidationError:
        return None


def parse(text: str, name: str) -> Contract:
    """The contract written in TOML; `name` stands for the file in errors."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"合同文件 {name} 不是合法的 TOML：{error}") from error
    try:
        return Contract.model_validate(raw)
    except ValidationError as error:
        reasons = "；".join(_reason(details) for details in error.errors()[:5])
        raise ContractError(f"合同文件 {name} 有误：{reasons}") from error


_REASONS = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识的项",
    "int_type": "应为整数",
    "float_type": "应为小数",
    "string_type": "应为文字",
    "date_type": "应为日期，如 2023-02-01",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_pattern_mismatch": "格式应为 {pattern}",
    "string_too_short": "不能为空",
    "union_tag_invalid": "应为 {expected_tags} 之一",
    "union_tag_not_found": "缺少 {discriminator}",
    "tuple_type": "应为列表",
    "dict_type": "应为一组键和值",
    "model_type": "应为一组键和值",
    "model_attributes_type": "应为一组键和值",
    "value_error": "{error}",
}


def _reason(details: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails, a loose dictionary
    """One pydantic error as key and reason."""
    key = ".".join(str(part) for part in details["loc"]) or "全文"
    template = _REASONS.get(details["type"], "写法不对")
    return f"{key}：{template.format(**details.get('ctx', {}))}"
