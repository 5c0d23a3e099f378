"""The store goes away under an open page: one sentence, and nothing that was typed is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lib.logs import LOG_KINDS
from tests.support.forms import asked, fill
from tests.support.small_office import LEAD
from tests.support.visits import QUICK_ENTRY, messages

if TYPE_CHECKING:
    from tests.support.visits import Office

VISIT = LOG_KINDS["elder_check"]
AWAY = "现在打不开系统的数据。请稍后再试；若一直这样，请告诉管理员。"


def test_what_is_typed_while_the_store_is_away_is_there_when_it_is_back(office: Office):
    app = office.visit(LEAD, QUICK_ENTRY, kind="elder_check")
    fill(app, VISIT, {"day": "2023-04-03", "people": "G1", "elder": "T1", "living": "较差"})
    store = Path(str(office.engine.url.database))
    aside = store.rename(store.with_name("aside.db"))
    asked(app.text_input, VISIT.by_slug["problem"]).set_value("屋顶漏水").run()
    assert messages(app) == [AWAY]
    assert not app.text_input

    aside.rename(store)
    app.run()
    assert AWAY not in messages(app)
    assert asked(app.text_input, VISIT.by_slug["problem"]).value == "屋顶漏水"
    assert asked(app.selectbox, VISIT.by_slug["elder"]).value == "T1"
