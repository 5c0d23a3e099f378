"""Drawing samples, recording what was found, and what a sample says of its period (spec §5)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from lib.access import Role, Viewer
from lib.actions import draw_sample, evidence, record_result, withdraw
from lib.actions.post import post
from lib.errors import NotPermittedError, RefusedError
from lib.kpi import samples
from lib.kpi.frame import Design
from lib.kpi.redrawn import redrawn
from lib.kpi.samples import Checked, Result
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.pictures.cleaning import Picture
from lib.store import audit, contracts
from lib.store.blobs import open_blobs
from lib.store.engine import open_store, reading, writing
from lib.store.evidence import Subject
from lib.store.schema import audit_line, entry, entry_version, signature
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from lib.kpi.samples import Sample
    from lib.store.blobs import Blobs
    from lib.store.contracts import StoredContract

REVIEWER, OTHER = Viewer("验收甲", Role.REVIEWER), Viewer("验收乙", Role.REVIEWER)
OTHERS = (
    Viewer("领导", Role.LEADER),
    Viewer("组长", Role.TEAM_LEAD, "一组"),
    Viewer("管理员", Role.ADMIN),
)
LATER = small.NOW + timedelta(minutes=5)
MARCH = Design(
    date(2023, 3, 1),
    date(2023, 3, 31),
    ("patrol", "publicity", "other_task"),
    Decimal("0.95"),
    Decimal("0.2"),
)
CLOSED = (
    "2023-03 已签认封存（2023-06-01 16:05，验收甲），不能再改；"
    "确需更正，请验收人员说明原因后重新打开该月。"
)


def march_rows() -> dict[str, list[Mapping[str, Any]]]:
    """40 entries: 12 and 6 patrols, 18 and 1 of publicity in three places, 3 of other work."""

    def visits(number: int, place: str, **other: object) -> list[Mapping[str, Any]]:
        return [
            {"日期": date(2023, 3, 1 + n), "服务人员": "赵一", "村(社区)": place, **other}
            for n in range(number)
        ]

    return {
        "对象排查": [
            *visits(12, "东社区", 排查情况="如常"),
            *visits(6, "南村", 排查情况="如常"),
        ],
        "政策宣传": [
            *visits(18, "南村", 宣传形式="入户宣讲"),
            *visits(1, "西山村", 宣传形式="广播"),
        ],
        "其他工作": [
            {"日期": date(2023, 3, 20 + n), "服务人员": "赵一", "工作内容": "值班"}
            for n in range(3)
        ],
    }


def posted(
    engine: Engine,
    stored: StoredContract,
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    now=None,
) -> None:
    """Post rows; none may be refused."""
    book = small.workbook(rows)
    (done,) = post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=now or small.NOW)
    assert not done.plan.refusals


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract with March's entries."""
    stored = small.entered(engine)
    posted(engine, stored, march_rows())
    return stored


def draw(
    engine: Engine,
    stored: StoredContract,
    design: Design = MARCH,
    seed: str = "K7-2023",
    viewer: Viewer = REVIEWER,
    today: date = small.TODAY,
) -> int:
    return draw_sample.draw(
        engine, stored, viewer, design, seed, today=today, now=small.NOW + timedelta(minutes=1)
    )


def record(
    engine: Engine,
    stored: StoredContract,
    item_id: int,
    result: Result = Result.TRUE,
    note: str = "",
    *,
    shown: int = 0,
    viewer: Viewer = REVIEWER,
    now: Any = LATER,  # noqa: ANN401 - a moment
) -> None:
    record_result.record(engine, stored, viewer, item_id, result, note=note, shown=shown, now=now)


def sample_of(engine: Engine, stored: StoredContract, sample_id: int = 1) -> Sample:
    with reading(engine) as connection:
        found = samples.one(connection, stored.id, sample_id)
    assert found
    return found


def keys_of(engine: Engine, stored: StoredContract, sample_id: int = 1) -> list[tuple[str, str]]:
    """Kind and natural key of each item, in order."""
    items = sample_of(engine, stored, sample_id).items
    with reading(engine) as connection:
        query = select(entry.c.entry_id, entry.c.kind, entry.c.natural_key)
        found = connection.execute(query.where(entry.c.contract_id == stored.id))
        keys = {row.entry_id: (row.kind, row.natural_key) for row in found}
    return [keys[item.entry_id] for item in items]


