"""The rules by which rows are looked at twice, in the order in which they are shown (spec §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.non_working_day import NON_WORKING_DAY
from lib.findings.one_person_survey import ONE_PERSON_SURVEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.findings.rule import Rule

# The most telling first: what can hardly be right, what is unlikely, what is merely late.
RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        ONE_PERSON_SURVEY,
        NON_WORKING_DAY,
    )
}
