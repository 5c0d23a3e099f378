"""An office, and the visits its users pay to its pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from lib import clock
from lib.actions import accounts, import_rosters, post
from lib.kpi.measures import measures
from lib.kpi.scope import Scope
from lib.store.engine import reading
from lib.store.schema import audit_line
from lib.ui import resources
from lib.ui.gate.owners import user_of
from lib.workbooks.own import read_own_workbook
from tests.support import small_office

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from typing import Any

    from sqlalchemy import Engine
    from streamlit.testing.v1.element_tree import Button, Node

    from lib.access import Viewer
    from lib.actions.post import Posted
    from lib.store.contracts import StoredContract

ROOT = Path(__file__).parents[2]
ENTRY = ROOT / "lib" / "ui" / "entry.py"
OVERVIEW, UPLOAD, PASSWORD = "progress/overview", "logs/upload", "account/password"
PEOPLE = "progress/people"
WALL, BRIEF = "progress/wall", "progress/brief"
ROWS, HISTORY = "progress/rows", "progress/entry"
ROSTERS, USERS, TERRITORIES = "admin/rosters", "admin/users", "admin/territories"
SESSIONS, AUDIT = "admin/sessions", "admin/audit"
WORKLIST, QUICK_ENTRY = "logs/worklist", "logs/quick_entry"
RECEIPTS, RECEIPT = "logs/history", "logs/receipt"
CAMPAIGN = "progress/campaign"
LOCALITIES, LOCALITY = "progress/localities", "progress/locality"
ELDER_CHECKS, ELDER = "progress/elder_checks", "progress/elder"
OBLIGATIONS, SETTLEMENT = "acceptance/obligations", "acceptance/settlement"
FINDINGS, FINDING = "acceptance/findings", "acceptance/finding"
SAMPLES, SAMPLE = "acceptance/samples", "acceptance/sample"
FILES, VERIFY = "acceptance/files", "acceptance/verify"
CASES, TRAININGS, TASKS = "progress/cases", "progress/trainings", "progress/tasks"
PROGRESS = (  # everybody's
    OVERVIEW,
    LOCALITIES,
    LOCALITY,
    CAMPAIGN,
    ELDER_CHECKS,
    ELDER,
    CASES,
    TRAININGS,
    TASKS,
    PEOPLE,
    WALL,
    BRIEF,
    ROWS,
    HISTORY,
)
LOGS = (WORKLIST, UPLOAD, QUICK_ENTRY, RECEIPTS, RECEIPT)
ACCEPTANCE = (OBLIGATIONS, SETTLEMENT, FINDINGS, FINDING, SAMPLES, SAMPLE, FILES, VERIFY)
PAGES = (*PROGRESS, *LOGS, *ACCEPTANCE, ROSTERS, TERRITORIES, USERS, SESSIONS, AUDIT, PASSWORD)
# What pages about one thing are asked for by default.
ASKED = {
    HISTORY: {"id": "1"},
    RECEIPT: {"id": "1"},
    LOCALITY: {"code": "L1"},
    ELDER: {"code": "T1"},
    SAMPLE: {"id": "1"},
}
TIMEOUT = 30.0  # seconds; the first run of a process imports much


@dataclass(frozen=True)
class Office:
    """A store with one contract in it."""

    engine: Engine
    stored: StoredContract

    def fill(self) -> None:
        """Import the rosters, post the logs, add the users."""
        self.import_rosters()
        self.post(small_office.logs())
        for viewer in small_office.EVERYONE:
            self.add(viewer)

    def import_rosters(
        self, listed: Mapping[str, Iterable[Mapping[str, object]]] | None = None
    ) -> None:
        """Import rosters, by default the small office's."""
        sheets = small_office.rosters() if listed is None else listed
        workbook = read_own_workbook("名册.xlsx", small_office.book(sheets))
        done = import_rosters.import_rosters(
            self.engine, self.stored, small_office.OPERATOR, workbook, small_office.POSTED_AT
        )
        assert not done.problems

    def post(
        self,
        sheets: Mapping[str, Iterable[Mapping[str, object]]],
        viewer: Viewer = small_office.OPERATOR,
    ) -> Posted:
        """Post a workbook of these rows; none may be refused."""
        workbook = read_own_workbook("日志.xlsx", small_office.book(sheets))
        now = small_office.POSTED_AT
        (done,) = post.post(self.engine, self.stored, viewer, [workbook], today=now.date(), now=now)
        assert not done.plan.refusals
        return done

    def add(self, viewer: Viewer, password: str = small_office.PASSWORD) -> None:
        """Add a user."""
        accounts.add_account(
            self.engine,
            self.stored,
            small_office.OPERATOR,
            viewer,
            password,
            small_office.POSTED_AT,
        )

    def disable(self, viewer: Viewer) -> None:
        """Disable a user; another administrator takes the place of the only one."""
        if viewer == small_office.ADMIN:
            self.add(replace(viewer, name="successor"))
        accounts.set_disabled(
            self.engine,
            self.stored,
            small_office.OPERATOR,
            viewer.name,
            disabled=True,
            now=clock.now(),
        )

    def measures(self, as_of: date) -> dict[str, Any]:
        """Every figure as of a day."""
        with reading(self.engine) as connection:
            return measures(connection, Scope(self.stored, as_of))

    def audit(self, *acts: str) -> Sequence[Mapping[str, Any]]:
        """The audit lines of these acts, in order."""
        query = select(audit_line).where(audit_line.c.act.in_(acts)).order_by(audit_line.c.line_id)
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def visit(
        self, viewer: Viewer | None, page: str = OVERVIEW, /, as_of: str = "", **asked: str
    ) -> AppTest:
        """A page as a signed-in user, or (None) a stranger, finds it; `asked` in its address."""
        app = AppTest.from_file(ENTRY, default_timeout=TIMEOUT)
        if viewer:
            app.user = user_of(self.begin_session(viewer))
        if page != OVERVIEW:
            turn_to(app, page)
        for name, value in {"as_of": as_of, **ASKED.get(page, {}), **asked}.items():
            if value:
                app.query_params[name] = value
        return app.run()

    def begin_session(self, viewer: Viewer) -> int:
        """A session that begins now."""
        begun = accounts.begin_session(self.engine, self.stored, viewer.name, clock.now())
        return begun.session_id


