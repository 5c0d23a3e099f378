"""Two at the same instant: one wins where only one can, and the other is told who and when.

`RACES` says how often each is run.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, select

from lib.access import Role, Viewer
from lib.actions import accounts, close_month, decide_finding, drafts, made_files, record_result
from lib.actions.decide_finding import Looked
from lib.actions.draw_sample import draw
from lib.actions.import_rosters import import_rosters
from lib.actions.post import Posted, post
from lib.actions.undo import undo
from lib.actions.withdraw import withdraw
from lib.findings import RULES
from lib.findings.found import State, findings
from lib.kpi.frame import Design
from lib.kpi.samples import Result
from lib.kpi.scope import Scope
from lib.store import drafts as stored_drafts
from lib.store import schema
from lib.store.engine import reading, writing
from tests.faults.acts import (
    FEBRUARY,
    FIRST,
    MARCH,
    ONE,
    PASSWORD,
    SATURDAY,
    TWO,
    Place,
    book,
    patrols,
    shown,
)
from tests.faults.children import Contender, attempted
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import Any

    from lib.periods import Month

    # What one of two contenders does, and what came of it: its value, or the sentence said.
    Deed = Callable[[Place], Any]
    # A race gives two deeds, gets what came of both, and says whether that is right: over and over.
    Rounds = Generator[tuple[Deed, ...], list[Any], None]
    Race = Callable[[Place], Rounds]

RACES = int(os.environ.get("RACES", "10"))
AT = small.NOW
SECONDS = 60  # after which a contender is taken to hang
WHEN = "2023-06-01 16:00"  # of that moment, as officials read it
_COLLEAGUE = Viewer("甲二", Role.TEAM_LEAD, "一组")
_FEBRUARY_DAY = date(2023, 2, 13)
_EXACT = (Decimal("0.95"), Decimal("0.2"))
_RULE = RULES["non_working_day"]


# What contenders do. Each can be sent to another process.


def posting(place: Place, viewer: Viewer, found: str, name: str, day: date) -> Posted:
    """Post one patrol."""
    workbook = book(patrols(day, found=found), name)
    engine, stored = place.engine, place.stored
    (done,) = post(engine, stored, viewer, [workbook], today=small.TODAY, now=AT)
    return done


def outcome(place: Place, viewer: Viewer, found: str, name: str, day: date) -> list[str]:
    """Post one patrol: what became of it, and its receipt's number if there is one."""
    done = posting(place, viewer, found, name, day)
    outcomes = [str(row.outcome) for row in done.plan.rows]
    return outcomes + ([done.receipt.number] if done.receipt else [])


def withdrawing(place: Place, viewer: Viewer, entry_id: int) -> str:
    """Withdraw an entry."""
    withdraw(place.engine, place.stored, viewer, entry_id, reason="录错了", now=AT)
    return viewer.name


def undoing(place: Place, viewer: Viewer, receipt_id: int) -> str:
    """Undo a receipt."""
    return undo(place.engine, place.stored, viewer, receipt_id, reason="传错了", now=AT).number


def signing(place: Place, viewer: Viewer, month: Month, looked_at: str) -> str:
    """Sign a month as it was looked at."""
    close_month.sign(
        place.engine,
        place.stored,
        viewer,
        month,
        password=PASSWORD,
        shown=looked_at,
        now=AT,
        today=small.TODAY,
    )
    return viewer.name


def reopening(place: Place, viewer: Viewer, month: Month) -> str:
    """Open a month again."""
    close_month.reopen(place.engine, place.stored, viewer, month, reason="有误", now=AT)
    return viewer.name


def deciding(place: Place, viewer: Viewer, looked: Looked, state: State) -> str:
    """Decide a finding."""
    engine, stored = place.engine, place.stored
    note, today = "已核实", small.TODAY
    decide_finding.decide(engine, stored, viewer, [looked], state, note=note, today=today, now=AT)
    return viewer.name


def drawing(place: Place, viewer: Viewer, seed: str) -> int:
    """Draw a sample of February."""
    design = Design(FEBRUARY.first.replace(day=10), FEBRUARY.last, ("patrol",), *_EXACT)
    return draw(place.engine, place.stored, viewer, design, seed, today=small.TODAY, now=AT)


def recording(place: Place, viewer: Viewer, item_id: int, result: Result, looked_at: int) -> str:
    """Record what was found of a drawn entry."""
    engine, stored, note = place.engine, place.stored, f"第{looked_at + 1}次"
    record_result.record(
        engine, stored, viewer, item_id, result, note=note, shown=looked_at, now=AT
    )
    return viewer.name


def typing(place: Place, text: str) -> str:
    """Keep a draft."""
    drafts.keep(place.engine, place.stored, FIRST, "patrol", {"found": text}, AT)
    return text


