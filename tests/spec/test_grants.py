"""Two accounts of PostgreSQL: the app's does all of its work, and cannot touch what is final."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from lib import __main__ as command_line
from lib import settings
from lib.access import Role, Viewer
from lib.actions import accounts
from lib.actions.begin import begin
from lib.actions.close_month import proposed, reopen, sign
from lib.actions.drafts import keep, put_away
from lib.actions.post import post
from lib.actions.territories import assign
from lib.actions.verify import verify
from lib.actions.withdraw import withdraw
from lib.errors import StoreError
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.store import grants
from lib.store.engine import open_store, reading, writing
from lib.store.schema import metadata
from tests.spec import small
from tests.spec.test_verifying import BOOK, PASSWORD, REVIEWER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract
    from tests.support.stores import PostgreSQLStores

pytestmark = pytest.mark.postgresql
AT = datetime(2023, 6, 1, 9, 30, tzinfo=UTC)
FEBRUARY = Month(2023, 2)
LEAD = Viewer("组长", Role.TEAM_LEAD, "一组")


@pytest.fixture
def role() -> str:
    """The name of an account that no other test uses; a quote in it does no harm."""
    return f'app "{secrets.token_hex(4)}'


@pytest.fixture
def owner(postgresql_stores: PostgreSQLStores, role: str) -> Iterator[Engine]:
    """A store as the account that migrates sees it, with an account for the app."""
    quoted = '"' + role.replace('"', '""') + '"'
    with postgresql_stores.fresh() as url:
        engine = open_store(url)
        run(engine, f"CREATE ROLE {quoted} LOGIN")
        yield engine
        run(engine, f"DROP OWNED BY {quoted}", f"DROP ROLE {quoted}")
        engine.dispose()


@pytest.fixture
def app(owner: Engine, role: str) -> Iterator[Engine]:
    """The same store as the app's account sees it."""
    for _ in range(2):  # safe to repeat
        with writing(owner) as connection:
            grants.grant(connection, role)
    engine = open_store(str(make_url(str(owner.url)).set(username=role)))
    yield engine
    engine.dispose()


@pytest.fixture
def stored(owner: Engine) -> StoredContract:
    """A contract in the store."""
    return small.entered(owner)


def run(engine: Engine, *statements: str) -> None:
    """Run statements in one transaction."""
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_the_app_does_its_work(app: Engine, stored: StoredContract):
    here = (app, stored)
    begin(*here, small.ADMINISTRATOR, AT)
    accounts.add_account(*here, small.ADMINISTRATOR, REVIEWER, PASSWORD, AT)
    post(*here, small.ANYBODY, [small.workbook(BOOK)], today=small.TODAY, now=AT)
    withdraw(*here, small.ANYBODY, 4, reason="错录", now=AT)
    assign(*here, small.ADMINISTRATOR, {"L1": "一组"}, AT)
    assign(*here, small.ADMINISTRATOR, {"L1": None}, AT)
    with reading(app) as connection:
        shown = proposed(connection, Scope(stored, small.TODAY), FEBRUARY).shown
    asked = {"password": PASSWORD, "shown": shown, "now": AT, "today": small.TODAY}
    sign(*here, REVIEWER, FEBRUARY, **asked)
    found = verify(*here, REVIEWER, lambda: AT)
    reopen(*here, REVIEWER, FEBRUARY, reason="更正", now=AT)
    accounts.add_account(*here, small.ADMINISTRATOR, LEAD, PASSWORD, AT)
    keep(*here, LEAD, "patrol", {"found": "走访"}, AT)
    put_away(*here, LEAD, "patrol")
    session = accounts.begin_session(*here, REVIEWER.name, AT)
    token = accounts.redeem_ticket(*here, session.ticket, AT)
    assert token
    assert accounts.session_of(*here, token, AT) == session.session_id
    accounts.end_session(*here, session.session_id, AT)

    assert (found.differences, found.notices) == ((), ())


ATTACKS = (
    "UPDATE audit_line SET subject = 'x'",
    "DELETE FROM audit_line",
    "TRUNCATE audit_line",
    "DROP TABLE audit_line",
    "ALTER TABLE audit_line DISABLE TRIGGER ALL",
    "ALTER TABLE audit_line ADD COLUMN x text",
    "ALTER TABLE audit_line OWNER TO CURRENT_USER",
    "DROP TRIGGER final_rows ON audit_line",
    "CREATE TRIGGER x BEFORE INSERT ON audit_line EXECUTE FUNCTION refuse_change()",
    "CREATE RULE x AS ON INSERT TO audit_line DO INSTEAD NOTHING",
    "DROP FUNCTION refuse_change() CASCADE",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql RETURN NULL",
    "SET session_replication_role = replica",
    "SET LOCAL session_replication_role = replica",
    "SET ROLE postgres",
    "GRANT UPDATE ON audit_line TO CURRENT_USER",
    "CREATE TEMPORARY TABLE signature (x text)",
    "CREATE TABLE public.signature_2 (x text)",
    "CREATE SCHEMA mine",
    "UPDATE alembic_version SET version_num = '0001'",
    "INSERT INTO contract (code) VALUES ('x')",
    "DELETE FROM contract",
    "DELETE FROM entry",
    "DELETE FROM attachment",
    "DELETE FROM account",
    "INSERT INTO public_parts.entry_0 SELECT * FROM entry",
    "SELECT * FROM public_parts.entry_person_7",
    "TRUNCATE public_parts.entry_version_3",
    *(
        statement
        for table, privileges in grants.PRIVILEGES.items()
        if table != "audit_line" and set(privileges) == {"SELECT", "INSERT"}
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET contract_id = 0")  # noqa: S608 - of ours
    ),
)


