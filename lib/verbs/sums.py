"""The verb that compares all contracts' daily sums with their ledgers, and puts them right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.actions import daily_sums
from lib.kpi import sums
from lib.store import contracts, setup
from lib.store.engine import reading
from lib.verbs.answers import DONE, OPERATOR, REFUSED, print_json, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.kpi.sums import Difference, Sum


def rebuild_sums(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Make all sums anew, or only compare them: exit status 1 when any differed."""
    setup.opened(engine, terms)
    with reading(engine) as connection:
        every = contracts.every(connection)
        kept = {each.code: sums.number(connection, each.id) for each in every}
    found: dict[str, Sequence[Difference]] = {}
    for each in every:
        if asked.check:
            with reading(engine) as connection:
                found[each.code] = sums.differences(connection, each.id)
        else:
            found[each.code] = daily_sums.put_right(engine, each, OPERATOR, clock.now())
    if asked.json:
        print_json({"ok": not any(found.values()), "contracts": _facts(found)})
    else:
        _tell(found, kept, checked_only=asked.check)
    return REFUSED if any(found.values()) else DONE


def _facts(found: Mapping[str, Sequence[Difference]]) -> list[dict[str, object]]:
    return [
        {
            "contract": code,
            "differences": [
                {
                    "month" if isinstance(each.when, str) else "day": str(each.when),
                    "kind": each.kind,
                    "kept": _sum(each.kept),
                    "found": _sum(each.found),
                }
                for each in differences
            ],
        }
        for code, differences in found.items()
    ]


def _sum(of: Sum | None) -> dict[str, object] | None:
    if of is None:
        return None
    entries, units, *days = of
    between = dict(zip(("first_on", "last_on"), map(str, days), strict=False))
    return {"entries": entries, "units": units, **between}


def _tell(
    found: Mapping[str, Sequence[Difference]], kept: Mapping[str, int], *, checked_only: bool
) -> None:
    for code, differences in found.items():
        if not differences:
            print(f"{code}：一致（{kept[code]} 项）")
        for each in differences:
            print(f"{code} {sums.named(each)}")
    number = sum(len(each) for each in found.values())
    if number and checked_only:
        say(f"有 {number} 处不一致，没有更正；去掉 --check 再运行就按记录更正。")
    elif number:
        say(f"有 {number} 处不一致，已按记录更正，并记入审计记录。")