def redeeming(place: Place, ticket: str) -> bool:
    """Exchange a ticket for a token: whether there is one."""
    return accounts.redeem_ticket(place.engine, place.stored, ticket, AT) is not None


def installing(place: Place, name: str) -> str:
    """Add the first administrator."""
    accounts.add_first_admin(place.engine, place.stored, name, PASSWORD, AT)
    return name


def moving(place: Place, village: str) -> str:
    """Import a roster in which a household has moved."""
    row = {**small.ROSTERS["困难家庭"]["H4"], "村(社区)": village}
    listed = small.roster_workbook({"困难家庭": {"H4": row}})
    import_rosters(place.engine, place.stored, small.ADMINISTRATOR, listed, AT)
    return village


def visiting(place: Place, name: str, day: date) -> list[str]:
    """Post a visit to the household that moves."""
    row = {"日期": day, "服务人员": "赵一", "户编号": "H4", "政策宣讲": "是"}
    workbook = book({"专项行动": [row]}, name)
    (done,) = post(place.engine, place.stored, FIRST, [workbook], today=small.TODAY, now=AT)
    return [str(planned.outcome) for planned in done.plan.rows]


def archiving(place: Place, viewer: Viewer, now: Any) -> tuple[int, bool]:  # noqa: ANN401 - a moment
    """Ask for the acceptance file: its number, and whether that begins it."""
    return made_files.begin(place.engine, place.stored, viewer, {"through": "2023-03"}, now)


# The races.


def the_same_workbook_twice(place: Place) -> Rounds:
    """One receipt; the other sees its row unchanged."""
    for number in range(RACES):
        day = date(2023, 3, 1) + timedelta(days=number % 31)
        deed = partial(outcome, viewer=FIRST, found=f"第{number}次", name=f"同{number}", day=day)
        said = yield deed, deed
        (first, receipt), second = sorted(said, key=len, reverse=True)
        assert (first, second) == ("new" if number < 31 else "corrected", ["unchanged"])
        assert receipt == f"2023-{number + 1:06d}"


def two_workbooks_with_one_key(place: Place) -> Rounds:
    """Both count, one after the other: the later one corrects the earlier."""
    for number in range(RACES):
        day = date(2023, 3, 1) + timedelta(days=number % 31)
        deeds = [
            partial(outcome, viewer=FIRST, found=f"{who}{number}", name=f"{who}{number}", day=day)
            for who in "甲乙"
        ]
        said = yield tuple(deeds)
        numbers = [f"2023-{2 * number + 1:06d}", f"2023-{2 * number + 2:06d}"]
        assert sorted(number for _, number in said) == numbers
        order = [what for what, _ in sorted(said, key=lambda each: each[1])]
        assert order == ["new" if number < 31 else "corrected", "corrected"]


def two_reviewers_decide_one_finding(place: Place) -> Rounds:
    """One decides; the other is told who and when."""
    for number in range(RACES):
        posting(place, FIRST, f"第{number}次", f"疑{number}", SATURDAY)
        with reading(place.engine) as connection:
            scope = Scope(place.stored, MARCH.last)
            (finding,) = findings(connection, scope, month=str(MARCH), rules=[_RULE])
        seal = decide_finding.seal(finding)
        looked = Looked(_RULE.code, finding.subject, str(MARCH), seal)
        states = (State.CONFIRMED, State.DISMISSED)
        said = yield (
            partial(deciding, viewer=ONE, looked=looked, state=states[0]),
            partial(deciding, viewer=TWO, looked=looked, state=states[1]),
        )
        winner, told = _one_wins(said)
        word = "已认定" if winner == ONE.name else "已排除"
        assert told == (f"2023-03-11 的疑点刚有人处理：{word}，{WHEN}，{winner}。请看过再决定。")


def two_reviewers_sign_one_month(place: Place) -> Rounds:
    """One signs; the other is told who and when."""
    posting(place, FIRST, "如常", "月", _FEBRUARY_DAY)
    looked_at = shown(place, FEBRUARY)
    for _ in range(RACES):
        said = yield tuple(
            partial(signing, viewer=viewer, month=FEBRUARY, looked_at=looked_at)
            for viewer in (ONE, TWO)
        )
        winner, told = _one_wins(said)
        assert told == f"2023-02 已经签认：{WHEN}，{winner}。"
        reopening(place, ONE, FEBRUARY)


