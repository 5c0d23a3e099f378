"""A store with many contracts: one filled through the product, the others copied from it.

`python -m tests.bench.many URL 100` does so for whoever wants to try the product with many: the
contract file of CONTRACT is the first; a copy of that file with another `code` opens another.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, insert, or_, select, text, true

from lib import contract as contract_file
from lib import settings
from lib.demonstration import fill
from lib.kpi import sums
from lib.periods import BUSINESS_ZONE
from lib.store import setup
from lib.store.backup.tables import forms
from lib.store.chain import linked
from lib.store.contracts import StoredContract
from lib.store.engine import open_store, reading, writing
from lib.store.schema import audit_line, contract, daily_sum, entry, entry_version, metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Engine, Table

    from lib.contract import Contract

# Of these rosters the demonstration makes a year of 12 000 rows.
ELDERS, HOUSEHOLDS = 355, 1500
# Signed in, or made anew for each contract: not copied as they are.
_NOT_COPIED = {"contract", "session", "sign_in_try", "audit_line", "monthly_sum"}
_LEFT_OUT, _STEPS = 10, 7  # a varied copy lacks so many days more than the last; how often


def terms() -> Contract:
    """The contract of CONTRACT, with as many to visit as makes 12 000 rows of its year."""
    found = contract_file.load(settings.contract_path())
    roster = found.roster.model_copy(update={"elders": ELDERS, "households": HOUSEHOLDS})
    return found.model_copy(update={"roster": roster})


def filled(engine: Engine, wanted: Contract) -> StoredContract:
    """A contract with its made-up year, through the product; the store is empty."""
    stored = setup.prepare(engine, wanted)
    end = datetime.combine(wanted.end, time(18), BUSINESS_ZONE).astimezone(UTC)
    fill(engine, stored, today=wanted.end, now=end)
    return stored


def copied(
    engine: Engine, source: StoredContract, number: int, *, varied: bool = False
) -> Sequence[StoredContract]:
    """So many more contracts with the rows of a filled one, as if posted in turns.

    Each is whole in itself: its signatures and audit log verify. A `varied` one lacks some of the
    last days' entries, so that not all stand alike.
    """
    with writing(engine, spills=True) as connection:
        _trust_rows(connection)
        first = connection.execute(select(func.count()).select_from(contract)).scalar_one() + 1
        found = [_entered(connection, source, first + more) for more in range(number)]
        for form in forms():
            table = metadata.tables[form.name]
            if table.name not in _NOT_COPIED and "contract_id" in table.c:
                ids = [each.id for each in found]
                rows = _rows(connection, table, source, (min(ids), max(ids)), varied=varied)
                connection.execute(insert(table).from_select([c.name for c in table.c], rows))
        sums.add_up_months(connection, daily_sum.c.contract_id.in_([each.id for each in found]))
        for each in found:
            _copy_log(connection, source.id, each.id)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
    return found


def _trust_rows(connection: Connection) -> None:
    """Look at no key and no closed month again of rows that were posted once.

    PostgreSQL takes three times as long with it; only a superuser may do without.
    """
    may = text("SELECT has_parameter_privilege('session_replication_role', 'SET')")
    if connection.dialect.name == "postgresql" and connection.execute(may).scalar_one():
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def _entered(connection: Connection, source: StoredContract, index: int) -> StoredContract:
    named = {"code": f"{source.terms.code}-{index:03d}", "name": f"示例{index:03d}号合同"}
    row = connection.execute(select(contract).where(contract.c.contract_id == source.id)).one()
    values = {name: value for name, value in row._mapping.items() if name != "contract_id"}
    if isinstance(values.get("terms"), dict):
        values["terms"] = {**values["terms"], **named}
    new = insert(contract).values({**values, **named}).returning(contract.c.contract_id)
    number = connection.execute(new).scalar_one()
    return StoredContract(source.terms.model_copy(update=named), number)


def _rows(
    connection: Connection,
    table: Table,
    source: StoredContract,
    ids: tuple[int, int],
    *,
    varied: bool,
) -> Select[Any]:
    """A table's rows of the source once for each new contract, receipt by receipt."""
    others = [column for column in table.c if column.name != "contract_id"]
    joined = table.join(contract, true())
    query = select(contract.c.contract_id, *others).where(
        table.c.contract_id == source.id, contract.c.contract_id.between(*ids)
    )
    order: list[ColumnElement[Any]] = []
    if table.name in {"entry", "entry_version", "entry_person"}:
        came = entry_version.alias("came")
        on = (came.c.contract_id == table.c.contract_id) & (came.c.entry_id == table.c.entry_id)
        version = came.c.version == (1 if table is entry else table.c.version)
        joined = joined.join(came, on & version)
        order = [came.c.receipt_id]
    if varied and (table is daily_sum or table is entry):
        query = query.where(_kept(connection, source, table.c.day))
    elif varied and "entry_id" in table.c:
        on = (entry.c.contract_id == table.c.contract_id) & (entry.c.entry_id == table.c.entry_id)
        joined = joined.outerjoin(entry, on)
        kept = _kept(connection, source, entry.c.day)
        query = query.where(or_(entry.c.day.is_(None), kept))
    keys = [column for column in table.primary_key if column.name != "contract_id"]
    return query.select_from(joined).order_by(*order, contract.c.contract_id, *keys)


def _kept(
    connection: Connection, source: StoredContract, day: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether a day is one of those that a varied copy has."""
    newest = select(func.max(entry.c.day)).where(entry.c.contract_id == source.id)
    last = connection.execute(newest).scalar_one() + timedelta(days=1)
    return func.days_between(day, last) > contract.c.contract_id % _STEPS * _LEFT_OUT


def _copy_log(connection: Connection, source: int, to: int) -> None:
    """The audit log of a contract as another's, linked anew: a line's hash holds its contract."""
    query = select(audit_line).where(audit_line.c.contract_id == source)
    previous, rows = "", []
    for line in connection.execute(query.order_by(audit_line.c.line_id)).mappings():
        facts = {**line, "contract_id": to}
        del facts["hash"]
        previous = linked(previous, facts)
        rows.append({**facts, "hash": previous})
    connection.execute(insert(audit_line), rows)


def main() -> None:
    """Fill the store at a URL with so many contracts."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.many", description=__doc__)
    parser.add_argument("url", help="of an empty store: sqlite:///… or postgresql://…")
    parser.add_argument("number", type=int, help="of contracts in all")
    parser.add_argument("--varied", action="store_true", help="let not all stand alike")
    asked = parser.parse_args()
    engine = open_store(asked.url)
    source = filled(engine, terms())
    copied(engine, source, asked.number - 1, varied=asked.varied)
    with reading(engine) as connection:
        entries = connection.execute(select(func.count()).select_from(entry)).scalar_one()
    print(f"{asked.number} contracts, {entries} entries; `lib demo --unless-filled` makes users")  # noqa: T201
    engine.dispose()


if __name__ == "__main__":
    main()
