"""Where SQLite and PostgreSQL say the same thing in different words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, String, TypeDecorator, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import JSON

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
