"""Where the store is, which contract is served, and on which machine; read at the edges only."""

from __future__ import annotations

import getpass
import os
import socket
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from lib.errors import StoreError

ROOT = Path(__file__).resolve().parents[1]


def database_url() -> str:
    """The store: DATABASE_URL, by default the embedded SQLite in `data/`.

    Where it holds a password, DATABASE_URL_FILE may name a file that holds it instead.
    """
    given = os.environ.get("DATABASE_URL") or _content(os.environ.get("DATABASE_URL_FILE"))
    return given or f"sqlite:///{ROOT / 'data' / 'store.db'}"


def _content(path: str | None) -> str:
    """What stands in a file of secrets; StoreError when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except (OSError, ValueError) as error:
        raise StoreError("DATABASE_URL_FILE 指的文件读不出来，请核对路径和权限。") from error


def contract_path() -> Path:
    """The contract file: CONTRACT, by default `data/contract.toml`."""
    return Path(os.environ.get("CONTRACT") or ROOT / "data" / "contract.toml")


def evidence_url() -> str:
    """Where photos and scans lie: EVIDENCE_URL, by default the folder `data/evidence`."""
    return os.environ.get("EVIDENCE_URL") or (ROOT / "data" / "evidence").as_uri()


def audit_heads() -> Path:
    """Where the heads of the audit log are kept outside the database: AUDIT_HEADS.

    By default `data/audit-heads.jsonl`; beside a SQLite file of another name, under its name.
    """
    asked, url = os.environ.get("AUDIT_HEADS"), os.environ.get("DATABASE_URL", "")
    if asked:
        return Path(asked)
    scheme, _, file = url.partition(":///")
    if file and scheme.startswith("sqlite"):
        return Path(f"{file.partition('?')[0]}-audit-heads.jsonl")
    return ROOT / "data" / "audit-heads.jsonl"


def machine() -> str:
    """The machine and the system account that the program runs under, for the audit log."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        account = str(os.getuid())
    return f"{socket.gethostname()} {account}"


def log_format() -> str:
    """How the server logs: LOG_FORMAT, `json` by default, or `text` for a terminal."""
    return os.environ.get("LOG_FORMAT") or "json"


def stop_within() -> float:
    """Seconds that work under way is given when the server is told to stop: STOP_WITHIN, 45."""
    given = os.environ.get("STOP_WITHIN", "")
    return float(given) if given.isdecimal() else 45.0


def trusted_proxies() -> tuple[IPv4Network | IPv6Network, ...]:
    """The proxies whose word for a visitor's address counts: TRUSTED_PROXIES, by default none.

    Addresses or networks with commas between them; ValueError for anything else.
    """
    named = os.environ.get("TRUSTED_PROXIES", "").split(",")
    return tuple(ip_network(each.strip()) for each in named if each.strip())


def backup_folder() -> Path:
    """Where backups are written: BACKUPS, by default the folder `data/backups`."""
    return Path(os.environ.get("BACKUPS") or ROOT / "data" / "backups")
