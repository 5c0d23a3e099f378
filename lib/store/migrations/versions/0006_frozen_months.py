"""Closed months take no change, and what is only ever added to is never changed: whoever asks.

A month is closed when it has a signature that has no reopening. A later migration that has to write
what is refused here takes the triggers away before and makes them anew; one that makes a table of
SQLite anew (`batch_alter_table`) loses that table's triggers.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Rows that are never changed or taken away once they are there. Entries are changed, in that they
# point at what counts now, and attachments, in that they are taken off; neither is taken away.
FINAL = (
    "audit_line",
    "entry_person",
    "entry_version",
    "evidence",
    "finding_act",
    "mend",
    "receipt",
    "reopening",
    "roster_change",
    "sample",
    "sample_item",
    "sample_result",
    "signature",
    "signed_entry",
    "upload_file",
    "withdrawal",
)
KEPT = ("attachment", "entry")

# The days that rows speak of, by their table: contract and day of each row in {rows}. Evidence of a
# receipt speaks of all that the receipt brought or withdrew.
OF_ENTRY = (
    "SELECT r.contract_id, e.day FROM {rows} r"
    " JOIN entry e ON e.contract_id = r.contract_id AND e.entry_id = r.entry_id"
)
OF_RECEIPT = (
    " UNION ALL SELECT r.contract_id, e.day FROM {rows} r"
    " JOIN BROUGHT b ON b.contract_id = r.contract_id AND b.receipt_id = r.receipt_id"
    " JOIN entry e ON e.contract_id = b.contract_id AND e.entry_id = b.entry_id"
)
DAYS = {
    "entry": "SELECT r.contract_id, r.day FROM {rows} r",
    "entry_version": OF_ENTRY,
    "entry_person": OF_ENTRY,
    "withdrawal": OF_ENTRY,
    "attachment": OF_ENTRY
    + OF_RECEIPT.replace("BROUGHT", "entry_version")
    + OF_RECEIPT.replace("BROUGHT", "withdrawal"),
}

POSTGRESQL_FINAL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or taken away', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
# The lock makes one who writes without it wait for a signing that is going on, and see it then.
POSTGRESQL_CLOSED = """
CREATE OR REPLACE FUNCTION refuse_closed_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed text;
BEGIN
    PERFORM 1 FROM contract WHERE contract_id IN (SELECT contract_id FROM after_it) FOR KEY SHARE;
    SELECT s.month INTO closed
        FROM ({days}) AS d
        JOIN signature s ON s.contract_id = d.contract_id AND s.month = to_char(d.day, 'YYYY-MM')
        WHERE NOT EXISTS (
            SELECT FROM reopening o
            WHERE o.contract_id = s.contract_id AND o.signature_id = s.signature_id
        )
        LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION '% is signed and closed', closed
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""
SQLITE_CLOSED = """
CREATE TRIGGER closed_{table}_{event} BEFORE {event} ON {table}
WHEN EXISTS (
    SELECT 1 FROM ({days}) AS d
    JOIN signature s ON s.contract_id = d.contract_id AND s.month = substr(d.day, 1, 7)
    WHERE NOT EXISTS (
        SELECT 1 FROM reopening o
        WHERE o.contract_id = s.contract_id AND o.signature_id = s.signature_id
    )
)
BEGIN SELECT RAISE(ABORT, 'the month is signed and closed'); END
"""
# The row as the triggers of SQLite know it, as if it were a table.
SQLITE_ROW = "(SELECT {row}.contract_id AS contract_id, {columns})"
COLUMNS = {"entry": ("day",), "attachment": ("entry_id", "receipt_id")}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _postgresql() -> None:
    op.execute(POSTGRESQL_FINAL)
    for table in (*FINAL, *KEPT):
        events = "DELETE" if table in KEPT else "UPDATE OR DELETE"
        refuse = "EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER final_rows BEFORE {events} ON {table} FOR EACH ROW {refuse}")
        op.execute(f"CREATE TRIGGER final_table BEFORE TRUNCATE ON {table} {refuse}")
    for table, days in DAYS.items():
        _refuse_closed(table, "insert", days.format(rows="after_it"), "NEW TABLE AS after_it")
        if table in KEPT:
            both = " UNION ALL ".join(days.format(rows=rows) for rows in ("after_it", "before_it"))
            tables = "NEW TABLE AS after_it OLD TABLE AS before_it"
            _refuse_closed(table, "update", both, tables)


def _refuse_closed(table: str, event: str, days: str, referencing: str) -> None:
    """Once for each statement, however many rows it writes."""
    name = f"{table}_{event}"
    op.execute(POSTGRESQL_CLOSED.format(name=name, days=days))
    op.execute(
        f"CREATE TRIGGER closed_{event} AFTER {event} ON {table} REFERENCING {referencing}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_{name}()"
    )


def _sqlite() -> None:
    for table in (*FINAL, *KEPT):
        for event in ("delete",) if table in KEPT else ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER final_{table}_{event} BEFORE {event} ON {table} BEGIN"
                f" SELECT RAISE(ABORT, 'rows of {table} are never changed or taken away'); END"
            )
    for table, days in DAYS.items():
        columns = COLUMNS.get(table, ("entry_id",))
        for event in ("insert", "update") if table in KEPT else ("insert",):
            rows = ("NEW", "OLD") if event == "update" else ("NEW",)
            both = " UNION ALL ".join(days.format(rows=_row(row, columns)) for row in rows)
            op.execute(SQLITE_CLOSED.format(table=table, event=event, days=both))


def _row(row: str, columns: tuple[str, ...]) -> str:
    listed = ", ".join(f"{row}.{column} AS {column}" for column in columns)
    return SQLITE_ROW.format(row=row, columns=listed)
