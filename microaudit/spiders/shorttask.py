"""ShortTask: its public list of 2009-2015 and the tasks' own pages, as archived.

Selectors after a public spider of about 2013-15; no real page was at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsel import Selector
from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import query_value
from microaudit.text import BLOCKS, Html, words

ENDS = {"b", *BLOCKS}


def task_list(response: TextResponse) -> Iterator[Row]:
    for block in response.css("div.main-content > div.template.hits-tamplate"):
        yield _top(block) | {"url": block.css("p.view-task a::attr(href)").get()}


def detail(response: TextResponse) -> Iterator[Row]:
    block = response.css("div.register-content")
    boxes = block.css("div.box").xpath("self::*[following-sibling::div[contains(@class, 'divider')]]")
    description = Html("".join(boxes.getall()))
    yield _top(block) | {"id": query_value(response.url), "url": response.url, "description": description}


def _top(block: Any) -> dict[str, str]:
    """What stands after the bold words of a row or of a task's head."""
    return {
        "id": query_value(block.css("p.view-task a::attr(href)").get("")),
        "title": _after(block, "Title") or words(block.css("h2, h3, h4")),
        "positions_open": _after(block, "Tasks Available"),
        "buyer": _after(block, "Requester"),
        "reward": _after(block, "Reward"),
        "minutes": _after(block, "Duration"),
        "expires_at": _after(block, "Expires"),
    }


def _after(block: Selector, label: str) -> str:
    """The text between a bold label and the next bold words or block."""
    texts: list[str] = []
    for node in block.xpath(".//b[starts-with(normalize-space(), $label)][1]/following-sibling::node()", label=label):
        if not isinstance(node.root, str) and node.root.tag in ENDS:
            break
        texts += [node.root] if isinstance(node.root, str) else node.xpath(".//text()").getall()
    return " ".join("".join(texts).split()).lstrip(": ")


class ShortTask(Platform):
    name = "shorttask"
    title = "ShortTask"
    hosts = ("shorttask.com",)
    live = False
    live_note = "Presumed gone; its public list of 2009-2015 may lie in web archives."
    currency = "USD"
    reward_unit = "task"
    url_shapes = (r"/tasks\.php(?:\?page=\d+)?", r"/[\w-]+\.php\?(?:[\w=&]+&)?id=\d+")
    archive_queries = (ArchiveQuery("shorttask.com/tasks.php", "prefix", 2009, 2016),)
    follow = ("p.view-task a::attr(href)", "div.task-top a[href*='page=']::attr(href)")
    layouts = (
        Layout("task", "div.register-content", detail, "written pages", ("Sorry! This task is currently not active",)),
        Layout(
            "task list",
            "div.main-content div.task-top, div.hits-tamplate",
            task_list,
            "written pages",
            task_links="p.view-task a",
        ),
    )
