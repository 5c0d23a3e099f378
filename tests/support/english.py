"""English left over in a page: words in Latin letters where its user reads, hears or points."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from playwright.sync_api import Page

# Every text, and what is read aloud or shown under the pointer; also what is hidden for now.
SAID = """(quoted) => {
  const said = new Set([document.title]);
  const walker = document.createTreeWalker(
    document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT
  );
  const names = ['title', 'aria-label', 'aria-roledescription', 'placeholder', 'alt'];
  const silent = `style, script, [data-testid="stIconMaterial"], ${quoted}`;
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.parentElement.closest(silent)) said.add(node.data.trim());
    } else if (!node.closest(quoted)) {
      for (const name of names) {
        if (node.hasAttribute(name)) said.add(node.getAttribute(name).trim());
      }
    }
  }
  return [...said];
}"""
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")


def english(page: Page, known: Collection[str], quoted: str = "pre") -> list[str]:
    """What a page says with words in Latin letters that are not `known`, in order.

    `quoted` selects what the page only quotes.
    """
    said: list[str] = page.evaluate(SAID, quoted)
    return sorted(text for text in said if not set(_WORD.findall(text)) <= set(known))