def a_month_is_signed_while_somebody_posts_into_it(place: Place) -> Rounds:
    """The row is signed, or refused; never in a signed month without having been looked at."""
    posting(place, FIRST, "如常", "先", _FEBRUARY_DAY)
    looked_at = shown(place, FEBRUARY)
    for number in range(RACES):
        name = f"后{number}"
        said = yield (
            partial(signing, viewer=ONE, month=FEBRUARY, looked_at=looked_at),
            partial(outcome, viewer=FIRST, found=name, name=name, day=_FEBRUARY_DAY),
        )
        signed, posted = said
        if signed == ONE.name:
            assert posted == ["refused"]
            reopening(place, TWO, FEBRUARY)
        else:
            assert signed == (
                "您打开页面之后，2023-02 的记录、疑点或抽查有了变化，请看过现在的数字再签认。"
            )
            assert posted[0] == "corrected"
            looked_at = shown(place, FEBRUARY)


def an_undoing_and_a_correction_of_the_same_row(place: Place) -> Rounds:
    """The correction comes first and nothing is left to undo, or it brings the row back."""
    for number in range(RACES):
        day = date(2023, 3, 1) + timedelta(days=number % 31)
        brought = posting(place, FIRST, f"先{number}", f"先{number}", day).receipt
        assert brought
        name = f"后{number}"
        undone, posted = yield (
            partial(undoing, viewer=FIRST, receipt_id=brought.receipt_id),
            partial(outcome, viewer=FIRST, found=name, name=name, day=day),
        )
        assert posted[0] == "corrected"
        numbers = [f"2023-{brought.receipt_id + n:06d}" for n in (1, 2)]
        if undone.startswith("2023-"):
            assert [undone, posted[1]] == numbers
        else:
            assert undone == "这张回执带来的内容后来都另有更正或撤回，没有可撤销的。"
            assert posted[1] == numbers[0]


def an_entry_is_withdrawn_twice(place: Place) -> Rounds:
    """One withdraws it; the other is told who and when."""
    for number in range(RACES):
        posting(place, FIRST, f"第{number}次", f"撤{number}", _FEBRUARY_DAY)
        said = yield tuple(
            partial(withdrawing, viewer=viewer, entry_id=1) for viewer in (FIRST, _COLLEAGUE)
        )
        winner, told = _one_wins(said)
        assert told == f"这条记录已经撤回：{WHEN}，{winner}。"


def two_tabs_keep_one_draft(place: Place) -> Rounds:
    """The slot holds what one of them typed, whole."""
    for number in range(RACES):
        texts = [f"左{number}", f"右{number}"]
        said = yield tuple(partial(typing, text=text) for text in texts)
        assert said == texts
        with reading(place.engine) as connection:
            (draft,) = stored_drafts.listed(connection, place.stored.id, FIRST.name)
        assert draft.cells["found"] in texts


def a_ticket_is_redeemed_twice(place: Place) -> Rounds:
    """It is good for one of them."""
    for _ in range(RACES):
        signed_in = accounts.begin_session(place.engine, place.stored, FIRST.name, AT)
        deed = partial(redeeming, ticket=signed_in.ticket)
        said = yield deed, deed
        assert sorted(said) == [False, True]


def two_first_administrators(place: Place) -> Rounds:
    """There is one; the other is asked to sign in."""
    for _ in range(RACES):
        with writing(place.engine) as connection:
            for table in (schema.session, schema.draft, schema.account):
                connection.execute(delete(table))
        said = yield tuple(partial(installing, name=name) for name in ("admin1", "admin2"))
        winner, told = _one_wins(said)
        assert told == "已经有用户了，请用已有的账号登录。"
        with reading(place.engine) as connection:
            names = connection.execute(select(schema.account.c.name)).scalars().all()
        assert names == [winner]


def two_samples_are_drawn(place: Place) -> Rounds:
    """Asked for alike they are the same one; otherwise two."""
    posting(place, FIRST, "如常", "样", _FEBRUARY_DAY)
    drawn = 0
    for number in range(RACES):
        seeds = [f"K{number}", f"K{number}" if number % 2 else f"L{number}"]
        said = yield tuple(partial(drawing, viewer=ONE, seed=seed) for seed in seeds)
        new = len(set(seeds))
        assert sorted(set(said)) == list(range(drawn + 1, drawn + new + 1))
        drawn += new


def two_results_of_one_entry(place: Place) -> Rounds:
    """One is recorded; the other is told who and when."""
    posting(place, FIRST, "如常", "样", _FEBRUARY_DAY)
    drawing(place, ONE, "K1")
    for number in range(RACES):
        said = yield (
            partial(recording, viewer=ONE, item_id=1, result=Result.TRUE, looked_at=number),
            partial(recording, viewer=TWO, item_id=1, result=Result.UNTRUE, looked_at=number),
        )
        winner, told = _one_wins(said)
        word = "属实" if winner == ONE.name else "不符"
        assert told == f"这条刚由 {winner} 于 {WHEN} 记为“{word}”，请看过再决定。"


