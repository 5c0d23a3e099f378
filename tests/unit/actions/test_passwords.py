"""Passwords are checked at one cost whatever is kept, and few at a time; easy ones are refused."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import TYPE_CHECKING

import bcrypt
import pytest
from argon2 import PasswordHasher, extract_parameters

from lib import contract
from lib.actions import passwords
from lib.actions.password_rules import fault
from lib.errors import RefusedError
from tests.spec.small import TERMS
from tests.support import hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

RIGHT, WRONG = "云杉-口令-2023", "云杉-口令-2024"
OLD = bcrypt.hashpw(RIGHT.encode(), bcrypt.gensalt(4)).decode()
AS_SHIPPED = passwords.HASHER
SMALL = contract.parse(TERMS, "合同.toml")


@pytest.fixture(autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Passwords are hashed at the least cost."""
    with hashes.cheap():
        yield


def test_what_is_kept_is_argon2id_at_the_cost_written_down(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passwords, "HASHER", AS_SHIPPED)
    kept, nobodys = passwords.hashed(RIGHT), passwords.nobodys()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert extract_parameters(nobodys) == extract_parameters(kept)
    assert len(nobodys) == len(kept)


@pytest.mark.parametrize("password", [RIGHT, "a" * 73, "密" * 128, "a\0b" * 4, " " * 12, "🀄" * 20])
def test_any_password_that_was_set_is_right_and_another_is_not(password: str):
    kept = passwords.hashed(password)
    assert passwords.verify(password, kept)
    assert not passwords.verify(password + "x", kept)
    assert not passwords.needs_rehash(kept)


@pytest.mark.parametrize(
    ("password", "right"),
    [
        (RIGHT, True),
        (WRONG, False),
        ("", False),
        (RIGHT + "\0", False),
        (RIGHT + "x" * 72, False),
        ("密" * 25, False),
        ("a" * 100_000, False),
    ],
    ids=["right", "wrong", "empty", "nul", "longer", "25 characters", "huge"],
)
def test_a_hash_of_bcrypts_is_checked_and_wants_to_be_replaced(password: str, *, right: bool):
    assert passwords.verify(password, OLD, old_kind_too=True) is right
    assert passwords.needs_rehash(OLD)


def test_bcrypts_limit_lets_no_longer_password_in():
    kept = bcrypt.hashpw(b"a" * 72, bcrypt.gensalt(4)).decode()
    assert passwords.verify("a" * 72, kept, old_kind_too=True)
    assert not passwords.verify("a" * 73, kept, old_kind_too=True)


@pytest.mark.parametrize("kept", ["", "-", "$argon2id$broken", "plain text"])
def test_what_is_no_hash_lets_nobody_in(kept: str):
    assert not passwords.verify(RIGHT, kept)
    assert not passwords.verify(kept, kept)


