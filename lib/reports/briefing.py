"""The one-page briefing (一页简报) for leadership: the overview's figures on a sheet of paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.kpi.overview import headline, overview, worst
from lib.periods import local_text
from lib.reports import official
from lib.reports.basis import basis
from lib.reports.document import Column, Document, Heading, Note, Table, numbers
from lib.reports.words import NONE, day_text, named, quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from lib.kpi.overview import Line, Overview
    from lib.kpi.scope import Scope
    from lib.reports.document import Block, Made

_DIGITS = 1  # as on the page


def document(connection: Connection, scope: Scope, made: Made) -> bytes:
    """The .docx of the briefing as of the scope's day."""
    return official.written(content(connection, scope, made))


def content(connection: Connection, scope: Scope, made: Made) -> Document:
    """What the briefing says: how the contract stands, what to look at first, every obligation."""
    found = overview(connection, scope)
    return Document(
        title=f"{scope.contract.name}简报",
        state=_state(scope, found),
        body=tuple(_body(found)),
        made=made,
        basis=basis(connection, scope),
    )


def _state(scope: Scope, found: Overview) -> str:
    over = "合同期已满" if scope.as_of >= scope.contract.end else "合同未到期"
    return f"截至{day_text(found.as_of)}，{over}"


def _body(found: Overview) -> Iterator[Block]:
    yield Heading(f"总体情况：{worst(found).label}")
    yield Note(headline(found))
    yield Heading("先看这些")
    for item in found.attention:
        yield Note(f"{'（急）' if item.urgent else ''}{item.sentence}。")
    if not found.attention:
        yield Note("没有需要马上处理的事项。")
    yield Heading("各项进度")
    heads = numbers(3, "完成", "应达", "合同", "预计")
    rows = [_row(line) for line in found.lines]
    columns = [Column("项目", 7), Column("状态", 3), *heads]
    yield Table(f"截至{day_text(found.as_of)}", columns, rows)
    posted = found.last_posted_at
    yield Note(f"最近一次过账 {local_text(posted)}。" if posted else "尚无日志过账。")


def _row(line: Line) -> list[str]:
    figure, pace = line.figure, line.pace
    told = (figure.delivered, figure.due, figure.required)
    projected = quantity(pace.projected, _DIGITS) if pace else NONE
    numbers_told = (quantity(number, _DIGITS) for number in told)
    return [named(figure.obligation), line.status.label, *numbers_told, projected]
