"""Fetching ledgers and original files by their addresses: every role, the stranger included."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import datetime, time
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from lib.actions.post import post
from lib.logs import LOG_KINDS
from lib.ui.downloads import send_file, send_ledger
from lib.workbooks.own import read_own_workbook
from tests.support.downloads import fetch, token
from tests.support.small_office import (
    ADMIN,
    END,
    LEAD,
    LEADER,
    OPERATOR,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
    SOUTH,
    book,
    patrol,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from lib.access import Viewer
    from lib.ui.sending import Endpoint
    from tests.support.visits import Office

NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
PATROLS = {"figure": "patrol"}


def rows(response: Response) -> list[list[object]]:
    """The rows of the first sheet below its headings, without their numbers."""
    sheet = load_workbook(io.BytesIO(response.body)).worksheets[0]
    found = [list(row) for row in sheet.iter_rows(values_only=True)]
    (head,) = (number for number, row in enumerate(found) if "日期" in row)
    return [row[1:] for row in found[head + 1 :] if row[1]]


@pytest.mark.parametrize("cookie", [None, "", "x" * 5000, "garbage"])
@pytest.mark.parametrize("route", [send_ledger, send_file])
def test_nobody_gets_nothing(office: Office, route: Endpoint, cookie: str):
    answer = fetch(route, cookie, PATROLS | {"receipt": "1"})
    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("viewer", "asked", "names"),
    [
        (LEADER, {}, ["示*", "示*"]),
        (LEADER, {"names": "full"}, ["示*", "示*"]),
        (LEAD, {"names": "full"}, ["示员甲", "示*"]),
        (REVIEWER, {}, ["示*", "示*"]),
        (REVIEWER, {"names": "full"}, ["示员甲", "示员丁"]),
    ],
    ids=lambda value: getattr(value, "name", None) or str(value),
)
def test_names_leave_masked_unless_a_reviewer_asks_otherwise(
    office: Office, viewer: Viewer, asked: Mapping[str, str], names: list[str]
):
    answer = fetch(send_ledger, token(office, viewer), PATROLS | asked)
    assert [row[1] for row in rows(answer)] == names
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith("attachment; ")


def explained(response: Response) -> dict[object, object]:
    """What the second sheet says of the first."""
    sheet = load_workbook(io.BytesIO(response.body))["说明"]
    return dict(sheet.iter_rows(min_row=2, values_only=True))


def test_a_ledger_says_how_it_was_made(office: Office):
    answer = fetch(send_ledger, token(office, LEADER), PATROLS | {"month": "2023-03"})
    said = explained(answer)

    cells = [[day.date().isoformat(), *rest] for day, *rest in rows(answer)]
    headings = [field.heading for field in LOG_KINDS["patrol"].fields]
    hashed = [{"headings": headings, "rows": cells, "sheet": "对象排查"}]
    text = json.dumps(hashed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert said.pop("校验值（SHA-256）") == hashlib.sha256(text.encode()).hexdigest()
    assert str(said.pop("校验范围")).startswith("各工作表的名称、表头和逐行单元格")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d leader", str(said.pop("导出")))
    assert said == {
        "合同": "示例小区2023年救助服务（shi-2023）",
        "内容": "对象排查、2023-03",
        "截至": datetime.combine(END, time.min),
        "对象排查行数": 2,
        "行数": 2,
        "合计（人天）": 2,
        "姓名": "只留姓，其余以 * 代替",
    }


@pytest.mark.parametrize("asked", [{}, {"month": "2023-03"}], ids=["contract", "month"])
def test_full_ledgers_can_be_uploaded_again(office: Office, asked: Mapping[str, str]):
    answer = fetch(send_ledger, token(office, REVIEWER), {"names": "full", **asked})
    workbook = read_own_workbook("台账.xlsx", bytes(answer.body))
    (done,) = post(
        office.engine, office.stored, OPERATOR, [workbook], today=POSTED_AT.date(), now=POSTED_AT
    )

    counts = {str(outcome): number for outcome, number in done.plan.counts.items() if number}
    assert (done.plan.refusals, counts) == ((), {"unchanged": 14})


def test_full_names_leave_on_record(office: Office):
    fetch(send_ledger, token(office, REVIEWER), PATROLS)
    assert not office.audit("export_full_names")
    fetch(send_ledger, token(office, REVIEWER), PATROLS | {"names": "full"})
    (line,) = office.audit("export_full_names")
    assert (line["by"], line["subject"]) == ("reviewer", "figure=patrol")
    fetch(send_ledger, token(office, REVIEWER), {"names": "full"})
    assert office.audit("export_full_names")[1]["subject"] == "ledger=all"


def test_a_session_that_ended_fetches_nothing(office: Office):
    cookie = token(office, REVIEWER)
    office.disable(REVIEWER)
    assert fetch(send_ledger, cookie, PATROLS).status_code == 404


@pytest.mark.parametrize("asked", [{"figure": "nothing"}, {"locality": "'"}, {"month": "x"}])
def test_no_ledger_of_what_is_not_there(office: Office, asked: Mapping[str, str]):
    assert fetch(send_ledger, token(office, REVIEWER), asked).status_code == 404


@pytest.fixture
def posted(office: Office) -> bytes:
    """A file that the first team's lead posted, as receipt 2."""
    data = book({"对象排查": [patrol(POSTED_AT.date().replace(month=4, day=10), "示员甲", SOUTH)]})
    workbook = read_own_workbook("示例.xlsx", data)
    (done,) = post(
        office.engine, office.stored, LEAD, [workbook], today=POSTED_AT.date(), now=POSTED_AT
    )
    assert not done.plan.refusals
    return data


@pytest.mark.parametrize(
    ("viewer", "given"),
    [(LEADER, False), (ADMIN, False), (LEAD, True), (OTHER_LEAD, False), (REVIEWER, True)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_an_original_file_is_for_its_team_and_reviewers(
    office: Office, posted: bytes, viewer: Viewer, given: bool
):
    answer = fetch(send_file, token(office, viewer), {"receipt": "2"})
    assert (answer.status_code, answer.body == posted) == ((200, True) if given else (404, False))
    assert [line["by"] for line in office.audit("fetch_file")] == [viewer.name] * given


@pytest.mark.parametrize("receipt", ["", "0", "-1", "99", "9" * 30, "2'"])
def test_a_receipt_that_is_not_there_has_no_file(office: Office, posted: bytes, receipt: str):
    answer = fetch(send_file, token(office, REVIEWER), {"receipt": receipt})
    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)
