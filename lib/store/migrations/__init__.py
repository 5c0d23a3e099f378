"""Alembic migrations, run from code: a store is brought to the newest schema, or left as it was."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lib.errors import StoreError
from lib.store.engine import reading, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


@cache
def _scripts() -> ScriptDirectory:
    """The migrations there are, read once."""
    return ScriptDirectory.from_config(_config())


def newest() -> str | None:
    """The revision that this code needs."""
    return _scripts().get_current_head()


def current(engine: Engine) -> str | None:
    """The revision that the store is at; None for an empty one."""
    with reading(engine) as connection:
        return revision_of(connection)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the store to a schema, the newest one, in one transaction."""
    _require_known(current(engine))
    with writing(engine) as connection:
        upgrade_within(connection, revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Bring the store to a schema as a part of a transaction; nothing where it is there already."""
    command.upgrade(_config(connection), revision)


def revision_of(connection: Connection) -> str | None:
    """The revision that the store is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def order(revision: str) -> int:
    """A revision's place in the order of migrations, from 1; StoreError for an unknown one."""
    _require_known(revision)
    older = _scripts().iterate_revisions(revision, "base")
    return sum(1 for _ in older)


def require_newest(engine: Engine) -> None:
    """Raise StoreError unless the store has the schema that this code needs."""
    found = current(engine)
    _require_known(found)
    if found != newest():
        raise StoreError("数据库结构不是最新的，请先运行 python -m lib migrate。")


def _require_known(revision: str | None) -> None:
    """Raise StoreError for a store that a newer program has migrated."""
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreError("数据库由更新版本的程序建立，请先更新本程序。")
