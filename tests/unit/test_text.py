"""Text made comparable, and identity-card numbers masked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.text import mask_identity_numbers, plain, squeezed, tidy


@pytest.mark.parametrize(
    ("written", "tidied"),
    [
        ("  张 三  ", "张 三"),
        ("张\u3000三", "张 三"),
        ("张\xa0\xa0三", "张 三"),
        ("张\t三", "张 三"),
        ("张\x00三", "张三"),
        ("\ufeff张\u200b三\u200d", "张三"),
        ("\u202e张三\u202c", "张三"),
        ("一行\r\n二行", "一行\n二行"),
        ("\n 两端 \n", "两端"),
        ("１２Ａ（乙）", "１２Ａ（乙）"),
        ("\u200b \u3000", ""),
    ],
)
def test_tidying_removes_what_nobody_sees(written: str, tidied: str):
    assert tidy(written) == tidied


@pytest.mark.parametrize(
    "name", ["\U00020bb7田", "\U00030edd", "\U00031350某", "\ue863某", "·阿不都"]
)
def test_rare_characters_of_names_are_kept(name: str):
    assert tidy(name) == name


@given(st.text())
@settings(derandomize=True, database=None, deadline=None)
def test_what_is_tidy_stays_as_it_is(text: str):
    assert tidy(tidy(text)) == tidy(text)


@given(st.text())
@settings(derandomize=True, database=None, deadline=None)
def test_what_is_plain_stays_as_it_is(text: str):
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("１２，Ａ（乙）", "12,A(乙)"),
        ("村（社区）", "村(社区)"),
        ("2023／3／5", "2023/3/5"),
    ],
)
def test_plain_text_is_half_width(written: str, result: str):
    assert plain(written) == result


def test_squeezed_text_has_no_space():
    assert squeezed(" 张　 三\n(乙) ") == "张三(乙)"


def identity_number(first17: str) -> str:
    """A made-up number with its check character by GB 11643: Σ a_i·2^(18-i) ≡ 1 (mod 11)."""
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(first17))
    return first17 + "0123456789X"[(12 - total) % 11]


# Nobody's: there is no such district, and they were born in the year 0001.
NUMBERS = [identity_number(f"9999990001010{n:04d}") for n in range(200)]
WITH_X = next(number for number in NUMBERS if number.endswith("X"))
NUMBER = NUMBERS[0]
MASKED = f"999{'*' * 11}{NUMBER[-4:]}"


@pytest.mark.parametrize("number", NUMBERS[:30])
def test_a_valid_number_is_masked(number: str):
    assert mask_identity_numbers(number) == f"{number[:3]}***********{number[-4:]}"


@pytest.mark.parametrize("number", NUMBERS[:30])
def test_a_number_with_a_wrong_check_character_is_some_other_number(number: str):
    wrong = number[:-1] + ("1" if number[-1] == "0" else "0")

    assert mask_identity_numbers(wrong) == wrong


@pytest.mark.parametrize(
    ("written", "result"),
    [
        (f"张某{NUMBER}，南村", f"张某{MASKED}，南村"),
        (f"{NUMBER}、{NUMBER}", f"{MASKED}、{MASKED}"),
        (f"ID{NUMBER}a", f"ID{MASKED}a"),
        (WITH_X.lower(), f"999***********{WITH_X[-4:].lower()}"),
        (NUMBER.translate({ord(str(d)): ord("０") + d for d in range(10)}), MASKED),
        (f"1{NUMBER}", f"1{NUMBER}"),
        (f"{NUMBER}1", f"{NUMBER}1"),
        (NUMBER[:17], NUMBER[:17]),
        ("全角１２３照旧", "全角１２３照旧"),
        ("", ""),
    ],
)
def test_numbers_are_masked_wherever_they_stand(written: str, result: str):
    assert mask_identity_numbers(written) == result


# A place in Xi'an and a day that was one, as cards of before 1999 have them.
OLD = "610102640229123"


@pytest.mark.parametrize(
    ("written", "result"),
    [
        (OLD, "610********9123"),
        (f"证号{OLD[:6]} {OLD[6:12]}-{OLD[12:]}。", "证号610********9123。"),
        (OLD.translate({ord(str(d)): ord("０") + d for d in range(10)}), "610********9123"),
        (f"{NUMBER} {OLD}", f"{MASKED} 610********9123"),
        # No day, no province, a year and month, a fraction, other lengths, gaps elsewhere.
        *((other, other) for other in ("610102630229123", "990102640229123", "610102202303001")),
        *((other, other) for other in (f"0.{OLD}", f"{OLD}.5", f"{OLD}1", OLD[:14])),
        *((other, other) for other in ("202303060001234", "6101 0264 0229 123")),
    ],
)
def test_old_numbers_are_masked_and_what_is_like_them_is_not(written: str, result: str):
    assert mask_identity_numbers(written) == result


@pytest.mark.parametrize("gap", [" ", "-", "－", "—", "\u2011", "\u200b", "_"])
def test_no_gap_hides_a_number(gap: str):
    assert mask_identity_numbers(gap.join(NUMBER)) == MASKED


def test_digits_of_other_scripts_hide_no_number():
    written = "".join(chr(0x1D7CE + int(digit)) for digit in NUMBER)
    assert mask_identity_numbers(written) == MASKED
