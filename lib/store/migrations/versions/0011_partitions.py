"""The ledger in parts, by contract: on PostgreSQL each large table is partitioned.

The parts lie in a schema of their own, beside the tables', which nobody but their owner may use.
What stood on a table is read from the catalogue and made anew: keys, indexes, triggers, grants.
A key from one of these tables to another stands on the parts: a row's parent lies in the part of
the same number, and need not be looked for in all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from alembic import op
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PARTS = 8
TABLES = ("entry", "entry_version", "entry_person", "signed_entry")

# What is said of our tables, in the order in which it can be said: statement by statement.
KEYS = """
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
    pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY(:ours) AND contype IN ('p', 'u') ORDER BY contype, conname
"""
INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index i WHERE indrelid = ANY(:ours)
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
ORDER BY 1
"""
# Those of other tables that point at ours too: they have to go while ours are made anew.
FOREIGN = """
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
        pg_get_constraintdef(oid)),
    format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
    conrelid = ANY(:ours) AND confrelid = ANY(:ours)
FROM pg_constraint
WHERE contype = 'f' AND (conrelid = ANY(:ours) OR confrelid = ANY(:ours)) ORDER BY 1
"""
TRIGGERS = """
SELECT pg_get_triggerdef(oid, true) FROM pg_trigger
WHERE tgrelid = ANY(:ours) AND NOT tgisinternal ORDER BY 1
"""
GRANTS = """
SELECT format('GRANT %s ON %s TO %s', privilege_type, c.oid::regclass,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM pg_class c, aclexplode(c.relacl) WHERE c.oid = ANY(:ours) AND grantee <> c.relowner ORDER BY 1
"""

# As in migration 0006, but the day is looked up row by row: a join with a table in parts reads all
# of them, of every contract.
CLOSED = """
CREATE OR REPLACE FUNCTION refuse_closed_{table}_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed text;
BEGIN
    PERFORM 1 FROM contract WHERE contract_id IN (SELECT contract_id FROM after_it) FOR KEY SHARE;
    SELECT s.month INTO closed
        FROM (
            SELECT DISTINCT r.contract_id, (
                SELECT e.day FROM entry e
                WHERE e.contract_id = r.contract_id AND e.entry_id = r.entry_id
            ) AS day
            FROM after_it r
        ) AS d
        JOIN signature s ON s.contract_id = d.contract_id AND s.month = to_char(d.day, 'YYYY-MM')
        WHERE NOT EXISTS (
            SELECT FROM reopening o
            WHERE o.contract_id = s.contract_id AND o.signature_id = s.signature_id
        )
        LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION '%% is signed and closed', closed
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _part()


def _part() -> None:
    bind = op.get_bind()
    home = str(bind.execute(text("SELECT current_schema()")).scalar_one())
    parts = bind.dialect.identifier_preparer.quote_identifier(f"{home}_parts")
    foreign = _said(FOREIGN)
    made = [row[0] for query in (KEYS, INDEXES, GRANTS) for row in _said(query)]
    triggers = [row[0] for row in _said(TRIGGERS)]
    for _, dropped, _ in foreign:
        _run(dropped)
    _run(f"CREATE SCHEMA IF NOT EXISTS {parts}")
    filled = [_moved(table, parts) for table in TABLES]
    for statement in made:
        _run(statement)
    for added, _, within in foreign:
        for statement in _in_parts(added, parts) if within else [added]:
            _run(statement)
    for statement in triggers:
        _run(statement)
        if "FOR EACH ROW" not in statement:  # else each part has it already
            for in_part in _in_parts(statement, parts):
                _run(in_part)
    for table in ("entry_version", "entry_person", "withdrawal"):
        _run(CLOSED.format(table=table))
    if any(filled):
        _run(f"ANALYZE {', '.join(TABLES)}")  # of the whole; the server itself looks at parts only


def _said(query: str) -> Sequence[tuple[Any, ...]]:
    """What the catalogue says of our tables."""
    bind = op.get_bind()
    oids = text("SELECT array_agg(each::regclass::oid) FROM unnest(CAST(:names AS text[])) each")
    ours = bind.execute(oids, {"names": list(TABLES)}).scalar_one()
    return [tuple(row) for row in bind.execute(text(query), {"ours": ours})]


def _moved(table: str, parts: str) -> bool:
    """Make a table anew in parts, without what stands on it; whether there was anything in it."""
    _run(f"ALTER TABLE {table} SET SCHEMA {parts}")
    like = f"LIKE {parts}.{table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS"
    _run(f"CREATE TABLE {table} ({like}) PARTITION BY HASH (contract_id)")
    for number in range(PARTS):
        values = f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {number})"
        _run(f"CREATE TABLE {parts}.{table}_{number} PARTITION OF {table} {values}")
    moved = op.get_bind().execute(
        text(f"INSERT INTO {table} SELECT * FROM {parts}.{table}")  # noqa: S608 - of ours
    )
    _run(f"DROP TABLE {parts}.{table}")
    return moved.rowcount > 0


def _in_parts(statement: str, parts: str) -> Iterator[str]:
    """A statement about whole tables, once for each part, with the parts of its number."""
    for number in range(PARTS):
        yield re.sub(
            rf"(TABLE|ON|REFERENCES) ({'|'.join(TABLES)})\b",
            rf"\g<1> {parts}.\g<2>_{number}",
            statement,
        )


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)
