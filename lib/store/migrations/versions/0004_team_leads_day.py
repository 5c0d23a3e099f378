"""A team lead's day: territories, trips promised, drafts, uploads in progress, mends, evidence.

And how a receipt came, why, and which one it undoes.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lib.store.dialect import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("received_sha256", sa.String(), nullable=False),
        sa.Column("kept_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_evidence_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "sha256", name=op.f("pk_evidence")),
        sqlite_strict=True,
    )
    op.create_table(
        "draft",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("cells", Json, nullable=False),
        sa.Column("saved_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "account"],
            ["account.contract_id", "account.name"],
            name=op.f("fk_draft_contract_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_draft_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "account", "slot", name=op.f("pk_draft")),
        sqlite_strict=True,
    )
    op.create_table(
        "promise",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("locality", sa.String(), nullable=False),
        sa.Column("promised_at", Moment(), nullable=False),
        sa.Column("promised_by", sa.String(), nullable=False),
        sa.CheckConstraint("day IS date(day, '+0 days')", name=op.f("ck_promise_real_day")).ddl_if(
            dialect="sqlite"
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "locality"],
            ["locality.contract_id", "locality.code"],
            name=op.f("fk_promise_contract_id_locality"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_promise_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "team", "day", "locality", name=op.f("pk_promise")),
        sqlite_strict=True,
    )
    op.create_table(
        "territory",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("locality", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("assigned_at", Moment(), nullable=False),
        sa.Column("assigned_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "locality"],
            ["locality.contract_id", "locality.code"],
            name=op.f("fk_territory_contract_id_locality"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_territory_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "locality", name=op.f("pk_territory")),
        sqlite_strict=True,
    )
    op.create_table(
        "attachment",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("receipt_id", sa.Integer(), nullable=True),
        sa.Column("attached_at", Moment(), nullable=False),
        sa.Column("attached_by", sa.String(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.Column("removed_by", sa.String(), nullable=True),
        sa.Column("removed_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(entry_id IS NULL) <> (receipt_id IS NULL)", name=op.f("ck_attachment_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "entry_id"],
            ["entry.contract_id", "entry.entry_id"],
            name=op.f("fk_attachment_contract_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "receipt_id"],
            ["receipt.contract_id", "receipt.receipt_id"],
            name=op.f("fk_attachment_contract_id_receipt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "sha256"],
            ["evidence.contract_id", "evidence.sha256"],
            name=op.f("fk_attachment_contract_id_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_attachment_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "attachment_id", name=op.f("pk_attachment")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_attachment_contract_id_entry_id"),
        "attachment",
        ["contract_id", "entry_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attachment_contract_id_receipt_id"),
        "attachment",
        ["contract_id", "receipt_id"],
        unique=False,
    )
    op.create_table(
        "mend",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column("put", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "receipt_id"],
            ["receipt.contract_id", "receipt.receipt_id"],
            name=op.f("fk_mend_contract_id_receipt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_mend_contract_id")
        ),
        sa.PrimaryKeyConstraint(
            "contract_id", "receipt_id", "sheet", "row", "field", name=op.f("pk_mend")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "pending_upload",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("mends", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("receipt_id", sa.Integer(), nullable=True),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("moved_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('reading', 'checking', 'ready', 'posting', 'posted', 'refused')",
            name=op.f("ck_pending_upload_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "account"],
            ["account.contract_id", "account.name"],
            name=op.f("fk_pending_upload_contract_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "receipt_id"],
            ["receipt.contract_id", "receipt.receipt_id"],
            name=op.f("fk_pending_upload_contract_id_receipt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_pending_upload_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "upload_id", name=op.f("pk_pending_upload")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_pending_upload_contract_id_account"),
        "pending_upload",
        ["contract_id", "account"],
        unique=False,
    )
    op.add_column(
        "receipt", sa.Column("source", sa.String(), server_default="workbook", nullable=False)
    )
    op.add_column("receipt", sa.Column("reason", sa.String(), nullable=True))
    op.add_column("receipt", sa.Column("undoes", sa.Integer(), nullable=True))
    op.add_column(
        "receipt", sa.Column("withdrawn", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_index(
        op.f("ix_receipt_contract_id_team"), "receipt", ["contract_id", "team"], unique=False
    )
    op.add_column("withdrawal", sa.Column("receipt_id", sa.Integer(), nullable=True))
    op.create_index(
        op.f("ix_receipt_contract_id_undoes"), "receipt", ["contract_id", "undoes"], unique=True
    )
    op.create_index(
        op.f("ix_entry_version_contract_id_receipt_id"),
        "entry_version",
        ["contract_id", "receipt_id"],
        unique=False,
    )
