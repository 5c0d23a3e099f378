"""Rosters are imported again when they change (spec §2): matched by code, never deleted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from lib import contract
from lib.access import Role, Viewer
from lib.actions.import_rosters import RosterImport, SheetCount, import_rosters, preview
from lib.errors import NotPermittedError, UnreadableError
from lib.rosters import Elder, Household, Locality, Roster, Staff, disagreements
from lib.store import rosters, schema
from lib.store.contracts import register, revision
from lib.store.engine import reading, writing
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract
    from lib.workbooks.reading import Workbook

    Sheets = Mapping[str, Sequence[Mapping[str, Any]]]

ADMIN = Viewer("管理员", Role.ADMIN)
LATER = small.NOW + timedelta(days=30)


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract without any roster."""
    terms = contract.parse(small.TERMS, "small.toml")
    with writing(engine) as connection:
        return register(connection, terms)


def imported(
    engine: Engine, stored: StoredContract, book: Workbook, viewer: Viewer = ADMIN
) -> RosterImport:
    """What an import did."""
    return import_rosters(engine, stored, viewer, book, LATER)


def roster_of(engine: Engine, stored: StoredContract) -> Roster:
    """The rosters as they are kept."""
    with reading(engine) as connection:
        return rosters.load(connection, stored.id)


