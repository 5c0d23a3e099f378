"""The table of Streamlit's words against the very files that the pinned version sends."""

from __future__ import annotations

import json
import re

import pytest

from lib.ui import chinese

# Made by the browser itself, in the language that Streamlit asks it for.
OF_THE_BROWSER = {
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December", "day, ", "month, ", "year, "),
}


# Put together in the bundles out of these.
PIECES = {
    "MB per file": (" per file",),
    "Press Enter to apply": ("Press Enter to ", "`apply`"),
    "Press Enter to submit form": ("Press Enter to ", "`submit form`"),
    "+Enter to apply": ("+Enter to ", "`apply`"),
    "+Enter to submit form": ("+Enter to ", "`submit form`"),
    "0 options available.": (" option", " available."),
    "1 option available.": (" option", " available."),
    "Distribution histogram: ": ("`Distribution histogram`",),
    "Top values frequency chart: ": ("`Top values frequency chart`",),
    "True/false distribution chart: ": ("`True/false distribution chart`",),
    " results available for search term ": (" result", " available", " for search term "),
    " result available for search term ": (" result", " available", " for search term "),
    " results available.": (" result", " available"),
    "Choose date, ": ("`Choose date`",),
    " options available.": (" option", " available."),
}


def test_every_phrase_is_one_of_the_pinned_version():
    bundles = (chinese.INDEX.parent / "static" / "js").glob("*.js")
    said = "\n".join(bundle.read_text(encoding="utf-8") for bundle in bundles)
    phrases = json.loads(chinese.WORDS.read_text(encoding="utf-8"))
    parts = {part for phrase in phrases for part in re.split(r"\{\d\}", phrase)}
    pieces = {piece for part in parts - OF_THE_BROWSER for piece in PIECES.get(part, (part,))}
    assert {piece for piece in pieces if piece not in said} == set()


def test_no_phrase_stays_english():
    phrases = json.loads(chinese.WORDS.read_text(encoding="utf-8"))
    allowed = {"Esc", "MB"}
    left = {
        phrase: word
        for phrase, word in phrases.items()
        if set(re.findall("[A-Za-z]{2,}", word)) - allowed
    }
    assert left == {}


def test_the_shell_is_chinese_before_any_script_runs():
    shell = chinese.shell(chinese.INDEX.read_text(encoding="utf-8"))
    visible = re.sub(r"<!--.*?-->|<script.*?</script>|<link[^>]*>", "", shell, flags=re.DOTALL)
    assert re.sub("<[^>]*>", "", visible).split() == [
        chinese.TITLE,
        "请在浏览器里打开",
        "JavaScript，再刷新这一页。",
    ]
    assert '<html lang="zh-CN">' in shell
    assert shell.index(chinese.PATH) < shell.index('type="module"')


def test_the_shell_brings_what_every_page_of_figures_draws_with():
    shell = chinese.shell(chinese.INDEX.read_text(encoding="utf-8"))
    link = r'<link rel="modulepreload" crossorigin href="\./static/js/([^"]*)"( data-drawn-with)?>'
    linked = [name for name, _ in re.findall(link, shell)]
    brought = [name.partition(".")[0] for name, mark in re.findall(link, shell) if mark]
    scripts = chinese.INDEX.parent / "static" / "js"
    needed = {
        name
        for script in linked
        for name in re.findall(r'(?:from|import)"\./(.*?)"', (scripts / script).read_text("utf-8"))
    }
    assert (brought, len(linked)) == (["Html"], len(set(linked)))
    # What the page begins with brings itself along.
    assert {name for name in needed - set(linked) if not name.startswith("index.")} == set()


def test_the_shapes_come_after_streamlits_own_and_without_its_font():
    shell = chinese.shell(chinese.INDEX.read_text(encoding="utf-8"))
    assert shell.index("</head>") < shell.index(chinese.STYLE) < shell.index('<div id="root">')
    assert "SourceSans" not in shell


@pytest.mark.parametrize(
    "lacks", ['<html lang="en">', "<title>Streamlit</title>", '<div id="root">']
)
def test_another_shell_is_not_taken_for_ours(lacks: str):
    with pytest.raises(ValueError, match="0 times"):
        chinese.shell(chinese.INDEX.read_text(encoding="utf-8").replace(lacks, ""))
