"""The tables. Keys lead with the contract, so that they can be partitioned or distributed by it.

On PostgreSQL the largest are partitioned; their parts lie in a schema beside (migration 0011).
The ledger is append-only: an `entry` is what stays the same of a log row (its natural key), an
`entry_version` what it said at one time; a correction adds a version, a withdrawal a mark.
`entry.version` and `entry.effective` only point at what counts now.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB

from lib.store.dialect import Moment

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# Of a table that grows with every contract's rows: a statement about one looks into one part.
# A key from one of them to another stands on the parts.
_PARTED = {"postgresql_partition_by": "HASH (contract_id)"}
_Json = JSON().with_variant(JSONB(), "postgresql")


def _table(name: str, *parts: Any, **options: Any) -> Table:  # noqa: ANN401 - columns and constraints alike
    """A table whose types SQLite enforces too."""
    columns = [part for part in parts if isinstance(part, Column)]
    days = [_real_day(column.name) for column in columns if isinstance(column.type, Date)]
    return Table(name, metadata, *parts, *days, sqlite_strict=True, **options)


def _real_day(column: str) -> CheckConstraint:
    """SQLite keeps days as text, and must be told which text is one."""
    real = f"{column} IS date({column}, '+0 days')"
    return CheckConstraint(real, name=f"real_{column}").ddl_if(dialect="sqlite")


def _contract_key() -> Column[int]:
    return Column("contract_id", Integer, ForeignKey("contract.contract_id"), primary_key=True)


def _of(table: str, *columns: str, to: tuple[str, ...] = ()) -> ForeignKeyConstraint:
    """A foreign key within the contract."""
    targets = [f"{table}.{column}" for column in ("contract_id", *(to or columns))]
    return ForeignKeyConstraint(["contract_id", *columns], targets)


contract = _table(
    "contract",
    Column("contract_id", Integer, primary_key=True, autoincrement=True),
    Column("code", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("start_on", Date, nullable=False),
    Column("end_on", Date, nullable=False),
    Column("is_demonstration", Boolean, nullable=False),
    Column("demonstration_filled_at", Moment()),  # null: real, or the filling was interrupted
    Column("revision", Integer, nullable=False),  # counts the acts that may change a figure
    Column("terms", _Json),  # what its file says; null: not registered since this is kept
)

calendar_day = _table(
    "calendar_day",
    Column("day", Date, primary_key=True),
    Column("month", String, nullable=False),  # YYYY-MM
    Column("is_working", Boolean, nullable=False),
    Column("is_announced", Boolean, nullable=False),  # False: weekdays taken for want of a calendar
    Index(None, "month"),
)

locality = _table(
    "locality",
    _contract_key(),
    Column("code", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("category", String, nullable=False),
    Column("subdistrict", String, nullable=False),
    UniqueConstraint("contract_id", "name"),
)

staff = _table(
    "staff",
    _contract_key(),
    Column("code", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("team", String, nullable=False),
    Column("on_post_on", Date, nullable=False),
    Column("left_on", Date),
)

elder = _table(
    "elder",
    _contract_key(),
    Column("code", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("locality", String, nullable=False),
    Column("self_care", String, nullable=False),
    Column("enrolled_on", Date, nullable=False),
    Column("left_on", Date),
    Column("left_reason", String),
    _of("locality", "locality", to=("code",)),
)

household = _table(
    "household",
    _contract_key(),
    Column("code", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("head_name", String, nullable=False),
    Column("locality", String, nullable=False),
    Column("aid_category", String, nullable=False),
    Column("members", Integer),
    _of("locality", "locality", to=("code",)),
)

roster_tables = {"locality": locality, "staff": staff, "elder": elder, "household": household}

roster_change = _table(
    "roster_change",
    _contract_key(),
    Column("change_id", Integer, primary_key=True),
    Column("sheet", String, nullable=False),
    Column("code", String, nullable=False),
    Column("changed_at", Moment(), nullable=False),
    Column("changed_by", String, nullable=False),
    Column("before", _Json),  # null: the member is new
    Column("after", _Json, nullable=False),
)

upload_file = _table(
    "upload_file",
    _contract_key(),
    Column("sha256", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary),  # null: not kept, because identity numbers stood in it
)

receipt = _table(
    "receipt",
    _contract_key(),
    Column("receipt_id", Integer, primary_key=True),
    Column("posted_at", Moment(), nullable=False),
    Column("posted_by", String, nullable=False),
    Column("team", String),
    Column("file_name", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("added", Integer, nullable=False),
    Column("corrected", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    # How it came: a workbook, the form for one entry, or undoing another receipt.
    Column("source", String, nullable=False, server_default="workbook"),
    Column("reason", String),  # for what it corrects or undoes
    Column("undoes", Integer),  # the receipt that this one undoes
    Column("withdrawn", Integer, nullable=False, server_default="0"),
    _of("upload_file", "sha256"),
    Index(None, "contract_id", "sha256"),
    Index(None, "contract_id", "team"),
    Index(None, "contract_id", "undoes", unique=True),
)

# A cell of the original file that was mended on the page before the row was posted.
mend = _table(
    "mend",
    _contract_key(),
    Column("receipt_id", Integer, primary_key=True),
    Column("sheet", String, primary_key=True),
    Column("row", Integer, primary_key=True),  # as in the file, from 1
    Column("field", String, primary_key=True),  # the column's slug
    Column("found", String, nullable=False),  # what stands in the file, as its reader sees it
    Column("put", String, nullable=False),  # what was posted instead
    _of("receipt", "receipt_id"),
)

entry = _table(
    "entry",
    _contract_key(),
    Column("entry_id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("natural_key", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("effective", Boolean, nullable=False),  # False: the latest version is withdrawn
    UniqueConstraint("contract_id", "kind", "natural_key"),
    Index(None, "contract_id", "kind", "day"),
    **_PARTED,
)

entry_version = _table(
    "entry_version",
    _contract_key(),
    Column("entry_id", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("receipt_id", Integer, nullable=False),
    Column("source_row", Integer, nullable=False),  # the row of the sheet in the receipt's file
    Column("digest", String, nullable=False),
    Column("locality", String),
    Column("elder", String),
    Column("household", String),
    Column("application", String),
    Column("details", _Json, nullable=False),
    _of("entry", "entry_id"),
    _of("receipt", "receipt_id"),
    _of("locality", "locality", to=("code",)),
    _of("elder", "elder", to=("code",)),
    _of("household", "household", to=("code",)),
    Index(None, "contract_id", "application"),
    Index(None, "contract_id", "receipt_id"),
    **_PARTED,
)

entry_person = _table(
    "entry_person",
    _contract_key(),
    Column("entry_id", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("staff", String, primary_key=True),
    _of("entry_version", "entry_id", "version"),
    _of("staff", "staff", to=("code",)),
    **_PARTED,
)

# What counts of each item's day: kept beside the ledger in the act that changes it, so that sums
# over years need no rows. `python -m lib sums` makes them anew, and says whether they were right.
daily_sum = _table(
    "daily_sum",
    _contract_key(),
    Column("kind", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("entries", Integer, nullable=False),
    Column("units", Integer, nullable=False),  # person-days, in units of `kpi.person_days.UNITS`
    sqlite_with_rowid=False,  # in the order of its key, in which it is added up
)

# What the daily sums of each item's month come to, and between which days they lie, for what is
# asked of many contracts at once.
monthly_sum = _table(
    "monthly_sum",
    _contract_key(),
    Column("kind", String, primary_key=True),
    Column("month", String, primary_key=True),  # YYYY-MM
    Column("entries", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    sqlite_with_rowid=False,
)

withdrawal = _table(
    "withdrawal",
    _contract_key(),
    Column("entry_id", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("withdrawn_at", Moment(), nullable=False),
    Column("withdrawn_by", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("receipt_id", Integer),  # of the undoing that it is a part of; null: an act of its own
    _of("entry_version", "entry_id", "version"),
)

# Which team looks after a locality; without a line it is every team's.
territory = _table(
    "territory",
    _contract_key(),
    Column("locality", String, primary_key=True),
    Column("team", String, nullable=False),
    Column("assigned_at", Moment(), nullable=False),
    Column("assigned_by", String, nullable=False),
    _of("locality", "locality", to=("code",)),
)

# A trip that a team means to make: to a locality, on a day.
promise = _table(
    "promise",
    _contract_key(),
    Column("team", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("locality", String, primary_key=True),
    Column("promised_at", Moment(), nullable=False),
    Column("promised_by", String, nullable=False),
    _of("locality", "locality", to=("code",)),
)

# A photo or scan, cleaned; its bytes lie in the evidence store under `sha256`.
evidence = _table(
    "evidence",
    _contract_key(),
    Column("sha256", String, primary_key=True),
    Column("media_type", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("width", Integer),  # pixels; null for a PDF
    Column("height", Integer),
    Column("received_sha256", String, nullable=False),  # of the bytes as they were sent
    Column("kept_at", Moment(), nullable=False),
)

# Evidence attached to an entry, a receipt or an item of a sample; it can be taken off, with a
# reason, and stays kept.
attachment = _table(
    "attachment",
    _contract_key(),
    Column("attachment_id", Integer, primary_key=True),
    Column("sha256", String, nullable=False),
    Column("entry_id", Integer),
    Column("receipt_id", Integer),
    Column("item_id", Integer),
    Column("attached_at", Moment(), nullable=False),
    Column("attached_by", String, nullable=False),
    Column("removed_at", Moment()),
    Column("removed_by", String),
    Column("removed_reason", String),
    _of("evidence", "sha256"),
    _of("entry", "entry_id"),
    _of("receipt", "receipt_id"),
    _of("sample_item", "item_id"),
    CheckConstraint(
        "(CASE WHEN entry_id IS NULL THEN 0 ELSE 1 END)"
        " + (CASE WHEN receipt_id IS NULL THEN 0 ELSE 1 END)"
        " + (CASE WHEN item_id IS NULL THEN 0 ELSE 1 END) = 1",
        name="one_subject",
    ),
    Index(None, "contract_id", "entry_id"),
    Index(None, "contract_id", "receipt_id"),
    Index(None, "contract_id", "item_id"),
)

# What somebody said of a finding; the latest of a finding's acts is where it stands.
finding_act = _table(
    "finding_act",
    _contract_key(),
    Column("act_id", Integer, primary_key=True),
    Column("rule", String, nullable=False),
    Column("subject", String, nullable=False),  # what the rule found, in codes: stays the same
    Column("state", String, nullable=False),
    Column("note", String, nullable=False),
    Column("basis", String, nullable=False),  # a hash of the rows that were looked at
    Column("at", Moment(), nullable=False),
    Column("by", String, nullable=False),
    CheckConstraint("state IN ('explained', 'confirmed', 'dismissed')", name="known_state"),
    Index(None, "contract_id", "rule", "subject"),
)

# A sample of a period's entries, with all that is needed to draw it again.
sample = _table(
    "sample",
    _contract_key(),
    Column("sample_id", Integer, primary_key=True),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("kinds", _Json, nullable=False),  # the log kinds that it was drawn from
    Column("confidence", String, nullable=False),  # decimals, as they were asked for
    Column("margin", String, nullable=False),
    Column("seed", String, nullable=False),
    Column("population", Integer, nullable=False),
    Column("frame_hash", String, nullable=False),  # over the entries that it was drawn from
    Column("strata", _Json, nullable=False),  # by stratum: how many there are, how many are drawn
    Column("drawn_at", Moment(), nullable=False),
    Column("drawn_by", String, nullable=False),
)

sample_item = _table(
    "sample_item",
    _contract_key(),
    Column("item_id", Integer, primary_key=True),
    Column("sample_id", Integer, nullable=False),
    Column("position", Integer, nullable=False),  # in the order of the sheet, from 1
    Column("stratum", String, nullable=False),
    Column("entry_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    _of("sample", "sample_id"),
    _of("entry_version", "entry_id", "version"),
    UniqueConstraint("contract_id", "sample_id", "position"),
    Index(None, "contract_id", "entry_id"),
)

# What was found on the spot; the last of an item's results holds.
sample_result = _table(
    "sample_result",
    _contract_key(),
    Column("item_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("result", String, nullable=False),
    Column("note", String, nullable=False),
    Column("recorded_at", Moment(), nullable=False),
    Column("recorded_by", String, nullable=False),
    _of("sample_item", "item_id"),
    CheckConstraint("result IN ('true', 'untrue', 'unverifiable')", name="known_result"),
)

# A month as it was signed: its figures, what they were computed with, and which entries from.
signature = _table(
    "signature",
    _contract_key(),
    Column("signature_id", Integer, primary_key=True),
    Column("month", String, nullable=False),  # YYYY-MM
    Column("signed_at", Moment(), nullable=False),
    Column("signed_by", String, nullable=False),
    Column("figures", _Json, nullable=False),
    Column("parameters", _Json, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("entries_hash", String, nullable=False),  # over the hashes of `signed_entry`
    Column("previous_hash", String, nullable=False),  # of the month signed before; else empty
    Column("hash", String, nullable=False),  # over all of this
    Index(None, "contract_id", "month"),
)

signed_entry = _table(
    "signed_entry",
    _contract_key(),
    Column("signature_id", Integer, primary_key=True),
    Column("entry_id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("row_hash", String, nullable=False),
    _of("signature", "signature_id"),
    _of("entry_version", "entry_id", "version"),
    **_PARTED,
)

# A signed month without a line here is closed.
reopening = _table(
    "reopening",
    _contract_key(),
    Column("signature_id", Integer, primary_key=True),
    Column("reopened_at", Moment(), nullable=False),
    Column("reopened_by", String, nullable=False),
    Column("reason", String, nullable=False),
    _of("signature", "signature_id"),
)

# A file that takes a while to make; its bytes lie in the evidence store under `sha256`.
made_file = _table(
    "made_file",
    _contract_key(),
    Column("file_id", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("what", String, nullable=False),  # which of the files that can be made
    Column("asked", _Json, nullable=False),  # for which month, with which names
    Column("state", String, nullable=False),
    Column("done", Integer, nullable=False),  # of `total` steps
    Column("total", Integer, nullable=False),
    Column("said", String),  # the sentence with which it failed
    Column("file_name", String),
    Column("sha256", String),
    Column("size", Integer),
    Column("begun_at", Moment(), nullable=False),
    Column("moved_at", Moment(), nullable=False),
    _of("account", "account", to=("name",)),
    CheckConstraint("state IN ('making', 'made', 'failed')", name="known_state"),
    Index(None, "contract_id", "account"),
)

account = _table(
    "account",
    _contract_key(),
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("team", String),
    Column("password_hash", String, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Moment(), nullable=False),
    Column("oversees", Boolean, nullable=False, server_default=false()),  # sees all contracts' sums
    CheckConstraint("role IN ('leader', 'team_lead', 'reviewer', 'admin')", name="known_role"),
    CheckConstraint("(role = 'team_lead') = (team IS NOT NULL)", name="team_of_lead"),
)

session = _table(
    "session",
    _contract_key(),
    Column("session_id", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("begun_at", Moment(), nullable=False),
    Column("seen_at", Moment(), nullable=False),
    Column("ended_at", Moment()),
    Column("ticket_hash", String),  # null: exchanged for the token, which it was good for once
    Column("token_hash", String),
    Column("origin", String, nullable=False, server_default=""),  # the address it was begun from
    _of("account", "account", to=("name",)),
    UniqueConstraint("contract_id", "ticket_hash"),
    UniqueConstraint("contract_id", "token_hash"),
    Index(None, "contract_id", "account"),
)

# Wrong passwords that are not forgotten yet: of an account (no address), of an account from an
# address that it was used from lately (both), of an address whatever the name (no name). A name
# that nobody has is not kept: in its place stands which of few groups it falls into.
sign_in_try = _table(
    "sign_in_try",
    _contract_key(),
    Column("name", String, primary_key=True),
    Column("address", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Moment(), nullable=False),
)

# What somebody has typed and not yet posted, so that a reload loses nothing.
draft = _table(
    "draft",
    _contract_key(),
    Column("account", String, primary_key=True),
    Column("slot", String, primary_key=True),  # which form: a kind, or an entry being corrected
    Column("cells", _Json, nullable=False),
    Column("saved_at", Moment(), nullable=False),
    _of("account", "account", to=("name",)),
)

# A workbook handed in and not yet posted or put away: it can be left and returned to.
pending_upload = _table(
    "pending_upload",
    _contract_key(),
    Column("upload_id", Integer, primary_key=True),
    Column("account", String, nullable=False),
    Column("file_name", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column(
        "content", LargeBinary
    ),  # null until it is read; and for good with identity numbers in it
    Column("mends", _Json, nullable=False),
    Column("state", String, nullable=False),
    Column("done", Integer, nullable=False),  # of `total` steps of what the state says
    Column("total", Integer, nullable=False),
    Column("said", String),  # the sentence with which it was refused, or failed
    Column("receipt_id", Integer),  # once posted
    Column("begun_at", Moment(), nullable=False),
    Column("moved_at", Moment(), nullable=False),
    _of("account", "account", to=("name",)),
    _of("receipt", "receipt_id"),
    CheckConstraint(
        "state IN ('reading', 'checking', 'ready', 'posting', 'posted', 'refused')",
        name="known_state",
    ),
    Index(None, "contract_id", "account"),
)

audit_line = _table(
    "audit_line",
    _contract_key(),
    Column("line_id", Integer, primary_key=True),
    Column("at", Moment(), nullable=False),
    Column("by", String, nullable=False),
    Column("act", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("before", _Json),
    Column("after", _Json),
    Column("origin", String),  # null: written before origins were kept
    Column("hash", String, nullable=False, server_default=""),  # over this and the line before
    Index(None, "contract_id", "at"),
    Index(None, "contract_id", "by"),
    Index(None, "contract_id", "act"),
)
