"""Undoing a receipt, and counting a withdrawn entry again: what the ledger says then (spec §3)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from sqlalchemy import select

from lib.access import Role, Viewer
from lib.actions import restore, undo, withdraw
from lib.actions.post import post
from lib.errors import NotPermittedError, RefusedError
from lib.kpi import receipts
from lib.kpi.measures import measures
from lib.kpi.receipts import OPERATORS, Asked, Part
from lib.kpi.rows import Page
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.store import contracts, schema
from lib.store.engine import open_store, reading
from tests.spec import small
from tests.spec.histories import AS_OF, Post, Undo, do, examples, histories_and_books, played
from tests.spec.plain import Figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from lib.actions.undo import Undoing
    from lib.store.contracts import StoredContract
    from lib.store.ledger import Receipt
    from tests.spec.histories import Act

FIRST, SECOND = Viewer("甲", Role.TEAM_LEAD, "一组"), Viewer("乙", Role.TEAM_LEAD, "二组")
TASKS = ("接待", "会务", "值班")
LATER = small.NOW + timedelta(minutes=5)
UNDONE_BY = "这张回执已于 2023-06-01 16:00 由 甲 撤销，见回执 2023-000002。"


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract in a store of its own."""
    return small.entered(engine)


def handed_in(
    engine: Engine,
    stored: StoredContract,
    *remarks: str | None,
    viewer: Viewer = FIRST,
    people: str = "赵一",
    restoring: bool = False,
) -> Receipt:
    """A receipt for entries 1, 2, 3, each with a remark of its own; None leaves the entry out."""
    day = date(2023, 3, 6)
    rows = [
        {"日期": day, "服务人员": people, "工作内容": task, "备注": remark}
        for task, remark in zip(TASKS, remarks, strict=False)
        if remark is not None
    ]
    book = small.workbook({"其他工作": rows})
    (done,) = post(
        engine, stored, viewer, [book], today=small.TODAY, now=small.NOW, restore=restoring
    )
    assert done.receipt
    return done.receipt


def undone(
    engine: Engine,
    stored: StoredContract,
    receipt_id: int,
    viewer: Viewer = FIRST,
    **facts: Any,  # noqa: ANN401 - as `undo` has them
) -> Receipt:
    """The receipt that undoes another."""
    facts = {"reason": "传错了文件", "now": small.NOW, **facts}
    return undo.undo(engine, stored, viewer, receipt_id, **facts)


def taken_out(engine: Engine, stored: StoredContract, entry_id: int) -> None:
    """Withdraw an entry by itself."""
    withdraw.withdraw(engine, stored, FIRST, entry_id, reason="录错了", now=small.NOW)


def versions(engine: Engine) -> list[tuple[Any, ...]]:
    """Every version: entry, version, receipt, row in its file, remark, who withdrew it by what."""
    version, mark, pointer = (
        schema.entry_version.c,
        schema.withdrawal.c,
        schema.entry.c,
    )
    query = (
        select(
            version.entry_id,
            version.version,
            version.receipt_id,
            version.source_row,
            version.details["remark"].as_string(),
            mark.receipt_id,
            mark.reason,
        )
        .select_from(
            schema.entry_version.outerjoin(
                schema.withdrawal,
                (version.entry_id == mark.entry_id) & (version.version == mark.version),
            )
        )
        .order_by(version.entry_id, version.version)
    )
    with reading(engine) as connection:
        rows = [tuple(row) for row in connection.execute(query)]
        pointers = connection.execute(select(pointer.entry_id, pointer.version, pointer.effective))
        latest = {row[0]: row for row in rows}  # the last of each entry
        assert {each.entry_id: (each.version, each.effective) for each in pointers} == {
            entry_id: (row[1], row[6] is None) for entry_id, row in latest.items()
        }
        return rows


def counting(engine: Engine) -> dict[int, str | None]:
    """The remark of every entry that counts."""
    latest = {row[0]: row for row in versions(engine)}
    return {entry_id: row[4] for entry_id, row in latest.items() if row[6] is None}


