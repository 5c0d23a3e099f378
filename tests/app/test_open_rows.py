"""Opening the entries behind a figure, and one entry's history: every role, any address."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection, condition
from lib.store.engine import reading
from tests.support.small_office import (
    ADMIN,
    END,
    EVERYONE,
    FIRST_LOG,
    LEAD,
    LEADER,
    OTHER_LEAD,
    REVIEWER,
    SOUTH,
    case,
    patrol,
)
from tests.support.visits import HISTORY, ROWS, html_texts, links, messages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from lib.kpi.rows import LedgerRow
    from tests.support.visits import Office

NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
PATROLS = {"figure": "patrol"}


def listed(app: AppTest) -> list[list[str]]:
    """The rows shown, without their headings."""
    return html_texts(app, "listed")[1:]


def summary(app: AppTest) -> str:
    """How many entries there are, and what they come to."""
    (words,) = html_texts(app, "summary")
    return "".join(words)


def entries(office: Office, **asked: str) -> list[LedgerRow]:
    """The entries selected, as of the contract's end."""
    with reading(office.engine) as connection:
        chosen = condition(Scope(office.stored, END), Selection(**asked))
        return list(ledger_rows(connection, chosen))


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_finds_the_same_rows(office: Office, viewer: Viewer):
    app = office.visit(viewer, ROWS, **PATROLS)
    assert [heading.value for heading in app.subheader] == ["对象排查"]
    assert summary(app).startswith("共2条记录，合2人天，截至 2023-04-30")
    assert [(row[0], row[3]) for row in listed(app)] == [
        ("2023-03-09", SOUTH),
        ("2023-03-09", "示东社区"),
    ]


