"""Guru: the job list, job pages and the RSS feed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsel import Selector
from scrapy.http import Response, TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import at, feed_items, is_feed, json_ld
from microaudit.text import Html, words

POSTED = re.compile(r"Posted\s+(?:on\s+)?(.+?)\s*(?:[·•|]|\d+ Quotes?\b|$)")


def _list(response: TextResponse) -> Iterator[Row]:
    for record in response.css(".jobRecord"):
        url = record.css("h2.jobRecord__title a::attr(href)").get(default="")
        yield {
            "id": record.attrib.get("data-gid") or _id_in(url),
            "url": _address(url),
            "title": words(record.css("h2.jobRecord__title a")),
            "description": Html(record.css("p.jobRecord__desc").get(default="")),
            "category": words(record.css('a[href^="/d/jobs/c/"]')),
            "posted_at": _posted(words(record.css(".jobRecord__meta"))),
            "buyer_country_text": words(record.css("p.freelancerAvatar__subText strong")),
            **_pay(record, ".jobRecord__budget"),
        }


def _job(response: TextResponse) -> Iterator[Row]:
    yield {
        "id": _id_in(response.url),
        "url": _address(response.url),
        "title": words(response.css("h1.jobHeading__title")),
        "description": Html(response.css("pre.jobDetails__description").get(default="")),
        "category": words(response.css(".jobDetails__category p")),
        "posted_at": _posted(words(response.css("p.jobHeading__meta"))),
        "buyer_country_text": words(response.css("p.freelancerAvatar__subText strong")),
        "worker_country_text": _worker_countries(response),
        **_pay(response, ".jobHeading__budget"),
    }


def _worker_countries(response: TextResponse) -> list[str]:
    """The names of JSON-LD `applicantLocationRequirements`, which stands for one place or several."""
    found: list[str] = []
    for posting in json_ld(response):
        if posting.get("@type") == "JobPosting":
            for place in _many(posting.get("applicantLocationRequirements")):
                found += [name for name in _many(at(place, "name")) if isinstance(name, str)]
    return found


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _feed(response: TextResponse) -> Iterator[Row]:
    for item in feed_items(response):
        yield {
            "id": _id_in(item["link"]),
            "url": _address(item["link"]),
            "title": Html(item["title"]),
            "description": Html(item["description"]),
            "category": Html(item["category"]),
            "posted_at": item["pubDate"],
        }


def _pay(parent: TextResponse | Selector, css: str) -> Row:
    """`Fixed Price $250-$500`, `Hourly $25-$35/hr`; either may stand without a sum."""
    shown = words(parent.css(css))
    hourly, fixed = re.search(r"hour|/\s*hr", shown, re.IGNORECASE), re.search(r"fixed", shown, re.IGNORECASE)
    return {
        "reward": shown if "$" in shown else None,
        "reward_unit": "hour" if hourly else "project" if fixed else None,
    }


def _posted(meta: str) -> str | None:
    found = POSTED.search(meta)
    return found[1] if found else None


def _address(url: str) -> str:
    return re.split(r"[?&]SearchUrl=", url, maxsplit=1)[0]


def _id_in(url: str) -> str | None:
    found = re.search(r"/jobs/[^/?&]+/(\d+)", url)
    return found[1] if found else None


class Guru(Platform):
    name = "guru"
    title = "Guru"
    hosts = ("guru.com",)
    live = True
    live_note = (
        "The feed, the list and the job pages are public. robots.txt was not seen when this was written and is obeyed "
        "at run time; the site refuses callers that come too often, hence ten seconds between requests."
    )
    start_urls = ["https://www.guru.com/rss/jobs/", "https://www.guru.com/d/jobs/"]
    url_shapes = (
        r"/rss/jobs/(?:[qc]/[^/?]+/)?",
        r"/d/jobs/(?:(?:q|c|skill)/[^/?]+/)*(?:pg/\d+/?)?",
        r"/jobs/[^/?&]+/\d+(?:[?&]SearchUrl=.*)?",
    )
    follow = (
        "h2.jobRecord__title a::attr(href)",
        "ul#ctl00_guB_ulpaginate a::attr(href)",
    )
    archive_queries = (
        ArchiveQuery("guru.com/d/jobs/", "prefix", 2012),
        ArchiveQuery("guru.com/jobs/", "prefix", 2012),
    )
    currency = "USD"
    crawl_delay = 10
    layouts = (
        Layout("job page", "h1.jobHeading__title", _job, "written pages"),
        Layout(
            "job list",
            ".jobRecord, ul#ctl00_guB_ulpaginate",
            _list,
            "written pages",
            task_links='a[href*="SearchUrl="][href^="/jobs/"]',
        ),
        Layout("RSS feed", is_feed, _feed, "written pages"),
    )

    def links(self, response: Response) -> Iterator[str]:
        """The base's links, without the search that led to them: one address a job."""
        yield from dict.fromkeys(_address(url) for url in super().links(response))
