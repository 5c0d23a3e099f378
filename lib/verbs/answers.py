"""How a verb answers: exit statuses, sentences beside the results, JSON for machines."""

from __future__ import annotations

import json
import sys

from lib.access import operator

DONE, REFUSED, USAGE = 0, 1, 2
OPERATOR = operator("运维人员")


def say(sentence: str) -> None:
    """Tell the operator something, beside the results."""
    print(sentence, file=sys.stderr)


def print_json(value: object) -> None:
    """Print one JSON value for machines."""
    print(json.dumps(value, ensure_ascii=False, indent=1))