def counts(receipt: Receipt) -> tuple[int, ...]:
    """Added, corrected, unchanged, refused, withdrawn."""
    return (
        receipt.added,
        receipt.corrected,
        receipt.unchanged,
        receipt.refused,
        receipt.withdrawn,
    )


# What becomes of each entry.


def test_what_a_receipt_brought_is_withdrawn(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一", "二")
    receipt = undone(engine, stored, 1, reason=" 传错了文件 ")

    assert versions(engine) == [
        (1, 1, 1, 2, "一", 2, "传错了文件"),
        (2, 1, 1, 3, "二", 2, "传错了文件"),
    ]
    assert counts(receipt) == (0, 0, 0, 0, 2)
    assert (receipt.source, receipt.undoes, receipt.reason, receipt.team, receipt.number) == (
        "undoing",
        1,
        "传错了文件",
        "一组",
        "2023-000002",
    )


def test_what_a_receipt_corrected_says_again_what_it_said(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一", "二")
    handed_in(engine, stored, "改", "二", "三")
    receipt = undone(engine, stored, 2)

    assert versions(engine) == [
        (1, 1, 1, 2, "一", None, None),
        (1, 2, 2, 2, "改", None, None),
        (1, 3, 3, 2, "一", None, None),
        (2, 1, 1, 3, "二", None, None),
        (3, 1, 2, 4, "三", 3, "传错了文件"),
    ]
    assert counts(receipt) == (0, 1, 0, 0, 1)


def test_people_come_back_too(engine: Engine, stored: StoredContract):
    accepted = {
        "日期": date(2023, 3, 6),
        "村(社区)": "南村",
        "受理编号": "A1",
        "申请人": "张某",
        "救助类别": "低保",
        "办理环节": "受理",
    }
    played_by = [
        Post(({"业务协办": [{**accepted, "服务人员": people}]},))
        for people in ("赵一、钱二丰", "赵一")
    ]
    stored, _ = played(engine, [*played_by, Undo(1)])
    person = schema.entry_person.c
    with reading(engine) as connection:
        found = connection.execute(
            select(person.version, person.staff)
            .where(person.contract_id == stored.id)
            .order_by(person.version, person.staff)
        ).all()

    assert [tuple(row) for row in found] == [
        (1, "G1"),
        (1, "G2"),
        (2, "G1"),
        (3, "G1"),
        (3, "G2"),
    ]


def test_what_was_changed_since_stays_as_it_is(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一", "二", "三")
    handed_in(engine, stored, "改")
    taken_out(engine, stored, 2)
    before = versions(engine)
    shown = undo.plan(engine, stored, FIRST, 1)
    receipt = undone(engine, stored, 1)

    assert shown.left == (
        undo.Left(1, 2, undo.Why.CHANGED),
        undo.Left(2, 1, undo.Why.WITHDRAWN),
    )
    assert versions(engine) == [*before[:3], (3, 1, 1, 4, "三", 3, "传错了文件")]
    assert counts(receipt) == (0, 0, 2, 0, 1)


def test_what_had_been_withdrawn_before_the_receipt_is_withdrawn_again(
    engine: Engine, stored: StoredContract
):
    handed_in(engine, stored, "一")
    taken_out(engine, stored, 1)
    handed_in(engine, stored, "改")
    receipt = undone(engine, stored, 2)

    assert versions(engine) == [
        (1, 1, 1, 2, "一", None, "录错了"),
        (1, 2, 2, 2, "改", None, None),
        (1, 3, 3, 2, "一", 3, "传错了文件"),
    ]
    assert counts(receipt) == (0, 0, 0, 0, 1)


def test_receipts_are_undone_one_after_the_other_the_newest_first(
    engine: Engine, stored: StoredContract
):
    for remarks in (("一",), ("改",), ("再改", "二")):
        handed_in(engine, stored, *remarks)
    said = [counting(engine)]
    for receipt_id in (3, 2, 1):
        undone(engine, stored, receipt_id)
        said.append(counting(engine))

    assert said == [{1: "再改", 2: "二"}, {1: "改"}, {1: "一"}, {}]


def test_a_receipt_beneath_another_leaves_what_the_other_changed(
    engine: Engine, stored: StoredContract
):
    handed_in(engine, stored, "一", "二")
    handed_in(engine, stored, "改", "改")
    handed_in(engine, stored, "再改")
    undone(engine, stored, 2)
    assert counting(engine) == {1: "再改", 2: "二"}

    undone(engine, stored, 3)
    assert counting(engine) == {1: "改", 2: "二"}


def test_uploading_the_file_again_counts_its_rows_again(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一", "二")
    undone(engine, stored, 1)
    receipt = handed_in(engine, stored, "一", "二", restoring=True)

    assert counts(receipt) == (0, 2, 0, 0, 0)
    assert counting(engine) == {1: "一", 2: "二"}

    undone(engine, stored, 3)
    assert counting(engine) == {}


# What is refused.


@pytest.mark.parametrize("reason", ["", "  ", "\u200b\n"])
def test_undoing_wants_a_reason(engine: Engine, stored: StoredContract, reason: str):
    handed_in(engine, stored, "一")

    with pytest.raises(RefusedError, match=r"^撤销必须写明原因。$"):
        undone(engine, stored, 1, reason=reason)


def test_a_reason_too_long_is_refused_and_never_cut(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一")

    with pytest.raises(RefusedError, match=r"^原因写了 201 个字，最多 200 个，请写短一些。$"):
        undone(engine, stored, 1, reason="错" * 201)


def test_nothing_is_undone_twice(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一")
    undone(engine, stored, 1)

    with pytest.raises(RefusedError, match=f"^{UNDONE_BY}$"):
        undone(engine, stored, 1)


def test_an_undoing_is_not_undone(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一")
    undone(engine, stored, 1)

    with pytest.raises(RefusedError, match=r"^撤销不能再撤销。要让撤回的内容重新计入，请重新上传"):
        undone(engine, stored, 2)


def test_a_receipt_of_which_nothing_is_left_is_not_undone(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一", "二")
    handed_in(engine, stored, "改")
    taken_out(engine, stored, 2)

    with pytest.raises(RefusedError, match=r"^这张回执带来的内容后来都另有更正或撤回"):
        undone(engine, stored, 1)
    assert counting(engine) == {1: "改"}


@pytest.mark.parametrize("receipt_id", [1, 2, 0, -1, 3, 2**31, 2**63, 10**30])
def test_another_teams_receipt_and_one_that_does_not_exist_are_answered_alike(
    engine: Engine, stored: StoredContract, receipt_id: int
):
    handed_in(engine, stored, "一")
    handed_in(engine, stored, "一", viewer=small.ANYBODY, people="钱二丰")

    with pytest.raises(NotPermittedError, match=r"^您的角色不能撤销这张回执"):
        undone(engine, stored, receipt_id, SECOND)
    assert counting(engine) == {1: "一", 2: "一"}


def test_an_entry_whose_people_went_to_another_team_stays(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一", people="赵一")
    handed_in(engine, stored, None, "二", people="赵一、钱二丰")
    moved = {"G1": {**small.ROSTERS["服务人员"]["G1"], "小组": "二组"}}
    small.imported(engine, stored, {"服务人员": moved})

    with pytest.raises(RefusedError, match=r"^这张回执带来的内容后来都另有更正或撤回"):
        undone(engine, stored, 1)
    undone(engine, stored, 2)
    assert counting(engine) == {1: "一"}


@pytest.mark.parametrize("role", [Role.LEADER, Role.REVIEWER, Role.ADMIN])
def test_only_a_team_lead_undoes(engine: Engine, stored: StoredContract, role: Role):
    handed_in(engine, stored, "一")

    with pytest.raises(NotPermittedError):
        undone(engine, stored, 1, Viewer("丙", role, None))


# What was shown is what is done.


def planned(engine: Engine, stored: StoredContract, receipt_id: int = 1) -> Undoing:
    """What undoing would do now."""
    return undo.plan(engine, stored, FIRST, receipt_id)


def test_what_was_shown_is_done(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一")
    undone(engine, stored, 1, shown=planned(engine, stored).sha256)

    assert counting(engine) == {}


def test_what_is_no_longer_as_shown_is_not_done(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一", "二")
    shown = planned(engine, stored).sha256
    handed_in(engine, stored, "改")

    with pytest.raises(RefusedError, match=r"^刚有别的过账或撤回，撤销的内容已不同。"):
        undone(engine, stored, 1, shown=shown)
    assert counting(engine) == {1: "改", 2: "二"}
    assert planned(engine, stored).sha256 != shown


def test_of_two_who_undo_at_once_one_wins(store_url: str, engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一", "二")
    engines = [open_store(store_url) for _ in range(4)]

    def pressed(browser: Engine) -> str:
        try:
            return undone(browser, stored, 1).number
        except RefusedError as refusal:
            return refusal.sentence

    with ThreadPoolExecutor(len(engines)) as browsers:
        said = list(browsers.map(pressed, engines))
    for browser in engines:
        browser.dispose()

    assert sorted(said) == ["2023-000002", *[UNDONE_BY] * 3]
    assert counting(engine) == {}


def test_an_undoing_and_a_correction_at_once_follow_each_other(
    store_url: str, engine: Engine, stored: StoredContract
):
    handed_in(engine, stored, "一", "二")
    other = open_store(store_url)
    with ThreadPoolExecutor(2) as browsers:
        undoing = browsers.submit(undone, engine, stored, 1)
        correcting = browsers.submit(handed_in, other, stored, "改")
        receipts = undoing.result().receipt_id, correcting.result().receipt_id
    other.dispose()

    # Whichever came first, what the correction says counts, and what it did not touch does not.
    assert sorted(receipts) == [2, 3]
    assert counting(engine) == {1: "改"}


# What is kept, and put on record.


def test_an_undoing_keeps_a_file_that_says_what_it_did(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一")
    handed_in(engine, stored, "改", "二", "三")
    taken_out(engine, stored, 3)
    receipt = undone(engine, stored, 2)
    file = schema.upload_file.c
    with reading(engine) as connection:
        content = connection.scalar(select(file.content).where(file.sha256 == receipt.sha256))

    assert receipt.file_name == "撤销回执_2023-000002.jsonl"
    assert [json.loads(line) for line in content.decode().splitlines()] == [
        {"undoes": "2023-000002"},
        {"entry": 1, "version": 2, "counts": True, "back_to": 1},
        {"entry": 2, "version": 1, "counts": False},
        {"entry": 3, "version": 1, "left": "withdrawn"},
    ]
    assert [row[:4] for row in versions(engine) if row[2] == 3] == [(1, 3, 3, 2)]


def test_the_acts_are_on_record_without_the_reason(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一")
    handed_in(engine, stored, "改", "二")
    receipt = undone(engine, stored, 2)
    restore.restore(engine, stored, FIRST, 2, reason="核对属实", now=LATER)
    line = schema.audit_line.c
    with reading(engine) as connection:
        lines = connection.execute(
            select(line.at, line.by, line.act, line.subject, line.before, line.after)
            .where(line.act.in_(("undo", "restore")))
            .order_by(line.line_id)
        ).all()

    after = {"receipt": "2023-000003", "withdrawn": 1, "corrected": 1, "unchanged": 0}
    assert [tuple(row) for row in lines] == [
        (
            small.NOW,
            "甲",
            "undo",
            "2023-000002",
            {"added": 1, "corrected": 1},
            {"sha256": receipt.sha256, **after},
        ),
        (
            LATER,
            "甲",
            "restore",
            "entry 2 v2",
            {"effective": False},
            {"effective": True, "receipt": "2023-000004"},
        ),
    ]


# One entry counted again.


def test_a_withdrawn_entry_counts_again_as_a_version_of_its_own(
    engine: Engine, stored: StoredContract
):
    handed_in(engine, stored, "一")
    taken_out(engine, stored, 1)
    receipt = restore.restore(engine, stored, FIRST, 1, reason=" 核对属实 ", now=LATER)

    assert versions(engine) == [
        (1, 1, 1, 2, "一", None, "录错了"),
        (1, 2, 2, 1, "一", None, None),
    ]
    assert (receipt.source, receipt.reason, counts(receipt)) == (
        "restoring",
        "核对属实",
        (0, 1, 0, 0, 0),
    )

    undone(engine, stored, 2)
    assert counting(engine) == {}


def test_what_counts_is_not_counted_again(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一")

    with pytest.raises(RefusedError, match=r"^这条记录已在计入：2023-06-01 16:00，甲。$"):
        restore.restore(engine, stored, FIRST, 1, reason="核对属实", now=LATER)


@pytest.mark.parametrize("reason", ["", "  ", "\u200b\n"])
def test_counting_again_wants_a_reason(engine: Engine, stored: StoredContract, reason: str):
    handed_in(engine, stored, "一")
    taken_out(engine, stored, 1)

    with pytest.raises(RefusedError, match=r"^重新计入必须写明原因。$"):
        restore.restore(engine, stored, FIRST, 1, reason=reason, now=LATER)


@pytest.mark.parametrize("entry_id", [1, 0, -1, 2, 2**31, 2**63, 10**30])
def test_counting_again_is_for_the_entrys_own_team(
    engine: Engine, stored: StoredContract, entry_id: int
):
    handed_in(engine, stored, "一")
    taken_out(engine, stored, 1)

    with pytest.raises(NotPermittedError, match=r"^您的角色不能重新计入这条记录"):
        restore.restore(engine, stored, SECOND, entry_id, reason="核对属实", now=LATER)
    assert counting(engine) == {}


def test_an_entry_that_changed_since_it_was_looked_at_is_not_withdrawn(
    engine: Engine, stored: StoredContract
):
    handed_in(engine, stored, "一")
    handed_in(engine, stored, "改")

    with pytest.raises(RefusedError, match=r"^这条记录刚有变化（2023-06-01 16:00，甲），"):
        withdraw.withdraw(engine, stored, FIRST, 1, reason="录错了", now=LATER, shown=1)
    withdraw.withdraw(engine, stored, FIRST, 1, reason="录错了", now=LATER, shown=2)
    assert counting(engine) == {}


# What is read of the receipts.


def test_receipts_are_read_by_team_uploader_and_month(engine: Engine, stored: StoredContract):
    handed_in(engine, stored, "一")
    handed_in(engine, stored, "一", viewer=SECOND, people="孙三")
    handed_in(engine, stored, "一", viewer=small.ANYBODY, people="李四")
    undone(engine, stored, 1, now=datetime(2023, 6, 30, 16, tzinfo=UTC))
    june, july = Month(2023, 6), Month(2023, 7)
    asked = [
        Asked(),
        Asked(team="一组"),
        Asked(team=OPERATORS),
        Asked(by="乙"),
        Asked(month=june),
        Asked(month=july),
    ]
    with reading(engine) as connection:
        listed = [receipts.listed(connection, stored.id, each, Page(9)) for each in asked]
        numbers = [receipts.number_of(connection, stored.id, each) for each in asked]
        sides = receipts.other_sides(connection, stored.id, listed[0])
        second = receipts.listed(connection, stored.id, Asked(), Page(3, 2))
        months = receipts.months(connection, stored.id, Asked())
        teams = receipts.teams(connection, stored.id)

    assert [[each.receipt_id for each in found] for found in listed] == [
        [4, 3, 2, 1],
        [4, 1],
        [3],
        [2],
        [3, 2, 1],
        [4],
    ]
    assert numbers == [4, 2, 1, 1, 3, 1]
    assert {number: other.receipt_id for number, other in sides.items()} == {1: 4, 4: 1}
    assert [each.receipt_id for each in second] == [1]
    assert months == [july, june]
    assert teams == ["一组", "二组", OPERATORS]


def test_a_receipt_is_read_with_what_it_did_and_what_came_later(
    engine: Engine, stored: StoredContract
):
    handed_in(engine, stored, "一", "二", "三")
    taken_out(engine, stored, 3)
    handed_in(engine, stored, "改", "改", "改")
    handed_in(engine, stored, "再改")
    undone(engine, stored, 2)
    taken_out(engine, stored, 2)

    def did(receipt_id: int) -> list[list[tuple[int, int]]]:
        with reading(engine) as connection:
            return [
                list(receipts.changed(connection, stored.id, receipt_id, part, Page(9)))
                for part in Part
            ]

    assert {number: did(number) for number in (1, 2, 3, 4)} == {
        1: [[(1, 1), (2, 1), (3, 1)], [], []],
        2: [[], [(1, 2), (2, 2), (3, 2)], []],
        3: [[], [(1, 3)], []],
        4: [[], [(2, 3)], [(3, 3)]],
    }

    def came_later(receipt_id: int) -> tuple[list[tuple[int, int]], int]:
        with reading(engine) as connection:
            found = receipts.later(connection, stored.id, receipt_id)
        return [(each.receipt_id, number) for each, number in found.receipts], found.withdrawn

    assert {number: came_later(number) for number in (1, 2, 3, 4)} == {
        1: ([(2, 3), (3, 1), (4, 2)], 2),
        2: ([(3, 1), (4, 2)], 1),
        3: ([], 0),
        4: ([], 1),
    }


# The figures.


def test_what_is_foreseen_is_what_comes_and_nothing_is_kept_of_it(
    engine: Engine, stored: StoredContract
):
    handed_in(engine, stored, "一", people="赵一、钱二丰")
    handed_in(engine, stored, "一", "二", viewer=SECOND, people="孙三")
    scope = Scope(stored, small.END)
    before, kept = figures_of(engine, scope), versions(engine)
    effects = [
        undo.foreseen(engine, scope, FIRST, 1, small.NOW),
        withdraw.foreseen(engine, scope, SECOND, 2, small.NOW),
        undo.foreseen(engine, scope, SECOND, 2, small.NOW),
    ]
    assert [effect.person_days for effect in effects] == [-2, 0, -1]
    assert (figures_of(engine, scope), versions(engine)) == (before, kept)
    with reading(engine) as connection:
        assert contracts.revision(connection, stored.id) == 3  # the rosters and two receipts

    taken_out(engine, stored, 1)
    assert restore.foreseen(engine, scope, FIRST, 1, small.NOW).person_days == 2


def test_the_figures_that_move_are_foreseen(engine: Engine, stored: StoredContract):
    call = {"日期": date(2023, 3, 6), "服务人员": "赵一", "户编号": "H1", "政策宣讲": "是"}
    book = small.workbook({"专项行动": [call]})
    post(engine, stored, FIRST, [book], today=small.TODAY, now=small.NOW)
    effect = undo.foreseen(engine, Scope(stored, small.END), FIRST, 1, small.NOW)

    assert [
        (before.obligation.code, before.delivered, after.delivered)
        for before, after in effect.moved
    ] == [("campaign", 1, 0), ("campaign_households", 1, 0)]


@given(made=histories_and_books(), as_of=AS_OF)
@examples(15)
def test_undoing_the_last_receipt_gives_the_figures_before_it(
    shared_engine: Engine, made: tuple[Sequence[Act], Sequence[Post]], as_of: date
):
    history, books = made
    stored, ledger = played(shared_engine, history)
    scope = Scope(stored, as_of)
    found = figures_of(shared_engine, scope)
    for act in books:
        receipts = len(ledger.receipts)
        do(shared_engine, stored, ledger, act)
        if len(ledger.receipts) > receipts:
            do(shared_engine, stored, ledger, Undo(-1))
        assert figures_of(shared_engine, scope) == found
    assert found["entries"] == Figures(ledger, as_of).entries()


def figures_of(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Every figure as of the scope's day."""
    with reading(engine) as connection:
        return measures(connection, scope)
