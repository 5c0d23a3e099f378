"""The layers of `lib/README.md`, held by reading the imports: they point down, never up."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.logs import LOG_KINDS
from lib.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# By the longest prefix of a module's name. A layer imports from itself and from those below.
LAYERS = {
    "lib": 0,
    "lib.problems": 0,
    "lib.periods": 0,
    "lib.errors": 0,
    "lib.text": 0,
    "lib.likeness": 0,
    "lib.clock": 0,
    "lib.settings": 0,
    "lib.garbage": 0,
    "lib.fields": 1,
    "lib.contract": 2,
    "lib.rosters": 2,
    "lib.logs": 3,
    "lib.access": 3,
    "lib.process": 4,
    "lib.workbooks": 4,
    "lib.pictures": 4,
    "lib.store": 4,
    "lib.actions": 5,
    "lib.kpi": 5,
    "lib.findings": 5,
    "lib.demonstration": 6,
    "lib.reports": 6,
    "lib.ui": 7,
    "lib.verbs": 8,
    "lib.__main__": 8,
    "app": 8,
    "pages": 8,
}
EDGES = ("lib.__main__", "lib.verbs", "lib.ui", "app", "pages")
HOMES = {
    "streamlit": ("app", "pages", "lib.ui"),
    "streamlit_authenticator": ("app", "pages", "lib.ui"),
    "sqlalchemy": (
        "lib.store",
        "lib.kpi",
        "lib.findings",
        "lib.actions",
        "lib.demonstration",
        "lib.reports",
        "lib.ui",
        "lib.verbs",
        "lib.__main__",
    ),
    "alembic": ("lib.store.migrations",),
    "psycopg": ("lib.store",),
    "openpyxl": ("lib.workbooks",),
    "python_calamine": ("lib.workbooks",),
    "PIL": ("lib.pictures",),
    "pikepdf": ("lib.pictures",),
    "obstore": ("lib.store.blobs",),
    "chinese_calendar": ("lib.store.calendar",),
    "pypinyin": ("lib.likeness",),
    "four_corner_method": ("lib.likeness",),
    "pythonjsonlogger": ("lib.ui.logbook",),
    "pandas": ("lib.ui", "lib.reports"),
    "docx": ("lib.reports",),
    "lib.clock": (*EDGES, "lib.demonstration"),  # which asks for the zone only, see below
    "lib.settings": EDGES,
}
_READERS = ("lib.workbooks", "lib.pictures")  # of what users hand in


def sources() -> list[Path]:
    """Every Python file of the product."""
    return sorted([ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "lib").rglob("*.py")])


def name_of(path: Path) -> str:
    """The module's dotted name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, submodules by their full names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def stands_in(name: str, homes: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of these or below one of them."""
    return any(name == home or name.startswith(f"{home}.") for home in homes)


def layer_of(name: str) -> int:
    """The layer of a module, or of something in it."""
    homes = [prefix for prefix in LAYERS if stands_in(name, (prefix,))]
    return LAYERS[max(homes, key=len)]


@cache
def imports() -> list[tuple[str, str]]:
    """Who imports what, read once and not while tests are collected."""
    return [(name_of(path), imported) for path in sources() for imported in imports_of(path)]


def test_every_module_has_its_layer():
    placed = tuple(LAYERS.keys() - {"lib"})

    assert [
        name for name in map(name_of, sources()) if name != "lib" and not stands_in(name, placed)
    ] == []


def test_imports_point_down():
    assert [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if stands_in(imported, ("lib", "app", "pages")) and layer_of(imported) > layer_of(importer)
    ] == []


def test_what_draws_imports_no_page_and_pages_import_no_page():
    assert [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if stands_in(imported, ("app", "pages", "lib.__main__"))
    ] == []


def test_what_is_kept_does_not_know_what_is_measured_or_done():
    assert [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if (stands_in(importer, ("lib.kpi",)) and stands_in(imported, ("lib.actions",)))
        or (stands_in(importer, ("lib.store",)) and stands_in(imported, _READERS))
        or (stands_in(importer, _READERS) and stands_in(imported, ("lib.store",)))
    ] == []


@pytest.mark.parametrize("package", HOMES)
def test_a_package_stays_at_home(package: str):
    assert [
        f"{importer} imports {imported}"
        for importer, imported in imports()
        if stands_in(imported, (package,)) and not stands_in(importer, HOMES[package])
    ] == []


def test_acts_know_only_the_types_of_the_database():
    used = {
        imported.removeprefix("sqlalchemy.")
        for importer, imported in imports()
        if stands_in(imported, ("sqlalchemy",))
        and not stands_in(importer, ("lib.store", "lib.kpi", "lib.findings"))
    }

    assert used <= {"Engine", "Connection"}


def clock_readings(path: Path) -> Iterator[str]:
    """The calls in a file that ask what time or day it is."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if re.search(r"\b(date|datetime)\.(now|today|utcnow)$|\btime\.time$", called):
                yield f"{name_of(path)}:{node.lineno} calls {called}"


def test_the_clock_is_read_in_one_place():
    below_the_edge = [path for path in sources() if name_of(path) != "lib.clock"]

    assert [reading for path in below_the_edge for reading in clock_readings(path)] == []


def test_the_demonstration_is_told_the_time():
    asked = {i for name, i in imports() if stands_in(name, ("lib.demonstration",)) and "clock" in i}

    assert asked <= {"lib.clock.BUSINESS_ZONE"}


def test_no_script_lies_directly_in_pages():
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == []


def slug_conditions(path: Path) -> Iterator[str]:
    """The comparisons in a file of a slug with a word, where a declaration should be asked."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            sides = (node.left, *node.comparators)
            slugs = any(isinstance(side, ast.Attribute) and side.attr == "slug" for side in sides)
            if slugs and any(isinstance(side, ast.Constant) for side in sides):
                yield f"{name_of(path)} compares {ast.unparse(node)}"


def test_no_condition_names_a_kind_or_column():
    assert [found for path in sources() for found in slug_conditions(path)] == []


def test_every_kind_of_the_contract_is_declared():
    terms = contract.load(ROOT / "data" / "contract.toml")

    assert set(terms.kinds) == set(LOG_KINDS)
    assert [slug for slug, kind in LOG_KINDS.items() if kind.slug != slug] == []


@pytest.mark.parametrize("slug", LOG_KINDS)
def test_a_kind_is_declared_in_the_file_of_its_name(slug: str):
    module = ast.parse((ROOT / "lib" / "logs" / f"{slug}.py").read_text(encoding="utf-8"))
    assigned = {
        target.id
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    assert slug.upper() in assigned
