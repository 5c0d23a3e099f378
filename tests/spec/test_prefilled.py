"""A team's workbook of whom and what it still has to see: filled in, it posts without an error."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest

from lib import contract
from lib.access import Role, Viewer
from lib.actions.import_rosters import import_rosters
from lib.actions.post import Outcome, post, preview
from lib.demonstration import seed as seeds
from lib.demonstration.rosters import made_up
from lib.demonstration.workbooks import roster_workbook
from lib.fields import Choice, Count
from lib.kpi.scope import Scope
from lib.logs import LOG_KINDS
from lib.reports.prefilled import Share, share, workbook
from lib.settings import ROOT
from lib.store import calendar, rosters, territories
from lib.store.engine import reading, writing
from lib.store.setup import prepare
from lib.workbooks.mark import PLACE, TO_DO
from lib.workbooks.own import read_own_workbook
from lib.workbooks.template import FIRST_ROW, HEADING_ROW
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet
    from sqlalchemy import Engine

    from lib.actions.post import Plan
    from lib.reports.prefilled import Made
    from lib.store.contracts import StoredContract

ELDERS, HOUSEHOLDS = LOG_KINDS["elder_check"].sheet, LOG_KINDS["campaign"].sheet
SURVEYS, PATROLS = LOG_KINDS["home_survey"].sheet, LOG_KINDS["patrol"].sheet
LEAD = Viewer("lead1", Role.TEAM_LEAD, "一组")
DAY = date(2023, 3, 15)


@dataclass(frozen=True)
class Place:
    """A contract in a store, as of a day, and one of its team leads."""

    engine: Engine
    stored: StoredContract
    day: date
    lead: Viewer

    @property
    def scope(self) -> Scope:
        """The contract as of the day."""
        return Scope(self.stored, self.day)

    def assign(self, teams: Mapping[str, str]) -> None:
        """Let teams look after places."""
        with writing(self.engine) as connection:
            territories.assign(connection, self.stored.id, teams, at=small.NOW, by="管理员")

    def made(self) -> Made:
        """The lead's workbook of this moment."""
        with reading(self.engine) as connection:
            return workbook(connection, self.scope, self.lead)

    def share(self, team: str) -> Share:
        """What a team's workbook holds."""
        with reading(self.engine) as connection:
            return share(connection, self.scope, team)

    def plan(self, data: bytes) -> Plan:
        """What posting a workbook would do."""
        book = read_own_workbook("待办.xlsx", data)
        return preview(self.engine, self.stored, self.lead, [book], self.day)[0]

    def post(self, data: bytes) -> Plan:
        """Post a workbook."""
        book = read_own_workbook("待办.xlsx", data)
        (done,) = post(self.engine, self.stored, self.lead, [book], today=self.day, now=small.NOW)
        return done.plan


def case(day: date, application: str, place: str, people: str = "赵一") -> small.Cells:
    """An application, accepted."""
    return {
        "日期": day,
        "服务人员": people,
        "村(社区)": place,
        "受理编号": application,
        "申请人": "某申请人",
        "救助类别": "低保",
        "办理环节": "受理",
    }


def visit(day: date, elder: str, people: str = "赵一") -> small.Cells:
    """A visit to an elder."""
    return {
        "日期": day,
        "服务人员": people,
        "特困人员编号": elder,
        "生活状况": "良好",
        "健康状况": "良好",
    }


@pytest.fixture
def place(engine: Engine) -> Place:
    """The small contract: L1 is the first team's, L2 the second's, L3 nobody's."""
    stored = small.entered(engine)
    logs = {
        SURVEYS: [],
        "业务协办": [
            case(date(2023, 3, 6), "A1", "东社区"),
            case(date(2023, 3, 7), "A2", "南村"),
            case(date(2023, 3, 8), "A3", "西山村"),
        ],
        ELDERS: [visit(date(2023, 3, 6), "E1")],
        PATROLS: [
            {"日期": day, "服务人员": "赵一", "村(社区)": name, "排查情况": "照常"}
            for day, name in ((date(2023, 2, 20), "东社区"), (date(2023, 2, 13), "西山村"))
        ],
    }
    post(engine, stored, small.ANYBODY, [small.workbook(logs)], today=small.TODAY, now=small.NOW)
    found = Place(engine, stored, DAY, LEAD)
    found.assign({"L1": "一组", "L2": "二组"})
    return found


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    """The pre-filled rows, the filled cells of each by heading."""
    heads = [cell.value for cell in sheet[HEADING_ROW]]
    found = sheet.iter_rows(min_row=FIRST_ROW, values_only=True)
    filled = [
        {str(head): cell for head, cell in zip(heads[1:], row[1:], strict=True) if cell}
        for row in found
    ]
    return [row for row in filled if row]


