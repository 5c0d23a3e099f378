"""Every route by which a file leaves: who gets it, how it is sent, and what stands on record."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from docx import Document
from openpyxl import load_workbook

from lib.ui.health import LIVES, READY
from lib.ui.routes import ENTER, LEAVE
from lib.ui.sending import Leaving
from tests.support.downloads import ask, routes, token
from tests.support.leaving import stock
from tests.support.small_office import (
    EAST,
    FIRST_LOG,
    LEAD,
    LEADER,
    PERSONAL_NAMES,
    POSTED_AT,
    REVIEWER,
    campaign,
    elder_check,
    patrol,
)

if TYPE_CHECKING:
    from lib.access import Viewer
    from tests.support.downloads import Answer
    from tests.support.leaving import File, Stocked
    from tests.support.visits import Office

NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
# What would let a browser or a proxy keep a file, or ask for a part of one it has.
KEEPING = {"accept-ranges", "etag", "last-modified", "expires", "age"}
TAKEN = (
    "export",
    "export_full_names",
    "export_own_names",
    "fetch_evidence",
    "fetch_file",
    "fetch_made",
    "fetch_report",
    "fetch_template",
    "fetch_upload",
)


@pytest.fixture
def stocked(office: Office) -> Stocked:
    return stock(office)


def fetched(stocked: Stocked, file: File, viewer: Viewer | None = None) -> Answer:
    cookie = token(stocked.office, viewer or file.owner)
    return ask(file.address, file.query, cookie)


def refused(answer: Answer) -> bool:
    """Whether this is the one answer to whoever may not have a file, nothing of it kept."""
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return (answer.status, answer.body.decode()) == (404, NOT_FOUND)


def test_every_route_of_the_server_is_in_the_table(stocked: Stocked):
    addresses = {route.path for route in routes()}
    assert {file.address for file in stocked.files} == addresses - {ENTER, LEAVE, LIVES, READY}


def test_each_is_its_owners_and_nobody_elses(stocked: Stocked):
    for file in stocked.files:
        assert fetched(stocked, file).status == 200, file.address
        for cookie in (None, "", "garbage", "x" * 5000):
            assert refused(ask(file.address, file.query, cookie)), file.address
        for viewer in file.others:
            assert refused(fetched(stocked, file, viewer)), (file.address, viewer.name)


def test_each_is_kept_by_nobody_under_a_name_that_is_nobodys(stocked: Stocked):
    for file in stocked.files:
        answer = fetched(stocked, file)
        headers = answer.headers
        assert headers["cache-control"].split(", ")[-1] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert KEEPING.isdisjoint(headers)
        disposition = headers["content-disposition"]
        assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%~-]+", disposition), file.address
        name = unquote(disposition.partition("''")[2])
        assert not [person for person in PERSONAL_NAMES if person in name]


def test_each_that_is_taken_is_one_line_on_record_and_nothing_else_is(stocked: Stocked):
    for file in stocked.files:
        before = len(stocked.office.audit(*TAKEN))
        for viewer in file.others:
            fetched(stocked, file, viewer)
        fetched(stocked, file)
        lines = stocked.office.audit(*TAKEN)[before:]
        assert [(line["by"], line["act"]) for line in lines] == [(file.owner.name, file.act)]
        assert not [name for name in PERSONAL_NAMES if name in f"{lines[0]['subject']}{lines[0]}"]


def test_the_line_says_how_many_rows_and_what_names(stocked: Stocked):
    for file in stocked.files:
        fetched(stocked, file)
    said = {line["act"]: line["after"] for line in stocked.office.audit(*TAKEN)}
    assert said["export_full_names"] == {"rows": 5, "names": "full"}
    assert said["export"] == {"rows": 1, "names": "masked"}
    assert said["export_own_names"] == {"rows": 5, "names": "own"}
    assert said["fetch_template"] == {"rows": 0, "names": "none"}
    assert said["fetch_upload"] == {"rows": 1}


def test_what_cannot_be_put_on_record_does_not_leave(
    stocked: Stocked, monkeypatch: pytest.MonkeyPatch
):
    """The audit log refuses: its table takes no more lines."""
    cookies = {file: token(stocked.office, file.owner) for file in stocked.files}
    with stocked.office.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit_line "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    for file, cookie in cookies.items():
        answer = ask(file.address, file.query, cookie)
        assert (answer.status, answer.headers["cache-control"]) == (500, "no-store")
        assert re.fullmatch(
            "程序出错，文件没有发出。请把编号 [0-9a-f]{8} 告诉管理员。", answer.body.decode()
        )


def test_other_methods_get_nothing(stocked: Stocked):
    for file in stocked.files:
        cookie = token(stocked.office, file.owner)
        for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "FOO"):
            answer = ask(file.address, file.query, cookie, method)
            assert refused(answer), (file.address, method)
    assert not stocked.office.audit(*TAKEN)


GARBAGE = ("'", "0", "-1", "%00", "%ff", "%0d%0aSet-Cookie:x=1", "9" * 40, "9" * 3000, "null")


def test_garbage_in_the_address_gets_the_same_answer(stocked: Stocked):
    names = {"id", "receipt", "upload", "figure", "month", "kinds", "what"}
    for file in stocked.files:
        cookie = token(stocked.office, file.owner)
        first, _, _ = file.query.partition("=")
        if first not in names:
            continue
        for garbage in GARBAGE:
            answer = ask(file.address, f"{first}={garbage}", cookie)
            assert refused(answer), (file.address, garbage)
        twice = f"{file.query}&{file.query}"
        assert refused(ask(file.address, twice, cookie)), file.address
    assert not stocked.office.audit(*TAKEN)


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x=1", 'x"; filename="y.exe', "../../etc/passwd", "\u202egpj.xlsx"]
)
def test_a_name_that_a_browser_sends_cannot_change_the_headers(office: Office, name: str):
    response = Leaving(name, b"", "text/plain").response
    (disposition,) = [
        value.decode() for key, value in response.raw_headers if key == b"content-disposition"
    ]
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%~-]+", disposition)
    assert not set("\r\n/\\\u202e") & set(unquote(disposition.partition("''")[2]))
    assert len(response.raw_headers) == 5


def explained(data: bytes) -> dict[object, object]:
    """What a workbook says of itself on its last sheets."""
    return dict(load_workbook(io.BytesIO(data))["说明"].iter_rows(values_only=True))


def test_each_says_what_it_is_as_of_when_and_how_much(stocked: Stocked):
    workbooks = {"finding_list", "ledger", "marked", "mended", "prefilled"} | {
        "sample_sheet",
        "template",
        "unreached",
    }
    for file in stocked.files:
        if file.address[1:] in workbooks:
            said = explained(fetched(stocked, file).body)
            assert said["合同"] == "示例小区2023年救助服务（shi-2023）", file.address
            assert {"内容", "截至", "行数", "姓名", "导出"} <= said.keys(), file.address
            assert [key for key in said if str(key).startswith("合计（")], file.address
            assert str(said["导出"]).endswith(f" {file.owner.name}")


def test_a_report_says_on_how_many_entries_it_rests(stocked: Stocked):
    (file,) = [file for file in stocked.files if file.address == "/report"]
    words = Document(io.BytesIO(fetched(stocked, file).body)).paragraphs[-1].text
    assert "依据2023-03截至 2023-03-31 计入的记录 13 条，合计 " in words


def test_a_corrected_figure_is_never_handed_out_as_it_was(stocked: Stocked):
    """Two users fetch everything, a row of each is corrected, and both fetch again."""
    whose = {
        "/ledger": (REVIEWER, LEADER),
        "/finding_list": (REVIEWER, LEADER),
        "/report": (REVIEWER, LEADER),
        "/sample_sheet": (REVIEWER, LEADER),
        "/unreached": (REVIEWER, LEADER),
        "/prefilled": (LEAD, LEAD),
    }
    files = [file for file in stocked.files if file.address in whose]

    def every() -> list[tuple[str, dict[object, object] | str]]:
        return [
            (file.address, told(fetched(stocked, file, viewer).body))
            for file in files
            for viewer in whose[file.address]
        ]

    before = every()
    stocked.office.post(
        {
            "对象排查": [
                patrol(FIRST_LOG.replace(day=9), "示员甲", EAST, "改正以后"),
                patrol(FIRST_LOG.replace(day=10), "示员甲", EAST, "补记"),
                patrol(POSTED_AT.date().replace(month=4, day=8), "示员甲", EAST, "周六"),
            ],
            "专项行动": [campaign(FIRST_LOG, "示员甲", "H3")],
            "特困老人核查": [elder_check("2023-04-25", "示员甲", "T2")],
        },
        LEAD,
    )
    for old, new in zip(before, every(), strict=True):
        assert old != new, old[0]
    (ledger,) = [file for file in files if file.address == "/ledger"]
    for viewer in (REVIEWER, LEADER):
        book = load_workbook(io.BytesIO(fetched(stocked, ledger, viewer).body))["对象排查"]
        texts = [row[5] for row in book.iter_rows(min_row=4, values_only=True)]
        assert "改正以后" in texts


def told(data: bytes) -> dict[object, object] | str:
    """What a file says of itself, without the moment at which it was made."""
    try:
        said = explained(data)
    except OSError:  # a report
        return re.sub(r"\d\d:\d\d", "", Document(io.BytesIO(data)).paragraphs[-1].text)
    return {key: value for key, value in said.items() if key != "导出"}
