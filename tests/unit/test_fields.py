"""What a cell is read as: exact, or a fault with its sentence; never shifted, never raised."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.fields import (
    EXACT_DIGITS,
    BrokenCell,
    Choice,
    Code,
    Count,
    Day,
    Field,
    Money,
    Names,
    Text,
    Uncomputed,
    is_empty,
    shown,
)
from lib.problems import Fault

if TYPE_CHECKING:
    from lib.fields import Cell, FieldType

MARCH_5 = date(2023, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        MARCH_5,
        datetime(2023, 3, 5),  # noqa: DTZ001 - Excel knows no zone
        datetime(2023, 3, 5, 14, 30),  # noqa: DTZ001 - Excel knows no zone
        "2023-03-05",
        "2023-3-5",
        "2023/3/5",
        "2023/03/05",
        "2023.3.5",
        "2023年3月5日",
        "2023年03月05日",
        "2023年3月5",
        " 2023 年 3 月 5 日 ",
        "２０２３－０３－０５",
        "２０２３年３月５日",
        "2023-03-05 00:00:00",
        "20230305",
        20230305,
        "44990",
        44990,
        44990.0,
        "2023\u200b-03-05\xa0",
    ],
    ids=repr,
)
def test_a_day_is_read_in_every_form_of_the_offices(cell: Cell):
    assert Day().read(cell) == MARCH_5


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (61, date(1900, 3, 1)),
        ("61", date(1900, 3, 1)),
        (45291, date(2023, 12, 31)),
        (45292, date(2024, 1, 1)),
        (45351, date(2024, 2, 29)),
        ("2024-02-29", date(2024, 2, 29)),
    ],
    ids=repr,
)
def test_a_serial_is_the_day_that_excel_shows(cell: Cell, day: date):
    assert Day().read(cell) == day


@pytest.mark.parametrize(
    "cell",
    [
        60,
        "60",
        0,
        -1,
        59,
        99999999,
        "99999999",
        109575,
        1e308,
        float("inf"),
        float("nan"),
        44990.5,
        2023.3,
        "2023-02-29",
        "1900-02-29",
        "2023-13-01",
        "2023-00-10",
        "2023-3",
        "23-3-5",
        "3月5日",
        "2023-03-05至06",
        "昨天",
        "20230230",
        True,
        time(8, 30),
        timedelta(days=3),
    ],
    ids=repr,
)
def test_what_is_no_certain_day_is_refused(cell: Cell):
    fault = Day().read(cell)

    assert isinstance(fault, Fault)
    assert (fault.rule, fault.found) == ("not_a_day", shown(cell))


@given(st.dates(date(1900, 3, 1), date(2199, 12, 31)))
@settings(derandomize=True, database=None, deadline=None)
def test_every_serial_is_read_as_its_day(day: date):
    assert Day().read((day - date(1899, 12, 30)).days) == day


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (12, 12),
        (12.0, 12),
        (0, 0),
        (-0.0, 0),
        ("12", 12),
        ("１２", 12),
        (" 1 2 ", 12),
        ("1,200", 1200),
        ("1，200", 1200),
        ("1,234,567", None),
        ("12.0", 12),
        (1_000_000, 1_000_000),
        (1_000_001, None),
        ("12人", None),
        ("约12", None),
        ("1,20", None),
        ("12,00", None),
        ("1200,", None),
        ("十二", None),
        ("1e3", None),
        ("0x10", None),
        ("½", None),
        (-1, None),
        ("-1", None),
        (2.5, None),
        ("2.5", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (1e300, None),
        (MARCH_5, None),
    ],
    ids=repr,
)
def test_a_count_is_exact_or_refused(cell: Cell, count: int | None):
    read = Count().read(cell)

    assert (None if isinstance(read, Fault) else read) == count


@pytest.mark.parametrize(
    ("cell", "rule"), [("12人", "not_a_count"), (1e300, "too_large"), (51, "too_large")]
)
def test_a_refused_count_says_why(cell: Cell, rule: str):
    fault = Count(limit=50).read(cell)

    assert isinstance(fault, Fault)
    assert (fault.rule, fault.found) == (rule, shown(cell))


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        (880.5, Decimal("880.5")),
        ("880.55", Decimal("880.55")),
        (0.1, Decimal("0.1")),
        (1200.0, Decimal(1200)),
        ("1,200", Decimal(1200)),
        ("0", Decimal(0)),
        ("880.555", None),
        (-1, None),
        ("880元", None),
        (1_000_000.01, None),
    ],
    ids=repr,
)
def test_an_amount_is_exact_to_the_fen_or_refused(cell: Cell, amount: Decimal | None):
    read = Money().read(cell)

    assert (None if isinstance(read, Fault) else read) == amount


@pytest.mark.parametrize("kind", [Money(), Text(), Code(), Count()])
def test_cells_that_are_equal_numbers_say_the_same(kind: FieldType):
    assert str(kind.read(-0.0)) == str(kind.read(0.0)) == str(kind.read(0)) == "0"


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Text(), " =1+1 ", "=1+1"),
        (Text(), "@cmd", "@cmd"),
        (Text(), "第一行\r\n第二行", "第一行\n第二行"),
        (Text(), 12, "12"),
        (Text(), 12.0, "12"),
        (Text(), 12.5, "12.5"),
        (Text(), datetime(2023, 3, 5), "2023-03-05"),  # noqa: DTZ001 - Excel knows no zone
        (Text(limit=3), "一二三", "一二三"),
        (Code(), " ｈ-０１ ２ ", "h-012"),
        (Code(), 20230001, "20230001"),
        (Code(), 999_999_999_999_999, "999999999999999"),
        (Choice(("是", "否")), " 是\u200b", "是"),
        (Names(), "张 伟、李娜", ("张 伟", "李娜")),
        (Names(), "张伟,李娜，王芳", ("张伟", "李娜", "王芳")),
        (Names(), "张伟/李娜；王芳;赵一\n钱二", ("张伟", "李娜", "王芳", "赵一", "钱二")),
        (Names(), "、张伟、", ("张伟",)),
    ],
)
def test_text_codes_choices_and_names_are_read(kind: FieldType, cell: Cell, value: object):
    assert kind.read(cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "sentence"),
    [
        (Text(limit=3), "一二三四", "共 4 字，超过上限 3 字，请精简。"),
        (Text(), True, "填的是“TRUE”，应填文字，不能是逻辑值。"),
        (
            Code(),
            10**15,
            "数字超过 15 位，Excel 已丢失尾数，请把单元格设为文本后重填。",
        ),
        (
            Text(),
            1.1e17,
            "数字超过 15 位，Excel 已丢失尾数，请把单元格设为文本后重填。",
        ),
        (Code(), "1" * 41, "编号超过 40 个字符。"),
        (
            Choice(("受理", "公示")),
            "受里",
            "填的是“受里”，只能填：受理、公示；您是不是要填“受理”？",
        ),
        (Choice(("是", "否")), True, "填的是“TRUE”，应填文字，不能是逻辑值。"),
        (Names(), "、，", "填的是“、，”，没有填写姓名。"),
    ],
)
def test_text_that_does_not_fit_is_refused_and_never_cut(
    kind: FieldType, cell: Cell, sentence: str
):
    fault = kind.read(cell)

    assert isinstance(fault, Fault)
    assert fault.sentence == sentence


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (None, "“份数”必须填写。"),
        ("", "“份数”必须填写。"),
        (" \u200b\u3000", "“份数”必须填写。"),
        (Uncomputed(), "公式未计算，请用 WPS 或 Excel 打开并保存一次。"),
        (BrokenCell("#REF!"), "填的是“#REF!”，单元格是错误值，请改正公式或直接填写。"),
    ],
)
def test_a_required_column_wants_a_value(cell: Cell, sentence: str):
    fault = Field("copies", "份数", Count(), required=True).read(cell)

    assert isinstance(fault, Fault)
    assert fault.sentence == sentence


@pytest.mark.parametrize("cell", [None, "", "\u200b"], ids=repr)
def test_another_column_may_be_empty(cell: Cell):
    assert Field("copies", "份数", Count()).read(cell) is None


@pytest.mark.parametrize("cell", [Uncomputed(), BrokenCell("#N/A")], ids=repr)
def test_an_uncomputed_or_broken_cell_is_not_empty(cell: Cell):
    assert isinstance(Field("copies", "份数", Count()).read(cell), Fault)
    assert not is_empty(cell)


_cells = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.just(Uncomputed()),
    st.builds(BrokenCell, st.text()),
)


@given(_cells)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_no_cell_makes_a_type_raise(cell: Cell):
    for kind in (Text(), Code(), Choice(("是", "否")), Count(), Money(), Day(), Names()):
        value = Field("column", "列", kind).read(cell)
        assert value is None or isinstance(value, (Fault, str, int, Decimal, date, tuple))


@given(st.floats(allow_nan=False, allow_infinity=False).map(float.__trunc__))
@example(1)
@example(44990)
@example(20230305)
@settings(derandomize=True, database=None, deadline=None, max_examples=300)
def test_a_whole_number_says_the_same_however_it_is_held(number: int):
    for kind in (Text(), Code(), Choice(("是", "否")), Count(), Money(), Day(), Names()):
        held, as_float = kind.read(number), kind.read(float(number))
        if abs(number) < 10**EXACT_DIGITS:
            assert repr(held) == repr(as_float)
        elif isinstance(held, Fault) and isinstance(as_float, Fault):
            assert held.rule == as_float.rule
        else:
            pytest.fail(f"{kind} takes {number}")


def test_a_word_like_none_of_a_few_options_may_be_any_of_them():
    few, many = Choice(("良好", "一般", "较差")), Choice(("甲", "乙", "丙", "丁"))
    assert few.read("不错").candidates == few.options
    assert few.read("良号").candidates == ("良好",)
    assert many.read("不错").candidates == ()
