"""Daily sums beside the ledger, contracts' terms in the store, and who sees all contracts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


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
    )
    terms = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("contract", sa.Column("terms", terms))
    oversees: sa.Column[bool] = sa.Column(
        "oversees", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("account", oversees)
