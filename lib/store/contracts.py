"""The contracts in the store: which row belongs to which, and the lock that orders their acts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import String, and_, bindparam, cast, func, insert, select, union_all, update

from lib.contract import Contract, read
from lib.errors import StoreError
from lib.store import audit, heads
from lib.store.engine import writing
from lib.store.schema import account
from lib.store.schema import contract as table
from lib.store.schema import roster_change as change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine


@dataclass(frozen=True)
class StoredContract:
    """A contract's terms, and the id its rows carry in the store."""

    terms: Contract
    id: int

    @property
    def code(self) -> str:
        """The code by which the store knows it."""
        return self.terms.code


@dataclass(frozen=True)
class ListedContract:
    """A contract as the store alone knows it.

    `terms` are as they were last registered; None when they were not since they are kept.
    """

    id: int
    code: str
    name: str
    start: date
    end: date
    is_demonstration: bool
    revision: int
    terms: Contract | None


AnyContract = StoredContract | ListedContract


def register(connection: Connection, contract: Contract) -> StoredContract:
    """The contract in the store; it is entered, or its terms brought up to date."""
    found = _find(connection, contract)
    if found is None:
        new = {"code": contract.code, **_said(contract), "is_demonstration": False, "revision": 0}
        entered = insert(table).values(new).returning(table.c.contract_id)
        return StoredContract(contract, connection.execute(entered).scalar_one())
    stored = StoredContract(contract, found)
    if not is_registered(connection, stored):
        register_again(connection, stored)
    return stored


def is_registered(connection: Connection, stored: StoredContract) -> bool:
    """Whether the store holds the contract's terms as they are."""
    said = _said(stored.terms)
    query = select(*(table.c[name] for name in said)).where(table.c.contract_id == stored.id)
    return dict(connection.execute(query).mappings().one()) == said


def register_again(connection: Connection, stored: StoredContract) -> None:
    """Keep the contract's terms in the store, for those who look at all contracts."""
    row = update(table).where(table.c.contract_id == stored.id)
    connection.execute(row.values(_said(stored.terms)))
    touch(connection, stored.id)


def _said(contract: Contract) -> dict[str, object]:
    """What a contract's row says of its terms."""
    return {
        "name": contract.name,
        "start_on": contract.start,
        "end_on": contract.end,
        "terms": contract.model_dump(mode="json"),
    }


def find(connection: Connection, contract: Contract) -> StoredContract:
    """The contract in the store; StoreError when it was never registered."""
    found = _find(connection, contract)
    if found is None:
        raise StoreError(f"数据库中没有合同“{contract.code}”，请先运行 python -m lib migrate。")
    return StoredContract(contract, found)


def _find(connection: Connection, contract: Contract) -> int | None:
    query = select(table.c.contract_id).where(table.c.code == contract.code)
    return connection.execute(query).scalar()


@contextmanager
def acting(engine: Engine, stored: AnyContract) -> Iterator[Connection]:
    """A transaction in which no other act on this contract runs.

    SQLite holds the others back already (BEGIN IMMEDIATE); PostgreSQL locks the contract's row.
    Once it is committed, the audit log's new head is kept outside the database.
    """
    head = None
    with writing(engine) as connection:
        row = select(table.c.contract_id).where(table.c.contract_id == stored.id)
        connection.execute(row.with_for_update()).one()
        yield connection
        if connection.in_transaction() and heads.place(engine):
            head = audit.head(connection, stored.id)
    if head:
        heads.follow(engine, stored, head)


def listed(connection: Connection, *, lock: bool = False) -> Sequence[tuple[int, str, str]]:
    """Id, code and name of every contract, by id; `lock` holds acts on all of them back."""
    query = select(table.c.contract_id, table.c.code, table.c.name).order_by(table.c.contract_id)
    rows = connection.execute(query.with_for_update() if lock else query)
    return [(row.contract_id, row.code, row.name) for row in rows]


def every(connection: Connection) -> Sequence[ListedContract]:
    """All contracts of the store, by id."""
    text = cast(table.c.terms, String)  # read as it stands, strictly
    query = select(
        table.c.contract_id.label("id"),
        table.c.code,
        table.c.name,
        table.c.start_on.label("start"),
        table.c.end_on.label("end"),
        table.c.is_demonstration,
        table.c.revision,
        text.label("terms"),
    ).order_by(table.c.contract_id)
    return [
        ListedContract(**{**row, "terms": read(row["terms"]) if row["terms"] else None})
        for row in connection.execute(query).mappings()
    ]


@contextmanager
def rehearsing(engine: Engine, stored: StoredContract) -> Iterator[Connection]:
    """Like `acting`, but nothing is kept of what is done: to see what an act would change."""
    with acting(engine, stored) as connection:
        yield connection
        connection.rollback()


def touch(connection: Connection, contract_id: int) -> None:
    """Count an act that may have changed a figure, so that nothing cached before it is shown."""
    revised = update(table).where(table.c.contract_id == contract_id)
    connection.execute(revised.values(revision=table.c.revision + 1))


def touch_all(connection: Connection) -> None:
    """Count an act that may have changed figures of every contract."""
    connection.execute(update(table).values(revision=table.c.revision + 1))


def span(connection: Connection) -> tuple[date, date]:
    """The first day of any contract of the store, and the last one of any."""
    first, last = connection.execute(
        select(func.min(table.c.start_on), func.max(table.c.end_on))
    ).one()
    return first, last


def revision_of_all(connection: Connection) -> int:
    """How many contracts there are, and acts on all of them: it grows with every one."""
    query = select(func.count() + func.coalesce(func.sum(table.c.revision), 0))
    return int(connection.execute(query).scalar_one())


def revision(connection: Connection, contract_id: int) -> int:
    """How many acts so far may have changed a figure."""
    return standing(connection, contract_id).revision


@dataclass(frozen=True)
class Standing:
    """How many acts so far may have changed a figure; whether the contract's data is made up."""

    revision: int
    is_demonstration: bool


def standing(connection: Connection, contract_id: int) -> Standing:
    """How things stand at this moment."""
    return Standing(*connection.execute(_STANDING, {"contract": contract_id}).one())


_STANDING = select(table.c.revision, table.c.is_demonstration).where(
    table.c.contract_id == bindparam("contract")
)


def is_demonstration(connection: Connection, contract_id: int) -> bool:
    """Whether the contract's data is made up."""
    return standing(connection, contract_id).is_demonstration


def mark_demonstration(connection: Connection, contract_id: int) -> None:
    """Say that the contract's data is made up, on every page and for good."""
    row = update(table).where(table.c.contract_id == contract_id)
    connection.execute(row.values(is_demonstration=True))


def mark_demonstration_filled(connection: Connection, contract_id: int, at: datetime) -> None:
    """Say that the made-up data is all there."""
    row = update(table).where(table.c.contract_id == contract_id)
    connection.execute(row.values(demonstration_filled_at=at))


def is_half_filled(connection: Connection, contract_id: int) -> bool:
    """Whether the contract is a demonstration of which a part is still missing."""
    unfinished = and_(table.c.is_demonstration, table.c.demonstration_filled_at.is_(None))
    query = select(unfinished).where(table.c.contract_id == contract_id)
    return bool(connection.execute(query).scalar_one())


def any_in_use(connection: Connection) -> bool:
    """Whether any contract of the store, demonstrations left out, has a roster or a user."""
    real = select(table.c.contract_id).where(~table.c.is_demonstration)
    traces = [select(t.c.contract_id).where(t.c.contract_id.in_(real)) for t in (change, account)]
    return connection.execute(union_all(*traces).limit(1)).first() is not None
