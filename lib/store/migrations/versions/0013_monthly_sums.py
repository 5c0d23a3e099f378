"""Monthly sums beside the daily ones."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# What the daily sums of each contract come to already.
FILL = """
INSERT INTO monthly_sum (contract_id, kind, month, entries, units, first_on, last_on)
SELECT contract_id, kind, {month}, sum(entries), sum(units), min(day), max(day)
FROM daily_sum GROUP BY contract_id, kind, {month}
"""
MONTH = {"sqlite": "substr(day, 1, 7)", "postgresql": "to_char(day, 'YYYY-MM')"}


def upgrade() -> None:
    database = op.get_bind().dialect.name
    days = [
        sa.CheckConstraint(f"{name} IS date({name}, '+0 days')", name=f"real_{name}")
        for name in ("first_on", "last_on")
    ]
    op.create_table(
        "monthly_sum",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.contract_id"]),
        sa.PrimaryKeyConstraint("contract_id", "kind", "month"),
        *(days if database == "sqlite" else []),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(FILL.format(month=MONTH[database]))