def given(made: Made) -> dict[str, list[dict[str, object]]]:
    """The pre-filled rows by sheet; sheets without any are left out."""
    book = openpyxl.load_workbook(io.BytesIO(made.data))
    by_sheet = {kind.sheet: rows(book[kind.sheet]) for kind in LOG_KINDS.values()}
    return {title: found for title, found in by_sheet.items() if found}


def filled_in(data: bytes, day: date, people: str, skipping: Sequence[int] = ()) -> bytes:
    """The workbook with day, people and findings written into each pre-filled row but some.

    `skipping` are the numbers of those left as they are, counted through the sheets from 0.
    """
    book = openpyxl.load_workbook(io.BytesIO(data))
    number = 0
    for kind in LOG_KINDS.values():
        sheet = book[kind.sheet]
        heads = {cell.value: cell.column for cell in sheet[HEADING_ROW]}
        for row, _ in enumerate(rows(sheet), FIRST_ROW):
            for field in kind.fields if number not in skipping else ():
                cell = sheet.cell(row, heads[field.heading])
                if field.required and cell.value is None:
                    cell.value = written(field, day, people)
            number += 1
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def written(field, day: date, people: str) -> object:
    """What a script writes into a column."""
    match field:
        case _ if field.slug in {"day", "people"}:
            return {"day": day, "people": people}[field.slug]
        case _ if isinstance(field.type, Choice):
            return field.type.options[0]
        case _ if isinstance(field.type, Count):
            return 1
        case _:
            return "照常"


def new(plan: Plan) -> dict[str, int]:
    """The rows that posting adds, by sheet."""
    added = [row.checked.place.sheet for row in plan.rows if row.outcome is Outcome.NEW]
    return {title: added.count(title) for title in dict.fromkeys(added)}


def said(plan: Plan) -> list[str]:
    """What is said of the workbook, but for sheets without rows."""
    return [str(each) for each in plan.remarks if each.fault.rule != "no_rows"]


# What stands in it.


def test_a_team_finds_its_own_places_and_those_of_nobody(place: Place):
    made = place.made()

    assert given(made) == {
        SURVEYS: [
            {
                "调查类型": "新增申请",
                "受理编号": "A1",
                "村(社区)": "东社区",
                TO_DO: "3月6日受理",
            },
            {
                "调查类型": "新增申请",
                "受理编号": "A3",
                "村(社区)": "西山村",
                TO_DO: "3月8日受理",
            },
        ],
        PATROLS: [
            {"村(社区)": "西山村", TO_DO: "上次 2月13日"},
            {"村(社区)": "东社区", TO_DO: "上次 2月20日"},
        ],
        HOUSEHOLDS: [
            {PLACE: "东社区", "户编号": "H1", "户主姓名": "王甲"},
            {PLACE: "西山村", "户编号": "H4"},
        ],
        ELDERS: [
            {
                PLACE: "东社区",
                "特困人员编号": "E1",
                "姓名": "周大",
                TO_DO: "还差 1 次，上次 3月6日",
            },
        ],
    }
    assert made.share == Share(elders=1, households=2, applications=2, places=2)


def test_another_team_finds_another_share(place: Place):
    other = Place(place.engine, place.stored, DAY, Viewer("lead2", Role.TEAM_LEAD, "二组"))
    found = given(other.made())

    assert [row["特困人员编号"] for row in found[ELDERS]] == ["E2", "E3"]
    assert [row[TO_DO] for row in found[ELDERS]] == ["还差 2 次，还没去过"] * 2
    assert [row["户编号"] for row in found[HOUSEHOLDS]] == ["H2", "H3", "H4"]
    assert [row["村(社区)"] for row in found[PATROLS]] == ["南村", "西山村"]
    assert place.share("二组") == Share(elders=2, households=3, applications=2, places=2)


def test_who_waits_longer_does_not_break_the_order_of_places(place: Place):
    place.assign({"L2": "一组"})
    found = given(place.made())

    assert [row["特困人员编号"] for row in found[ELDERS]] == ["E1", "E2", "E3"]
    assert [row["村(社区)"] for row in found[PATROLS]] == ["南村", "西山村", "东社区"]


def test_it_is_known_whether_names_stand_in_it(place: Place):
    assert place.made().names_somebody
    place.assign({"L1": "二组"})
    made = place.made()

    assert (made.share, made.names_somebody) == (Share(0, 1, 1, 1), False)
    assert given(made)[HOUSEHOLDS] == [{PLACE: "西山村", "户编号": "H4"}]


