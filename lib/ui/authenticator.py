"""streamlit-authenticator's sign-in form, without its cookie, its accounts and its hashes.

Its cookie lives in a component that runs the script once more as soon as it has loaded: whoever had
pressed 登录 by then was not signed in, and not told so. Its check answers sooner for a name that
nobody has.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import streamlit as st
import streamlit_authenticator as stauth
from streamlit_authenticator.controllers import AuthenticationController

from lib.actions import accounts

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[str, str], bool]


class Authenticator(stauth.Authenticate):  # type: ignore[misc] # the library has no types
    """The library's form over a check of ours, made anew at every run."""

    def __init__(self, check: Check) -> None:
        """Take what says of a name and a password whether they are right.

        The library's own constructor would make the cookie's component.
        """
        self.attrs = {"login_sleep_time": 0}
        self.path = None
        self.cookie_controller = _NoCookie()
        self.authentication_controller = _Checked(check)


class _Checked(AuthenticationController):  # type: ignore[misc] # the library has no types
    """Asks our check, and keeps the answer where the library keeps its own."""

    def __init__(self, check: Check) -> None:
        nobody: dict[str, object] = {"usernames": {}}
        super().__init__(nobody, auto_hash=False, secret_key=secrets.token_hex())
        self._check = check

    def login(
        self,
        username: str | None = None,
        password: str | None = None,
        *_rest: Any,  # noqa: ANN401 - the library's own
        **_named: Any,  # noqa: ANN401 - the same
    ) -> bool | None:
        """Whether name and password are right; None when there is no name.

        A name is looked up as accounts are kept, however it is written.
        """
        name = accounts.account_name(username or "")
        if not name:
            return None
        right = self._check(name, password or "")
        st.session_state["authentication_status"] = right
        st.session_state["username"] = name
        return right


class _NoCookie:
    """In place of the library's cookie: there never is one."""

    def get_cookie(self) -> None:
        """There is none."""

    def set_cookie(self) -> None:
        """None is written."""