def turn_to(app: AppTest, page: str) -> AppTest:
    """Another page in the same tab, as its next run shows it."""
    return app.switch_page(str(ROOT / "pages" / f"{page}.py"))


def settled(app: AppTest) -> AppTest:
    """The page once the server works on nothing any more: as its visitor sees it by then."""
    resources.desk().finish(TIMEOUT)
    return app.run()


def hand_in(
    app: AppTest, sheets: Mapping[str, Iterable[Mapping[str, object]]], name: str = "四月.xlsx"
) -> bytes:
    """Choose a workbook of these rows on the upload page, and wait; gives back its bytes."""
    data = small_office.book(sheets)
    choose(app, name, data)
    return data


def choose(app: AppTest, name: str, data: bytes) -> AppTest:
    """Choose a file on the upload page, and wait until it has been looked at."""
    app.file_uploader[0].set_value((name, data, small_office.XLSX)).run()
    return settled(app)


def press(app: AppTest, label: str) -> AppTest:
    """Press a button that has something done in the background, and wait for that."""
    button(app, label).click().run()
    return settled(app)


def sent(app: AppTest) -> str:
    """Everything the last run sent to the browser, tables and charts included."""
    return "\n".join(_texts(app._tree))  # noqa: SLF001 - no public way to all of it


def _texts(node: Node) -> Iterable[str]:
    proto = getattr(node, "proto", None)
    if proto is not None:
        yield proto.SerializeToString().decode("utf-8", "ignore")
    for child in getattr(node, "children", {}).values():
        yield from _texts(child)


