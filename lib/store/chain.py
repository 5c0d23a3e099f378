"""Hashes that hold lines together: none can be changed, moved or cut out without its being seen."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def canonical(facts: object) -> str:
    """Facts as canonical JSON: sorted keys, no spaces; moments in UTC, to the microsecond."""
    return _ENCODER.encode(facts)


def digest(facts: object) -> str:
    """The SHA-256 of facts as canonical JSON in UTF-8."""
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def _plain(value: object) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case _:
            msg = f"no canonical form for {type(value).__name__}"
            raise TypeError(msg)


_ENCODER = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
)


def linked(previous: str, facts: Mapping[str, object]) -> str:
    """The hash of a line that follows another, given by that one's hash; the first by nothing."""
    return digest({"previous": previous, **facts})
