"""A small office in whose ledger something is odd, and what its reviewers say of that."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import insert

from lib.actions import decide_finding
from lib.actions.decide_finding import Looked
from lib.findings.found import State, findings
from lib.kpi.scope import Scope
from lib.store import contracts
from lib.store.engine import reading, writing
from lib.store.schema import signature
from tests.support.small_office import (
    EAST,
    END,
    LEAD,
    POSTED_AT,
    REVIEWER,
    SOUTH,
    patrol,
    survey,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.access import Viewer
    from lib.findings.found import Finding
    from tests.support.visits import Office

ALONE, DAY_OFF = "one_person_survey", "non_working_day"
SATURDAY, MONTH = date(2023, 4, 1), "2023-04"
# The subjects of what is odd: surveys by one person of the first team and of the second, and a
# Saturday on which both worked.
FIRST_ALONE, SECOND_ALONE, BOTH = "15", "16", str(SATURDAY)


def spoil(office: Office) -> None:
    """Post what is odd, as entries 15 to 18."""
    day = date(2023, 4, 3)
    office.post(
        {
            "家计调查": [survey(day, "示员甲", "示申011"), survey(day, "示员丙", "示申012")],
            "对象排查": [patrol(SATURDAY, "示员甲", EAST), patrol(SATURDAY, "示员丙", SOUTH)],
        }
    )


def of_rules(office: Office, *rules: str) -> Sequence[Finding]:
    """What these rules find, or all of them."""
    with reading(office.engine) as connection:
        found = findings(connection, Scope(office.stored, END))
    return [each for each in found if not rules or each.rule.code in rules]


def states(office: Office) -> dict[str, State]:
    """How the odd things stand, by subject."""
    return {each.subject: each.state for each in of_rules(office, ALONE, DAY_OFF)}


def explain(
    office: Office, rule: str, subject: str, viewer: Viewer = LEAD, note: str = "同行人漏写"
) -> None:
    """Let a team lead explain something."""
    decide_finding.explain(
        office.engine,
        office.stored,
        viewer,
        Looked(rule, subject, MONTH),
        note=note,
        today=POSTED_AT.date(),
        now=POSTED_AT,
    )


def decide(
    office: Office,
    rule: str,
    subject: str,
    state: State = State.CONFIRMED,
    note: str = "不符",
    month: str = MONTH,
) -> None:
    """Let the reviewer decide something."""
    decide_finding.decide(
        office.engine,
        office.stored,
        REVIEWER,
        [Looked(rule, subject, month)],
        state,
        note=note,
        today=POSTED_AT.date(),
        now=POSTED_AT,
    )


def sign(office: Office, month: str) -> None:
    """Let a month be closed."""
    facts = {"figures": [], "parameters": {}, "entries": 0, "entries_hash": "", "hash": ""}
    signed = {"month": month, "signed_at": POSTED_AT, "signed_by": REVIEWER.name}
    row = {"contract_id": office.stored.id, "signature_id": 1, "previous_hash": ""}
    with writing(office.engine) as connection:
        connection.execute(insert(signature).values({**row, **facts, **signed}))
        contracts.touch(connection, office.stored.id)
