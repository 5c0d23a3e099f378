"""The audit log is looked up by time, by who acted, and by what was done."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("at", "by", "act"):
        op.create_index(
            f"ix_audit_line_contract_id_{column}", "audit_line", ["contract_id", column]
        )
