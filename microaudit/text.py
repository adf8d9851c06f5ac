"""HTML fragment -> plain text. BeautifulSoup lives here and only here."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bs4 import BeautifulSoup
from parsel import Selector, SelectorList

BLOCKS = [
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "td", "th", "tr", "ul",
]  # fmt: skip
UNSEEN = ["script", "style", "template", "noscript", "head", "svg", "iframe", "object"]

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


class Html(str):
    """A value that is markup: `read_task` turns it into plain text. A plain str is taken as it is."""

    __slots__ = ()


def plain(markup: str) -> str:
    """The text a reader sees, one line a block, NFC; scripts, styles and comments are left out."""
    if "<" not in markup and "&" not in markup:
        return tidy(markup)
    soup = BeautifulSoup(markup, "lxml")
    for tag in soup(UNSEEN):
        tag.decompose()
    for tag in soup(BLOCKS):
        tag.insert_before("\n")
        tag.insert_after("\n")
    return tidy(soup.get_text())


def tidy(text: str) -> str:
    """NFC, without control characters and lone surrogates; runs of spaces and of line breaks made one."""
    text = _UNPRINTABLE.sub(" ", text.replace("\r", "\n"))
    return unicodedata.normalize("NFC", _LINES.sub("\n", _SPACES.sub(" ", text)).strip())


def words(nodes: Selector | SelectorList[Any]) -> str:
    """The text of an element, or of the first of several, on one line; "" without one."""
    first = nodes[:1] if isinstance(nodes, SelectorList) else nodes
    nodes_in_order = first.xpath(".//text() | .//*[self::br or self::p or self::div or self::li or self::td]")
    return " ".join("".join(node.root if isinstance(node.root, str) else " " for node in nodes_in_order).split())
