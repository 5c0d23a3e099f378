"""Where from somebody acted or signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A table with triggers is added to, never made anew.
    op.add_column("audit_line", sa.Column("origin", sa.String(), nullable=True))
    op.add_column("session", sa.Column("origin", sa.String(), server_default="", nullable=False))
