"""The tables of the acceptance report: clauses, months, elders, places, trainings, samples."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from lib.kpi import coverage, events, locality_months, person_days, visits
from lib.kpi.names import without_names
from lib.kpi.overview import percent
from lib.kpi.person_days import UNITS
from lib.kpi.workdays import workdays
from lib.logs import LOG_KINDS
from lib.periods import Month, Period, local_text, months_of
from lib.reports.document import Column, Table, numbers
from lib.reports.words import NONE, cut, named, quantity
from lib.store import rosters, signatures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lib.contract import Coverage, Events, LocalityMonths, Visits
    from lib.kpi.coverage import Reached
    from lib.kpi.obligations import Clause, Obligations
    from lib.kpi.scope import Scope
    from lib.store.signatures import Signature


def measured(found: Obligations) -> Table:
    """How each clause is measured: what counts, against what, and what does not."""
    rows = [
        [clause.name, clause.measured.counts, clause.measured.against, clause.measured.left_out]
        for clause in found.clauses
    ]
    columns = [Column("项目", 4), Column("计什么", 8), Column("对照什么", 8), Column("不计什么", 5)]
    return Table("各项计算办法", columns, rows)


def clauses(found: Obligations) -> Table:
    """Every clause in the contract's words: required, delivered, and how it stands."""
    columns = [Column("项目", 6), Column("合同条款", 10), *numbers(3, "合同数", "完成数", "完成率")]
    rows = [_clause(clause) for clause in found.clauses]
    return Table("合同义务逐条对照", [*columns, Column("结论", 3)], rows)


def _clause(clause: Clause) -> list[str]:
    figure = clause.figure
    if figure is None:
        told = [NONE, quantity(clause.evidence.entries), NONE]
        return [f"{clause.name}（条）", clause.words or NONE, *told, clause.verdict]
    told = [
        quantity(figure.required),
        quantity(cut(figure.delivered)),
        percent(figure.delivered, figure.required),
    ]
    return [named(figure.obligation), clause.words or NONE, *told, clause.verdict]


def evidence(found: Obligations) -> Table:
    """What stands behind every clause, and what is in doubt of it."""
    heads = (
        "记录数",
        "有照片的\n记录数",
        "回执数",
        "已认定\n疑点",
        "待定\n疑点",
        "存疑\n人天",
        "待核\n人天",
    )
    rows = [
        [
            clause.name,
            *map(quantity, vars(clause.evidence).values()),
            *map(quantity, (clause.findings.confirmed, clause.findings.undecided)),
            quantity(clause.findings.doubt.confirmed),
            quantity(clause.findings.doubt.undecided),
        ]
        for clause in found.clauses
    ]
    return Table("各项佐证和疑点", [Column("项目", 6), *numbers(3, *heads)], rows)


def months(connection: Connection, scope: Scope) -> Table:
    """Every month begun: person-days due and delivered, and who signed it."""
    quotas = {quota.code: quota for quota in scope.contract.quotas}
    days = workdays(connection, scope)
    due: defaultdict[Month, Fraction] = defaultdict(Fraction)
    done: defaultdict[Month, Fraction] = defaultdict(Fraction)
    for quota in quotas.values():
        for day, part in days.falling_due(quota.required, quota.plan).items():
            due[Month.of(day)] += part
    for day, kind, units in person_days.units_by_day(connection, scope):
        done[Month.of(day)] += Fraction(units, UNITS) if kind in quotas else 0
    held = signatures.closed(connection, scope.contract_id)
    rows = [
        [str(month), quantity(due[month]), quantity(done[month]), *_signing(held.get(str(month)))]
        for month in begun(scope)
    ]
    whole = sum(due[month] for month in begun(scope)), sum(done.values())
    rows.append(["合计", *map(quantity, whole), "", ""])
    heads = numbers(3, "应达人天", "完成人天")
    columns = [Column("月份", 3), *heads, Column("签认人", 4), Column("签认时间", 5)]
    return Table("分月情况", columns, rows)


def begun(scope: Scope) -> Sequence[Month]:
    """The contract's months begun by the scope's day."""
    if scope.as_of < scope.contract.start:
        return []
    return list(months_of(Period(scope.contract.start, scope.as_of)))


def _signing(signed: Signature | None) -> list[str]:
    return [signed.signed_by, local_text(signed.signed_at)] if signed else ["尚未签认", NONE]


