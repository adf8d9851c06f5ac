"""Reading by the words that small task sites share, whatever markup they stand in.

Microworkers and the sites made after its pattern print the same phrases ("Work done", "You will earn",
"What is expected from workers?"). Tables, divisions and definition lists all become lines; a line that
opens with a phrase is a label, and what follows it, up to the next label, is its value.
Source of the phrases: page templates and scrapers of Microworkers, QwikTask, ClickChores and RapidWorkers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from lxml import etree
from parsel import Selector
from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import Layout
from microaudit.text import BLOCKS, UNSEEN, tidy, words

# Values that stand on the label's line or on the next one.
FACTS = {
    "id": "job id|campaign id|task id",
    "title": "job title|job name|campaign name|task title|task name",
    "category": "category|job category",
    "positions": "work done|jobs? done",
    "positions_open": "available positions|positions available|positions left",
    "reward": "you will earn|you earn|payment per task",
    "minutes": r"this task takes less than|this job takes less than|\d+ minutes? to (?:complete|finish)",
    "success_rate": "success|success rate",
    "posted_at": "started",
    "buyer": "employer|posted by|campaign owner",
}
# Values of several lines.
SECTIONS = {
    "worker_country_text": "you can accept this job if you are from|you must be from any of these countries"
    "|any of these countries",
    "description": "what is expected from workers|what is expected",
    "proof": "required proof that (?:the |this )?task was finished|required proof",
}
# Labels whose words are common in instructions too: they count only above the description.
WEAK = {"title", "category", "success_rate", "posted_at", "buyer"}
# Labels whose value is read nowhere, but which end the value before them.
UNREAD = "tasks? will be rated within|max(?:imum)? positions per worker|time to rate|ttr|job status"

# A phrase is a label where a sign, a value or the end of the line comes next; otherwise it is prose.
_LABEL = re.compile(
    r"\W{0,3}(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in {**FACTS, **SECTIONS, "unread": UNREAD}.items())
    + r")(?P<sign>\s*[:?=–-]+\s*|\s+(?=\W?\d)|\s*$)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_STRONG = "|".join(words for name, words in FACTS.items() if name not in WEAK)
_NEXT_LABEL = re.compile(rf"\s+(?=(?:{_STRONG})\s*(?::|\W?\d))", re.IGNORECASE)
_FOOTER = re.compile(r"(?:©|\(c\)|copyright\b)", re.IGNORECASE)
_OUTSIDE = {"form", "footer", "nav", "aside", "h1", "h2", "h3", "h4", "h5", "h6"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_CONTROLS = {"select", "button", "textarea"}
_GENERIC = re.compile(r"(?:job|task|campaign) (?:details|description|information)|available jobs", re.IGNORECASE)

TASK_LINKS = "a[href*='id=' i]"

COLUMNS = {
    "title": "job title|job name|title|task",
    "posted_at": "started|posted",
    "reward": "payment|you earn|reward|pay",
    "minutes": "time|minutes|time to finish",
    "positions": "done|work done|positions",
    "positions_open": "available positions|positions left",
    "success_rate": "success|success rate",
    "worker_country_text": "country|countries",
    "category": "category",
}
_COLUMN = re.compile("|".join(f"(?P<{name}>{words})" for name, words in COLUMNS.items()), re.IGNORECASE)


class Line(NamedTuple):
    """A line as a reader sees it; `path` are the numbers and names of the blocks around it, outermost first."""

    text: str
    path: tuple[tuple[int, str], ...]


def is_listing(response: TextResponse) -> bool:
    """Whether the page shows one task: what is expected or to be proved, and two of id, pay, places and time."""
    row = {} if response.selector.type == "json" else listing(response)
    facts = sum(bool(row.get(name)) for name in ("id", "reward", "positions", "minutes"))
    return facts >= 2 and bool(row.get("description") or row.get("proof"))


def is_label(text: str) -> bool:
    """Whether a line opens with one of the phrases."""
    return bool(_LABEL.fullmatch(text))


def listing(response: TextResponse) -> dict[str, Any]:
    """The row of a page that shows one task; only what stands under a known label, and the heading above."""
    lines = list(_split(_lines(response.selector.root)))
    labels = list(_labels(lines))
    if not labels:
        return {}
    common = reduce(_common, (lines[at].path for at, _, _ in labels))
    row: dict[str, Any] = {}
    ends = [at for at, _, _ in labels[1:]] + [len(lines)]
    for (at, name, rest), end in zip(labels, ends, strict=True):
        value = [rest, *_within(lines[at + 1 : end], common)]
        texts = [text for text in value if text]
        if name in SECTIONS:
            row[name] = texts if name == "worker_country_text" else "\n".join(texts)
        elif name != "unread" and texts:
            row[name] = texts[0]
    if heading := _heading(lines[: labels[0][0]]):
        row.setdefault("title", heading)
    row.setdefault("id", id_in(response.url))
    return row


def rows_of_listing(response: TextResponse) -> Iterator[Row]:
    """`rows` of a layout for pages that show one task."""
    yield listing(response) | {"url": response.url}


def has_table(response: TextResponse) -> bool:
    """Whether a table names columns of a task list: a title, a payment and one more."""
    return response.selector.type != "json" and any(_columns(row) for row in _table_rows(response))


def table(response: TextResponse) -> Iterator[dict[str, Any]]:
    """The rows of a task list, its columns told by the words of the header row, in any order.

    A row with another number of cells comes without an id, so that it is counted and not read.
    """
    columns: list[str] | None = None
    for row in _table_rows(response):
        if found := _columns(row):
            columns = found
        elif columns and (link := row.css(TASK_LINKS)):
            # A cell with nothing but a picture (a flag, a star) has no header of its own.
            cells = [cell for cell in row.xpath("td") if words(cell) or not cell.css("img")]
            if len(cells) != len(columns):
                yield {}
                continue
            shown = {name: words(cell) for name, cell in zip(columns, cells, strict=True) if name}
            href = link.attrib["href"]
            yield shown | {"title": words(link[0]), "url": href, "id": id_in(href)}


def rows_of_table(response: TextResponse) -> Iterator[Row]:
    """`rows` of a layout for task lists in a table."""
    yield from table(response)


def id_in(url: str) -> str:
    """The value of the parameter `id`, in any case, of an address; "" without one."""
    return next((value for name, value in parse_qsl(urlsplit(url).query) if name.lower() == "id"), "")


def numbers_in_order(texts: list[str]) -> dict[str, str]:
    """Done, total, payment and minutes where a page prints these four numbers in this order, and no other."""
    numbers = re.findall(r"\d+(?:\.\d+)?", " ".join(texts))
    if len(numbers) != 4:
        return {}
    done, total, payment, minutes = numbers
    return {"positions": f"{done}/{total}", "reward": payment, "minutes": minutes}


def _lines(root: etree._Element) -> Iterator[Line]:
    """The page as lines. Walks without recursion: a page may be nested as deep as it likes."""
    path: list[tuple[int, str]] = []
    buffer: list[str] = []
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for number, (event, node) in enumerate(walker):
        block = event in ("start", "end") and node.tag in BLOCKS
        if block and (text := tidy(" ".join("".join(buffer).split()))):
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
        if node.tag in UNSEEN or node.tag in _CONTROLS:
            walker.skip_subtree()
        else:
            buffer.append(node.text or "")
    if text := tidy(" ".join("".join(buffer).split())):
        yield Line(text, ())


def _split(lines: Iterator[Line]) -> Iterator[Line]:
    """Lines with several facts as one line each, above the description."""
    above = True
    for line in lines:
        found = _LABEL.fullmatch(line.text)
        above = above and not (found and found.lastgroup and found["description"])
        parts = _NEXT_LABEL.split(line.text) if above and not _is_heading(line) else [line.text]
        yield from (Line(part, line.path) for part in parts)


def _labels(lines: list[Line]) -> Iterator[tuple[int, str, str]]:
    """Place, field and rest of the line of each label; a phrase that returns is prose."""
    seen: set[str] = set()
    for at, line in enumerate(lines):
        found = _LABEL.fullmatch(line.text)
        if not found:
            continue
        name = next(name for name in (*FACTS, *SECTIONS, "unread") if found[name])
        if (name in seen and name != "unread") or (name in WEAK and "description" in seen):
            continue
        seen.add(name)
        yield at, name, found["rest"].strip() or (found[name] if found[name][0].isdigit() else "")


def _common(a: tuple[tuple[int, str], ...], b: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    return tuple(one for one, other in zip(a, b, strict=False) if one == other)


def _within(lines: list[Line], common: tuple[tuple[int, str], ...]) -> Iterator[str]:
    """The lines that belong to the task's own block, up to a form, a foot or another heading."""
    for line in lines:
        inner = line.path[len(common) :]
        if line.path[: len(common)] != common or _FOOTER.match(line.text):
            return
        if any(tag in _OUTSIDE for _, tag in inner):
            return
        yield line.text


