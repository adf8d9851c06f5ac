"""Task lists in a table, whose columns are told by the words of the header row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsel import Selector
from scrapy.http import TextResponse

from microaudit.structured import query_value
from microaudit.text import words

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
            yield shown | {"title": words(link[0]), "url": href, "id": query_value(href)}


def _table_rows(response: TextResponse) -> list[Selector]:
    return list(response.xpath("//tr[not(.//tr)]"))


def _columns(row: Selector) -> list[str] | None:
    """The fields that the cells of a header row name ("" for others); None if it is no header."""
    found = [_COLUMN.fullmatch(words(cell)) for cell in row.xpath("td|th")]
    names = [(match.lastgroup or "") if match else "" for match in found]
    named = [name for name in names if name]
    is_header = len(named) >= 3 and len(set(named)) == len(named) and {"title", "reward"} <= set(named)
    return names if is_header and not row.css(TASK_LINKS) else None
