"""No page hands anything to Streamlit's own file store, whose links ask for no sign-in."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit

from lib.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

# Whatever of Streamlit 1.67 puts bytes under /media/: pictures, players, frames, download buttons.
# `logo` and `chat_message` take pictures, `pyplot` makes them, `write` shows what it is given so.
FORBIDDEN = frozenset(
    {
        "audio",
        "chat_message",
        "download_button",
        "iframe",
        "image",
        "logo",
        "pdf",
        "pyplot",
        "video",
        "write",
        "write_stream",
    }
)
# The modules of Streamlit that reach its file store, for whoever moves to another version.
REACHING = frozenset(
    {
        "elements/iframe.py",
        "elements/lib/agent_data.py",
        "elements/lib/image_utils.py",
        "elements/lib/subtitle_utils.py",
        "elements/media.py",
        "elements/widgets/button.py",
    }
)
STYLE = ROOT / "lib" / "ui" / "style.css"


def drawing() -> list[Path]:
    """The files that draw."""
    return [ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("lib/ui/**/*.py")]


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The methods that a file calls, by name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def is_streamlits(call: ast.Call) -> bool:
    """Whether a method is called on `st` itself: files and chains have a `write` too."""
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(of, ast.Name) and of.id == "st"


def test_nothing_is_handed_to_streamlits_file_store():
    assert [
        f"{path.relative_to(ROOT)}:{call.lineno} {name}"
        for path in drawing()
        for name, call in calls(path)
        if name in FORBIDDEN and (is_streamlits(call) or not name.startswith("write"))
    ] == []


def test_the_calls_that_reach_the_file_store_are_the_ones_we_know():
    home = Path(streamlit.__file__).parent
    found = {
        path.relative_to(home).as_posix()
        for path in home.glob("elements/**/*.py")
        if "media_file_mgr" in path.read_text(encoding="utf-8")
    }
    assert found == REACHING


def test_the_pages_icon_is_a_character_and_no_picture():
    (icon,) = [
        keyword.value
        for path in drawing()
        for name, call in calls(path)
        if name == "set_page_config"
        for keyword in call.keywords
        if keyword.arg == "page_icon"
    ]
    assert isinstance(icon, ast.Constant)
    assert not str(icon.value).isascii(), "an address or a name of an icon is loaded from outside"


def test_the_toolbar_over_tables_is_off_with_its_csv():
    hidden = re.compile(r'\[data-testid="stElementToolbar"\] \{ display: none; \}')
    assert hidden.search(STYLE.read_text(encoding="utf-8"))