def refusal(call, error: type[RefusedError] = RefusedError) -> str:
    with pytest.raises(RefusedError) as refused:
        call()
    assert type(refused.value) is error
    return refused.value.sentence


def close(engine: Engine, stored: StoredContract, month: str, at: datetime = LATER) -> None:
    """Write a signature of a month as the store holds one."""
    facts = {"figures": {}, "parameters": {}, "entries": 0, "entries_hash": ""}
    with writing(engine) as connection:
        connection.execute(
            insert(signature).values(
                contract_id=stored.id,
                signature_id=1,
                month=month,
                signed_at=at,
                signed_by=REVIEWER.name,
                previous_hash="",
                hash="",
                **facts,
            )
        )
        audit.record(connection, stored.id, at=at, viewer=REVIEWER, act="sign_month", subject=month)


def audited(engine: Engine, act: str) -> list[tuple[Any, ...]]:
    columns = [audit_line.c[name] for name in ("by", "subject", "before", "after")]
    with reading(engine) as connection:
        query = select(*columns).where(audit_line.c.act == act).order_by(audit_line.c.line_id)
        return [tuple(row) for row in connection.execute(query)]


# Drawing


def drawn_by_hand(seed: str, sizes: Mapping[tuple[str, str], int]) -> set[tuple[str, str]]:
    """What a seed draws, from the rows as they were typed, with hashlib and sorted alone."""
    codes = {"东社区": "L1", "南村": "L2", "西山村": "L3"}
    keys: dict[tuple[str, str], list[str]] = {}
    for row in march_rows()["对象排查"]:
        place = codes[row["村(社区)"]]
        key = f'["{row["日期"]}","{place}",["G1"]]'
        keys.setdefault(("patrol", place), []).append(key)
    for row in march_rows()["政策宣传"]:
        place = codes[row["村(社区)"]]
        key = f'["{row["日期"]}",["G1"],"{place}","{row["宣传形式"]}"]'
        keys.setdefault(("publicity", place), []).append(key)
    for row in march_rows()["其他工作"]:
        keys.setdefault(("other_task", ""), []).append(f'["{row["日期"]}",["G1"],"值班"]')
    found = set()
    for (kind, place), held in keys.items():
        ranked = sorted(
            held, key=lambda key: hashlib.sha256(f"{seed}|{kind}|{key}".encode()).hexdigest()
        )
        found |= {(kind, key) for key in ranked[: sizes[kind, place]]}
    return found


SIZES = {  # 16 of 40: 4.8, 2.4, 7.2, 0.4, 1.2; the one of publicity gets one, the others 15 of 39
    ("patrol", "L1"): 5,
    ("patrol", "L2"): 2,
    ("publicity", "L2"): 7,
    ("publicity", "L3"): 1,
    ("other_task", ""): 1,
}


@pytest.mark.parametrize("seed", ["K7-2023", "1", "another-seed"])
def test_a_sample_is_drawn_again_with_hashlib_and_sorted_alone(
    engine: Engine, stored: StoredContract, seed: str
):
    number = draw(engine, stored, seed=seed)
    found = keys_of(engine, stored, number)
    assert set(found) == drawn_by_hand(seed, SIZES)
    assert len(found) == 16


def test_the_same_entries_give_the_same_sample_whatever_their_ids(
    engine: Engine, stored: StoredContract
):
    other = small.entered(engine)
    for sheet, rows in reversed(march_rows().items()):
        for row in reversed(rows):
            posted(engine, other, {sheet: [row]})
    draw(engine, stored)
    draw(engine, other)
    assert keys_of(engine, stored) == keys_of(engine, other)
    first, second = sample_of(engine, stored), sample_of(engine, other)
    assert first.frame_hash == second.frame_hash
    assert [i.entry_id for i in first.items] != [i.entry_id for i in second.items]


