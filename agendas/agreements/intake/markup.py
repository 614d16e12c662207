"""Text out of another system's HTML: what a person would read of it, nothing that acts."""

from __future__ import annotations

import html
import re

import nh3

MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);|<!--")
ENDS_A_LINE = re.compile(r"<br\b[^<>]*>|</(?:p|div|li|h[1-6]|tr|ul|ol|blockquote)\s*>", re.IGNORECASE)
BEGINS_AN_ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)


def plain(text: str) -> tuple[str, bool]:
    """``text`` without markup, its paragraphs and list items on lines of their own, and whether there was any.

    Scripts and styles go with what they hold (nh3, an HTML5 parser: a regular expression would be fooled).
    """
    if not MARKUP.search(text):
        return text, False
    lines = BEGINS_AN_ITEM.sub("\n- ", ENDS_A_LINE.sub(lambda found: f"{found.group()}\n", text))
    bare = html.unescape(nh3.clean(lines, tags=set(), attributes={}))
    trimmed = "\n".join(" ".join(line.split()) for line in bare.split("\n"))
    return re.sub(r"\n{2,}", "\n", trimmed).strip(), True
