"""Messages that a browser sends for widgets that its viewer does not have, or may not press."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from lib import clock
from lib.actions import draw_sample
from lib.kpi import samples
from lib.kpi.frame import Design
from lib.store.engine import reading
from lib.store.schema import metadata
from tests.support.guarded_office import entry_of, lone_surveys
from tests.support.small_office import ADMIN, EVERYONE, LEAD, OTHER_LEAD, POSTED_AT, REVIEWER
from tests.support.visits import (
    FILES,
    FINDING,
    FINDINGS,
    HISTORY,
    RECEIPT,
    SAMPLE,
    SAMPLES,
    SETTLEMENT,
    TERRITORIES,
    USERS,
    WORKLIST,
    button,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

# Every page on which something is written, and who has the widgets for it there.
WRITING: Mapping[str, tuple[Viewer, str, Mapping[str, str]]] = {
    "withdraw": (LEAD, HISTORY, {"id": "april", "act": "withdraw"}),
    "restore": (OTHER_LEAD, HISTORY, {"id": "gone", "act": "restore"}),
    "undo": (LEAD, RECEIPT, {"id": "3", "act": "undo"}),
    "explain": (OTHER_LEAD, FINDING, {"subject": "second"}),
    "decide": (REVIEWER, FINDING, {"subject": "second"}),
    "decide several": (REVIEWER, FINDINGS, {"month": "2023-04", "rule": "one_person_survey"}),
    "draw": (REVIEWER, SAMPLES, {}),
    "record": (REVIEWER, SAMPLE, {"id": "2", "item": "new"}),
    "sign": (REVIEWER, SETTLEMENT, {"month": "2023-04"}),
    "reopen": (REVIEWER, SETTLEMENT, {"month": "2023-03", "act": "reopen"}),
    "make": (REVIEWER, FILES, {"month": "2023-03"}),
    "promise": (LEAD, WORKLIST, {}),
    "assign": (ADMIN, TERRITORIES, {}),
    "users": (ADMIN, USERS, {}),
}


def item_of_april(office: Office) -> int:
    """The number of an entry drawn in the open month, in a sample of its own."""
    days = date(2023, 4, 1), date(2023, 4, 30)
    design = Design(*days, ("home_survey",), Decimal("0.95"), Decimal("0.05"))
    here, today = (office.engine, office.stored), POSTED_AT.date()
    number = draw_sample.draw(*here, REVIEWER, design, "Q2", today=today, now=POSTED_AT)
    with reading(office.engine) as connection:
        drawn = samples.one(connection, office.stored.id, number)
    assert drawn
    return drawn.items[0].item_id


def asked_for(office: Office, parts: Mapping[str, str]) -> dict[str, str]:
    """The parts of an address, words in place of numbers put right."""
    numbers = {
        "april": entry_of(office, "elder_check", date(2023, 4, 6), "G1"),
        "gone": entry_of(office, "patrol", date(2023, 4, 10), "G6"),
        "second": lone_surveys(office)[1],
    }
    if "new" in parts.values():
        numbers["new"] = item_of_april(office)
    told = {name: str(numbers.get(said, said)) for name, said in parts.items()}
    of_finding = {"rule": "one_person_survey", "month": "2023-04"} if "subject" in parts else {}
    return {**of_finding, **told}


def forged(app: AppTest, like: AppTest) -> WidgetStates:
    """The page's own widgets, and all that another viewer has there: filled in, and pressed."""
    states = app._tree.get_widget_states()  # noqa: SLF001 - no public way to send a message
    own = {each.id for each in states.widgets}
    for written in like.text_input:
        if written.proto.id not in own:
            states.widgets.add(id=written.proto.id, string_value="示例-口令-2023")
    for ticked in like.checkbox:
        if ticked.proto.id not in own:
            states.widgets.add(id=ticked.proto.id, bool_value=True)
    for pressed in like.button:
        states.widgets.add(id=pressed.proto.id, trigger_value=True)
    return states


def held(office: Office) -> dict[str, list[str]]:
    """Every row of every table but the log and the sessions, which a visit moves."""
    tables = [t for t in metadata.sorted_tables if t.name not in {"audit_line", "session"}]
    with reading(office.engine) as connection:
        return {t.name: sorted(map(repr, connection.execute(select(t)))) for t in tables}


@pytest.mark.parametrize("act", WRITING)
def test_widgets_of_others_are_not_pressed(
    office: Office, act: str, monkeypatch: pytest.MonkeyPatch
):
    if act == "promise":  # trips are planned while the contract runs
        monkeypatch.setattr(clock, "now", lambda: datetime(2023, 4, 3, 4, tzinfo=UTC))
    owner, page, parts = WRITING[act]
    asked = asked_for(office, parts)
    like = office.visit(owner, page, **asked)
    assert like.button
    before = held(office)
    for viewer in EVERYONE:
        if viewer == owner:
            continue
        app = office.visit(viewer, page, **asked)
        own = {each.proto.id for each in app.button}
        theirs = {each.proto.id for each in like.button} - own
        message = forged(app, like)
        kept = [w for w in message.widgets if w.id in theirs or not w.HasField("trigger_value")]
        app._run(WidgetStates(widgets=kept))  # noqa: SLF001
        assert not app.exception
    assert held(office) == before


def test_such_a_message_of_the_owner_is_one(office: Office):
    owner, page, parts = WRITING["withdraw"]
    asked = asked_for(office, parts)
    before = held(office)
    app = office.visit(owner, page, **asked)
    like = office.visit(owner, page, **asked)
    states = forged(app, like)
    pressed = button(like, "确认撤回这条").proto.id
    kept = [w for w in states.widgets if w.id == pressed or not w.HasField("trigger_value")]
    for each in kept:
        if each.id in {written.proto.id for written in like.text_input}:
            each.string_value = "示例原因"
    app._run(WidgetStates(widgets=kept))  # noqa: SLF001
    assert held(office) != before
