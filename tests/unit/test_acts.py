"""What changes the store is on record, under a name that officials read; and nothing goes from it.

Held by reading the source: which functions open a transaction, and whether they come to a line of
the audit log.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

from lib.kpi.acts import LABELS
from lib.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# What opens a transaction and is no act, each with its reason.
NO_ACTS = {
    "actions.accounts.redeem_ticket": "the second half of signing in",
    "actions.accounts._arrived": "when a session was seen last",
    "actions.drafts.keep": "a draft is no act",
    "actions.drafts.put_away": "a draft is no act",
    "actions.hand_in.go_on": "how far a pending workbook is",
    "actions.hand_in.hand_in": "a workbook handed in is no act until it is posted or refused",
    "actions.hand_in.put_away": "a workbook that was never posted",
    "actions.made_files.forget_old": "a file made for a day, which is over",
    "actions.restore_backup.drilled": "keeps nothing",
    "actions.sign_in._renew": "the same password, hashed anew",
    "actions.made_files.fail": "that a file asked for on record could not be made",
    "actions.made_files.settle": "that a file asked for on record is made",
    "actions.made_files.tell": "how far a file asked for on record is",
    "actions.post_upload.begin": "that a posting has begun; the posting is on record",
    "actions.post_upload.give_back": "that a posting did not come about",
    "store.contracts.acting": "opens it for others",
    "store.contracts.rehearsing": "keeps nothing",
    "store.migrations.upgrade": "the schema",
    "store.setup.prepare": "the contract's row; its terms are put on record by `actions.begin`",
    "ui.upload_desk._telling": "how far a pending workbook is",
    "ui.upload_desk._unattended": "waits for one who writes, and writes nothing",
    "ui.upload_desk.tell": "how far a pending workbook is",
}
OPENS = {"acting", "writing"}


def modules(*below: str) -> Iterator[tuple[str, ast.Module]]:
    """The modules of the product, or of some of its folders, by their names below `lib`."""
    for path in sorted((ROOT / "lib").rglob("*.py")):
        name = name_of(path)
        if "versions" not in path.parts and (not below or name.partition(".")[0] in below):
            yield name, parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    """A module's source, read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """A module's dotted name below `lib`."""
    return ".".join(path.relative_to(ROOT / "lib").with_suffix("").parts).removesuffix(".__init__")


def known(module: str, tree: ast.Module) -> dict[str, str]:
    """What is imported into a module, and its own functions: module and name, by name."""
    homes = {
        alias.asname or alias.name: f"{node.module}.{alias.name}".removeprefix("lib.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    return homes | {name: f"{module}.{name}" for name, _ in functions(tree)}


def called(names: Mapping[str, str], function: ast.AST) -> set[str]:
    """The functions of ours that a function calls or hands on, by module and name."""
    found = {names.get(node.id, "") for node in ast.walk(function) if isinstance(node, ast.Name)}
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{names.get(node.value.id, '')}.{node.attr}")
    return found


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node.name, node


def opening(function: ast.AST) -> bool:
    """Whether a function itself opens a transaction to write in."""
    return any(
        isinstance(item.context_expr, ast.Call)
        and getattr(item.context_expr.func, "attr", getattr(item.context_expr.func, "id", ""))
        in OPENS
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        for item in node.items
    )


def recording(calls: Mapping[str, set[str]]) -> set[str]:
    """The functions that come to a line of the log, by what they call."""
    found = {"store.audit.record"}
    while more := {name for name, to in calls.items() if to & found} - found:
        found |= more
    return found


def test_every_transaction_comes_to_a_line_of_the_log():
    calls, opened = {}, set()
    for module, tree in modules():
        names = known(module, tree)
        for name, function in functions(tree):
            calls[f"{module}.{name}"] = called(names, function)
            if opening(function):
                opened.add(f"{module}.{name}")

    assert opened - recording(calls) == {*NO_ACTS}


def acts_written() -> set[str]:
    """Every name under which an act is put on record."""
    found = set()
    for _, tree in modules("actions"):
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).lstrip("_").endswith("record"):
                values = [*node.args, *(k.value for k in node.keywords if k.arg == "act")]
                found |= {word for value in values for word in words(value, constants)}
    return found


def words(value: ast.expr, constants: dict[str, object]) -> Iterator[str]:
    """The texts that an expression comes to, as far as they look like an act's name."""
    for node in ast.walk(value):
        text = constants.get(node.id) if isinstance(node, ast.Name) else None
        text = node.value if isinstance(node, ast.Constant) else text
        if isinstance(text, str) and re.fullmatch("[a-z]+(_[a-z]+)*", text):
            yield text


def test_every_act_has_its_words_and_none_is_stale():
    literal = {
        node.value
        for module, tree in modules()
        if module != "kpi.acts"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert acts_written() - LABELS.keys() == set()
    assert LABELS.keys() - literal == set()
    assert len(set(LABELS.values())) == len(LABELS)


# Where a store is opened in which nobody acts: a copy, and one that a backup is tried out in.
THROWN_AWAY = ("actions.restore_backup", "store.backup.snapshot")


def opens_store(node: ast.AST) -> bool:
    """Whether it is a call of `open_store`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "open_store"
    )


def test_every_edge_that_opens_the_store_has_its_heads_kept():
    opened = {
        f"{module}: {ast.unparse(node)}"
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and any(map(opens_store, node.args))
    }
    every = [module for module, tree in modules() for node in ast.walk(tree) if opens_store(node)]

    call = "keep_in(open_store(settings.database_url()), settings.audit_heads())"
    assert opened == {f"__main__: {call}", f"ui.resources: {call}"}
    assert sorted(every) == ["__main__", *THROWN_AWAY, "ui.resources"]


def test_nothing_goes_from_the_log():
    """Rules ask for six months at least; nothing of ours deletes, ever."""
    for path in (ROOT / "lib").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        gone = re.findall(r"(?:delete|update)\(\s*(?:\w+\.)?audit_line|audit_line\.delete", text)
        raw = re.findall(r"(?:DELETE FROM|UPDATE|TRUNCATE(?: TABLE)?) audit_line", text)
        assert (path.name, gone, raw) == (path.name, [], [])
