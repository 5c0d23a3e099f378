"""Leaving the upload page and coming back: where each upload stands, and whose it is."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st
from sqlalchemy import event, func, select

from lib import clock
from lib.actions import withdraw
from lib.store import pending_uploads
from lib.store.engine import reading, writing
from lib.store.pending_uploads import State
from lib.store.schema import entry, pending_upload
from lib.ui import resources
from tests.support.small_office import EAST, LEAD, OTHER_LEAD, WEST, book, case, patrol
from tests.support.visits import (
    UPLOAD,
    button,
    choose,
    hand_in,
    html_texts,
    links,
    messages,
    press,
    settled,
)
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streamlit.testing.v1 import AppTest

    from tests.support.visits import Office

APRIL = date(2023, 4, 3)
GOOD = {"业务协办": [case(APRIL, "示员甲", "示申009")], "对象排查": [patrol(APRIL, "示员乙", WEST)]}
SPOILED = {"业务协办": [*GOOD["业务协办"], case(APRIL, "示员田", "示申010")]}
NUMBERED = {"业务协办": [case(APRIL, "示员甲", "示申009", 备注=f"证件 {NUMBER}")]}
LAST = "台账、名册或文件有了改动，正在重新核对；下面是上一次的结果，做完会自动换成新的。"
NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
LOST = "这份文件里有（或可能有）身份证号码，或没有读完，没有留存。请重新选择文件。"


def counts(app: AppTest) -> dict[str, str]:
    """The plan's rows by outcome."""
    return {label: value for label, value, *_ in html_texts(app, "tile")}


def restart() -> None:
    """Let the server forget all that is not in the store."""
    resources.desk().finish(30)
    resources.office().engine.dispose()
    st.cache_resource.clear()


def come_back(office: Office, **asked: str) -> AppTest:
    """The page in a new tab, once the server works on nothing."""
    return settled(office.visit(LEAD, UPLOAD, **asked))


def rows(office: Office) -> list[dict[str, Any]]:
    """All that is kept of uploads."""
    with reading(office.engine) as connection:
        return [dict(row._mapping) for row in connection.execute(select(pending_upload))]


def standing(office: Office, state: State, ago: timedelta, **values: object) -> int:
    """An upload of the good workbook in a state since a while, as a process left it that died."""
    data = book(GOOD)
    at = clock.now() - ago
    with writing(office.engine) as connection:
        upload_id = pending_uploads.add(
            connection, office.stored.id, LEAD.name, file_name="四月.xlsx", sha256="0", at=at
        )
        facts = {"state": state, "content": data, **values}
        pending_uploads.move(connection, office.stored.id, upload_id, at=at, **facts)
    return upload_id


def test_an_upload_that_was_left_is_found_with_its_plan(office: Office):
    app = office.visit(LEAD, UPLOAD)
    app.file_uploader[0].set_value(("四月.xlsx", book(GOOD), "")).run()
    assert counts(come_back(office)) == {"新增": "2", "更正": "0", "未变": "0", "退回": "0"}


