"""Closing a month on its page: everybody sees it, reviewers sign it and open it again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib import clock
from lib.access import Role, Viewer
from lib.actions import close_month
from lib.actions.withdraw import withdraw
from lib.kpi.scope import Scope
from lib.kpi.settled import read
from lib.kpi.settlement import last_day
from lib.periods import Month
from lib.store import signatures
from lib.store.engine import reading
from lib.ui.parts import quantity
from tests.support import small_office
from tests.support.row_links import misfits, row_links, under
from tests.support.small_office import EVERYONE, LEAD, LEADER, PASSWORD, PERSONAL_NAMES, REVIEWER
from tests.support.visits import (
    SETTLEMENT,
    button,
    html_texts,
    is_sign_in_form,
    links,
    messages,
    sent,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.actions.close_month import Proposal
    from lib.store.signatures import Signature
    from tests.support.visits import Office

MARCH, APRIL = Month(2023, 3), Month(2023, 4)
SECOND = Viewer("reviewer2", Role.REVIEWER)


def proposal(office: Office, month: Month) -> Proposal:
    """What signing a month now would be about."""
    with reading(office.engine) as connection:
        scope = Scope(office.stored, clock.business_today())
        return close_month.proposed(connection, scope, month)


def sign(office: Office, month: Month, viewer: Viewer = REVIEWER) -> None:
    """Sign a month as it is now."""
    close_month.sign(
        office.engine,
        office.stored,
        viewer,
        month,
        password=PASSWORD,
        shown=proposal(office, month).shown,
        now=clock.now(),
        today=clock.business_today(),
    )


def kept(office: Office) -> Sequence[Signature]:
    """Every signature that is kept."""
    with reading(office.engine) as connection:
        return signatures.listed(connection, office.stored.id)


def press(app: AppTest, password: str, month: str = "2023-03") -> AppTest:
    """Give the password and press."""
    app.text_input[0].set_value(password)
    return button(app, f"签认 {month}").click().run()


def labels(app: AppTest) -> list[str]:
    """The buttons of the page itself."""
    return [each.label for each in app.button]


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_everybody_sees_the_month_and_reviewers_the_form(office: Office, viewer: Viewer):
    app = office.visit(viewer, SETTLEMENT)
    reviews = viewer is REVIEWER

    assert html_texts(app, "months") == [
        ["2023-03", "可签认", "2023-04", "待前月签认"],
    ]
    rows = html_texts(app, "listed")
    assert rows[0] == [
        *("服务项目", "合同量", "当月应完成", "当月完成", "累计应完成", "累计完成"),
        *("存疑", "待核", "抽查属实/已查", "可计付"),
    ]
    (first, *rest) = (row[:6] + row[8:] for row in rows[1:])  # without what is in doubt
    assert first == ["业务协办（人天）", "20", "10.7", "4", "10.7", "4", "—", "4"]
    assert [row[0] for row in rest] == [
        *("家计调查（人天）", "对象排查（人天）", "专项行动（人天）", "特困老人定期核查（人天）"),
        *("专项行动入户（户）", "特困老人月访（人次）", "培训场次（次）", "新申请入户调查（件）"),
    ]
    assert labels(app) == (["签认 2023-03"] if reviews else [])
    assert bool(html_texts(app, "steps")) is reviews
    waiting = "2023-03 还没有签认，等待验收人员签认。"
    assert (waiting in messages(app)) is not reviews
    assert not [name for name in PERSONAL_NAMES if name in sent(app)]


def test_a_stranger_finds_the_sign_in_form(office: Office):
    assert is_sign_in_form(office.visit(None, SETTLEMENT, month="2023-03"))


@pytest.mark.parametrize("asked", ["2023-02", "2023-05", "2023-3", "x", "2023-03' or 1=1"])
def test_a_month_that_is_not_the_contracts_is_not_found(office: Office, asked: str):
    app = office.visit(REVIEWER, SETTLEMENT, month=asked)
    assert messages(app) == ["网址可能有误，或者您的角色不使用这一页。"]


@pytest.mark.parametrize("month", [MARCH, APRIL], ids=str)
def test_every_number_leads_to_its_rows(office: Office, month: Month):
    app = office.visit(LEADER, SETTLEMENT, month=str(month))

    day = last_day(Scope(office.stored, date.max), month)
    assert len(row_links(app)) >= 8
    assert misfits(office, app, day) == []


def test_sums_lead_those_who_see_all_findings_to_them(office: Office):
    office.post({"家计调查": [small_office.survey(date(2023, 3, 14), "示员甲", "示申002")]})
    for viewer, are_led in ((LEADER, True), (LEAD, False)):
        addresses = [address for address, _ in links(office.visit(viewer, SETTLEMENT))]
        assert ("findings?month=2023-03" in addresses) is are_led


def test_signing_asks_for_the_password_and_keeps_what_was_shown(office: Office):
    app = office.visit(REVIEWER, SETTLEMENT)
    table = html_texts(app, "listed")
    press(app, "不是这个密码")
    assert "密码不对，没有签认。" in messages(app)
    assert kept(office) == []

    press(app, PASSWORD)
    (held,) = kept(office)
    assert html_texts(app, "seal")[0][:3] == [
        "2023-03 已签认",
        f"reviewer　{clock.local_text(held.signed_at)}",
        f"记录 {held.entries} 条，已封存　校验值 {held.hash[:12]}",
    ]
    assert held.hash in sent(app)
    assert html_texts(app, "listed") == table
    assert html_texts(app, "months") == [["2023-03", "已签认 reviewer", "2023-04", "可签认"]]
    assert app.query_params["month"] == "2023-03"
    assert labels(app) == []


def test_undecided_findings_are_said_and_do_not_stop_it(office: Office):
    office.post({"家计调查": [small_office.survey(date(2023, 3, 14), "示员甲", "示申002")]})
    seen = proposal(office, MARCH).settled
    app = office.visit(REVIEWER, SETTLEMENT)
    assert seen.undecided >= 1
    told = f"还有 {seen.undecided} 个疑点没有定论。仍可签认，这个数会如实写进签认里。"
    assert told in messages(app)
    shown = {row[0]: row[6:8] for row in html_texts(app, "listed")[1:]}
    assert shown == {
        f"{line.name}（{line.unit}）": [
            quantity(days) if days else "—" for days in (line.doubt.confirmed, line.doubt.undecided)
        ]
        for line in seen.lines
    }

    press(app, PASSWORD)
    (held,) = kept(office)
    assert read(held.figures) == seen


def test_what_changed_after_the_page_was_opened_is_shown_first(office: Office):
    app = office.visit(REVIEWER, SETTLEMENT)
    withdraw(office.engine, office.stored, small_office.OPERATOR, 7, reason="错录", now=clock.now())
    press(app, PASSWORD)

    told = "您打开页面之后，2023-03 的记录、疑点或抽查有了变化，请看过现在的数字再签认。"
    assert told in messages(app)
    assert kept(office) == []
    press(app, PASSWORD)
    assert len(kept(office)) == 1


def test_of_two_reviewers_one_signs_and_the_other_is_told(office: Office):
    office.add(SECOND)
    first, second = (office.visit(viewer, SETTLEMENT) for viewer in (REVIEWER, SECOND))
    press(first, PASSWORD)
    press(second, PASSWORD)

    assert [held.signed_by for held in kept(office)] == ["reviewer"]
    assert messages(second) == ["2023-03 已由 reviewer 签认，您不用再签。"]
    assert html_texts(second, "seal")[0][0] == "2023-03 已签认"


def test_a_signed_month_shows_what_was_signed_and_what_would_differ(office: Office):
    sign(office, MARCH)
    before = html_texts(office.visit(LEADER, SETTLEMENT, month="2023-03"), "listed")
    elders = {row["编号"]: row for row in small_office.rosters()["特困人员"]}
    office.import_rosters({"特困人员": [{**elders["T2"], "退出日期": date(2023, 3, 10)}]})

    app = office.visit(LEADER, SETTLEMENT, month="2023-03")
    assert html_texts(app, "listed") == before
    assert messages(app) == [
        "以下数字按今天的名册、日历和合同文件计算，会与签认时不同。本页仍显示签认时的数字。"
    ]
    assert html_texts(app, "problems") == [
        ["特困老人月访：签认时累计 3 / 8 人次，现在算得 3 / 5 人次"]
    ]


def test_opening_again_says_what_it_opens_and_stays_visible(office: Office):
    sign(office, MARCH)
    sign(office, APRIL)
    app = office.visit(REVIEWER, SETTLEMENT, month="2023-03")
    assert ("settlement?month=2023-03&act=reopen", "重新打开 2023-03…") in links(app)

    app = office.visit(REVIEWER, SETTLEMENT, month="2023-03", act="reopen")
    assert "后面已签认的 2023-04 也一并重新打开，都要重新签认" in messages(app)[0]
    button(app, "确认重新打开 2023-03").click().run()
    assert "重新打开必须写明原因。" in messages(app)
    app.text_input(key="act_reason").set_value("漏记一天")
    button(app, "确认重新打开 2023-03").click().run()

    assert html_texts(app, "seal") == []
    assert html_texts(app, "months") == [
        ["2023-03", "可签认", "已重新打开", "2023-04", "待前月签认", "已重新打开"]
    ]
    (first, _) = kept(office)
    for viewer in EVERYONE:
        shown = office.visit(viewer, SETTLEMENT, month="2023-03")
        assert html_texts(shown, "listed")[-1] == [
            f"{clock.local_text(first.signed_at)}，reviewer",
            f"{first.entries} 条",
            first.hash[:12],
            f"{clock.local_text(first.reopened_at)}，reviewer",
            "漏记一天",
        ]


@pytest.mark.parametrize("viewer", [v for v in EVERYONE if v is not REVIEWER], ids=str)
def test_others_cannot_open_a_month_again(office: Office, viewer: Viewer):
    sign(office, MARCH)
    app = office.visit(viewer, SETTLEMENT, month="2023-03", act="reopen")

    assert html_texts(app, "seal")[0][0] == "2023-03 已签认"
    assert labels(app) == []
    assert not [each for each in links(app) if "reopen" in each[0]]


def test_whoever_opens_a_month_that_is_open_is_told_who_did(office: Office):
    sign(office, MARCH)
    first, second = (
        office.visit(REVIEWER, SETTLEMENT, month="2023-03", act="reopen") for _ in range(2)
    )
    for app in (first, second):
        app.text_input(key="act_reason").set_value("漏记")
        button(app, "确认重新打开 2023-03").click().run()

    assert len(office.audit("reopen_month")) == 1
    (told,) = (each for each in messages(second) if each.startswith("2023-03 已经重新打开"))
    assert told.endswith("，reviewer。")


def test_prices_of_the_contract_file_give_amounts(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    text = small_office.TERMS.replace("person_days = 20", 'person_days = 20\nunit_price = "200.50"')
    priced = under(office, text, tmp_path / "priced.toml", monkeypatch)
    app = priced.visit(LEADER, SETTLEMENT)

    rows = html_texts(app, "listed")
    assert (rows[0][-2:], rows[1][-2:], rows[2][-2:]) == (
        ["单价（元）", "金额（元）"],
        ["200.50", "802.00"],
        ["—", "—"],
    )
    assert html_texts(app, "tile")[-1] == ["本月计量金额", "802.00", "元", "按合同文件的单价计"]