def test_the_frame_hash_is_of_keys_and_contents(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    with reading(engine) as connection:
        query = (
            select(entry.c.kind, entry.c.natural_key, entry_version.c.digest)
            .join_from(entry, entry_version)
            .where(entry.c.contract_id == stored.id)
        )
        lines = sorted(map(list, connection.execute(query)))
    text = json.dumps(lines, ensure_ascii=False, separators=(",", ":"))
    assert sample_of(engine, stored).frame_hash == hashlib.sha256(text.encode()).hexdigest()


def test_a_sample_keeps_all_that_it_was_drawn_with(engine: Engine, stored: StoredContract):
    assert draw(engine, stored) == 1
    found = sample_of(engine, stored)
    assert (found.first, found.last, found.kinds) == (MARCH.first, MARCH.last, MARCH.kinds)
    assert (found.confidence, found.margin) == (MARCH.confidence, MARCH.margin)
    assert (found.seed, found.population, found.drawn_by) == ("K7-2023", 40, REVIEWER.name)
    assert found.drawn_at == small.NOW + timedelta(minutes=1)
    assert {
        (each.kind, each.locality): (each.population, each.drawn) for each in found.strata.values()
    } == {
        ("patrol", "L1"): (12, 5),
        ("patrol", "L2"): (6, 2),
        ("publicity", "L2"): (18, 7),
        ("publicity", "L3"): (1, 1),
        ("other_task", ""): (3, 1),
    }
    assert Counter(item.stratum for item in found.items) == {
        name: each.drawn for name, each in found.strata.items()
    }
    assert audited(engine, "draw_sample") == [
        (
            REVIEWER.name,
            "sample 1",
            None,
            {
                "first_on": "2023-03-01",
                "last_on": "2023-03-31",
                "kinds": ["patrol", "publicity", "other_task"],
                "confidence": "0.95",
                "margin": "0.2",
                "seed": "K7-2023",
                "population": 40,
                "drawn": 16,
                "frame_hash": found.frame_hash,
            },
        )
    ]


def test_items_stand_in_the_order_of_trips(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    found = sample_of(engine, stored)
    assert [item.position for item in found.items] == list(range(1, 17))
    assert list(dict.fromkeys(item.stratum for item in found.items)) == [
        "patrol|L1",
        "patrol|L2",
        "publicity|L2",
        "publicity|L3",
        "other_task|",
    ]
    for stratum in found.strata:
        days = [item.day for item in found.items if item.stratum == stratum]
        assert days == sorted(days)


def test_a_sample_of_some_days_and_kinds_is_of_these_alone(engine: Engine, stored: StoredContract):
    days = {"first": date(2023, 3, 6), "last": date(2023, 3, 8), "kinds": ("patrol",)}
    draw(engine, stored, replace(MARCH, **days))
    found = sample_of(engine, stored)
    assert found.population == 4  # two places on the 6th, one on the 7th and 8th
    assert {item.day for item in found.items} <= {date(2023, 3, n) for n in (6, 7, 8)}
    assert {item.kind for item in found.items} == {"patrol"}


def test_a_withdrawn_entry_is_not_drawn(engine: Engine, stored: StoredContract):
    design = replace(MARCH, kinds=("other_task",))
    first = draw_sample.preview(engine, stored, REVIEWER, design, small.TODAY)
    gone = first.members[0].entry_id
    withdraw.withdraw(engine, stored, small.ANYBODY, gone, reason="录错了", now=small.NOW)
    draw(engine, stored, design)
    found = sample_of(engine, stored)
    assert found.population == 2
    assert gone not in {item.entry_id for item in found.items}


def test_the_preview_says_what_is_drawn(engine: Engine, stored: StoredContract):
    seen = draw_sample.preview(engine, stored, REVIEWER, MARCH, small.TODAY)
    draw(engine, stored)
    found = sample_of(engine, stored)
    assert (len(seen.members), seen.size, seen.hash) == (40, 16, found.frame_hash)
    assert seen.strata == {n: (s.population, s.drawn) for n, s in found.strata.items()}


def test_pressing_twice_draws_one_sample(engine: Engine, stored: StoredContract):
    assert [draw(engine, stored), draw(engine, stored)] == [1, 1]
    assert draw(engine, stored, seed="other") == 2
    assert draw(engine, stored, replace(MARCH, kinds=("patrol",))) == 3
    assert len(audited(engine, "draw_sample")) == 3


def test_presses_at_the_same_instant_draw_one_sample(store_url: str, engine, stored):
    engines = [open_store(store_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda each: draw(each, stored), engines)) == {1}
    for each in engines:
        each.dispose()
    assert len(audited(engine, "draw_sample")) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"first": date(2023, 2, 9)},
            "只能抽合同期内的记录：2023-02-10 至 2023-05-07。",
        ),
        (
            {"last": date(2023, 5, 8)},
            "只能抽合同期内的记录：2023-02-10 至 2023-05-07。",
        ),
        ({"last": date(2023, 2, 28)}, "结束日早于开始日，请改过来再抽。"),
        (
            {"first": date(2023, 4, 1), "last": date(2023, 4, 2)},
            "这段时间里没有可抽的记录，请换一段时间或换项目。",
        ),
        ({"kinds": ()}, "这段时间里没有可抽的记录，请换一段时间或换项目。"),
        ({"confidence": Decimal("0.79")}, "置信度应在 80% 到 99.9% 之间。"),
        ({"confidence": Decimal(1)}, "置信度应在 80% 到 99.9% 之间。"),
        ({"confidence": Decimal("NaN")}, "置信度应在 80% 到 99.9% 之间。"),
        ({"margin": Decimal(0)}, "误差应在 1% 到 20% 之间。"),
        ({"margin": Decimal("0.21")}, "误差应在 1% 到 20% 之间。"),
    ],
    ids=str,
)
def test_what_cannot_be_drawn_is_said(
    engine: Engine, stored: StoredContract, changes: Mapping[str, Any], sentence: str
):
    design = replace(MARCH, **changes)
    assert refusal(lambda: draw(engine, stored, design)) == sentence
    assert (
        refusal(lambda: draw_sample.preview(engine, stored, REVIEWER, design, small.TODAY))
        == sentence
    )


