"""The monthly settlement (月度结算报告) as a document: what a month is paid by (spec §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.contract import Events
from lib.kpi import events, settled
from lib.kpi.names import without_names
from lib.kpi.settlement import last_day, settlement
from lib.kpi.workdays import workdays
from lib.periods import local_text
from lib.reports import finding_tables, official, sample_tables
from lib.reports.basis import basis
from lib.reports.document import Column, Document, Heading, Note, Paragraph, Table, numbers
from lib.reports.words import NONE, day_text, month_text, quantity
from lib.rosters import disagreements
from lib.store import calendar, rosters, signatures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from sqlalchemy import Connection

    from lib.findings.found import Finding
    from lib.kpi.scope import Scope
    from lib.kpi.settled import Settled, SettledLine
    from lib.periods import Month
    from lib.reports.document import Block, Made
    from lib.rosters import Roster
    from lib.store.signatures import Signature

_HEADS = (
    "合同数",
    "本月\n应达",
    "本月\n完成",
    "本月\n可计付",
    "累计\n应达",
    "累计\n完成",
    "存疑",
    "待核",
)
_PAYABLE = (
    "本月可计付＝累计完成中不超过合同数的部分，减去上月末累计中不超过合同数的部分；"
    "超出合同数的工作量照实列出，不计付。"
)


def document(connection: Connection, scope: Scope, month: Month, made: Made) -> bytes:
    """The .docx of a month of the contract that had begun by the scope's day, which is today's."""
    return official.written(content(connection, scope, month, made))


def content(connection: Connection, scope: Scope, month: Month, made: Made) -> Document:
    """What the report of a month says; a signed month's figures are those that were signed."""
    told = _told(connection, scope, month, made)
    return Document(
        title=f"{scope.contract.name}\n{month_text(month)}结算报告",
        state=told.state,
        recipient=scope.contract.buyer,
        body=tuple(told.body()),
        made=made,
        signed_by=scope.contract.buyer,
        signed_on=made.on,
        basis=basis(connection, scope, month),
    )