@pytest.mark.parametrize("old_kind_too", [False, True])
@pytest.mark.parametrize("password", [RIGHT, WRONG, "", "a" * 100_000], ids=[*"rwel"])
@pytest.mark.parametrize("whose", ["new", "old", "nobody's"])
def test_the_same_is_computed_whoever_is_named(
    whose: str, password: str, monkeypatch: pytest.MonkeyPatch, *, old_kind_too: bool
):
    kept = {"new": passwords.hashed(RIGHT), "old": OLD, "nobody's": None}[whose]
    computed = counted(monkeypatch)
    passwords.verify(password, kept, old_kind_too=old_kind_too)
    assert computed == ({"argon2": 1, "bcrypt": 1} if old_kind_too else {"argon2": 1})


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many hashes of each kind are computed from now on, by cost."""
    computed: Counter[str] = Counter()
    argon2, old = PasswordHasher.verify, bcrypt.checkpw

    def verify(hasher: PasswordHasher, kept: str, password: str) -> bool:
        assert extract_parameters(kept) == hashes.COST
        computed["argon2"] += 1
        return argon2(hasher, kept, password)

    def check(password: bytes, kept: bytes) -> bool:
        computed["bcrypt"] += 1
        return old(password, kept)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    monkeypatch.setattr(bcrypt, "checkpw", check)
    return computed


BUSY = "现在尝试登录的人太多，请过一分钟再试。"


def entered(line: passwords.Line, address: str) -> str:
    """What becomes of one more who wants a hash computed."""
    try:
        with line.turn(address):
            return "computed"
    except RefusedError as refusal:
        return refusal.sentence


def test_a_flood_from_one_address_leaves_room_for_others():
    line = passwords.Line(at_once=4, waiting=3, of_one_address=2)
    with line.turn("10.0.0.1"), line.turn("10.0.0.1"):
        assert entered(line, "10.0.0.1") == BUSY
        assert entered(line, "10.0.0.2") == "computed"
        with line.turn("10.0.0.2"):
            assert entered(line, "10.0.0.3") == BUSY, "there are as many as may be here"
    assert entered(line, "10.0.0.1") == "computed"


def test_no_more_than_so_many_are_computed_at_once():
    line = passwords.Line(at_once=2, waiting=50, of_one_address=50)
    pair, lock, inside, most = Barrier(2), Lock(), Counter[str](), []

    def compute(_number: int) -> None:
        with line.turn("10.0.0.1"):
            with lock:
                inside["now"] += 1
                most.append(inside["now"])
            pair.wait(30)  # goes on when two are inside
            with lock:
                inside["now"] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(compute, range(40)))
    assert max(most) == 2


LONGEST = "".join(chr(ord("一") + 37 * number) for number in range(128))
EASY = "密码太容易猜：请用几个互不相干的词连起来"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("云杉-口令-2023", None),
        ("春雨-铁轨-蓝伞-七", None),
        ("猫在屋顶晒太阳呢七点", None),
        ("correct horse battery staple", None),
        ("kT9#vQ2!mx", None),
        (LONGEST, None),
        (LONGEST + "x", "密码太长：最多 128 位。"),
        ("kT9#vQ2!m", "密码至少 10 位。"),
        ("", "密码至少 10 位。"),
        (" " * 12, "密码首尾不能是空格。"),
        (" 春雨-铁轨-蓝伞-七", "密码首尾不能是空格。"),
        ("春雨-铁轨-蓝伞-七\u3000", "密码首尾不能是空格。"),
        ("密" * 25, EASY),
        ("a" * 73, EASY),
        ("1212121212", EASY),
        ("5201314woaini", EASY),
        ("woaini1314520", EASY),
        ("woaizhongguo", EASY),
        ("a123456789", EASY),
        ("qwertyuiop", EASY),
        ("1qaz2wsx3edc", EASY),
        ("zaq12wsxcde3", EASY),
        ("qwer1234!@#$", EASY),
        ("Admin@123456", EASY),
        ("密码密码密码密码密码", EASY),
        ("社会救助社会救助社会", EASY),
        ("minzheng2023", EASY),
        ("wangwei1985", EASY),
        ("某局小合同某局小合同", EASY),
        ("small-某局-小合同", EASY),
        ("1985年03月12日", EASY),
        ("2023年11月26日", EASY),
        ("1985.03.12", EASY),
        ("1985-03-12", EASY),
        ("1985031219850312", EASY),
        ("13800001234", EASY),
        ("１２３４５６７８９０ab", EASY),
        ("shili20190312", "密码太容易猜：不能含有用户名。"),
        ("20190312-ＳｈｉＬｉ-春雨", "密码太容易猜：不能含有用户名。"),
    ],
)
def test_of_a_new_password_it_is_said_what_is_wrong(password: str, said: str | None):
    found = fault(password, "shili", SMALL)
    assert (found or "")[: len(said or "x")] == (said or "")


def test_a_name_of_one_letter_forbids_no_letter():
    assert fault("kT9#vQ2!mx", "k", SMALL) is None


def test_words_of_one_look_are_not_kept_for_another():
    # zxcvbn keeps the words in its module; many threads ask at once.
    words = [f"蓝鹊{n}枝头" for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(fault, "云杉-口令-2023", word, SMALL) for word in words * 5]
    assert [each.result() for each in asked] == [None] * 40
