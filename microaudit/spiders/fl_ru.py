"""FL.ru: the RSS feed, and the titles that the project list carries as JSON-LD. By replay only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import Record, feed_items, is_feed, json_ld, records
from microaudit.text import Html

# "... (Бюджет: 10 000  ₽, для всех)", "... (для всех)": the feed adds it to the title.
ADDED = re.compile(r"\((?:Бюджет:(?P<budget>[^,()]*)(?:,\s*для всех)?|для всех)\)$")


def _feed(response: TextResponse) -> Iterator[Row]:
    for item in feed_items(response):
        added = ADDED.search(item["title"])
        budget = added["budget"] if added else None
        yield {
            "id": _id_in(item["link"]),
            "url": item["link"],
            "title": Html(item["title"][: added.start()] if added else item["title"]),
            "description": Html(item["description"]),
            "category": Html(" > ".join(part.strip() for part in item["category"].split(" / "))),
            "reward": budget.replace("&#8381;", "₽").strip() if budget else None,
            "reward_unit": "project" if budget else None,
            "posted_at": item["pubDate"],
        }


def _titles(response: TextResponse) -> Iterator[Row]:
    for listed in _item_lists(response):
        for entry in records(listed.get("itemListElement")):
            url = str(entry.get("url") or "")
            yield {"id": _id_in(url), "url": url, "title": Html(entry.get("name") or "")}


def _item_lists(response: TextResponse) -> list[Record]:
    return [record for record in json_ld(response) if record.get("@type") == "ItemList"]


def _id_in(url: str) -> str | None:
    found = re.search(r"/projects/(\d+)", url)
    return found[1] if found else None


class FlRu(Platform):
    name = "fl_ru"
    title = "FL.ru"
    hosts = ("fl.ru",)
    live = False
    live_note = (
        "robots.txt forbids the feed (*/rss/*), and the project list gives titles without texts. Saved feeds and "
        "lists are read."
    )
    url_shapes = (r"/rss/[^?]*(?:\?category=\d+)?", r"/projects/")
    archive_queries = (
        ArchiveQuery("fl.ru/rss/all.xml", "prefix", 2012, mime=""),
        ArchiveQuery("fl.ru/projects/", "exact", 2012),
    )
    currency = "RUB"
    timezone = "Europe/Moscow"
    languages = ("ru", "en")
    legacy_encoding = "windows-1251"
    walls = ('link[rel=canonical][href*="/payed/"]',)
    layouts = (
        Layout("RSS feed", is_feed, _feed, "real pages"),
        Layout("titles of the project list", lambda page: bool(_item_lists(page)), _titles, "real pages"),
    )
