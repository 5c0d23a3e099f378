"""Who calls: from which address, over TLS or not, by which host, out of which page.

What a proxy says of it is believed only of those named in TRUSTED_PROXIES: everybody else could
choose an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Address, IPv4Network, IPv6Network

    from starlette.types import Scope

ADDRESS_HEADER = "X-Gate-Address"
SESSION_HEADER = "X-Gate-Session"
_OURS = b"x-gate-"
_SAFE = {"GET", "HEAD"}
_HOST = re.compile(r"[a-z0-9.:\[\]-]+", re.IGNORECASE)  # goes into a header of ours


@dataclass(frozen=True)
class Caller:
    """Where a request comes from; `host` is None when it names none that is served here."""

    address: str
    secure: bool
    host: str | None
    origins: Sequence[str]

    @property
    def is_of_our_pages(self) -> bool:
        """Whether one of our own pages asks, by the origin that a browser adds by itself."""
        if self.host is None or len(self.origins) != 1:
            return False
        schemes = ("https",) if self.secure else ("http", "https")
        return self.origins[0].lower() in {f"{scheme}://{self.host.lower()}" for scheme in schemes}


def caller_of(scope: Scope, proxies: Sequence[IPv4Network | IPv6Network]) -> Caller:
    """Who sent a request, by what the server says and headers that can be trusted."""
    return Caller(
        _address(scope, proxies),
        scope["scheme"] in ("https", "wss") or _values(scope, b"x-forwarded-proto") == ["https"],
        _host(scope),
        _values(scope, b"origin"),
    )


def may_change(scope: Scope, caller: Caller) -> bool:
    """Whether a request changes nothing, or one of our pages sent it."""
    return (scope["type"] == "http" and scope["method"] in _SAFE) or caller.is_of_our_pages


def introduced(scope: Scope, caller: Caller, session: int | None) -> Scope:
    """The request as Streamlit gets it: with our own word for who calls, and nobody else's."""
    kept = [(name, value) for name, value in scope["headers"] if not _claims_to_be_ours(name)]
    ours = [(ADDRESS_HEADER, caller.address)]
    if session is not None:
        ours.append((SESSION_HEADER, str(session)))
    encoded = [(name.lower().encode(), value.encode()) for name, value in ours]
    plain = "ws" if scope["type"] == "websocket" else "http"
    scheme = f"{plain}s" if caller.secure else plain
    return {**scope, "headers": [*kept, *encoded], "scheme": scheme}


def _claims_to_be_ours(name: bytes) -> bool:
    return name.lower().replace(b"_", b"-").startswith(_OURS)


def _host(scope: Scope) -> str | None:
    named = _values(scope, b"host")
    if len(named) != 1 or not _HOST.fullmatch(named[0]) or not is_host_allowed(named[0]):
        return None
    return named[0]


def _address(scope: Scope, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """The last address of the way here that is no proxy of ours."""
    peer = scope.get("client")
    here = _parsed(peer[0]) if peer else None
    for before in _forwarded(scope):
        if here is None or before is None or not any(here in network for network in proxies):
            break
        here = before
    return str(here) if here else ""


def _forwarded(scope: Scope) -> Iterator[IPv4Address | IPv6Address | None]:
    """The stations that proxies noted, the nearest first."""
    noted = ",".join(_values(scope, b"x-forwarded-for"))
    return (_parsed(station.strip()) for station in reversed(noted.split(",")))


def _parsed(written: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(written.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for each, value in scope["headers"] if each == name]
