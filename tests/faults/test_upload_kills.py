"""An upload killed on its way: all or nothing, and the next visit says truly which (spec §8)."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import psutil
import pytest

from lib.actions.post_upload import Asked
from lib.store.pending_uploads import State
from lib.ui.upload_desk import Desk
from tests.faults.acts import FEBRUARY_DAYS, FIRST, Place, held, patrols
from tests.faults.children import Child, hand_in_and_die, post_and_die
from tests.spec import small
from tests.support.small_office import book

SECONDS = 60
LATER = small.NOW + timedelta(minutes=5)
DATA = book(patrols(*FEBRUARY_DAYS))


@pytest.mark.parametrize(
    ("statement", "nth", "state", "is_lost"),
    [
        ("INSERT INTO pending_upload", 1, None, False),
        ("UPDATE pending_upload", 1, State.READING, True),
        ("UPDATE pending_upload", 2, State.CHECKING, False),
    ],
    ids=["before it is noted", "while it is read", "while it is checked"],
)
def test_killed_on_its_way_it_stands_where_the_next_visit_says(
    place: Place, statement: str, nth: int, state: State | None, *, is_lost: bool
):
    url = place.engine.url.render_as_string(hide_password=False)
    killed = Child(hand_in_and_die, url, place.evidence, DATA, statement, nth)
    assert killed.ended_by() == -signal.SIGKILL

    desk = Desk(place.engine, place.stored, lambda: LATER)
    uploads = desk.uploads(FIRST)
    assert [upload.state for upload in uploads] == ([state] if state else [])
    for upload in uploads:
        standing = desk.look(FIRST, upload.upload_id)
        assert standing
        assert (standing.is_broken_off, standing.is_lost) == (True, is_lost)
        if not is_lost:
            desk.go_on(FIRST, upload.upload_id)
    if is_lost or not uploads:
        desk.hand_in(FIRST, "日志.xlsx", DATA)
    desk.finish(SECONDS)
    (upload,) = desk.uploads(FIRST)
    assert upload.state is State.READY
    desk.post(FIRST, upload.upload_id, Asked())
    desk.finish(SECONDS)
    assert (len(held(place)["receipt"]), len(held(place)["entry"])) == (1, 3)


# Moments that come before the posting as well are meant once its receipt is written.
RECEIPT = "INSERT INTO receipt"
WHOLE = {"upload_file": 1, "receipt": 1, "entry": 3, "entry_version": 3, "mend": 0}


@pytest.mark.parametrize(
    ("moment", "after", "state"),
    [
        ("SELECT household", "", State.POSTING),
        ("INSERT INTO upload_file", "", State.POSTING),
        ("SELECT coalesce(max(entry.entry_id", "", State.POSTING),
        ("INSERT INTO audit_line", "", State.POSTING),
        ("UPDATE pending_upload", RECEIPT, State.POSTING),
        ("COMMIT", RECEIPT, State.POSTING),
        ("afterwards", RECEIPT, State.POSTED),
    ],
    ids=[
        "while it checks, before anybody is kept waiting",
        "before the file",
        "the receipt written, no row yet",
        "the rows written",
        "all but the upload's own state",
        "all is written, nothing kept",
        "afterwards",
    ],
)
def test_killed_while_posting_the_upload_tells_the_truth(
    place: Place, moment: str, after: str, state: State
):
    desk = Desk(place.engine, place.stored, lambda: small.NOW)
    upload_id = desk.hand_in(FIRST, "日志.xlsx", DATA)
    desk.finish(SECONDS)
    url = place.engine.url.render_as_string(hide_password=False)
    killed = Child(post_and_die, url, place.evidence, upload_id, moment, after)
    assert killed.ended_by() == -signal.SIGKILL
    upload = desk.find(FIRST, upload_id)
    assert upload
    assert upload.state is state
    assert written(place) == (WHOLE if state is State.POSTED else dict.fromkeys(WHOLE, 0))

    later = Desk(place.engine, place.stored, lambda: LATER)
    standing = later.look(FIRST, upload_id)
    assert standing
    assert standing.is_broken_off is (state is State.POSTING)
    later.go_on(FIRST, upload_id)
    later.finish(SECONDS)
    later.post(FIRST, upload_id, Asked())
    later.finish(SECONDS)
    again = later.find(FIRST, upload_id)
    assert again
    assert (again.state, written(place)) == (State.POSTED, WHOLE)


def written(place: Place) -> dict[str, int]:
    """How many rows of a posting there are, by table."""
    rows = held(place)
    return {name: len(rows[name]) for name in WHOLE}


def test_a_reader_that_is_killed_refuses_its_file_and_harms_nobody(place: Place):
    desk = Desk(place.engine, place.stored, lambda: small.NOW)
    first = desk.hand_in(FIRST, "日志.xlsx", DATA)
    os.kill(reader(), signal.SIGKILL)
    desk.finish(SECONDS)

    upload = desk.find(FIRST, first)
    assert upload
    assert upload.state is State.REFUSED
    assert upload.said
    assert upload.said.endswith("。")
    assert held(place)["entry"] == []

    second = desk.hand_in(FIRST, "日志.xlsx", DATA)
    desk.finish(SECONDS)
    again = desk.find(FIRST, second)
    assert again
    assert again.state is State.READY


def reader() -> int:
    """The process that reads a workbook for this one, as soon as there is one."""
    while True:
        for child in psutil.Process().children():
            if "lib.workbooks.worker" in child.cmdline():
                return child.pid