def messages(app: AppTest) -> list[str]:
    """What the page says in coloured boxes."""
    boxes = [box.value for kind in ("error", "warning", "success", "info") for box in app.get(kind)]
    return [*boxes, *("".join(said) for said in html_texts(app, "notice"))]


def headings(app: AppTest) -> list[str]:
    """What the parts of the page are headed by: Streamlit's headings, then those in our HTML."""
    ours = ["".join(texts) for texts in html_texts(app, "heading")]
    return [*(each.value for each in app.subheader), *ours]


def titles(app: AppTest) -> list[str]:
    """What the page is headed by."""
    return ["".join(texts) for texts in html_texts(app, "title")]


def notes(app: AppTest) -> list[str]:
    """What the page says in small print."""
    return [*(each.value for each in app.caption), *("".join(n) for n in html_texts(app, "note"))]


def is_sign_in_form(app: AppTest) -> bool:
    """Whether the page is the sign-in form and nothing else."""
    fields = [field.label for field in app.text_input]
    return fields == ["用户名", "密码"] and [b.label for b in app.button] == ["登录"]


def sign_in(app: AppTest, name: str, password: str) -> AppTest:
    """Fill in the sign-in form and send it; the page that the browser is led on to, if any."""
    app.text_input[0].set_value(name)
    app.text_input[1].set_value(password)
    return led_on(app.button[0].click().run())


def led_on(app: AppTest) -> AppTest:
    """The fresh page to which a form leads that the browser sends by itself, if there is one."""
    forms = [element.proto.body for element in app.html if 'id="onward"' in element.proto.body]
    if not forms:
        return app
    tickets = re.findall('name="ticket" value="([^"]*)"', forms[0])
    here, now = resources.office(), clock.now()
    session = None
    for ticket in tickets:
        token = accounts.redeem_ticket(here.engine, here.stored, ticket, now)
        session = token and accounts.session_of(here.engine, here.stored, token, now)
    vars(app).update(vars(AppTest.from_file(ENTRY, default_timeout=TIMEOUT)))
    app._tree._runner = app  # noqa: SLF001 - the tab stays, what it held does not
    app.user = user_of(session)
    return app.run()


def button(app: AppTest, label: str) -> Button:
    """The button of that label."""
    (found,) = (each for each in app.button if each.label == label)
    return found


def sign_out(office: Office, app: AppTest) -> None:
    """End the session of a page elsewhere, as its form 退出登录 does."""
    accounts.end_session(office.engine, office.stored, int(app.user["session"]), clock.now())


class _Texts(HTMLParser):
    """Collects the text inside elements of a class."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self._wanted = wanted
        self._depth = 0
        self.found: list[list[str]] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._depth:
            self._depth += 1
        elif self._wanted in (dict(attrs).get("class") or "").split():
            self._depth = 1
            self.found.append([])

    def handle_endtag(self, _tag: str) -> None:
        if self._depth:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth and data.strip():
            self.found[-1].append(data.strip())


def html_texts(app: AppTest, wanted: str) -> list[list[str]]:
    """The texts in each of our own elements of a class."""
    found = _Texts(wanted)
    for element in app.html:
        found.feed(element.proto.body)
    return found.found


MENU = '<nav class="menu"'


class _Links(HTMLParser):
    """Collects links: address and text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._address: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._address = dict(attrs)["href"]
            self.found.append((self._address or "", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._address = None

    def handle_data(self, data: str) -> None:
        if self._address is not None:
            address, text = self.found[-1]
            self.found[-1] = (address, text + data)


def links(app: AppTest) -> list[tuple[str, str]]:
    """The links of our own elements, the menu's left out: address and text."""
    found = _Links()
    for element in app.html:
        if not element.proto.body.startswith(MENU):
            found.feed(element.proto.body)
    return found.found
