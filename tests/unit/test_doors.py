"""Who looks or acts is asked where it happens: every act, every page, by reading the sources."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from lib.settings import ROOT
from lib.ui import navigation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACTIONS = sorted((ROOT / "lib" / "actions").glob("*.py"))
# Public functions of the acts that need no viewer, each with the reason.
WITHOUT_VIEWER = {
    # Before anybody is signed in, and what a session is looked up by.
    "accounts.account_name": "a value",
    "accounts.arrived": "finds out who it is",
    "accounts.arrived_in": "finds out who it is",
    "accounts.needs_first_admin": "says that nobody is there",
    "accounts.add_first_admin": "refused as soon as there is any account",
    "accounts.begin_session": "signing in, after the password",
    "accounts.redeem_ticket": "signing in, by a ticket good once",
    "accounts.session_of": "finds out who it is",
    "accounts.viewer_of": "finds out who it is",
    "accounts.end_session": "signing out, by the session's own number",
    "sign_in.is_right": "signing in, before the password is known to be right",
    "sign_in.limit_of": "a value",
    "sign_in.waits_until": "a value",
    "passwords.hashed": "a value",
    "passwords.nobodys": "a value",
    "passwords.needs_rehash": "a value",
    "passwords.verify": "a value",
    "password_rules.fault": "a sentence",
    # Figures, codes and days, the same for every role.
    "close_month.proposed": "figures",
    "close_month.to_reopen": "a value",
    "close_month.not_closed": "a sentence",
    "decide_finding.seal": "a value",
    "frozen.frozen": "closed months, who signed them when",
    "frozen.require_open": "closed months",
    "frozen.days_of": "days",
    "frozen.rested_on": "days",
    "frozen.of_receipt": "days",
    "withdraw.require_as_shown": "a sentence, after `own_entry` was asked",
    "frozen.was_drawn_first": "whether a sample came before a signature",
    "begin.changed": "a value",
    "begin.on_record": "the contract's terms",
    "begin.terms_of": "a value",
    "back_up.last_backed_up": "when, and whether all was right",
    "restore_backup.check": "of a file at hand, into a store that is thrown away",
    "restore_backup.drilled": "of a file at hand, into a store that is thrown away",
    "standing.again": "figures",
    "standing.figures_differ": "figures",
    "standing.standings": "figures",
    "take_out.report_out": "a value",
    "made_files.forget_old": "of files made for a day",
    "verify.last_verified": "when, by whom, whether all was right",
    # What `begin` let in goes on in the background, by the number that it gave.
    "made_files.is_at_work": "a value",
    "made_files.tell": "goes on with what `begin` let in",
    "made_files.fail": "goes on with what `begin` let in",
    "mend_upload.mends_of": "a value",
    "mend_upload.mendable": "a value",
    "mend_upload.cells_of": "a value",
    "post.check": "of rows handed in; whoever plans or posts them is asked",
    "post.check_in": "of rows handed in; whoever plans or posts them is asked",
    "unopened.noticed": "of rows handed in; whoever plans or posts them is asked",
    "reasons.given": "a value",
    "progress.silent": "tells nobody",
    "verify.silent": "tells nobody",
}
# Those that find only what is the viewer's account's own, under its name, where no role is asked.
ITS_OWN = {
    "accounts.is_own_password": "whoever is signed in",
    "hand_in.read": "goes on with what `hand_in` let in",
    "hand_in.settle": "goes on with what `hand_in` let in",
    "made_files.settle": "goes on with what `begin` let in",
    "post_upload.give_back": "goes on with what `begin` let in",
    "take_out.rows_out": "a value",
    "record_refusal.record_refusal": "part of the acts that refuse",
}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in parsed(path).body if isinstance(node, ast.FunctionDef))


def predicates() -> set[str]:
    """The functions of `lib.access` that say whether a viewer may."""
    path = ROOT / "lib" / "access.py"
    return {each.name for each in functions_of(path) if each.name.startswith(("may_", "sees_"))}


FUNCTIONS = {f"{path.stem}.{each.name}": each for path in ACTIONS for each in functions_of(path)}
PUBLIC = {name: each for name, each in FUNCTIONS.items() if not each.name.startswith("_")}


def takes_viewer(function: ast.FunctionDef) -> bool:
    arguments = (*function.args.args, *function.args.kwonlyargs)
    return "viewer" in {each.arg for each in arguments}


def imported(path: Path) -> dict[str, str]:
    """What a module imports from the acts one by one: the name to the act's."""
    return {
        alias.asname or alias.name: f"{(node.module or '').rpartition('.')[2]}.{alias.name}"
        for node in parsed(path).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lib.actions.")
        for alias in node.names
    }


