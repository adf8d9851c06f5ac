"""SproutGigs, until about 2022 Picoworkers: its list and tasks as saved pages, and lists saved as JSON.

Cells after scrapers of the list; that the region, the buyer's nickname and the labels stand in elements so named
is inferred. In the JSON list, as one scraper saved it, `progressBar.value` follows the share of places taken and not
the buyer's record, so no success rate is read from it; an amount of 0 stands where the row showed no cash.
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
from microaudit.text import Html, words

CELL = ".jobs__item-cell--"


def task_list(response: TextResponse) -> Iterator[Row]:
    for row in response.css("a.jobs__item, a.job-bar"):
        href = row.attrib.get("href", "")
        yield {
            "id": query_value(href) or row.attrib.get("data-job-id"),
            "url": href if query_value(href) else None,
            "title": words(row.css(".js-job-item-name")),
            "positions": words(row.css(f"{CELL}done")),
            "success_rate": _percentage(words(row.css(f"{CELL}success"))),
            "reward": words(row.css(f"{CELL}payment")),
            "worker_country_text": words(row.css("[class*='region'], [class*='zone']")),
            "buyer": words(row.css("[class*='nickname']")),
            "category": _levels(row),
        }


def detail(response: TextResponse) -> Iterator[Row]:
    yield {
        "id": query_value(response.url),
        "url": response.url,
        "title": words(response.css("h1.headline")),
        "reward": words(response.css(".job-header__price span")),
        "description": Html("".join(response.xpath('//*[@id="job-instructions"]//li[not(ancestor::li)]').getall())),
        "proof": Html("<br>".join(response.css("form#task-proofs label[for^='proof_']").getall())),
    }


def saved_list(response: TextResponse) -> Iterator[Row]:
    for job in records(at(json_of(response), "jobs")):
        yield {
            "id": at(job, "id"),
            "url": at(job, "url"),
            "title": at(job, "title"),
            "positions_open": at(job, "progress", "remaining"),
            "positions_total": at(job, "progress", "total"),
            "reward": at(job, "payment", "amount") or None,
            "currency": at(job, "payment", "currency"),
            "worker_country_text": " ".join(str(at(job, "region", "name") or "").split()),
            "buyer": at(job, "client", "name"),
            "category": " > ".join(map(str, at(job, "categories") or ())),
        }


def saved_instructions(response: TextResponse) -> Iterator[Row]:
    """Instructions saved without their task: they carry no id, so that each is refused and counted."""
    for record in records(json_of(response)):
        yield {
            "id": at(record, "id"),
            "description": "\n".join(map(str, at(record, "instructions") or ())),
            "proof": "\n".join(map(str, at(record, "required_proofs") or ())),
        }


def _percentage(record: str) -> str:
    """`2549 / 99%` counts jobs and rates tasks: the part with the percent sign, if there is one."""
    found = re.search(r"\d+\s*%", record)
    return found[0] if found else ""


def _levels(row: Selector) -> str:
    labels = row.xpath(".//*[contains(@class, 'label') or contains(@class, 'categor')][not(*)]")
    return " > ".join(text for label in labels if (text := words(label)))


def _is_saved_list(response: TextResponse) -> bool:
    return isinstance(at(json_of(response), "jobs"), list)


def _are_instructions(response: TextResponse) -> bool:
    value: Any = json_of(response)
    return isinstance(value, list) and at(value, 0, "required_proofs") is not None


class SproutGigs(Platform):
    name = "sproutgigs"
    title = "SproutGigs"
    hosts = ("sproutgigs.com", "picoworkers.com")
    live = False
    live_note = "Whether visitors see the list is unknown; archived and saved pages can be read."
    currency = "USD"
    reward_unit = "task"
    url_shapes = (r"/jobs\.php(?:\?.*)?", r"/jobs/submit-task\.php\?Id=[0-9a-f]{24}")
    archive_queries = (
        ArchiveQuery("picoworkers.com/jobs.php", "prefix", 2019, 2022),
        ArchiveQuery("sproutgigs.com/jobs.php", "prefix", 2022),
    )
    follow = ("a.jobs__item::attr(href)", "a.job-bar::attr(href)")
    layouts = (
        Layout(
            "list",
            ".jobs__items, a.job-bar",
            task_list,
            "written pages",
            task_links="a[href*='submit-task.php']",
        ),
        Layout("task", "#job-instructions", detail, "written pages"),
        Layout("saved list", _is_saved_list, saved_list, "real pages"),
        Layout("saved instructions", _are_instructions, saved_instructions, "real pages"),
    )
