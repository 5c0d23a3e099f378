"""The menu of each role, as the browser gets it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from lib.ui import menu
from tests.support.small_office import ADMIN, LEAD, LEADER, REVIEWER

if TYPE_CHECKING:
    from lib.access import Viewer

WORK = (
    "各项工作 = 专项行动: campaign, 老人核查: elder_checks, 申请与调查: cases, "
    "培训与宣传: trainings, 资料与其他: tasks"
)
PLACES = "村和人 = 村（社区）: localities, 服务人员: people"
ACCEPTANCE = (
    "验收 = 合同条款: obligations, 疑点: findings, 抽查: samples, 月度确认: settlement, "
    "报告和档案: files, 核验: verify"
)
SHOWN = {
    LEAD: [
        "合同总览: ./",
        WORK,
        PLACES,
        "日志 = 待办清单: worklist, 上传日志: upload, 快速录入: quick_entry, 过账记录: history",
        "验收 = 合同条款: obligations, 疑点: findings, 月度确认: settlement",
        "lead1 = 修改密码: password, 退出登录: /leave",
    ],
    LEADER: [
        "合同总览: ./",
        WORK,
        PLACES,
        "待办清单: worklist",
        ACCEPTANCE,
        "leader = 修改密码: password, 退出登录: /leave",
    ],
    replace(REVIEWER, oversees=True): [
        "合同总览: ./",
        "各合同: contracts",
        WORK,
        PLACES,
        "日志 = 待办清单: worklist, 过账记录: history",
        ACCEPTANCE,
        "审计记录: audit",
        "reviewer = 修改密码: password, 退出登录: /leave",
    ],
    ADMIN: [
        "合同总览: ./",
        WORK,
        PLACES,
        "待办清单: worklist",
        ACCEPTANCE,
        "管理 = 名册: rosters, 分工: territories, 用户: users, 登录情况: sessions, 审计记录: audit",
        "admin = 修改密码: password, 退出登录: /leave",
    ],
}


@dataclass
class _Menu(HTMLParser):
    """Collects headings, what stands under them, and what is marked as where one is."""

    lines: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    _to: str = ""
    _is_marked: bool = False
    _under: list[str] | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in ("a", "form"):
            self._to = said.get("href") or said.get("action") or ""
        elif tag == "div":
            self._under = []
        if tag in ("a", "summary"):
            self._is_marked = "aria-current" in said or said.get("class") == "here"

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._under is not None:
            self.lines[-1] += f" = {', '.join(self._under)}"
            self._under = None
        elif tag in ("a", "form"):
            self._to = ""

    def handle_data(self, data: str) -> None:
        if self._is_marked:
            self.marked.append(data)
            self._is_marked = False
        if self._under is None:
            self.lines.append(f"{data}: {self._to}" if self._to else data)
        elif self._to:
            self._under.append(f"{data}: {self._to}")


def shown(viewer: Viewer, here: str = "") -> _Menu:
    """The menu that a viewer gets on the page of that path."""
    found = _Menu()
    found.feed(menu.markup(viewer, here))
    return found


@pytest.mark.parametrize("viewer", SHOWN, ids=lambda viewer: viewer.name)
def test_each_role_has_its_pages_and_no_others(viewer: Viewer):
    assert shown(viewer).lines == SHOWN[viewer]
    assert 'data-sign=""' not in menu.markup(viewer, "")


@pytest.mark.parametrize(
    ("here", "marked"),
    [
        ("", ["合同总览"]),
        ("cases", ["各项工作", "申请与调查"]),
        ("worklist", ["待办清单"]),
        ("password", ["leader", "修改密码"]),
        ("entry", []),
    ],
)
def test_it_says_where_one_is(here: str, marked: list[str]):
    assert shown(LEADER, here).marked == marked


def test_a_name_is_text_whatever_it_says():
    told = menu.markup(replace(LEADER, name="<b>&", team='"x'), "")
    assert "<span>&lt;b&gt;&amp;</span>" in told
    assert "<p>&lt;b&gt;&amp; · 区局领导 &quot;x</p>" in told
