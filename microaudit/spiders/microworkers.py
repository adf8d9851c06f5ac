"""Microworkers: the pages of the sites of 2009-2014 and since 2016, as saved or archived.

Selectors after scrapers and a page template of the clone QwikTask; no real page was at hand.
The list of the clone shows a flag: the globe stands for INT; the US flag says nothing, because it also
stands for tasks open to Canada, Britain and Australia, which only the task's own page lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsel import SelectorList
from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders import columns, phrases
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import query_value
from microaudit.text import Html, words

DETAIL_LINKS = "a[href*='jobs_details.php']"


def new_list(response: TextResponse) -> Iterator[Row]:
    for row in response.css(".joblistarea div.jobslist"):
        link = row.css(".jobname a")
        yield {
            "id": row.attrib.get("id", "").removeprefix("campaign") or query_value(link.attrib.get("href", "")),
            "title": words(link),
            "url": link.attrib.get("href"),
            "reward": words(row.css(".jobpayment")),
            "success_rate": words(row.css(".jobsuccess")),
            "minutes": words(row.css(".jobstatus")),
            "positions": words(row.css(".jobdone")),
        }


def new_detail(response: TextResponse) -> Iterator[Row]:
    shown = {
        "title": words(response.css(".jobarealeft > h1")),
        "positions": _positions(response.css(".jobdetailsnoteleft p").xpath("self::*[sup]")),
        "category": _category(response.css(".jobarealeft")),
        "buyer": words(response.css('.jobdetailsnoteright a[href*="userinfo.php"]')),
        "worker_country_text": words(response.css(".countrychoise p:nth-of-type(2)")),
    }
    yield phrases.listing(response) | {"url": response.url} | {name: text for name, text in shown.items() if text}


def ttv_detail(response: TextResponse) -> Iterator[Row]:
    address = re.search(r"/dotask/info/([0-9a-f]+)_", response.url)
    row = phrases.listing(response)
    yield row | {
        "id": row.get("id") or (address[1] if address else ""),
        "title": words(response.css(".vn-bootstrap h4 b")),
        "description": Html(response.css(".ttv-task-data").get("")),
        "url": response.url,
    }


def old_list(response: TextResponse) -> Iterator[Row]:
    for row in response.css("#jobslist tr[name=RUNNING]"):
        link = row.xpath("td[2]//a")
        href = link.attrib.get("href", "")
        yield {
            "id": query_value(href),
            "title": words(link),
            "url": href,
            "success_rate": words(row.xpath("td[4]")),
        }


def old_detail(response: TextResponse) -> Iterator[Row]:
    cell = response.css('td[width="520"]')
    numbers = phrases.numbers_in_order(cell.xpath("(.//table)[2]//b//text()").getall())
    row = numbers | phrases.listing(response) | {"url": response.url}
    yield row | {"category": _category(cell) or row.get("category")}


def clone_home(response: TextResponse) -> Iterator[Row]:
    flags = {
        query_value(row.css("a::attr(href)").get("")): row.css("img")
        for row in response.xpath("//tr[not(.//tr)][.//img][.//a]")
    }
    for row in columns.table(response):
        yield row | {"worker_country_text": _flag(flags.get(row.get("id", "")))}


def _flag(image: SelectorList[Any] | None) -> str:
    if not image:
        return ""
    words = image.attrib.get("alt") or image.attrib.get("title") or ""
    return words or ("INT" if image.attrib.get("src", "").endswith("Globe.png") else "")


def _positions(place: SelectorList[Any]) -> str:
    """`Work done: 12/<sup>30</sup>`: the raised number is the total, with a stroke before it or without."""
    total = words(place.css("sup"))
    return f"{words(place).removesuffix(total)}/{total}" if total else ""


def _category(area: SelectorList[Any]) -> str:
    """The first bold words of the first paragraph and the words after them, as two levels."""
    paragraph = area.xpath("(.//p[b])[1]")
    if phrases.is_label(words(paragraph)):
        return ""
    levels = [words(paragraph.xpath("b[1]")), "".join(paragraph.xpath("b[1]/following-sibling::text()").getall())]
    return " > ".join(text for level in levels if (text := level.strip(" \t\r\n\xa0>:-/")))


class Microworkers(Platform):
    name = "microworkers"
    title = "Microworkers"
    hosts = ("microworkers.com",)
    live = False
    live_note = "The list and the tasks need a log-in; archived home pages and pages saved lawfully can be read."
    currency = "USD"
    reward_unit = "task"
    url_shapes = (
        r"/(?:index\.php)?",
        r"/jobs\.php(?:\?.*)?",
        r"/(?:hm_)?jobs_details\.php\?Id=[\w%=+-]+",
        r"/dotask/info/[0-9a-f]+_(?:B|HG)",
    )
    archive_queries = (
        ArchiveQuery("microworkers.com/", "exact", 2009, 2016),
        ArchiveQuery("microworkers.com/jobs.php", "prefix", 2009, 2016),
        ArchiveQuery("microworkers.com/index.php", "prefix", 2009, 2016),
    )
    follow = (
        ".jobname a::attr(href)",
        f"{DETAIL_LINKS}::attr(href)",
        "a[href*='jobs.php?page=']::attr(href)",
    )
    layouts = (
        Layout("list since 2016", ".joblistarea", new_list, "written pages", task_links=DETAIL_LINKS),
        Layout("task since 2016", ".jobarealeft > h1", new_detail, "written pages", phrases.CLOSED),
        Layout("TTV task", ".ttv-task-data", ttv_detail, "written pages", phrases.CLOSED),
        Layout("list to 2014", "#jobslist", old_list, "written pages", task_links=DETAIL_LINKS),
        Layout("task to 2014", 'td[width="520"]', old_detail, "written pages", phrases.CLOSED),
        Layout("open home page", columns.has_table, clone_home, "written pages", task_links=DETAIL_LINKS),
        Layout("task by its phrases", phrases.is_listing, phrases.rows_of_listing, "written pages", phrases.CLOSED),
    )
