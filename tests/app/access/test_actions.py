"""Every act as every role, on a thing of the own team and of another's: a table.

What is refused leaves every table as it was, the audit log left out.
"""

from __future__ import annotations

import ast
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, true

from lib.access import Role, Viewer
from lib.actions import (
    accounts,
    back_up,
    begin,
    close_month,
    daily_sums,
    decide_finding,
    drafts,
    draw_sample,
    evidence,
    hand_in,
    import_rosters,
    made_files,
    mend_upload,
    orphans,
    post,
    post_upload,
    promises,
    record_result,
    restore,
    sessions,
    sign_in,
    take_out,
    territories,
    undo,
    verify,
    withdraw,
)
from lib.actions.decide_finding import Looked
from lib.actions.take_out import Taken
from lib.clock import now
from lib.errors import NotPermittedError, RefusedError
from lib.findings.found import State
from lib.kpi import samples
from lib.kpi.frame import Design
from lib.kpi.samples import Result
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.pictures.cleaning import clean
from lib.settings import ROOT
from lib.store import accounts as stored_accounts
from lib.store.backup.folder import Keep
from lib.store.engine import reading
from lib.store.evidence import Subject
from lib.store.schema import audit_line, metadata
from lib.ui import resources
from lib.workbooks.own import read_own_workbook
from tests.support.doubtful import ALONE, MONTH
from tests.support.guarded_office import entry_of, lone_surveys, rosters
from tests.support.pictures import photo
from tests.support.small_office import (
    EAST,
    EVERYONE,
    LEAD,
    PASSWORD,
    POSTED_AT,
    REVIEWER,
    book,
    patrol,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from lib.pictures.cleaning import Picture
    from lib.workbooks.reading import Workbook
    from tests.support.visits import Office

    Rows = dict[str, list[tuple[object, ...]]]

TODAY = POSTED_AT.date()
DESIGN = Design(
    date(2023, 4, 1), date(2023, 4, 30), ("home_survey",), Decimal("0.95"), Decimal("0.05")
)
NEW_PASSWORD = "雪松-口令-2024"


@dataclass(frozen=True)
class Desk:
    """Who acts, on what: the first team's things, those of the second's beside them."""

    office: Office
    viewer: Viewer

    @property
    def here(self) -> tuple[Any, Any, Viewer]:
        """What every act begins with."""
        return self.office.engine, self.office.stored, self.viewer

    @property
    def pictures(self) -> tuple[Any, Any, Viewer]:
        """What acts on picture files begin with."""
        return self.office.engine, resources.blobs(), self.viewer

    @property
    def session(self) -> int:
        """A session of the leader's."""
        with reading(self.office.engine) as connection:
            live = stored_accounts.live_sessions(connection, self.office.stored.id, now())
        return live[0].session_id

    @property
    def scope(self) -> Scope:
        """The contract as of the day on which it is tried."""
        return Scope(self.office.stored, TODAY)

    @property
    def april(self) -> int:
        """An entry of the first team in the open month."""
        return entry_of(self.office, "elder_check", date(2023, 4, 6), "G1")

    @property
    def march(self) -> int:
        """An entry of the first team in the closed month."""
        return entry_of(self.office, "patrol", date(2023, 3, 9), "G1")

    @property
    def gone(self) -> int:
        """The entry that the second team withdrew."""
        return entry_of(self.office, "patrol", date(2023, 4, 10), "G6")

    @property
    def looked(self) -> Looked:
        """The finding of the second team, explained and not decided."""
        return Looked(ALONE, str(lone_surveys(self.office)[1]), MONTH)

    @property
    def upload(self) -> int:
        """A workbook that the first team handed in and has not posted."""
        (found,) = resources.desk().uploads(LEAD)
        return found.upload_id

    @property
    def item(self) -> int:
        """A drawn entry of April, of which nothing was recorded yet."""
        with reading(self.office.engine) as connection:
            newest = samples.listed(connection, self.office.stored.id)[0]
        return newest.items[0].item_id

    def shown(self) -> str:
        """What signing April would be about."""
        with reading(self.office.engine) as connection:
            return close_month.proposed(connection, self.scope, Month(2023, 4)).shown


@cache
def new_rows() -> Workbook:
    """A workbook with a row of the first team's in the open month."""
    rows = [patrol(date(2023, 4, 17), "示员甲", EAST)]
    return read_own_workbook("示例.xlsx", book({"对象排查": rows}))


@cache
def new_rosters() -> Workbook:
    """The rosters with one household more."""
    homes = rosters()["困难家庭"]
    more = [*homes, {**homes[0], "户编号": "H13"}]
    return read_own_workbook("名册.xlsx", book({**rosters(), "困难家庭": more}))


@cache
def picture() -> Picture:
    return clean(photo(90, 60))


def new_account(desk: Desk) -> None:
    new = Viewer("somebody", Role.LEADER)
    accounts.add_account(*desk.here, new, NEW_PASSWORD, now())


def mending(desk: Desk) -> None:
    (plan,) = post.preview(desk.office.engine, desk.office.stored, LEAD, [new_rows()], TODAY)
    mend_upload.mend(*desk.here, desk.upload, plan, [], now())


def backing_up(desk: Desk) -> None:
    with TemporaryDirectory() as folder:
        back_up.back_up(
            *(desk.office.engine, desk.office.stored, resources.blobs(), desk.viewer),
            *(Path(folder), Keep()),
            today=lambda: TODAY,
            now=now,
        )


WHY = {"reason": "示例原因", "now": POSTED_AT}
# Who may: leader, lead, other lead, reviewer, admin, in that order (spec §6).
WRITES: dict[str, tuple[str, Callable[[Desk], object]]] = {
    "accounts.add_account": ("----+", new_account),
    "accounts.change_role": (
        "----+",
        lambda at: accounts.change_role(*at.here, "leader", Role.REVIEWER, None, now()),
    ),
    "accounts.set_oversight": (
        "-----",
        lambda at: accounts.set_oversight(*at.here, "leader", oversees=True, now=now()),
    ),
    "accounts.set_disabled": (
        "----+",
        lambda at: accounts.set_disabled(*at.here, "leader", disabled=True, now=now()),
    ),
    "accounts.set_password": (
        "----+",
        lambda at: (
            accounts.set_password(*at.here, "leader", NEW_PASSWORD, now())
            if at.viewer.name != "leader"
            else accounts.set_password(*at.here, "lead1", NEW_PASSWORD, now())
        ),
    ),
    "accounts.change_own_password": (
        "+++++",
        lambda at: accounts.change_own_password(*at.here, PASSWORD, NEW_PASSWORD, now()),
    ),
    "back_up.back_up": ("----+", backing_up),
    "begin.begin": ("----+", lambda at: begin.begin(*at.here, now())),
    "close_month.sign": (
        "---+-",
        lambda at: close_month.sign(
            *at.here,
            Month(2023, 4),
            password=PASSWORD,
            shown=at.shown(),
            now=POSTED_AT,
            today=TODAY,
        ),
    ),
    "close_month.reopen": (
        "---+-",
        lambda at: close_month.reopen(*at.here, Month(2023, 3), **WHY),
    ),
    "daily_sums.put_right": ("-----", lambda at: daily_sums.put_right(*at.here, now())),
    "decide_finding.explain": (
        "--+--",
        lambda at: decide_finding.explain(
            *at.here, at.looked, note="示例", today=TODAY, now=POSTED_AT
        ),
    ),
    "decide_finding.decide": (
        "---+-",
        lambda at: decide_finding.decide(
            *at.here, [at.looked], State.DISMISSED, note="示例", today=TODAY, now=POSTED_AT
        ),
    ),
    "drafts.keep": (
        "-++--",
        lambda at: drafts.keep(*at.here, "kind=patrol", {"situation": "示例"}, POSTED_AT),
    ),
    "draw_sample.draw": (
        "---+-",
        lambda at: draw_sample.draw(*at.here, DESIGN, "Q1", today=TODAY, now=POSTED_AT),
    ),
    "evidence.attach": (
        "-+---",
        lambda at: evidence.attach(
            *at.here, resources.blobs(), Subject("entry", at.april), [picture()], POSTED_AT
        ),
    ),
    "evidence.remove": ("-+---", lambda at: evidence.remove(*at.here, 2, **WHY)),
    "evidence.record_refusal": (
        "-+---",
        lambda at: evidence.record_refusal(*at.here, Subject("entry", at.april), data=b"x", **WHY),
    ),
    "hand_in.hand_in": (
        "-++--",
        lambda at: hand_in.hand_in(*at.here, "示例.xlsx", at.viewer.name.encode(), now()),
    ),
    "hand_in.put_away": ("-+---", lambda at: hand_in.put_away(*at.here, at.upload)),
    "mend_upload.mend": ("-+---", mending),
    "mend_upload.take_back": (
        "-+---",
        lambda at: mend_upload.take_back(*at.here, at.upload, None, now()),
    ),
    "post_upload.begin": ("-+---", lambda at: post_upload.begin(*at.here, at.upload, now())),
    "import_rosters.import_rosters": (
        "----+",
        lambda at: import_rosters.import_rosters(*at.here, new_rosters(), POSTED_AT),
    ),
    "made_files.begin": (
        "---+-",
        lambda at: made_files.begin(*at.here, {"month": ""}, now()),
    ),
    "made_files.record_taken": (
        "---+-",
        lambda at: made_files.record_taken(*at.here, {}, "0" * 64, now()),
    ),
    "post.post": (
        "-+---",
        lambda at: post.post(*at.here, [new_rows()], today=TODAY, now=POSTED_AT),
    ),
    "promises.plan": (
        "-++--",
        lambda at: promises.plan(
            *at.here, date(2023, 4, 20), ["L3"], today=date(2023, 4, 19), now=POSTED_AT
        ),
    ),
    "record_result.record": (
        "---+-",
        lambda at: record_result.record(
            *at.here, at.item, Result.TRUE, note="", shown=0, now=POSTED_AT
        ),
    ),
    "restore.restore": ("--+--", lambda at: restore.restore(*at.here, at.gone, **WHY)),
    "withdraw.withdraw": ("-+---", lambda at: withdraw.withdraw(*at.here, at.april, **WHY)),
    "undo.undo": ("-+---", lambda at: undo.undo(*at.here, 3, **WHY)),
    "take_out.original_file": (
        "-+-+-",
        lambda at: take_out.original_file(*at.here, 1, now()),
    ),
    "take_out.put_on_record": (
        "---+-",
        lambda at: take_out.put_on_record(*at.here, Taken("export_full_names", "all"), now()),
    ),
    "sessions.end": ("----+", lambda at: sessions.end(*at.here, at.session, now())),
    "sessions.end_all": ("----+", lambda at: sessions.end_all(*at.here, "leader", now())),
    "sign_in.lift": ("----+", lambda at: sign_in.lift(*at.here, "leader", now())),
    "territories.assign": (
        "----+",
        lambda at: territories.assign(*at.here, {"L3": "示一组"}, POSTED_AT),
    ),
    "verify.verify": ("+--++", lambda at: verify.verify(*at.here, now)),
}
# Acts that change nothing: what they give, or None for what is not the viewer's.
READS: dict[str, tuple[str, Callable[[Desk], object]]] = {
    "drafts.own": ("-++--", lambda at: drafts.own(*at.here)),
    "drafts.put_away": ("-++--", lambda at: drafts.put_away(*at.here, "none") or True),
    "draw_sample.preview": ("---+-", lambda at: draw_sample.preview(*at.here, DESIGN, TODAY)),
    "evidence.fetch": (
        "-+-+-",
        lambda at: evidence.fetch(*at.here, resources.blobs(), 2, thumbnail=True, now=now()),
    ),
    "evidence.gallery": (
        "-+-+-",
        lambda at: evidence.gallery(*at.here, Subject("entry", at.april)).shown or None,
    ),
    "hand_in.go_on": ("-++--", lambda at: hand_in.go_on(*at.here, at.upload, now()) or True),
    "import_rosters.preview": (
        "----+",
        lambda at: import_rosters.preview(*at.here, new_rosters()),
    ),
    "made_files.newest": ("-----", lambda at: made_files.newest(*at.here, now())),
    "made_files.fetch": ("-----", lambda at: made_files.fetch(*at.here, 1, now())),
    "orphans.orphans": ("----+", lambda at: orphans.orphans(*at.pictures, now())),
    "orphans.remove_orphans": ("----+", lambda at: orphans.remove_orphans(*at.pictures, now()) + 1),
    "sessions.live": ("----+", lambda at: sessions.live(*at.here, now())),
    "sign_in.recent": ("----+", lambda at: sign_in.recent(*at.here, now())),
    "post.preview": (
        "-++--",
        lambda at: post.preview(*at.here, [new_rows()], TODAY),
    ),
    "restore.foreseen": (
        "--+--",
        lambda at: restore.foreseen(at.office.engine, at.scope, at.viewer, at.gone, POSTED_AT),
    ),
    "withdraw.foreseen": (
        "-+---",
        lambda at: withdraw.foreseen(at.office.engine, at.scope, at.viewer, at.april, POSTED_AT),
    ),
    "undo.plan": ("-+---", lambda at: undo.plan(*at.here, 3)),
    "undo.foreseen": (
        "-+---",
        lambda at: undo.foreseen(at.office.engine, at.scope, at.viewer, 3, POSTED_AT),
    ),
}
# Parts of the acts above, tried with them.
WITHIN = {
    "accounts.is_own_password",
    "hand_in.read",
    "hand_in.settle",
    "made_files.settle",
    "post.post_checked",
    "post.preview_checked",
    "post_upload.carry_out",
    "post_upload.give_back",
    "record_refusal.record_refusal",
    "restore_backup.restore",  # into an empty store, in which nobody has a role
    "take_out.record",
    "take_out.rows_out",
    "withdraw.own_entry",
}
_OF_UPLOADS = ("hand_in.put_away", "hand_in.go_on", "mend_upload.", "post_upload.")
# On record whoever asks: that somebody tried.
_ATTEMPTS = ("upload_refused",)


@pytest.fixture
def prepared(office: Office, request: pytest.FixtureRequest) -> Office:
    """The office, with what the act is about."""
    act = request.node.callspec.params["act"]
    if act.startswith(_OF_UPLOADS):
        resources.desk().hand_in(LEAD, "示例.xlsx", new_rows().data)
        resources.desk().finish(30)
    if act.startswith("sessions."):
        accounts.begin_session(office.engine, office.stored, "leader", now())
    if act.startswith("sign_in."):
        sign_in.is_right(office.engine, office.stored, "leader", NEW_PASSWORD, "", now())
    if act == "record_result.record":
        here = (office.engine, office.stored, REVIEWER)
        draw_sample.draw(*here, DESIGN, "Q2", today=TODAY, now=POSTED_AT)
    return office


def held(office: Office) -> Rows:
    """Every row of every table; in the audit log, of what was done."""
    log = audit_line.c.act.not_in(_ATTEMPTS)
    with reading(office.engine) as connection:
        return {
            table.name: sorted(
                map(
                    tuple,
                    connection.execute(select(table).where(log if table is audit_line else true())),
                ),
                key=repr,
            )
            for table in metadata.sorted_tables
        }


def but_the_log(rows: Rows) -> Rows:
    """Those of every other table: what is looked at is on record too."""
    return {name: found for name, found in rows.items() if name != audit_line.name}


def tried(office: Office, viewer: Viewer, act: str) -> str:
    """`+` for what was done or given, `-` for what was not; then nothing has changed."""
    before = held(office)
    _, do = {**WRITES, **READS}[act]
    given: object = None
    refused = True
    # Another's upload is refused in the words for one that is put away.
    with suppress(RefusedError if act.startswith("mend_upload.") else NotPermittedError):
        given, refused = do(Desk(office, viewer)), False
    after = held(office)
    done = not refused and (after != before if act in WRITES else given not in (None, False))
    if not done or act in READS:
        assert but_the_log(after) == but_the_log(before)
    return "+" if done else "-"


def in_turn(expected: str) -> list[Viewer]:
    """Those first who may not: what others have done already would refuse them too."""
    return [each for _, each in sorted(zip(expected, EVERYONE, strict=True), key=_refused_first)]


def _refused_first(each: tuple[str, Viewer]) -> bool:
    return each[0] == "+"


@pytest.mark.parametrize("act", [*WRITES, *READS])
def test_an_act_is_done_for_those_who_may_and_for_nobody_else(prepared: Office, act: str):
    expected, _ = {**WRITES, **READS}[act]
    done = {viewer: tried(prepared, viewer, act) for viewer in in_turn(expected)}
    assert "".join(done[viewer] for viewer in EVERYONE) == expected


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("export", "+++++"),
        ("export_full_names", "---+-"),
        ("export_own_names", "-++--"),
        ("fetch_report", "+--++"),
        ("fetch_template", "-++--"),
        ("fetch_upload", "-++--"),
    ],
)
def test_a_file_is_put_on_record_for_those_who_may_take_it(office: Office, act: str, expected: str):
    def taken(viewer: Viewer) -> str:
        with suppress(NotPermittedError):
            take_out.put_on_record(*Desk(office, viewer).here, Taken(act, "all"), now())
            return "+"
        return "-"

    assert "".join(map(taken, EVERYONE)) == expected


