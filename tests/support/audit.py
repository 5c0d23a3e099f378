"""Whether a pinned version has a known vulnerability: `make audit`.

Exit status 0 when every one was looked up and none has, 1 when some have, 2 when any could not be
looked up: what was not asked is not taken for safe. pip-audit alone ends with 0 then.
Whom it asks is said in the environment only: PIP_AUDIT_VULNERABILITY_SERVICE, PIP_AUDIT_OSV_URL.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.support.app_process import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

LOCKS = ("requirements.lock", "requirements-test.lock")
_WITHIN = 600  # seconds
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 2


def asked() -> tuple[Sequence[dict[str, Any]], str]:
    """What the service says of each pinned version; and why it says nothing, if it does not."""
    requirements = [word for lock in LOCKS for word in ("--requirement", str(ROOT / lock))]
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "pip_audit", *requirements, *options],
        capture_output=True,
        text=True,
        timeout=_WITHIN,
        check=False,
    )
    try:
        found: Sequence[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
    return found, ""


def judged(found: Sequence[dict[str, Any]], failure: str) -> tuple[int, Sequence[str]]:
    """The exit status, and the lines that say why."""
    vulnerable = [
        f"{each['name']} {each.get('version')}: {known['id']}, fixed in {known['fix_versions']}"
        for each in found
        for known in each.get("vulns", ())
    ]
    unknown = [each["name"] for each in found if "skip_reason" in each]
    lines = [*vulnerable, *([f"The service could not be asked: {failure}"] if failure else [])]
    if unknown:
        lines.append(f"{len(unknown)} of {len(found)} could not be looked up, {unknown[0]} first.")
    if vulnerable:
        return VULNERABLE, lines
    if failure or unknown or not found:
        return UNKNOWN, [*lines, "Nothing is known of these: run it again where it is reachable."]
    return CLEAN, [f"{len(found)} pinned versions, no known vulnerability."]


def main() -> int:
    """Ask, say what was found, and give back the exit status."""
    status, lines = judged(*asked())
    for line in lines:
        print(line)  # noqa: T201 - the answer
    return status


if __name__ == "__main__":
    sys.exit(main())
