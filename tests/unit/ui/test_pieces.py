"""Pieces of a page gathered into one element."""

from __future__ import annotations

from contextlib import suppress

from lib.errors import StoreError
from lib.ui import pieces


def side_by_side(first: str, second: str) -> None:
    pieces.heading(first)
    with pieces.beside(2, 1) as (left, right):
        with right:
            pieces.note(second)
        with left, pieces.together():
            pieces.info(first)
            pieces.success(second)


def test_pieces_stand_in_their_places_whatever_the_order_and_are_made_safe():
    assert pieces.drawn(side_by_side, "<一>", "二") == (
        '<div class="pieces"><h3 class="heading">&lt;一&gt;</h3>'
        '<div class="columns" style="--columns:minmax(0,2fr) minmax(0,1fr)">'
        '<div class="pieces"><div class="pieces">'
        '<div class="notice" role="status">&lt;一&gt;</div>'
        '<div class="notice well" role="status">二</div></div></div>'
        '<div class="pieces"><p class="note">二</p></div></div></div>'
    )


def test_where_nothing_is_drawn_there_is_no_element():
    assert not pieces.drawn(lambda: None)


def fails() -> None:
    with pieces.together():
        pieces.note("一")
        raise StoreError("打不开")


def test_what_was_drawn_before_something_failed_stands():
    def shown() -> None:
        with suppress(StoreError):
            fails()

    assert pieces.drawn(shown) == (
        '<div class="pieces"><div class="pieces"><p class="note">一</p></div></div>'
    )
