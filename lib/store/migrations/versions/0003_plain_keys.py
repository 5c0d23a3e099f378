"""Texts in natural keys become half-width, as rows are compared from now on.

Two entries that become one by it have both been counted so far, and both stay as they are.
"""

import json
import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

entry = sa.table("entry", *map(sa.column, ("contract_id", "entry_id", "kind", "natural_key")))


def upgrade() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(entry).order_by(entry.c.contract_id, entry.c.entry_id))
    held = {(row.contract_id, row.kind, row.natural_key): row.entry_id for row in rows}
    for (contract_id, kind, key), entry_id in list(held.items()):
        plain = _plain(key)
        if (contract_id, kind, plain) in held:
            continue
        held[contract_id, kind, plain] = entry_id
        which = (entry.c.contract_id == contract_id) & (entry.c.entry_id == entry_id)
        connection.execute(sa.update(entry).where(which).values(natural_key=plain))


def _plain(key: str) -> str:
    parts = json.loads(key)
    halved = [_half_width(part) if isinstance(part, str) else part for part in parts]
    return json.dumps(halved, ensure_ascii=False, separators=(",", ":"))


def _half_width(text: str) -> str:
    return re.sub(r"[^\S\n]+", " ", unicodedata.normalize("NFKC", text)).strip()