def test_a_period_that_is_not_over_is_refused(engine: Engine, stored: StoredContract):
    assert refusal(lambda: draw(engine, stored, today=MARCH.last)) == (
        "2023-03-31 还没有过完，记录还会增加；请等这段时间结束后再抽。"
    )
    assert draw(engine, stored, today=date(2023, 4, 1)) == 1


@pytest.mark.parametrize("seed", ["", " ", "示例", "a|b", "x" * 33, "a b"])
def test_a_seed_is_a_short_plain_code(engine: Engine, stored: StoredContract, seed: str):
    assert refusal(lambda: draw(engine, stored, seed=seed)) == (
        "抽样码只能用字母、数字和短横线，最多 32 个字。"
    )


def test_a_closed_month_can_be_sampled_and_its_results_recorded(
    engine: Engine, stored: StoredContract
):
    close(engine, stored, "2023-03", at=small.NOW)
    draw(engine, stored)
    record(engine, stored, 1)
    assert sample_of(engine, stored).checked() == Checked(16, true=1)


@pytest.mark.parametrize("viewer", OTHERS, ids=lambda viewer: viewer.name)
def test_only_reviewers_draw_and_record(engine: Engine, stored: StoredContract, viewer: Viewer):
    sentence = "您的角色不能抽取样本，如有需要请联系管理员。"
    assert refusal(lambda: draw(engine, stored, viewer=viewer), NotPermittedError) == sentence
    assert (
        refusal(
            lambda: draw_sample.preview(engine, stored, viewer, MARCH, small.TODAY),
            NotPermittedError,
        )
        == sentence
    )
    draw(engine, stored)
    assert refusal(lambda: record(engine, stored, 1, viewer=viewer), NotPermittedError) == (
        "您的角色不能记录抽查结果，如有需要请联系管理员。"
    )
    assert sample_of(engine, stored).checked() == Checked(16)


# Drawing again


def again(engine: Engine, stored: StoredContract) -> tuple[bool, bool, list[int]]:
    with reading(engine) as connection:
        sample = samples.one(connection, stored.id, 1)
        assert sample
        found = redrawn(connection, Scope(stored, small.END), sample)
    return found.is_same_frame, found.is_same, list(found.changed)


