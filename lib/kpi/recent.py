"""What somebody entered on forms lately, and what was found last time: where a form starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from lib.kpi.rows import Page, ledger_rows
from lib.kpi.scope import of_kind
from lib.logs.entry import Source
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version, receipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from lib.kpi.rows import LedgerRow
    from lib.kpi.scope import Scope


def entered_since(
    connection: Connection, contract_id: int, account: str, moment: datetime
) -> Sequence[LedgerRow]:
    """The entries that still say what an account entered on a form from a moment on, newest first.

    One that was corrected since by a file, or withdrawn, is not among them.
    """
    receipts = _forms_of(contract_id, account) & (receipt.c.posted_at >= moment)
    by_form = entry_version.c.receipt_id.in_(select(receipt.c.receipt_id).where(receipts))
    rows = ledger_rows(connection, _effective(contract_id) & by_form)
    return sorted(rows, key=lambda row: row.receipt_id, reverse=True)


def last_entered(connection: Connection, contract_id: int, account: str) -> LedgerRow | None:
    """The newest of an account's entries on a form."""
    of_it = and_(
        entry_version.c.contract_id == receipt.c.contract_id,
        entry_version.c.receipt_id == receipt.c.receipt_id,
    )
    says = select(entry.c.entry_id).select_from(LATEST).where(_effective(contract_id), of_it)
    newest = (
        select(receipt.c.receipt_id)
        .where(_forms_of(contract_id, account), says.exists())
        .order_by(receipt.c.receipt_id.desc())
        .limit(1)
    )
    number = connection.execute(newest).scalar()
    this = entry_version.c.receipt_id == number
    return next(iter(ledger_rows(connection, _effective(contract_id) & this)), None)


def last_about(
    connection: Connection, scope: Scope, kind: str, field: str, code: str
) -> LedgerRow | None:
    """The newest entry of a kind about an elder, a household, an application or a place."""
    about = of_kind(scope, kind) & (entry_version.c[field] == code)
    return next(iter(ledger_rows(connection, about, Page(1))), None)


def _effective(contract_id: int) -> ColumnElement[bool]:
    return and_(entry.c.contract_id == contract_id, entry.c.effective)


def _forms_of(contract_id: int, account: str) -> ColumnElement[bool]:
    """The receipts of an account's forms."""
    return and_(
        receipt.c.contract_id == contract_id,
        receipt.c.posted_by == account,
        receipt.c.source == Source.FORM,
    )
