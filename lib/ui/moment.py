"""What a run of a page asks of the store again and again: asked once in each run.

Nothing is carried from run to run, and nothing over a change: whatever this process writes
meanwhile, in this run or beside it, has it asked anew.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from lib.store.engine import Writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
_ANSWERS: ContextVar[dict[str, tuple[int, Any]] | None] = ContextVar("answers", default=None)


@contextmanager
def run() -> Iterator[None]:
    """A run, in which each question is asked once."""
    before = _ANSWERS.set({})
    try:
        yield
    finally:
        _ANSWERS.reset(before)


def once(question: str, ask: Callable[[], T]) -> T:
    """The answer of this run; outside of one it is asked each time."""
    answer: T | None = known(question)
    if answer is None:
        written = Writes.number  # before it is asked
        answer = ask()
        answers = _ANSWERS.get()
        if answers is not None:
            answers[question] = written, answer
    return answer


def known(question: str) -> Any:  # noqa: ANN401 - what was answered
    """What this run was answered, if it holds still; else None."""
    written, answer = (_ANSWERS.get() or {}).get(question, (-1, None))
    return answer if written == Writes.number else None
