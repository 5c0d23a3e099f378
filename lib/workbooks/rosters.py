"""A roster workbook made into members, and all that is wrong with it (spec §2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lib.errors import UnreadableError
from lib.fields import unknown
from lib.problems import Fault, Place, Problem
from lib.rosters import SHEETS, Locality, Member, RosterSheet
from lib.text import squeezed
from lib.workbooks.reading import Workbook, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.fields import Cell, Value
    from lib.rosters import Roster


@dataclass(frozen=True)
class CheckedRosters:
    """Members by sheet slug and code; only sheets that stand in the workbook have a key.

    `written` are the codes that stand on each sheet, those of refused rows included.
    """

    members: Mapping[str, Mapping[str, Member]]
    written: Mapping[str, frozenset[str]]
    problems: tuple[Problem, ...]


def check_rosters(workbook: Workbook, roster: Roster) -> CheckedRosters:
    """The members that the workbook lists; localities are looked up in it and in `roster`."""
    titles = {squeezed(sheet.name): sheet for sheet in workbook.sheets}
    present = [sheet for sheet in SHEETS if squeezed(sheet.sheet) in titles]
    if not present:
        expected = "、".join(f"“{sheet.sheet}”" for sheet in SHEETS)
        raise UnreadableError(f"没有名册工作表，工作表名应为：{expected}。")
    problems: list[Problem] = []
    members: dict[str, dict[str, Member]] = {}
    tables = {s.slug: table(titles[squeezed(s.sheet)], s.fields).rows for s in present}
    written = {
        slug: frozenset(squeezed(str(cells.get("code"))) for _, cells in rows)
        for slug, rows in tables.items()
    }
    # A locality that is listed anew may have given up its name to another.
    relisted = written.get("locality", frozenset())
    localities = {
        name: place for name, place in roster.locality_by_name.items() if place.code not in relisted
    }
    for sheet in present:
        rows = tables[sheet.slug]
        listed: dict[str, Member] = {}
        for number, cells in rows:
            place = Place(workbook.name, sheet.sheet, number)
            outcome = _member(sheet, cells, localities, listed)
            if isinstance(outcome, list):
                problems += [Problem(replace(place, column=column), f) for column, f in outcome]
                continue
            listed[outcome.code] = outcome
            if isinstance(outcome, Locality):
                localities[outcome.name] = outcome
        members[sheet.slug] = listed
    return CheckedRosters(members, written, tuple(problems))


def _member(
    sheet: RosterSheet,
    cells: Mapping[str, Cell],
    localities: Mapping[str, Locality],
    listed: Mapping[str, Member],
) -> Member | list[tuple[str, Fault]]:
    """The member of a row, or what is wrong by heading."""
    values: dict[str, Value | None] = {}
    faults: list[tuple[str, Fault]] = []
    for field in sheet.fields:
        value = field.read(cells.get(field.slug))
        if isinstance(value, Fault):
            faults.append((field.heading, value))
        else:
            values[field.slug] = value
    faults += _row_faults(sheet, values, localities, listed)
    if faults:
        return faults
    if "locality" in values:
        values["locality"] = localities[str(values["locality"])].code
    return sheet.member(**values)  # type: ignore[arg-type]


def _row_faults(
    sheet: RosterSheet,
    values: Mapping[str, Value | None],
    localities: Mapping[str, Locality],
    listed: Mapping[str, Member],
) -> list[tuple[str, Fault]]:
    headings = {field.slug: field.heading for field in sheet.fields}
    faults = []
    code, name = values.get("code"), values.get("name")
    if code in listed:
        faults.append((headings["code"], Fault("repeated", "此编号在表中出现了两次", str(code))))
    if sheet.member is Locality:
        namesake = localities.get(str(name))
        if namesake and namesake.code != code:
            expected = f"与编码 {namesake.code} 重名，名称不能重复"
            faults.append((headings["name"], Fault("repeated", expected, str(name))))
    elif values.get("locality") is not None and "locality" in headings:
        written = str(values["locality"])
        if written not in localities:
            expected = "村（社区）名册中没有此处"
            fault = unknown("unknown_locality", expected, written, localities)
            faults.append((headings["locality"], fault))
    begins, ends = values.get("on_post_on") or values.get("enrolled_on"), values.get("left_on")
    if begins and ends and str(ends) < str(begins):
        faults.append((headings["left_on"], Fault("ends_before", "早于开始日期", str(ends))))
    return faults
