"""Which addresses there are, and who may ask for them; whatever is not named here is not there.

Streamlit mounts more than we use: `/media`, `/component`, `/auth`, metrics, an interface for
programs. None of it is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from lib.ui import navigation

if TYPE_CHECKING:
    from collections.abc import Collection

STREAM = "/_stcore/stream"
_UPLOAD = "/_stcore/upload_file/"
_STATIC = "/static/"
_SHELL = {"/favicon.png", "/_stcore/health", "/_stcore/host-config"}
_READ = {"GET", "HEAD"}
_PAGES = {navigation.address(page.file) for page in navigation.MENU}
MISSING = f"/{navigation.address(navigation.MISSING)}"
_OF_STREAMLIT = {"_stcore", "component", "media", "static", "app", "auth", "oauth2callback"}
_FIRST = navigation.address(navigation.FIRST)  # which the server shows at `/` only
PATHS = tuple(f"/{page.path}" for page in navigation.MENU)


class Door(Enum):
    """What stands behind an address."""

    STATIC = auto()  # the same for everybody, nothing of the office
    PAGE = auto()  # the shell of a page, which is the same for everybody
    OPEN = auto()  # ours, for strangers too
    FILES = auto()  # ours, for whoever is signed in
    UPLOAD = auto()  # into a page that is open
    NONE = auto()


@dataclass(frozen=True)
class Doors:
    """Addresses of our own beside Streamlit's: those for everybody, with their methods; files."""

    open: Collection[tuple[str, str]]
    files: Collection[str]

    def behind(self, method: str, path: str) -> Door:
        """What a request asks for."""
        if (method, path) in self.open:
            return Door.OPEN
        if path in self.files:
            return Door.FILES
        if method in ("PUT", "DELETE"):
            return Door.UPLOAD if upload_session(path) else Door.NONE
        return _read(path) if method in _READ else Door.NONE


def _read(path: str) -> Door:
    if path in PATHS:
        return Door.PAGE
    is_static = path.startswith(_STATIC) and is_plain(path)
    return Door.STATIC if is_static or path in _SHELL else Door.NONE


def is_plain(path: str) -> bool:
    """Whether a path is written without any trick."""
    return (
        path.isascii()
        and path.isprintable()
        and not any(trick in path for trick in ("//", "..", "\\", "%"))
    )


def upload_session(path: str) -> str | None:
    """The Streamlit session into which an upload goes; None for any other address."""
    parts = path.removeprefix(_UPLOAD).split("/")
    is_upload = path.startswith(_UPLOAD) and is_plain(path) and len(parts) == 2 and all(parts)  # noqa: PLR2004 - session and file
    return parts[0] if is_upload else None


def instead(path: str) -> str | None:
    """The page to which a browser is led from an address that there is not; None: to none.

    It is the page that was meant, or the one that says that there is none.
    """
    meant = path.strip("/")
    if meant.partition("/")[0] in _OF_STREAMLIT:
        return None
    if meant == _FIRST:
        return "/"
    return f"/{meant}" if meant in _PAGES else MISSING


def page_or_first(path: str) -> str:
    """The path of a page; the first page's for any other."""
    return path if _read(path) is Door.PAGE else "/"
