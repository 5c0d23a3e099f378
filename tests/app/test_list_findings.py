"""The operator lists what the rules find: `python -m lib findings` (spec §5, §7)."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from lib import __main__ as command_line
from lib.findings import RULES
from lib.findings.found import State, findings
from lib.kpi.scope import Scope
from lib.store import findings as store
from lib.store.engine import writing
from tests.support.small_office import EAST, END, POSTED_AT, SOUTH, patrol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.visits import Office

DONE, USAGE = 0, 2
PATROL = date(2023, 3, 9)
SATURDAY = date(2023, 4, 8)

TWO_PLACES = {
    "code": "two_localities",
    "name": "同日排查两处",
    "subject": "G1 2023-03-09",
    "state": "confirmed",
    "months": ["2023-03"],
    "entries": [
        {"id": 6, "kind": "patrol", "date": "2023-03-09"},
        {"id": 15, "kind": "patrol", "date": "2023-03-09"},
    ],
}
NO_WORK = {
    "code": "non_working_day",
    "name": "非工作日服务",
    "subject": "2023-04-08",
    "state": "open",
    "months": ["2023-04"],
    "entries": [{"id": 16, "kind": "patrol", "date": "2023-04-08"}],
}


@pytest.fixture
def planted(office: Office) -> Office:
    """The small office with a patrol in two places, confirmed, and one on a Saturday."""
    again = [patrol(PATROL, "示员甲", SOUTH), patrol(SATURDAY, "示员甲", EAST)]
    office.post({"对象排查": again})
    with writing(office.engine) as connection:
        rules = [RULES["two_localities"]]
        (found,) = findings(connection, Scope(office.stored, END), rules=rules)
        facts = {"state": State.CONFIRMED, "note": "属实", "basis": found.basis}
        said = {**facts, "at": POSTED_AT, "by": "某人"}
        store.add(connection, office.stored.id, found.rule.code, found.subject, said)
    return office


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--rule", "two_localities"], [TWO_PLACES]),
        (["--rule", "non_working_day"], [NO_WORK]),
        (["--rule", "non_working_day", "--month", "2023-03"], []),
        (["--rule", "non_working_day", "--month", "2023-04"], [NO_WORK]),
        (["--rule", "non_working_day", "--as-of", "2023-04-07"], []),
        (["--as-of", "2023-03-09", "--rule", "two_localities"], [TWO_PLACES]),
        (["--rule", "repeated_text"], []),
    ],
    ids=[
        "a rule",
        "another",
        "another month",
        "its month",
        "the day before",
        "its day",
        "nothing",
    ],
)
def test_findings_for_machines(
    planted: Office,
    words: list[str],
    expected: Sequence[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
):
    assert command_line.main(["findings", *words, "--json"]) == DONE
    said = capsys.readouterr()
    assert (json.loads(said.out), said.err) == (expected, "")


def test_without_a_rule_all_rules_are_asked_in_their_order(
    planted: Office, capsys: pytest.CaptureFixture[str]
):
    assert command_line.main(["findings", "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert [(each["code"], each["subject"]) for each in told] == [
        ("two_localities", "G1 2023-03-09"),
        ("posted_late", "1 2023-03"),
        ("posted_late", "2 2023-03"),
        ("posted_late", "2 2023-04"),
        ("non_working_day", "2023-04-08"),
    ]


def test_findings_for_people(planted: Office, capsys: pytest.CaptureFixture[str]):
    assert command_line.main(["findings", "--month", "2023-04"]) == DONE
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "逾期补录（posted_late）  2 2023-04  1 条记录  待说明",
        "非工作日服务（non_working_day）  2023-04-08  1 条记录  待说明",
    ]
    assert said.err == f"截至 {END}，共 2 个疑点；所涉记录请加 --json 查看。\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--month", "三月"], "--month 应写成 2023-06 的样子，不能是 '三月'"),
        (["--month", "2023-13"], "--month 应写成 2023-06 的样子，不能是 '2023-13'"),
        (["--rule", "guess"], "--rule 不认识 'guess'，可用："),
        (["--as-of", "2023-02-30"], "--as-of 应写成 2023-06-30 的样子，不能是 '2023-02-30'"),
    ],
    ids=["no month", "no month of a year", "no rule", "no day"],
)
def test_wrong_usage_is_answered_in_chinese(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as ended:
        command_line.main(["findings", *words])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (USAGE, "")
    assert said.err.startswith(f"命令写法不对：{sentence}")
