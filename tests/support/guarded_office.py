"""A small office in which every person stands in one kind of place: a leak names its person.

The first team looks after the east, the second after the south, nobody after the west. What is said
of a name is who may see it in full besides reviewers (`SEEN_BY`, spec §6).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import and_

from lib.actions import (
    close_month,
    draw_sample,
    evidence,
    post,
    record_result,
    territories,
    undo,
    withdraw,
)
from lib.kpi import samples
from lib.kpi.frame import Design
from lib.kpi.rows import ledger_rows
from lib.kpi.samples import Result
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.pictures.cleaning import clean
from lib.store.engine import reading
from lib.store.evidence import Subject
from lib.store.schema import entry
from lib.workbooks.own import read_own_workbook
from tests.support import doubtful, small_office
from tests.support.pictures import photo, scan
from tests.support.small_office import (
    ADMIN,
    EAST,
    FIRST_TEAM,
    LEAD,
    LEADER,
    MID_MONTH,
    OTHER_LEAD,
    PASSWORD,
    POSTED_AT,
    REVIEWER,
    SECOND_TEAM,
    SOUTH,
    WEST,
    campaign,
    case,
    elder_check,
    patrol,
    survey,
    training,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer
    from lib.store.blobs import Blobs
    from tests.support.small_office import Cells
    from tests.support.visits import Office

STAFF = {
    "G1": "示员甲",
    "G2": "示员乙",
    "G3": "示员丙",
    "G4": "示员丁",
    "G5": "示员戊",
    "G6": "示员己",
}
_FIRST, _SECOND = ("G1", "G2", "G5"), ("G3", "G4", "G6")
TEAMS = dict.fromkeys(_FIRST, FIRST_TEAM) | dict.fromkeys(_SECOND, SECOND_TEAM)
HOMES = {  # of elders and households: who, and where
    "T1": ("示老安", EAST),  # met by the second team
    "T2": ("示老柏", SOUTH),
    "T3": ("示老陈", EAST),
    "T4": ("示老丹", SOUTH),
    "T5": ("示老恩", WEST),
    "T6": ("示老方", SOUTH),  # met by the first team
    "H1": ("示户辰", EAST),
    "H2": ("示户朵", SOUTH),
    "H3": ("示户恩", WEST),
    "H4": ("示户方", WEST),  # met by the first team
    "H5": ("示户耿", EAST),
    "H6": ("示户海", SOUTH),
    "H7": ("示户江", WEST),  # in a text of the first team's
    "H8": ("示户柯", WEST),  # in a text of the second team's
    "H9": ("示户连", WEST),  # in reasons of the first team's
    "H10": ("示户明", WEST),  # in what is said of a finding
    "H11": ("示户宁", WEST),  # in what is noted of a drawn entry
    "H12": ("示户欧", WEST),  # in a file's own name and in reasons, the second team's
}
APPLICANTS = ("示申甲", "示申乙", "示申丙", "示申丁")
NAMES = (*STAFF.values(), *(name for name, _ in HOMES.values()), *APPLICANTS)
_OF_BOTH = {"示员乙", "示员丙", "示申丁"}  # of a row that the two did together
_OF_FIRST = {"示员甲", "示员戊", "示老安", "示老陈", "示老方", "示户辰", "示户方", "示户耿"}
_OF_SECOND = {"示员丁", "示员己", "示老安", "示老柏", "示老丹", "示老方", "示户朵", "示户海"}
SEES = {  # in full, whoever looks at everything there is
    LEADER: frozenset[str](),
    LEAD: frozenset(_OF_BOTH | _OF_FIRST | {"示申甲", "示申乙", "示户江", "示户连"}),
    OTHER_LEAD: frozenset(_OF_BOTH | _OF_SECOND | {"示申丙", "示户柯", "示户欧"}),
    REVIEWER: frozenset(NAMES),
    ADMIN: frozenset[str](),
}
FIRST_FILE, SECOND_FILE = "示例三月.xlsx", "示户欧的三月.xlsx"


def rosters() -> dict[str, list[Cells]]:
    """The rosters' rows by sheet."""
    places = small_office.rosters()["村(社区)"]
    first = {sheet: rows[0] for sheet, rows in small_office.rosters().items()}
    return {
        "村(社区)": places,
        "服务人员": [
            {**first["服务人员"], "工号": code, "姓名": name, "小组": TEAMS[code]}
            for code, name in STAFF.items()
        ],
        "特困人员": [
            {**first["特困人员"], "编号": code, "姓名": name, "村(社区)": place}
            for code, (name, place) in HOMES.items()
            if code.startswith("T")
        ],
        "困难家庭": [
            {**first["困难家庭"], "户编号": code, "户主姓名": name, "村(社区)": place}
            for code, (name, place) in HOMES.items()
            if code.startswith("H")
        ],
    }


