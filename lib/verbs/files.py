"""Verbs that take in workbooks: rosters and logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib import clock
from lib.access import Viewer, operator
from lib.actions import import_rosters, post
from lib.errors import UnreadableError
from lib.store import setup
from lib.verbs.answers import DONE, OPERATOR, REFUSED, print_json, say
from lib.workbooks.reading import Workbook, read_workbook

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.problems import Problem
    from lib.store.contracts import StoredContract


def rosters(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Import a roster workbook."""
    stored = setup.opened(engine, terms)
    workbook = _read(asked.file)
    done = import_rosters.import_rosters(engine, stored, OPERATOR, workbook, clock.now())
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


def _read(path: Path) -> Workbook:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"文件“{path.name}”打不开，请核对路径。") from error
    return read_workbook(path.name, data)


def post_files(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Post log workbooks in one go; files refused whole do not hold back the others."""
    stored = setup.opened(engine, terms)
    viewer, now = operator(asked.by), clock.now()
    readable: list[Workbook] = []
    refused: list[tuple[str, str]] = []  # names, which may be alike, and sentences
    for path in asked.files:
        try:
            readable.append(_read(path))
        except UnreadableError as refusal:
            refused.append((path.name, refusal.sentence))
            if path.is_file() and not asked.dry_run:
                _record_refusal(engine, stored, viewer, path, refusal)
    if asked.dry_run:
        plans = post.preview(engine, stored, viewer, readable, clock.business_today())
        posted = [post.Posted(plan, None) for plan in plans]
    else:
        posted = post.post(engine, stored, viewer, readable, today=clock.business_today(), now=now)
    _tell_posted(posted, refused, as_json=asked.json)
    refusals = any(done.plan.refusal or done.plan.refusals for done in posted)
    return REFUSED if refused or refusals else DONE


def _record_refusal(
    engine: Engine, stored: StoredContract, viewer: Viewer, path: Path, refusal: UnreadableError
) -> None:
    post.record_refusal(
        engine,
        stored,
        viewer,
        name=path.name,
        data=path.read_bytes(),
        reason=refusal.sentence,
        now=clock.now(),
    )


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
