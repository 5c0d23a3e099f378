"""The final acceptance report (服务履约验收报告): what the contract came to (spec §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.contract import Cases, Coverage, Events, LocalityMonths, Visits
from lib.findings.found import findings
from lib.kpi import cases, coverage
from lib.kpi.figures import overall
from lib.kpi.obligations import obligations
from lib.kpi.workdays import workdays
from lib.reports import acceptance_tables as tables
from lib.reports import finding_tables, official, sample_tables
from lib.reports.basis import basis
from lib.reports.conclusion import conclusion, state
from lib.reports.document import Document, Heading, Note, Paragraph
from lib.reports.words import day_text, quantity
from lib.rosters import disagreements
from lib.store import rosters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from lib.findings.found import Finding
    from lib.kpi.obligations import Obligations
    from lib.kpi.scope import Scope
    from lib.reports.document import Block, Made

_METHOD = (
    "服务单位逐日上传工作日志，系统逐条核对后入账。一名服务人员一天最多计 1 人天，"
    "当天做几项工作就平均分到几项；更正保留原记录，撤回的记录不计。"
    "本报告的数字均由日志逐条计算，可在系统中逐条查到。"
)
_DOUBT = "一条疑点涉及几项的，在各项都计；待定疑点是尚未认定或排除的。"
_ATTACHMENTS = ("各月结算报告", "服务台账", "疑点清单及处理意见", "抽查记录", "各月签认记录")


def document(connection: Connection, scope: Scope, made: Made) -> bytes:
    """The .docx as of the scope's day."""
    return official.written(content(connection, scope, made))


def content(connection: Connection, scope: Scope, made: Made) -> Document:
    """What the report says; of a contract that still runs it says so under its title."""
    seen = findings(connection, scope)
    found = obligations(connection, scope, seen)
    told = _Told(connection, scope, made, found, seen)
    return Document(
        title=_title(scope.contract.name),
        state=state(found),
        recipient=scope.contract.buyer,
        body=tuple(told.body()),
        made=made,
        attachments=_ATTACHMENTS,
        signed_by=scope.contract.buyer,
        signed_on=made.on,
        basis=basis(connection, scope),
    )


def _title(name: str) -> str:
    """The report's name, which begins with the contract's; 服务 is said once."""
    return f"{name}\n{'' if name.endswith('服务') else '服务'}履约验收报告"


@dataclass(frozen=True)
class _Told:
    """All that the report is made from."""

    connection: Connection
    scope: Scope
    made: Made
    found: Obligations
    findings: Sequence[Finding]

    def body(self) -> Iterator[Block]:
        """The chapters."""
        yield Heading("合同概况")
        yield from self._contract()
        yield Heading("验收依据和方法")
        yield Paragraph(_METHOD)
        yield tables.measured(self.found)
        yield Heading("履约情况")
        yield from self._delivery()
        yield Heading("疑点")
        yield from self._doubts()
        yield Heading("抽查")
        first, last = self.scope.contract.start, self.scope.as_of
        yield from sample_tables.blocks(self.connection, self.scope, first, last)
        yield Heading("验收结论")
        for sentence in conclusion(self.found):
            yield Paragraph(sentence)
        yield Note("以上由日志和抽查记录计算得出，供采购人作出验收决定。")

    def _contract(self) -> Iterator[Block]:
        contract, roster = self.scope.contract, self.scope.contract.roster
        days = workdays(self.connection, self.scope)
        categories = "、".join(f"{name} {number} 个" for name, number in roster.by_category.items())
        yield Paragraph(
            f"合同：{contract.name}（编号 {contract.code}），采购人为{contract.buyer}，"
            f"服务期自{day_text(contract.start)}至{day_text(contract.end)}，"
            f"共 {days.total} 个工作日。支付方式：{contract.payment.terms}。"
        )
        yield Paragraph(
            f"服务范围：{roster.subdistricts} 个街道，{roster.localities} 个村（社区），"
            f"其中{categories}；困难家庭 {roster.households:,} 户，"
            f"分散供养特困人员 {roster.elders:,} 人。"
        )
        listed = rosters.listed(self.connection, self.scope.contract_id, contract.start)
        for words in disagreements(contract, listed):
            yield Paragraph(f"名册与合同不一致，{words}。指标按合同数计算。")

    def _delivery(self) -> Iterator[Block]:
        yield Heading("合同义务", 2)
        figures = [clause.figure for clause in self.found.clauses if clause.figure]
        done, required = (quantity(number) for number in overall(figures))
        yield Paragraph(
            f"各服务项目共完成 {done} 人天（各项以合同数为限），合同共 {required} 人天。"
        )
        yield tables.clauses(self.found)
        yield tables.evidence(self.found)
        yield Note(_DOUBT)
        yield Heading("分月情况", 2)
        yield tables.months(self.connection, self.scope)
        for obligation in self.scope.contract.obligation:
            yield Heading(obligation.name, 2)
            match obligation:
                case Coverage():
                    yield from self._coverage(obligation)
                case Visits():
                    yield tables.elder_months(self.connection, self.scope, obligation)
                case Events():
                    yield tables.events_held(
                        self.connection, self.scope, obligation, full_names=self.made.full_names
                    )
                case Cases():
                    yield from self._cases(obligation)
                case LocalityMonths():
                    yield from self._places(obligation)

    def _coverage(self, obligation: Coverage) -> Iterator[Block]:
        found = coverage.problems(self.connection, self.scope, obligation)
        yield Paragraph(
            f"合同 {obligation.required:,} {obligation.unit}。走访中发现问题 {found.found} 个，"
            f"已跟进 {found.followed} 个，已办结 {found.closed} 个；未办结 {found.open} 个，"
            f"其中 {found.overdue} 个超过 {self.scope.contract.thresholds.problem_open_days} 天。"
        )
        yield tables.by_subdistrict(self.connection, self.scope, obligation)
        yield tables.by_locality(self.connection, self.scope, obligation)

    def _cases(self, obligation: Cases) -> Iterator[Block]:
        opened, answered = cases.opened_and_answered(self.connection, self.scope, obligation)
        times = cases.answer_times(self.connection, self.scope, obligation)
        limit = self.scope.contract.thresholds.inquiry_within_working_days
        unit = obligation.unit
        yield Paragraph(
            f"受理 {opened} {unit}，已调查 {answered} {unit}，待调查 {opened - answered} {unit}。"
        )
        if times.median is not None:
            yield Paragraph(
                f"从受理到调查，中位数 {quantity(times.median)} 个工作日，"
                f"最长 {times.longest} 个工作日；"
                f"{times.within} {unit}在 {limit} 个工作日内（管理指标，非合同义务）。"
            )

    def _places(self, obligation: LocalityMonths) -> Iterator[Block]:
        yield Paragraph("合同没有约定每月到村次数，下表是管理指标，不是合同义务。")
        yield tables.places_by_month(self.connection, self.scope, obligation)

    def _doubts(self) -> Iterator[Block]:
        yield from finding_tables.blocks(
            self.connection, self.scope, self.findings, full_names=self.made.full_names
        )
