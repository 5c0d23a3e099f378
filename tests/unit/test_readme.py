"""What the documentation says of tests is there."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from lib.settings import ROOT

TOLD = re.findall(
    r"\| `(tests/\S+\.py)::(\w+)` \|", (ROOT / "lib" / "README.md").read_text(encoding="utf-8")
)


@cache
def named_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "name"), TOLD, ids=lambda word: word)
def test_an_attack_that_is_told_of_is_tried(file: str, name: str):
    assert name in named_in(file)


def test_the_attacks_are_told_of():
    assert len(TOLD) > 80
