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
from typing import Any

from scrapy.http import TextResponse

from microaudit.lines import Line, lines
from microaudit.reading import Row
from microaudit.spiders import columns
from microaudit.spiders.base import Layout
from microaudit.structured import query_value

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
# What a value must look like where a sentence could stand instead; the rest is for the readers of `fields`.
SHAPES = {
    "id": re.compile(r"#?([\w=+/.-]{1,64})"),
    "reward": re.compile(r"(\D{0,8}\d[\d.,]*\D{0,8})"),
}
NO_VALUE = "not a value"  # no reader takes it, so that it is counted
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
_FOOTER = re.compile(r"(?:copyright\s*)?(?:©|\(c\))|copyright\s+(?:\d{4}|by\b)", re.IGNORECASE)
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_OUTSIDE = {"form", "footer", "nav", "aside", *_HEADINGS}
_GENERIC = re.compile(r"(?:job|task|campaign) (?:details|description|information)|available jobs", re.IGNORECASE)


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
    shown = list(_split(lines(response.selector.root)))
    labels = list(_labels(shown))
    if not labels:
        return {}
    common = reduce(_common, (shown[at].path for at, _, _ in labels))
    row: dict[str, Any] = {}
    ends = [at for at, _, _ in labels[1:]] + [len(shown)]
    for (at, name, rest), end in zip(labels, ends, strict=True):
        value = [rest, *_within(shown[at + 1 : end], common)]
        texts = [text for text in value if text]
        if name in SECTIONS:
            row[name] = texts if name == "worker_country_text" else "\n".join(texts)
        elif name != "unread" and texts:
            row[name] = _shaped(name, texts[0])
    if row.get("id") == NO_VALUE:
        del row["id"]
    if heading := _heading(shown[: labels[0][0]]):
        row.setdefault("title", heading)
    row.setdefault("id", query_value(response.url))
    return row


def _shaped(name: str, text: str) -> str:
    if name not in SHAPES:
        return text
    found = SHAPES[name].fullmatch(text)
    return found[1] if found else NO_VALUE


def rows_of_listing(response: TextResponse) -> Iterator[Row]:
    """`rows` of a layout for pages that show one task."""
    yield listing(response) | {"url": response.url}


def numbers_in_order(texts: list[str]) -> dict[str, str]:
    """Done, total, payment and minutes where a page prints these four numbers in this order, and no other."""
    numbers = re.findall(r"\d+(?:\.\d+)?", " ".join(texts))
    if len(numbers) != 4:
        return {}
    done, total, payment, minutes = numbers
    return {"positions": f"{done}/{total}", "reward": payment, "minutes": minutes}


def _split(whole: Iterator[Line]) -> Iterator[Line]:
    """Lines with several facts as one line each, above the description."""
    above = True
    for line in whole:
        found = _LABEL.fullmatch(line.text)
        above = above and not (found and found.lastgroup and found["description"])
        parts = _NEXT_LABEL.split(line.text) if above and not _is_heading(line) else [line.text]
        yield from (Line(part, line.path) for part in parts)


def _labels(shown: list[Line]) -> Iterator[tuple[int, str, str]]:
    """Place, field and rest of the line of each label; a phrase that returns is prose."""
    seen: set[str] = set()
    for at, line in enumerate(shown):
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


def _within(following: list[Line], common: tuple[tuple[int, str], ...]) -> Iterator[str]:
    """The lines that belong to the task's own block, up to a form, a foot or another heading."""
    for line in following:
        inner = line.path[len(common) :]
        if line.path[: len(common)] != common or _FOOTER.match(line.text):
            return
        if any(tag in _OUTSIDE for _, tag in inner):
            return
        yield line.text


def _is_heading(line: Line) -> bool:
    return bool(line.path) and line.path[-1][1] in _HEADINGS


def _heading(above: list[Line]) -> str:
    """The heading nearest above the first label, unless it names the page and not the task."""
    for line in reversed(above):
        if _is_heading(line) and not _GENERIC.fullmatch(line.text):
            return line.text
    return ""


CLOSED = ("This job is currently not running",)
LAYOUTS = (
    Layout("task list by columns", columns.has_table, columns.table, "written pages", task_links=columns.TASK_LINKS),
    Layout("task by its phrases", is_listing, rows_of_listing, "written pages", CLOSED),
)
# For sites of which no address is known: any page but the forms, and those only in archives.
ANY_PAGE = (r"/(?!\S*(?:log[io]n|logout|sign[_-]?up|register))\S*",)
