"""Scrapy's scheduler: hands out a crawl's addresses in the order found. They live in the store, not here.

A page, what it led to and its done mark are one transaction of the store stage, so that a crawl killed at any
point has either all of it or none. What is kept in memory are second tries only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from twisted.python.failure import Failure

from microaudit.run import STORE_FAILED, run_of
from microaudit.spiders.base import Platform
from microaudit.store.frontier import add_waiting, leads_to_stored, next_waiting
from microaudit.store.patience import patient

T = TypeVar("T")


class Frontier(BaseScheduler):
    """The queue of one crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run = run_of(crawler)
        self.again: deque[Request] = deque()  # retries and redirects
        self.handed_out = 0  # row of the last address: one that failed waits for the next run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Frontier:
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        assert isinstance(spider, Platform)  # noqa: S101 - all spiders here are
        self.spider = spider

    def has_pending_requests(self) -> bool:
        return bool(self.again) or self._peek() is not None

    def enqueue_request(self, request: Request) -> bool:
        asked = request.meta.get("asked")
        if asked is None:  # a start address
            self._ask(partial(add_waiting, crawl_id=self.run.crawl_id, urls=[request.url]), None)
            return True
        stored = partial(leads_to_stored, crawl_id=self.run.crawl_id, asked=asked, url=request.url)
        if request.url != asked and self._ask(stored, False):
            return False
        self.again.append(request)
        return True

    def next_request(self) -> Request | None:
        if self.again:
            return self.again.popleft()
        if (row := self._peek()) is None:
            return None
        self.handed_out, url = row
        return Request(url, errback=self.spider.failed, meta={"asked": url}, dont_filter=True)

    def _peek(self) -> tuple[int, str] | None:
        return self._ask(partial(next_waiting, crawl_id=self.run.crawl_id, after=self.handed_out), None)

    def _ask(self, work: Callable[[Connection], T], otherwise: T) -> T:
        """What the store answers; if it fails, the crawl ends with its error."""
        try:
            return patient(self.run.engine, work)
        except SQLAlchemyError:
            self.crawler.signals.send_catch_log(STORE_FAILED, failure=Failure())  # type: ignore[no-untyped-call]
            return otherwise
