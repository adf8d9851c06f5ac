"""Last stage: the page and all that the stages made of it, in one transaction."""

from __future__ import annotations

from scrapy.crawler import Crawler
from sqlalchemy import Engine

from microaudit.items import Page
from microaudit.run import run_of
from microaudit.store.writer import write_page


class Store:
    """Writes each page whole. An error here ends the crawl: a gap in the store is never silent."""

    def __init__(self, engine: Engine, crawl_id: int, version: str) -> None:
        self.engine, self.crawl_id, self.version = engine, crawl_id, version

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Store:
        run = run_of(crawler)
        return cls(run.engine, run.crawl_id, run.version)

    def process_item(self, page: Page) -> Page:
        write_page(self.engine, page, self.crawl_id, self.version)
        return page
