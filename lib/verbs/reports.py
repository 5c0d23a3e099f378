"""The verb that writes a report into a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.errors import RefusedError
from lib.reports.document import Made
from lib.reports.kinds import report
from lib.store import setup
from lib.store.engine import reading
from lib.verbs.answers import DONE, OPERATOR, say

if TYPE_CHECKING:
    import argparse

    from sqlalchemy import Engine

    from lib.contract import Contract


def write_report(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """A report as a .docx, staff in it by code."""
    stored = setup.opened(engine, terms)
    found = report(stored, asked.what, asked.month or "", asked.as_of, clock.business_today())
    with reading(engine) as connection:
        data = found.document(connection, Made(clock.now(), OPERATOR.name))
    try:
        asked.out.write_bytes(data)
    except OSError as error:
        raise RefusedError(f"写不了文件 {asked.out}：{type(error).__name__}。") from error
    say(f"已写入 {asked.out}。")
    return DONE
