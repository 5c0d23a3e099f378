"""Made-up histories of a small contract, in any order: rosters, postings, what takes them back.

By default the examples are the same in every run; `EXPLORE=1` draws ten times as many new ones,
and makes one that fails as short as it can, which may take minutes.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from lib.actions.post import post
from lib.actions.restore import restore
from lib.actions.undo import undo
from lib.actions.withdraw import withdraw
from lib.errors import RefusedError
from tests.spec import small
from tests.spec.plain import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

    Rows = tuple[str, dict[str, Any]]

_EXPLORE = bool(os.environ.get("EXPLORE"))


def examples(number: int) -> settings:
    """So many examples, each a history played on a real store."""
    return settings(
        max_examples=number * 10 if _EXPLORE else number,
        deadline=None,
        derandomize=not _EXPLORE,
        database=None,
        phases=[Phase.generate, Phase.shrink] if _EXPLORE else [Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# Few days, so that rows meet: first and last ones of months and of the contract, and the days
# beside them; a Saturday, a holiday, a Sunday that is worked.
DAYS = (
    date(2023, 2, 9),
    date(2023, 2, 10),
    date(2023, 2, 13),
    date(2023, 2, 28),
    date(2023, 3, 1),
    date(2023, 3, 6),
    date(2023, 3, 10),
    date(2023, 3, 16),
    date(2023, 3, 31),
    date(2023, 4, 1),
    date(2023, 4, 5),
    date(2023, 4, 20),
    date(2023, 4, 23),
    date(2023, 5, 6),
    date(2023, 5, 7),
    date(2023, 5, 8),
)
# Any day of the contract: often its first or last, a day in use, or the one on which what was
# found on such a day has been open for as long as is allowed, or for a day longer.
_OPEN = timedelta(days=10)
AS_OF = st.one_of(
    st.sampled_from((small.START, small.END, *DAYS)),
    st.dates(small.START, small.END),
    st.sampled_from(DAYS).map(lambda day: day + _OPEN),
    st.sampled_from(DAYS).map(lambda day: day + _OPEN + timedelta(days=1)),
).map(lambda day: min(max(day, small.START), small.END))

_days = st.sampled_from(DAYS)
_people = st.sampled_from(
    ("赵一", "钱二丰", "孙三", "李四", "赵一、钱二丰", "钱二丰、赵一", "钱二丰、孙三")
)
_applications = st.sampled_from(("A1", "A2", "A3"))
_places = st.sampled_from(("东社区", "南村", "西山村"))
_homes = st.sampled_from(("H1", "H2", "H3", "H4"))
_remark = st.sampled_from((None, None, "好"))

# Cells by sheet beside 日期, 服务人员 and 备注; None leaves the cell empty.
CELLS: Mapping[str, SearchStrategy[dict[str, Any]]] = {
    "业务协办": st.fixed_dictionaries(
        {
            "村(社区)": _places,
            "受理编号": _applications,
            "申请人": st.just("张某"),
            "救助类别": st.just("低保"),
            "办理环节": st.sampled_from(("受理", "受理", "公示")),
        }
    ),
    "家计调查": st.one_of(
        st.fixed_dictionaries(
            {
                "调查类型": st.just("新增申请"),
                "受理编号": _applications,
                "户编号": st.none() | _homes,
                "村(社区)": _places,
                "调查结论": st.just("符合"),
            }
        ),
        st.fixed_dictionaries(
            {
                "调查类型": st.sampled_from(("定期复核", "动态管理")),
                "户编号": _homes,
                "村(社区)": _places,
                "调查结论": st.just("符合"),
            }
        ),
    ),
    "对象排查": st.fixed_dictionaries(
        {
            "村(社区)": _places,
            "排查情况": st.just("走访"),
            "发现线索数": st.sampled_from((None, 0, 1, 3)),
        }
    ),
    "网络管理": st.fixed_dictionaries(
        {
            "工作内容": st.just("数据收集"),
            "平台名称": st.sampled_from((None, "省平台")),
            "条数": st.sampled_from((0, 7)),
        }
    ),
    "档案管理": st.fixed_dictionaries(
        {
            "地点": st.just("街道"),
            "档案类别": st.just("低保"),
            "环节": st.sampled_from(("收集", "归档")),
            "份数": st.just(4),
        }
    ),
    "业务培训": st.fixed_dictionaries(
        {
            "培训类别": st.sampled_from(("信息平台培训", "阶段性业务培训", "其他")),
            "主题": st.sampled_from(("平台", "政策")),
            "方案备案日期": st.none() | _days,
            "街道专管员人数": st.just(2),
            "协理员人数": st.just(30),
            "廉政教育": st.sampled_from(("是", "否")),
        }
    ),
    "政策宣传": st.fixed_dictionaries(
        {"村(社区)": _places, "宣传形式": st.sampled_from(("广播", "集市宣传"))}
    ),
    "专项行动": st.fixed_dictionaries(
        {
            "户编号": _homes,
            "政策宣讲": st.just("是"),
            "发现问题": st.sampled_from((None, "漏雨")),
            "跟进措施": st.sampled_from((None, "报修")),
            "办结日期": st.none() | _days,
        }
    ),
    "特困老人核查": st.fixed_dictionaries(
        {
            "特困人员编号": st.sampled_from(("E1", "E2", "E3")),
            "生活状况": st.just("良好"),
            "健康状况": st.sampled_from(("良好", "较差")),
        }
    ),
    "其他工作": st.fixed_dictionaries({"工作内容": st.sampled_from(("接待", "会务"))}),
}


@st.composite
def _row(draw: DrawFn, sheets: Sequence[str], made: list[Rows]) -> Rows:
    """A row of one of the sheets, or an earlier one with something else in it."""
    if made and draw(st.integers(0, 2)) == 0:
        sheet, cells = draw(st.sampled_from(made))
        changed = draw(st.sampled_from(("备注", "服务人员", "日期", "")))
        new = {"备注": _remark, "服务人员": _people, "日期": _days}.get(changed, st.none())
        cells = {**cells, changed: draw(new)} if changed else cells
    else:
        sheet = draw(st.sampled_from(sheets))
        cells = {"日期": draw(_days), "服务人员": draw(_people), **draw(CELLS[sheet])}
        cells["备注"] = draw(_remark)
    made.append((sheet, cells))
    return sheet, cells


@dataclass(frozen=True)
class Post:
    """Books posted in one go, each with its rows by sheet; withdrawn rows may count again."""

    books: tuple[dict[str, list[dict[str, Any]]], ...]
    restoring: bool = False


@dataclass(frozen=True)
class Withdraw:
    """One of the entries that count then is withdrawn; none if none does."""

    which: int


@dataclass(frozen=True)
class Restore:
    """One of the entries that are withdrawn then counts again; none if none is."""

    which: int


@dataclass(frozen=True)
class Undo:
    """One of the receipts posted by then and not undone yet is undone, if it can be."""

    which: int


@dataclass(frozen=True)
class Import:
    """Some members are listed anew; the others are missing from the file."""

    listed: dict[str, dict[str, dict[str, Any]]]


Act = Post | Withdraw | Restore | Undo | Import


@st.composite
def _post(draw: DrawFn, sheets: Sequence[str], made: list[Rows]) -> Post:
    books = []
    for number in draw(st.lists(st.integers(2, 10), min_size=1, max_size=2)):
        book: dict[str, list[dict[str, Any]]] = {}
        for sheet, cells in (draw(_row(sheets, made)) for _ in range(number)):
            book.setdefault(sheet, []).append(cells)
        books.append(book)
    return Post(tuple(books), restoring=draw(st.booleans()))


@st.composite
def _correction(draw: DrawFn, made: list[Rows]) -> Post:
    """Earlier rows once more, each with another remark; some of them may be withdrawn by now."""
    book: dict[str, list[dict[str, Any]]] = {}
    for sheet, cells in draw(st.lists(st.sampled_from(made), min_size=1, max_size=6)):
        again = {**cells, "备注": draw(st.sampled_from(("改正", "再改")))}
        book.setdefault(sheet, []).append(again)
    return Post((book,))


_edges = st.sampled_from(
    (
        date(2022, 1, 1),
        date(2023, 2, 10),
        date(2023, 2, 20),
        date(2023, 3, 1),
        date(2023, 3, 16),
        date(2023, 4, 30),
        date(2023, 5, 3),
    )
)
_ends = st.none() | st.sampled_from(
    (date(2023, 2, 10), date(2023, 2, 24), date(2023, 3, 31), date(2023, 4, 15), date(2024, 1, 1))
)


@st.composite
def _import(draw: DrawFn) -> Import:
    """An elder joins, leaves or is new, or a household moves; perhaps both."""
    listed: dict[str, dict[str, dict[str, Any]]] = {}
    if draw(st.booleans()):
        code = draw(st.sampled_from(("E1", "E2", "E3", "E4")))
        elder = small.ROSTERS["特困人员"].get(code, small.ROSTERS["特困人员"]["E1"])
        begins, ends = draw(_edges), draw(_ends)
        ends = None if ends and ends < begins else ends
        listed["特困人员"] = {code: {**elder, "编号": code, "纳入日期": begins, "退出日期": ends}}
    if not listed or draw(st.booleans()):
        code = draw(_homes)
        home = {**small.ROSTERS["困难家庭"][code], "村(社区)": draw(_places)}
        listed["困难家庭"] = {code: home}
    return Import(listed)


@st.composite
def histories(draw: DrawFn, *sheets: str) -> tuple[Act, ...]:
    """Acts in any order, rows of these sheets only (of all, when none is named)."""
    return _acts(draw, sheets or tuple(CELLS), [])


@st.composite
def histories_and_books(draw: DrawFn) -> tuple[tuple[Act, ...], list[Post]]:
    """A history, and postings of one book each: new rows, earlier ones, corrections of them."""
    made: list[Rows] = []
    acts = _acts(draw, tuple(CELLS), made)
    posts = [
        draw(_correction(made) if corrects else _post(tuple(CELLS), made))
        for corrects in draw(st.lists(st.booleans(), min_size=1, max_size=3))
    ]
    return acts, [Post(post.books[:1], post.restoring) for post in posts]


def _acts(draw: DrawFn, chosen: Sequence[str], made: list[Rows]) -> tuple[Act, ...]:
    """Acts in any order; the rows that were made are noted."""
    acts: list[Act] = [draw(_post(chosen, made))]
    for act in draw(st.lists(st.sampled_from("pwwrccuui"), min_size=2, max_size=7)):
        match act:
            case "p":
                acts.append(draw(_post(chosen, made)))
            case "c":
                acts.append(draw(_correction(made)))
            case "w":
                acts.append(Withdraw(draw(st.integers(0, 30))))
            case "r":
                acts.append(Restore(draw(st.integers(0, 30))))
            case "u":
                acts.append(Undo(draw(st.integers(0, 5))))
            case _:
                acts.append(draw(_import()))
    return tuple(acts)


def played(engine: Engine, history: Sequence[Act]) -> tuple[StoredContract, Ledger]:
    """A contract with this history in the store, and the same replayed plainly.

    What became of every row is compared on the way.
    """
    stored = small.entered(engine)
    ledger = Ledger(tomllib.loads(small.TERMS))
    ledger.import_rosters(small.ROSTERS)
    for act in history:
        do(engine, stored, ledger, act)
    return stored, ledger


def do(engine: Engine, stored: StoredContract, ledger: Ledger, act: Act) -> None:
    """One more act of a history, in the store and plainly."""
    said = {"reason": "错录", "now": small.NOW}
    match act:
        case Post(books, restoring):
            workbooks = [small.workbook(book) for book in books]
            posted = post(
                engine,
                stored,
                small.ANYBODY,
                workbooks,
                today=small.TODAY,
                now=small.NOW,
                restore=restoring,
            )
            outcomes = [[str(row.outcome) for row in done.plan.rows] for done in posted]
            assert outcomes == ledger.post(books, restoring=restoring)
        case Withdraw(which):
            number = _one(which, [n for n, f in enumerate(ledger.entries, 1) if f.effective])
            if number:
                withdraw(engine, stored, small.ANYBODY, number, **said)
                ledger.withdraw(number)
        case Restore(which):
            number = _one(which, [n for n, f in enumerate(ledger.entries, 1) if not f.effective])
            if number:
                restore(engine, stored, small.ANYBODY, number, **said)
                ledger.restore(number)
        case Undo(which):
            number = _one(which, [n for n, r in enumerate(ledger.receipts, 1) if r == "posted"])
            if number:
                assert _is_undone(engine, stored, number) == ledger.undo(number)
        case Import(listed):
            small.imported(engine, stored, listed)
            ledger.import_rosters(listed)


def _one(which: int, numbers: Sequence[int]) -> int | None:
    """One of the numbers, if there are any."""
    return numbers[which % len(numbers)] if numbers else None


def _is_undone(engine: Engine, stored: StoredContract, receipt: int) -> bool:
    """Whether the receipt was undone now, or nothing of it was left."""
    try:
        undo(engine, stored, small.ANYBODY, receipt, reason="错录", now=small.NOW)
    except RefusedError:
        return False
    return True
