"""Drawing a sample of a period's entries, so that anyone can draw it again (spec §5)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from lib.access import may_review, require
from lib.errors import RefusedError
from lib.kpi.frame import Frame, in_trips
from lib.kpi.frame import frame as read_frame
from lib.kpi.sample_words import percent
from lib.kpi.scope import Scope
from lib.store import audit, contracts, rosters, samples
from lib.store.engine import reading

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.kpi.frame import Design
    from lib.store.contracts import StoredContract

CONFIDENCE = (Decimal("0.8"), Decimal("0.999"))  # the least and the most that make sense
MARGIN = (Decimal("0.01"), Decimal("0.2"))
_SEED = re.compile(r"[0-9A-Za-z-]{1,32}")
_ACT = "抽取样本"


def preview(
    engine: Engine, stored: StoredContract, viewer: Viewer, design: Design, today: date
) -> Frame:
    """What would be drawn from, and how many; refused as the drawing would be."""
    require(may_review(viewer), _ACT)
    with reading(engine) as connection:
        return _frame(connection, stored, design, today)


def draw(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    design: Design,
    seed: str,
    *,
    today: date,
    now: datetime,
) -> int:
    """Draw a sample and keep it, under the number given back.

    The same drawn again from the same entries is the same sample, and gives its number.
    RefusedError for a period that is not over or not the contract's, for a confidence, margin or
    seed that is none, and where there is nothing to draw from.
    """
    require(may_review(viewer), _ACT)
    code = _given(seed)
    with contracts.acting(engine, stored) as connection:
        frame = _frame(connection, stored, design, today)
        facts = _facts(frame, code)
        known = samples.same(connection, stored.id, facts)
        return known or _keep(connection, stored, viewer, frame, facts, now)


def _given(seed: str) -> str:
    if not _SEED.fullmatch(seed.strip()):
        raise RefusedError("抽样码只能用字母、数字和短横线，最多 32 个字。")
    return seed.strip()


def _frame(connection: Connection, stored: StoredContract, design: Design, today: date) -> Frame:
    """The entries to draw from; RefusedError where none can be drawn."""
    _require_over(stored, design, today)
    _require_within("置信度", design.confidence, CONFIDENCE)
    _require_within("误差", design.margin, MARGIN)
    found = read_frame(connection, Scope(stored, design.last), design)
    if not found.members:
        raise RefusedError("这段时间里没有可抽的记录，请换一段时间或换项目。")
    return found


def _require_over(stored: StoredContract, design: Design, today: date) -> None:
    terms = stored.terms
    if design.last < design.first:
        raise RefusedError("结束日早于开始日，请改过来再抽。")
    if design.first < terms.start or design.last > terms.end:
        raise RefusedError(f"只能抽合同期内的记录：{terms.start} 至 {terms.end}。")
    if design.last >= today:
        raise RefusedError(f"{design.last} 还没有过完，记录还会增加；请等这段时间结束后再抽。")


def _require_within(word: str, value: Decimal, limits: tuple[Decimal, Decimal]) -> None:
    least, most = limits
    if not value.is_finite() or not least <= value <= most:
        raise RefusedError(f"{word}应在 {percent(least)} 到 {percent(most)} 之间。")


def _facts(frame: Frame, seed: str) -> dict[str, object]:
    """What makes a sample the same one, by column."""
    design = frame.design
    return {
        "first_on": design.first,
        "last_on": design.last,
        "kinds": list(design.kinds),
        "confidence": f"{design.confidence.normalize():f}",
        "margin": f"{design.margin.normalize():f}",
        "seed": seed,
        "population": len(frame.members),
        "frame_hash": frame.hash,
    }


def _keep(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    frame: Frame,
    facts: dict[str, object],
    now: datetime,
) -> int:
    roster = rosters.load(connection, stored.id)
    drawn = in_trips(frame.drawn(str(facts["seed"])), roster, stored.terms.kinds)
    items = (
        {"stratum": each.stratum, "entry_id": each.entry_id, "version": each.version}
        for each in drawn
    )
    strata = {name: list(counts) for name, counts in frame.strata.items()}
    kept = {**facts, "strata": strata, "drawn_at": now, "drawn_by": viewer.name}
    number = samples.add(connection, stored.id, kept, items)
    contracts.touch(connection, stored.id)
    days = {name: str(facts[name]) for name in ("first_on", "last_on")}
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="draw_sample",
        subject=f"sample {number}",
        after={**facts, **days, "drawn": len(drawn)},
    )
    return number
