"""Taking reports away: who may, what is on record, and that no name leaves unasked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import unquote

import docx
import pytest

from lib.findings.found import findings
from lib.findings.one_person_survey import ONE_PERSON_SURVEY
from lib.kpi.scope import Scope
from lib.store import findings as said
from lib.store.engine import writing
from lib.ui.report_downloads import send_report
from tests.support.downloads import fetch, token
from tests.support.small_office import (
    ADMIN,
    END,
    EVERYONE,
    LEADER,
    PERSONAL_NAMES,
    POSTED_AT,
    REVIEWER,
    STAFF,
    survey,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from lib.access import Viewer
    from tests.support.visits import Office

NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
REPORTS = {
    "settlement": {"what": "settlement", "month": "2023-03"},
    "acceptance": {"what": "acceptance"},
    "briefing": {"what": "briefing", "as_of": "2023-03-15"},
}


def words(response: Response) -> str:
    """All that the document says, tables included."""
    document = docx.Document(io.BytesIO(response.body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("asked", REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_reports_are_for_those_who_do_not_stand_to_be_checked(
    office: Office, viewer: Viewer, asked: Mapping[str, str]
):
    answer = fetch(send_report, token(office, viewer), asked)
    given = viewer in (LEADER, REVIEWER, ADMIN)
    assert answer.status_code == (200 if given else 404)
    assert [line["by"] for line in office.audit("fetch_report")] == [viewer.name] * given


@pytest.mark.parametrize("cookie", [None, "", "garbage"])
def test_nobody_gets_nothing(office: Office, cookie: str):
    answer = fetch(send_report, cookie, REPORTS["briefing"])
    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)
    assert not office.audit("fetch_report")


@pytest.mark.parametrize(
    ("what", "name", "title", "subject"),
    [
        (
            "settlement",
            "月度结算报告_2023-03.docx",
            "示例小区2023年救助服务\n2023年3月结算报告",
            "report=settlement month=2023-03",
        ),
        (
            "acceptance",
            "服务履约验收报告_2023-04-30.docx",
            "示例小区2023年救助服务\n履约验收报告",
            "report=acceptance as_of=2023-04-30",
        ),
        (
            "briefing",
            "简报_2023-03-15.docx",
            "示例小区2023年救助服务简报",
            "report=briefing as_of=2023-03-15",
        ),
    ],
)
def test_a_report_is_kept_under_its_name(
    office: Office, what: str, name: str, title: str, subject: str
):
    answer = fetch(send_report, token(office, LEADER), REPORTS[what])
    assert words(answer).startswith(title)
    assert unquote(answer.headers["content-disposition"]).endswith(name)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    (line,) = office.audit("fetch_report")
    assert line["subject"] == subject


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"what": "nothing"},
        {"what": "settlement"},
        {"what": "settlement", "month": "2023-05"},
        {"what": "settlement", "month": "2023-3"},
        {"what": "settlement", "month": "'"},
        {"what": "briefing", "as_of": "yesterday"},
    ],
    ids=str,
)
def test_no_report_of_what_is_not_there(office: Office, asked: Mapping[str, str]):
    answer = fetch(send_report, token(office, REVIEWER), {"names": "full", **asked})
    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)
    assert not office.audit("fetch_report", "export_full_names")


@pytest.fixture
def confirmed(office: Office) -> None:
    """A survey by one person, confirmed to be that."""
    office.post(
        {"家计调查": [survey(POSTED_AT.date().replace(month=4, day=10), "示员甲", "示申002")]}
    )
    with writing(office.engine) as connection:
        (found,) = findings(connection, Scope(office.stored, END), rules=[ONE_PERSON_SURVEY])
        facts = {
            "state": "confirmed",
            "note": "确为一人",
            "basis": found.basis,
            "at": POSTED_AT,
            "by": "reviewer",
        }
        said.add(connection, office.stored.id, found.rule.code, found.subject, facts)


@pytest.mark.usefixtures("confirmed")
@pytest.mark.parametrize(
    ("viewer", "asked", "act", "named"),
    [
        (LEADER, {}, "fetch_report", False),
        (LEADER, {"names": "full"}, "fetch_report", False),
        (REVIEWER, {}, "fetch_report", False),
        (REVIEWER, {"names": "full"}, "export_full_names", True),
    ],
    ids=str,
)
def test_names_leave_only_when_a_reviewer_asks_and_on_record(
    office: Office, viewer: Viewer, asked: Mapping[str, str], act: str, *, named: bool
):
    answer = fetch(send_report, token(office, viewer), REPORTS["acceptance"] | asked)
    found = words(answer)
    assert "G1" in found
    assert [name for name in PERSONAL_NAMES if name in found] == [STAFF["G1"]] * named
    (line,) = office.audit("fetch_report", "export_full_names")
    assert (line["act"], line["subject"]) == (act, "report=acceptance as_of=2023-04-30")
