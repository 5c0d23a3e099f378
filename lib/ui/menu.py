"""The menu above every page, and at its end who is signed in: one piece of HTML.

Streamlit's own took a browser longer to draw than all the figures of the overview. `follow.js` has
its links followed in place, and shuts what was opened; without a script it works too.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING

from lib.ui import links, navigation
from lib.ui.routes import LEAVE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lib.access import Viewer
    from lib.ui.navigation import MenuPage

# Names of signs in the icon font that Streamlit brings.
_SIGNS: Mapping[str, str] = {
    navigation.WORK: "volunteer_activism",
    navigation.PLACES: "holiday_village",
    navigation.LOGS: "edit_calendar",
    navigation.ACCEPTANCE: "verified",
    navigation.ADMINISTRATION: "settings",
}
_ACCOUNT_SIGN = "account_circle"


def markup(viewer: Viewer, here: str) -> str:
    """The menu of a viewer, as HTML; `here` is the path of the page that is shown."""
    headings: defaultdict[str, list[MenuPage]] = defaultdict(list)
    for page in navigation.MENU:
        if page.listed and page.opens_for(viewer):
            headings[page.heading or page.title].append(page)
    listed = "".join(_heading(word, pages, here) for word, pages in headings.items())
    return f'<nav class="menu" aria-label="菜单">{listed}{_account(viewer, here)}</nav>'


def _heading(word: str, pages: Sequence[MenuPage], here: str) -> str:
    """A heading that opens to its pages; a page that is alone under it stands for itself."""
    if len(pages) == 1:
        return _link(pages[0], here, f' data-sign="{pages[0].sign}"')
    shown = "".join(_link(page, here) for page in pages)
    return _folded(word, _SIGNS[word], shown, is_here=any(page.path == here for page in pages))


def _folded(word: str, sign: str, shown: str, *, is_here: bool, kind: str = "") -> str:
    mark = ' class="here"' if is_here else ""
    return (
        f'<details name="menu"{kind}><summary data-sign="{sign}"{mark}>'
        f"<span>{escape(word)}</span></summary><div>{shown}</div></details>"
    )


def _link(page: MenuPage, here: str, more: str = "") -> str:
    mark = ' aria-current="page"' if page.path == here else ""
    address = page.path or links.OVERVIEW
    return f'<a href="{address}"{mark}{more}>{escape(page.title)}</a>'


def _account(viewer: Viewer, here: str) -> str:
    """Who is signed in, and what leads to another password or out."""
    role = f"{viewer.role.label if viewer.role else ''} {viewer.team or ''}".rstrip()
    password = navigation.page_of("account/password")
    shown = (
        f"<p>{escape(viewer.name)} · {escape(role)}</p>{_link(password, here)}"
        f'<form method="post" action="{LEAVE}"><button>退出登录</button></form>'
    )
    is_here = password.path == here
    kind = ' class="account"'
    return _folded(viewer.name, _ACCOUNT_SIGN, shown, is_here=is_here, kind=kind)