def _is_heading(line: Line) -> bool:
    return bool(line.path) and line.path[-1][1] in _HEADINGS


def _heading(lines: list[Line]) -> str:
    """The heading nearest above the first label, unless it names the page and not the task."""
    for line in reversed(lines):
        if _is_heading(line) and not _GENERIC.fullmatch(line.text):
            return line.text
    return ""


def _table_rows(response: TextResponse) -> list[Selector]:
    return list(response.xpath("//tr[not(.//tr)]"))


def _columns(row: Selector) -> list[str] | None:
    """The fields that the cells of a header row name ("" for others); None if it is no header."""
    found = [_COLUMN.fullmatch(words(cell)) for cell in row.xpath("td|th")]
    names = [(match.lastgroup or "") if match else "" for match in found]
    named = [name for name in names if name]
    is_header = len(named) >= 3 and len(set(named)) == len(named) and {"title", "reward"} <= set(named)
    return names if is_header and not row.css(TASK_LINKS) else None


CLOSED = ("This job is currently not running",)
LAYOUTS = (
    Layout("task list by its columns", has_table, rows_of_table, "written pages", task_links=TASK_LINKS),
    Layout("task by its phrases", is_listing, rows_of_listing, "written pages", CLOSED),
)
# For sites of which no address is known: any page but the forms, and those only in archives.
ANY_PAGE = (r"/(?!\S*(?:log[io]n|logout|sign[_-]?up|register))\S*",)
