"""A page as the lines that a reader sees, with the links, pictures and table cells that they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree
from scrapy.http import TextResponse

from microaudit.lines import CONTROLS
from microaudit.text import BLOCKS, UNSEEN, tidy

DEEPEST = 60  # blocks of a path; what lies deeper shares the path, so that no page costs more than its length
MOST_EVENTS = 300_000  # starts and ends of elements that are read of one page; a real list has a tenth of them
_BLOCKS = frozenset(BLOCKS)
_SKIPPED = frozenset({*UNSEEN, *CONTROLS})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_STRONG = frozenset({"b", "strong", "th", "dt", *_HEADINGS})
_ONCLICK = re.compile(r"""['"]([^'"\s]*[/?.=][^'"\s]*)['"]""")


class Cell(NamedTuple):
    """Where in a table a line stands: the number of the row, and the column from 0 (spans counted)."""

    row: int
    column: int


@dataclass(slots=True)
class Link:
    """An address with the words it stands under. `name` is the parameter of a hidden form field, else ""."""

    address: str
    hint: str = ""
    parts: list[str] = field(default_factory=list)
    name: str = ""

    @property
    def text(self) -> str:
        """The words of the link; its hint where the words are cut short by dots."""
        shown = tidy(" ".join("".join(self.parts).split()))
        cut = shown.rstrip(".… ")
        return self.hint if cut != shown and self.hint.startswith(cut) else shown


class Picture(NamedTuple):
    """A picture: what stands for it in words, and the last part of its address without its ending."""

    words: str
    file: str
    folder: str


@dataclass(slots=True)
class Line:
    """One line; `path` are the numbers and names of the blocks around it, outermost first."""

    text: str
    path: tuple[tuple[int, str], ...]
    links: list[Link]
    pictures: list[Picture]
    cell: Cell | None
    strong: bool  # wholly in bold letters or a heading
    ruled: bool  # under a rule or an empty line

    @property
    def heading(self) -> bool:
        return any(tag in _HEADINGS for _, tag in self.path[-3:])


@dataclass(slots=True)
class Shown:
    """A page. `widths` are the numbers of columns of the table rows, `wordless` their cells without words."""

    title: str = ""
    cut: bool = False  # longer than what is read of one page
    lines: list[Line] = field(default_factory=list)
    widths: dict[int, int] = field(default_factory=dict)
    tables: dict[int, int] = field(default_factory=dict)  # row -> table
    counts: dict[int, int] = field(default_factory=dict)  # row -> number of cells
    wordless: dict[int, list[int]] = field(default_factory=dict)  # row -> columns of pictures without words


@lru_cache(maxsize=1)  # asked by every layout in turn for the same page
def shown(response: TextResponse) -> Shown:
    """The page of a response; empty for JSON."""
    if response.selector.type == "json":
        return Shown()
    return _Reader(response.selector.root).page


class _Reader:
    """One walk over the tree, without recursion: a page may be nested as deep as it likes."""

    def __init__(self, root: Any) -> None:
        self.page = Shown()
        self.stack: list[tuple[int, str]] = []
        self.path: tuple[tuple[int, str], ...] | None = ()
        self.buffer: list[str] = []
        self.links: list[Link] = []
        self.open: Link | None = None
        self.pictures: list[Picture] = []
        self.rows: list[tuple[int, int]] = []  # row, table
        self.cells: list[Cell] = []
        self.bold, self.letters, self.bold_letters = 0, 0, 0
        self.ruled, self.breaks = False, 0
        self.filled: set[Cell] = set()
        self.walk(root)

    def walk(self, root: Any) -> None:
        if not isinstance(root, etree._Element):
            return
        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        tables: list[int] = []
        for number, (event, node) in enumerate(walker):
            if number > MOST_EVENTS:
                self.page.cut = True
                break
            tag = node.tag
            if event == "start":
                block = tag in _BLOCKS
                if block:
                    self.flush()
                    self.start_block(number, tag, node, tables)
                if tag in _SKIPPED:
                    if tag == "head":
                        self.page.title = tidy(node.findtext("title") or "")
                    walker.skip_subtree()
                    continue
                if tag in _STRONG:
                    self.bold += 1
                self.start_inline(tag, node)
                if node.text:
                    self.add(node.text)
            else:
                if event == "end":
                    if tag in _BLOCKS:
                        self.flush()
                        self.end_block(tag, tables)
                    if tag in _STRONG and tag not in _SKIPPED:
                        self.bold -= 1
                    if tag == "a":
                        self.open = None
                if node.tail:
                    self.add(node.tail)
        self.flush()

    def add(self, text: str) -> None:
        self.buffer.append(text)
        if self.open is not None:
            self.open.parts.append(text)
        length = len(text) - text.count(" ") - text.count("\n")
        self.letters += length
        if self.bold:
            self.bold_letters += length

    def start_block(self, number: int, tag: str, node: Any, tables: list[int]) -> None:
        if tag == "br":
            self.breaks += 1
            self.ruled |= self.breaks > 1
            return
        if tag == "hr":
            self.ruled = True
            return
        if self.open is not None and self.open.parts:
            self.open.parts.append(" ")
        self.stack.append((number, tag))
        self.path = None
        if tag == "table":
            tables.append(number)
        elif tag == "tr":
            self.rows.append((number, tables[-1] if tables else 0))
            self.page.widths[number] = self.page.counts[number] = 0
            self.page.tables[number] = tables[-1] if tables else 0
        elif tag in ("td", "th") and self.rows:
            row = self.rows[-1][0]
            column = self.page.widths[row]
            self.cells.append(Cell(row, column))
            self.page.counts[row] += 1
            span = node.get("colspan", "1")
            self.page.widths[row] += int(span) if span.isdecimal() and 0 < len(span) < 3 else 1

    def end_block(self, tag: str, tables: list[int]) -> None:
        if tag in ("br", "hr"):
            return
        self.stack.pop()
        self.path = None
        if tag == "table" and tables:
            tables.pop()
        elif tag == "tr" and self.rows:
            self.rows.pop()
        elif tag in ("td", "th") and self.cells and self.rows and self.cells[-1].row == self.rows[-1][0]:
            self.cells.pop()

    def start_inline(self, tag: str, node: Any) -> None:
        if tag == "a" and node.get("href"):
            self.open = Link(node.get("href"), tidy(node.get("title") or ""))
            self.links.append(self.open)
        elif tag == "img":
            address = (node.get("src") or "").split("?")[0].lower().rsplit("/", 2)
            words = tidy(node.get("alt") or node.get("title") or "")
            file = address[-1].rsplit(".", 1)[0]
            self.pictures.append(Picture(words, file, address[-2] if len(address) > 1 else ""))
        elif tag == "input" and node.get("type", "").lower() == "hidden" and node.get("value"):
            self.links.append(Link(node.get("value"), name=node.get("name") or "?"))
        elif (click := node.get("onclick")) and tag != "a" and len(click) < 500 and (found := _ONCLICK.search(click)):
            self.links.append(Link(found[1]))

    def flush(self) -> None:
        text = " ".join("".join(self.buffer).split()) if self.buffer else ""
        self.buffer.clear()
        if not (text.isascii() and text.isprintable()):
            text = tidy(text)
        if not (text or self.links or self.pictures):
            return
        if self.path is None:
            self.path = tuple(self.stack[:DEEPEST])
        cell = self.cells[-1] if self.cells else None
        if cell and text:
            self.filled.add(cell)
        elif cell and self.pictures and cell not in self.filled:
            self.page.wordless.setdefault(cell.row, []).append(cell.column)
        strong = bool(text) and self.bold_letters >= self.letters * 0.9
        self.page.lines.append(Line(text, self.path, self.links, self.pictures, cell, strong, self.ruled))
        self.links, self.pictures = [], []
        self.letters = self.bold_letters = self.breaks = 0
        self.ruled = False
