"""The first administrator is made on a page that works only while there is no user."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from lib import clock, contract
from lib.access import Role
from lib.actions import accounts
from lib.errors import NotPermittedError
from lib.store import accounts as stored_accounts
from lib.store import setup
from lib.store.engine import open_store, reading
from tests.support.small_office import ADMIN, PASSWORD
from tests.support.visits import PAGES, is_sign_in_form, led_on, messages, titles

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from tests.support.visits import Office

EASY = (
    "密码太容易猜：请用几个互不相干的词连起来，不要用姓名、日期、手机号、单位名称、"
    "常见的词，或键盘上相邻的键。"
)


def fill_in(app: AppTest, name: str, first: str, second: str) -> AppTest:
    """Send the form for the first administrator."""
    for field, value in zip(app.text_input, (name, first, second), strict=True):
        field.set_value(value)
    return led_on(app.button[0].click().run())


def is_first_admin_form(app: AppTest) -> bool:
    """Whether the page is the form for the first administrator and nothing else."""
    fields = [field.label for field in app.text_input]
    return fields == ["用户名", "密码", "再输一遍密码"] and [b.label for b in app.button] == [
        "建立管理员"
    ]


def names(office: Office) -> list[tuple[str, Role]]:
    """Who has an account."""
    with reading(office.engine) as connection:
        found = stored_accounts.listed(connection, office.stored.id)
    return [(account.name, account.role) for account in found]


def test_the_first_visitor_becomes_administrator_and_is_signed_in(empty_office: Office):
    app = empty_office.visit(None)
    assert is_first_admin_form(app)
    fill_in(app, "示例管理员", PASSWORD, PASSWORD)
    assert names(empty_office) == [("示例管理员", Role.ADMIN)]
    assert titles(app) == ["合同总览"]
    assert [line["act"] for line in empty_office.audit("add_account", "sign_in")] == [
        "add_account",
        "sign_in",
    ]
    assert is_sign_in_form(empty_office.visit(None))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_leads_to_the_form_while_there_is_nobody(empty_office: Office, page: str):
    assert is_first_admin_form(empty_office.visit(None, page))


@pytest.mark.parametrize(
    ("name", "first", "second", "sentence"),
    [
        ("示例", PASSWORD, PASSWORD + "x", "两次输入的密码不一样。"),
        ("示例", "短口令", "短口令", "密码至少 10 位。"),
        ("示例", "", "", "密码至少 10 位。"),
        ("示例", " " * 12, " " * 12, "密码首尾不能是空格。"),
        ("示例", "a1b" * 24 + "x", "a1b" * 24 + "x", EASY),
        ("示例", "密码" * 13, "密码" * 13, EASY),
        ("示例", "云杉-口令-" * 22, "云杉-口令-" * 22, "密码太长：最多 128 位。"),
        (
            "admin",
            "Admin-2023-x",
            "Admin-2023-x",
            "密码太容易猜：不能含有用户名。",
        ),
        (
            "示例",
            "1212121212",
            "1212121212",
            EASY,
        ),
        ("", PASSWORD, PASSWORD, "用户名应为 1 至 40 个字，不含空格，字母用小写。"),
        ("  ", PASSWORD, PASSWORD, "用户名应为 1 至 40 个字，不含空格，字母用小写。"),
    ],
)
def test_what_does_not_do_is_said_and_makes_nobody(
    empty_office: Office, name: str, first: str, second: str, sentence: str
):
    app = fill_in(empty_office.visit(None), name, first, second)
    assert sentence in messages(app)
    assert is_first_admin_form(app)
    assert not names(empty_office)


def test_a_form_left_open_makes_nobody_once_there_is_a_user(empty_office: Office):
    app = empty_office.visit(None)
    empty_office.add(ADMIN)
    fill_in(app, "intruder", PASSWORD, PASSWORD)
    assert is_sign_in_form(app)
    assert names(empty_office) == [("admin", Role.ADMIN)]


def test_of_two_at_the_same_time_one_becomes_administrator(store_url: str, terms_file: Path):
    engine = open_store(store_url)
    stored = setup.prepare(engine, contract.load(terms_file))
    together = Barrier(2)

    def become(name: str) -> str:
        together.wait()
        try:
            accounts.add_first_admin(engine, stored, name, PASSWORD, clock.now())
        except NotPermittedError as refusal:
            return refusal.sentence
        return "made"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(become, ["one", "two"]))
    with reading(engine) as connection:
        assert stored_accounts.count(connection, stored.id) == 1
    engine.dispose()
    assert outcomes == ["made", "已经有用户了，请用已有的账号登录。"]
