"""Wrong tries at signing in are kept by name and by address."""

import sqlalchemy as sa
from alembic import op

from lib.store.dialect import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_try",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.contract_id"]),
        sa.PrimaryKeyConstraint("contract_id", "name", "address"),
        sqlite_strict=True,
    )
    op.drop_column("account", "failed_attempts")
    op.drop_column("account", "failed_at")
