"""The verb that says whether signed months and the audit log are as they were signed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from lib import clock
from lib.actions import verify as act
from lib.kpi.verification import Check, Part, Verification
from lib.store import setup
from lib.verbs.answers import DONE, OPERATOR, REFUSED, print_json, say

if TYPE_CHECKING:
    import argparse

    from sqlalchemy import Engine

    from lib.contract import Contract


def verify(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Verify, and say what was found: exit status 1 when anything differs."""
    stored = setup.opened(engine, terms)
    found = act.verify(engine, stored, OPERATOR, clock.now)
    if asked.json:
        print_json(
            {
                "ok": not found.differences,
                "checks": [asdict(each) for each in found.checks],
                "notices": found.notices,
            }
        )
    else:
        _tell(found)
    return REFUSED if found.differences else DONE


def _tell(found: Verification) -> None:
    for check in found.checks:
        print(_line(check))
    for notice in found.notices:
        say(f"注意：{notice.rstrip('。')}。")
    if found.differences:
        say(f"有 {len(found.differences)} 处不一致。{act.ADVICE}")
    elif not found.months:
        say("还没有签认封存的月份，只核对了审计记录。")


def _line(check: Check) -> str:
    about = f"{check.month} {check.part.label}" if check.month else check.part.label
    count = "" if check.part is Part.SIGNATURE else f"（{check.number} {check.part.unit}）"
    return f"{about}{count}：{check.difference or '一致'}"