def listed(sheet: str, code: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - a cell
    """A member's row, with other cells in it."""
    return {**small.ROSTERS[sheet][code], **changed}


def entered(engine: Engine, stored: StoredContract) -> None:
    """The small rosters imported."""
    done = imported(engine, stored, small.roster_workbook(small.ROSTERS))
    assert done.problems == ()


def counts(done: RosterImport) -> dict[str, tuple[int, int, int, int]]:
    """New, changed, unchanged and refused, by sheet."""
    return {
        title: (count.new, count.changed, count.unchanged, count.refused)
        for title, count in done.sheets.items()
    }


def history(engine: Engine) -> list[tuple[Any, ...]]:
    """What was kept of changed members: sheet, code, before, after."""
    change = schema.roster_change.c
    with reading(engine) as connection:
        rows = connection.execute(
            select(change.sheet, change.code, change.before, change.after)
            .where(change.before["code"].as_string().is_not(None))
            .order_by(change.change_id)
        )
        return [tuple(row) for row in rows]


def test_a_first_import_enters_everybody_in_the_workbooks_order(
    engine: Engine, stored: StoredContract
):
    done = imported(engine, stored, small.roster_workbook(small.ROSTERS))

    assert done.sheets == {
        "村(社区)": SheetCount(3, 0, 0, 0, ()),
        "服务人员": SheetCount(4, 0, 0, 0, ()),
        "特困人员": SheetCount(3, 0, 0, 0, ()),
        "困难家庭": SheetCount(4, 0, 0, 0, ()),
    }
    roster = roster_of(engine, stored)
    assert list(roster.localities.values()) == [
        Locality("L1", "东社区", "社区", "河口"),
        Locality("L2", "南村", "村", "河口"),
        Locality("L3", "西山村", "村", "河口"),
    ]
    assert list(roster.staff.values()) == [
        Staff("G1", "赵一", "一组", date(2023, 1, 1)),
        Staff("G2", "钱二丰", "一组", date(2023, 2, 10)),
        Staff("G3", "孙三", "二组", date(2023, 3, 1)),
        Staff("G4", "李四", "二组", date(2023, 1, 1), date(2023, 4, 20)),
    ]
    assert list(roster.elders.values())[1:2] == [
        Elder("E2", "吴大", "L2", "全自理", date(2022, 1, 1))
    ]
    assert list(roster.households.values())[2:] == [
        Household("H3", "陈丙", "L2", "低保"),
        Household("H4", "褚丁", "L3", "低保"),
    ]


def test_the_same_rosters_again_change_nothing(engine: Engine, stored: StoredContract):
    entered(engine, stored)
    with reading(engine) as connection:
        before = revision(connection, stored.id)

    done = imported(engine, stored, small.roster_workbook(small.ROSTERS))

    assert counts(done) == {
        "村(社区)": (0, 0, 3, 0),
        "服务人员": (0, 0, 4, 0),
        "特困人员": (0, 0, 3, 0),
        "困难家庭": (0, 0, 4, 0),
    }
    assert (done.changes, history(engine)) == ((), [])
    with reading(engine) as connection:
        assert revision(connection, stored.id) == before


def test_a_preview_changes_nothing(engine: Engine, stored: StoredContract):
    found = preview(engine, stored, ADMIN, small.roster_workbook(small.ROSTERS))

    assert counts(found)["服务人员"] == (4, 0, 0, 0)
    assert roster_of(engine, stored) == Roster()


def test_a_changed_member_is_brought_up_to_date_and_the_old_state_kept(
    engine: Engine, stored: StoredContract
):
    entered(engine, stored)
    moved = listed("困难家庭", "H1", **{"村(社区)": "西山村", "家庭人口": 3})

    done = imported(engine, stored, small.workbook({"困难家庭": [moved]}))

    assert done.sheets == {"困难家庭": SheetCount(0, 1, 0, 0, ("H2", "H3", "H4"))}
    assert roster_of(engine, stored).households["H1"] == Household("H1", "王甲", "L3", "低保", 3)
    old = {
        "code": "H1",
        "head_name": "王甲",
        "locality": "L1",
        "aid_category": "低保",
        "members": None,
    }
    assert history(engine) == [("household", "H1", old, {**old, "locality": "L3", "members": 3})]


def test_who_is_missing_is_reported_and_not_deleted(engine: Engine, stored: StoredContract):
    entered(engine, stored)
    before = roster_of(engine, stored)

    done = imported(
        engine,
        stored,
        small.workbook({"特困人员": [listed("特困人员", "E3"), listed("特困人员", "E1")]}),
    )

    assert done.sheets == {"特困人员": SheetCount(0, 0, 2, 0, ("E2",))}
    assert roster_of(engine, stored) == before


def test_who_stands_in_a_refused_row_is_not_missing(engine: Engine, stored: StoredContract):
    entered(engine, stored)
    rows = [
        listed("特困人员", "E1"),
        listed("特困人员", "E2", 自理能力="良好"),
        listed("特困人员", "E3"),
    ]

    done = imported(engine, stored, small.workbook({"特困人员": rows}))

    assert done.sheets == {"特困人员": SheetCount(0, 0, 2, 1, ())}


def test_a_new_member_comes_after_the_others(engine: Engine, stored: StoredContract):
    entered(engine, stored)
    new = listed("服务人员", "G1", 工号="G0", 姓名="周五")

    imported(engine, stored, small.workbook({"服务人员": [new]}))

    assert list(roster_of(engine, stored).staff) == ["G1", "G2", "G3", "G4", "G0"]


def test_a_new_locality_is_known_to_the_sheets_after_it(engine: Engine, stored: StoredContract):
    entered(engine, stored)
    north = listed("村(社区)", "L2", 编码="L4", 名称="北村")
    book = small.workbook(
        {
            "村(社区)": [*small.ROSTERS["村(社区)"].values(), north],
            "困难家庭": [listed("困难家庭", "H1", **{"村(社区)": "北村"})],
        }
    )

    done = imported(engine, stored, book)

    assert done.problems == ()
    assert roster_of(engine, stored).households["H1"].locality == "L4"


def test_a_renamed_locality_keeps_its_code_and_its_households(
    engine: Engine, stored: StoredContract
):
    entered(engine, stored)
    book = small.workbook(
        {
            "村(社区)": [listed("村(社区)", "L2", 名称="大南村")],
            "困难家庭": [listed("困难家庭", "H2", **{"村(社区)": "大南村"})],
        }
    )

    done = imported(engine, stored, book)

    assert counts(done) == {"村(社区)": (0, 1, 0, 0), "困难家庭": (0, 0, 1, 0)}
    assert roster_of(engine, stored).localities["L2"].name == "大南村"


@pytest.mark.parametrize(
    ("sheet", "row", "sentences"),
    [
        (
            "困难家庭",
            listed("困难家庭", "H1", **{"村(社区)": "西山"}),
            ["“村(社区)”：填的是“西山”，村（社区）名册中没有此处；您是不是要填“西山村”？"],
        ),
        (
            "困难家庭",
            listed("困难家庭", "H1", 家庭人口="三口"),
            ["“家庭人口”：填的是“三口”，应填不小于 0 的整数，不带单位。"],
        ),
        (
            "特困人员",
            listed("特困人员", "E1", 自理能力="自理", 姓名=None),
            [
                "“姓名”：“姓名”必须填写。",
                "“自理能力”：填的是“自理”，只能填：全自理、半失能、失能；您是不是要填“全自理”？",
            ],
        ),
        (
            "特困人员",
            listed("特困人员", "E1", 退出日期=date(2021, 12, 31)),
            ["“退出日期”：填的是“2021-12-31”，早于开始日期。"],
        ),
        (
            "服务人员",
            listed("服务人员", "G1", 离岗日期="2022-12-31"),
            ["“离岗日期”：填的是“2022-12-31”，早于开始日期。"],
        ),
        ("服务人员", listed("服务人员", "G1", 工号=None), ["“工号”：“工号”必须填写。"]),
        (
            "村(社区)",
            listed("村(社区)", "L1", 名称="南村"),
            ["“名称”：填的是“南村”，与编码 L2 重名，名称不能重复。"],
        ),
        (
            "村(社区)",
            listed("村(社区)", "L1", 类别="居委会"),
            ["“类别”：填的是“居委会”，只能填：社区、村。"],
        ),
    ],
)
def test_a_wrong_row_is_refused_with_its_sentence_and_the_member_stays_as_it_was(
    engine: Engine, stored: StoredContract, sheet: str, row: dict[str, Any], sentences: list[str]
):
    entered(engine, stored)
    before = roster_of(engine, stored)
    good = listed("困难家庭", "H4", 救助类别="特困")

    done = imported(
        engine, stored, small.workbook({sheet: [row, *({"困难家庭": [good]}.get(sheet, []))]})
    )

    assert [str(problem) for problem in done.problems] == [
        f"“{sheet}”第 2 行{sentence}" for sentence in sentences
    ]
    assert done.sheets[sheet].refused == 1
    after = roster_of(engine, stored)
    assert (after.localities, after.staff, after.elders) == (
        before.localities,
        before.staff,
        before.elders,
    )
    assert after.households["H1"] == before.households["H1"]


def test_a_code_twice_is_refused_but_for_the_first(engine: Engine, stored: StoredContract):
    rows = [listed("服务人员", "G1"), listed("服务人员", "G1", 姓名="周五")]

    done = imported(engine, stored, small.workbook({"服务人员": rows}))

    assert [str(problem) for problem in done.problems] == [
        "“服务人员”第 3 行“工号”：填的是“G1”，此编号在表中出现了两次。"
    ]
    assert roster_of(engine, stored).staff["G1"].name == "赵一"


def test_a_workbook_without_a_roster_is_refused_whole(engine: Engine, stored: StoredContract):
    with pytest.raises(UnreadableError) as refused:
        imported(engine, stored, small.workbook({"业务协办": []}))

    assert refused.value.sentence == (
        "没有名册工作表，工作表名应为：“村(社区)”、“服务人员”、“特困人员”、“困难家庭”。"
    )


@pytest.mark.parametrize("role", [Role.LEADER, Role.TEAM_LEAD, Role.REVIEWER])
def test_only_an_administrator_imports(engine: Engine, stored: StoredContract, role: Role):
    viewer = Viewer("某人", role, "一组" if role is Role.TEAM_LEAD else None)

    with pytest.raises(NotPermittedError):
        imported(engine, stored, small.roster_workbook(small.ROSTERS), viewer)

    assert roster_of(engine, stored) == Roster()


def test_an_import_is_in_the_audit_log_without_anybodys_name(
    engine: Engine, stored: StoredContract
):
    entered(engine, stored)

    line = schema.audit_line.c
    with reading(engine) as connection:
        lines = connection.execute(select(line.by, line.act, line.subject, line.after)).all()
    assert lines == [
        (
            "管理员",
            "import_rosters",
            "名册.xlsx",
            {
                "村(社区) new": 3,
                "村(社区) changed": 0,
                "服务人员 new": 4,
                "服务人员 changed": 0,
                "特困人员 new": 3,
                "特困人员 changed": 0,
                "困难家庭 new": 4,
                "困难家庭 changed": 0,
            },
        )
    ]


def said_to_differ(engine: Engine, stored: StoredContract) -> tuple[str, ...]:
    """Where the rosters differ from the contract, by what the store counts and by the members."""
    with reading(engine) as connection:
        found = rosters.listed(connection, stored.id, stored.terms.start)
    assert found == roster_of(engine, stored).listed(stored.terms.start)
    return disagreements(stored.terms, found)


@pytest.mark.parametrize(
    ("left_on", "households", "expected"),
    [
        (None, 4, ()),
        (date(2023, 2, 10), 4, ()),
        (date(2023, 2, 9), 4, ("合同开始日在册特困人员：合同 3，名册 2",)),
        (None, 3, ("困难家庭：合同 4，名册 3",)),
    ],
)
def test_rosters_that_disagree_with_the_contract_are_said_so(
    engine: Engine,
    stored: StoredContract,
    left_on: date | None,
    households: int,
    expected: tuple[str, ...],
):
    homes = dict(list(small.ROSTERS["困难家庭"].items())[:households])
    elders = {
        **small.ROSTERS["特困人员"],
        "E1": listed("特困人员", "E1", 退出日期=left_on),
    }
    book = small.roster_workbook({**small.ROSTERS, "困难家庭": homes, "特困人员": elders})
    imported(engine, stored, book)

    assert said_to_differ(engine, stored) == expected


def test_a_village_listed_as_a_community_disagrees_twice(engine: Engine, stored: StoredContract):
    places = {**small.ROSTERS["村(社区)"], "L3": listed("村(社区)", "L3", 类别="社区")}
    imported(engine, stored, small.roster_workbook({**small.ROSTERS, "村(社区)": places}))

    assert said_to_differ(engine, stored) == (
        "社区：合同 1，名册 2",
        "村：合同 2，名册 1",
    )