def test_every_act_is_in_the_table():
    public = {
        f"{path.stem}.{node.name}"
        for path in (ROOT / "lib" / "actions").glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if "viewer" in {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
    }
    assert WRITES.keys() | READS.keys() | WITHIN == public


IN_A_CLOSED_MONTH: dict[str, Callable[[Desk], object]] = {
    "withdraw": lambda at: withdraw.withdraw(*at.here, at.march, **WHY),
    "attach": lambda at: evidence.attach(
        *at.here, resources.blobs(), Subject("entry", at.march), [picture()], POSTED_AT
    ),
}


@pytest.mark.parametrize("act", IN_A_CLOSED_MONTH)
def test_in_a_closed_month_nobody_does_it(office: Office, act: str):
    before = but_the_log(held(office))
    for viewer in EVERYONE:
        with pytest.raises(RefusedError):
            IN_A_CLOSED_MONTH[act](Desk(office, viewer))
    assert but_the_log(held(office)) == before


@pytest.mark.parametrize("act", ["withdraw", "restore", "evidence", "undo", "file", "record"])
def test_numbers_that_are_none_are_answered_like_another_teams(office: Office, act: str):
    def answered(viewer: Viewer, number: int) -> object:
        at = Desk(office, viewer)
        acts: dict[str, Callable[[], object]] = {
            "withdraw": lambda: withdraw.withdraw(*at.here, number, **WHY),
            "restore": lambda: restore.restore(*at.here, number, **WHY),
            "evidence": lambda: evidence.remove(*at.here, number, **WHY),
            "undo": lambda: undo.undo(*at.here, number, **WHY),
            "file": lambda: take_out.original_file(*at.here, number, now()),
            "record": lambda: record_result.record(
                *at.here, number, Result.TRUE, note="", shown=0, now=POSTED_AT
            ),
        }
        try:
            return acts[act]()
        except NotPermittedError as refusal:
            return refusal.sentence

    foreign = {"withdraw": 12, "restore": 12, "evidence": 4, "undo": 2, "file": 2, "record": 1}[act]
    numbers = (foreign, 0, -1, 999, 2**31, 2**63, 10**30)
    before = but_the_log(held(office))
    assert len({answered(LEAD, number) for number in numbers}) == 1
    assert but_the_log(held(office)) == before
