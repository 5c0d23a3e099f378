"""How a verb answers: exit statuses, sentences beside the results, JSON for machines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from lib import settings
from lib.access import operator

if TYPE_CHECKING:
    from lib.access import Viewer

DONE, REFUSED, USAGE = 0, 1, 2


def acting_as(name: str) -> Viewer:
    """The operator who answers under a name, at this machine's command line."""
    return operator(name, f"命令行 {settings.machine()}")


OPERATOR = acting_as("运维人员")


def say(sentence: str) -> None:
    """Tell the operator something, beside the results."""
    print(sentence, file=sys.stderr)


def print_json(value: object) -> None:
    """Print one JSON value for machines."""
    print(json.dumps(value, ensure_ascii=False, indent=1))