def test_from_the_same_ledger_the_same_is_drawn_again(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    assert again(engine, stored) == (True, True, [])


def test_what_changed_since_is_named(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    items = sample_of(engine, stored).items
    task = next(item for item in items if item.kind == "other_task")
    drawn_day = march_rows()["其他工作"]
    corrected = {**next(r for r in drawn_day if r["日期"] == task.day), "备注": "补记"}
    posted(engine, stored, {"其他工作": [corrected]}, now=LATER)
    gone = items[0].entry_id
    withdraw.withdraw(engine, stored, small.ANYBODY, gone, reason="录错了", now=LATER)
    posted(engine, stored, {"对象排查": [april_patrol()]}, now=LATER)  # of another month

    assert again(engine, stored) == (False, False, sorted([task.entry_id, gone]))
    by_entry = {item.entry_id: item for item in sample_of(engine, stored).items}
    assert (by_entry[task.entry_id].version, by_entry[task.entry_id].counts_as) == (1, 2)
    assert (by_entry[gone].version, by_entry[gone].counts_as) == (1, None)


def april_patrol() -> Mapping[str, Any]:
    return {
        "日期": date(2023, 4, 3),
        "服务人员": "赵一",
        "村(社区)": "东社区",
        "排查情况": "如常",
    }


# Recording


def test_a_result_is_recorded_and_its_corrections_are_kept(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    record(engine, stored, 1)
    later = LATER + timedelta(hours=1)
    record(engine, stored, 1, Result.UNTRUE, " 当天没有人来 ", shown=1, viewer=OTHER, now=later)
    first = sample_of(engine, stored).items[0]
    assert [(r.number, r.result, r.note, r.at, r.by) for r in first.results] == [
        (1, Result.TRUE, "", LATER, REVIEWER.name),
        (2, Result.UNTRUE, "当天没有人来", later, OTHER.name),
    ]
    assert first.last == first.results[1]
    assert sample_of(engine, stored).checked() == Checked(16, untrue=1)
    # Neither the note nor anybody's name but the reviewer's goes on record.
    assert audited(engine, "record_result") == [
        (REVIEWER.name, "sample 1 item 1", None, {"number": 1, "result": "true"}),
        (
            OTHER.name,
            "sample 1 item 1",
            {"result": "true"},
            {"number": 2, "result": "untrue"},
        ),
    ]


def test_of_two_reviewers_the_second_is_told_who_and_when(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    record(engine, stored, 1)
    assert refusal(lambda: record(engine, stored, 1, Result.UNTRUE, "没有来", viewer=OTHER)) == (
        "这条刚由 验收甲 于 2023-06-01 16:05 记为“属实”，请看过再决定。"
    )
    assert sample_of(engine, stored).checked() == Checked(16, true=1)


def test_a_press_twice_is_one_result(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    for _ in range(2):
        record(engine, stored, 1, Result.UNVERIFIABLE, "家中无人")
    assert len(sample_of(engine, stored).items[0].results) == 1


@pytest.mark.parametrize(
    ("result", "note", "sentence"),
    [
        (Result.UNTRUE, " \u200b", "记“不符”要写明情况，例如：本人说当天没有人来。"),
        (Result.UNVERIFIABLE, "", "记“无法核实”要写明情况，例如：本人说当天没有人来。"),
        (Result.TRUE, "字" * 201, "备注写了 201 个字，最多 200 个，请写短一些。"),
    ],
)
def test_a_note_is_wanted_and_short(
    engine: Engine, stored: StoredContract, result: Result, note: str, sentence: str
):
    draw(engine, stored)
    assert refusal(lambda: record(engine, stored, 1, result, note)) == sentence
    assert sample_of(engine, stored).checked() == Checked(16)


def test_an_identity_number_in_a_note_is_masked(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    record(engine, stored, 1, note="证号 11010519491231002X")
    last = sample_of(engine, stored).items[0].last
    assert last
    assert last.note == "证号 110***********002X"


@pytest.mark.parametrize("item_id", [0, -1, 99, 10**12])
def test_an_item_that_is_none_is_answered_as_what_is_not_yours(
    engine: Engine, stored: StoredContract, item_id: int
):
    draw(engine, stored)
    assert refusal(lambda: record(engine, stored, item_id), NotPermittedError) == (
        "您的角色不能记录抽查结果，如有需要请联系管理员。"
    )


def test_an_item_of_another_contract_is_none(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    other = small.entered(engine)
    refusal(lambda: record(engine, other, 1), NotPermittedError)
    with reading(engine) as connection:
        assert samples.one(connection, other.id, 1) is None


def test_results_of_a_closed_month_stay_as_they_were_signed(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    record(engine, stored, 1)
    close(engine, stored, "2023-03")
    assert refusal(lambda: record(engine, stored, 2)) == CLOSED
    assert refusal(lambda: record(engine, stored, 1, Result.UNTRUE, "没有", shown=1)) == CLOSED
    assert sample_of(engine, stored).checked() == Checked(16, true=1)


def test_every_act_counts_as_a_change(engine: Engine, stored: StoredContract):
    def revision() -> int:
        with reading(engine) as connection:
            return contracts.revision(connection, stored.id)

    seen = [revision()]
    draw(engine, stored)
    seen.append(revision())
    record(engine, stored, 1)
    seen.append(revision())
    assert seen == sorted(set(seen))


# Photos and scans

ITEM = Subject("item", 1)
_SHOT = Picture("image/jpeg", b"cleaned", b"thumb", 30, 40, "of-what-was-sent")


def attached(
    engine: Engine, stored: StoredContract, blobs: Blobs, viewer: Viewer = REVIEWER
) -> int:
    return evidence.attach(engine, stored, viewer, blobs, ITEM, [_SHOT], LATER)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return open_blobs((tmp_path / "evidence").as_uri())


def test_reviewers_attach_photos_and_see_them_others_are_told_how_many(
    engine: Engine, stored: StoredContract, blobs: Blobs
):
    draw(engine, stored)
    for viewer in OTHERS:
        assert (
            refusal(partial(attached, engine, stored, blobs, viewer), NotPermittedError)
            == "您的角色不能给这里附图片，如有需要请联系管理员。"
        )
    assert attached(engine, stored, blobs) == 1

    def fetched(viewer: Viewer) -> bool:
        found = evidence.fetch(engine, stored, viewer, blobs, 1, thumbnail=True, now=LATER)
        return found == ("image/jpeg", _SHOT.thumbnail)

    everyone = (REVIEWER, OTHER, *OTHERS)
    galleries = [evidence.gallery(engine, stored, viewer, ITEM) for viewer in everyone]
    assert [each.number for each in galleries] == [1] * 5
    assert [each.may_change for each in galleries] == [True, True, False, False, False]
    assert [bool(each.shown) for each in galleries] == [True, True, False, False, False]
    assert [fetched(viewer) for viewer in everyone] == [True, True, False, False, False]
    assert [item.pictures for item in sample_of(engine, stored).items] == [1] + [0] * 15
    assert [line[:2] for line in audited(engine, "attach_evidence")] == [(REVIEWER.name, "item 1")]


def test_a_photo_is_taken_off_with_a_reason(engine: Engine, stored: StoredContract, blobs: Blobs):
    draw(engine, stored)
    attached(engine, stored, blobs)
    for viewer in OTHERS:
        act = partial(evidence.remove, engine, stored, viewer, 1, reason="传错了", now=LATER)
        refusal(act, NotPermittedError)
    evidence.remove(engine, stored, OTHER, 1, reason="传错了", now=LATER)
    assert sample_of(engine, stored).items[0].pictures == 0


def test_photos_of_a_closed_month_stay_as_they_were_signed(
    engine: Engine, stored: StoredContract, blobs: Blobs
):
    draw(engine, stored)
    attached(engine, stored, blobs)
    close(engine, stored, "2023-03")
    remove = partial(evidence.remove, engine, stored, REVIEWER, 1, reason="传错了", now=LATER)
    assert refusal(partial(attached, engine, stored, blobs)) == CLOSED
    assert refusal(remove) == CLOSED


def test_nothing_hangs_on_an_item_that_is_none(
    engine: Engine, stored: StoredContract, blobs: Blobs
):
    refusal(partial(attached, engine, stored, blobs), NotPermittedError)


# What it says


def recorded(engine: Engine, stored: StoredContract, found: Mapping[str, Sequence[Result]]) -> None:
    """Record results of the first items of each stratum."""
    items = sample_of(engine, stored).items
    for stratum, results in found.items():
        of_it = [item for item in items if item.stratum == stratum]
        for item, result in zip(of_it, results, strict=False):
            record(engine, stored, item.item_id, result, "情况如此")


def test_the_estimate_weighs_strata_and_leaves_out_what_is_unverifiable(
    engine: Engine, stored: StoredContract
):
    draw(engine, stored)
    assert sample_of(engine, stored).estimate() is None
    true, untrue, unknown = Result.TRUE, Result.UNTRUE, Result.UNVERIFIABLE
    recorded(
        engine,
        stored,
        {"patrol|L1": [true, true, true, untrue, unknown], "publicity|L2": [true] * 7},
    )
    found = sample_of(engine, stored)
    assert found.checked() == Checked(16, true=10, untrue=1, unverifiable=1)
    assert found.checked("patrol") == Checked(7, true=3, untrue=1, unverifiable=1)
    assert found.checked("other_task") == Checked(1)
    assert found.population_of("patrol") == 18

    said = found.estimate()
    assert said
    # 12 entries of which 3 in 4 are true, 18 all true; the others were not looked at yet.
    assert said.rate == Fraction(12, 30) * Fraction(3, 4) + Fraction(18, 30)
    assert said.size == 1 / (Fraction(12, 30) ** 2 / 4 + Fraction(18, 30) ** 2 / 7)
    assert (said.population, said.untrue_about) == (40, 4)
    patrol = found.estimate("patrol")
    assert patrol
    assert (patrol.rate, patrol.population) == (Fraction(3, 4), 18)
    assert found.estimate("other_task") is None
    worst = found.estimate(doubtful_untrue=True)
    assert worst
    assert worst.rate == Fraction(12, 30) * Fraction(3, 5) + Fraction(18, 30)


def test_samples_are_listed_the_newest_first(engine: Engine, stored: StoredContract):
    draw(engine, stored)
    draw(engine, stored, replace(MARCH, kinds=("patrol",)))
    record(engine, stored, 1)
    with reading(engine) as connection:
        found = samples.listed(connection, stored.id)
    assert [(s.sample_id, s.checked()) for s in found] == [
        (2, Checked(len(found[0].items))),
        (1, Checked(16, true=1)),
    ]


def test_what_samples_say_of_a_month_counts_each_entry_once(engine: Engine, stored: StoredContract):
    every = replace(MARCH, kinds=("other_task",), margin=Decimal("0.01"))
    across = replace(every, last=date(2023, 4, 30), kinds=("other_task", "patrol"))
    posted(engine, stored, {"对象排查": [april_patrol()]})
    draw(engine, stored, every)
    draw(engine, stored, across)
    first, second = sample_of(engine, stored, 1), sample_of(engine, stored, 2)
    entry_of_both = first.items[0].entry_id
    both = next(item for item in second.items if item.entry_id == entry_of_both)
    record(engine, stored, first.items[0].item_id, Result.TRUE)
    record(engine, stored, both.item_id, Result.UNTRUE, "没有", now=LATER + timedelta(minutes=1))
    record(engine, stored, first.items[1].item_id, Result.UNVERIFIABLE, "家中无人")
    with reading(engine) as connection:
        march = samples.checked_by_kind(connection, stored.id, Month(2023, 3))
        april = samples.checked_by_kind(connection, stored.id, Month(2023, 4))
        may = samples.checked_by_kind(connection, stored.id, Month(2023, 5))
    assert march == {
        "other_task": Checked(3, untrue=1, unverifiable=1),
        "patrol": Checked(18),
    }
    assert april == {"patrol": Checked(1)}
    assert may == {}
