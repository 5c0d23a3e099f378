"""The links to rows that a page shows, and what their selections come to."""

from __future__ import annotations

import re
from fractions import Fraction
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import streamlit as st

from lib import contract
from lib.kpi.scope import Scope
from lib.kpi.selection import parse, total
from lib.store import rosters, setup
from lib.store.engine import reading
from lib.ui import resources
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import pytest
    from streamlit.testing.v1 import AppTest

_ROWS = re.compile(r'<a href="rows\?([^"]*)"[^>]*>([^<]*)</a>')
_NUMBER = re.compile(r"[\d,]*\d(\.\d+)?")


def row_links(app: AppTest) -> Sequence[tuple[str, Mapping[str, str]]]:
    """The text of each link to rows, and what its address asks for."""
    return [
        (unescape(text), dict(parse_qsl(unescape(query))))
        for element in app.html
        for query, text in _ROWS.findall(element.proto.body)
    ]


def misfits(office: Office, app: AppTest, day: date) -> Sequence[str]:
    """The links whose first number is not what their rows come to as of the day."""
    found = []
    with reading(office.engine) as connection:
        roster = rosters.load(connection, office.stored.id)
        for text, asked in row_links(app):
            wanted = parse(asked, office.stored.terms, roster)
            number = _NUMBER.search(text)
            said = Fraction(number[0].replace(",", "")) if number else None
            come_to = total(connection, Scope(office.stored, day), wanted) if wanted else None
            if come_to is None or said != come_to.value or asked.get("as_of") != str(day):
                found.append(f"{text}: {asked} come to {come_to}")
    return found


def under(office: Office, terms: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The same store, serving another contract."""
    file.write_text(terms)
    stored = setup.prepare(office.engine, contract.load(file))
    resources.office().engine.dispose()
    monkeypatch.setenv("CONTRACT", str(file))
    st.cache_resource.clear()
    st.cache_data.clear()
    return Office(office.engine, stored)
