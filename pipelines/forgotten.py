"""First stage: what was erased on request does not come back."""

from __future__ import annotations

from scrapy.crawler import Crawler
from sqlalchemy import Engine

from microaudit.items import Page
from microaudit.pseudonyms import load_key
from microaudit.run import run_of
from microaudit.store.tombstones import ERASED, marks, task_mark, url_mark

ERASED_TASK = "erased on request"


class Forgotten:
    """Leaves out erased tasks, counted as refused; hides and never follows erased addresses.

    Tombstones are read once: `forget` waits for crawls to end.
    """

    def __init__(self, engine: Engine) -> None:
        with engine.connect() as connection:
            self.marks = marks(connection)
        self.key = load_key() if self.marks else b""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Forgotten:
        return cls(run_of(crawler).engine)

    def process_item(self, page: Page) -> Page:
        if not self.marks:
            return page
        kept = [task for task in page.tasks if task_mark(self.key, task.platform, task.id) not in self.marks]
        if len(kept) < len(page.tasks):
            page.refused[ERASED_TASK] += len(page.tasks) - len(kept)
            page.outcome = "tasks" if kept else "closed"
        page.tasks = kept
        page.found = [url for url in page.found if url_mark(self.key, url) not in self.marks]
        page.url, page.asked = self._hidden(page.url), self._hidden(page.asked)
        return page

    def _hidden(self, url: str) -> str:
        mark = url_mark(self.key, url)
        return ERASED + mark if url and mark in self.marks else url
