"""Thousands of damaged and odd files: none ends a worker, hangs, or is read for another."""

from __future__ import annotations

import os
from random import Random, SystemRandom
from typing import TYPE_CHECKING

import pytest

from lib.errors import UnreadableError
from lib.workbooks.packed import unpacked
from lib.workbooks.reading import read_workbook, workbook_of
from tests.fuzz import trials
from tests.fuzz.child import Worker
from tests.fuzz.damage import OF_BYTES, OF_WORKBOOKS, damaged, workbooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lib.workbooks.reading import Workbook

SEED = int(os.environ.get("FUZZ_SEED") or SystemRandom().randrange(1 << 32))
BY_ITS_PROCESS = 12


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """The process that opens all of them."""
    worker = Worker()
    yield worker
    worker.stop()


@pytest.fixture(autouse=True)
def _told() -> None:
    print(f"again with FUZZ_SEED={SEED}")  # noqa: T201 - shown when a test fails


def answer(read: Callable[..., Workbook], *given: object) -> Workbook | str:
    """What is read, or the sentence with which it is refused."""
    try:
        return read(*given)
    except UnreadableError as refusal:
        return refusal.sentence


def test_a_damaged_workbook_is_refused_or_read_for_what_it_says(worker: Worker):
    assert trials.damaged_workbooks(worker, 2000, SEED) > 100


def test_a_row_says_what_its_cells_mean_or_names_the_wrong_one(worker: Worker):
    assert trials.filled_workbooks(worker, 700, SEED) > 100


def test_a_damaged_picture_is_refused_or_kept_clean(worker: Worker):
    assert trials.damaged_pictures(worker, 400, SEED) > 10


def test_the_process_itself_says_the_same(worker: Worker):
    random = Random(SEED)  # noqa: S311 - repeatable
    for _ in range(BY_ITS_PROCESS):
        done = [(random.choice(sorted(OF_BYTES | OF_WORKBOOKS)), random.randrange(1 << 32))]
        data = damaged(random.choice(workbooks()), done)
        said = worker.said("workbook", data)
        by_itself = answer(read_workbook, "示例.xlsx", data)
        assert by_itself == answer(workbook_of, "示例.xlsx", data, said), done


def test_a_case_that_fails_is_told_and_the_next_is_served():
    worker = Worker()
    with pytest.raises(AssertionError, match="KeyError"):
        worker.said("no such work", b"")
    said = unpacked(worker.said("workbook", b""))
    assert said.head == {"refused": "文件是空的，请重新保存后再传。"}
    worker.stop()
