"""A small contract with something in every part of its store: what a backup has to bring back."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from lib.access import Role, Viewer
from lib.actions import accounts, evidence
from lib.actions.close_month import proposed, reopen, sign
from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.pictures.cleaning import clean
from lib.store import accounts as sessions
from lib.store import drafts
from lib.store.drafts import Draft
from lib.store.engine import reading, writing
from lib.store.evidence import Subject
from tests.spec import small
from tests.support import hashes
from tests.support.pictures import photo

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.blobs import Blobs
    from lib.store.contracts import StoredContract

FEBRUARY, MARCH = Month(2023, 2), Month(2023, 3)
REVIEWER = Viewer("验收", Role.REVIEWER)
PASSWORD = "云杉-口令-2023"
SIGNED_AT = datetime(2023, 6, 1, 9, 30, tzinfo=UTC)
TICKET, TOKEN = (hashlib.sha256(word).hexdigest() for word in (b"ticket", b"token"))
PICTURE = clean(photo())


def patrol(day: date, found: str = "走访") -> small.Cells:
    """A patrol in the south."""
    return {"日期": day, "服务人员": "赵一", "村(社区)": "南村", "排查情况": found}


def accepted(engine: Engine, blobs: Blobs) -> StoredContract:
    """February and March are signed, opened and signed again.

    A row is corrected, one withdrawn; a photo hangs on April's row; somebody is signed in, and has
    a draft.
    """
    stored = small.entered(engine)
    with hashes.cheap():
        accounts.add_account(engine, stored, small.ADMINISTRATOR, REVIEWER, PASSWORD, small.NOW)
    days = [date(2023, 2, 13), date(2023, 3, 13), date(2023, 3, 14), date(2023, 4, 13)]
    for rows in ([patrol(day) for day in days], [patrol(days[1], "屋顶漏水")]):
        book = small.workbook({"对象排查": rows}, data=f"原件 {len(rows)}".encode())
        post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    withdraw(engine, stored, small.ANYBODY, 3, reason="错录", now=small.NOW)
    for month in (FEBRUARY, MARCH):
        _sign(engine, stored, month)
    reopen(engine, stored, REVIEWER, FEBRUARY, reason="更正", now=SIGNED_AT + timedelta(hours=1))
    for month in (FEBRUARY, MARCH):
        _sign(engine, stored, month, SIGNED_AT + timedelta(hours=2))
    lead = Viewer("组长", Role.TEAM_LEAD, "一组")
    evidence.attach(engine, stored, lead, blobs, Subject("entry", 4), [PICTURE], small.NOW)
    with writing(engine) as connection:
        for ticket, token in ((TICKET, ""), ("other", TOKEN)):
            sessions.begin_session(connection, stored.id, REVIEWER.name, ticket, small.NOW)
            if token:
                sessions.redeem_ticket(connection, stored.id, ticket, token, small.NOW)
        drafts.save(
            connection, stored.id, REVIEWER.name, Draft("patrol", {"leads": 1.5}, small.NOW)
        )
    return stored


def _sign(engine: Engine, stored: StoredContract, month: Month, now: datetime = SIGNED_AT) -> None:
    with reading(engine) as connection:
        shown = proposed(connection, Scope(stored, small.TODAY), month).shown
    sign(
        engine,
        stored,
        REVIEWER,
        month,
        password=PASSWORD,
        shown=shown,
        now=now,
        today=small.TODAY,
    )