IMPORTED = {path.stem: imported(path) for path in ACTIONS}


def called_by(name: str) -> set[str]:
    """What a function of the acts calls: predicates by their names, acts with their modules."""
    module = name.partition(".")[0]
    called = set()
    for node in ast.walk(FUNCTIONS[name]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            here = node.func.id
            called |= {here, f"{module}.{here}", IMPORTED[module].get(here, "")}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called.add(ast.unparse(node.func))
    return called


def asks(name: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function of the acts, or one that it calls there, asks a predicate."""
    called = called_by(name)
    below = (called & FUNCTIONS.keys()) - seen
    return bool(called & predicates()) or any(asks(other, seen | below) for other in below)


def test_every_act_takes_the_viewer_or_says_why_not():
    without = {name for name, function in PUBLIC.items() if not takes_viewer(function)}
    assert without - WITHOUT_VIEWER.keys() == set()
    assert WITHOUT_VIEWER.keys() - without == set()


def test_every_act_asks_whether_its_viewer_may():
    silent = {name for name, each in PUBLIC.items() if takes_viewer(each) and not asks(name)}
    assert silent == set(ITS_OWN)


PAGES = sorted((ROOT / "pages").rglob("*.py"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_begins_with_its_guard(path: Path):
    page = str(path.relative_to(ROOT / "pages").with_suffix(""))
    if page == navigation.MISSING:
        return  # open to nobody: it raises before anything else
    first = next(
        node for node in parsed(path).body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)
    )
    assert ast.unparse(first).endswith(f"session.guard('{page}')")


# Where a name can be read in full: each shows it through `access`, or writes it into a file for
# those who asked for it on record.
NAMING = {
    "lib.rosters",
    "lib.logs.references",
    "lib.kpi.names",
    "lib.kpi.cells",
    "lib.reports.unreached",
    "lib.reports.prefilled",
    "lib.reports.finding_tables",
    "lib.ui.rosters",
    "lib.verbs.figures",
    "lib.store.rosters",
    "lib.demonstration.cases",
    "lib.demonstration.rosters",
    "lib.demonstration.visits",
}


def test_names_are_read_in_few_places():
    read = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "lib").rglob("*.py")
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Attribute) and node.attr == "head_name")
        or ast.unparse(node).endswith((".people.values()", ".people.items()"))
    }
    assert read <= NAMING


# What is kept for all viewers alike. `reads` keeps a reading by all that it is given, and one that
# depends on who looks cannot be made without being given the viewer or the team.
KEPT = {"lib.ui.reads._kept", "lib.ui.all_contracts.stands", "lib.ui.audit.kept"}


def test_nothing_else_is_kept_for_all_viewers():
    kept = {
        ".".join((*path.relative_to(ROOT).with_suffix("").parts, node.name))
        for path in (ROOT / "lib").rglob("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
        if any("cache_data" in ast.unparse(each) for each in node.decorator_list)
        or re.search(r"\.kept(_of_all|_log)?\.found\(", ast.unparse(node))
    }
    assert kept == KEPT


# The verbs of `python -m lib` are the operator's, who may read the store anyhow; what changes it or
# takes names out is on record under the name given, or as the operator's.
VERBS = {
    "archive",
    "backup",
    "demo",
    "entries",
    "findings",
    "measures",
    "migrate",
    "orphans",
    "post",
    "report",
    "restore",
    "rosters",
    "sums",
    "verify",
}
OF_USER = {"add", "disable", "end", "list", "oversee", "password", "role", "sessions", "unlock"}


def test_every_verb_of_the_operator_is_known():
    found = {
        node.args[0].value
        for node in ast.walk(parsed(ROOT / "lib" / "__main__.py"))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "verb"
        if isinstance(node.args[0], ast.Constant)
    }
    assert found == VERBS | OF_USER