def a_roster_is_imported_while_somebody_posts(place: Place) -> Rounds:
    """The row stands where the household lived by the roster of its moment."""
    for number in range(RACES):
        village, code = [("南村", "L2"), ("西山村", "L3")][number % 2]
        before = [("西山村", "L3"), ("南村", "L2")][number % 2][1]
        day = date(2023, 2, 10) + timedelta(days=number)
        said = yield (
            partial(moving, village=village),
            partial(visiting, name=f"访{number}", day=day),
        )
        assert said == [village, ["new"]]
        with reading(place.engine) as connection:
            query = select(schema.entry_version.c.locality).order_by(
                schema.entry_version.c.entry_id.desc()
            )
            assert connection.execute(query.limit(1)).scalar_one() in (before, code)


def one_archive_is_asked_for_twice(place: Place) -> Rounds:
    """It is made once; the other click finds it in the making."""
    for number in range(RACES):
        deed = partial(archiving, viewer=ONE, now=AT + timedelta(minutes=2 * number))
        said = yield deed, deed
        assert sorted(begins for _, begins in said) == [False, True]
        assert len({file_id for file_id, _ in said}) == 1


def a_month_is_opened_again_while_the_next_is_signed(place: Place) -> Rounds:
    """The next is signed and opened with it, or it cannot be signed before it."""
    posting(place, FIRST, "如常", "二月", _FEBRUARY_DAY)
    posting(place, FIRST, "如常", "三月", SATURDAY)
    february, looked_at = shown(place, FEBRUARY), shown(place, MARCH)
    for _ in range(RACES):
        signing(place, ONE, FEBRUARY, february)
        opened, signed = yield (
            partial(reopening, viewer=TWO, month=FEBRUARY),
            partial(signing, viewer=ONE, month=MARCH, looked_at=looked_at),
        )
        assert opened == TWO.name
        assert signed in (ONE.name, "各月要按顺序签认，请先签认 2023-02。")
        with reading(place.engine) as connection:
            ended = connection.execute(select(func.count()).select_from(schema.reopening))
            ever = connection.execute(select(func.count()).select_from(schema.signature))
            assert ended.scalar_one() == ever.scalar_one()


def _one_wins(said: Sequence[str]) -> tuple[str, str]:
    """The name of the one that won, and what the other was told."""
    winner, told = sorted(said, key=len)
    return winner, told


RACED = (
    the_same_workbook_twice,
    two_workbooks_with_one_key,
    two_reviewers_decide_one_finding,
    two_reviewers_sign_one_month,
    a_month_is_signed_while_somebody_posts_into_it,
    an_undoing_and_a_correction_of_the_same_row,
    an_entry_is_withdrawn_twice,
    two_tabs_keep_one_draft,
    a_ticket_is_redeemed_twice,
    two_first_administrators,
    two_samples_are_drawn,
    two_results_of_one_entry,
    a_roster_is_imported_while_somebody_posts,
    one_archive_is_asked_for_twice,
    a_month_is_opened_again_while_the_next_is_signed,
)
# Those that are run between processes too, where no lock of Python's helps.
BETWEEN_PROCESSES = (
    the_same_workbook_twice,
    two_reviewers_decide_one_finding,
    an_undoing_and_a_correction_of_the_same_row,
    an_entry_is_withdrawn_twice,
)


@pytest.mark.parametrize("race", RACED, ids=lambda race: race.__name__)
def test_between_threads(place: Place, race: Race):
    together = Barrier(2)
    with ExitStack() as ended, ThreadPoolExecutor(2) as threads:
        places = [_again(place) for _ in range(2)]
        for each in places:
            ended.callback(each.engine.dispose)

        def at_once(deed: Deed, where: Place) -> Any:  # noqa: ANN401 - as it comes
            together.wait(SECONDS)
            return attempted(deed, where)

        _run(race(place), lambda deeds: list(threads.map(at_once, deeds, places)))


@pytest.mark.parametrize("race", BETWEEN_PROCESSES, ids=lambda race: race.__name__)
def test_between_processes(place: Place, race: Race):
    with Contender.two(_url(place), place.evidence) as both:

        def at_once(deeds: tuple[Deed, ...]) -> list[Any]:
            for contender, deed in zip(both, deeds, strict=True):
                contender.begin(deed)
            return [contender.said() for contender in both]

        _run(race(place), at_once)


def _again(place: Place) -> Place:
    return Place.opened(_url(place), place.evidence)


def _url(place: Place) -> str:
    return place.engine.url.render_as_string(hide_password=False)


def _run(race: Rounds, at_once: Callable[[Any], list[Any]]) -> None:
    """Let every round's deeds be done at once, and the race look at what came of them."""
    deeds = next(race)
    while True:
        try:
            deeds = race.send(at_once(deeds))
        except StopIteration:
            return
