"""What the gate relies on in Streamlit and its server, looked at before anybody is let in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import uvicorn.config
from streamlit import config
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.session_manager import SessionManager

from lib import settings
from lib.ui.gate.callers import SESSION_HEADER
from lib.ui.gate.owners import SESSION_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.types import ASGIApp

_HARDENED: Mapping[str, object] = {
    "server.trustedUserHeaders": {SESSION_HEADER: SESSION_KEY},
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.corsAllowedOrigins": [],
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.scriptHealthCheckEnabled": False,
    "server.baseUrlPath": "",
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    "global.developmentMode": False,
    "runner.postScriptGC": False,  # no danger, but every page would be slow, and nobody know why
}
_LARGEST_MB: Mapping[str, int] = {
    "server.maxUploadSize": 20,
    "server.maxMessageSize": 16,
    "server.maxWidgetStateSize": 8,
}
_USED = (
    (uvicorn.config, "ProxyHeadersMiddleware"),
    (SessionManager, "get_active_session_info"),
    (AppSession, "matches_user_info"),
)


def require() -> None:
    """End the process with a sentence for the operator unless all of it is as it must be."""
    found = list(faults())
    if found:
        sys.exit("\n".join(["拒绝启动：安全设置不对。", *found]))


def faults() -> Iterator[str]:
    """What is not as it must be, a sentence each."""
    for option, wanted in _HARDENED.items():
        if _value(option) != wanted:
            yield f"{option} 应为 {wanted!r}，现为 {_value(option)!r}。"
    for option, largest in _LARGEST_MB.items():
        if not 0 < float(str(_value(option) or 0)) <= largest:
            yield f"{option} 应在 {largest} 以内，现为 {_value(option)!r}。"
    hosts = _value("server.allowedHosts")
    if not isinstance(hosts, list) or not hosts or any(host.strip() == "*" for host in hosts):
        yield "server.allowedHosts 应写明本系统的域名，不能为空或 *。"
    for owner, name in _USED:
        if not hasattr(owner, name):
            yield f"这个版本的 Streamlit 或 uvicorn 没有 {name}。"
    yield from _proxies()


def _value(option: str) -> object:
    """What an option is set to; None for one that this version of Streamlit does not have."""
    return config.get_option(option) if option in config.get_config_options() else None


def _proxies() -> Iterator[str]:
    try:
        settings.trusted_proxies()
    except ValueError:
        yield "TRUSTED_PROXIES 应为 IP 地址或网段，用逗号分开。"


def believe_no_proxy() -> None:
    """Leave it to the gate whose word for a visitor's address counts.

    The server would take it from anybody on this machine, and keep the true one from the gate. It
    looks this class up after it has loaded the application.
    """
    uvicorn.config.ProxyHeadersMiddleware = _unchanged  # type: ignore[assignment,attr-defined]


def _unchanged(app: ASGIApp, **_trusted: object) -> ASGIApp:
    return app
