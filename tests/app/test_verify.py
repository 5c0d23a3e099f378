"""Verifying, on its page and by the command line: who may, what it says of all well and of not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from lib import __main__ as command_line
from lib import clock
from lib.actions.close_month import proposed, reopen, sign
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.store.engine import reading, writing
from lib.ui import resources
from tests.support.small_office import (
    ADMIN,
    END,
    LEAD,
    LEADER,
    PASSWORD,
    PERSONAL_NAMES,
    POSTED_AT,
    REVIEWER,
)
from tests.support.visits import (
    SAMPLES,
    VERIFY,
    button,
    html_texts,
    is_sign_in_form,
    links,
    messages,
    sent,
    turn_to,
)

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

MARCH = Month(2023, 3)
NO_BACKUP = "还没有备份过：请安排每天运行 python -m lib backup。"
NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
PATROL = "记录 7（对象排查，2023-03-09，回执 2023-000001 第 5 行）与签认时不同"
ADVICE = (
    "这说明有人绕过本系统改动了数据库。请先备份现状，不要再改动；"
    "再与签认时的档案和更早的备份比对，查明是谁、何时改动。"
)


@pytest.fixture
def signed(office: Office) -> Office:
    """March is signed; the app has begun to keep the heads of its log."""
    resources.office()
    today = POSTED_AT.date()
    with reading(office.engine) as connection:
        shown = proposed(connection, Scope(office.stored, END), MARCH).shown
    asked = {"password": PASSWORD, "shown": shown, "now": POSTED_AT, "today": today}
    sign(office.engine, office.stored, REVIEWER, MARCH, **asked)
    return office


def change(office: Office) -> None:
    """Change what patrol 7 says, past the application and its triggers."""
    with writing(office.engine) as connection:
        connection.execute(text("DROP TRIGGER final_entry_version_update"))
        changed = 'UPDATE entry_version SET details = \'{"situation":"改"}\' WHERE entry_id = 7'
        connection.execute(text(changed))


def verified(office: Office, viewer: Viewer = REVIEWER) -> AppTest:
    """The page after the press."""
    return button(office.visit(viewer, VERIFY), "现在核验").click().run()


def said(app: AppTest) -> list[str]:
    """What the page says, without the moment."""
    moment = f"（{clock.local_text(clock.now())[:10]}"
    return [message.partition(moment)[0] for message in messages(app)]


def test_who_comes_back_finds_the_page_as_if_it_were_loaded(signed: Office):
    app = verified(signed)
    fresh = messages(signed.visit(REVIEWER, VERIFY))
    assert messages(app) != fresh
    turn_to(app, SAMPLES).run()
    assert messages(turn_to(app, VERIFY).run()) == fresh


@pytest.mark.parametrize("viewer", [LEADER, REVIEWER, ADMIN], ids=lambda viewer: viewer.name)
def test_all_is_as_it_was_signed(signed: Office, viewer: Viewer):
    app = verified(signed, viewer)

    found = ["一致：审计记录和已签认的月份都与签认时相同。"]
    assert said(app) == (found if viewer != ADMIN else [NO_BACKUP, *found])
    assert html_texts(app, "tile") == [
        ["已封存月份", "1", "个"],
        ["核对记录", "14", "条"],
        # Rosters, logs, five users, heads kept, terms, signing, signing in.
        ["核对审计记录", "11", "行"],
        ["核对库外校验值", "11", "个"],
    ]
    assert html_texts(app, "listed") == [
        ["月份", "签认", "记录", "数字"],
        ["2023-03", "一致", "一致（14 条）", "一致（9 项）"],
    ]
    assert [line["by"] for line in signed.audit("verify")] == [viewer.name]


@pytest.mark.parametrize("viewer", [LEAD, None], ids=["lead", "stranger"])
def test_who_is_checked_and_who_is_not_known_find_nothing(signed: Office, viewer: Viewer | None):
    app = signed.visit(viewer, VERIFY)

    assert messages(app) == NOT_FOUND if viewer else is_sign_in_form(app)


def test_the_first_difference_is_named_with_what_to_do(signed: Office):
    change(signed)
    app = verified(signed)

    assert said(app) == [f"不一致：2023-03 {PATROL}。", ADVICE]
    assert ("entry?id=7", "打开这条记录") in links(app)
    assert html_texts(app, "listed")[1] == ["2023-03", "一致", PATROL, "有不一致，没有核对"]
    assert not [name for name in PERSONAL_NAMES if name in sent(app)]
    assert not [name for name in PERSONAL_NAMES if name in str(signed.audit("verify"))]


def test_a_month_that_was_opened_again_is_free(signed: Office):
    here = (signed.engine, signed.stored, REVIEWER)
    reopen(*here, MARCH, reason="更正", now=POSTED_AT)
    change(signed)
    app = verified(signed)

    assert said(app) == ["一致：审计记录没有被改动；还没有签认封存的月份。"]
    assert html_texts(app, "listed")[1] == ["2023-03（已重新打开）", "一致", "—", "—"]


def test_the_next_visitor_reads_how_it_ended_last(signed: Office):
    assert messages(signed.visit(LEADER, VERIFY)) == []
    verified(signed)
    (last,) = messages(signed.visit(LEADER, VERIFY))

    assert last.startswith("上次核验：")
    assert last.endswith("，reviewer，一致。")


def test_the_command_says_it_line_by_line(signed: Office, capsys: pytest.CaptureFixture[str]):
    assert command_line.main(["verify"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "审计记录（10 行）：一致",
        "库外校验值（10 个）：一致",
        "2023-03 签认：一致",
        "2023-03 记录（14 条）：一致",
        "2023-03 数字（9 项）：一致",
        "每日合计（13 项）：一致",
    ]
    assert printed.err == ""

    change(signed)
    assert command_line.main(["verify"]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[2:] == [
        "2023-03 签认：一致",
        f"2023-03 记录（14 条）：{PATROL}",
        "每日合计（13 项）：一致",
    ]
    assert printed.err == f"有 1 处不一致。{ADVICE}\n"


def test_the_command_answers_machines(signed: Office, capsys: pytest.CaptureFixture[str]):
    change(signed)

    assert command_line.main(["verify", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["checks"][-2]) == (
        False,
        {
            "part": "rows",
            "number": 14,
            "difference": PATROL,
            "month": "2023-03",
            "signature_id": 1,
            "entry_id": 7,
            "notices": [],
        },
    )


def test_without_a_signed_month_only_the_log_is_verified(
    office: Office, capsys: pytest.CaptureFixture[str]
):
    assert office.stored
    resources.office()
    assert command_line.main(["verify"]) == 0
    assert capsys.readouterr().err == "还没有签认封存的月份，只核对了审计记录。\n"