def _check(day: date, people: str, code: str) -> Cells:
    cells = elder_check(day, people, "T1")
    return {**cells, "特困人员编号": code, "姓名": HOMES[code][0]}


def first_logs() -> dict[str, list[Cells]]:
    """Rows of the first team, one of them together with the second."""
    return {
        "业务协办": [
            case(date(2023, 3, 6), "示员甲", "示申001", 申请人="示申甲"),
            case(date(2023, 3, 7), "示员甲、示员乙", "示申002", 申请人="示申乙"),
            case(date(2023, 3, 8), "示员戊", "示申005", 申请人="示申甲"),
            case(date(2023, 4, 3), "示员乙、示员丙", "示申004", 申请人="示申丁"),
        ],
        "家计调查": [
            survey(date(2023, 3, 7), "示员甲 示员乙", "示申001"),
            survey(date(2023, 4, 4), "示员甲", "示申002"),
        ],
        "对象排查": [patrol(date(2023, 3, 9), "示员甲", EAST, "到示户江家看过")],
        "业务培训": [{**training(MID_MONTH), "主题": "示户江家的政策"}],
        "专项行动": [
            campaign(date(2023, 3, 13), "示员乙", "H1", problem="示户江也来问过"),
            campaign(date(2023, 4, 6), "示员乙", "H4"),
        ],
        "特困老人核查": [_check(date(2023, 4, 6), "示员甲", "T6")],
    }


def second_logs() -> dict[str, list[Cells]]:
    """Rows of the second team."""
    return {
        "业务协办": [case(date(2023, 3, 20), "示员丙", "示申003", 申请人="示申丙")],
        "家计调查": [survey(date(2023, 4, 4), "示员丙", "示申003")],
        "对象排查": [
            patrol(date(2023, 3, 9), "示员丁", SOUTH, "到示户柯家看过"),
            patrol(date(2023, 4, 10), "示员己", SOUTH),
        ],
        "专项行动": [campaign(date(2023, 3, 16), "示员丁", "H2", problem="示户柯也来问过")],
        "特困老人核查": [
            _check(date(2023, 3, 6), "示员丙", "T1"),
            _check(date(2023, 3, 21), "示员丙", "T1"),
            _check(date(2023, 3, 22), "示员丁", "T2"),
        ],
    }


def fill(office: Office, blobs: Blobs) -> None:
    """Everything that can be looked at: logs of both teams, what was said, drawn and signed.

    March is signed. Receipts: 1 the first team's, 2 the second's, 3 corrects, 4 is undone by 5.
    """
    office.import_rosters(rosters())
    for viewer in small_office.EVERYONE:
        office.add(viewer)
    teams = {"L1": FIRST_TEAM, "L2": SECOND_TEAM, "L3": None}
    territories.assign(office.engine, office.stored, ADMIN, teams, POSTED_AT)
    _post(office, LEAD, first_logs(), FIRST_FILE)
    _post(office, OTHER_LEAD, second_logs(), SECOND_FILE, "示户欧说的")
    _post(office, LEAD, {"专项行动": [campaign(date(2023, 4, 6), "示员乙", "H4", "示户江也问过")]})
    _post(office, LEAD, {"对象排查": [patrol(date(2023, 4, 12), "示员戊", EAST)]})
    _say(office)
    _draw(office, blobs)
    _attach(office, blobs)
    _sign_march(office)


