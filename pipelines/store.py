"""Last stage: the page's evidence, then the page and all that the stages made of it, in one transaction."""

from __future__ import annotations

from scrapy.crawler import Crawler
from sqlalchemy import Engine

from microaudit.evidence import Evidence, folder_of
from microaudit.items import Page
from microaudit.run import run_of
from microaudit.store.writer import has_evidence, write_page
from pipelines.forgotten import ERASED_TASK


class Store:
    """Writes each page whole. An error here ends the crawl: a gap in the store is never silent."""

    def __init__(self, engine: Engine, crawl_id: int, version: str, evidence: Evidence | None = None) -> None:
        self.engine, self.crawl_id, self.version, self.evidence = engine, crawl_id, version, evidence

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Store:
        run = run_of(crawler)
        folder = folder_of(run.engine)
        evidence = Evidence(folder, str(crawler.spider.name), run.crawl_id) if folder and crawler.spider else None
        return cls(run.engine, run.crawl_id, run.version, evidence)

    def process_item(self, page: Page) -> Page:
        # A page that shows an erased task is not kept: its bytes would bring the task back.
        may_keep = page.tasks and not page.refused[ERASED_TASK]
        # The record first: one without a row is harmless, a row without its record would not be.
        if self.evidence and may_keep and not has_evidence(self.engine, page):
            self.evidence.write(page)
        page.names.clear()
        write_page(self.engine, page, self.crawl_id, self.version)
        return page
