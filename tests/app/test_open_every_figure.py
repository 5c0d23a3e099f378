"""Every number that leads to rows, on every page: the rows, added up one by one, come to it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope, counted
from lib.kpi.selection import PERSON_DAYS, Selection, condition, parse
from lib.store import rosters
from lib.store.engine import reading
from tests.support.row_links import under
from tests.support.small_office import BEFORE_ANY_LOG, END, LEADER, MID_MONTH, TERMS
from tests.support.visits import ASKED, OBLIGATIONS, PROGRESS, links, titles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lib.kpi.rows import LedgerRow
    from tests.support.visits import Office

OPENED = (*PROGRESS, OBLIGATIONS)


@pytest.mark.parametrize("day", [BEFORE_ANY_LOG, MID_MONTH, END], ids=str)
@pytest.mark.parametrize("page", OPENED)
def test_the_rows_behind_every_number_come_to_it(office: Office, page: str, day: date):
    app = office.visit(LEADER, page, as_of=str(day))
    shown = {address: text for address, text in links(app) if address.startswith("rows?")}
    wrong = [
        (address, text)
        for address, text in shown.items()
        if abs(number_in(text) - added_up(office, address)) > Fraction(1, 20)
    ]
    assert wrong == []


BARE = """
code = "bare-2023"
name = "示例小合同"
buyer = "示例局"
start = 2023-03-01
end = 2023-04-30

[[item]]
code = "other_task"
name = "其他工作"
"""


@pytest.mark.parametrize("page", [page for page in OPENED if page not in ASKED])
def test_a_contract_of_hardly_anything_has_every_page_too(
    office: Office, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    thresholds = TERMS[TERMS.index("[thresholds]") :]
    rosters_agreed = TERMS[TERMS.index("[roster]") : TERMS.index("[[item]]")]
    terms = BARE.replace("[[item]]", f"{rosters_agreed}[[item]]") + thresholds
    bare = under(office, terms, tmp_path / "bare.toml", monkeypatch)
    bare.add(LEADER)
    app = bare.visit(LEADER, page)
    assert not app.error
    assert not app.exception
    assert titles(app) != ["找不到这个页面"]


def number_in(text: str) -> Fraction:
    """The first number in a link's text."""
    found = re.search(r"\d[\d,]*(\.\d+)?", text)
    assert found, f"“{text}” shows no number"
    return Fraction(found[0].replace(",", ""))


def added_up(office: Office, address: str) -> Fraction:
    """What the rows that an address selects come to, one after the other."""
    asked = dict(parse_qsl(address.partition("?")[2]))
    with reading(office.engine) as connection:
        roster = rosters.load(connection, office.stored.id)
        wanted = parse(asked, office.stored.terms, roster)
        assert wanted is not None, f"{address} is not found"
        scope = Scope(office.stored, date.fromisoformat(asked["as_of"]))
        chosen = ledger_rows(connection, condition(scope, wanted))
        everything = ledger_rows(connection, counted(scope))
    return of_rows(wanted, measure_of(office, wanted), chosen, everything)


def measure_of(office: Office, wanted: Selection) -> str:
    """How the figure is measured; empty where rows are asked for by kind."""
    obligations = office.stored.terms.obligations
    return next((o.measure for o in obligations if o.code == wanted.figure), "")


def of_rows(
    wanted: Selection, measure: str, chosen: Sequence[LedgerRow], everything: Sequence[LedgerRow]
) -> Fraction:
    """The figure, from the rows alone."""
    if measure == "person_days" or wanted.amount == PERSON_DAYS:
        parts = shares(everything)
        people = ((row, code) for row in chosen for code in row.people)
        return sum(
            (parts[row.entry_id, code] for row, code in people if wanted.staff in {"", code}),
            Fraction(0),
        )
    if wanted.amount:
        return Fraction(sum(int(row.details.get(wanted.amount, 0)) for row in chosen))
    if measure == "visits":
        return Fraction(visits(chosen))
    distinct = {
        "coverage": None if wanted.state else "household",
        "cases": "application",
        "locality_months": "day" if wanted.locality else "locality",
    }.get(measure)
    return Fraction(len({getattr(row, distinct) for row in chosen} if distinct else chosen))


def visits(rows: Iterable[LedgerRow]) -> int:
    """Days on which elders were seen, at most two a month: all are on the roster throughout."""
    days: defaultdict[tuple[str | None, str], set[date]] = defaultdict(set)
    for row in rows:
        days[row.elder, f"{row.day:%Y-%m}"].add(row.day)
    return sum(min(len(seen), 2) for seen in days.values())


def shares(rows: Iterable[LedgerRow]) -> dict[tuple[int, str], Fraction]:
    """Each entry's part of each of its people's days."""
    kinds: defaultdict[tuple[date, str], set[str]] = defaultdict(set)
    entries: Counter[tuple[date, str, str]] = Counter()
    people = [(row, code) for row in rows for code in row.people]
    for row, code in people:
        kinds[row.day, code].add(row.kind)
        entries[row.day, code, row.kind] += 1
    return {
        (row.entry_id, code): Fraction(
            1, len(kinds[row.day, code]) * entries[row.day, code, row.kind]
        )
        for row, code in people
    }
