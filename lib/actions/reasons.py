"""The reason that an act wants, as its user gave it."""

from __future__ import annotations

from lib.errors import RefusedError
from lib.text import mask_identity_numbers, tidy

LIMIT = 200  # characters


def given(act: str, reason: str) -> str:
    """The reason, tidied; RefusedError without one or with one too long. `act` names what for."""
    text = mask_identity_numbers(tidy(reason))
    if not text:
        raise RefusedError(f"{act}必须写明原因。")
    if len(text) > LIMIT:
        raise RefusedError(f"原因写了 {len(text)} 个字，最多 {LIMIT} 个，请写短一些。")
    return text
