"""A wrong contract file is refused with file, key and reason, in Chinese."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.errors import ContractError
from lib.logs import require_known_kinds
from lib.settings import ROOT
from tests.spec.small import TERMS

if TYPE_CHECKING:
    from pathlib import Path


def refusal(text: str) -> str:
    """The sentence with which a contract file of this text is refused."""
    with pytest.raises(ContractError) as refused:
        require_known_kinds(contract.parse(text, "合同.toml"), "合同.toml")
    return refused.value.sentence


def test_the_shipped_contract_is_the_procurement_documents():
    terms = contract.load(ROOT / "data" / "contract.toml")

    require_known_kinds(terms, "contract.toml")
    assert (terms.start, terms.end) == (date(2023, 2, 1), date(2023, 12, 31))
    assert {quota.code: quota.required for quota in terms.quotas} == {
        "case_handling": 704,
        "home_survey": 296,
        "patrol": 640,
        "data_work": 160,
        "archive_work": 360,
        "publicity": 135,
        "campaign": 360,
        "elder_check": 704,
    }
    assert (terms.roster.localities, terms.roster.households, terms.roster.elders) == (
        39,
        1013,
        194,
    )


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ('name = "小合同"\n', "", "name：缺少这一项"),
        ('name = "小合同"', 'name = ""', "name：不能为空"),
        ('name = "小合同"', "name = 7", "name：应为文字"),
        ('name = "小合同"', 'name = "小合同"\nnames = 1', "names：不认识的项"),
        ('code = "small"', 'code = "Small"', "code：格式应为 ^[a-z0-9][a-z0-9-]*$"),
        ("start = 2023-02-10", 'start = "2023-02-10"', "start：应为日期，如 2023-02-01"),
        ("end = 2023-05-07", "end = 9999-12-31", "end：不能大于 2099-12-31"),
        ("start = 2023-02-10", "start = 0001-01-01", "start：不能小于 2000-01-01"),
        ("start = 2023-02-10", "start = 2023-06-10", "合同结束日 2023-05-07 早于开始日 2023-06-10"),
        ("households = 4", 'households = "4"', "roster.households：应为整数"),
        ("households = 4", "households = -4", "roster.households：不能小于 0"),
        ("localities = 3", "localities = 4", "各类村（社区）之和不等于 roster.localities"),
        ("days = 2\nperson", "days = 3\nperson", "item.1：2 人 × 3 天不等于 4 人天"),
        ("person_days = 4", "person_days = 0", "item.1.person_days：应大于 0"),
        ('"2023-05" = 2 }', '"2023-05" = 3 }', "item.6：分月计划合计 7，不等于 6 人天"),
        ('"2023-05" = 2 }', '"2023-06" = 2 }', "“政策宣传”的分月计划含有合同期以外的月份"),
        ('code = "patrol"', 'code = "data_work"', "代码“data_work”出现了不止一次"),
        ("on_track = 0.95", "on_track = 1.5", "thresholds.on_track：不能大于 1"),
        ("watch = 0.80", "watch = 0.0", "thresholds.watch：应大于 0"),
        ("rush_share = 0.40\n", "", "thresholds.rush_share：缺少这一项"),
        ('kind = "patrol"\nleads', 'kind = "patrols"\nleads', "没有“patrols”这种日志"),
        ('code = "other_task"', 'code = "other_tasks"', "item.other_tasks：没有这种日志"),
        ('leads_field = "leads"', 'leads_field = "lead"', "日志“patrol”没有“lead”这一列"),
        ('["explained"]', '["explain"]', "日志“campaign”没有“explain”这一列"),
        ('field = "step", value = "受理"', 'field = "step", value = "收理"', "没有“收理”这个选项"),
        ('filed_field = "filed_on"', 'filed_field = "topic"', "“topic”不是日期列"),
    ],
)
def test_a_wrong_key_is_named_with_its_reason(right: str, wrong: str, reason: str):
    assert TERMS.count(right) == 1

    sentence = refusal(TERMS.replace(right, wrong))

    assert sentence.startswith("合同文件 合同.toml 有误：")
    assert reason in sentence


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ('measure = "cases"\n', "", "obligation.3"),
        ('measure = "cases"', 'measure = "case"', "obligation.3"),
        ('by_category = { "社区" = 1, "村" = 2 }', "by_category = 3", "roster.by_category"),
        ('plan = { "2023-02" = 1, "2023-03" = 3, "2023-05" = 2 }', "plan = 6", "item.6.plan"),
        ('shown_fields = ["training_category", "integrity"]', "shown_fields = 1", "shown_fields"),
        ("start = 2023-02-10", "start = 2023-02-10T08:00:00", "start"),
        ("on_track = 0.95", 'on_track = "0.95"', "thresholds.on_track"),
        ("on_track = 0.95", "on_track = nan", "thresholds.on_track"),
        (
            'person_days = 6\n\n[[item]]\ncode = "home',
            'person_days = true\n\n[[item]]\ncode = "home',
            "item.0.person_days",
        ),
        ("[roster]", "[[roster]]", "roster"),
    ],
)
def test_every_reason_is_given_in_chinese(right: str, wrong: str, key: str):
    assert TERMS.count(right) == 1

    sentence = refusal(TERMS.replace(right, wrong))

    assert key in sentence
    assert re.findall(r"[A-Za-z]+ [a-z]+ [a-z]+", sentence) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"code = ", "合同文件 {path} 不是合法的 TOML："),
        (b"\xff\xfe", "合同文件 {path} 读不出来：UnicodeDecodeError"),
        (None, "合同文件 {path} 读不出来：FileNotFoundError"),
    ],
)
def test_a_file_that_is_no_contract_is_named(tmp_path: Path, content: bytes | None, reason: str):
    path = tmp_path / "合同.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ContractError) as refused:
        contract.load(path)

    assert refused.value.sentence.startswith(reason.format(path=path))


@pytest.mark.parametrize(
    ("asked", "today", "as_of"),
    [
        (None, date(2023, 4, 1), date(2023, 4, 1)),
        (None, date(2024, 1, 1), date(2023, 5, 7)),
        (date(2023, 3, 1), date(2024, 1, 1), date(2023, 3, 1)),
        (date(2023, 9, 1), date(2023, 4, 1), date(2023, 5, 7)),
    ],
)
def test_figures_are_taken_at_the_earlier_of_today_and_the_end(
    asked: date | None, today: date, as_of: date
):
    assert contract.parse(TERMS, "合同.toml").as_of(asked, today) == as_of


def test_a_threshold_is_the_decimal_the_file_shows():
    assert [contract.share(value) for value in (0.95, 0.8, 0.1)] == [
        Fraction(95, 100),
        Fraction(8, 10),
        Fraction(1, 10),
    ]
