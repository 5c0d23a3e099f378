"""The closed list of refusals that stop an act; each carries the sentence its user is shown.

And what the edges do with any other exception, which is a bug.
"""

from __future__ import annotations

import logging
import secrets
import traceback

_LOG = logging.getLogger(__name__)


class RefusedError(Exception):
    """An act that is not done; `sentence` is Chinese, complete, and names the way out."""

    def __init__(self, sentence: str) -> None:
        """Keep the sentence; it must hold no person's data."""
        super().__init__(sentence)
        self.sentence = sentence


class NotPermittedError(RefusedError):
    """The viewer's role or team does not allow the act (spec §6)."""


class UnreadableError(RefusedError):
    """A file is refused whole (spec §3, §8)."""


class ContractError(RefusedError):
    """The contract file is wrong: file, key and reason."""


class StoreError(RefusedError):
    """The store cannot be used as it is: not migrated, not empty, out of reach."""


class LostError(StoreError):
    """Bytes that a row names are not there, or are others."""


def logged(bug: Exception) -> str:
    """The number under which a bug is logged now, for its user to tell.

    Logged are its type and the places it came through, not its own words: they may hold a person's
    data.
    """
    number = secrets.token_hex(4)
    places = "".join(traceback.format_tb(bug.__traceback__))
    facts = {"error": number}
    _LOG.error("error %s: %s\n%s", number, type(bug).__name__, places, extra=facts)
    return number
