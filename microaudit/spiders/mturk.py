"""Amazon Mechanical Turk: the open HIT list of the old site (to 2017) and the JSON list of the worker site.

The old list after a real page, the JSON after the type file of an open-source client. Keywords are the requester's
search words and not a category of the platform, so they are not read. A location qualification is read as the site
words it: "Location is US".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsel import Selector
from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import at, json_of, query_value, records
from microaudit.text import words

CAPSULE = 'table[cellspacing="5"][width="100%"] > tr > td, table[cellspacing="5"][width="100%"] > tbody > tr > td'
COMPARATORS = {"EqualTo": "is", "In": "is one of", "NotIn": "is not one of"}


def is_old_list(response: TextResponse) -> bool:
    """A list with HITs, or a search that found none: without the count of results that stands above HITs."""
    if response.selector.type == "json":
        return False
    if response.css("a.capsulelink"):
        return True
    asked = re.search(r"/(?:viewhits|findhits|searchbar)\b", response.url)
    return bool(asked and response.css("#searchbar_form") and not re.search(r"\bof\s+[\d,]+\s+Results", response.text))


def old_list(response: TextResponse) -> Iterator[Row]:
    for hit in response.css(CAPSULE):
        if not (link := hit.css("a.capsulelink")):
            continue
        href = hit.css('a[href*="groupId="]::attr(href)').get("")
        yield {
            "id": query_value(href, "groupId"),
            "url": href,
            "title": words(link),
            "description": _field(hit, "Description:"),
            "buyer": _field(hit, "Requester:"),
            "reward": _field(hit, "Reward:"),
            "positions_open": _field(hit, "HITs Available:"),
            "minutes": _field(hit, "Time Allotted:"),
            "expires_at": _deadline(_field(hit, "HIT Expiration Date:")),
            "worker_country_text": [text for text in _qualifications(hit) if text.startswith("Location")],
        }


def worker_list(response: TextResponse) -> Iterator[Row]:
    for hit in records(at(json_of(response), "results")):
        seconds = at(hit, "assignment_duration_in_seconds")
        yield {
            "id": at(hit, "hit_set_id"),
            "url": at(hit, "project_tasks_url"),
            "title": at(hit, "title"),
            "description": at(hit, "description"),
            "buyer": at(hit, "requester_name"),
            "reward": at(hit, "monetary_reward", "amount_in_dollars"),
            "currency": at(hit, "monetary_reward", "currency_code"),
            "positions_open": at(hit, "assignable_hits_count"),
            "minutes": f"{seconds} seconds" if seconds else None,
            "posted_at": at(hit, "creation_time"),
            "expires_at": at(hit, "latest_expiration_time"),
            "worker_country_text": list(_locations(at(hit, "project_requirements"))),
        }


def _field(hit: Selector, label: str) -> str:
    """The text cell beside the title cell that opens with `label`; a broken end tag may trail the label."""
    return words(
        hit.xpath(
            './/td[@class="capsule_field_title"][starts-with(normalize-space(translate(., "\xa0", " ")), $label)]'
            '/following-sibling::td[contains(@class, "capsule_field_text")]',
            label=label,
        )
    )


def _qualifications(hit: Selector) -> Iterator[str]:
    title = hit.xpath('.//td[@class="capsule_field_title"][contains(., "Qualifications Required:")]')
    yield from (words(cell) for cell in title.xpath("ancestor::tr[1]/following-sibling::tr/td[1]"))


def _deadline(shown: str) -> str:
    """`Apr 21, 2014 (6 days 23 hours)`: the time left says more than the day."""
    left = re.search(r"\((.+)\)", shown)
    return f"in {left[1]}" if left else shown


def _locations(requirements: Any) -> Iterator[str]:
    for requirement in records(requirements):
        name = str(at(requirement, "qualification_type", "name"))
        if name.startswith("Loca"):  # Location, Locale
            comparator = str(at(requirement, "comparator"))
            values = ", ".join(map(str, at(requirement, "qualification_values") or ()))
            yield f"{name} {COMPARATORS.get(comparator, comparator)} {values}"


def _is_worker_list(response: TextResponse) -> bool:
    return isinstance(at(json_of(response), "results"), list) and at(json_of(response), "num_results") is not None


class MTurk(Platform):
    name = "mturk"
    title = "Amazon Mechanical Turk"
    hosts = ("mturk.com",)
    live = False
    live_note = "The open list ended in 2017; whether the worker site answers without a log-in is unknown."
    currency = "USD"
    reward_unit = "task"
    url_shapes = (r"/mturk/(?:viewhits|findhits)(?:\?.*)?", r"/\?(?:.*&)?format=json(?:&.*)?")
    archive_queries = (
        ArchiveQuery("mturk.com/mturk/viewhits", "prefix", 2006, 2017),
        ArchiveQuery("mturk.com/mturk/findhits", "prefix", 2006, 2017),
    )
    follow = ("a[href*='pageNumber=']::attr(href)",)
    layouts = (
        Layout("HIT list to 2017", is_old_list, old_list, "real pages", task_links="a.capsulelink"),
        Layout("JSON list", _is_worker_list, worker_list, "written pages"),
    )