@dataclass(frozen=True)
class _Told:
    """A month's settlement and what is told beside it, as of the scope's day.

    `signed` are all signatures of the month, the oldest first; `held` is the one that holds.
    """

    connection: Connection
    scope: Scope
    month: Month
    made: Made
    found: Settled
    findings: Sequence[Finding]
    signed: Sequence[Signature]
    held: Signature | None
    roster: Roster

    @property
    def state(self) -> str:
        """What stands under the title: as of which day, and whether the month is signed."""
        last = last_day(self.scope, self.month)
        if self.scope.as_of < last:
            return f"截至{day_text(self.scope.as_of)}，本月未结束，尚未签认"
        return f"截至{day_text(last)}，{'已签认' if self.held else '尚未签认'}"

    def body(self) -> Iterator[Block]:
        """The chapters."""
        yield Heading("基本情况")
        yield from self._basis()
        yield Heading("本月结算")
        yield from self._lines()
        yield Heading("疑点")
        yield from finding_tables.blocks(
            self.connection,
            self.scope.at(self.found.as_of),
            self.findings,
            full_names=self.made.full_names,
        )
        if self.held:
            yield Note("以上是制作本件时的处理情况；结算表中的存疑、待核是签认时的数字。")
        yield Heading("抽查")
        yield from self._samples()
        yield Heading("例外情况")
        yield from self._exceptions()
        yield Heading("签认")
        yield from self._signing()

    def _basis(self) -> Iterator[Block]:
        contract = self.scope.contract
        _, days = workdays(self.connection, self.scope).in_month(self.month)
        yield Paragraph(
            f"合同：{contract.name}（编号 {contract.code}），采购人为{contract.buyer}，"
            f"服务期自{day_text(contract.start)}至{day_text(contract.end)}。"
            f"{month_text(self.month)}有 {days} 个合同工作日。"
        )
        yield Paragraph(f"支付依据：合同约定“{contract.payment.terms}”。")
        if self.scope.as_of < self.found.as_of:
            yield Paragraph(
                f"本月尚未结束：完成数为截至{day_text(self.scope.as_of)}已入账的记录，"
                "应达数按全月计算，均可能变动，不能作为支付依据。"
            )

    def _lines(self) -> Iterator[Block]:
        done, required = (quantity(number) for number in self.found.overall)
        yield Paragraph(
            f"截至{day_text(self.found.as_of)}，各服务项目累计完成 {done} 人天"
            f"（各项以合同数为限），合同共 {required} 人天。"
        )
        columns = numbers(3, *_HEADS)
        rows = [[_named(line), *_quantities(line)] for line in self.found.lines]
        yield Table(f"{month_text(self.month)}结算", [Column("项目", 6), *columns], rows)
        yield Note(f"{_PAYABLE}存疑、待核为本月人天，见第三部分。")
        priced = [line for line in self.found.lines if line.unit_price is not None]
        if not priced:
            yield Paragraph("合同文件未载明单价，本报告只列数量，不列金额。")
            return
        yield Paragraph(
            f"按合同单价计算，本月可计付金额 {_yuan(self.found.amount)} 元，"
            f"其中存疑 {_yuan(self.found.amount_in_doubt)} 元。"
        )
        yield _amounts(priced)

    def _samples(self) -> Iterator[Block]:
        drawn = [line for line in self.found.lines if line.checked.drawn]
        if drawn:
            heads = numbers(2, "抽取", "属实", "不符", "无法核实", "未核实")
            rows = [[line.name, *_checked(line)] for line in drawn]
            yield Table("本月各项目抽查结果", [Column("项目", 4), *heads], rows)
        first, last = self.month.first, self.found.as_of
        yield from sample_tables.blocks(self.connection, self.scope, first, last)

    def _exceptions(self) -> Iterator[Block]:
        said = [*self._reopened(), *self._uncounted(), *self._disagreeing()]
        for sentence in said or ["没有需要说明的例外情况。"]:
            yield Paragraph(sentence)

    def _reopened(self) -> Iterator[str]:
        for each in self.signed:
            if each.reopened_at is not None:
                reason = each.reason or ""
                if not self.made.full_names:
                    reason = without_names(reason, self.roster)
                yield (
                    f"本月曾于 {local_text(each.signed_at)} 由 {each.signed_by} 签认，"
                    f"{local_text(each.reopened_at)} 由 {each.reopened_by} 重新打开，"
                    f"原因：{reason}。"
                )

    def _uncounted(self) -> Iterator[str]:
        at_end = self.scope.at(self.found.as_of)
        for obligation in self.scope.contract.obligation:
            if isinstance(obligation, Events):
                for event in events.listed(self.connection, at_end, obligation):
                    if not event.counts and event.day >= self.month.first:
                        when = day_text(event.day)
                        yield f"{obligation.name}：{when}一场{event.reason}，不计数。"

    def _disagreeing(self) -> Iterator[str]:
        contract = self.scope.contract
        for words in disagreements(contract, self.roster.listed(contract.start)):
            yield f"名册与合同不一致，{words}。"
        for year in calendar.unannounced_years(self.connection, contract.period):
            yield f"{year} 年节假日安排尚未收录，暂按周一至周五计算工作日。"

    def _signing(self) -> Iterator[Block]:
        if self.held is None:
            yield Paragraph("尚未签认。以上数字可能随日志的补充、更正而变动。")
            return
        yield Paragraph(
            f"本月由 {self.held.signed_by} 于 {local_text(self.held.signed_at)} 签认，"
            f"依据 {self.held.entries:,} 条有效记录；以上结算数字为签认时的数字。"
        )
        yield Note(f"记录校验值（SHA-256）：\n{self.held.entries_hash}")
        yield Note(f"签认校验值（SHA-256）：\n{self.held.hash}")


def _told(connection: Connection, scope: Scope, month: Month, made: Made) -> _Told:
    every = signatures.listed(connection, scope.contract_id)
    signed = [each for each in every if each.month == str(month)]
    held = next((each for each in signed if each.reopened_at is None), None)
    now = settlement(connection, scope, month)
    found = settled.read(held.figures) if held else settled.settled(now)
    roster = rosters.load(connection, scope.contract_id)
    return _Told(connection, scope, month, made, found, now.findings, signed, held, roster)


def _named(line: SettledLine) -> str:
    return f"{line.name}（{line.unit}）"


def _quantities(line: SettledLine) -> list[str]:
    told = (
        line.required,
        line.due,
        line.delivered,
        line.payable,
        line.due_to_date,
        line.delivered_to_date,
    )
    doubts = (line.doubt.confirmed, line.doubt.undecided)
    return [*map(quantity, told), *(quantity(doubt) if doubt else NONE for doubt in doubts)]


def _amounts(priced: Sequence[SettledLine]) -> Table:
    rows = [
        [
            _named(line),
            quantity(line.payable),
            _yuan(line.unit_price),
            _yuan(line.amount),
            _yuan(line.amount_in_doubt),
        ]
        for line in priced
    ]
    heads = numbers(3, "本月可计付", "单价（元）", "金额（元）", "其中存疑（元）")
    return Table("可计付金额", [Column("项目", 6), *heads], rows)


def _yuan(amount: Decimal | None) -> str:
    return NONE if amount is None else f"{amount:,.2f}"


def _checked(line: SettledLine) -> list[str]:
    checked = line.checked
    left = checked.drawn - checked.looked_at
    told = (checked.drawn, checked.true, checked.untrue, checked.unverifiable, left)
    return [str(number) for number in told]
