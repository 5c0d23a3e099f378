"""An operator fills a store with the demonstration: an empty one, and never any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from lib import contract
from lib.store import contracts, setup
from lib.store.engine import open_store, reading, writing
from lib.store.schema import account, audit_line, roster_change
from tests.support.shell import Shell
from tests.support.small_office import PASSWORD, TERMS, rosters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DONE, REFUSED = 0, 1
HOLIDAYS = TERMS.replace("2023-03-01", "2023-01-21").replace("2023-04-30", "2023-01-27")


@pytest.fixture
def shell(store_url: str, terms_file: Path, tmp_path: Path) -> Shell:
    """The command line on a store with the contract and nothing else."""
    shell = Shell(store_url, terms_file, tmp_path)
    assert shell("migrate").returncode == DONE
    return shell


@pytest.mark.parametrize("words", [(), ("--unless-filled",)])
def test_a_store_with_a_user_keeps_that_user_and_gets_no_row(shell: Shell, words):
    shell("user", "add", "admin", "--role", "admin", given=PASSWORD)
    before = _rows(shell)

    done = shell("demo", *words)

    assert (done.returncode, done.stdout) == ((DONE, REFUSED)[not words], "")
    assert "已有" in done.stderr
    assert _rows(shell) == before
    assert not _is_demonstration(shell)


def test_a_store_that_another_contract_uses_stays_real(shell: Shell, tmp_path: Path):
    shell("rosters", shell.file("名册.xlsx", rosters()))
    other = tmp_path / "other.toml"
    other.write_text(TERMS.replace('code = "', 'code = "other-', 1))
    beside = Shell(shell.url, other, tmp_path)
    beside("migrate")

    done = beside("demo")

    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert done.stderr.endswith("数据库中已有名册或账号，演示数据只能填入空的数据库。\n")
    assert not _is_demonstration(beside)


def test_a_contract_of_holidays_only_is_not_marked(sqlite_stores, tmp_path: Path):
    terms = tmp_path / "holidays.toml"
    terms.write_text(HOLIDAYS)
    with sqlite_stores.fresh(tmp_path) as url:
        shell = Shell(url, terms, tmp_path)
        shell("migrate")

        done = shell("demo")

        assert (done.returncode, done.stdout) == (REFUSED, "")
        assert done.stderr.endswith("合同期内没有工作日，无从填入演示数据。\n")
        assert not _is_demonstration(shell)


def test_an_interrupted_demonstration_is_not_used(shell: Shell):
    engine = open_store(shell.url)
    with writing(engine) as connection:
        stored = contracts.find(connection, contract.load(shell.contract))
        contracts.mark_demonstration(connection, stored.id)
    engine.dispose()

    for words in (("demo", "--unless-filled"), ("measures",), ("user", "list")):
        done = shell(*words)
        assert (done.returncode, done.stdout) == (REFUSED, "")
        assert done.stderr.startswith("演示数据没有填完")


def test_its_users_get_new_passwords_at_each_start(shell: Shell):
    first = shell("demo", "--unless-filled")
    filled = _rows(shell)

    again = shell("demo", "--unless-filled")

    assert (first.returncode, again.returncode) == (DONE, DONE)
    names, passwords = _told(first.stdout)
    assert names == ["lead1", "leader", "reviewer", "admin"]
    assert _told(again.stdout)[0] == names
    assert set(_told(again.stdout)[1]).isdisjoint(passwords)
    assert _rows(shell)["roster_change"] == filled["roster_change"]
    assert shell("demo").stderr.endswith("合同中已有演示数据，不再填入。\n")


def _rows(shell: Shell) -> dict[str, list[tuple]]:
    """What stands of users, rosters and acts."""
    engine = open_store(shell.url)
    with reading(engine) as connection:
        tables = (account, roster_change, audit_line)
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in tables
        }
    engine.dispose()
    return found


def _is_demonstration(shell: Shell) -> bool:
    engine = open_store(shell.url)
    stored = setup.opened(engine, contract.load(shell.contract))
    with reading(engine) as connection:
        found = contracts.is_demonstration(connection, stored.id)
    engine.dispose()
    return found


def _told(output: str) -> tuple[Sequence[str], Sequence[str]]:
    """The users and passwords that the terminal shows."""
    lines = [line.split("\t") for line in output.splitlines() if "\t" in line]
    names = [name.removeprefix("用户名 ") for _, name, _ in lines]
    return names, [password for _, _, password in lines]
