"""Who calls, behind proxies; what the gate relies on; whom it hears."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.testing.v1.util import patch_config_options

from lib import settings
from lib.ui.gate import crowd, relied
from lib.ui.gate.callers import caller_of
from lib.ui.gate.words import is_heard

if TYPE_CHECKING:
    from collections.abc import Sequence

NEAR, FAR, BEFORE = "10.0.0.7", "10.0.0.8", "203.0.113.9"
PROXIES = (ip_network(NEAR), ip_network("10.0.0.8/31"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "noted", "address"),
    [
        (BEFORE, [], BEFORE),
        (BEFORE, ["6.6.6.6"], BEFORE),
        (NEAR, [], NEAR),
        (NEAR, [BEFORE], BEFORE),
        (NEAR, [f"6.6.6.6, {BEFORE}"], BEFORE),
        (NEAR, ["6.6.6.6", BEFORE], BEFORE),
        (NEAR, [f"6.6.6.6,{BEFORE},{FAR}"], BEFORE),
        (NEAR, [f"{BEFORE}, {NEAR}, {FAR}"], BEFORE),
        (NEAR, [FAR], FAR),
        (NEAR, ["unknown"], NEAR),
        (NEAR, [f"{BEFORE}, '><script>"], NEAR),
        (NEAR, [f"{BEFORE}:443"], NEAR),
        (NEAR, [""], NEAR),
        (NEAR, ["2001:db8::1"], "2001:db8::1"),
        ("fd00::1", ["::ffff:203.0.113.9"], BEFORE),
        (f"::ffff:{NEAR}", [BEFORE], BEFORE),
        ("127.0.0.1", [BEFORE], "127.0.0.1"),
        (None, [BEFORE], ""),
    ],
)
def test_an_address_is_the_last_one_that_no_proxy_of_ours_has(
    peer: str | None, noted: Sequence[str], address: str
):
    headers = [(b"x-forwarded-for", each.encode()) for each in noted]
    client = (peer, 4711) if peer else None
    scope = {"type": "http", "scheme": "http", "client": client, "headers": headers}
    assert caller_of(scope, PROXIES).address == address


@pytest.mark.parametrize(
    ("written", "networks"),
    [
        (None, ()),
        ("", ()),
        ("10.0.0.7", (ip_network(NEAR),)),
        (" 10.0.0.7 , fd00::/8,", (ip_network(NEAR), ip_network("fd00::/8"))),
    ],
)
def test_proxies_are_named_in_the_environment(
    written: str | None, networks: Sequence[object], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("TRUSTED_PROXIES", raising=False)
    if written is not None:
        monkeypatch.setenv("TRUSTED_PROXIES", written)
    assert settings.trusted_proxies() == networks


def test_the_settings_that_ship_are_as_they_must_be():
    assert list(relied.faults()) == []


@pytest.mark.parametrize(
    ("option", "softened"),
    [
        ("server.trustedUserHeaders", {}),
        ("server.trustedUserHeaders", {"X-User": "session"}),
        ("server.enableXsrfProtection", False),
        ("server.enableCORS", False),
        ("server.corsAllowedOrigins", ["https://elsewhere.example"]),
        ("server.enableStaticServing", True),
        ("server.enableAgentApi", True),
        ("server.scriptHealthCheckEnabled", True),
        ("server.baseUrlPath", "x"),
        ("client.allowedOrigins", ["https://elsewhere.example"]),
        ("client.showErrorDetails", "full"),
        ("server.allowedHosts", []),
        ("server.allowedHosts", ["a.example", " *"]),
        ("runner.postScriptGC", True),
        ("server.maxUploadSize", 21),
        ("server.maxMessageSize", 200),
        ("server.maxWidgetStateSize", 0),
    ],
)
def test_a_softened_setting_is_named(option: str, softened: object):
    with patch_config_options({option: softened}):
        (fault,) = relied.faults()
    assert fault.startswith(f"{option} 应")


def test_an_option_that_streamlit_has_no_longer_is_named(monkeypatch: pytest.MonkeyPatch):
    left = {
        name: value for name, value in config.get_config_options().items() if "User" not in name
    }
    monkeypatch.setattr(config, "get_config_options", lambda: left)
    assert [fault.partition(" ")[0] for fault in relied.faults()] == ["server.trustedUserHeaders"]


WORDS = {
    "rerun_script": {},
    "stop_script": True,
    "app_heartbeat": True,
    "file_urls_request": {},
    "clear_cache": True,
    "load_git_info": True,
    "set_run_on_save": True,
    "debug_shutdown_runtime": True,
    "debug_disconnect_websocket": True,
    "backend_operation_request": {"install_skills": {}},
}
HEARD = {True: ["rerun_script", "stop_script", "app_heartbeat"]}
HEARD[False] = [*HEARD[True], "file_urls_request"]


@pytest.mark.parametrize("from_stranger", [True, False])
def test_no_word_is_heard_that_no_page_of_ours_says(from_stranger: bool):
    heard = [
        name
        for name, value in WORDS.items()
        if is_heard(
            {"bytes": BackMsg(**{name: value}).SerializeToString()}, from_stranger=from_stranger
        )
    ]
    assert heard == HEARD[from_stranger]
    assert set(WORDS) == {each.name for each in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields}


def test_places_are_counted_by_address_and_in_all_and_given_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(crowd, "FROM_ONE_ADDRESS", 2)
    monkeypatch.setattr(crowd, "IN_ALL", 3)
    here = crowd.Crowd()
    with here.place("a") as one, here.place("a") as two, here.place("a") as three:
        assert (one, two, three) == (True, True, False)
        with here.place("b") as four, here.place("c") as five:
            assert (four, five) == (True, False)
        with here.place("c") as six:
            assert six
    with here.place("a") as again:
        assert again
