"""The ledger, rosters, uploads, accounts, sessions and the audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lib.store.dialect import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("is_announced", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "day IS date(day, '+0 days')", name=op.f("ck_calendar_day_real_day")
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_calendar_day_month"), "calendar_day", ["month"], unique=False)
    op.create_table(
        "contract",
        sa.Column("contract_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "end_on IS date(end_on, '+0 days')", name=op.f("ck_contract_real_end_on")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "start_on IS date(start_on, '+0 days')", name=op.f("ck_contract_real_start_on")
        ).ddl_if(dialect="sqlite"),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_contract")),
        sa.UniqueConstraint("code", name=op.f("uq_contract_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "account",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("failed_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "(role = 'team_lead') = (team IS NOT NULL)", name=op.f("ck_account_team_of_lead")
        ),
        sa.CheckConstraint(
            "role IN ('leader', 'team_lead', 'reviewer', 'admin')",
            name=op.f("ck_account_known_role"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_account_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "name", name=op.f("pk_account")),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_line",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", Json, nullable=True),
        sa.Column("after", Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_audit_line_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "line_id", name=op.f("pk_audit_line")),
        sqlite_strict=True,
    )
    op.create_table(
        "entry",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("natural_key", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective", sa.Boolean(), nullable=False),
        sa.CheckConstraint("day IS date(day, '+0 days')", name=op.f("ck_entry_real_day")).ddl_if(
            dialect="sqlite"
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_entry_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "entry_id", name=op.f("pk_entry")),
        sa.UniqueConstraint(
            "contract_id", "kind", "natural_key", name=op.f("uq_entry_contract_id_kind_natural_key")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_entry_contract_id_kind_day"), "entry", ["contract_id", "kind", "day"], unique=False
    )
    op.create_table(
        "locality",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("subdistrict", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_locality_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "code", name=op.f("pk_locality")),
        sa.UniqueConstraint("contract_id", "name", name=op.f("uq_locality_contract_id_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "roster_change",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("before", Json, nullable=True),
        sa.Column("after", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_roster_change_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "change_id", name=op.f("pk_roster_change")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_roster_change_contract_id_sheet_code"),
        "roster_change",
        ["contract_id", "sheet", "code"],
        unique=False,
    )
    op.create_table(
        "staff",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("on_post_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "left_on IS date(left_on, '+0 days')", name=op.f("ck_staff_real_left_on")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "on_post_on IS date(on_post_on, '+0 days')", name=op.f("ck_staff_real_on_post_on")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_staff_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "code", name=op.f("pk_staff")),
        sqlite_strict=True,
    )
    op.create_table(
        "upload_file",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_upload_file_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "sha256", name=op.f("pk_upload_file")),
        sqlite_strict=True,
    )
    op.create_table(
        "elder",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locality", sa.String(), nullable=False),
        sa.Column("self_care", sa.String(), nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "enrolled_on IS date(enrolled_on, '+0 days')", name=op.f("ck_elder_real_enrolled_on")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "left_on IS date(left_on, '+0 days')", name=op.f("ck_elder_real_left_on")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["contract_id", "locality"],
            ["locality.contract_id", "locality.code"],
            name=op.f("fk_elder_contract_id_locality"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_elder_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "code", name=op.f("pk_elder")),
        sqlite_strict=True,
    )
    op.create_table(
        "household",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("head_name", sa.String(), nullable=False),
        sa.Column("locality", sa.String(), nullable=False),
        sa.Column("aid_category", sa.String(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id", "locality"],
            ["locality.contract_id", "locality.code"],
            name=op.f("fk_household_contract_id_locality"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_household_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "code", name=op.f("pk_household")),
        sqlite_strict=True,
    )
    op.create_table(
        "receipt",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("posted_at", Moment(), nullable=False),
        sa.Column("posted_by", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "sha256"],
            ["upload_file.contract_id", "upload_file.sha256"],
            name=op.f("fk_receipt_contract_id_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_receipt_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "receipt_id", name=op.f("pk_receipt")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_receipt_contract_id_sha256"), "receipt", ["contract_id", "sha256"], unique=False
    )
    op.create_table(
        "session",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("ticket_hash", sa.String(), nullable=True),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id", "account"],
            ["account.contract_id", "account.name"],
            name=op.f("fk_session_contract_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_session_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "session_id", name=op.f("pk_session")),
        sa.UniqueConstraint(
            "contract_id", "ticket_hash", name=op.f("uq_session_contract_id_ticket_hash")
        ),
        sa.UniqueConstraint(
            "contract_id", "token_hash", name=op.f("uq_session_contract_id_token_hash")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_session_contract_id_account"), "session", ["contract_id", "account"], unique=False
    )
    op.create_table(
        "entry_version",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("locality", sa.String(), nullable=True),
        sa.Column("elder", sa.String(), nullable=True),
        sa.Column("household", sa.String(), nullable=True),
        sa.Column("application", sa.String(), nullable=True),
        sa.Column("details", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "elder"],
            ["elder.contract_id", "elder.code"],
            name=op.f("fk_entry_version_contract_id_elder"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "entry_id"],
            ["entry.contract_id", "entry.entry_id"],
            name=op.f("fk_entry_version_contract_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "household"],
            ["household.contract_id", "household.code"],
            name=op.f("fk_entry_version_contract_id_household"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "locality"],
            ["locality.contract_id", "locality.code"],
            name=op.f("fk_entry_version_contract_id_locality"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "receipt_id"],
            ["receipt.contract_id", "receipt.receipt_id"],
            name=op.f("fk_entry_version_contract_id_receipt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_entry_version_contract_id")
        ),
        sa.PrimaryKeyConstraint(
            "contract_id", "entry_id", "version", name=op.f("pk_entry_version")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_entry_version_contract_id_application"),
        "entry_version",
        ["contract_id", "application"],
        unique=False,
    )
    op.create_table(
        "entry_person",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "entry_id", "version"],
            ["entry_version.contract_id", "entry_version.entry_id", "entry_version.version"],
            name=op.f("fk_entry_person_contract_id_entry_id_version"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "staff"],
            ["staff.contract_id", "staff.code"],
            name=op.f("fk_entry_person_contract_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_entry_person_contract_id")
        ),
        sa.PrimaryKeyConstraint(
            "contract_id", "entry_id", "version", "staff", name=op.f("pk_entry_person")
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_entry_person_contract_id_staff"),
        "entry_person",
        ["contract_id", "staff"],
        unique=False,
    )
    op.create_table(
        "withdrawal",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "entry_id", "version"],
            ["entry_version.contract_id", "entry_version.entry_id", "entry_version.version"],
            name=op.f("fk_withdrawal_contract_id_entry_id_version"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_withdrawal_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "entry_id", "version", name=op.f("pk_withdrawal")),
        sqlite_strict=True,
    )
