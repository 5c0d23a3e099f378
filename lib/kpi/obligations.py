"""The contract clause by clause: what it asks for, what was delivered, and what stands behind it.

The clauses are the service items in the contract's order, then what is measured besides
person-days. Indicators help to manage and are kept apart (spec §4).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lib.contract import Cases, LocalityMonths, PersonDays
from lib.findings.doubt import Doubt, in_doubt
from lib.findings.found import State, findings
from lib.findings.one_person_survey import ONE_PERSON_SURVEY
from lib.kpi import cases, clause_words, locality_months, receipts, samples
from lib.kpi.figures import Figure, Status, figures_of_rows
from lib.kpi.receipts import Asked
from lib.kpi.samples import Checked
from lib.kpi.selection import PICTURED, Selection, condition
from lib.periods import Period, months_of
from lib.rosters import compared
from lib.store import rosters, signatures
from lib.store.ledger import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.contract import Coverage, Events, Item, Obligation, Visits
    from lib.findings.found import Finding
    from lib.kpi.cases import AnswerTimes
    from lib.kpi.clause_words import Measured
    from lib.kpi.scope import Scope

FEW_PEOPLE = ONE_PERSON_SURVEY.code  # the rule that finds answers by too few people


@dataclass(frozen=True)
class Evidence:
    """What stands behind a clause: entries, those of them with pictures, and their receipts."""

    entries: int
    pictured: int
    receipts: int


@dataclass(frozen=True)
class Findings:
    """How many findings touch a clause's entries, by where they stand; the person-days in doubt.

    `undecided` are those nobody has decided yet, explained or not.
    """

    undecided: int
    confirmed: int
    doubt: Doubt


@dataclass(frozen=True)
class Clause:
    """One clause; `figure` and `standing` are None where the contract sets no quota.

    `rows` are the entries that it is looked at by, `kind` their log kind. Once the contract
    `is_over` a clause is met or not, and what is missing is missing for good.
    """

    code: str
    name: str
    words: str
    measured: Measured
    rows: Selection
    figure: Figure | None
    standing: Status | None
    is_over: bool
    evidence: Evidence
    findings: Findings
    checked: Checked

    @property
    def kind(self) -> str:
        """The log kind of its entries."""
        return self.rows.kind

    @property
    def is_fine(self) -> bool:
        """Whether nothing is to be worried about: met, on track, or not due yet."""
        return self.standing in {Status.DONE, Status.ON_TRACK, Status.NOT_DUE}

    @property
    def verdict(self) -> str:
        """The word officials use; another once the contract is over."""
        if self.standing is None:
            return "只记录"
        if self.is_over:
            return "达标" if self.is_fine else "未达标"
        return self.standing.label

    @property
    def missing(self) -> Fraction | None:
        """What is missing: of what is due, once the contract is over of what is required.

        None where the verdict is that nothing is.
        """
        if self.figure is None or self.is_fine:
            return None
        wanted = self.figure.required if self.is_over else self.figure.due
        return wanted - self.figure.delivered


@dataclass(frozen=True)
class RosterFigure:
    """What the contract says a roster holds, and what it holds."""

    name: str
    contracted: int
    listed: int


@dataclass(frozen=True)
class PlaceMonths:
    """Localities visited in each month gone by, of all on the roster; an indicator."""

    obligation: LocalityMonths
    months: Mapping[str, int]
    localities: int


@dataclass(frozen=True)
class CaseIndicators:
    """What the national rule wants of cases: answered in time, and by enough people.

    `late` are cases that wait for too long, `few_people` those of the `entries` of the answering
    kind in which too few people went.
    """

    obligation: Cases
    times: AnswerTimes
    late: int
    entries: int
    few_people: int


@dataclass(frozen=True)
class Obligations:
    """Every clause as of one day, what the rosters hold, and the indicators apart."""

    as_of: date
    is_over: bool
    clauses: tuple[Clause, ...]
    roster: tuple[RosterFigure, ...]
    places: tuple[PlaceMonths, ...]
    cases: tuple[CaseIndicators, ...]
    findings: Findings
    checked: Checked
    months: int
    signed: int

    @property
    def judged(self) -> Sequence[Clause]:
        """The clauses on which there is a verdict."""
        return [clause for clause in self.clauses if clause.standing is not None]


def obligations(
    connection: Connection, scope: Scope, found: Sequence[Finding] | None = None
) -> Obligations:
    """The whole acceptance table, each figure from its one definition.

    Whoever has the findings as of the day already gives them: they take the longest.
    """
    found = findings(connection, scope) if found is None else found
    doubts = in_doubt(connection, scope, None, found)
    gone_by = Period(scope.contract.start, max(scope.as_of, scope.contract.start))
    checked = samples.checked_between(
        connection, scope.contract_id, scope.contract.start, scope.as_of
    )
    months = {str(month) for month in months_of(gone_by)}
    closed = signatures.closed_months(connection, scope.contract_id)
    listed = rosters.listed(connection, scope.contract_id, scope.contract.start)
    return Obligations(
        as_of=scope.as_of,
        is_over=_is_over(scope),
        clauses=tuple(_Looking(connection, scope, found, doubts, checked).clauses()),
        roster=tuple(RosterFigure(*each) for each in compared(scope.contract, listed)),
        places=tuple(_places(connection, scope, listed.localities)),
        cases=tuple(_cases(connection, scope, found)),
        findings=_findings(found, _doubt_of_all(doubts.values())),
        checked=_checked_of_all(checked.values()),
        months=len(months),
        signed=len(months & closed),
    )


def _is_over(scope: Scope) -> bool:
    return scope.as_of >= scope.contract.end


@dataclass(frozen=True)
class _Looking:
    """What is known of all clauses, while one after the other is looked at."""

    connection: Connection
    scope: Scope
    found: Sequence[Finding]
    doubts: Mapping[str, Doubt]
    checked: Mapping[str, Checked]
    evidence: dict[Selection, Evidence] = field(default_factory=dict)  # clauses share kinds

    def clauses(self) -> Iterator[Clause]:
        """The items, then what is measured besides person-days."""
        contract = self.scope.contract
        found = figures_of_rows(self.connection, self.scope)
        quotas = {f.obligation.code: f for f in found if isinstance(f.obligation, PersonDays)}
        for item in contract.item:
            figure, doubt = quotas.get(item.code), self.doubts.get(item.code, Doubt())
            words = (
                clause_words.measured(figure.obligation, contract)
                if figure
                else clause_words.recorded(item, contract)
            )
            yield self._clause(item, words, figure, Selection(kind=item.code), doubt)
        for figure in found:
            obligation = figure.obligation
            if not isinstance(obligation, PersonDays):
                words = clause_words.measured(obligation, contract)
                yield self._clause(obligation, words, figure, _rows(obligation), Doubt())

    def _clause(
        self,
        term: Item | Obligation,
        words: Measured,
        figure: Figure | None,
        rows: Selection,
        doubt: Doubt,
    ) -> Clause:
        touching = [each for each in self.found if any(r.kind == rows.kind for r in each.rows)]
        return Clause(
            code=term.code,
            name=term.name,
            words=term.clause,
            measured=words,
            rows=rows,
            figure=figure,
            standing=self._standing(figure),
            is_over=_is_over(self.scope),
            evidence=self.evidence.get(rows) or self._evidence(rows),
            findings=_findings(touching, doubt),
            checked=self.checked.get(rows.kind, Checked()),
        )

    def _standing(self, figure: Figure | None) -> Status | None:
        """How it stands; when the contract is over there is only met or not."""
        if figure is None or not _is_over(self.scope):
            return figure.status(self.scope.contract.thresholds) if figure else None
        return Status.DONE if figure.delivered >= figure.required else Status.BEHIND

    def _evidence(self, rows: Selection) -> Evidence:
        until = Asked(kind=rows.kind, until=self.scope.as_of)
        found = self.evidence[rows] = Evidence(
            entries=_number(self.connection, self.scope, rows),
            pictured=_number(self.connection, self.scope, pictured(rows)),
            receipts=receipts.number_of(self.connection, self.scope.contract_id, until),
        )
        return found


def pictured(rows: Selection) -> Selection:
    """Those of the entries with a photo or scan."""
    return replace(rows, pictured=PICTURED)


def _number(connection: Connection, scope: Scope, rows: Selection) -> int:
    query = select(func.count()).select_from(LATEST).where(condition(scope, rows))
    return connection.execute(query).scalar_one()


def _rows(obligation: Coverage | Visits | Events | Cases | LocalityMonths) -> Selection:
    """The entries that answer an obligation, as entries: not yet as what they come to."""
    if isinstance(obligation, Cases):
        answer = obligation.answered
        return Selection(kind=answer.kind, field=answer.field, value=answer.value)
    return Selection(kind=obligation.kind)


def _findings(found: Sequence[Finding], doubt: Doubt) -> Findings:
    states = [each.state for each in found]
    undecided = states.count(State.OPEN) + states.count(State.EXPLAINED)
    return Findings(undecided, states.count(State.CONFIRMED), doubt)


def _doubt_of_all(doubts: Iterable[Doubt]) -> Doubt:
    held = list(doubts)
    return Doubt(
        sum((each.confirmed for each in held), Fraction(0)),
        sum((each.undecided for each in held), Fraction(0)),
    )


def _checked_of_all(checked: Iterable[Checked]) -> Checked:
    numbers = [astuple(each) for each in checked]
    return Checked(*(sum(column) for column in zip(*numbers, strict=True)))


def _places(connection: Connection, scope: Scope, localities: int) -> Iterator[PlaceMonths]:
    for obligation in scope.contract.obligation:
        if isinstance(obligation, LocalityMonths):
            months = locality_months.localities_by_month(connection, scope, obligation)
            yield PlaceMonths(obligation, months, localities)


def _cases(
    connection: Connection, scope: Scope, found: Sequence[Finding]
) -> Iterator[CaseIndicators]:
    limit = scope.contract.thresholds.inquiry_within_working_days
    alone = [row.kind for each in found if each.rule is ONE_PERSON_SURVEY for row in each.rows]
    for obligation in scope.contract.obligation:
        if isinstance(obligation, Cases):
            listed = cases.listed(connection, scope, obligation)
            late = sum(case.answered_on is None and case.working_days > limit for case in listed)
            times = cases.answer_times(connection, scope, obligation)
            kind = obligation.answered.kind
            entries = _number(connection, scope, Selection(kind=kind))
            yield CaseIndicators(obligation, times, late, entries, alone.count(kind))
