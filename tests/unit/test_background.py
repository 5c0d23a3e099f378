"""Work in the background: one piece a key, awaited, and its failures told."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from lib.actions.progress import Step
from lib.errors import RefusedError
from lib.ui.background import Background, Job

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 10


def waiting(go: Event, done: list[str], name: str) -> Callable[[Job], None]:
    """Work that waits to be let go."""

    def work(job: Job) -> None:
        job.advance(Step.CHECKING, 1, 3)
        assert go.wait(SECONDS)
        done.append(name)

    return work


def test_of_one_key_only_one_goes_on():
    background, go, done = Background(), Event(), list[str]()
    assert background.start(1, waiting(go, done, "first"))
    assert not background.start(1, waiting(go, done, "second"))
    assert background.start(2, waiting(go, done, "other"))
    go.set()
    background.finish(SECONDS)
    assert sorted(done) == ["first", "other"]
    assert background.job(1) is None
    assert background.start(1, waiting(go, done, "again"))
    background.wait(1, SECONDS)
    assert done[-1] == "again"


def test_what_comes_next_waits_for_what_goes_on():
    background, go, done = Background(), Event(), list[str]()
    background.start(1, waiting(go, done, "first"))
    background.start_next(1, waiting(go, done, "next"))
    next_ = background.job(1)
    assert next_
    assert (next_.step, next_.is_running, done) == (None, True, [])
    go.set()
    background.wait(1, SECONDS)
    assert done == ["first", "next"]
    assert background.job(1) is None


def test_how_far_it_has_come_is_there_for_all_to_see():
    background, go = Background(), Event()
    background.start(1, waiting(go, [], "first"))
    background.wait(1, 0.01)
    job = background.job(1)
    assert job
    assert job.is_running
    go.set()
    background.wait(1, SECONDS)
    assert (job.step, job.done, job.total, job.is_running) == (Step.CHECKING, 1, 3, False)


def test_more_than_there_are_threads_wait_for_their_turn():
    background, go, done = Background(), Event(), list[str]()
    for key in range(5):
        background.start(key, waiting(go, done, str(key)))
    last = background.job(4)
    assert last
    assert (last.step, last.is_running) == (None, True)
    go.set()
    background.finish(SECONDS)
    assert sorted(done) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("error", [RefusedError("示例原因。"), ValueError("示员甲")])
def test_a_failure_is_kept_until_it_begins_anew(error: Exception, caplog: pytest.LogCaptureFixture):
    def fail(_job: Job) -> None:
        raise error

    background = Background()
    with caplog.at_level(logging.ERROR):
        background.start(1, fail)
        background.finish(SECONDS)
    job = background.job(1)
    assert job
    assert not job.is_running
    refused = isinstance(error, RefusedError)
    assert (job.failure == "示例原因。") is refused
    assert job.failure.startswith("程序出错，没有保存任何内容。请把编号 ") is not refused
    assert "示员甲" not in caplog.text
    background.forget(1)
    assert background.job(1) is None


def test_told_to_stop_it_lets_work_end_and_begins_nothing():
    background, go, done = Background(), Event(), list[str]()
    background.start(1, waiting(go, done, "first"))
    Thread(target=go.set).start()
    background.stop(SECONDS)
    with pytest.raises(RefusedError, match="服务器正在重启"):
        background.start(2, waiting(go, done, "second"))
    assert done == ["first"]


def test_what_has_no_time_left_ends_at_its_next_step():
    background, go, begun, done = Background(), Event(), Event(), list[int]()

    def work(job: Job) -> None:
        begun.set()
        assert go.wait(SECONDS)
        while not job.is_out_of_time:
            pass
        job.advance(Step.WRITING, 1, 2)
        done.append(1)

    background.start(1, work)
    assert begun.wait(SECONDS)
    go.set()
    background.stop(0)
    job = background.job(1)
    assert job
    assert job.failure == "服务器正在重启，这一步没有做，什么也没有写入。请过一分钟再来一次。"
    assert done == []


def test_told_to_stop_what_comes_next_ends_with_what_it_waits_for():
    background, go, begun, done = Background(), Event(), Event(), list[str]()

    def work(job: Job) -> None:
        begun.set()
        while not job.is_out_of_time:
            pass
        job.require_time()
        done.append("first")

    background.start(1, work)
    background.start_next(1, waiting(go, done, "next"))
    job = background.job(1)
    assert job
    assert begun.wait(SECONDS)
    background.stop(0)
    assert job.failure == "服务器正在重启，这一步没有做，什么也没有写入。请过一分钟再来一次。"
    assert done == []
