"""Streamlit's settings: each one known to the pinned version, and given with its reason."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from streamlit import config

from lib.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE = ROOT / ".streamlit" / "config.toml"
# A table of names of our own, not of options.
TABLES = {"server.trustedUserHeaders"}


def options(settings: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The full name of each setting."""
    for name, value in settings.items():
        full = f"{above}{name}"
        if isinstance(value, dict) and full not in TABLES:
            yield from options(value, f"{full}.")
        else:
            yield full


def test_every_setting_is_known_to_the_pinned_version():
    known = config.get_config_options()
    named = set(options(tomllib.loads(FILE.read_text())))
    assert {name for name in named if name not in known} == set()


def test_what_is_not_documented_is_marked_so():
    known = config.get_config_options()
    named = set(options(tomllib.loads(FILE.read_text()))) - TABLES
    hidden = {name.rpartition(".")[2] for name in named if known[name].visibility == "hidden"}
    lines = FILE.read_text().splitlines()
    assert {line.split(" ")[0] for line in lines if line.endswith("(hidden)")} == hidden


def test_every_setting_of_the_server_has_its_reason():
    server, _, _theme = FILE.read_text().partition("[theme]")
    given = [line for line in server.splitlines() if " = " in line and not line.startswith("#")]
    without = [line for line in given if "#" not in line]
    assert without == ['X-Gate-Session = "session"']  # its reason stands above its table
