"""Verbs that take in workbooks: rosters and logs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lib import clock
from lib.actions import import_rosters, post
from lib.actions.record_refusal import record_refusal
from lib.errors import UnreadableError
from lib.store import contracts, setup
from lib.text import tidy
from lib.verbs.answers import DONE, OPERATOR, REFUSED, acting_as, print_json, say
from lib.workbooks.process import expect_workbooks
from lib.workbooks.reading import Workbook, read_workbook

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.contract import Contract
    from lib.problems import Problem
    from lib.store.contracts import StoredContract


def rosters(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Import a roster workbook."""
    expect_workbooks(1)
    stored = setup.opened(engine, terms)
    name, data, now = _name(asked.file), _bytes(asked.file), clock.now()
    try:
        workbook = read_workbook(name, data)
        done = import_rosters.import_rosters(engine, stored, OPERATOR, workbook, now)
    except UnreadableError as refusal:
        _record(engine, stored, OPERATOR, name, data, refusal)
        raise
    for title, count in done.sheets.items():
        print(
            f"{title}：新增 {count.new}，变更 {count.changed}，未变 {count.unchanged}，"
            f"退回 {count.refused}，表中没有而保留 {len(count.missing)}"
        )
        if count.missing:
            say(f"{title} 中没有这些编号，名册里仍保留：{'、'.join(count.missing)}")
    for problem in done.problems:
        say(str(problem))
    return REFUSED if done.problems else DONE


def _name(path: Path) -> str:
    """The file's name as text, what is none replaced."""
    return tidy(os.fsencode(path.name).decode("utf-8", "replace"))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"文件“{_name(path)}”打不开，请核对路径。") from error


def _record(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    name: str,
    data: bytes,
    refusal: UnreadableError,
) -> None:
    with contracts.acting(engine, stored) as connection:
        record_refusal(
            connection,
            stored,
            viewer,
            name=name,
            data=data,
            reason=refusal.sentence,
            now=clock.now(),
        )


def post_files(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Post log workbooks in one go; files refused whole do not hold back the others."""
    expect_workbooks(len(asked.files))
    stored = setup.opened(engine, terms)
    viewer, now = acting_as(asked.by), clock.now()
    readable: list[Workbook] = []
    refused: list[tuple[str, str]] = []  # names, which may be alike, and sentences
    for path in asked.files:
        name, data = _name(path), None
        try:
            data = _bytes(path)
            readable.append(read_workbook(name, data))
        except UnreadableError as refusal:
            refused.append((name, refusal.sentence))
            if data is not None and not asked.dry_run:
                _record(engine, stored, viewer, name, data, refusal)
    if asked.dry_run:
        plans = post.preview(engine, stored, viewer, readable, clock.business_today())
        posted = [post.Posted(plan, None) for plan in plans]
    else:
        posted = post.post(engine, stored, viewer, readable, today=clock.business_today(), now=now)
    _tell_posted(posted, refused, as_json=asked.json)
    refusals = any(done.plan.refusal or done.plan.refusals for done in posted)
    return REFUSED if refused or refusals else DONE


def _tell_posted(
    posted: Sequence[post.Posted], unread: list[tuple[str, str]], *, as_json: bool
) -> None:
    whole = [(d.plan.workbook.name, d.plan.refusal) for d in posted if d.plan.refusal]
    refused = [*unread, *whole]
    posted = [done for done in posted if not done.plan.refusal]
    if as_json:
        facts = [{"file": name, "refused_whole": words} for name, words in refused]
        print_json([*(_posted_facts(done) for done in posted), *facts])
        return
    for done in posted:
        counts = "，".join(f"{o.label} {n}" for o, n in done.plan.counts.items())
        receipt = f"，回执 {done.receipt.number}" if done.receipt else ""
        print(f"{done.plan.workbook.name}：{counts}{receipt}")
        if done.plan.earlier:
            earlier = done.plan.earlier
            say(f"同一文件已于 {clock.local_text(earlier.posted_at)} 由 {earlier.posted_by} 上传。")
        for problem in (*done.plan.refusals, *done.plan.remarks):
            say(f"{done.plan.workbook.name}：{problem}")
    for name, words in refused:
        print(f"{name}：整份退回")
        say(f"{name}：{words}")


def _posted_facts(done: post.Posted) -> dict[str, Any]:
    counts = {str(outcome): number for outcome, number in done.plan.counts.items()}
    return {
        "file": done.plan.workbook.name,
        **counts,
        "receipt": done.receipt.number if done.receipt else None,
        "problems": [_problem_facts(problem) for problem in done.plan.refusals],
        "notices": [_problem_facts(problem) for problem in done.plan.remarks],
    }


def _problem_facts(problem: Problem) -> dict[str, Any]:
    return {
        "sheet": problem.place.sheet,
        "row": problem.place.row,
        "column": problem.place.column,
        "rule": problem.fault.rule,
        "found": problem.fault.found,
        "nearest": problem.fault.nearest,
        "sentence": problem.fault.sentence,
    }
