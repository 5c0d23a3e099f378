"""Adding users, other roles, disabling, new passwords: the administrator alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from lib import clock
from lib.access import Role, Viewer
from lib.actions import accounts
from lib.errors import NotPermittedError, RefusedError
from lib.store import accounts as stored_accounts
from lib.store.engine import reading
from tests.support.small_office import (
    ADMIN,
    EVERYONE,
    FIRST_TEAM,
    LEAD,
    LEADER,
    OPERATOR,
    OTHER_LEAD,
    PASSWORD,
    REVIEWER,
)
from tests.support.visits import (
    USERS,
    button,
    html_texts,
    is_sign_in_form,
    messages,
    sign_in,
    titles,
)

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from tests.support.visits import Office

NOT_ADMIN = [viewer for viewer in EVERYONE if viewer != ADMIN]
TEAMS = "项目组长要指定名册中的小组，现有：示一组、示二组。"


def users(office: Office) -> dict[str, tuple[Role, str | None, bool]]:
    """Role, team and whether disabled, by name."""
    with reading(office.engine) as connection:
        found = stored_accounts.listed(connection, office.stored.id)
    return {user.name: (user.role, user.team, user.disabled) for user in found}


def add(app: AppTest, name: str, role: Role, team: str | None, password: str = PASSWORD) -> AppTest:
    """Fill in the form for one more user and send it."""
    app.text_input(key="new_name").set_value(name)
    app.selectbox(key="new_role").set_value(role)
    app.selectbox(key="new_team").set_value(team)
    app.text_input(key="new_password").set_value(password)
    return button(app, "新增用户").click().run()


@pytest.mark.parametrize("viewer", NOT_ADMIN, ids=lambda viewer: viewer.name)
def test_other_roles_do_not_find_the_page(office: Office, viewer: Viewer):
    app = office.visit(viewer, USERS)
    assert messages(app) == ["网址可能有误，或者您的角色不使用这一页。"]
    assert not app.text_input
    assert not html_texts(app, "listed")


@pytest.mark.parametrize("viewer", NOT_ADMIN, ids=lambda viewer: viewer.name)
def test_nor_may_they_act_past_the_page(office: Office, viewer: Viewer):
    before = users(office)
    engine, stored, now = office.engine, office.stored, clock.now()
    with pytest.raises(NotPermittedError):
        accounts.add_account(engine, stored, viewer, REVIEWER, PASSWORD, now)
    with pytest.raises(NotPermittedError):
        accounts.set_disabled(engine, stored, viewer, ADMIN.name, disabled=True, now=now)
    with pytest.raises(NotPermittedError):
        accounts.set_password(engine, stored, viewer, ADMIN.name, "云杉-新口令-2023", now)
    with pytest.raises(NotPermittedError):
        accounts.change_role(engine, stored, viewer, viewer.name, Role.ADMIN, None, now)
    assert users(office) == before


def test_all_users_are_listed(office: Office):
    assert html_texts(office.visit(ADMIN, USERS), "listed") == [
        ["用户名", "角色", "小组", "状态"],
        ["admin", "管理员", "正常"],
        ["lead1", "项目组长", "示一组", "正常"],
        ["lead2", "项目组长", "示二组", "正常"],
        ["leader", "区局领导", "正常"],
        ["reviewer", "验收人员", "正常"],
    ]


@pytest.mark.parametrize(
    ("role", "team"),
    [
        (Role.LEADER, None),
        (Role.TEAM_LEAD, FIRST_TEAM),
        (Role.REVIEWER, None),
        (Role.ADMIN, None),
    ],
)
def test_a_user_of_each_role_is_added_and_signs_in(office: Office, role: Role, team: str | None):
    app = add(office.visit(ADMIN, USERS), "Shili", role, team)
    assert messages(app) == [f"已新增{role.label}“shili”。"]
    assert users(office)["shili"] == (role, team, False)
    line = office.audit("add_account")[-1]
    assert (line["by"], line["subject"]) == ("admin", "shili")
    assert line["after"] == {"role": str(role), "team": team}
    assert titles(sign_in(office.visit(None), "shili", PASSWORD))


@pytest.mark.parametrize(
    ("name", "role", "team", "password", "sentence"),
    [
        ("leader", Role.LEADER, None, PASSWORD, "用户名“leader”已经有了，请换一个。"),
        ("LEADER", Role.LEADER, None, PASSWORD, "用户名“leader”已经有了，请换一个。"),
        ("示例", Role.TEAM_LEAD, None, PASSWORD, TEAMS),
        ("示例", Role.REVIEWER, FIRST_TEAM, PASSWORD, "只有项目组长才有小组。"),
        ("示例", Role.LEADER, None, "123456789", "密码至少 10 位。"),
        ("示例", Role.LEADER, None, "云杉-口令-" * 22, "密码太长：最多 128 位。"),
        ("", Role.LEADER, None, PASSWORD, "用户名应为 1 至 40 个字，不含空格，字母用小写。"),
    ],
)
def test_what_does_not_do_is_said_and_adds_nobody(
    office: Office, name: str, role: Role, team: str | None, password: str, sentence: str
):
    before = users(office)
    app = add(office.visit(ADMIN, USERS), name, role, team, password)
    assert messages(app) == [sentence]
    assert users(office) == before


@pytest.mark.parametrize("viewer", [LEADER, LEAD, OTHER_LEAD, REVIEWER], ids=lambda v: v.name)
def test_disabling_ends_open_pages_and_enabling_lets_in_again(office: Office, viewer: Viewer):
    theirs = office.visit(viewer)
    app = office.visit(ADMIN, USERS)
    app.selectbox(key="changed").set_value(viewer.name).run()
    button(app, "停用").click().run()
    assert messages(app) == [f"已停用“{viewer.name}”。"]
    assert users(office)[viewer.name][2]
    assert is_sign_in_form(theirs.run())
    assert is_sign_in_form(sign_in(office.visit(None), viewer.name, PASSWORD))

    app.selectbox(key="changed").set_value(viewer.name).run()
    button(app, "启用").click().run()
    assert messages(app) == [f"已启用“{viewer.name}”。"]
    assert is_sign_in_form(theirs.run()), "the old session stays ended"
    assert titles(sign_in(office.visit(None), viewer.name, PASSWORD))
    acts = [line["act"] for line in office.audit("disable_account", "enable_account")]
    assert acts == ["disable_account", "enable_account"]


def test_one_cannot_disable_oneself(office: Office):
    app = office.visit(ADMIN, USERS)
    app.selectbox(key="changed").set_value("admin").run()
    button(app, "停用").click().run()
    assert messages(app) == ["不能停用自己的账号。"]
    assert not users(office)["admin"][2]


def give_role(app: AppTest, name: str, role: Role, team: str | None = None) -> AppTest:
    """Choose a user and another role, and press."""
    app.selectbox(key="changed").set_value(name).run()
    app.selectbox(key=f"role {name}").set_value(str(role))
    app.selectbox(key=f"team {name}").set_value(team)
    return button(app, "改角色").click().run()


@pytest.mark.parametrize(
    ("viewer", "role", "team", "said"),
    [
        (LEADER, Role.REVIEWER, None, "验收人员"),
        (REVIEWER, Role.ADMIN, None, "管理员"),
        (LEADER, Role.TEAM_LEAD, FIRST_TEAM, "项目组长（示一组）"),
        (LEAD, Role.LEADER, FIRST_TEAM, "区局领导"),
        (OTHER_LEAD, Role.TEAM_LEAD, FIRST_TEAM, "项目组长（示一组）"),
    ],
    ids=["leader", "promoted", "lead", "no lead", "team"],
)
def test_another_role_or_team_ends_open_pages_and_holds_from_then(
    office: Office, viewer: Viewer, role: Role, team: str | None, said: str
):
    theirs = office.visit(viewer)
    app = give_role(office.visit(ADMIN, USERS), viewer.name, role, team)
    assert messages(app) == [f"已把“{viewer.name}”改为{said}，原有登录随即失效。"]
    assert is_sign_in_form(theirs.run())
    left = team if role is Role.TEAM_LEAD else None
    assert users(office)[viewer.name] == (role, left, False)
    assert titles(sign_in(office.visit(None), viewer.name, PASSWORD))
    (line,) = office.audit("change_role")
    assert (line["by"], line["subject"]) == ("admin", viewer.name)
    assert line["before"] == {"role": str(viewer.role), "team": viewer.team}
    assert line["after"] == {"role": str(role), "team": left}


@pytest.mark.parametrize(
    ("name", "role", "team", "said"),
    [
        ("admin", Role.LEADER, None, "不能改自己的角色，请由另一位管理员来改。"),
        ("leader", Role.LEADER, None, "“leader”的角色本来就是这样，没有改动。"),
        ("leader", Role.TEAM_LEAD, None, TEAMS),
    ],
)
def test_a_role_that_does_not_do_is_said_and_changes_nothing(
    office: Office, name: str, role: Role, team: str | None, said: str
):
    before, theirs = users(office), office.visit(LEADER)
    assert messages(give_role(office.visit(ADMIN, USERS), name, role, team)) == [said]
    assert users(office) == before
    assert not is_sign_in_form(theirs.run())
    assert not office.audit("change_role")


def test_one_administrator_who_can_sign_in_is_always_left(office: Office):
    engine, stored, now = office.engine, office.stored, clock.now()
    last = "“admin”是最后一位能登录的管理员，请先另设一位管理员。"
    with pytest.raises(RefusedError, match=last):
        accounts.set_disabled(engine, stored, OPERATOR, "admin", disabled=True, now=now)
    with pytest.raises(RefusedError, match=last):
        accounts.change_role(engine, stored, OPERATOR, "admin", Role.LEADER, None, now)
    assert users(office)["admin"] == (Role.ADMIN, None, False)
    second = Viewer("second", Role.ADMIN)
    office.add(second)
    accounts.set_disabled(engine, stored, second, "admin", disabled=True, now=now)
    with pytest.raises(RefusedError, match="“second”是最后一位"):
        accounts.change_role(engine, stored, ADMIN, "second", Role.LEADER, None, now)


def test_of_two_administrators_who_disable_each_other_at_once_one_is_left(office: Office):
    second = Viewer("second", Role.ADMIN)
    office.add(second)

    def disable(viewer: Viewer, name: str) -> str:
        try:
            accounts.set_disabled(
                office.engine, office.stored, viewer, name, disabled=True, now=clock.now()
            )
        except RefusedError as refusal:
            return refusal.sentence
        return "disabled"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(disable, [ADMIN, second], ["second", "admin"]))
    assert [name for name in ("admin", "second") if not users(office)[name][2]] != []
    assert outcomes.count("disabled") == 1


def test_a_new_password_ends_open_pages_and_is_the_only_one(office: Office):
    theirs = office.visit(LEADER)
    app = office.visit(ADMIN, USERS)
    app.selectbox(key="changed").set_value("leader").run()
    app.text_input(key="reset").set_value("云杉-新口令-2023")
    button(app, "重设密码").click().run()
    assert messages(app) == ["已重设“leader”的密码，原有登录随即失效。"]
    assert is_sign_in_form(theirs.run())
    assert is_sign_in_form(sign_in(office.visit(None), "leader", PASSWORD))
    assert titles(sign_in(office.visit(None), "leader", "云杉-新口令-2023"))
    (line,) = office.audit("set_password")
    assert (line["by"], line["subject"]) == ("admin", "leader")
    assert (line["before"], line["after"]) == (None, None), "no password is written down"


def test_a_new_password_that_does_not_do_changes_nothing(office: Office):
    theirs = office.visit(LEADER)
    app = office.visit(ADMIN, USERS)
    app.selectbox(key="changed").set_value("leader").run()
    app.text_input(key="reset").set_value("短")
    button(app, "重设密码").click().run()
    assert messages(app) == ["密码至少 10 位。"]
    assert not is_sign_in_form(theirs.run())


def test_before_the_rosters_a_team_lead_cannot_be_added(empty_office: Office):
    empty_office.add(ADMIN)
    app = add(empty_office.visit(ADMIN, USERS), "示例", Role.TEAM_LEAD, None)
    assert messages(app) == [
        "项目组长要指定名册中的小组，现有：（名册中还没有小组，请先导入名册）。"
    ]
