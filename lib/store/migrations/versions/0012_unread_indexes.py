"""Two indexes go that are kept up and never worth reading.

By an entry's people SQLite read all rows of a contract, in their order, where a day's were asked
for: in postings, undoings, findings. PostgreSQL read it nowhere. Changes of rosters are looked up
by nobody.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_entry_person_contract_id_staff", "entry_person")
    op.drop_index("ix_roster_change_contract_id_sheet_code", "roster_change")