def test_it_is_found_after_a_restart_with_what_was_mended(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    press(app, "改为“示员甲”")
    restart()
    again = come_back(office)
    assert counts(again)["新增"] == "2"
    press(again, "过账 2 行")
    assert office.audit("post")[-1]["after"]["new"] == 2


def test_its_address_leads_back_to_it(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED, name="一.xlsx")
    first = str(app.query_params["upload"])
    hand_in(app, GOOD, name="二.xlsx")
    assert counts(come_back(office))["新增"] == "2", "the newest, when the address names none"
    assert counts(come_back(office, upload=first))["退回"] == "1"
    assert ("一.xlsx", f"upload?upload={first}") in [(t, a) for a, t in links(come_back(office))]


def test_what_was_posted_shows_its_receipt(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    press(app, "过账 2 行")
    (receipt,) = app.success
    restart()
    assert [each.value for each in come_back(office).success] == [receipt.value]


def test_a_refused_file_still_says_why(office: Office):
    choose(office.visit(LEAD, UPLOAD), "空.xlsx", b"")
    (error,) = come_back(office).error
    assert error.value == "文件整份退回：文件是空的，请重新保存后再传。"
    assert rows(office)[0]["content"] is None


def test_put_away_it_is_gone_with_its_content(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    button(app, "收起这份文件").click().run()
    assert rows(office) == []
    assert "需要空白模板？" in [each.label for each in app.expander]
    assert not html_texts(come_back(office), "tile")


def test_an_upload_is_its_own_accounts_only(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    number = str(app.query_params["upload"])
    other = office.visit(OTHER_LEAD, UPLOAD)
    assert not html_texts(other, "tile")
    assert "四月.xlsx" not in str(html_texts(other, "listed"))
    assert messages(office.visit(OTHER_LEAD, UPLOAD, upload=number)) == NOT_FOUND


@pytest.mark.parametrize("number", ["0", "-1", "1", "99999999999999999999", "'1'", "一"])
def test_a_number_that_is_none_is_not_found(office: Office, number: str):
    hand_in(office.visit(LEAD, UPLOAD), GOOD)
    assert messages(office.visit(LEAD, UPLOAD, upload=number)) == NOT_FOUND


def test_with_identity_numbers_it_is_not_kept_and_must_be_chosen_again(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, NUMBERED)
    assert counts(app)["新增"] == "1"
    (row,) = rows(office)
    assert row["content"] is None
    assert counts(come_back(office))["新增"] == "1", "it is in the server's memory still"
    restart()
    again = come_back(office)
    assert messages(again) == [LOST]
    assert not html_texts(again, "tile")
    hand_in(again, NUMBERED)
    press(again, "过账 1 行")
    assert office.audit("post")[-1]["after"]["new"] == 1


BROKEN_OFF = {
    State.READING: "读取时中断了，台账没有变化。",
    State.CHECKING: "核对时中断了，台账没有变化。",
    State.POSTING: "过账时中断了，台账没有写入任何内容。",
}


@pytest.mark.parametrize("state", BROKEN_OFF)
def test_what_was_broken_off_says_so_and_goes_on(office: Office, state: State):
    standing(office, state, timedelta(minutes=2))
    app = office.visit(LEAD, UPLOAD)
    assert messages(app) == [BROKEN_OFF[state]]
    press(app, "继续")
    press(app, "过账 2 行")
    assert app.success[0].value.endswith("：新增 2 行，更正 0 行，未变 0 行，退回 0 行。")
    assert len(office.audit("post")) == 2


def test_broken_off_before_it_was_kept_it_must_be_chosen_again(office: Office):
    standing(office, State.READING, timedelta(minutes=2), content=None)
    app = office.visit(LEAD, UPLOAD)
    assert messages(app) == [LOST]
    assert [each.label for each in app.button if each.label in {"继续", "收起这份文件"}] == [
        "收起这份文件"
    ]


def test_the_work_of_another_process_is_shown_as_far_as_it_has_come(office: Office):
    standing(office, State.CHECKING, timedelta(seconds=5), done=1588, total=5012)
    app = office.visit(LEAD, UPLOAD)
    (bar,) = app.get("progress")
    assert (bar.proto.value, bar.proto.text) == (31, "正在核对：已完成 1,588 行，共 5,012 行")
    assert "继续" not in [each.label for each in app.button]


@pytest.mark.parametrize(
    ("seconds", "said"), [(20, "正在读取"), (31, "中断了")], ids=["at work", "silent"]
)
def test_in_the_list_too_nothing_is_at_work_for_ever(office: Office, seconds: int, said: str):
    standing(office, State.READING, timedelta(seconds=seconds))
    standing(office, State.READY, timedelta(0))
    tables = [each.proto.body for each in office.visit(LEAD, UPLOAD).get("html")]
    (row,) = [each for each in tables if "您的" not in each and 'data-heading="状态"' in each]
    assert f'data-heading="状态">{said}</td>' in row


def test_reading_has_no_number(office: Office):
    standing(office, State.READING, timedelta(seconds=5))
    app = office.visit(LEAD, UPLOAD)
    assert messages(app) == ["正在读取……"]
    assert not app.get("progress")


def test_a_posting_that_came_to_nothing_says_why_above_the_plan(office: Office):
    standing(office, State.READY, timedelta(seconds=5), said="示例原因。")
    app = come_back(office)
    assert "示例原因。" in messages(app)
    assert counts(app)["新增"] == "2"


OLD = {
    "finished a day ago": (State.POSTED, timedelta(days=1, minutes=1), False),
    "finished today": (State.POSTED, timedelta(hours=23), True),
    "refused a day ago": (State.REFUSED, timedelta(days=1, minutes=1), False),
    "ready for a week": (State.READY, timedelta(days=7), True),
    "ready for a month": (State.READY, timedelta(days=30, minutes=1), False),
}


@pytest.mark.parametrize("name", OLD)
def test_what_is_long_over_is_cleared_when_the_next_is_handed_in(office: Office, name: str):
    state, ago, stays = OLD[name]
    number = standing(office, state, ago)
    hand_in(office.visit(LEAD, UPLOAD), GOOD)
    assert (number in [row["upload_id"] for row in rows(office)]) is stays


def test_rows_that_were_withdrawn_count_again_when_asked_for(office: Office):
    office.post(GOOD, LEAD)
    with reading(office.engine) as connection:
        entry_id = connection.execute(select(func.max(entry.c.entry_id))).scalar_one()
    withdraw.withdraw(office.engine, office.stored, LEAD, entry_id, reason="示例", now=clock.now())
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    assert "有 1 行以前撤回过，文件里还是原样，不再计入。" in messages(app)
    settled(app.checkbox[0].check().run())
    assert counts(app) == {"新增": "0", "更正": "1", "未变": "1", "退回": "0"}
    app.pills[0].set_value("核实后改正").run()
    press(app, "过账 1 行")
    assert app.success[0].value.endswith("：新增 0 行，更正 1 行，未变 1 行，退回 0 行。")


@contextmanager
def busy() -> Iterator[None]:
    """A server that works on two long files at once, as many as it does."""
    go = Event()
    for each in (-1, -2):
        resources.desk()._background.start(each, lambda _job: go.wait(60) and None)  # noqa: SLF001
    try:
        yield
    finally:
        go.set()


def test_what_ends_while_it_is_looked_up_is_looked_at_again(office: Office):
    desk, holding = resources.desk(), ExitStack()
    holding.enter_context(busy())
    upload_id = desk.hand_in(LEAD, "四月.xlsx", book(GOOD))

    @event.listens_for(desk.engine, "before_cursor_execute", once=True)
    def end(*_: object) -> None:
        holding.close()
        desk.finish(60)

    standing = desk.look(LEAD, upload_id)
    assert standing
    assert (standing.upload.state, standing.is_at_work) == (State.READY, True)
    standing = desk.look(LEAD, upload_id)
    assert standing
    assert (standing.is_at_work, standing.plan is None) == (False, False)


def overtaken(office: Office, sheets: Mapping[str, list[dict[str, object]]]) -> AppTest:
    """An upload that is looked at, while another team has posted."""
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, sheets)
    office.post({"对象排查": [patrol(APRIL, "示员丙", EAST)]}, OTHER_LEAD)
    return app


def test_while_a_plan_is_made_anew_the_last_one_stands(office: Office):
    app = overtaken(office, GOOD)
    with busy():
        app.run()
        assert counts(app) == {"新增": "2", "更正": "0", "未变": "0", "退回": "0"}
        assert LAST in [each.value for each in app.caption]
    assert LAST not in [each.value for each in settled(app).caption]


def test_a_press_to_post_counts_while_the_server_is_busy(office: Office):
    app = overtaken(office, GOOD)
    with busy():
        button(app, "过账 2 行").click().run()
    settled(app)
    assert [each["by"] for each in office.audit("post")][-2:] == [OTHER_LEAD.name, LEAD.name]


def test_a_press_to_mend_counts_while_the_server_is_busy(office: Office):
    app = overtaken(office, SPOILED)
    with busy():
        button(app, "改为“示员甲”").click().run()
    assert counts(settled(app)) == {"新增": "2", "更正": "0", "未变": "0", "退回": "0"}


def test_a_plan_that_was_posted_does_not_stand_any_more(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    with busy():
        button(app, "过账 2 行").click().run()
    resources.desk().finish(60)
    with busy():
        app.run()
        assert len(app.success) == 1
        assert not counts(app)


def test_a_press_counts_though_other_numbers_stand_on_the_button_by_now(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    office.post({"业务协办": GOOD["业务协办"]})
    press(app, "过账 2 行")
    posted = office.audit("post")[-1]["after"]
    assert (posted["new"], posted["unchanged"]) == (1, 1)
