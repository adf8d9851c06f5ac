"""RapidWorkers: saved or archived lists and campaigns.

Selectors after a public spider of about 2016; no real page was at hand. The list is JSON inside a script; only
the campaign's UUID is known of it, so a record that carries no name is refused and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders import phrases
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import at, json_assigned, records
from microaudit.text import words


def has_records(response: TextResponse) -> bool:
    return isinstance(json_assigned(response, "var records"), list)


def campaigns(response: TextResponse) -> Iterator[Row]:
    for record in records(json_assigned(response, "var records")):
        uuid = at(record, "Campaign", "UUID")
        name = at(record, "Campaign", "name") or at(record, "Campaign", "Name")
        yield {"id": uuid, "title": name, "url": f"/JobDetails/{uuid}"}


def detail(response: TextResponse) -> Iterator[Row]:
    facts = response.css("div#jobdetails > div:nth-of-type(1) li")
    address = re.search(r"/JobDetails/([\w-]+)", response.url)
    row = phrases.numbers_in_order([words(item) for item in facts[2:]]) | phrases.listing(response)
    yield row | {
        "id": row.get("id") or (address[1] if address else ""),
        "url": response.url,
        "worker_country_text": [words(item) for item in response.css("div#jobdetails > div:nth-of-type(2) li")],
    }


class RapidWorkers(Platform):
    name = "rapidworkers"
    title = "RapidWorkers"
    hosts = ("rapidworkers.com",)
    live = False
    live_note = "The list needs a log-in; archived pages and pages saved lawfully can be read."
    currency = "USD"
    reward_unit = "task"
    url_shapes = (r"/AvailableJobs(?:/[\w:/]*)?", r"/JobDetails/[\w-]+")
    archive_queries = (ArchiveQuery("rapidworkers.com", "domain", 2011),)
    follow = ("a[href*='/JobDetails/']::attr(href)", "a[href*='/AvailableJobs/']::attr(href)")
    layouts = (
        Layout("campaign", "div#jobdetails", detail, "written pages", phrases.CLOSED),
        Layout("campaign list", has_records, campaigns, "written pages"),
    )
