"""Three team leads hand in a whole month at once, each in a browser of their own."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from lib import contract
from lib.access import Role, Viewer
from lib.actions.import_rosters import import_rosters
from lib.actions.post import post
from lib.demonstration import seed as seeds
from lib.demonstration.books import Upload, books
from lib.demonstration.rosters import made_up
from lib.demonstration.workbooks import Clerk, roster_workbook
from lib.demonstration.year import year
from lib.kpi.measures import measures
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.settings import ROOT
from lib.store import calendar, setup
from lib.store.engine import open_store, reading
from lib.workbooks.own import read_own_workbook
from tests.support.browsing import sign_in
from tests.support.small_office import OPERATOR
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from playwright.sync_api import Page

TERMS = contract.load(ROOT / "data" / "contract.toml")
JUNE = Month(2023, 6)
NOW = datetime(2024, 1, 5, 2, tzinfo=UTC)
POST = re.compile(r"^过账 [\d,]+ 行$")
POSTED = re.compile(r"^已过账，回执号 ")


@contextmanager
def opened(url: str) -> Iterator[Office]:
    """A store with the contract in it."""
    engine = open_store(url)
    yield Office(engine, setup.prepare(engine, TERMS))
    engine.dispose()


def month_of_work(office: Office) -> tuple[bytes, Mapping[str, bytes]]:
    """The roster, and each team's workbook of June, as the demonstration makes them up."""
    seed = seeds.load()
    with reading(office.engine) as connection:
        working = calendar.working_days(connection, TERMS.period)
    made = made_up(TERMS, seed, working)
    rows = [row for row in year(TERMS, made.final, seed, working) if Month.of(row.day) == JUNE]
    clerk = Clerk(TERMS, made.final, seed)
    whole = Upload(NOW, JUNE.first, JUNE.last, complete=True)
    written = {
        book.team: clerk.workbook(book, whole) for book in books(made.final, seed, rows, working)
    }
    return roster_workbook(made.final, seed), {team: data for team, data in written.items() if data}


def figures(office: Office) -> dict[str, Any]:
    """Every figure at the month's end."""
    with reading(office.engine) as connection:
        return measures(connection, Scope(office.stored, JUNE.last))


def expected(url: str, roster: bytes, logs: Mapping[str, bytes]) -> dict[str, Any]:
    """The figures after an operator posted the same workbooks in one go."""
    with opened(url) as office:
        import_rosters(
            office.engine, office.stored, OPERATOR, read_own_workbook("名册.xlsx", roster), NOW
        )
        read = [read_own_workbook(f"{team}.xlsx", data) for team, data in logs.items()]
        done = post(office.engine, office.stored, OPERATOR, read, today=NOW.date(), now=NOW)
        assert [each.plan.refusals for each in done] == [(), (), ()]
        return figures(office)


@pytest.fixture
def at_once(
    store_url: str, sqlite_stores, tmp_path: Path
) -> Iterator[tuple[Office, Mapping[str, bytes], dict[str, Any]]]:
    """An office with rosters and three leads, their workbooks, and the figures to be reached."""
    (tmp_path / "other").mkdir()
    with opened(store_url) as office:
        roster, logs = month_of_work(office)
        workbook = read_own_workbook("名册.xlsx", roster)
        import_rosters(office.engine, office.stored, OPERATOR, workbook, NOW)
        for number, team in enumerate(logs, 1):
            office.add(Viewer(f"lead{number}", Role.TEAM_LEAD, team))
        with sqlite_stores.fresh(tmp_path / "other") as other:
            yield office, logs, expected(other, roster, logs)


def test_three_leads_post_a_month_at_once(
    at_once, store_url: str, running_app: Callable[..., str], new_page: Callable[[], Page]
):
    office, logs, reached = at_once
    address = running_app(store_url)
    pages: Sequence[Page] = [new_page() for _ in logs]
    for page, (number, team) in zip(pages, enumerate(logs, 1), strict=True):
        sign_in(page, f"{address}/upload", Viewer(f"lead{number}", Role.TEAM_LEAD, team))
    for page, (team, data) in zip(pages, logs.items(), strict=True):
        file = {"name": f"{team}6月.xlsx", "mimeType": "", "buffer": data}
        page.locator('input[type="file"]').set_input_files(file)
    for page in pages:
        expect(page.get_by_role("button", name=POST)).to_be_visible(timeout=60_000)
    for page in pages:
        page.get_by_role("button", name=POST).click()
    for page in pages:
        said = page.get_by_text(POSTED)
        expect(said).to_be_visible(timeout=60_000)
        expect(said).to_contain_text("更正 0 行，未变 0 行，退回 0 行")
    assert figures(office) == reached
    assert sorted(line["by"] for line in office.audit("post")) == ["lead1", "lead2", "lead3"]
