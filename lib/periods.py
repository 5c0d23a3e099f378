"""Days, months and inclusive periods with an open end; no clock is read here."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

# The services are delivered in mainland China: a UTC server is a day behind until 8 in the morning.
BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, both included; `last` None means still open."""

    first: date
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def turns(self) -> Iterator[date]:
        """The days from which on another answer holds: the first, and the day after the last."""
        yield self.first
        if self.last is not None and self.last < date.max:
            yield self.last + timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month in which the day lies."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month written `YYYY-MM`; ValueError otherwise."""
        return cls.of(date.fromisoformat(f"{text}-01"))

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, self.days)

    @property
    def days(self) -> int:
        """How many days it has."""
        return calendar.monthrange(self.year, self.number)[1]

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month.of(self.last + timedelta(days=1))

    @property
    def previous(self) -> Month:
        """The month before it."""
        return Month.of(self.first - timedelta(days=1))

    def __str__(self) -> str:
        """`YYYY-MM`, which sorts as months do."""
        return f"{self.year:04d}-{self.number:02d}"


def end_of(day: date) -> datetime:
    """The moment at which a day is over where the services are delivered."""
    return datetime.combine(day + timedelta(days=1), time.min, BUSINESS_ZONE)


def local_text(moment: datetime) -> str:
    """A stored UTC moment as officials read it, to the minute."""
    return f"{moment.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}"


def days_of(period: Period) -> Iterator[date]:
    """Every day of a closed period, in order."""
    if period.last is None:
        msg = "an open period has no last day"
        raise ValueError(msg)
    for offset in range((period.last - period.first).days + 1):
        yield period.first + timedelta(days=offset)


def months_of(period: Period) -> Iterator[Month]:
    """Every month that a closed period touches, in order."""
    if period.last is None:
        msg = "an open period has no last month"
        raise ValueError(msg)
    month = Month.of(period.first)
    while month.first <= period.last:
        yield month
        month = month.next
