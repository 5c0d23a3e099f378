"""The pages: which stands under which heading of the menu, and which role may open it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.access import Role, oversees_all

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

    from lib.access import Viewer

TITLE = "社会救助服务监管"
_PAGES = Path(__file__).resolve().parents[2] / "pages"
EVERYONE = frozenset(Role)
LEAD = frozenset({Role.TEAM_LEAD})
POSTED = frozenset({Role.TEAM_LEAD, Role.REVIEWER})  # who looks at what was posted
ADMIN = frozenset({Role.ADMIN})
AUDITING = frozenset({Role.REVIEWER, Role.ADMIN})  # who looks up what everybody did
ACCEPTING = EVERYONE - LEAD  # who sees how the work of the teams is checked
PLACES, WORK, LOGS, ACCEPTANCE = "村和人", "各项工作", "日志", "验收"
ADMINISTRATION = "管理"
FIRST = "progress/overview"
MISSING = "account/missing"  # where an unknown address leads; open to nobody


class NotFoundError(Exception):
    """The page does not exist, or is not the viewer's: the two are answered alike."""


@dataclass(frozen=True)
class MenuPage:
    """One page: its file below `pages/`, title, who may open it, whether it is listed.

    `heading` is the menu's heading above it, empty for a page that stands for itself. A page that
    stands for itself, or for some roles alone under its heading, has a `sign`.
    """

    file: str
    title: str
    roles: frozenset[Role]
    listed: bool = True
    heading: str = ""
    sign: str = ""  # a name in the icon font that Streamlit brings
    of_all: bool = False  # of all contracts: for those alone who were let see them

    @property
    def path(self) -> str:
        """Its path as Streamlit has it, without a slash: the first one has none."""
        return "" if self.file == FIRST else address(self.file)

    def opens_for(self, viewer: Viewer) -> bool:
        """Whether the viewer may open it."""
        return viewer.role in self.roles and (not self.of_all or oversees_all(viewer))


MENU = (
    MenuPage(FIRST, "合同总览", EVERYONE, sign="monitoring"),
    MenuPage("progress/contracts", "各合同", ACCEPTING, of_all=True, sign="domain"),
    MenuPage("progress/campaign", "专项行动", EVERYONE, heading=WORK),
    MenuPage("progress/elder_checks", "老人核查", EVERYONE, heading=WORK),
    MenuPage("progress/cases", "申请与调查", EVERYONE, heading=WORK),
    MenuPage("progress/trainings", "培训与宣传", EVERYONE, heading=WORK),
    MenuPage("progress/tasks", "资料与其他", EVERYONE, heading=WORK),
    MenuPage("progress/localities", "村（社区）", EVERYONE, heading=PLACES),
    MenuPage("progress/people", "服务人员", EVERYONE, heading=PLACES),
    MenuPage("progress/locality", "一个村（社区）", EVERYONE, listed=False),
    MenuPage("progress/elder", "一位老人", EVERYONE, listed=False),
    MenuPage("progress/wall", "大屏", EVERYONE, listed=False),
    MenuPage("progress/brief", "一页简报", EVERYONE, listed=False),
    MenuPage("progress/rows", "记录明细", EVERYONE, listed=False),
    MenuPage("progress/entry", "一条记录", EVERYONE, listed=False),
    MenuPage("logs/worklist", "待办清单", EVERYONE, heading=LOGS, sign="checklist"),
    MenuPage("logs/upload", "上传日志", LEAD, heading=LOGS),
    MenuPage("logs/quick_entry", "快速录入", LEAD, heading=LOGS),
    MenuPage("logs/history", "过账记录", POSTED, heading=LOGS),
    MenuPage("logs/receipt", "一张回执", POSTED, listed=False),
    MenuPage("acceptance/obligations", "合同条款", EVERYONE, heading=ACCEPTANCE),
    MenuPage("acceptance/findings", "疑点", EVERYONE, heading=ACCEPTANCE),
    MenuPage("acceptance/samples", "抽查", ACCEPTING, heading=ACCEPTANCE),
    MenuPage("acceptance/settlement", "月度确认", EVERYONE, heading=ACCEPTANCE),
    MenuPage("acceptance/files", "报告和档案", ACCEPTING, heading=ACCEPTANCE),
    MenuPage("acceptance/verify", "核验", ACCEPTING, heading=ACCEPTANCE),
    MenuPage("acceptance/finding", "一个疑点", EVERYONE, listed=False),
    MenuPage("acceptance/sample", "一次抽查", ACCEPTING, listed=False),
    MenuPage("admin/rosters", "名册", ADMIN, heading=ADMINISTRATION),
    MenuPage("admin/territories", "分工", ADMIN, heading=ADMINISTRATION),
    MenuPage("admin/users", "用户", ADMIN, heading=ADMINISTRATION),
    MenuPage("admin/sessions", "登录情况", ADMIN, heading=ADMINISTRATION),
    MenuPage("admin/audit", "审计记录", AUDITING, heading=ADMINISTRATION, sign="manage_search"),
    MenuPage(MISSING, "找不到", frozenset(), listed=False),
    MenuPage("account/password", "修改密码", EVERYONE, listed=False),
)


def may_open(viewer: Viewer, file: str) -> bool:
    """Whether the viewer may open the page; no page that is not in the menu."""
    return any(page.file == file and page.opens_for(viewer) for page in MENU)


def tab(title: str) -> str:
    """What the browser's tab says of a page."""
    return f"{title} - {TITLE}"


def address(file: str) -> str:
    """The path at which the server shows a page, as Streamlit derives it, without slashes."""
    return file.rpartition("/")[2]


def asked_for() -> StreamlitPage:
    """Let the server know every page's address; the page that was asked for, to be run.

    One that is not the viewer's is answered by its own guard, in the same words as one that does
    not exist (`gate.doors.instead`). It is a copy: Streamlit notes on a page that it was run, and
    the same pages are told to all visitors.
    """
    return copy(st.navigation([_page(page) for page in MENU], position="hidden"))


def page_of(file: str) -> MenuPage:
    """The page of that file; StopIteration where there is none."""
    return next(page for page in MENU if page.file == file)


def go(file: str, **asked: str) -> None:
    """Leave for a page of the menu, `asked` in its address; what follows is not run."""
    st.switch_page(_page(page_of(file)), query_params=asked)


def _page(page: MenuPage) -> StreamlitPage:
    """The page as Streamlit knows it; outside a run it makes half of one, which nobody keeps."""
    is_run = get_script_run_ctx(suppress_warning=True) is not None
    return _known_page(page) if is_run else _known_page.__wrapped__(page)


@cache
def _known_page(page: MenuPage) -> StreamlitPage:
    """The page as Streamlit knows it: making one asks the file system, and there are 34."""
    return st.Page(
        _PAGES / f"{page.file}.py",
        title=tab(page.title),
        default=page.file == FIRST,
    )
