"""streamlit-authenticator's sign-in form and password check, without its cookie.

Its cookie lives in a component that runs the script once more as soon as it has loaded: whoever had
pressed 登录 by then was not signed in, and not told so.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import streamlit_authenticator as stauth
from streamlit_authenticator.controllers import AuthenticationController

from lib.actions import accounts

if TYPE_CHECKING:
    from collections.abc import Mapping


class Authenticator(stauth.Authenticate):  # type: ignore[misc] # the library has no types
    """The library's forms over accounts out of the store, made anew at every run."""

    def __init__(self, users: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the accounts by name; its own constructor would make the cookie's component."""
        self.attrs = {"login_sleep_time": 0}
        self.path = None
        self.cookie_controller = _NoCookie()
        self.authentication_controller = _AnySpelling(
            {"usernames": users}, auto_hash=False, secret_key=secrets.token_hex()
        )


class _AnySpelling(AuthenticationController):  # type: ignore[misc] # the library has no types
    """Looks a written name up as accounts are kept; the library minds only blanks and capitals."""

    def login(self, username: str | None = None, *rest: Any, **named: Any) -> bool | None:  # noqa: ANN401 - the library's own
        """Whether name and password are right; None when there is no name."""
        written = username and accounts.account_name(username)
        right: bool | None = super().login(written, *rest, **named)
        return right


class _NoCookie:
    """In place of the library's cookie: there never is one."""

    def get_cookie(self) -> None:
        """There is none."""

    def set_cookie(self) -> None:
        """None is written."""