def _post(
    office: Office,
    viewer: Viewer,
    sheets: Mapping[str, list[Cells]],
    name: str = "示例更正.xlsx",
    reason: str = "示户连说的",
) -> None:
    workbook = read_own_workbook(name, small_office.book(sheets))
    day = POSTED_AT.date()
    (done,) = post.post(
        office.engine,
        office.stored,
        viewer,
        [workbook],
        today=day,
        now=POSTED_AT,
        reason=reason,
    )
    assert not done.plan.refusals


def entry_of(office: Office, kind: str, day: date, people: str) -> int:
    """The number of the entry of a kind, day and person."""
    with reading(office.engine) as connection:
        query = entry.c.contract_id == office.stored.id, entry.c.kind == kind, entry.c.day == day
        rows = ledger_rows(connection, and_(*query))
    (found,) = (row.entry_id for row in rows if people in row.people)
    return found


def _say(office: Office) -> None:
    """Undo, withdraw, explain and decide, each with somebody's name in what is said."""
    here = (office.engine, office.stored)
    undo.undo(*here, LEAD, 4, reason="示户连说的", now=POSTED_AT)
    gone = entry_of(office, "patrol", date(2023, 4, 10), "G6")
    withdraw.withdraw(*here, OTHER_LEAD, gone, reason="示户欧说的", now=POSTED_AT)
    first, second = lone_surveys(office)
    doubtful.explain(office, doubtful.ALONE, str(first), LEAD, "示户明说的")
    doubtful.explain(office, doubtful.ALONE, str(second), OTHER_LEAD, "示户明说的")
    doubtful.decide(office, doubtful.ALONE, str(first), note="示户明说的")


def lone_surveys(office: Office) -> tuple[int, int]:
    """The surveys by one person, which are findings: the first team's, the second's."""
    day = date(2023, 4, 4)
    return entry_of(office, "home_survey", day, "G1"), entry_of(office, "home_survey", day, "G3")


def _draw(office: Office, blobs: Blobs) -> None:
    """A sample of March, 1: all that counts, one noted; a photo on it."""
    first, last = date(2023, 3, 1), date(2023, 3, 31)
    kinds = tuple(office.stored.terms.kinds)
    design = Design(first, last, kinds, Decimal("0.95"), Decimal("0.05"))
    here, day = (office.engine, office.stored), POSTED_AT.date()
    number = draw_sample.draw(*here, REVIEWER, design, "K7QF", today=day, now=POSTED_AT)
    with reading(office.engine) as connection:
        drawn = samples.one(connection, office.stored.id, number)
    assert drawn
    item = drawn.items[0].item_id
    noted = {"note": "示户宁说的", "shown": 0, "now": POSTED_AT}
    record_result.record(*here, REVIEWER, item, Result.UNTRUE, **noted)
    evidence.attach(*here, REVIEWER, blobs, Subject("item", item), [clean(photo())], POSTED_AT)


def _attach(office: Office, blobs: Blobs) -> None:
    """Photo and scan, 2 and 3, on an entry and a receipt of the first team; 4 on the second's."""
    first, second = lone_surveys(office)
    here = (office.engine, office.stored)
    on_receipt = Subject("entry", entry_of(office, "elder_check", date(2023, 4, 6), "G1"))
    for viewer, subject, picture in (
        (LEAD, Subject("entry", first), clean(photo())),
        (LEAD, on_receipt, clean(scan())),
        (OTHER_LEAD, Subject("entry", second), clean(photo(300, 200))),
    ):
        evidence.attach(*here, viewer, blobs, subject, [picture], POSTED_AT)


def _sign_march(office: Office) -> None:
    month, today = Month(2023, 3), POSTED_AT.date()
    with reading(office.engine) as connection:
        shown = close_month.proposed(connection, Scope(office.stored, today), month).shown
    close_month.sign(
        office.engine,
        office.stored,
        REVIEWER,
        month,
        password=PASSWORD,
        shown=shown,
        now=POSTED_AT,
        today=today,
    )
