"""Rows put into a table at once stand there as they were given, or none of them."""

from __future__ import annotations

import traceback
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from lib.errors import StoreError
from lib.store import bulk
from lib.store.engine import open_store, reading, writing
from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from sqlalchemy import Engine

FILE = "INSERT INTO upload_file (contract_id, sha256, size) VALUES (1, 's', 1)"
RECEIPT = (
    "INSERT INTO receipt (contract_id, receipt_id, posted_at, posted_by, file_name, sha256, added,"
    " corrected, unchanged, refused, source, withdrawn)"
    " VALUES (1, 1, '2023-06-01 08:00:00', 'a', 'f', 's', 2, 0, 0, 0, 'workbook', 0)"
)
KEYS = ["", "a\tb", "一\n二", "\\N", "\\.", "'; --", '"%s" %(x)s ? {}', "\U00020000"]
Row = tuple[int, int, str, str, date, int, bool]


def rows(number: int) -> list[Row]:
    """So many entries, no two alike."""
    return [
        (1, n, "patrol", f"{n} {KEYS[n % len(KEYS)]}", date(2023, 1, 1 + n % 28), 1, n % 3 > 0)
        for n in range(1, number + 1)
    ]


def columns(of: list[Row]) -> list[list[object]]:
    """The values of rows, column by column."""
    return [[row[place] for row in of] for place in range(len(entry.columns))]


def held(engine: Engine) -> list[Row]:
    """The entries that the store holds."""
    with reading(engine) as connection:
        found = connection.execute(select(entry).order_by(entry.c.entry_id))
        return [tuple(row) for row in found]


@pytest.mark.parametrize("number", [0, 1, 99, 100, 101, 250])
def test_all_stand_there_as_they_were_given(engine: Engine, number: int):
    with writing(engine) as connection:
        bulk.add(connection, entry, columns(rows(number)))

    assert held(engine) == rows(number)


def test_details_and_what_is_empty_stand_there(engine: Engine):
    details = ['{"事项":"一\\t\\"二\\"","n":1}', "{}"]
    with writing(engine) as connection:
        bulk.add(connection, entry, columns(rows(2)))
        connection.execute(text(FILE))
        connection.execute(text(RECEIPT))
        same = (1, 7, "d", None, None, None)
        said = [(1, 1, 1, *same, None, details[0]), (1, 2, 1, *same, "\\N", details[1])]
        bulk.add(connection, entry_version, list(zip(*said, strict=True)))
    with reading(engine) as connection:
        kept = entry_version.c
        query = select(kept.locality, kept.application, kept.details).order_by(kept.entry_id)
        found = [tuple(row) for row in connection.execute(query)]

    assert found == [(None, None, {"事项": '一\t"二"', "n": 1}), (None, "\\N", {})]


def test_one_that_does_not_fit_keeps_all_out_and_is_not_repeated(engine: Engine):
    with pytest.raises(IntegrityError) as refused, writing(engine) as connection:
        bulk.add(connection, entry, columns([*rows(150), *rows(1)]))

    assert "patrol" not in "".join(traceback.format_exception(refused.value))
    assert held(engine) == []


def put_when_ended(engine: Engine, url: str) -> None:
    """Put a row into the ledger over a connection that the server has just ended."""
    other = open_store(url)
    with writing(engine) as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with writing(other) as another:
            another.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        other.dispose()
        bulk.add(connection, entry, columns(rows(1)))


@pytest.mark.postgresql
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_connection_that_ended_is_out_of_reach(store_url: str, engine: Engine):
    with pytest.raises(StoreError, match="连不上数据库"):
        put_when_ended(engine, store_url)

    assert held(engine) == []
    with writing(engine) as connection:
        bulk.add(connection, entry, columns(rows(1)))
    assert held(engine) == rows(1)
