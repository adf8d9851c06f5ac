"""Upwork: search tiles, job pages, the RSS feed that ended in 2024, and data sets made of them. Never live."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsel import Selector
from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import (
    Record,
    at,
    content_id,
    csv_columns,
    csv_rows,
    feed_items,
    is_feed,
    json_of,
    records,
)
from microaudit.text import Html, words

FEED_LABELS = re.compile(r"<b>(Budget|Hourly Range|Posted On|Category|Skills|Country)</b>:([^<\n]*)")
WORKERS = re.compile(r"Worldwide|Only freelancers located in .*")


def _tiles(response: TextResponse) -> Iterator[Row]:
    for tile in response.css("article[data-ev-job-uid]"):
        link = tile.css("h2.job-tile-title a, [data-test~=job-tile-title-link]")
        kind = words(tile.css("[data-test=job-type-label]"))
        budget = words(tile.css("[data-test=is-fixed-price]"))
        posted = words(tile.css("[data-test=job-pubilshed-date]")) or words(tile.css("small"))
        yield {
            "id": tile.attrib["data-ev-job-uid"],
            "url": link.attrib.get("href", "").split("?")[0],
            "title": words(tile.css("h2.job-tile-title a, [data-test~=job-tile-title-link]")),
            "description": Html("".join(tile.css("[data-test~=JobDescription] p, .air3-line-clamp p").getall()[:1])),
            "posted_at": posted.removeprefix("Posted").strip(),
            "buyer_country_text": _tile_country(tile),
            **_pay(kind, budget or kind),
        }


def _tile_country(tile: Selector) -> str:
    shown = tile.css("li[data-test=location]").xpath('.//text()[not(ancestor::*[contains(@class, "sr-only")])]')
    return " ".join(" ".join(shown.getall()).split()).removeprefix("Location ")


def _job_page(response: TextResponse) -> Iterator[Row]:
    amounts = [words(strong) for strong in response.css("[data-test=BudgetAmount] strong")]
    kinds = response.xpath("//text()[normalize-space()='Hourly' or normalize-space()='Fixed-price']")
    scope = (text.strip() for text in response.css("span.text-light-on-muted::text").getall())
    yield {
        "id": _id_in(response.url),
        "url": response.url.split("?")[0],
        "title": words(response.css("h4.m-0")),
        "description": Html(response.css("[data-test~=Description], [data-test~=JobDescription]").get(default="")),
        "posted_at": words(response.css("[data-test=PostedOn]")).removeprefix("Posted").strip(),
        "buyer_country_text": words(response.css("li[data-qa=client-location] strong")),
        "worker_country_text": next((text for text in scope if WORKERS.fullmatch(text)), None),
        **_pay(kinds.get(default="").strip(), *amounts[:2]),
    }


def _feed(response: TextResponse) -> Iterator[Row]:
    for item in feed_items(response):
        yield _feed_row(item["title"], item["link"], item["description"], item["pubDate"])


def _feed_entry(response: TextResponse) -> Iterator[Row]:
    entry = json_of(response)
    for item in records(entry if isinstance(entry, list) else [entry]):
        title, link, text, date = (str(item.get(key) or "") for key in ("title", "link", "summary", "published"))
        yield _feed_row(title, link, text, date)


def _feed_row(title: str, link: str, text: str, date: str) -> Row:
    shown = {label: value.strip() for label, value in FEED_LABELS.findall(text)}
    first = FEED_LABELS.search(text)
    hourly, budget = shown.get("Hourly Range", ""), shown.get("Budget", "")
    return {
        "id": _id_in(link),
        "url": link.split("?")[0],
        "title": Html(title.removesuffix(" - Upwork")),
        "description": Html(text[: first.start()] if first else text),
        "category": Html(shown.get("Category", "")),
        "posted_at": date or shown.get("Posted On"),
        "buyer_country_text": Html(shown.get("Country", "")),
        **_pay("Hourly" if hourly else "Fixed-price" if budget else "", hourly or budget),
    }


def _data_set(response: TextResponse) -> Iterator[Row]:
    for row in csv_rows(response):
        kind = row.get("job_type") or ""
        # An average of a range is nothing that a page showed; of a fixed price it is the price.
        single = row.get("avg_budget") if kind.startswith("Fixed") else None
        yield {
            "id": _id_in(row.get("url") or ""),
            "url": (row.get("url") or "").split("?")[0],
            "title": row.get("title"),
            "description": row.get("description"),
            "buyer_country_text": row.get("client_location"),
            "worker_country_text": row.get("location"),
            **_pay(kind, row.get("min_budget") or single or "", row.get("max_budget") or ""),
        }


def _saved_search(response: TextResponse) -> Iterator[Row]:
    for job in records(json_of(response)):
        yield {
            "id": content_id(job) if job else None,  # these records carry neither id nor address
            "title": job.get("title"),
            "description": job.get("description"),
            "buyer_country_text": job.get("location"),
            **_pay(str(job.get("job_type") or ""), str(job.get("rate") or "")),
        }


def _pay(kind: str, shown: str = "", highest: str = "") -> Row:
    unit = "hour" if kind.startswith("Hourly") else "project" if kind.startswith("Fixed") else None
    if shown in ("Hourly", "Fixed price", "Fixed-price"):  # the kind of pay, without a rate
        shown = ""
    return {"reward": shown, "reward_max": highest, "reward_unit": unit}


def _id_in(url: str) -> str | None:
    """`<slug>_~02<id>` or, until 2024, `<slug>_~01<hex>`: the first is also the tile's own id."""
    found = re.search(r"(?:~|%7E)0[12]([0-9a-f]+)", url, re.IGNORECASE)
    return found[1] if found else None


def _has(response: TextResponse, *keys: str) -> bool:
    """Whether the body is a JSON object, or an array that begins with one, that has these keys."""
    value = json_of(response)
    first: Record = value if isinstance(value, dict) else at(value, 0)
    return isinstance(first, dict) and set(keys) <= first.keys()


class Upwork(Platform):
    name = "upwork"
    title = "Upwork"
    hosts = ("upwork.com",)
    live = False
    live_note = (
        "robots.txt forbids the search and job pages and the terms forbid scraping. Saved pages, archived feeds "
        "(ended on 20 August 2024) and data sets are read."
    )
    url_shapes = (r"/ab/feed/jobs/rss\?.*", r"/nx/search/jobs/?\?.*", r"/(?:freelance-)?jobs/(?:apply/)?[^/?]+/?")
    archive_queries = (ArchiveQuery("upwork.com/ab/feed/jobs/rss", "prefix", 2015, 2024, mime=""),)
    currency = "USD"
    layouts = (
        Layout(
            "search tiles",
            "section[data-test=JobsList], article[data-ev-job-uid]",
            _tiles,
            "real pages",
            task_links='[data-test=JobsList] a[href*="_~0"]',
        ),
        Layout(
            "job page",
            "li[data-qa=client-location], li[data-qa=client-job-posting-stats], [data-test=BudgetAmount]",
            _job_page,
            "written pages",
            closed=("This job is no longer available",),
        ),
        Layout("RSS feed", is_feed, _feed, "real pages"),
        Layout("feed entry as JSON", lambda page: _has(page, "title", "link", "summary"), _feed_entry, "real pages"),
        Layout(
            "data set of job pages",
            lambda page: {"title", "url", "job_type", "client_location"} <= csv_columns(page),
            _data_set,
            "real pages",
        ),
        Layout(
            "saved search as JSON",
            lambda page: _has(page, "title", "job_type", "rate", "location"),
            _saved_search,
            "real pages",
        ),
    )
