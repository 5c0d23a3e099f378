"""A name beside a code: only a slip of the pen is told the right one."""

from __future__ import annotations

from datetime import date

import pytest

from lib.logs.references import NameOf
from lib.rosters import Elder, Roster

ROSTER = Roster(
    elders={
        code: Elder(code, name, "L1", "全自理", date(2023, 1, 1))
        for code, name in {
            "E1": "周大",
            "E2": "周大成",
            "E3": "阿依古丽",
            "E4": "周小青",
        }.items()
    }
)


@pytest.mark.parametrize(("code", "name"), [("E1", "周大"), ("E2", "周 大成"), ("E3", "阿依古丽")])
def test_the_name_on_the_roster_fits(code: str, name: str):
    assert NameOf().misfit(name, code, ROSTER) is None


@pytest.mark.parametrize(
    ("code", "name", "guess"),
    [
        ("E2", "周太成", "周大成"),
        ("E2", "周 太 成", "周大成"),
        ("E3", "阿衣古丽", "阿依古丽"),
        # All of it by ear, the family name by its character.
        ("E4", "周晓清", "周小青"),
        ("E2", "周达程", None),
        ("E4", "邹晓清", None),
        ("E4", "州晓清", None),
        ("E1", "周达", None),
        ("E1", "周太", None),
        ("E1", "周", None),
        ("E2", "周大", None),
        ("E2", "周", None),
        ("E2", "周小平", None),
        ("E2", "周大大成", None),
        ("E2", "周成大", None),
        ("E2", "吴天有", None),
        ("E3", "阿依", None),
        ("E3", "阿依木丁", None),
    ],
)
def test_a_name_is_told_to_whom_knows_all_but_one_character_or_how_it_sounds(
    code: str, name: str, guess: str | None
):
    fault = NameOf().misfit(name, code, ROSTER)

    assert fault is not None
    assert (fault.rule, fault.nearest) == ("name_misfit", guess)
    assert fault.candidates == ((guess,) if guess else ())
