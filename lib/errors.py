"""The closed list of refusals that stop an act; each carries the sentence its user is shown."""

from __future__ import annotations


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