# Filled in by a script, it posts.


def test_filled_in_it_posts_row_for_row(place: Place):
    data = filled_in(place.made().data, DAY, "赵一、钱二丰")

    assert (place.plan(data).refusals, said(place.plan(data))) == ((), [])
    assert new(place.post(data)) == {SURVEYS: 2, PATROLS: 2, HOUSEHOLDS: 2, ELDERS: 1}
    again = place.post(data)
    assert (new(again), again.counts[Outcome.UNCHANGED], again.refusals) == ({}, 7, ())
    assert place.share("一组") == Share()


def test_what_nobody_filled_in_waits_for_the_next_day(place: Place):
    made = place.made()
    first = filled_in(made.data, DAY, "赵一", skipping=(0, 3, 5))
    plan = place.post(first)

    assert (new(plan), plan.refusals) == (
        {SURVEYS: 1, PATROLS: 1, HOUSEHOLDS: 1, ELDERS: 1},
        (),
    )
    assert said(plan) == [
        f"“{title}”：1 行预填的还没填，未读取。" for title in (SURVEYS, PATROLS, HOUSEHOLDS)
    ]
    rest = place.post(filled_in(made.data, DAY, "赵一"))
    assert (new(rest), rest.counts[Outcome.UNCHANGED], rest.refusals) == (
        {SURVEYS: 1, PATROLS: 1, HOUSEHOLDS: 1},
        4,
        (),
    )


APPLICATIONS = 3


@pytest.fixture
def year(engine: Engine) -> Place:
    """The shipped contract with its made-up rosters; each team has a third of the places."""
    terms, seed = contract.load(ROOT / "data" / "contract.toml"), seeds.load()
    stored = prepare(engine, terms)
    with reading(engine) as connection:
        working = calendar.working_days(connection, terms.period)
    listed = roster_workbook(made_up(terms, seed, working).at(terms.start), seed)
    book = read_own_workbook("名册.xlsx", listed)
    assert import_rosters(engine, stored, small.ADMINISTRATOR, book, small.NOW).problems == ()
    with reading(engine) as connection:
        roster = rosters.load(connection, stored.id)
    day, team = date(2023, 3, 10), roster.teams[0]
    found = Place(engine, stored, day, Viewer("lead1", Role.TEAM_LEAD, team))
    teams = {code: roster.teams[n % len(roster.teams)] for n, code in enumerate(roster.localities)}
    found.assign(teams)
    mine = next(place for place in roster.localities.values() if teams[place.code] == team)
    person = next(person.name for person in roster.staff.values() if person.team == team)
    cases = [case(day, f"示申{n}", mine.name, person) for n in range(APPLICATIONS)]
    posted = post(
        engine, stored, small.ANYBODY, [small.workbook({"业务协办": cases})], today=day, now=NOW
    )
    assert posted[0].plan.refusals == ()
    return found


NOW = datetime(2023, 3, 10, 10, tzinfo=UTC)


def test_a_teams_third_of_the_demonstration_posts_row_for_row(year: Place):
    with reading(year.engine) as connection:
        roster = rosters.load(connection, year.stored.id)
        teams = territories.load(connection, year.stored.id)
    mine = {code for code, team in teams.items() if team == year.lead.team}
    counts = {
        SURVEYS: APPLICATIONS,
        PATROLS: len(mine),
        HOUSEHOLDS: sum(each.locality in mine for each in roster.households.values()),
        ELDERS: sum(each.locality in mine for each in roster.elders.values()),
    }
    person = next(p.name for p in roster.staff.values() if p.team == year.lead.team)
    made = year.made()

    assert counts[HOUSEHOLDS] > 300
    assert made.share == Share(counts[ELDERS], counts[HOUSEHOLDS], counts[SURVEYS], counts[PATROLS])
    data = filled_in(made.data, year.day, person, skipping=[0])
    plan = year.post(data)
    assert (new(plan), plan.refusals) == ({**counts, SURVEYS: APPLICATIONS - 1}, ())
    again = year.plan(data)
    assert (new(again), again.refusals) == ({}, ())
    assert again.counts[Outcome.UNCHANGED] == sum(counts.values()) - 1


def test_one_village_is_one_trip(year: Place):
    found = given(year.made())
    visited = [[row[PLACE] for row in found[title]] for title in (ELDERS, HOUSEHOLDS)]

    assert all(len(set(names)) > 1 for names in visited)
    for names in visited:
        trips = [
            name for name, before in zip(names, [None, *names], strict=False) if name != before
        ]
        assert trips == list(dict.fromkeys(names))
