"""Every file as every role and as nobody, and whose names stand in it: a table."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

import pytest

from lib.reports.kinds import NAMES as NAMES_OF_REPORTS
from lib.ui import resources
from tests.support.downloads import fetch, routes, token
from tests.support.guarded_office import NAMES, SEES, STAFF
from tests.support.small_office import EAST, EVERYONE, LEAD, OTHER_LEAD, REVIEWER, book, patrol
from tests.support.visits import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer
    from lib.ui.sending import Endpoint
    from tests.support.visits import Office

OPEN = {"/enter", "/leave", "/healthz", "/readyz"}  # to everybody, and nobody's file

Asked = tuple[str, "Mapping[str, str]"]
LEDGER = ("/ledger", {"as_of": "2023-04-30"})
FULL_LEDGER = ("/ledger", {"as_of": "2023-04-30", "names": "full"})
UNREACHED = {"figure": "campaign_households", "as_of": "2023-04-30"}
FINDINGS, SHEET = ("/finding_list", {"month": "2023-04"}), ("/sample_sheet", {"id": "1"})
# Who gets a file: leader, lead, other lead, reviewer, admin, in that order (spec §6).
GIVEN: tuple[tuple[str, Mapping[str, str], str], ...] = (
    (*LEDGER, "+++++"),
    (*FULL_LEDGER, "+++++"),
    ("/unreached", UNREACHED, "+++++"),
    ("/unreached", {**UNREACHED, "names": "full"}, "+++++"),
    ("/prefilled", {}, "-++--"),
    ("/template", {"kinds": "patrol"}, "-++--"),
    ("/template", {"kinds": "none"}, "-----"),
    ("/audit_lines", {}, "---++"),
    ("/audit_lines", {"month": "2023-04", "act": "none"}, "-----"),
    ("/file", {"receipt": "1"}, "-+-+-"),
    ("/file", {"receipt": "2"}, "--++-"),
    ("/file", {"receipt": "5"}, "-+-+-"),
    *(("/file", {"receipt": wrong}, "-----") for wrong in ("0", "-1", "999", "9" * 30, "'1'", "")),
    ("/evidence", {"id": "1"}, "---+-"),  # of a drawn entry
    ("/evidence", {"id": "2"}, "-+-+-"),
    ("/evidence", {"id": "2", "size": "thumb"}, "-+-+-"),
    ("/evidence", {"id": "3"}, "-+-+-"),
    ("/evidence", {"id": "4"}, "--++-"),
    *(("/evidence", {"id": wrong}, "-----") for wrong in ("0", "-1", "999", "9" * 30, "'1'", "")),
    (*FINDINGS, "+++++"),
    ("/finding_list", {"month": "2023-04", "names": "full"}, "+++++"),
    ("/finding_list", {"month": "1999-01"}, "-----"),
    (*SHEET, "+--++"),
    ("/sample_sheet", {"id": "1", "names": "full"}, "+--++"),
    *(("/sample_sheet", {"id": wrong}, "-----") for wrong in ("0", "-1", "999", "'1'", "")),
    ("/report", {"what": "settlement", "month": "2023-03"}, "+--++"),
    ("/report", {"what": "settlement", "month": "2023-03", "names": "full"}, "+--++"),
    ("/report", {"what": "acceptance"}, "+--++"),
    ("/report", {"what": "acceptance", "names": "full"}, "+--++"),
    ("/report", {"what": "briefing"}, "+--++"),
    ("/report", {"what": "nothing"}, "-----"),
    *((address, {"upload": "1"}, "-----") for address in ("/marked", "/mended")),
    ("/made", {"id": "1"}, "-----"),
)


@cache
def endpoints() -> Mapping[str, Endpoint]:
    """What answers at each address of the server, past what closes what it opened."""
    return {route.path: getattr(route.endpoint, "endpoint", route.endpoint) for route in routes()}


def test_every_route_is_in_the_table():
    assert {address for address, _, _ in GIVEN} | OPEN == set(endpoints())


def test_every_report_is_in_the_table():
    tried = {asked["what"] for address, asked, who in GIVEN if address == "/report" and "+" in who}
    assert tried == set(NAMES_OF_REPORTS)


def named_in(data: bytes) -> set[str]:
    """The people named in full in a file, within its parts where it is an archive."""
    parts = [data]
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    text = "".join(unescape(part.decode("utf-8", "ignore")) for part in parts)
    return {name for name in NAMES if name in text}


def test_a_file_goes_to_its_roles_and_to_nobody_else(office: Office):
    cookies = {viewer: token(office, viewer) for viewer in EVERYONE}
    given = {}
    for number, (address, asked, _) in enumerate(GIVEN):
        answers = [fetch(endpoints()[address], cookies[viewer], asked) for viewer in EVERYONE]
        nobody = [fetch(endpoints()[address], cookie, asked) for cookie in (None, "", "x" * 43)]
        assert {answer.status_code for answer in nobody} == {404}
        assert len({answer.body for answer in nobody}) == 1
        refused = {bytes(answer.body) for answer in answers if answer.status_code == 404}
        assert refused <= {bytes(nobody[0].body)}
        given[number] = "".join("+" if a.status_code == 200 else "-" for a in answers)
    assert given == {number: who for number, (_, _, who) in enumerate(GIVEN)}


def test_an_upload_goes_back_to_whoever_handed_it_in(office: Office):
    data = book({"对象排查": [patrol(date(2023, 4, 17), "示员甲", EAST)]})
    number = resources.desk().hand_in(LEAD, "示例.xlsx", data)
    resources.desk().finish(TIMEOUT)
    for address in ("/marked", "/mended"):
        asked = {"upload": str(number)}
        answers = [fetch(endpoints()[address], token(office, each), asked) for each in EVERYONE]
        assert [answer.status_code for answer in answers] == [404, 200, 404, 404, 404]


MASKED: tuple[tuple[str, Mapping[str, str]], ...] = (
    LEDGER,
    ("/unreached", UNREACHED),
    FINDINGS,
    SHEET,
    *(("/report", {"what": what}) for what in ("acceptance", "briefing")),
    ("/report", {"what": "settlement", "month": "2023-03"}),
)


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_a_file_names_whom_the_viewer_may_see_and_nobody_unasked(office: Office, viewer: Viewer):
    cookie = token(office, viewer)
    unasked = SEES[viewer] if viewer.team else frozenset()
    for address, asked in MASKED:
        named = named_in(bytes(fetch(endpoints()[address], cookie, asked).body))
        assert named <= unasked, (address, asked)
        full = fetch(endpoints()[address], cookie, {**asked, "names": "full"})
        assert named_in(bytes(full.body)) <= SEES[viewer], (address, asked)


def test_files_name_those_that_they_are_about(office: Office):
    def named(viewer: Viewer, wanted: Asked) -> set[str]:
        address, asked = wanted
        return named_in(bytes(fetch(endpoints()[address], token(office, viewer), asked).body))

    assert "示申甲" in named(LEAD, LEDGER)
    assert "示申丙" in named(OTHER_LEAD, LEDGER)
    assert {"示申甲", "示申丙", "示户江", "示户柯"} <= named(REVIEWER, FULL_LEDGER)
    assert named(REVIEWER, LEDGER) == set()
    assert "示户耿" in named(LEAD, ("/prefilled", {}))
    assert "示户明" in named(REVIEWER, ("/finding_list", {"month": "2023-04", "names": "full"}))
    assert "示户宁" in named(REVIEWER, ("/sample_sheet", {"id": "1", "names": "full"}))
    # Whom work was done with is chosen from a list of all staff.
    assert named(LEAD, ("/prefilled", {})) <= SEES[LEAD].union(STAFF.values())
