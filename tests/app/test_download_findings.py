"""Fetching the list of findings: every role, the stranger included; what stands in it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from lib.findings.found import State
from lib.ui.finding_list import send_finding_list
from tests.support.doubtful import (
    ALONE,
    BOTH,
    FIRST_ALONE,
    SECOND_ALONE,
    decide,
    explain,
    of_rules,
    spoil,
)
from tests.support.downloads import fetch, token
from tests.support.small_office import ADMIN, LEAD, LEADER, OTHER_LEAD, PERSONAL_NAMES, REVIEWER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from lib.access import Viewer
    from tests.support.visits import Office

NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
APRIL = {"month": "2023-04"}
ODD = ("单人入户调查", "非工作日服务")


@pytest.fixture
def doubtful(office: Office) -> Office:
    """The small office with something odd in its ledger."""
    spoil(office)
    return office


def sheet(answer: Response, name: str) -> list[list[object]]:
    """The rows of a sheet, without their numbers and their last line in a titled one."""
    rows = load_workbook(io.BytesIO(answer.body))[name].iter_rows(values_only=True)
    return [list(row) for row in rows]


def of_odd(answer: Response, name: str) -> list[list[object]]:
    """A titled sheet's rows about what is odd here, without their numbers."""
    return [row[1:] for row in sheet(answer, name) if row[1] in ODD]


@pytest.mark.parametrize("cookie", [None, "", "x" * 5000, "garbage"])
def test_nobody_gets_nothing(doubtful: Office, cookie: str | None):
    answer = fetch(send_finding_list, cookie, APRIL)
    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)


@pytest.mark.parametrize("month", ["x", "2023-13", "2023-02", "2023-4", "'", "9" * 30])
def test_no_list_of_a_month_that_is_none_of_the_contract(doubtful: Office, month: str):
    answer = fetch(send_finding_list, token(doubtful, REVIEWER), {"month": month})
    assert (answer.status_code, answer.body.decode()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("viewer", "asked", "subjects", "names"),
    [
        (LEADER, {"names": "full"}, {FIRST_ALONE, SECOND_ALONE, BOTH}, set()),
        (ADMIN, {}, {FIRST_ALONE, SECOND_ALONE, BOTH}, set()),
        (LEAD, {"names": "full"}, {FIRST_ALONE, BOTH}, {"示员甲"}),
        (OTHER_LEAD, {}, {SECOND_ALONE, BOTH}, {"示员丙"}),
        (REVIEWER, {}, {FIRST_ALONE, SECOND_ALONE, BOTH}, set()),
        (REVIEWER, {"names": "full"}, {FIRST_ALONE, SECOND_ALONE, BOTH}, {"示员甲", "示员丙"}),
    ],
    ids=lambda value: getattr(value, "name", None) or str(sorted(value)),
)
def test_everybody_gets_what_is_theirs_to_see(
    doubtful: Office, viewer: Viewer, asked: Mapping[str, str], subjects: set[str], names: set[str]
):
    answer = fetch(send_finding_list, token(doubtful, viewer), APRIL | asked)

    assert {row[1] for row in of_odd(answer, "疑点")} == subjects
    text = str([of_odd(answer, "疑点"), of_odd(answer, "记录")])
    assert {name for name in PERSONAL_NAMES if name in text} == names
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_full_names_leave_on_record(doubtful: Office):
    fetch(send_finding_list, token(doubtful, REVIEWER), APRIL)
    fetch(send_finding_list, token(doubtful, LEADER), APRIL | {"names": "full"})
    assert not doubtful.audit("export_full_names")

    fetch(send_finding_list, token(doubtful, REVIEWER), APRIL | {"names": "full"})
    (line,) = doubtful.audit("export_full_names")
    assert (line["by"], line["subject"]) == ("reviewer", "findings=2023-04")


def test_the_list_says_how_each_stands_and_why(doubtful: Office):
    explain(doubtful, ALONE, FIRST_ALONE, note="=同行人漏写")
    decide(doubtful, ALONE, FIRST_ALONE)
    answer = fetch(send_finding_list, token(doubtful, REVIEWER), APRIL)

    day, at = "2023-04-03", "2023-05-04 10:00"
    first, *_ = of_odd(answer, "疑点")
    assert [str(cell or "") for cell in first] == [
        "单人入户调查",
        FIRST_ALONE,
        f"{day} 00:00:00",
        f"{day} 00:00:00",
        "1",
        "已认定",
        "reviewer",
        at,
        "不符",
        f"{at} lead1 已说明：=同行人漏写",
    ]
    assert [str(cell) for cell in of_odd(answer, "记录")[0]] == [
        "单人入户调查",
        FIRST_ALONE,
        f"{day} 00:00:00",
        "家计调查",
        "示*",
        "示东社区",
        "示申011；调查类型：新增申请；调查结论：符合",
        at,
        "2023-000002",
    ]


def test_the_list_says_how_it_was_made(doubtful: Office):
    decide(doubtful, ALONE, FIRST_ALONE)
    answer = fetch(send_finding_list, token(doubtful, REVIEWER), APRIL)

    said = dict(sheet(answer, "说明"))
    found = [each for each in of_rules(doubtful) if "2023-04" in each.months]
    assert said["月份"] == "2023-04"
    assert said["疑点数"] == len(found)
    assert said["行数"] == sum(len(each.rows) for each in found)
    assert {state: said[state.label] for state in State} == {
        state: sum(each.state is state for each in found) for state in State
    }
    assert said["家计调查：存疑人天"] == 1
    assert said["姓名"] == "按角色遮盖"
    assert said["规则：单人入户调查"] == (
        "入户调查的人数不够。可能是漏写同行人员，也可能确为一人入户。界线：入户调查应有 2 人以上"
    )
    again = fetch(send_finding_list, token(doubtful, LEADER), APRIL)
    assert dict(sheet(again, "说明"))["校验值（SHA-256）"] == said["校验值（SHA-256）"]
