"""The known value that may have been meant, or none when nothing is like it."""

from __future__ import annotations

from time import process_time

import pytest

from lib.likeness import candidates, nearest, sounds_alike

HOUSEHOLDS = [f"H{number:04}" for number in range(1, 1014)]
FAMILIES, FIRSTS, SECONDS = "王李张刘陈杨赵黄周吴", "小明建国", "华丽强芳敏"
NAMES = [family + first + second for family in FAMILIES for first in FIRSTS for second in SECONDS]


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("张伟", ["李娜", "张玮", "王芳"], "张玮"),
        ("章薇", ["李娜", "张玮"], "张玮"),
        ("王晓明", ["王小刚", "王小明"], "王小明"),
        ("示例兰村", ["示例南村", "示例东村"], "示例南村"),
        ("张红", ["张洪", "张宏伟"], "张洪"),
        ("陈振", ["陈正", "陈东"], "陈正"),
        # Heteronyms, read as the family name is.
        ("善雄", ["单雄"], "单雄"),
        ("虫阳", ["重阳"], "重阳"),
    ],
)
def test_what_sounds_the_same_or_nearly_so_is_meant(written: str, known: list[str], meant: str):
    assert nearest(written, known) == meant


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("晴山村", ["睛山村", "青水村"], "睛山村"),
        ("己山", ["已山"], "已山"),
        ("上材", ["上村"], "上村"),
        ("示员田", ["示员甲", "示员乙"], "示员甲"),
        ("末来", ["未来"], "未来"),
    ],
)
def test_what_looks_the_same_or_nearly_so_is_meant(written: str, known: list[str], meant: str):
    assert nearest(written, known) == meant


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("低保边", ["低保", "低保边缘"], "低保边缘"),
        ("李小小红", ["李小红", "李小兰"], "李小红"),
        ("小李红", ["小李兰", "李小红"], "李小红"),
        ("自理", ["全自理", "失能"], "全自理"),
        ("示例一", ["示例一社区", "示例二社区"], "示例一社区"),
        ("示例一社区居委会", ["示例一社区", "示例二社区"], "示例一社区"),
        ("示例1社区", ["示例一社区", "示例七社区"], "示例一社区"),
        ("送达通知书", ["一次性告知书", "送达受理通知书"], "送达受理通知书"),
        ("不落实", ["落实", "未落实"], "未落实"),
    ],
)
def test_a_slip_of_the_hand_is_seen_through(written: str, known: list[str], meant: str):
    assert nearest(written, known) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("h0123", "H0123"),
        ("Ｈ０１２３", "H0123"),
        ("HO123", "H0123"),
        ("Hl23", "H0123"),
        ("H-0123", "H0123"),
        ("H 123", "H0123"),
        ("H00123", "H0123"),
        ("123", "H0123"),
        ("户0123", "H0123"),
        ("H10133", "H1013"),
        ("H10l3", "H1013"),
    ],
)
def test_a_code_is_known_by_its_letters_and_numbers(written: str, meant: str):
    assert nearest(written, HOUSEHOLDS) == meant


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("欧阳", ["李娜", "张玮"]),
        ("张伟", []),
        ("张伟", ["张丽", "李刚"]),
        ("张", ["张伟"]),
        ("不安全", ["安全", "有隐患"]),
        ("安全", ["不安全"]),
        ("较好", ["良好", "一般", "较差"]),
        ("H9", ["H1", "H2", "H3"]),
        ("H2013", HOUSEHOLDS),
        ("H1014", HOUSEHOLDS),
        ("", ["张伟"]),
        pytest.param("张" * 30_000, ["张伟", *NAMES], id="long text"),
        pytest.param("日期", ["张" * 30_000], id="long value"),
    ],
)
def test_what_is_not_like_at_all_is_not_named(written: str, known: list[str]):
    assert nearest(written, known) is None


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("张伟", ["张卫", "李娜", "张玮"], ("张卫", "张玮")),
        ("12", ["T3", "H12", "T0012"], ("H12", "T0012")),
        # The likest stands first whatever the order; what is far less like is not offered.
        ("王晓明", ["王小铭铭", "王肖名", "王小明"], ("王小明", "王肖名")),
        ("H1103", HOUSEHOLDS, ("H0103", "H1013")),
        # Nothing says which of four was meant.
        ("张伟", ["张卫", "张玮", "张维", "张薇"], ()),
    ],
)
def test_few_are_offered_the_likest_first(written: str, known: list[str], meant: tuple[str, ...]):
    assert candidates(written, known) == meant


def test_among_many_the_same_is_found_as_among_few():
    slips = ["王晓华", "王小化", "王华小", "王小小华", "汪小华", "汪晓花"]
    numbered = [f"示例-{number:04}" for number in range(500)]

    assert {nearest(slip, NAMES) for slip in slips} == {"王小华"}
    assert nearest("123", numbered) == "示例-0123"


def test_500_wrong_names_and_codes_take_no_time():
    wrong = [
        f"{family}{first}{second}"
        for family in "忘里章流臣"
        for first in "晓名见果大"
        for second in "花力墙方闽刚军勇杰涛磊超鹏辉斌波宇浩凯健"
    ]
    begun = process_time()

    for name in wrong:
        candidates(name, NAMES)
    for number in range(2000, 2500):
        candidates(f"H{number}", HOUSEHOLDS)

    assert (len(wrong), process_time() - begun < 2) == (500, True)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("周达程", "周达成", True),
        ("周大成", "周达成", False),  # dà, dá
        ("周大成", "周大", False),
        ("周a", "周a", True),
        ("周a", "周b", False),
    ],
)
def test_alike_to_the_ear_is_alike_with_tones(one: str, other: str, alike: bool):
    assert sounds_alike(one, other) is alike
