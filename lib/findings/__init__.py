"""The rules by which rows are looked at twice, in the order in which they are shown (spec §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.close_visits import CLOSE_VISITS
from lib.findings.elsewhere import ELSEWHERE
from lib.findings.far_localities import FAR_LOCALITIES
from lib.findings.identical_answers import IDENTICAL_ANSWERS
from lib.findings.late_correction import LATE_CORRECTION
from lib.findings.many_home_visits import MANY_HOME_VISITS
from lib.findings.month_end_rush import MONTH_END_RUSH
from lib.findings.non_working_day import NON_WORKING_DAY
from lib.findings.one_person_survey import ONE_PERSON_SURVEY
from lib.findings.pace_jump import PACE_JUMP
from lib.findings.posted_late import POSTED_LATE
from lib.findings.repeated_text import REPEATED_TEXT
from lib.findings.round_numbers import ROUND_NUMBERS
from lib.findings.same_picture import SAME_PICTURE
from lib.findings.survey_before_acceptance import SURVEY_BEFORE_ACCEPTANCE
from lib.findings.two_localities import TWO_LOCALITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.findings.rule import Rule

# The most telling first: what can hardly be right, what is unlikely, what is merely late.
RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        SAME_PICTURE,
        TWO_LOCALITIES,
        IDENTICAL_ANSWERS,
        SURVEY_BEFORE_ACCEPTANCE,
        ONE_PERSON_SURVEY,
        MANY_HOME_VISITS,
        FAR_LOCALITIES,
        CLOSE_VISITS,
        REPEATED_TEXT,
        PACE_JUMP,
        MONTH_END_RUSH,
        ROUND_NUMBERS,
        ELSEWHERE,
        LATE_CORRECTION,
        POSTED_LATE,
        NON_WORKING_DAY,
    )
}