def elder_months(connection: Connection, scope: Scope, obligation: Visits) -> Table:
    """Every month's elders with all visits, and the visits."""
    rows = [
        [
            month,
            str(each.elders),
            str(each.compliant),
            percent(Fraction(each.compliant), Fraction(each.elders)),
            str(each.required),
            str(each.delivered),
            percent(Fraction(each.delivered), Fraction(each.required)),
        ]
        for month, each in visits.by_month(connection, scope, obligation).items()
    ]
    heads = ("应访人数", "访够人数", "访够率", "应访人次", "完成人次", "完成率")
    return Table(f"{obligation.name}分月情况", [Column("月份", 3), *numbers(3, *heads)], rows)


def places_by_month(connection: Connection, scope: Scope, indicator: LocalityMonths) -> Table:
    """Localities visited in each month, of all on the roster."""
    found = locality_months.localities_by_month(connection, scope, indicator)
    listed = len(rosters.load(connection, scope.contract_id).localities)
    rows = [[str(month), str(found.get(str(month), 0)), str(listed)] for month in begun(scope)]
    heads = numbers(3, "到过的村（社区）数", "名册数")
    return Table(f"{indicator.name}分月情况", [Column("月份", 3), *heads], rows)


def by_subdistrict(connection: Connection, scope: Scope, obligation: Coverage) -> Table:
    """Households of each subdistrict by the roster, and those reached."""
    places = rosters.load(connection, scope.contract_id).localities
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for code, reached in coverage.by_locality(connection, scope, obligation).items():
        sums[places[code].subdistrict].update(
            places=1, required=reached.required, delivered=reached.delivered
        )
    rows = [
        [name, str(each["places"]), *_reached(each["required"], each["delivered"])]
        for name, each in sums.items()
    ]
    heads = numbers(3, "村（社区）数", *_reached_heads(obligation))
    return Table(f"{obligation.name}分街道情况", [Column("街道", 4), *heads], rows)


def by_locality(connection: Connection, scope: Scope, obligation: Coverage) -> Table:
    """Households of each locality by the roster, those reached; and the sum of all."""
    places = rosters.load(connection, scope.contract_id).localities
    found = coverage.by_locality(connection, scope, obligation)
    rows = [
        [
            str(number),
            places[code].subdistrict,
            places[code].name,
            *_reached(each.required, each.delivered),
        ]
        for number, (code, each) in enumerate(found.items(), 1)
    ]
    rows.append(["", "合计", "", *_reached(*_sums(found))])
    columns = [Column("序号", 2, is_number=True), Column("街道", 4), Column("村（社区）", 5)]
    heads = numbers(3, *_reached_heads(obligation))
    return Table(f"{obligation.name}分村（社区）情况", [*columns, *heads], rows)


def _reached_heads(obligation: Coverage) -> tuple[str, str, str, str]:
    unit = obligation.unit
    return f"名册{unit}数", f"走访{unit}数", f"未走访{unit}数", "走访率"


def _reached(required: int, delivered: int) -> list[str]:
    rate = percent(Fraction(delivered), Fraction(required))
    return [*map(quantity, (required, delivered, required - delivered)), rate]


def _sums(found: Mapping[str, Reached]) -> tuple[int, int]:
    return (
        sum(each.required for each in found.values()),
        sum(each.delivered for each in found.values()),
    )


def events_held(
    connection: Connection, scope: Scope, obligation: Events, *, full_names: bool
) -> Table:
    """Every event held, and whether it counts; what was written of it names nobody unasked."""
    fields = LOG_KINDS[obligation.kind].by_slug
    roster = rosters.load(connection, scope.contract_id)
    rows: list[list[str]] = []
    for number, event in enumerate(events.listed(connection, scope, obligation), 1):
        told = [text if full_names else without_names(text, roster) for text in event.shown]
        ends = (event.filed_on or NONE, event.reason or "计数")
        rows.append([str(number), str(event.day), *told, *ends])
    shown = [Column(fields[slug].heading, 4) for slug in obligation.shown_fields]
    filed = Column(fields[obligation.filed_field].heading, 4)
    columns = [
        Column("序号", 2, is_number=True),
        Column("日期", 4),
        *shown,
        filed,
        Column("是否计数", 5),
    ]
    return Table(f"{obligation.name}逐次情况", columns, rows)
