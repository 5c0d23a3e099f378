"""A store is brought to the newest schema, the one the code declares, or left as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import ForeignKeyConstraint, create_engine, insert, inspect, select, text

from lib.errors import StoreError
from lib.store import migrations
from lib.store.engine import open_store, reading, writing
from lib.store.schema import contract, entry, metadata, receipt, upload_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.support.stores import PostgreSQLStores


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A migrated store."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()


@pytest.fixture
def empty(engine: Engine) -> Engine:
    """A store in which nothing stands."""
    with writing(engine) as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    return engine


def test_the_migrated_schema_is_the_declared_one(engine: Engine):
    with reading(engine) as connection:
        options = {"compare_type": True, "include_object": _is_of_whole}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)

    assert differences == []


def _is_of_whole(each: object, _name: str, kind: str, reflected: bool, _declared: object) -> bool:
    """A key to a whole table is listed for each part too; one between whole tables for parts only.

    What stands on the parts is compared below.
    """
    if kind != "foreign_key_constraint" or not isinstance(each, ForeignKeyConstraint):
        return True
    if reflected:
        return not each.referred_table.schema
    return not {each.table.name, each.referred_table.name} <= _PARTED.keys()


_PARTED = {
    name: each
    for name, each in metadata.tables.items()
    if each.dialect_options["postgresql"]["partition_by"]
}


@pytest.mark.postgresql
def test_what_is_parted_is_what_is_declared(postgresql_stores: PostgreSQLStores):
    query = text("SELECT partrelid::regclass::text, partstrat, partnatts FROM pg_partitioned_table")
    with postgresql_stores.fresh() as url:
        engine = open_store(url)
        with reading(engine) as connection:
            found = connection.execute(query).all()
        engine.dispose()

    assert sorted(map(tuple, found)) == [(name, "h", 1) for name in sorted(_PARTED)]
    assert _PARTED


# What stands on the tables that are parted, or points at them, by the catalogue.
_STANDING = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace AND conparentid = 0
UNION SELECT tablename, indexname, replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes
WHERE schemaname = current_schema()
UNION SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t
JOIN pg_class c ON c.oid = tgrelid
WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace
UNION SELECT oid::regclass::text, 'granted', relacl::text FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relacl IS NOT NULL
ORDER BY 1, 2
"""


@pytest.mark.postgresql
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_ledger_is_parted_with_its_rows_and_all_that_stands_on_it(empty: Engine):
    migrations.upgrade(empty, "0010")
    rows = "SELECT * FROM entry JOIN entry_person USING (contract_id, entry_id) ORDER BY 1, 2"
    with writing(empty) as connection:
        for number in range(1, 10):
            for statement in _LEDGER.split(";"):
                connection.execute(text(statement), {"id": number})
        connection.execute(text("GRANT SELECT ON entry TO PUBLIC"))
        standing = connection.execute(text(_STANDING)).all()
        before = connection.execute(text(rows)).all()

    migrations.upgrade(empty, "0011")

    parts = text("SELECT count(DISTINCT tableoid) FROM entry")
    with reading(empty) as connection:
        whole = [row for row in standing if row.conname not in _ON_PARTS]
        assert connection.execute(text(_STANDING)).all() == whole
        assert len(whole) == len(standing) - len(_ON_PARTS)
        keys = connection.execute(text(_KEYS)).all()
        assert [tuple(key) for key in keys] == [(name, 8, True) for name in _ON_PARTS]
        assert connection.execute(text(rows)).all() == before
        assert connection.execute(parts).scalar_one() > 1
    assert len(before) == 9


# Keys from one parted table to another, in order of their names; the parts that they stand on.
_ON_PARTS = (
    "fk_entry_person_contract_id_entry_id_version",
    "fk_entry_version_contract_id_entry_id",
    "fk_signed_entry_contract_id_entry_id_version",
)
_KEYS = """
SELECT conname, count(*),
    bool_and(right(conrelid::regclass::text, 2) = right(confrelid::regclass::text, 2))
FROM pg_constraint
JOIN pg_class a ON a.oid = conrelid JOIN pg_class b ON b.oid = confrelid
WHERE contype = 'f' AND a.relispartition AND b.relispartition GROUP BY conname ORDER BY conname
"""
# A contract with one entry, entered by hand.
_LEDGER = """
INSERT INTO contract (contract_id, code, name, start_on, end_on, is_demonstration, revision)
VALUES (:id, CAST(:id AS text), 'A', '2023-03-01', '2024-02-29', true, 0);
INSERT INTO staff (contract_id, code, position, name, team, on_post_on)
VALUES (:id, 'G1', 1, 'a', 'a', '2023-01-01');
INSERT INTO upload_file (contract_id, sha256, size) VALUES (:id, 'f', 1);
INSERT INTO receipt (contract_id, receipt_id, posted_at, posted_by, file_name, sha256, added,
    corrected, unchanged, refused) VALUES (:id, 1, now(), 'a', 'a', 'f', 1, 0, 0, 0);
INSERT INTO entry VALUES (:id, 1, 'patrol', 'k', '2023-03-05', 1, true);
INSERT INTO entry_version (contract_id, entry_id, version, receipt_id, source_row, digest, details)
VALUES (:id, 1, 1, 1, 1, 'd', '{}');
INSERT INTO entry_person VALUES (:id, 1, 1, 'G1')
"""