def test_the_apps_account_cannot_touch_what_is_final(app: Engine, stored: StoredContract):
    assert stored
    done = []
    with app.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one().startswith("app")
        connection.rollback()
        for statement in ATTACKS:
            try:
                connection.execute(text(statement))
            except DBAPIError as refused:
                if getattr(refused.orig, "sqlstate", "") != "42501":  # insufficient privilege
                    done.append(f"{statement}: {refused.orig}")
            else:
                if "GRANT" not in statement or may_update(connection):
                    done.append(statement)
            connection.rollback()

    assert done == []


def may_update(connection) -> bool:
    """Whether this account may change the log: a grant without the right to it only warns."""
    query = text("SELECT has_table_privilege('audit_line', 'UPDATE')")
    return bool(connection.execute(query).scalar_one())


def test_every_table_has_its_privileges_and_no_other(owner: Engine, app: Engine, role: str):
    quoted = '"' + role.replace('"', '""') + '"'
    for everybody in ("PUBLIC", quoted):  # somebody was too kind
        run(
            owner,
            f"GRANT ALL ON SCHEMA public_parts TO {everybody}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public_parts TO {everybody}",
        )
    with writing(owner) as connection:
        grants.grant(connection, role)
    query = text(
        "SELECT c.oid::regclass::text, array_agg(each ORDER BY each) FROM pg_class c"
        " CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',"
        " 'REFERENCES', 'TRIGGER']) AS each"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm')"
        " AND c.relnamespace::regnamespace::text IN ('public', 'public_parts')"
        " AND has_table_privilege(c.oid, each) GROUP BY c.oid"
    )
    with reading(app) as connection:
        found = {name: set(privileges) for name, privileges in connection.execute(query)}

    assert found == {name: set(privileges) for name, privileges in grants.PRIVILEGES.items()}
    assert found.keys() == {*metadata.tables, "alembic_version"}


def test_what_triggers_hold_is_what_the_grants_hold(owner: Engine):
    query = text(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
        " WHERE tgname = :name AND tgparentid = 0"
    )
    with reading(owner) as connection:
        final = connection.execute(query, {"name": "final_rows"}).scalars().all()

    assert [name for name in final if "DELETE" in grants.PRIVILEGES[name]] == []
    changed = {name for name in final if "UPDATE" in grants.PRIVILEGES[name]}
    assert changed == {"attachment", "entry"}  # which only point at what counts now


def test_who_owns_the_tables_is_told_to_use_another_account(owner: Engine, stored: StoredContract):
    (notice,) = verify(owner, stored, REVIEWER, lambda: AT).notices

    assert notice.startswith("本系统连接数据库所用的账号可以改动审计记录。")
    assert "python -m lib migrate --app-role" in notice


def test_an_account_that_no_grant_holds_back_is_refused(owner: Engine, role: str):
    quoted = '"' + role.replace('"', '""') + '"'
    run(owner, f"ALTER ROLE {quoted} SUPERUSER")
    for name, said in ((role, "不能用作应用账号"), ("nobody", "数据库中没有账号“nobody”")):
        with pytest.raises(StoreError, match=said), writing(owner) as connection:
            grants.grant(connection, name)


def test_a_store_in_a_file_knows_no_accounts(sqlite_stores, tmp_path):
    with sqlite_stores.fresh(tmp_path) as url:
        engine = open_store(url)
        with pytest.raises(StoreError, match="只有 PostgreSQL"), writing(engine) as connection:
            grants.grant(connection, "app")
        engine.dispose()


def test_the_verb_grants_and_says_so(
    owner: Engine,
    role: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    (tmp_path / "contract.toml").write_text(small.TERMS)
    monkeypatch.setenv("DATABASE_URL", owner.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CONTRACT", str(tmp_path / "contract.toml"))
    monkeypatch.setenv("AUDIT_HEADS", str(tmp_path / "heads.jsonl"))

    assert command_line.main(["migrate", "--app-role", role]) == 0
    said = f"数据库账号“{role}”可以运行本系统，不能改动或删除审计记录。"
    assert said in capsys.readouterr().err
    assert command_line.main(["migrate", "--app-role", "nobody"]) == 1
    assert "数据库中没有账号“nobody”，请先建立" in capsys.readouterr().err
    with reading(owner) as connection:
        held = text("SELECT has_table_privilege(:role, 'audit_line', 'INSERT')")
        assert connection.execute(held, {"role": role}).scalar_one()
        lines = connection.execute(text("SELECT act, origin FROM audit_line ORDER BY line_id"))
        origin = f"命令行 {settings.machine()}"
        assert [tuple(line) for line in lines] == [
            ("keep_heads", origin),
            ("enter_contract", origin),
        ]
