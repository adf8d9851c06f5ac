"""PeoplePerHour: the project lists, which carry their data as JSON, and data sets made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import Record, at, content_id, csv_columns, csv_rows, json_assigned, records
from microaudit.text import Html, words

# Class names carry a hash of the build after these beginnings.
CARD_TITLE = 'h6[class^="item__title"] a, h6[class*=" item__title"] a'
UNITS = {"hourly": "hour", "fixed_price": "project"}


def _state(response: TextResponse) -> Any:
    return json_assigned(response, "window.PPHReact.initialState")


def _list(response: TextResponse) -> Iterator[Row]:
    state = _state(response)
    projects = at(state, "entities", "projects") or {}
    for entry in at(state, "freelanceJobs", "main", "data"):
        number = entry.get("id") if isinstance(entry, dict) else entry
        yield _row(number, *records([at(projects, str(number), "attributes")]))


def _row(number: Any, project: Record) -> Row:
    return {
        "id": number,
        "url": project.get("url"),
        "title": Html(project.get("title") or ""),
        "description": Html(project.get("proj_desc") or ""),
        "category": _category(at(project, "category", "cate_name"), at(project, "sub_category", "subcate_name")),
        "reward": project.get("budget"),
        "currency": project.get("currency"),
        "reward_unit": UNITS.get(str(project.get("type"))),
        "posted_at": project.get("posted_dt"),
        "buyer": at(project, "client", "public_name"),
        "buyer_country_text": at(project, "client", "country"),
    }


def _cards(response: TextResponse) -> Iterator[Row]:
    for link in response.css(CARD_TITLE):
        # A card is the outermost element around one title and no other.
        card = link.xpath("ancestor::*[count(.//h6) = 1][last()]")
        url = link.attrib.get("href", "")
        number = re.search(r"-(\d+)/?(?:\?|$)", url)
        yield {
            "id": number[1] if number else None,
            "url": url,
            "title": Html(link.get()),
            "description": Html(card.css('p[class^="item__desc"], p[class*=" item__desc"]').get(default="")),
            "reward": words(card[0].css("[class*=card__price] span")) if card else None,
        }


def _data_set(response: TextResponse) -> Iterator[Row]:
    for row in csv_rows(response):
        yield {
            "id": content_id(row) if row else None,  # these rows carry neither id nor address
            "title": row.get("Title"),
            "description": row.get("Description"),
            "category": _category(row.get("Category Name"), row.get("Sub Category Name")),
            "reward": row.get("Budget"),
            "currency": row.get("Currency"),
            "reward_unit": UNITS.get(row.get("Type") or ""),
            "posted_at": row.get("Date Posted"),
            "buyer_country_text": row.get("Client Country"),
            # ALL or an ISO 3166-1 alpha-2 code. "Client Currency" says nothing about a country.
            "worker_country_text": row.get("Freelancer Preferred From"),
        }


def _category(*levels: Any) -> str:
    return " > ".join(level for level in levels if level and isinstance(level, str))


class PeoplePerHour(Platform):
    name = "peopleperhour"
    title = "PeoplePerHour"
    hosts = ("peopleperhour.com",)
    live = True
    live_note = (
        "The project lists are public. robots.txt was not seen when this was written and is obeyed at run time; "
        "the terms disallow scraping, so ask for permission before a large crawl."
    )
    start_urls = ["https://www.peopleperhour.com/freelance-jobs?page=1&sort=latest"]
    url_shapes = (r"/freelance-jobs(?:/[\w-]+){0,2}/?(?:\?(?:(?:page=\d+|sort=latest)&?)+)?",)
    follow = ("link[rel=next]::attr(href)", 'a[href*="/freelance-jobs"][href*="page="]::attr(href)')
    archive_queries = (ArchiveQuery("peopleperhour.com/freelance-jobs", "prefix", 2013),)
    layouts = (
        Layout(
            "embedded state",
            lambda page: isinstance(at(_state(page), "freelanceJobs", "main", "data"), list),
            _list,
            "written pages",
        ),
        Layout("cards", CARD_TITLE, _cards, "written pages"),
        Layout(
            "data set of projects",
            lambda page: {"Title", "Description", "Client Country", "Freelancer Preferred From"} <= csv_columns(page),
            _data_set,
            "real pages",
        ),
    )
