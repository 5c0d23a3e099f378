"""The one place where the clock is read; only the edges (command line, pages) may ask it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from lib.periods import BUSINESS_ZONE, local_text

__all__ = ["business_today", "local_text", "now"]


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def business_today() -> date:
    """Today's date where the services are delivered."""
    return now().astimezone(BUSINESS_ZONE).date()
