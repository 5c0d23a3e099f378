"""Changing one's own password: every role; the present one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.small_office import EVERYONE, LEADER
from tests.support.small_office import PASSWORD as PRESENT
from tests.support.visits import PASSWORD, is_sign_in_form, links, messages, sign_in, titles

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

NEW = "云杉-新口令-2023"


def change(app: AppTest, present: str, first: str, second: str) -> AppTest:
    """Fill in the form and send it."""
    for field, value in zip(app.text_input, (present, first, second), strict=True):
        field.set_value(value)
    (send,) = (each for each in app.button if each.form_id)
    return send.click().run()


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_the_new_password_is_the_only_one_and_ends_every_session(office: Office, viewer: Viewer):
    elsewhere = office.visit(viewer)
    app = change(office.visit(viewer, PASSWORD), PRESENT, NEW, NEW)
    assert messages(app) == ["密码已修改，请用新密码重新登录。"]
    assert links(app) == [("./", "用新密码登录")]
    assert is_sign_in_form(app.run())
    assert is_sign_in_form(elsewhere.run())
    assert is_sign_in_form(sign_in(office.visit(None), viewer.name, PRESENT))
    assert titles(sign_in(office.visit(None), viewer.name, NEW))
    (line,) = office.audit("set_password")
    assert (line["by"], line["subject"]) == (viewer.name, viewer.name)


@pytest.mark.parametrize(
    ("present", "first", "second", "sentence"),
    [
        ("云杉-口令-2024", NEW, NEW, "现在的密码不对。"),
        ("", NEW, NEW, "现在的密码不对。"),
        ("a" * 73, NEW, NEW, "现在的密码不对。"),
        (PRESENT, NEW, NEW + "x", "两次输入的新密码不一样。"),
        (PRESENT, "短", "短", "密码至少 10 位。"),
        (PRESENT, "云杉-口令-" * 22, "云杉-口令-" * 22, "密码太长：最多 128 位。"),
        (PRESENT, " " * 12, " " * 12, "密码首尾不能是空格。"),
        (
            PRESENT,
            "my-Leader-2023",
            "my-Leader-2023",
            "密码太容易猜：不能含有用户名。",
        ),
    ],
)
def test_what_does_not_do_is_said_and_changes_nothing(
    office: Office, present: str, first: str, second: str, sentence: str
):
    app = change(office.visit(LEADER, PASSWORD), present, first, second)
    assert messages(app) == [sentence]
    assert links(app) == [("./", "回到合同总览")]
    assert not is_sign_in_form(app.run())
    assert not office.audit("set_password")
    assert titles(sign_in(office.visit(None), "leader", PRESENT))


def test_ten_wrong_present_passwords_lock_the_form(office: Office):
    app = office.visit(LEADER, PASSWORD)
    for _ in range(10):
        assert messages(change(app, "云杉-口令-2024", NEW, NEW)) == ["现在的密码不对。"]
    assert messages(change(app, PRESENT, NEW, NEW)) == ["密码输错次数过多，请 1 分钟后再试。"]