@pytest.mark.parametrize(
    ("viewer", "names"),
    [
        (LEADER, ["示*", "示*"]),
        (LEAD, ["示*", "示员甲"]),
        (OTHER_LEAD, ["示员丁", "示*"]),
        (REVIEWER, ["示员丁", "示员甲"]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_names_are_full_for_reviewers_and_the_rows_own_team(
    office: Office, viewer: Viewer, names: list[str]
):
    app = office.visit(viewer, ROWS, **PATROLS)
    assert [row[2] for row in listed(app)] == names


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({}, 14),
        ({"kind": "case_handling"}, 4),
        ({"kind": "case_handling", "field": "step", "value": "受理"}, 3),
        ({"figure": "elder_months", "month": "2023-03", "locality": "L1"}, 2),
        ({"figure": "patrol", "staff": "G4"}, 1),
        ({"figure": "new_applications", "state": "waiting"}, 2),
        ({"day": "2023-03-07"}, 2),
    ],
    ids=str,
)
def test_an_address_narrows_the_rows(office: Office, asked: Mapping[str, str], number: int):
    app = office.visit(LEADER, ROWS, **asked)
    assert summary(app).startswith(f"共{number}条记录")
    assert len(listed(app)) == number


@pytest.mark.parametrize(
    "asked",
    [
        {"figure": "nothing"},
        {"figure": "patrol' --"},
        {"locality": "L9"},
        {"staff": "-1"},
        {"elder": "0"},
        {"month": "2030-01"},
        {"kind": "case_handling", "field": "applicant", "value": "示申一"},
    ],
    ids=str,
)
def test_what_does_not_exist_is_not_found(office: Office, asked: Mapping[str, str]):
    app = office.visit(LEADER, ROWS, **asked)
    assert messages(app) == NOT_FOUND
    assert not html_texts(app, "summary")


def test_before_the_first_log_a_sentence_says_so(office: Office):
    app = office.visit(LEADER, ROWS, as_of="2023-03-03", **PATROLS)
    assert messages(app) == ["没有符合条件的记录。可以放宽上面的条件，或换一个截至日期。"]
    assert not html_texts(app, "listed")


def test_a_filter_goes_into_the_address(office: Office):
    app = office.visit(LEADER, ROWS, **PATROLS)
    app.selectbox[1].set_value("L2").run()
    assert app.query_params["locality"] == "L2"
    assert app.query_params["figure"] == "patrol"
    assert [row[3] for row in listed(app)] == [SOUTH]


def test_a_searched_text_finds_rows_and_stays_out_of_the_address(office: Office):
    office.post({"对象排查": [patrol(date(2023, 3, 10), "示员甲", SOUTH, "屋顶漏水")]})
    app = office.visit(LEAD, ROWS, **PATROLS)
    app.text_input[0].set_value("漏水").run()
    assert [row[0] for row in listed(app)] == ["2023-03-10"]
    assert "漏水" not in str(app.query_params)


@pytest.mark.parametrize("viewer", [LEADER, OTHER_LEAD, ADMIN], ids=lambda viewer: viewer.name)
def test_what_is_written_is_searched_by_those_alone_who_read_it_in_full(
    office: Office, viewer: Viewer
):
    office.post({"对象排查": [patrol(date(2023, 3, 10), "示员甲", SOUTH, "屋顶漏水")]})
    app = office.visit(viewer, ROWS, **PATROLS)
    app.text_input[0].set_value("漏水").run()
    assert not listed(app)


@pytest.mark.parametrize("name", ["示员甲", "示申一", "示户辰"])
def test_nobody_is_found_by_name(office: Office, name: str):
    app = office.visit(LEADER, ROWS)
    app.text_input[0].set_value(name).run()
    assert not listed(app)


@pytest.mark.parametrize(
    ("page", "first", "number"),
    [("1", "示申100", 50), ("2", "示申050", 14), ("0", "示申100", 50), ("99", "示申050", 14)],
)
def test_long_lists_come_in_pages(office: Office, page: str, first: str, number: int):
    many = [case(END, "示员甲", f"示申{each:03d}") for each in range(41, 101)]
    office.post({"业务协办": many})
    app = office.visit(LEADER, ROWS, kind="case_handling", page=page)
    assert summary(app).startswith("共64条记录")
    assert len(listed(app)) == number
    assert listed(app)[0][4].startswith(first)


def test_a_row_opens_to_its_entry_with_its_history(office: Office):
    office.post({"对象排查": [patrol(date(2023, 3, 9), "示员丁", SOUTH, "屋顶漏水")]})
    address, text = next(
        link for link in links(office.visit(LEADER, ROWS, **PATROLS)) if "entry?" in link[0]
    )
    assert text == "2023-03-09"
    app = office.visit(LEADER, HISTORY, id=address.partition("id=")[2])

    said, newest, first = html_texts(app, "facts")
    assert dict(zip(said[::2], said[1::2], strict=True))["排查情况"] == "屋顶漏水"
    assert newest[:2] == ["第几版", "2（更正）"]
    assert newest[-2:] == ["排查情况", "一切如常 → 屋顶漏水"]
    assert first[:2] == ["第几版", "1（首次过账）"]
    assert "日志.xlsx，第 " in first[-1]


@pytest.mark.parametrize(
    ("viewer", "linked"),
    [(LEADER, False), (LEAD, False), (OTHER_LEAD, False), (REVIEWER, True)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_operators_original_file_is_for_reviewers(office: Office, viewer: Viewer, linked: bool):
    (row,) = entries(office, figure="patrol", staff="G4")
    app = office.visit(viewer, HISTORY, id=str(row.entry_id))
    assert [text for address, text in links(app) if address.startswith("file?")] == [
        "下载原文件"
    ] * linked


@pytest.mark.parametrize("asked", ["", "0", "-1", "99999999999999999999", "1 or 1=1", "１"])
def test_an_entry_that_is_not_there_is_not_found(office: Office, asked: str):
    assert messages(office.visit(LEADER, HISTORY, id=asked)) == NOT_FOUND


def test_rows_after_the_as_of_day_do_not_count(office: Office):
    app = office.visit(LEADER, ROWS, as_of=str(FIRST_LOG))
    assert {row[0] for row in listed(app)} == {str(FIRST_LOG)}
