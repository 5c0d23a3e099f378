"""Taking along the workbook of what one's team still has to see: every role, and what is told."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from lib.store import territories
from lib.store.engine import writing
from lib.ui.downloads import send_prefilled
from tests.support.downloads import fetch, token
from tests.support.small_office import (
    ADMIN,
    FIRST_TEAM,
    LEAD,
    LEADER,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
    SECOND_TEAM,
    campaign,
    case,
    elder_check,
    patrol,
    survey,
)
from tests.support.visits import UPLOAD

if TYPE_CHECKING:
    from starlette.responses import Response
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"


def assign(office: Office, teams: dict[str, str]) -> None:
    """Let teams look after places."""
    with writing(office.engine) as connection:
        territories.assign(connection, office.stored.id, teams, at=POSTED_AT, by="admin")


def households(answer: Response) -> list[tuple[object, ...]]:
    """Code and head of each household in the workbook."""
    sheet = load_workbook(io.BytesIO(answer.body))["专项行动"]
    return [row[4:6] for row in sheet.iter_rows(min_row=5, values_only=True) if row[4]]


@pytest.mark.parametrize("cookie", [None, "", "x" * 5000, "garbage"])
def test_a_stranger_gets_nothing(office: Office, cookie: str | None):
    answer = fetch(send_prefilled, cookie, {})

    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)


@pytest.mark.parametrize("viewer", [LEADER, REVIEWER, ADMIN], ids=lambda viewer: viewer.name)
def test_it_is_no_others_than_a_team_leads(office: Office, viewer: Viewer):
    answer = fetch(send_prefilled, token(office, viewer), {"team": FIRST_TEAM})

    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("viewer", "listed"),
    [(LEAD, [("H3", "示户恩")]), (OTHER_LEAD, [])],
    ids=lambda value: getattr(value, "name", ""),
)
@pytest.mark.parametrize("asked", [{}, {"team": SECOND_TEAM, "names": "full"}], ids=["", "asked"])
def test_a_lead_gets_the_own_teams_whatever_is_asked(
    office: Office, viewer: Viewer, listed: list[tuple[str, str]], asked: dict[str, str]
):
    assign(office, {"L1": SECOND_TEAM, "L3": FIRST_TEAM})
    answer = fetch(send_prefilled, token(office, viewer), asked)

    assert (answer.status_code, households(answer)) == (200, listed)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment; ")


def test_names_in_full_leave_on_record(office: Office):
    fetch(send_prefilled, token(office, LEAD), {})
    assert not office.audit("export_own_names")
    assign(office, {"L3": FIRST_TEAM})
    fetch(send_prefilled, token(office, LEAD), {})

    (line,) = office.audit("export_own_names")
    assert (line["by"], line["subject"]) == ("lead1", f"prefilled={FIRST_TEAM} as_of=2023-04-30")


def test_a_session_that_ended_fetches_nothing(office: Office):
    cookie = token(office, LEAD)
    office.disable(LEAD)

    assert fetch(send_prefilled, cookie, {}).status_code == 404


def summaries(app: AppTest) -> list[str]:
    """The sentences of the upload page, as they are drawn."""
    bodies = [each.proto.body for each in app.html]
    return [body for body in bodies if body.startswith('<p class="summary">')]


def test_a_lead_reads_what_is_in_it_before_taking_it(office: Office):
    office.post({"业务协办": [case("2023-04-20", "示员甲", "示申009")]})
    app = office.visit(LEAD, UPLOAD)

    (summary,) = summaries(app)
    assert summary == (
        '<p class="summary"><a href="prefilled" target="_self">下载预填的工作簿（.xlsx）</a>：'
        "截至 2023-04-30，本组待办的特困老人 <b>2</b> 人、困难家庭 <b>1</b> 户、"
        "待调查的申请 <b>3</b> 件、本月未走访的村（社区） <b>3</b> 个，已列在里面，"
        "只需填日期、人员和结果；没填的行上传时不算错。</p>"
    )


def test_a_lead_whose_team_is_done_is_told_so(office: Office):
    days = ("2023-04-10", "2023-04-20")
    office.post(
        {
            "家计调查": [survey("2023-04-10", "示员甲", code) for code in ("示申002", "示申003")],
            "对象排查": [
                patrol("2023-04-10", "示员甲", name) for name in ("示东社区", "示南村", "示西村")
            ],
            "专项行动": [campaign("2023-04-10", "示员甲", "H3")],
            "特困老人核查": [
                elder_check(day, "示员甲", code) for day in days for code in ("T1", "T2")
            ],
        }
    )
    app = office.visit(LEAD, UPLOAD)

    assert summaries(app) == ['<p class="summary">截至 2023-04-30，本组没有待办的走访和调查。</p>']