def test_every_table_of_sqlite_is_strict(tmp_path: Path):
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    migrations.upgrade(engine)
    with reading(engine) as connection:
        tables = connection.execute(text("SELECT name, strict FROM pragma_table_list"))
        lax = [name for name, strict in tables if name in metadata.tables and not strict]
    engine.dispose()

    assert lax == []


def test_an_empty_store_is_migrated_and_needs_nothing_more(empty: Engine):
    with pytest.raises(StoreError, match="请先运行 python -m lib migrate"):
        migrations.require_newest(empty)

    migrations.upgrade(empty)
    migrations.upgrade(empty)

    migrations.require_newest(empty)
    assert migrations.current(empty) == migrations.newest()


def test_a_demonstration_of_the_first_schema_counts_as_filled(empty: Engine):
    migrations.upgrade(empty, "0001")
    with writing(empty) as connection:
        connection.execute(
            text(
                "INSERT INTO contract"
                " (contract_id, code, name, start_on, end_on, is_demonstration, revision) VALUES"
                " (1, 'a', 'A', '2023-03-01', '2024-02-29', true, 0),"
                " (2, 'b', 'B', '2023-03-01', '2024-02-29', false, 0)"
            )
        )
        connection.execute(insert(upload_file).values(contract_id=1, sha256="f", size=0))
        facts = {"contract_id": 1, "posted_by": "lead1", "file_name": "a", "sha256": "f"}
        counts = dict.fromkeys(("added", "corrected", "unchanged", "refused"), 0)
        for number, day in enumerate((3, 9, 6)):
            posted = {"receipt_id": number, "posted_at": datetime(2023, 3, day, tzinfo=UTC)}
            connection.execute(insert(receipt).values(facts | counts | posted))

    migrations.upgrade(empty)

    with reading(empty) as connection:
        filled = select(contract.c.demonstration_filled_at).order_by(contract.c.contract_id)
        moments = connection.execute(filled).scalars().all()
    assert moments == [datetime(2023, 3, 9, tzinfo=UTC), None]


def test_a_store_of_a_newer_program_is_left_alone(engine: Engine):
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for act in (migrations.upgrade, migrations.require_newest):
        with pytest.raises(StoreError, match=r"^数据库由更新版本的程序建立，请先更新本程序。$"):
            act(engine)


def test_a_migration_that_fails_leaves_the_store_as_it_was(empty: Engine):
    with writing(empty) as connection:
        connection.execute(text("CREATE TABLE withdrawal (a INTEGER)"))  # in the last table's way

    with pytest.raises(Exception, match="already exists"):
        migrations.upgrade(empty)

    assert inspect(empty).get_table_names() == ["withdrawal"]
    assert migrations.current(empty) is None


def test_a_store_of_a_later_version_is_not_used(engine: Engine):
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError):
        migrations.require_newest(engine)


def test_the_plain_driver_keeps_the_same_tables(tmp_path: Path):
    """What another program sees in the file does not depend on our engine's hooks."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    ours = open_store(url)
    migrations.upgrade(ours)
    ours.dispose()
    plain = create_engine(url)

    names = set(inspect(plain).get_table_names())
    plain.dispose()

    assert names == {*metadata.tables, "alembic_version"}


def test_keys_written_before_widths_counted_for_nothing_are_rewritten(empty: Engine):
    before = {
        1: '["2023-03-05",["G1"],"会务（县里）"]',
        2: '["2023-03-06",["G1"],"接待（县里）"]',
        3: '["2023-03-06",["G1"],"接待(县里)"]',
        4: '["2023-03-07",["G1"],"会务",null]',
    }
    migrations.upgrade(empty, "0002")
    with writing(empty) as connection:
        connection.execute(
            insert(contract).values(
                contract_id=1,
                code="a",
                name="a",
                start_on=date(2023, 1, 1),
                end_on=date(2023, 12, 31),
                is_demonstration=False,
                revision=0,
            )
        )
        rows = [
            {
                "contract_id": 1,
                "entry_id": number,
                "kind": "other_task",
                "natural_key": key,
                "day": date(2023, 3, 5),
                "version": 1,
                "effective": True,
            }
            for number, key in before.items()
        ]
        connection.execute(insert(entry), rows)

    migrations.upgrade(empty)

    with reading(empty) as connection:
        keys = connection.execute(select(entry.c.entry_id, entry.c.natural_key)).all()
    assert dict(map(tuple, keys)) == {**before, 1: '["2023-03-05",["G1"],"会务(县里)"]'}
