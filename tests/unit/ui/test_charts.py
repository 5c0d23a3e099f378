"""The chart of what falls due and what is delivered, as it is sent to the browser."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction
from html import unescape
from urllib.parse import unquote

import pytest

from lib.kpi.burn_up import BurnUp
from lib.ui.charts import drawn, path, steps

DAYS = tuple(date(2026, 2, 27) + timedelta(days=at) for at in range(4))
DUE = (Fraction(5, 2), Fraction(5), Fraction(15, 2), Fraction(10))


def series(*delivered: Fraction, unit: str = "人天") -> BurnUp:
    return BurnUp(days=DAYS, due=DUE, delivered=delivered, required=Fraction(10), unit=unit)


def texts(html: str) -> list[str]:
    """The words in the order in which they stand."""
    return [unescape(text) for text in re.findall(r">([^<]+)<", html)]


def test_its_newest_day_is_said_and_every_other_can_be():
    html = drawn("累计", series(Fraction(1, 3), Fraction(1, 3), Fraction(8)))

    assert texts(html) == [
        *("累计完成 ", "8", "应达 ", "7.5", "2026-03-01", " ", "比应达多 0.5 人天"),
        *("0", "2", "4", "6", "8", "10", "合同总量 10 人天", "3月"),
    ]
    words = "2026-03-01 累计完成 8，应达 7.5，比应达多 0.5 人天"
    assert f'aria-label="累计：{words}，合同总量 10 人天"' in html
    assert f'aria-valuetext="{words}"' in html
    assert 'min="0" max="3" value="2"' in html
    assert 'data-done="3 0 77" data-due="25 25 25 25"' in html
    assert 'data-first="2026-02-27" data-top="10.0"' in html


@pytest.mark.parametrize(
    ("delivered", "said"),
    [
        ([], ["—", "应达 ", "2.5", "2026-02-27", " ", "还没到"]),
        ([Fraction(5, 2)], ["2.5", "应达 ", "2.5", "2026-02-27", " ", "与应达相同"]),
        ([Fraction(0)], ["0", "应达 ", "2.5", "2026-02-27", " ", "比应达少 2.5 人天"]),
    ],
    ids=["before the first day", "as due", "less"],
)
def test_a_day_is_compared_with_what_is_due(delivered: list[Fraction], said: list[str]):
    assert texts(drawn("累计", series(*delivered)))[1:7] == said


def test_its_lines_are_as_high_as_their_values():
    (picture,) = re.findall(r'src="data:image/svg\+xml,([^"]*)"', drawn("累计", series(*DUE[:2])))

    assert "viewBox='0 -50 3 1200'" in unquote(picture)
    assert re.findall(r" d='(M[^h']*)'", unquote(picture)) == ["M0 825l3 -825", "M0 825l1 -275"]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([], ""),
        ([5], "M0 550"),
        ([0, 0, 0, 5, 10, 10], "M0 1100l2 0l2 -1100l1 0"),
    ],
    ids=["none", "one", "days of one slope"],
)
def test_a_line_goes_from_day_to_day(values: list[int], line: str):
    assert path([Fraction(value) for value in values], 10) == line


def test_steps_add_up_to_the_values_as_shown():
    shown = steps([Fraction(n, 3) for n in range(7)]).split()

    assert [sum(map(int, shown[: day + 1])) for day in range(7)] == [0, 3, 7, 10, 13, 17, 20]


def test_nothing_in_it_is_markup():
    html = drawn('<b>"', series(Fraction(1), unit="<i>'"))

    assert re.findall(r"<b>\"|<i>'", html) == []
    assert html.count("比应达少 1.5 &lt;i&gt;&#x27;") == 3
