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
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the store to a schema, the newest one, in one transaction."""
    _require_known(current(engine))
    with writing(engine) as connection:
        command.upgrade(_config(connection), revision)


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
