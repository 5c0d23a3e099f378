"""Daily sums beside the ledger, contracts' terms in the store, and who sees all contracts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# What the ledger of each contract comes to already: a person's day is 2520 units, shared over the
# kinds of that day's effective entries.
FILL = """
INSERT INTO daily_sum (contract_id, kind, day, entries, units)
WITH worked AS (
    SELECT DISTINCT e.contract_id, p.staff, e.day, e.kind
    FROM entry e
    JOIN entry_person p
        ON p.contract_id = e.contract_id AND p.entry_id = e.entry_id AND p.version = e.version
    WHERE e.effective
), part AS (
    SELECT contract_id, kind, day,
        2520 / count(*) OVER (PARTITION BY contract_id, staff, day) AS units
    FROM worked
)
SELECT contract_id, kind, day, sum(entries), sum(units)
FROM (
    SELECT contract_id, kind, day, count(*) AS entries, 0 AS units
    FROM entry WHERE effective GROUP BY contract_id, kind, day
    UNION ALL
    SELECT contract_id, kind, day, 0, sum(units) FROM part GROUP BY contract_id, kind, day
) AS made
GROUP BY contract_id, kind, day
"""


def upgrade() -> None:
    day = sa.CheckConstraint("day IS date(day, '+0 days')", name="real_day")
    op.create_table(
        "daily_sum",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.contract_id"]),
        sa.PrimaryKeyConstraint("contract_id", "kind", "day"),
        *([day] if op.get_bind().dialect.name == "sqlite" else []),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(FILL)
    terms = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("contract", sa.Column("terms", terms))
    oversees: sa.Column[bool] = sa.Column(
        "oversees", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("account", oversees)
