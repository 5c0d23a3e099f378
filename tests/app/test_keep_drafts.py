"""Going on with a form where it was left: another session, another address, one's own only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lib import clock
from lib.actions import drafts
from lib.logs import LOG_KINDS
from tests.support.forms import asked, fill, heading
from tests.support.small_office import LEAD, OTHER_LEAD, elder_check
from tests.support.visits import OVERVIEW, QUICK_ENTRY, ROOT, button, html_texts, links, messages
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

VISIT = LOG_KINDS["elder_check"]
CHECK = {"day": "2023-04-03", "people": "G1", "elder": "T1", "living": "较差"}


def opened(office: Office, viewer: Viewer = LEAD, **parts: str) -> AppTest:
    """The form as a new session finds it."""
    return office.visit(viewer, QUICK_ENTRY, **{"kind": "elder_check", **parts})


def kept(office: Office, viewer: Viewer = LEAD) -> Mapping[str, Mapping[str, object]]:
    """A viewer's drafts: cells by slot."""
    own = drafts.own(office.engine, office.stored, viewer)
    return {each.slot: each.cells for each in own}


def test_what_was_typed_is_there_again(office: Office):
    fill(opened(office), VISIT, {**CHECK, "problem": "屋顶漏水"})
    app = opened(office)
    assert [each.value.partition("（")[0] for each in app.info] == ["继续上次没提交的"]
    assert asked(app.date_input, VISIT.by_slug["day"]).value == date(2023, 4, 3)
    assert asked(app.selectbox, VISIT.by_slug["elder"]).value == "T1"
    assert {heading(each): each.value for each in app.pills} == {
        "服务人员": ["G1"],
        "生活状况": "较差",
        "健康状况": None,
        "居住安全": None,
        "照料落实": None,
    }
    assert asked(app.text_input, VISIT.by_slug["problem"]).value == "屋顶漏水"
    assert app.expander[0].proto.expanded


def test_a_form_only_looked_at_is_no_draft(office: Office):
    opened(office).run()
    assert kept(office) == {}


def test_what_is_taken_out_again_stays_out(office: Office):
    app = fill(opened(office), VISIT, {**CHECK, "problem": "屋顶漏水"})
    fill(app, VISIT, {"problem": ""})
    assert kept(office) == {"kind=elder_check": CHECK}
    assert asked(opened(office).text_input, VISIT.by_slug["problem"]).value == ""


def test_once_posted_it_is_gone(office: Office):
    app = fill(opened(office), VISIT, {**CHECK, "health": "一般"})
    assert kept(office) == {"kind=elder_check": {**CHECK, "health": "一般"}}
    button(app, "提交").click().run()
    assert kept(office) == {}
    assert not app.info


def test_refused_it_is_kept(office: Office):
    button(fill(opened(office), VISIT, CHECK), "提交").click().run()
    assert kept(office) == {"kind=elder_check": CHECK}


def test_put_away_it_is_gone_and_the_form_empty(office: Office):
    app = fill(opened(office), VISIT, CHECK)
    button(app, "放弃草稿，重新填写").click().run()
    assert kept(office) == {}
    assert asked(app.selectbox, VISIT.by_slug["elder"]).value is None
    assert not app.info


def test_it_is_nobody_elses(office: Office):
    fill(opened(office), VISIT, CHECK)
    other = opened(office, OTHER_LEAD)
    assert not other.info
    assert asked(other.selectbox, VISIT.by_slug["elder"]).value is None
    assert kept(office, OTHER_LEAD) == {}


def test_the_page_left_and_returned_to_in_one_session(office: Office):
    app = fill(opened(office), VISIT, CHECK)
    app.switch_page(str(ROOT / "pages" / f"{OVERVIEW}.py")).run()
    app.switch_page(str(ROOT / "pages" / f"{QUICK_ENTRY}.py"))
    app.query_params["kind"] = "elder_check"
    app.run()
    assert asked(app.selectbox, VISIT.by_slug["elder"]).value == "T1"


def test_each_address_has_its_own(office: Office):
    fill(opened(office, elder="T1"), VISIT, {"people": "G1", "living": "较差"})
    app = opened(office, elder="T2")
    assert asked(app.pills, VISIT.by_slug["living"]).value is None
    fill(app, VISIT, {"people": "G2"})
    assert set(kept(office)) == {"kind=elder_check&elder=T1", "kind=elder_check&elder=T2"}
    bare = opened(office)
    (said,) = html_texts(bare, "summary")
    assert said[0] == "继续上次没提交的："
    assert [address for address, _ in links(bare)] == [
        "quick_entry?kind=elder_check&elder=T2",
        "quick_entry?kind=elder_check&elder=T1",
    ]
    assert [text.partition("（")[0] for _, text in links(bare)] == [
        "特困老人核查 T2 ",
        "特困老人核查 T1 ",
    ]


def test_a_correction_is_kept_with_its_reason(office: Office):
    office.post({"特困老人核查": [elder_check(date(2023, 4, 3), "示员甲", "T1")]})
    number = next(
        address.partition("=")[2]
        for address, _ in links(office.visit(LEAD, "progress/rows", day="2023-04-03"))
        if address.startswith("entry?")
    )
    app = office.visit(LEAD, QUICK_ENTRY, entry=number)
    fill(app, VISIT, {"living": "较差"})
    button(app, "提交").click().run()
    next(each for each in app.text_input if heading(each) == "原因").set_value("填错了").run()
    assert kept(office)[f"entry={number}"]["reason"] == "填错了"
    again = office.visit(LEAD, QUICK_ENTRY, entry=number)
    button(again, "提交").click().run()
    assert next(e for e in again.text_input if heading(e) == "原因").value == "填错了"
    button(again, "确认更正").click().run()
    assert kept(office) == {}


def test_a_draft_of_a_kind_no_longer_agreed_is_not_offered(office: Office):
    drafts.keep(office.engine, office.stored, LEAD, "kind=publicity", {"form": "广播"}, clock.now())
    app = opened(office)
    assert not html_texts(app, "summary")
    assert messages(app) == []


def test_no_identity_number_is_kept(office: Office):
    fill(opened(office), VISIT, {**CHECK, "remark": NUMBER})
    (cells,) = kept(office).values()
    assert cells["remark"] == f"{NUMBER[:3]}{'*' * 11}{NUMBER[-4:]}"
