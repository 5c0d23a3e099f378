"""A month accepted: findings, samples, signatures, made files; the audit log as a chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lib.store.chain import linked
from lib.store.dialect import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ONE_SUBJECT = (
    "(CASE WHEN entry_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN receipt_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN item_id IS NULL THEN 0 ELSE 1 END) = 1"
)
line = sa.table(
    "audit_line",
    sa.column("contract_id"),
    sa.column("line_id"),
    sa.column("at", Moment()),
    *map(sa.column, ("by", "act", "subject", "hash")),
    sa.column("before", Json),
    sa.column("after", Json),
)


def upgrade() -> None:
    op.create_table(
        "finding_act",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('explained', 'confirmed', 'dismissed')",
            name=op.f("ck_finding_act_known_state"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_finding_act_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "act_id", name=op.f("pk_finding_act")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_finding_act_contract_id_rule_subject"),
        "finding_act",
        ["contract_id", "rule", "subject"],
        unique=False,
    )
    op.create_table(
        "sample",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("margin", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("frame_hash", sa.String(), nullable=False),
        sa.Column("strata", Json, nullable=False),
        sa.Column("drawn_at", Moment(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "first_on IS date(first_on, '+0 days')", name=op.f("ck_sample_real_first_on")
        ).ddl_if(dialect="sqlite"),
        sa.CheckConstraint(
            "last_on IS date(last_on, '+0 days')", name=op.f("ck_sample_real_last_on")
        ).ddl_if(dialect="sqlite"),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_sample_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "sample_id", name=op.f("pk_sample")),
        sqlite_strict=True,
    )
    op.create_table(
        "signature",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("signed_at", Moment(), nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("parameters", Json, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("entries_hash", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_signature_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "signature_id", name=op.f("pk_signature")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_signature_contract_id_month"), "signature", ["contract_id", "month"], unique=False
    )
    op.create_table(
        "made_file",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("asked", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("moved_at", Moment(), nullable=False),
        sa.CheckConstraint(
            "state IN ('making', 'made', 'failed')", name=op.f("ck_made_file_known_state")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "account"],
            ["account.contract_id", "account.name"],
            name=op.f("fk_made_file_contract_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_made_file_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "file_id", name=op.f("pk_made_file")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_made_file_contract_id_account"),
        "made_file",
        ["contract_id", "account"],
        unique=False,
    )
    op.create_table(
        "reopening",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("reopened_at", Moment(), nullable=False),
        sa.Column("reopened_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "signature_id"],
            ["signature.contract_id", "signature.signature_id"],
            name=op.f("fk_reopening_contract_id_signature_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_reopening_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "signature_id", name=op.f("pk_reopening")),
        sqlite_strict=True,
    )
    op.create_table(
        "sample_item",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "entry_id", "version"],
            ["entry_version.contract_id", "entry_version.entry_id", "entry_version.version"],
            name=op.f("fk_sample_item_contract_id_entry_id_version"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "sample_id"],
            ["sample.contract_id", "sample.sample_id"],
            name=op.f("fk_sample_item_contract_id_sample_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_sample_item_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "item_id", name=op.f("pk_sample_item")),
        sa.UniqueConstraint(
            "contract_id",
            "sample_id",
            "position",
            name=op.f("uq_sample_item_contract_id_sample_id_position"),
        ),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_sample_item_contract_id_entry_id"),
        "sample_item",
        ["contract_id", "entry_id"],
        unique=False,
    )
    op.create_table(
        "signed_entry",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id", "entry_id", "version"],
            ["entry_version.contract_id", "entry_version.entry_id", "entry_version.version"],
            name=op.f("fk_signed_entry_contract_id_entry_id_version"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "signature_id"],
            ["signature.contract_id", "signature.signature_id"],
            name=op.f("fk_signed_entry_contract_id_signature_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_signed_entry_contract_id")
        ),
        sa.PrimaryKeyConstraint(
            "contract_id", "signature_id", "entry_id", name=op.f("pk_signed_entry")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "sample_result",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "result IN ('true', 'untrue', 'unverifiable')",
            name=op.f("ck_sample_result_known_result"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id", "item_id"],
            ["sample_item.contract_id", "sample_item.item_id"],
            name=op.f("fk_sample_result_contract_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.contract_id"], name=op.f("fk_sample_result_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "item_id", "number", name=op.f("pk_sample_result")),
        sqlite_strict=True,
    )
    op.add_column("audit_line", sa.Column("hash", sa.String(), server_default="", nullable=False))
    _attach_to_samples()
    _chain()


def _attach_to_samples() -> None:
    """Let evidence be attached to the item of a sample; SQLite makes the table anew for that."""
    strict = {"sqlite_strict": True}
    with op.batch_alter_table("attachment", table_kwargs=strict) as attachment:
        attachment.add_column(sa.Column("item_id", sa.Integer(), nullable=True))
        attachment.create_foreign_key(
            op.f("fk_attachment_contract_id_item_id"),
            "sample_item",
            ["contract_id", "item_id"],
            ["contract_id", "item_id"],
        )
        attachment.drop_constraint(op.f("ck_attachment_one_subject"), type_="check")
        attachment.create_check_constraint(op.f("ck_attachment_one_subject"), ONE_SUBJECT)
    op.create_index(
        op.f("ix_attachment_contract_id_item_id"), "attachment", ["contract_id", "item_id"]
    )


def _chain() -> None:
    """Link the lines written so far, each to the one before it within its contract."""
    connection = op.get_bind()
    last: dict[int, str] = {}
    lines = sa.select(line).order_by(line.c.contract_id, line.c.line_id)
    for row in connection.execute(lines).mappings().all():
        facts = {name: value for name, value in row.items() if name != "hash"}
        last[row["contract_id"]] = linked(last.get(row["contract_id"], ""), facts)
        which = (line.c.contract_id == row["contract_id"]) & (line.c.line_id == row["line_id"])
        connection.execute(sa.update(line).where(which).values(hash=last[row["contract_id"]]))
