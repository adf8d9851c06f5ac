"""Kwork: the project exchange of kwork.ru. The page carries its list as JSON; the paging answers are that JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import Record, at, json_assigned, json_of, records
from microaudit.text import Html


def _state(response: TextResponse) -> Any:
    return json_assigned(response, "window.stateData")


def _list(response: TextResponse) -> Iterator[Row]:
    state = _state(response)
    names = _category_names(at(state, "categories"))
    yield from (_row(want, names) for want in records(at(state, "wantsListData", "pagination", "data")))


def _card(response: TextResponse) -> Iterator[Row]:
    yield _row(at(_state(response), "wantData"), {})


def _paging_answer(response: TextResponse) -> Iterator[Row]:
    yield from (_row(want, {}) for want in records(at(json_of(response), "data", "pagination", "data")))


def _row(want: Record, categories: dict[str, str]) -> Row:
    number, category = want.get("id"), str(want.get("category_id") or "")
    return {
        "id": number,
        "url": f"https://kwork.ru/projects/{number}/view",
        "title": Html(want.get("name") or ""),
        "description": Html(want.get("description") or ""),
        "category": categories.get(category, category),
        # The wished budget. possiblePriceLimit is a second upper limit, not the end of a range.
        "reward": want.get("priceLimit"),
        "currency": "RUB" if want.get("lang", "ru") == "ru" else None,
        "reward_unit": "project",
        "posted_at": want.get("date_create"),
        "expires_at": want.get("date_expire"),
        "buyer": at(want, "user", "username"),
        "closed": want.get("status", "active") != "active" or want.get("isWantArchive") is True,
    }


def _category_names(categories: Any) -> dict[str, str]:
    """Category id -> `group > category`. Only the list page names them; elsewhere the id is all there is."""
    groups = records(list(categories.values())) if isinstance(categories, dict) else records(categories)
    return {
        str(category.get("CATID")): f"{group.get('name')} > {category.get('name')}"
        for group in groups
        for category in records(group.get("cats"))
    }


class Kwork(Platform):
    name = "kwork"
    title = "Kwork"
    hosts = ("kwork.ru", "kwork.com")
    live = True
    live_note = (
        "The first list page is public and robots.txt allows it. It forbids ?page=: the pages after the first "
        "are read only from saved answers."
    )
    start_urls = ["https://kwork.ru/projects"]
    url_shapes = (r"/projects(?:\?c=\d+)?", r"/projects/\d+(?:/view)?")
    archive_queries = (ArchiveQuery("kwork.ru/projects", "prefix", 2016),)
    timezone = "Europe/Moscow"
    legacy_encoding = "windows-1251"
    layouts = (
        Layout(
            "list page",
            lambda response: isinstance(at(_state(response), "wantsListData", "pagination", "data"), list),
            _list,
            "real pages",
        ),
        Layout("card", lambda response: isinstance(at(_state(response), "wantData"), dict), _card, "real pages"),
        Layout(
            "paging answer",
            lambda response: isinstance(at(json_of(response), "data", "pagination", "data"), list),
            _paging_answer,
            "real pages",
        ),
    )
