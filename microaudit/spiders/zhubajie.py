"""Zhubajie (zbj.com): task lists and task pages as they were in 2019, task pages of the later layout."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrapy.http import TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.text import Html, words

OVER = {"已完成", "已结束", "已关闭", "交易成功", "交易关闭"}


def _list(response: TextResponse) -> Iterator[Row]:
    for demand in response.css(".demand:has(a.link-detail)"):
        link = demand.css("a.link-detail")
        tags = [words(tag) for tag in demand.css(".d-tags > span")] + [""] * 3
        base = [words(span) for span in demand.css(".d-base > span")] + [""] * 2
        left = re.search(r"剩余\s*(\d+)\s*个名额", base[1])
        yield {
            "id": link.attrib.get("data-taskid"),
            "url": link.attrib.get("href"),
            "title": demand.css(".xq-title::attr(title)").get() or words(demand.css(".xq-title")),
            "description": demand.css(".d-des::attr(title)").get() or words(demand.css(".d-des")),
            "category": tags[1],
            "worker_country_text": tags[2],  # 全国 or a city: from where the site lets people take part
            "reward": words(demand.css(".d-base-price")),
            "reward_unit": "project",
            "positions_open": left[1] if left else None,
            "closed": tags[0] in OVER,
        }


def _task(response: TextResponse) -> Iterator[Row]:
    block = response.css(".demand-content")[0]
    # Each block is a `.title` and a `.description`. The customer's name is masked by the site ("m**h"): several
    # customers share one mask, so it is no name to tell them apart by.
    shown = {words(line.css(".title")): line.css(".description").get(default="") for line in block.css("p.clearfix")}
    posted = re.search(r"于\s*(\d{4}-\d\d-\d\d \d\d:\d\d)", words(block.css(".order-attr")))
    parts = (Html(shown.get("需求描述", "")), Html(shown.get("补充需求", "").replace("暂无", "")))
    yield {
        "id": _id_in(response.url),
        "url": response.url,
        "title": words(block.css(".J-description-ordertitle")),
        "description": Html("".join(f"<div>{part}</div>" for part in parts)),
        "category": Html(shown.get("需求类型", "")),
        "reward": words(block.css(".J-order-price .orange-color")),
        "reward_unit": "project",
        "posted_at": posted[1] if posted else None,
    }


def _later_task(response: TextResponse) -> Iterator[Row]:
    crumbs = response.css(".thrid-module-crumbs-container a")  # the site's own spelling
    yield {
        "id": _id_in(response.url),
        "url": response.url,
        "title": words(response.css(".order-header-title")),
        "description": Html(response.css(".content-text").get(default="")),
        "category": " > ".join(words(crumb) for crumb in crumbs),
        "reward": words(response.css(".order-header-price")),
        "reward_unit": "project",
    }


def _id_in(url: str) -> str | None:
    found = re.search(r"task\.zbj\.com/(\d+)", url)
    return found[1] if found else None


class Zhubajie(Platform):
    name = "zhubajie"
    title = "Zhubajie"
    hosts = ("zbj.com", "zhubajie.com")
    live = False
    live_note = "Neither robots.txt nor the terms have been seen. Archives and saved pages are read."
    url_shapes = (r"/\d+/?", r"/t-[\w-]+/p\d+\.html", r"/page\d+\.html")
    archive_queries = (
        ArchiveQuery("task.zbj.com/", "prefix", 2015),
        ArchiveQuery("task.zhubajie.com/", "prefix", 2010),
    )
    currency = "CNY"
    timezone = "Asia/Shanghai"
    languages = ("zh",)
    legacy_encoding = "gb18030"
    layouts = (
        Layout("task page of 2019", ".demand-content .J-description-ordertitle", _task, "real pages"),
        Layout(
            "task list of 2019",
            ".demand-list, .demand a.link-detail",
            _list,
            "real pages",
            task_links='.demand-list a[href*="task.zbj.com/"]',
        ),
        Layout("later task page", ".order-header-title", _later_task, "written pages"),
    )
    follow = (
        "a.link-detail::attr(href)",
        ".go-to-detail::attr(href)",
        "[data-linkid=task-list-to-page-last]::attr(href)",
    )
