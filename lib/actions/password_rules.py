"""What a new password must be: long enough, and not easy to guess (spec §8)."""

from __future__ import annotations

import re
import unicodedata
from threading import Lock
from typing import TYPE_CHECKING

from zxcvbn import zxcvbn

from lib.actions.passwords import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lib.contract import Contract

SHORTEST = 10  # characters
HELP = f"至少 {SHORTEST} 位，不含用户名，不要容易猜到：几个互不相干的词连起来最好记也最难猜"
_GUESSES = 10**9  # by zxcvbn's count; three common words in a row are worth about 10^8
_FEW_CHARACTERS = 3  # aaaa, 1212
_LOOKED_AT = 24  # characters; zxcvbn takes seconds for all of a long one made to vex it
_SHORTEST_NAME = 2  # one letter stands in any password
_PARTS = range(2, 7)  # characters
# In passwords that many people here have, and not in zxcvbn's lists; the commonest first.
_COMMON = """
5201314 1314520 woaini woai 1314 520 521 wodemima mima aini laopo laogong baobei nihao zhongguo
yiqi wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song
minzheng shehui jiuzhu dibao tekun shequ zhengfu gongzuo guanliyuan guanli yuan lingdao shenhe
gaoxin gaoxinqu kaifaqu qu shi shengri yonghu beijing shanghai dongying shandong
密码 我爱你 我爱 爱你 中国 你好 管理员 管理 用户 领导 社会 救助 民政 低保 特困 社区 高新区 监管 服务
""".split()  # noqa: SIM905 - words read best as words


def fault(password: str, name: str, terms: Contract) -> str | None:
    """What is wrong with a new password of an account, as a sentence that says what to do."""
    if password != password.strip():
        return "密码首尾不能是空格。"
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 位。"
    if len(password) > LONGEST:
        return f"密码太长：最多 {LONGEST} 位。"
    if len(name) >= _SHORTEST_NAME and name in _plain(password):
        return "密码太容易猜：不能含有用户名。"
    if _is_easy(password, name, terms):
        return (
            "密码太容易猜：请用几个互不相干的词连起来，不要用姓名、日期、手机号、单位名称、"
            "常见的词，或键盘上相邻的键。"
        )
    return None


def _plain(password: str) -> str:
    """The password in small letters of usual width."""
    return unicodedata.normalize("NFKC", password).lower()


def _is_easy(password: str, name: str, terms: Contract) -> bool:
    plain = _plain(password)
    known = [name, *_COMMON, *_parts(terms.code), *_parts(terms.name), *_parts(terms.buyer)]
    return (
        plain.isdigit()
        or len(set(plain)) <= _FEW_CHARACTERS
        or any(_guesses(text, known) < _GUESSES for text in {plain, _without_date_words(plain)})
    )


def _parts(text: str) -> Iterator[str]:
    """Every run of a few letters: which of them are words, nobody tells us."""
    plain = _plain(text)
    runs = (plain[at : at + size] for size in _PARTS for at in range(len(plain) - size + 1))
    return (run for run in runs if run.isalpha())


def _without_date_words(password: str) -> str:
    """1985年3月12日 as 1985312, which is looked for in a list of dates."""
    return re.sub(r"(?<=\d)\s*[年月日号]", "", password)


_ONE_AT_A_TIME = Lock()  # zxcvbn keeps the words that it is given where every thread sees them


def _guesses(password: str, known: list[str]) -> int:
    """After how many guesses it is found."""
    if not password:
        return 0
    with _ONE_AT_A_TIME:
        return int(zxcvbn(password[:_LOOKED_AT], user_inputs=known)["guesses"])
