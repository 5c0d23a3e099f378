"""Whether a demonstration was filled to its end; those of before are taken to be."""

import sqlalchemy as sa
from alembic import op

from lib.store.dialect import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contract", sa.Column("demonstration_filled_at", Moment(), nullable=True))
    contract = sa.table(
        "contract",
        sa.column("contract_id"),
        sa.column("is_demonstration", sa.Boolean),
        sa.column("demonstration_filled_at"),
    )
    receipt = sa.table("receipt", sa.column("contract_id"), sa.column("posted_at"))
    last = sa.select(sa.func.max(receipt.c.posted_at)).where(
        receipt.c.contract_id == contract.c.contract_id
    )
    op.execute(
        sa.update(contract)
        .where(contract.c.is_demonstration)
        .values(demonstration_filled_at=last.scalar_subquery())
    )
