"""Where SQLite and PostgreSQL say the same thing in different words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, String, TypeDecorator, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import JSON

from lib.periods import BUSINESS_ZONE

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.sql.elements import ColumnElement


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware on both stores."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Only aware moments are kept, as UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """SQLite gives back what it was given, without the zone."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


# STRICT tables of SQLite know INTEGER, REAL, TEXT and BLOB only.
@compiles(Date, "sqlite")
@compiles(DateTime, "sqlite")
@compiles(String, "sqlite")
@compiles(JSON, "sqlite")
def _text(_type: Any, _compiler: Any, **_: Any) -> str:
    return "TEXT"


@compiles(Boolean, "sqlite")
@compiles(Integer, "sqlite")
def _integer(_type: Any, _compiler: Any, **_: Any) -> str:
    return "INTEGER"


@compiles(LargeBinary, "sqlite")
def _blob(_type: Any, _compiler: Any, **_: Any) -> str:
    return "BLOB"


class days_between(GenericFunction[int]):  # noqa: N801 - named as it reads in SQL
    """Days from the first date to the second: `days_between(first, second)`."""

    type = Integer()
    inherit_cache = True


@compiles(days_between, "sqlite")
def _julian(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _minus(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(({second}) - ({first}))"


class month_of(GenericFunction[str]):  # noqa: N801 - named as it reads in SQL
    """The month of a day, `YYYY-MM`."""

    type = String()
    inherit_cache = True


@compiles(month_of, "sqlite")
def _first_seven(element: Any, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 7)"


@compiles(month_of, "postgresql")
def _year_and_month(element: Any, compiler: Any, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM')"


class business_day(GenericFunction[date]):  # noqa: N801 - named as it reads in SQL
    """The day of a moment where the services are delivered: since 1991 always 8 hours after UTC."""

    type = Date()
    inherit_cache = True


@compiles(business_day, "sqlite")
def _eight_hours_on(element: Any, compiler: Any, **options: Any) -> str:
    # To the second: SQLite would round the last microsecond of a day up to the next one.
    return f"date(substr({compiler.process(element.clauses, **options)}, 1, 19), '+8 hours')"


@compiles(business_day, "postgresql")
def _in_zone(element: Any, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST({moment} AT TIME ZONE '{BUSINESS_ZONE.key}' AS DATE)"


class sha256(GenericFunction[str]):  # noqa: N801 - named as it reads in SQL
    """The SHA-256 of a text in UTF-8, as hexadecimal digits; SQLite is given it by `engine`."""

    type = String()
    inherit_cache = True


@compiles(sha256, "postgresql")
def _encoded(element: Any, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


class json_values(GenericFunction[Any]):  # noqa: N801 - named as it reads in SQL
    """A row for each value of a JSON object, for `table_valued("value")`."""

    inherit_cache = True


@compiles(json_values, "sqlite")
def _json_each(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(json_values, "postgresql")
def _jsonb_each(element: Any, compiler: Any, **options: Any) -> str:
    return f"jsonb_each_text({compiler.process(element.clauses, **options)})"


class least(GenericFunction[Any]):  # noqa: N801 - named as it reads in SQL
    """The smaller of two values; `min` in SQLite."""

    inherit_cache = True


@compiles(least, "sqlite")
def _least(element: Any, compiler: Any, **options: Any) -> str:
    return f"min({compiler.process(element.clauses, **options)})"


class greatest(GenericFunction[Any]):  # noqa: N801 - named as it reads in SQL
    """The larger of two values; `max` in SQLite."""

    inherit_cache = True


@compiles(greatest, "sqlite")
def _greatest(element: Any, compiler: Any, **options: Any) -> str:
    return f"max({compiler.process(element.clauses, **options)})"


def overlap_days(
    first: ColumnElement[Any],
    last: ColumnElement[Any],
    other_first: ColumnElement[Any],
    other_last: ColumnElement[Any],
) -> ColumnElement[int]:
    """Days that two inclusive periods share; 0 or less when they share none."""
    start, end = func.greatest(first, other_first), func.least(last, other_last)
    return func.days_between(start, end) + 1
