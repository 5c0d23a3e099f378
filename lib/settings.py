"""Where the store is and which contract is served; read at the edges only."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def database_url() -> str:
    """The store: DATABASE_URL, by default the embedded SQLite in `data/`."""
    return os.environ.get("DATABASE_URL") or f"sqlite:///{ROOT / 'data' / 'store.db'}"


def contract_path() -> Path:
    """The contract file: CONTRACT, by default `data/contract.toml`."""
    return Path(os.environ.get("CONTRACT") or ROOT / "data" / "contract.toml")


def evidence_url() -> str:
    """Where photos and scans lie: EVIDENCE_URL, by default the folder `data/evidence`."""
    return os.environ.get("EVIDENCE_URL") or (ROOT / "data" / "evidence").as_uri()
