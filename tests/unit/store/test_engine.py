"""Both stores keep the same promises: transactions whole, foreign keys, strict types."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, event, func, inspect, literal, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from lib.errors import StoreError
from lib.periods import BUSINESS_ZONE
from lib.store.dialect import Moment
from lib.store.engine import CONNECTIONS, open_store, reading, writing
from tests.unit.store.conftest import CONTRACT

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from tests.support.stores import PostgreSQLStores, SQLiteStores

ENTRY = (
    "INSERT INTO entry (contract_id, entry_id, kind, natural_key, day, version, effective) "
    "VALUES ({contract}, {number}, 'patrol', '{number}', '{day}', {version}, false)"
)


def insert_entry(
    connection: Connection,
    contract: int = 1,
    number: int = 1,
    day: str = "2023-03-05",
    version: str = "1",
) -> None:
    """Enter a ledger row by hand."""
    values = {"contract": contract, "number": number, "day": day, "version": version}
    connection.execute(text(ENTRY.format(**values)))


def numbers(engine: Engine) -> list[int]:
    """The entries that the store holds."""
    with reading(engine) as connection:
        return list(connection.execute(text("SELECT entry_id FROM entry ORDER BY 1")).scalars())


def test_what_is_written_is_there_for_the_next_reader(engine: Engine):
    with writing(engine) as connection:
        insert_entry(connection)

    assert numbers(engine) == [1]


def test_who_finds_no_connection_free_is_told_and_none_is_made_twice(engine: Engine):
    made = []
    event.listen(engine, "connect", lambda driver, _: made.append(driver))
    engine.pool._timeout = 0  # noqa: SLF001 - instead of waiting for half a minute
    for _ in range(2):
        with ExitStack() as readers:
            for _ in range(CONNECTIONS):
                readers.enter_context(reading(engine))
            with pytest.raises(StoreError, match=r"被别的操作占用"), reading(engine):
                pass

    assert len(made) == CONNECTIONS - 1  # the fixture made the first
    assert numbers(engine) == []


def test_readers_are_not_shut_out_by_a_large_transaction(engine: Engine):
    with writing(engine) as connection:
        for number in range(1, 3001):
            insert_entry(connection, number=number)
        longer = text("UPDATE entry SET natural_key = natural_key || :more")
        connection.execute(longer, {"more": "x" * 4000})
        with reading(engine) as reader:
            if engine.dialect.name == "sqlite":
                reader.exec_driver_sql("PRAGMA busy_timeout = 0")
            assert reader.execute(text("SELECT count(*) FROM entry")).scalar_one() == 0


def test_what_is_written_at_once_waits_for_nobody(tmp_path: Path, sqlite_stores: SQLiteStores):
    with sqlite_stores.fresh(tmp_path) as url:
        engine = open_store(url)
        with writing(engine), pytest.raises(StoreError), writing(engine, at_once=True):
            pytest.fail("two write at the same time")
        with writing(engine, at_once=True) as connection:
            patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        assert patience == 30_000, "the connection waits again for the next"
        engine.dispose()


def test_an_exception_takes_back_all_that_was_written(engine: Engine):
    def written_and_broken_off() -> None:
        with writing(engine) as connection:
            insert_entry(connection)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written_and_broken_off()

    assert numbers(engine) == []


def test_a_savepoint_taken_first_does_not_outlive_its_transaction(engine: Engine):
    def written_and_broken_off() -> None:
        with writing(engine) as connection:
            with connection.begin_nested():
                insert_entry(connection)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written_and_broken_off()

    assert numbers(engine) == []


def test_tables_made_in_a_transaction_that_fails_are_not_there(engine: Engine):
    def made_and_broken_off() -> None:
        with writing(engine) as connection:
            connection.execute(text("CREATE TABLE half (a INTEGER)"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_and_broken_off()

    assert "half" not in inspect(engine).get_table_names()


@pytest.mark.postgresql
def test_a_reader_sees_one_state_of_the_store(postgresql_stores: PostgreSQLStores):
    """On SQLite a writer waits until the reader has done."""
    count = text("SELECT count(*) FROM contract")
    with postgresql_stores.fresh() as url:
        engine = open_store(url)
        with reading(engine) as connection:
            before = connection.execute(count).scalar_one()
            with writing(engine) as writer:
                writer.execute(text(CONTRACT))
            after = connection.execute(count).scalar_one()
        engine.dispose()

    assert (before, after) == (0, 0)


@pytest.mark.postgresql
def test_no_statement_is_kept_planned_for_another_contract(postgresql_stores: PostgreSQLStores):
    with postgresql_stores.fresh() as url:
        engine = open_store(url)
        with reading(engine) as connection:
            for number in range(10):
                connection.execute(
                    text("SELECT 1 FROM entry WHERE contract_id = :n"), {"n": number}
                )
            kept = connection.execute(text("SELECT count(*) FROM pg_prepared_statements"))
            assert kept.scalar_one() == 0
        engine.dispose()


def test_a_row_of_no_contract_is_refused(engine: Engine):
    def orphan() -> None:
        with writing(engine) as connection:
            insert_entry(connection, contract=9)

    with pytest.raises(IntegrityError):
        orphan()

    assert numbers(engine) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "'abc'"},
        {"version": "NULL"},
        {"day": "2026-02-30"},
        {"day": "2023-13-01"},
        {"day": "20230305x"},
        {"day": "yesterday at noon"},
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused(engine: Engine, wrong: dict[str, str]):
    def enter() -> None:
        with writing(engine) as connection:
            insert_entry(connection, **wrong)

    with pytest.raises(DBAPIError):
        enter()

    assert numbers(engine) == []


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("staff", "(1, 'G1', 1, '赵一', '一组', '2026-02-30', NULL)"),
        ("elder", "(1, 'E1', 1, '周大', 'L1', '全自理', '2026-02-30', NULL, NULL)"),
    ],
)
def test_a_day_that_never_was_is_refused_in_the_rosters_too(
    engine: Engine, table: str, values: str
):
    def enter() -> None:
        with writing(engine) as connection:
            connection.execute(
                text("INSERT INTO locality VALUES (1, 'L1', 1, '南村', '村', '河口')")
            )
            connection.execute(text(f"INSERT INTO {table} VALUES {values}"))  # noqa: S608 - ours

    with pytest.raises(DBAPIError):
        enter()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "DATABASE_URL 的写法不对，应为 sqlite:///… 或 postgresql://…"),
        ("store.db", "DATABASE_URL 的写法不对，应为 sqlite:///… 或 postgresql://…"),
        ("postgresql://h:x/db", "DATABASE_URL 的写法不对，应为 sqlite:///… 或 postgresql://…"),
        ("sqlite://host/store.db", "DATABASE_URL 的写法不对，应为 sqlite:///… 或 postgresql://…"),
        (
            "mysql://a/b",
            "不支持的数据库“mysql”，DATABASE_URL 应为 sqlite 或 postgresql。",
        ),
        *(
            (url, "内存中的数据库各进程各有一份，不能用作 DATABASE_URL，请写成 sqlite:///文件。")
            for url in (
                "sqlite://",
                "sqlite:///:memory:",
                "sqlite:///file::memory:?uri=true",
                "sqlite:///file:a?mode=memory&uri=true",
            )
        ),
    ],
)
def test_another_kind_of_database_is_refused(url: str, sentence: str):
    with pytest.raises(StoreError) as refused:
        open_store(url)

    assert refused.value.sentence == sentence


def test_an_error_of_the_database_repeats_nothing_that_was_written(engine: Engine):
    statement = text("INSERT INTO staff (code) VALUES (:code)")

    with pytest.raises(IntegrityError) as failed, writing(engine) as connection:
        connection.execute(statement, {"code": "某人"})

    assert "parameters hidden" in str(failed.value)
    assert "[parameters:" not in str(failed.value)


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/store.db", "postgresql://nobody@127.0.0.1:1/store"]
)
def test_a_database_out_of_reach_is_said_so(url: str):
    engine = open_store(url)

    with pytest.raises(StoreError, match="连不上数据库"), reading(engine):
        pass  # pragma: no cover - never reached


def test_a_file_that_is_no_store_is_answered_in_a_sentence(tmp_path: Path):
    (tmp_path / "store.db").write_text("something else altogether")
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")

    with pytest.raises(StoreError, match=r"^连不上数据库"), reading(engine):
        pass
    engine.dispose()


OUT_OF_REACH = "连不上数据库，或不能写入：请核对 DATABASE_URL 和权限，或稍后再试。"
BUSY = "数据库一直被别的操作占用，这次没有保存，请稍后再试。"


def test_a_store_that_another_program_keeps_locked_is_said_so(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    holder, engine = open_store(url), open_store(url)
    event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA busy_timeout = 0"))

    with writing(holder), pytest.raises(StoreError) as refused, writing(engine):
        pass  # pragma: no cover - never reached

    holder.dispose()
    engine.dispose()
    assert refused.value.sentence == BUSY


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def test_a_store_that_may_only_be_read_is_said_so(
    store: str, request: pytest.FixtureRequest, tmp_path: Path
):
    stores = request.getfixturevalue(f"{store}_stores")
    with stores.fresh(*([tmp_path] if store == "sqlite" else [])) as url:
        read_only = {
            "sqlite": f"sqlite:///file:{tmp_path / 'store.db'}?mode=ro&uri=true",
            "postgresql": f"{url}&options=-c%20default_transaction_read_only%3Don",
        }
        engine = open_store(read_only[store])
        assert numbers(engine) == []

        with pytest.raises(StoreError) as refused, writing(engine) as connection:
            connection.execute(text(CONTRACT))

        engine.dispose()
    assert refused.value.sentence == OUT_OF_REACH


@pytest.mark.parametrize(
    ("statement", "values"), [("SELECT a FROM nowhere", {}), ("SELECT :a", {"a": object()})]
)
def test_a_question_that_is_wrong_is_no_fault_of_the_store(
    engine: Engine, statement: str, values: dict[str, object]
):
    with pytest.raises(DBAPIError), reading(engine) as connection:
        connection.execute(text(statement), values)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2023, 3, 5, 15, 59, 59, 999999, tzinfo=UTC), date(2023, 3, 5)),
        (datetime(2023, 3, 5, 16, tzinfo=UTC), date(2023, 3, 6)),
        (datetime(2023, 7, 31, 23, 30, tzinfo=BUSINESS_ZONE), date(2023, 7, 31)),
    ],
    ids=["before midnight", "midnight", "in summer"],
)
def test_the_day_of_a_moment_is_that_in_china(engine: Engine, moment: datetime, day: date):
    with reading(engine) as connection:
        found = connection.execute(select(func.business_day(bindparam("at", moment, Moment()))))
        assert found.scalar_one() == day


def test_a_text_has_the_same_hash_on_both_stores(engine: Engine):
    with reading(engine) as connection:
        found = connection.execute(select(func.sha256(literal("走访正常")))).scalar_one()
    assert found == hashlib.sha256("走访正常".encode()).hexdigest()
