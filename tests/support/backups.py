"""Backups taken apart and put together again, as whoever tampers would."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

from lib.store.backup import tables
from lib.store.backup.container import HASHES, MANIFEST, seal
from lib.store.chain import canonical, linked
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Engine


def rows_of(engine: Engine) -> Mapping[str, list[bytes]]:
    """Every row of a store as its line, by table."""
    with reading(engine) as connection:
        return {form.name: list(tables.lines(connection, form)) for form in tables.forms()}


def members(path: Path) -> dict[str, bytes]:
    """What stands in a backup, but for the list of hashes."""
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != HASHES}


def written(path: Path, found: Mapping[str, bytes], hashes: bytes | None = None) -> Path:
    """A backup of these members, with every hash as it should be; `hashes` in place of the list."""
    listed = "".join(f"{hashlib.sha256(data).hexdigest()}  {n}\n" for n, data in found.items())
    with path.open("wb+") as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for name, data in found.items():
                archive.writestr(name, data)
            archive.writestr(HASHES, listed.encode() if hashes is None else hashes)
            archive.comment = b"0" * 64
        seal(file)
    return path


def remade(
    path: Path,
    to: Path,
    *,
    manifest: Mapping[str, Any] | None = None,
    replaced: Mapping[str, tuple[bytes, bytes]] | None = None,
    revision: str = "",
) -> Path:
    """A backup with something changed in it, and every hash made anew.

    `manifest` are its facts, `replaced` bytes by path, the only older `revision` is 0006.
    """
    found = members(path)
    facts = json.loads(found[MANIFEST]) | dict(manifest or {})
    if revision:
        _without_sums(found, facts)
        _without_tries(found, facts)
        _without_origins(found, facts)
        facts["revision"] = revision
    for name, (old, new) in (replaced or {}).items():
        assert old in found[name]
        found[name] = found[name].replace(old, new)
    found[MANIFEST] = json.dumps(facts).encode()
    return written(to, found)


def _without_sums(found: dict[str, bytes], facts: dict[str, Any]) -> None:
    """As before migration 0010: no sums, no terms; nobody sees all contracts."""
    for name in ("daily_sum", "monthly_sum"):
        del found[f"tables/{name}.jsonl"]
        facts["tables"] = [t for t in facts["tables"] if t["form"]["name"] != name]
    for each in facts["tables"]:
        for column in ("terms", "oversees"):
            if each["form"]["columns"].pop(column, None):
                path = f"tables/{each['form']['name']}.jsonl"
                rows = [json.loads(line) for line in found[path].splitlines()]
                for row in rows:
                    del row[column]
                found[path] = b"".join(canonical(row).encode() + b"\n" for row in rows)


def _without_tries(found: dict[str, bytes], facts: dict[str, Any]) -> None:
    """As before migration 0008, while there is no account: it counts its wrong passwords itself."""
    del found["tables/sign_in_try.jsonl"]
    facts["tables"] = [t for t in facts["tables"] if t["form"]["name"] != "sign_in_try"]
    for each in facts["tables"]:
        if each["form"]["name"] == "account":
            each["form"]["columns"] |= {"failed_attempts": "integer", "failed_at": "moment"}


def _without_origins(found: dict[str, bytes], facts: dict[str, Any]) -> None:
    """As before migration 0007: no origins, and a chain that does not hold them."""
    for each in facts["tables"]:
        if each["form"]["columns"].pop("origin", None) is None:
            continue
        path = f"tables/{each['form']['name']}.jsonl"
        rows = [json.loads(line) for line in found[path].splitlines()]
        previous = ""
        for row in rows:
            del row["origin"]
            if "hash" in row:
                previous = row["hash"] = linked(previous, _hashed(row))
        found[path] = b"".join(canonical(row).encode() + b"\n" for row in rows)
        if rows and "hash" in rows[-1]:
            facts["contracts"][0]["last_hash"] = previous


def _hashed(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the hash of a line is over, from how it stands in a backup."""
    values = {name: value for name, value in row.items() if name != "hash"}
    for name in ("before", "after"):
        values[name] = json.loads(values[name]) if values[name] else None
    return values
