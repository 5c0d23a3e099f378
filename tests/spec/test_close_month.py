"""Closing a month (spec §5): who may sign which month, what is kept of it, opening it again."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from lib import contract
from lib.access import Role, Viewer
from lib.actions import accounts, sign_in
from lib.actions.close_month import proposed, reopen, sign, to_reopen
from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.errors import NotPermittedError, RefusedError
from lib.kpi import settled
from lib.kpi.recomputed import recomputed, signed_terms
from lib.kpi.scope import Scope
from lib.periods import Month, months_of
from lib.store import contracts, signatures, signing
from lib.store.contracts import StoredContract
from lib.store.engine import reading
from lib.store.schema import audit_line, calendar_day
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection, Engine

    from lib.store.signatures import Signature

FEBRUARY, MARCH, APRIL, MAY = Month(2023, 2), Month(2023, 3), Month(2023, 4), Month(2023, 5)
ONE, TWO = Viewer("验收甲", Role.REVIEWER), Viewer("验收乙", Role.REVIEWER)
PASSWORD = "云杉-口令-2023"
SIGNED_AT = datetime(2023, 6, 1, 9, 30, tzinfo=UTC)
BOOK = {
    "对象排查": [
        {
            "日期": date(2023, month, 10),
            "服务人员": "赵一",
            "村(社区)": "南村",
            "排查情况": "走访",
        }
        for month in (2, 3, 4)
    ],
    "家计调查": [
        {
            "日期": date(2023, 3, 13),
            "服务人员": "赵一",
            "调查类型": "新增申请",
            "受理编号": "A1",
            "村(社区)": "南村",
            "调查结论": "符合",
        }
    ],
    "特困老人核查": [
        {
            "日期": date(2023, 3, day),
            "服务人员": "赵一、钱二丰",
            "特困人员编号": "E1",
            "生活状况": "良好",
            "健康状况": "良好",
        }
        for day in (10, 20)
    ],
}


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract with rows in three months and two reviewers, long after its end."""
    entered = small.entered(engine)
    book = small.workbook(BOOK)
    post(engine, entered, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    for viewer in (ONE, TWO):
        accounts.add_account(engine, entered, small.ADMINISTRATOR, viewer, PASSWORD, small.NOW)
    return entered


def shown(engine: Engine, stored: StoredContract, month: Month) -> str:
    """The hash of what a page shows of a month now."""
    with reading(engine) as connection:
        return proposed(connection, Scope(stored, small.TODAY), month).shown


def signed(
    engine: Engine,
    stored: StoredContract,
    month: Month,
    viewer: Viewer = ONE,
    *,
    password: str = PASSWORD,
    looked_at: str | None = None,
    today: date = small.TODAY,
    now: datetime = SIGNED_AT,
) -> int:
    """Sign a month as it is now."""
    seen = shown(engine, stored, month) if looked_at is None else looked_at
    return sign(engine, stored, viewer, month, password=password, shown=seen, now=now, today=today)


def refusal(engine: Engine, stored: StoredContract, month: Month, **other: object) -> str:
    """The sentence with which signing is refused; nothing is kept of it."""
    before = held(engine, stored)
    with pytest.raises(RefusedError) as refused:
        signed(engine, stored, month, **other)
    assert held(engine, stored) == before
    return refused.value.sentence


def held(engine: Engine, stored: StoredContract) -> Sequence[Signature]:
    """Every signature that is kept."""
    with reading(engine) as connection:
        return signatures.listed(connection, stored.id)


def audited(engine: Engine, stored: StoredContract, act: str) -> Sequence[Mapping[str, Any]]:
    """The audit lines of an act."""
    query = select(audit_line).where(audit_line.c.contract_id == stored.id, audit_line.c.act == act)
    with reading(engine) as connection:
        return [
            {name: row[name] for name in ("by", "subject", "before", "after")}
            for row in connection.execute(query.order_by(audit_line.c.line_id)).mappings()
        ]


def test_a_month_is_kept_as_it_was_shown(engine: Engine, stored: StoredContract):
    with reading(engine) as connection:
        seen = proposed(connection, Scope(stored, small.TODAY), FEBRUARY)
        rows = signing.rows(connection, stored.id, FEBRUARY)
    assert signed(engine, stored, FEBRUARY) == 1
    assert signed(engine, stored, MARCH, TWO) == 2

    first, second = held(engine, stored)
    assert first.figures == settled.facts(seen.settled)
    assert settled.read(first.figures) == seen.settled
    assert (first.month, first.signed_at, first.signed_by) == ("2023-02", SIGNED_AT, "验收甲")
    assert (first.entries, first.entries_hash) == (1, signing.entries_hash(rows))
    assert (first.previous_hash, second.previous_hash) == ("", first.hash)
    assert (second.month, second.signed_by, second.entries) == ("2023-03", "验收乙", 4)
    for each in (first, second):
        sealed = {name: getattr(each, name) for name in signing.SEALED}
        assert each.hash == signing.seal(each.previous_hash, sealed)
    with reading(engine) as connection:
        assert signing.signed_rows(connection, stored.id, 1) == rows


def test_what_figures_depend_on_is_kept_and_nobody_is_named(engine: Engine, stored: StoredContract):
    signed(engine, stored, FEBRUARY)
    (kept,) = held(engine, stored)

    assert signed_terms(kept) == stored.terms
    assert kept.parameters["elders"] == {code: ["2022-01-01", None] for code in ("E1", "E2", "E3")}
    assert kept.parameters["working_days"]["2023-04"] == [
        *(3, 4, 6, 7, 10, 11, 12, 13, 14, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28),
    ]
    text = f"{kept.figures}{kept.parameters}"
    members = [each for sheet in small.ROSTERS.values() for each in sheet.values()]
    names = {each.get("姓名", each.get("户主姓名")) for each in members} - {None}
    assert names
    assert not [name for name in names if re.search(name, text)]


def test_signing_is_on_record(engine: Engine, stored: StoredContract):
    signed(engine, stored, FEBRUARY)
    (kept,) = held(engine, stored)

    after = {"signature": 1, "entries": 1, "hash": kept.hash}
    assert audited(engine, stored, "sign_month") == [
        {"by": "验收甲", "subject": "2023-02", "before": None, "after": after}
    ]


def test_only_reviewers_sign_and_open_again(engine: Engine, stored: StoredContract):
    for role in (Role.LEADER, Role.TEAM_LEAD, Role.ADMIN, None):
        viewer = Viewer("某人", role, "一组" if role is Role.TEAM_LEAD else None)
        with pytest.raises(NotPermittedError):
            signed(engine, stored, FEBRUARY, viewer)
        with pytest.raises(NotPermittedError):
            reopen(engine, stored, viewer, FEBRUARY, reason="更正", now=SIGNED_AT)
    assert held(engine, stored) == []


def test_a_wrong_password_is_counted_as_at_sign_in(engine: Engine, stored: StoredContract):
    for wrong in ["", "猜的-口令-2023", "x" * 80] * 3 + ["又错"]:
        sentence = refusal(engine, stored, FEBRUARY, password=wrong)
        assert sentence == "密码不对，没有签认。"
    locked = "密码输错次数过多，请 1 分钟后再试。"
    assert refusal(engine, stored, FEBRUARY) == locked
    assert len(audited(engine, stored, "sign_in_failed")) == sign_in.OF_ACCOUNT.free

    later = SIGNED_AT + timedelta(minutes=1)
    assert signed(engine, stored, FEBRUARY, now=later) == 1


def test_months_are_signed_in_order_after_their_last_day(engine: Engine, stored: StoredContract):
    assert refusal(engine, stored, MARCH) == "各月要按顺序签认，请先签认 2023-02。"
    assert (
        refusal(engine, stored, FEBRUARY, today=date(2023, 2, 28))
        == "2023-02 还没有结束，2023-02-28 过后才能签认。"
    )
    signed(engine, stored, FEBRUARY, today=date(2023, 3, 1))
    signed(engine, stored, MARCH)
    signed(engine, stored, APRIL)
    assert (
        refusal(engine, stored, MAY, today=small.END)
        == "2023-05 还没有结束，2023-05-07 过后才能签认。"
    )
    signed(engine, stored, MAY, today=date(2023, 5, 8))


def test_another_month_is_not_signed(engine: Engine, stored: StoredContract):
    for month in (Month(2023, 1), Month(2023, 6)):
        told = f"{month} 不在合同期内，不能签认。"
        assert refusal(engine, stored, month, looked_at="") == told


def test_a_signed_month_is_not_signed_again(engine: Engine, stored: StoredContract):
    signed(engine, stored, FEBRUARY)

    told = "2023-02 已经签认：2023-06-01 17:30，验收甲。"
    assert refusal(engine, stored, FEBRUARY, viewer=TWO) == told


def test_what_has_changed_since_is_looked_at_first(engine: Engine, stored: StoredContract):
    seen = shown(engine, stored, FEBRUARY)
    withdraw(engine, stored, small.ANYBODY, 1, reason="错录", now=small.NOW)

    assert refusal(engine, stored, FEBRUARY, looked_at=seen) == (
        "您打开页面之后，2023-02 的记录、疑点或抽查有了变化，请看过现在的数字再签认。"
    )
    assert signed(engine, stored, FEBRUARY) == 1


def test_of_two_reviewers_at_once_one_signs_and_the_other_is_told(
    engine: Engine, stored: StoredContract
):
    seen = shown(engine, stored, FEBRUARY)

    def tried(viewer: Viewer) -> str:
        try:
            signed(engine, stored, FEBRUARY, viewer, looked_at=seen)
        except RefusedError as refused:
            return refused.sentence
        return viewer.name

    with ThreadPoolExecutor(2) as hands:
        said = list(hands.map(tried, (ONE, TWO)))

    (kept,) = held(engine, stored)
    other = {ONE.name: TWO, TWO.name: ONE}[kept.signed_by]
    told = f"2023-02 已经签认：2023-06-01 17:30，{kept.signed_by}。"
    assert set(said) == {kept.signed_by, told}
    assert said[(ONE, TWO).index(other)] == told


def test_opening_a_month_opens_the_later_ones_for_the_same_reason(
    engine: Engine, stored: StoredContract
):
    for month in (FEBRUARY, MARCH, APRIL):
        signed(engine, stored, month)
    with reading(engine) as connection:
        closed = signatures.closed(connection, stored.id)
    assert [each.month for each in to_reopen(closed, "2023-03")] == ["2023-03", "2023-04"]
    reopen(engine, stored, TWO, MARCH, reason=" 漏记  一天 ", now=SIGNED_AT, shown=2)

    assert [(each.month, each.reopened_by, each.reason) for each in held(engine, stored)] == [
        ("2023-02", None, None),
        ("2023-03", "验收乙", "漏记 一天"),
        ("2023-04", "验收乙", "漏记 一天"),
    ]
    assert audited(engine, stored, "reopen_month") == [
        {
            "by": "验收乙",
            "subject": "2023-03",
            "before": {"signatures": [2, 3]},
            "after": {"months": ["2023-03", "2023-04"]},
        }
    ]
    assert refusal(engine, stored, APRIL) == "各月要按顺序签认，请先签认 2023-03。"
    assert signed(engine, stored, MARCH) == 4
    first, *_, last = held(engine, stored)
    assert (last.month, last.previous_hash) == ("2023-03", first.hash)


def reopening(engine: Engine, stored: StoredContract, **other: object) -> str:
    """The sentence with which opening February again is refused."""
    with pytest.raises(RefusedError) as refused:
        reopen(engine, stored, ONE, FEBRUARY, now=SIGNED_AT, **{"reason": "更正", **other})
    return refused.value.sentence


def test_opening_again_is_refused_without_a_reason_or_a_signature(
    engine: Engine, stored: StoredContract
):
    assert reopening(engine, stored) == "2023-02 还没有签认，不用重新打开。"
    signed(engine, stored, FEBRUARY)
    assert reopening(engine, stored, reason=" ") == "重新打开必须写明原因。"
    assert reopening(engine, stored, reason="长" * 201) == (
        "原因写了 201 个字，最多 200 个，请写短一些。"
    )
    reopen(engine, stored, TWO, FEBRUARY, reason="更正", now=SIGNED_AT)
    assert reopening(engine, stored) == "2023-02 已经重新打开：2023-06-01 17:30，验收乙。"
    signed(engine, stored, FEBRUARY)
    assert reopening(engine, stored, shown=1) == (
        "2023-02 刚又签认过（2023-06-01 17:30，验收甲），请看过现在的签认再决定。"
    )
    assert [each.reopened_by for each in held(engine, stored)] == ["验收乙", None]


def again(engine: Engine, stored: StoredContract) -> list[dict[str, Any]]:
    """Every signed month's figures computed again."""
    with contracts.rehearsing(engine, stored) as connection:
        return [
            recomputed(connection, stored, each)
            for each in signatures.listed(connection, stored.id)
        ]


def figures_now(connection: Connection, stored: StoredContract) -> list[dict[str, Any]]:
    """Every month's figures as they come out today."""
    scope = Scope(stored, small.TODAY)
    months = (settled.of_month(connection, scope, m) for m in months_of(stored.terms.period))
    return [settled.computed(settled.facts(month)) for month in months]


def test_signed_figures_are_found_again_whatever_has_changed_beside_the_entries(
    engine: Engine, stored: StoredContract
):
    months = list(months_of(stored.terms.period))
    for month in months:
        signed(engine, stored, month)
    as_signed = [settled.computed(each.figures) for each in held(engine, stored)]
    assert again(engine, stored) == as_signed

    elders = small.ROSTERS["特困人员"]
    listed = {
        "E1": {**elders["E1"], "退出日期": date(2023, 3, 5)},
        "E2": {**elders["E2"], "纳入日期": date(2023, 4, 1)},
        "E9": {**elders["E3"], "编号": "E9", "姓名": "何大"},
    }
    small.imported(engine, stored, {"特困人员": listed})
    text = small.TERMS.replace(
        'name = "对象排查"\nperson_days = 5', 'name = "排查"\nperson_days = 9'
    )
    other = contract.parse(text, "改.toml").model_copy(update={"code": stored.terms.code})
    changed = StoredContract(other, stored.id)
    with contracts.acting(engine, changed) as connection:
        holiday = update(calendar_day).where(
            calendar_day.c.day.between(date(2023, 3, 6), date(2023, 3, 10))
        )
        connection.execute(holiday.values(is_working=False))
    with reading(engine) as connection:
        now = figures_now(connection, changed)

    assert all(one != other for one, other in zip(now, as_signed, strict=True))
    assert again(engine, changed) == as_signed
    with contracts.rehearsing(engine, changed) as connection:  # and all is set back at once
        for each in signatures.listed(connection, stored.id):
            recomputed(connection, changed, each)
        assert figures_now(connection, changed) == now


def test_figures_under_other_parameters_are_others(engine: Engine, stored: StoredContract):
    signed(engine, stored, FEBRUARY)
    (kept,) = held(engine, stored)
    other = replace(kept, parameters={**kept.parameters, "elders": {}})

    with contracts.rehearsing(engine, stored) as connection:
        assert recomputed(connection, stored, other) != settled.computed(kept.figures)
