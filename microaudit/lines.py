"""A page as the lines that a reader sees, each with the blocks it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from microaudit.text import BLOCKS, UNSEEN, tidy

CONTROLS = {"select", "button", "textarea"}


class Line(NamedTuple):
    """A line as a reader sees it; `path` are the numbers and names of the blocks around it, outermost first."""

    text: str
    path: tuple[tuple[int, str], ...]


def lines(root: etree._Element) -> Iterator[Line]:
    """The page as lines. Walks without recursion: a page may be nested as deep as it likes."""
    path: list[tuple[int, str]] = []
    buffer: list[str] = []
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for number, (event, node) in enumerate(walker):
        block = event in ("start", "end") and node.tag in BLOCKS
        if block and (text := _text(buffer)):
            yield Line(text, tuple(path))
        if block:
            buffer.clear()
        if event != "start":
            if block and node.tag != "br":
                path.pop()
            buffer.append(node.tail or "")
            continue
        if block and node.tag != "br":
            path.append((number, node.tag))
        if node.tag in UNSEEN or node.tag in CONTROLS:
            walker.skip_subtree()
        else:
            buffer.append(node.text or "")
    if text := _text(buffer):
        yield Line(text, ())


def _text(parts: list[str]) -> str:
    return tidy(" ".join("".join(parts).split()))
