"""The proxy that ships, before two processes: who answers, what passes, what is written down."""

from __future__ import annotations

import gzip
import http.client
import socket
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from tests.support.proxy import NAME, host_of

if TYPE_CHECKING:
    from tests.deploy.conftest import Behind


def cookie_of(answer: http.client.HTTPResponse, beginning: str) -> str:
    """The cookie that an answer gives, whose name begins so: its name and value."""
    given = [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie", [])]
    return next(pair for pair in given if pair.startswith(beginning))


def stream(behind: Behind, **headers: str):
    """The websocket of a page, opened through the proxy as our pages do."""
    return connect(
        behind.proxy.address.replace("https", "wss") + "/_stcore/stream",
        ssl=behind.proxy.context(),
        origin=behind.proxy.address,
        additional_headers=headers,
        subprotocols=["streamlit"],
        proxy=None,
    )


def test_a_browser_is_given_a_route_and_stays_with_one_process(behind: Behind):
    answer, _ = behind.proxy.ask("/")
    given = answer.headers.get_all("Set-Cookie")
    route = cookie_of(answer, "route=").removeprefix("route=")
    first = behind.proxy.event_of(answer)["process"]

    assert f"route={route}; Path=/; HttpOnly; Secure; SameSite=Lax" in given
    assert {behind.proxy.answered_by(route, path) for path in ("/", "/upload", "/users")} == {first}
    again, _ = behind.proxy.ask("/", Cookie=f"route={route}")
    assert not [line for line in again.headers.get_all("Set-Cookie", []) if "route=" in line]


def test_its_websocket_goes_to_the_same_process(behind: Behind):
    for server in (behind.first, behind.second):
        with stream(behind, Cookie=f"route={behind.proxy.route_to(server)}") as opened:
            number = opened.response.headers["X-Request-Id"]
        handshake = behind.proxy.event(number)
        assert (handshake["status"], handshake["process"]) == (101, host_of(server))


def test_scripts_are_packed_and_kept(behind: Behind):
    _, page = behind.proxy.ask("/")
    script = page.decode().partition('src="./static/js/')[2].partition('"')[0]
    answer, packed = behind.proxy.ask(f"/static/js/{script}", Accept_Encoding="gzip")
    plain, whole = behind.proxy.ask(f"/static/js/{script}")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == whole
    assert "immutable" in plain.headers["Cache-Control"]
    assert len(packed) * 2 < len(whole)


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/readyz?x=1", "/_stcore/metrics", "/_stcore/../readyz"]
)
def test_what_is_for_machines_is_not_for_visitors(behind: Behind, path: str):
    assert behind.proxy.ask(path)[0].status == HTTPStatus.NOT_FOUND


def test_what_asks_for_another_host_is_refused(behind: Behind):
    assert behind.proxy.ask("/", Host="elsewhere.example")[0].status >= HTTPStatus.BAD_REQUEST


def test_another_host_learns_not_even_a_certificate(behind: Behind):
    port = urlsplit(behind.proxy.address).port
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((NAME, port)) as plain,
        pytest.raises(ssl.SSLError, match="unrecognized name"),
    ):
        blind.wrap_socket(plain, server_hostname="elsewhere.example")


def test_without_tls_one_is_led_to_it(behind: Behind):
    port = urlsplit(behind.proxy.plain_address).port
    connection = http.client.HTTPConnection(NAME, port)
    connection.request("GET", "/upload", headers={"Host": "elsewhere.example"})
    answer = connection.getresponse()
    connection.close()

    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/upload")


def test_a_body_too_large_is_refused_before_it_is_sent_on(behind: Behind):
    answer, _ = behind.proxy.ask("/_stcore/upload_file/page/file", "PUT", bytes(22 * 2**20))

    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert behind.proxy.event_of(answer)["process"] == ""


def test_the_access_log_holds_no_query_no_cookie_and_no_key_to_a_page(behind: Behind):
    opened, _ = behind.proxy.ask("/upload?person=secret-query", Cookie="session=secret-cookie")
    path = "/_stcore/upload_file/secret-page/secret-file"
    sent, _ = behind.proxy.ask(path, "PUT", b"secret-cell")

    assert behind.proxy.event_of(opened)["path"] == "/upload"
    assert behind.proxy.event_of(sent)["path"] == "/_stcore/upload_file"
    assert "secret" not in behind.proxy.access_log.read_text()


def test_both_logs_know_a_request_by_the_same_number(behind: Behind):
    answer, _ = behind.proxy.ask("/ledger", Cookie=f"route={behind.proxy.route_to(behind.first)}")
    in_the_app = behind.first.event(request=answer.headers["X-Request-Id"])

    assert behind.proxy.event_of(answer)["path"] == in_the_app["path"] == "/ledger"


def test_the_ticket_office_is_not_stormed(behind: Behind):
    answers = [behind.proxy.ask("/enter", "POST", b"no ticket")[0].status for _ in range(60)]

    assert answers[0] == HTTPStatus.FORBIDDEN
    assert set(answers) == {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
