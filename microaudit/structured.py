"""JSON, CSV, feeds and words in a response -> Python values. What is absent or cut off is None or empty.

Pages are foreign input: nothing here raises for what a server may send.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from parsel import Selector
from scrapy.http import TextResponse

Record = Mapping[str, Any]

FEED = ("title", "link", "description", "category", "pubDate")


def json_of(response: TextResponse) -> Any:
    """The body as JSON, or None if it is not JSON or is cut off."""
    if response.text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(response.text)
    except (ValueError, RecursionError):
        return None


def json_assigned(response: TextResponse, name: str) -> Any:
    """The JSON value that a script of the page assigns to `name`, or None."""
    found = re.search(re.escape(name) + r"\s*=\s*", response.text)
    if not found:
        return None
    try:
        return json.JSONDecoder().raw_decode(response.text, found.end())[0]
    except (ValueError, RecursionError):
        return None


def json_ld(response: TextResponse) -> Iterator[Record]:
    """The JSON-LD records of a page, those of an `@graph` one by one."""
    for script in response.xpath('//script[@type="application/ld+json"]/text()').getall():
        try:
            value = json.loads(script)
        except (ValueError, RecursionError):
            continue
        for record in records(value if isinstance(value, list) else [value]):
            yield from records(record["@graph"]) if isinstance(record.get("@graph"), list) else [record]


def at(value: Any, *path: str | int) -> Any:
    """The value at a path of keys and positions, or None where the path ends early."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def query_value(url: str, name: str = "id") -> str:
    """The value of a parameter of an address, its name in any case; "" without one."""
    try:
        query = urlsplit(url).query
    except ValueError:  # no address at all, as in href="http://["
        return ""
    return next((value for key, value in parse_qsl(query) if key.lower() == name.lower()), "")


def records(value: Any) -> list[Record]:
    """The objects of a JSON array. What is no object becomes an empty one, so that it is counted as refused."""
    return [item if isinstance(item, Mapping) else {} for item in value] if isinstance(value, list) else []


def csv_columns(response: TextResponse) -> frozenset[str]:
    """The names in the first line, read as CSV; empty for markup and JSON."""
    if response.text.lstrip()[:1] in ("<", "{", "["):
        return frozenset()
    try:
        return frozenset(next(csv.reader(io.StringIO(response.text, newline="")), ()))
    except csv.Error:
        return frozenset()


def csv_rows(response: TextResponse) -> Iterator[Record]:
    """The rows under the first line. A cut-off or unreadable row is empty, so that it is counted as refused."""
    try:
        for row in csv.DictReader(io.StringIO(response.text, newline="")):
            yield {} if None in row or None in row.values() else row
    except csv.Error:
        yield {}


def is_feed(response: TextResponse) -> bool:
    """Whether the body is an RSS 2.0 feed, whatever type the server stated."""
    return "<rss" in response.text[:1000] and bool(_feed(response).xpath("/rss/channel"))


def feed_items(response: TextResponse) -> Iterator[dict[str, str]]:
    """The words of title, link, description, category and pubDate of each item; an item that is cut off is empty."""
    items = _feed(response).xpath("/rss/channel/item")
    whole = response.text.count("</item>")
    for number, item in enumerate(items, start=1):
        yield {name: item.xpath(f"string({name})").get(default="").strip() if number <= whole else "" for name in FEED}


def _feed(response: TextResponse) -> Selector:
    return Selector(text=response.text, type="xml")


def content_id(record: Record) -> str:
    """An identity for a record of a data set that states none: `sha256:` and 64 bits of its content as hex.

    Two records have the same one only if they are equal in every cell.
    """
    content = json.dumps(record, ensure_ascii=False, sort_keys=True)
    return f"sha256:{hashlib.sha256(content.encode('utf-8', 'replace')).hexdigest()[:16]}"
