"""Garbage is looked for as before, once it need not be left alone any more."""

from __future__ import annotations

import gc

import pytest

from lib.garbage import uncollected


def test_it_is_left_alone_for_a_while():
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_looked_for_after_a_failure():
    with pytest.raises(ZeroDivisionError), uncollected():
        raise ZeroDivisionError
    assert gc.isenabled()
