"""Problems say where, what stands there, and what to do, in the order of the workbook."""

from __future__ import annotations

import pytest

from lib.problems import Fault, Place, Problem, Severity


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place("三月.xlsx"), "文件“三月.xlsx”"),
        (Place("三月.xlsx", "业务协办"), "“业务协办”"),
        (Place("三月.xlsx", "业务协办", 12), "“业务协办”第 12 行"),
        (Place("三月.xlsx", "业务协办", 12, "日期"), "“业务协办”第 12 行“日期”"),
    ],
)
def test_a_place_reads_as_an_official_says_it(place: Place, words: str):
    assert str(place) == words


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault("required", "“日期”必须填写"), "“日期”必须填写。"),
        (Fault("count", "应填整数", "两户"), "填的是“两户”，应填整数。"),
        (
            Fault("staff", "名册中没有此人", "张伟", "张玮"),
            "填的是“张伟”，名册中没有此人；您是不是要填“张玮”？",
        ),
        (Fault("column", "缺少一列", nearest="日期"), "缺少一列；您是不是要填“日期”？"),
    ],
)
def test_a_fault_says_what_stands_there_and_what_to_do(fault: Fault, sentence: str):
    assert fault.sentence == sentence


def test_a_problem_is_its_place_and_its_sentence():
    problem = Problem(Place("三月.xlsx", "业务协办", 3, "日期"), Fault("required", "必须填写"))

    assert str(problem) == "“业务协办”第 3 行“日期”：必须填写。"


@pytest.mark.parametrize(
    ("severity", "refuses"), [(Severity.REFUSED, True), (Severity.NOTICE, False)]
)
def test_only_a_refusal_keeps_a_row_out(severity: Severity, refuses: bool):
    assert Problem(Place("a"), Fault("rule", "words", severity=severity)).refuses is refuses
