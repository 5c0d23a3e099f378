"""What the app's own account may do with each table of PostgreSQL: least where it matters most.

The tables belong to the account that migrates. The app's account may add to what is final, and can
neither change it nor take it away, nor take away the triggers that refuse it. Parts of a table
(migration 0011) it reaches through the whole only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from lib.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

_LOOKED_UP = ("SELECT",)
_FINAL = (*_LOOKED_UP, "INSERT")
_KEPT = (*_FINAL, "UPDATE")
_FREE = (*_KEPT, "DELETE")
# Locking a row for an act is a right of those who may update it.
PRIVILEGES: Mapping[str, Sequence[str]] = {
    "account": _KEPT,
    "alembic_version": _LOOKED_UP,
    "attachment": _KEPT,
    "audit_line": _FINAL,
    "calendar_day": (*_LOOKED_UP, "UPDATE"),  # for a moment, to verify under the signed calendar
    "contract": (*_LOOKED_UP, "UPDATE"),
    "daily_sum": _FREE,
    "draft": _FREE,
    "elder": _KEPT,
    "entry": _KEPT,
    "entry_person": _FINAL,
    "entry_version": _FINAL,
    "evidence": _FINAL,
    "finding_act": _FINAL,
    "household": _KEPT,
    "locality": _KEPT,
    "made_file": _FREE,
    "mend": _FINAL,
    "monthly_sum": _FREE,
    "pending_upload": _FREE,
    "promise": _FREE,
    "receipt": _FINAL,
    "reopening": _FINAL,
    "roster_change": _FINAL,
    "sample": _FINAL,
    "sample_item": _FINAL,
    "sample_result": _FINAL,
    "session": _FREE,
    "sign_in_try": _FREE,
    "signature": _FINAL,
    "signed_entry": _FINAL,
    "staff": _KEPT,
    "territory": _FREE,
    "upload_file": _FINAL,
    "withdrawal": _FINAL,
}
_OWNER = (
    "本系统连接数据库所用的账号可以改动审计记录。请另建一个数据库账号，"
    "由建表账号运行 python -m lib migrate --app-role 账号名 授权，再用它启动本系统。"
)


def grant(connection: Connection, role: str) -> None:
    """Give a role exactly what the app needs, and take from it all else; safe to repeat.

    The connection is the tables' owner's. StoreError for another database, for a role that is not
    there, and for one that no grant could hold back.
    """
    if connection.dialect.name != "postgresql":
        raise StoreError("只有 PostgreSQL 分建表账号和应用账号；SQLite 靠文件权限保护。")
    _require_fitting(connection, role)
    quoted = connection.dialect.identifier_preparer.quote_identifier
    name, database = quoted(role), quoted(str(connection.engine.url.database))
    schema = quoted(str(connection.execute(text("SELECT current_schema()")).scalar_one()))
    for everybody in ("PUBLIC", name):
        for parts in _schemas_of_parts(connection):
            _run(connection, f"REVOKE ALL ON ALL TABLES IN SCHEMA {parts} FROM {everybody}")
            _run(connection, f"REVOKE ALL ON SCHEMA {parts} FROM {everybody}")
        _run(connection, f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {everybody}")
        _run(connection, f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {everybody}")
        _run(connection, f"REVOKE CREATE ON SCHEMA {schema} FROM {everybody}")
        # A temporary table would be found before ours by what the triggers ask.
        _run(connection, f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM {everybody}")
    _run(connection, f"GRANT CONNECT ON DATABASE {database} TO {name}")
    _run(connection, f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    for table, privileges in PRIVILEGES.items():
        _run(connection, f"GRANT {', '.join(privileges)} ON {schema}.{quoted(table)} TO {name}")


def _schemas_of_parts(connection: Connection) -> Sequence[str]:
    query = text(
        "SELECT DISTINCT relnamespace::regnamespace::text FROM pg_class"
        " WHERE relispartition AND relnamespace <> current_schema()::regnamespace"
    )
    return connection.execute(query).scalars().all()


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement.replace(":", r"\:")))


def _require_fitting(connection: Connection, role: str) -> None:
    query = text(
        "SELECT rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls"
        " OR pg_has_role(oid, (SELECT relowner FROM pg_class WHERE oid = 'audit_line'::regclass),"
        " 'MEMBER') FROM pg_roles WHERE rolname = :role"
    )
    found = connection.execute(query, {"role": role}).scalar()
    if found is None:
        raise StoreError(f"数据库中没有账号“{role}”，请先建立：CREATE ROLE … LOGIN PASSWORD …")
    if found:
        raise StoreError(f"账号“{role}”是建表账号、其成员或超级用户，不能用作应用账号。")


def remarks(connection: Connection) -> tuple[str, ...]:
    """What is to be said of the account that this connection uses: none when it is as it should."""
    if connection.dialect.name != "postgresql":
        return ()
    query = text(
        "SELECT bool_or(has_table_privilege('audit_line', each))"
        " FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS each"
    )
    return (_OWNER,) if connection.execute(query).scalar_one() else ()
