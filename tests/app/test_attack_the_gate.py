"""The gate, attacked over real sockets: by strangers, by other users, by pages of other sites."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from lib import clock, contract
from lib.actions import accounts
from lib.store import setup
from lib.store.engine import open_store
from lib.ui.gate import crowd
from tests.support import small_office
from tests.support.app_process import running
from tests.support.intruder import Visit, ask, cookie, refusal, shake_hands, visiting
from tests.support.small_office import ADMIN, LEADER, OPERATOR, REVIEWER
from tests.support.visits import PAGES, Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from lib.access import Viewer

SIGN_IN = ["用户名", "密码"]
FORM = ["button", "heading", "html", "markdown", "text_input"]
LEDGER = "GET /ledger?figure=patrol"
NEW_PASSWORD = "云杉-新口令-2023"


@pytest.fixture(scope="module")
def served(
    filled_file: Path, terms_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Office, str]]:
    """The small office, and the address of a process that serves it."""
    folder = tmp_path_factory.mktemp("gate")
    url = f"sqlite:///{shutil.copyfile(filled_file, folder / 'office.db')}"
    engine = open_store(url)
    office = Office(engine, setup.opened(engine, contract.load(terms_file)))
    with running(url, folder / "app.log", CONTRACT=str(terms_file)) as address:
        yield office, address
    engine.dispose()


@pytest.fixture
def address(served: tuple[Office, str]) -> str:
    """Where the office is served."""
    return served[1]


def ticket(office: Office, viewer: Viewer, ago: timedelta = timedelta()) -> str:
    """The ticket of a session that began a while ago."""
    now = clock.now() - ago
    return accounts.begin_session(office.engine, office.stored, viewer.name, now).ticket


def token(office: Office, viewer: Viewer, ago: timedelta = timedelta()) -> str:
    """The cookie of a session that began a while ago."""
    given = ticket(office, viewer, ago)
    found = accounts.redeem_ticket(office.engine, office.stored, given, clock.now() - ago)
    assert found
    return found


def number(office: Office, given: str) -> int:
    """The session of a cookie."""
    found = accounts.session_of(office.engine, office.stored, given, clock.now())
    assert found
    return found


def own(address: str) -> list[tuple[str, str]]:
    """The origin that a page of ours has."""
    return [("Origin", address)]


def shows_only_the_sign_in_form(visit: Visit, sent: str) -> bool:
    """Whether a run sent the form and nothing of the office."""
    words = ("人天", "应达", "回执号", *small_office.PERSONAL_NAMES)
    drawn = sorted(set(visit.elements) - {"empty"})
    assert ([word for word in words if word in sent], drawn) == ([], FORM)
    return visit.fields == SIGN_IN


# What strangers and users get


def test_a_stranger_sees_the_sign_in_form_on_every_page(address: str):
    with visiting(address) as visit:
        for page in ("", *(page.rpartition("/")[2] for page in PAGES), "nowhere"):
            sent = visit.run(page, "id=1&code=L1&figure=patrol&as_of=2023-03-31")
            assert (page, shows_only_the_sign_in_form(visit, sent)) == (page, True)


def test_a_cookie_opens_the_page(served: tuple[Office, str]):
    office, address = served
    with visiting(address, cookie(token(office, LEADER))) as visit:
        assert "人天" in visit.run()
        assert visit.fields == []


OPEN = ("/", "/upload", "/static/x.js", "/favicon.png", "/_stcore/health", "/_stcore/host-config")
CLOSED = (
    "/media/x.png",
    "/media/",
    "//media/x.png",
    "/MEDIA/x.png",
    "/media%2fx.png",
    "/static/..%2fmedia/x.png",
    "/static/../media/x.png",
    "/static/%2e%2e/media/x.png",
    "/static//media/x.png",
    "/static/..%5cmedia",
    "/_stcore/metrics",
    "/_stcore/metrics/",
    "/_stcore//metrics",
    "/_stcore/METRICS",
    "/_stcore/script-health-check",
    "/_stcore/bidi-components/x/y.js",
    "/_stcore/agent/openapi.json",
    "/_stcore/agent/mcp",
    "/_stcore/stream",
    "/_stcore/upload_file/x/y",
    "/component/streamlit_authenticator/index.html",
    "/app/static/x",
    "/auth/login",
    "/auth/logout",
    "/oauth2callback",
    "/index.html",
    "/upload.",
    "/upload/_stcore/health",
    "/enter",
    "/overview",
    "/.streamlit/config.toml",
    "/app.py",
)


@pytest.mark.parametrize("is_user", [False, True], ids=["stranger", "administrator"])
def test_what_we_do_not_use_is_not_there(served: tuple[Office, str], is_user: bool):
    office, address = served
    brought = cookie(token(office, ADMIN)) if is_user else []
    for path in CLOSED:
        answer = ask(address, f"GET {path}", brought)
        assert (path, answer.status, answer.text) == (path, 404, "没有这个地址。")


@pytest.mark.parametrize("path", OPEN)
def test_the_shell_is_the_same_for_everybody(address: str, path: str):
    assert ask(address, f"GET {path}").status == HTTPStatus.OK
    assert ask(address, f"POST {path}", own(address)).status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/overview?as_of=2023-03-15", "/?as_of=2023-03-15"),
        ("/overview/", "/"),
        ("/upload/", "/upload"),
        ("//upload?x=1", "/upload?x=1"),
        ("/nowhere?name=x", "/missing"),
        ("//evil.example/upload", "/missing"),
        ("/%2F%2Fevil.example", "/missing"),
        ("/upload/x", "/missing"),
        ("/enter", "/missing"),
    ],
)
def test_a_browser_is_led_to_the_page_that_was_meant(address: str, path: str, to: str):
    answer = ask(address, f"GET {path}", [("Accept", "text/html")])
    assert (answer.status, answer.headers["Location"]) == (307, to)


@pytest.mark.parametrize("path", ["/ledger?figure=patrol", "/file?id=1", "/made?id=1", "/report"])
def test_files_are_not_there_for_strangers(address: str, path: str):
    answer = ask(address, f"GET {path}", [("X-Gate-Session", "1"), ("Accept", "text/html")])
    assert answer.status == HTTPStatus.NOT_FOUND
    assert answer.text == "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"


# Hosts and origins


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        ["evil.example"],
        ["127.0.0.1.evil.example"],
        ["evil.example@127.0.0.1"],
        ["127.0.0.1/x"],
        ["127.0.0.1; x"],
        ["127.0.0.1:99999"],
        ["127.0.0.1", "evil.example"],
        [""],
    ],
    ids=str,
)
def test_a_host_that_is_not_ours_is_refused(address: str, hosts: Sequence[str]):
    for path in ("/", "/_stcore/health", "/static/x.js", "/media/x", "/ledger"):
        answer = ask(address, f"GET {path}", [("Host", host) for host in hosts], host=False)
        assert answer.status == HTTPStatus.BAD_REQUEST
        assert "streamlit" not in answer.text.lower()


FOREIGN = (
    None,
    "null",
    "",
    "http://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}",
    "http://evil.example@127.0.0.1:{port}",
)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_site_can_neither_write_nor_open_a_page(
    served: tuple[Office, str], origin: str | None
):
    office, address = served
    written = origin and origin.format(port=address.rpartition(":")[2])
    brought = [*cookie(token(office, LEADER))]
    assert refusal(address, brought, origin=written) == HTTPStatus.FORBIDDEN
    named = [*brought, *([("Origin", written)] if written is not None else [])]
    given = f"ticket={ticket(office, LEADER)}".encode()
    for line in ("POST /enter", "POST /leave", "PUT /_stcore/upload_file/x/y", "DELETE /", "X /"):
        answer = ask(address, line, named, given)
        assert (line, answer.status) == (line, 403)
        assert not answer.headers.get_all("Set-Cookie")


def test_two_origins_are_none(address: str):
    named = [("Origin", address), ("Origin", "http://evil.example")]
    host = ("Host", address.removeprefix("http://"))
    assert ask(address, "POST /leave", named).status == HTTPStatus.FORBIDDEN
    assert shake_hands(address, [host, *named]) in REFUSED
    assert shake_hands(address, [host, *named[:1]]) == HTTPStatus.SWITCHING_PROTOCOLS


REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)


@pytest.mark.parametrize("hosts", [["evil.example"], ["127.0.0.1.evil.example"], [], ["x", "y"]])
def test_a_websocket_by_another_name_is_refused(address: str, hosts: Sequence[str]):
    named = [("Host", host) for host in hosts]
    origins = [("Origin", f"http://{host}") for host in hosts[:1]]
    assert shake_hands(address, [*named, *origins]) in REFUSED
    assert shake_hands(address, [*named, ("Origin", address)]) in REFUSED


# Who somebody is


FORGED = ("X-Gate-Session", "x-gate-session", "X_Gate_Session", "X-Gate_Session", "X-GATE-SESSION")


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_header_makes_nobody_anybody(served: tuple[Office, str], name: str):
    office, address = served
    forged = [(name, str(number(office, token(office, ADMIN))))] * 2
    with visiting(address, forged) as visit:
        assert shows_only_the_sign_in_form(visit, visit.run("users"))
    assert ask(address, LEDGER, forged).status == HTTPStatus.NOT_FOUND
    with visiting(address, [*forged, *cookie(token(office, LEADER))]) as visit:
        assert "找不到这个页面" in visit.run("users")


SPOILED: Sequence[tuple[str, Callable[[str], str]]] = (
    ("nothing", lambda _: ""),
    ("garbage", lambda _: "session=garbage"),
    ("long", lambda _: f"session={'x' * 6_000}"),
    ("cut", lambda good: f"session={good[:-1]}"),
    ("longer", lambda good: f"session={good}x"),
    ("quoted", lambda good: f'session="{good}"'),
    ("twice", lambda good: f"session={good}; session={good}"),
    ("with another", lambda good: f"session={'x' * 43}; session={good}"),
    ("for TLS", lambda good: f"__Host-session={good}"),
    ("other spelling", lambda good: f"Session={good}"),
    ("SQL", lambda _: "session=' or 1=1 --"),
    ("hash", lambda good: f"session={accounts._hash(good)[:43]}"),  # noqa: SLF001 - as it is kept
)


@pytest.mark.parametrize("spoil", [each for _, each in SPOILED], ids=[name for name, _ in SPOILED])
def test_a_spoiled_cookie_is_a_stranger_s(served: tuple[Office, str], spoil: Callable[[str], str]):
    office, address = served
    brought = [("Cookie", spoil(token(office, ADMIN)))]
    assert ask(address, LEDGER, brought).status == HTTPStatus.NOT_FOUND
    with visiting(address, brought) as visit:
        assert shows_only_the_sign_in_form(visit, visit.run("users"))


def test_a_huge_cookie_is_a_stranger_s(address: str):
    brought = cookie("x" * 30_000)
    assert ask(address, LEDGER, brought).status == HTTPStatus.NOT_FOUND
    assert ask(address, "GET /", brought).status == HTTPStatus.OK


def log_out(office: Office, given: str) -> None:
    accounts.end_session(office.engine, office.stored, number(office, given), clock.now())


def new_password(office: Office, _given: str) -> None:
    accounts.set_password(
        office.engine, office.stored, OPERATOR, LEADER.name, NEW_PASSWORD, clock.now()
    )


def disable(office: Office, _given: str) -> None:
    for disabled in (True, False):
        accounts.set_disabled(
            office.engine, office.stored, OPERATOR, "leader", disabled=disabled, now=clock.now()
        )


@pytest.mark.parametrize("end", [log_out, new_password, disable])
def test_a_session_that_ended_is_nobody_s_from_that_moment(
    served: tuple[Office, str], end: Callable[[Office, str], None]
):
    office, address = served
    given = token(office, LEADER)
    with visiting(address, cookie(given)) as visit:
        assert "人天" in visit.run()
        assert ask(address, LEDGER, cookie(given)).status == HTTPStatus.OK
        end(office, given)
        visit.send(rerun_script={"page_name": "people"})
        code, words = visit.last_words()
        assert (code, words & {"new_session", "delta"}) == (1008, set())
        resumed = visit.number
    assert ask(address, LEDGER, cookie(given)).status == HTTPStatus.NOT_FOUND
    with visiting(address, cookie(given), resume=resumed) as visit:
        assert shows_only_the_sign_in_form(visit, visit.run())
        assert visit.number != resumed


@pytest.mark.parametrize("hours", [2.1, 13])
def test_a_session_that_is_too_old_is_nobody_s(served: tuple[Office, str], hours: float):
    office, address = served
    given = token(office, LEADER, timedelta(hours=hours))
    assert ask(address, LEDGER, cookie(given)).status == HTTPStatus.NOT_FOUND
    with visiting(address, cookie(given)) as visit:
        assert shows_only_the_sign_in_form(visit, visit.run())


def test_the_name_of_an_open_page_opens_it_to_nobody_else(served: tuple[Office, str]):
    office, address = served
    given = token(office, ADMIN)
    others = [None, "x" * 43, token(office, REVIEWER), token(office, ADMIN)]
    with visiting(address, cookie(given)) as victim:
        victim.run("users")
        for other in others:
            with visiting(address, cookie(other), resume=victim.number) as thief:
                thief.run()
                assert thief.number
                assert thief.number != victim.number
        assert "reviewer" in victim.run("users"), "its owner goes on"
        name = victim.number
    for other in others:  # after a lost connection too
        with visiting(address, cookie(other), resume=name) as thief:
            thief.run()
            assert thief.number != name
    with visiting(address, cookie(given), resume=name) as again:
        again.run("users")
        assert again.number == name


# Signing in and out


def enter(address: str, given: str, to: str = "/") -> tuple[int, str, list[str]]:
    """What comes of a ticket: status, where to, cookies."""
    body = urlencode({"ticket": given, "to": to}).encode()
    answer = ask(address, "POST /enter", own(address), body)
    return answer.status, answer.headers["Location"], answer.headers.get_all("Set-Cookie") or []


def test_a_ticket_is_good_once_and_for_a_minute(served: tuple[Office, str]):
    office, address = served
    given = ticket(office, LEADER)
    status, to, (brought,) = enter(address, given, "/users?as_of=2023-03-15")
    assert (status, to) == (303, "/users?as_of=2023-03-15")
    value, *traits = brought.split("; ")
    assert sorted(traits) == ["HttpOnly", "Path=/", "SameSite=lax"]
    assert ask(address, LEDGER, [("Cookie", value)]).status == HTTPStatus.OK
    late = ticket(office, LEADER, timedelta(minutes=2))
    for bad in (given, late, "", "garbage", "x" * 3000, "x" * 5000, "' or 1=1 --", "令"):
        assert enter(address, bad) == (303, "/", [])


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://[",
    ],
)
def test_signing_in_leads_to_no_other_site(address: str, to: str):
    assert enter(address, "x", to)[:2] == (303, "/")


def test_behind_tls_the_cookie_is_for_tls_only(served: tuple[Office, str]):
    office, address = served
    https = address.replace("http:", "https:")
    tls = [("X-Forwarded-Proto", "https"), ("Origin", https)]
    given = f"ticket={ticket(office, LEADER)}".encode()
    answer = ask(address, "POST /enter", tls, given)
    value, *traits = answer.headers["Set-Cookie"].split("; ")
    assert value.startswith("__Host-session=")
    assert sorted(traits) == ["HttpOnly", "Path=/", "SameSite=lax", "Secure"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert ask(address, LEDGER, [*tls, ("Cookie", value)]).status == HTTPStatus.OK
    plain = value.removeprefix("__Host-")  # which any page of the same domain could have set
    assert ask(address, LEDGER, [*tls, ("Cookie", plain)]).status == HTTPStatus.NOT_FOUND
    http = [("X-Forwarded-Proto", "https"), ("Origin", address)]
    assert ask(address, "POST /leave", http).status == HTTPStatus.FORBIDDEN


def test_leaving_takes_the_cookie(address: str):
    answer = ask(address, "POST /leave", own(address))
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Set-Cookie"].startswith('session=""; expires=')


# Uploads


def upload(address: str, page: str, brought: Sequence[tuple[str, str]]) -> int:
    """The status of an upload into a page."""
    xsrf = ask(address, "GET /_stcore/health").headers["Set-Cookie"].partition(";")[0]
    kept = "; ".join([xsrf, *(value for name, value in brought if name == "Cookie")])
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nabc\r\n--x--'
    )
    headers = [
        *own(address),
        ("Cookie", kept),
        ("X-Xsrftoken", xsrf.partition("=")[2].strip('"')),
        ("Content-Type", "multipart/form-data; boundary=x"),
    ]
    return ask(address, f"PUT /_stcore/upload_file/{page}/x", headers, body).status


def test_an_upload_goes_into_one_s_own_page_only(served: tuple[Office, str]):
    office, address = served
    given = token(office, ADMIN)
    with visiting(address, cookie(given)) as visit, visiting(address) as stranger:
        visit.run("rosters")
        stranger.run()
        assert upload(address, visit.number, list(cookie(given))) == HTTPStatus.NO_CONTENT
        for other in (None, "x" * 43, token(office, REVIEWER), token(office, ADMIN)):
            assert upload(address, visit.number, list(cookie(other))) == HTTPStatus.UNAUTHORIZED
        for page in (stranger.number, "nobody", "%2e%2e"):
            brought = list(cookie(given))
            expected = HTTPStatus.NOT_FOUND if "%" in page else HTTPStatus.UNAUTHORIZED
            assert upload(address, page, brought) == expected
        assert upload(address, stranger.number, []) == HTTPStatus.UNAUTHORIZED


# From where


SPOOFS = (
    ("X-Forwarded-For", "6.6.6.6"),
    ("X-Forwarded-For", "6.6.6.6, 127.0.0.1"),
    ("X-Forwarded-For", "6.6.6.6:66"),
    ("X_Forwarded_For", "6.6.6.6"),
    ("X-Gate-Address", "6.6.6.6"),
    ("x_gate_address", "6.6.6.6"),
    ("X-Real-IP", "6.6.6.6"),
    ("Forwarded", "for=6.6.6.6"),
)


@pytest.mark.parametrize("spoof", SPOOFS, ids=": ".join)
def test_nobody_chooses_the_own_address(served: tuple[Office, str], spoof: tuple[str, str]):
    office, address = served
    before = len(office.audit("export_full_names"))
    brought = [spoof, *cookie(token(office, REVIEWER))]
    assert ask(address, f"{LEDGER}&names=full", brought).status == HTTPStatus.OK
    origins = [line["origin"] for line in office.audit("export_full_names")[before:]]
    assert origins == ["127.0.0.1"]


# Words


def test_strangers_are_heard_of_what_signing_in_takes(address: str):
    with visiting(address) as visit:
        for unheard in (
            {"clear_cache": True},
            {"load_git_info": True},
            {"set_run_on_save": True},
            {"file_urls_request": {"request_id": "1", "file_names": ["a.xlsx"]}},
            {"backend_operation_request": {"install_skills": {}}},
        ):
            visit.send(**unheard)
        visit.send(app_heartbeat=True)
        visit.run()
        kinds = {word.WhichOneof("type") for word in visit.said}
    assert not kinds & {"git_info_changed", "file_urls_response", "backend_operation_response"}


@pytest.mark.parametrize(
    ("word", "code"),
    [("text", 1003), (b"\xff\xff\xff", 1002), (b"\0" * (crowd.LONGEST_MESSAGE + 1), 1009)],
    ids=["text", "garbled", "long"],
)
def test_what_no_page_says_ends_the_line(address: str, word: str | bytes, code: int):
    with visiting(address) as visit:
        visit.connection.send(word)
        assert visit.last_words()[0] == code


def test_strangers_cannot_fill_the_house(served: tuple[Office, str]):
    office, address = served
    with ExitStack() as crowding:
        for _ in range(crowd.FROM_ONE_ADDRESS):
            crowding.enter_context(visiting(address))
        assert refusal(address) == HTTPStatus.FORBIDDEN
        with visiting(address, cookie(token(office, LEADER))) as visit:
            assert "人天" in visit.run()
    with visiting(address) as visit:
        assert shows_only_the_sign_in_form(visit, visit.run())


# What every answer says


@pytest.mark.parametrize(
    "line",
    ["GET /", "GET /upload", "GET /media/x", "GET /ledger", "POST /enter", "PUT /x", "GET /%"],
)
def test_every_answer_tells_the_browser_what_to_refuse(address: str, line: str):
    headers = ask(address, line, [("X-Forwarded-Host", "evil.example")]).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["connect-src"] == f"'self' {address.replace('http', 'ws')}"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "//" not in headers["Content-Security-Policy"].replace(address.replace("http", "ws"), "")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert not [name for name in headers if name.lower().startswith("access-control-")]
    if headers["Content-Type"].startswith("text/html"):
        assert headers["Cache-Control"] == "no-store"


# The store, and the settings


def test_without_a_store_a_cookie_is_answered_in_plain_words(tmp_path: Path, terms_file: Path):
    url = f"sqlite:///{tmp_path}/none/store.db"
    with running(url, tmp_path / "app.log", CONTRACT=str(terms_file)) as address:
        brought = cookie("x" * 43)
        asked = [ask(address, line, brought) for line in ("GET /", "GET /upload", LEDGER)]
        asked.append(ask(address, "POST /enter", own(address), b"ticket=x"))
        for answer in asked:
            assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
            assert answer.text.startswith("现在打不开系统的数据。")
        assert refusal(address, brought) == HTTPStatus.FORBIDDEN
    assert "Traceback" not in (tmp_path / "app.log").read_text()


def test_a_process_with_softened_settings_does_not_start(tmp_path: Path):
    softened = {
        "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false",
        "STREAMLIT_SERVER_ALLOWED_HOSTS": "*",
        "TRUSTED_PROXIES": "everybody",
    }
    with (
        pytest.raises(RuntimeError, match="拒绝启动") as refused,
        running("sqlite://", tmp_path / "app.log", **softened),
    ):
        pass
    said = str(refused.value)
    assert "server.enableXsrfProtection 应为 True，现为 False。" in said
    assert "server.allowedHosts 应写明本系统的域名，不能为空或 *。" in said
    assert "TRUSTED_PROXIES 应为 IP 地址或网段，用逗号分开。" in said
    assert "Traceback" not in said
