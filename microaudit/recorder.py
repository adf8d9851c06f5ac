"""Scrapy extension: writes down what happens in a crawl, and ends it where it may not or need not go on."""

from __future__ import annotations

from collections import Counter
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from microaudit.conduct import LEFT_ALONE, ROBOTS_READ, UNREACHABLE
from microaudit.conduct.robots import Verdict
from microaudit.conduct.traps import Trap
from microaudit.errors import MicroauditError
from microaudit.failures import known
from microaudit.items import Page
from microaudit.ledger import count_page
from microaudit.run import STORE_FAILED, run_of

SIGNALLED = "stopped by a signal; --resume goes on"
NOT_FAILED = ("RobotsForbidError", "StoppingError")


class Recorder:
    """Counts pages and errors; stops at the first error of a pipeline, a block, a trap, the page budget."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run = run_of(crawler)
        self.counts = self.run.counts
        self.budget = crawler.settings.getint("MICROAUDIT_PAGE_BUDGET")
        self.pages = 0  # of this run
        self.trap = Trap()
        for handler, signal in (
            (self.page_stored, signals.item_scraped),
            (self.item_error, signals.item_error),
            (self.item_error, STORE_FAILED),
            (self.spider_error, signals.spider_error),
            (self.spider_closed, signals.spider_closed),
            (self.robots_read, ROBOTS_READ),
            (self.left_alone, LEFT_ALONE),
            (self.unreachable, UNREACHABLE),
        ):
            crawler.signals.connect(handler, signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Recorder:
        return cls(crawler)

    def page_stored(self, item: Page) -> None:
        count_page(self.counts, item)
        self.pages += 1
        if self.run.progress:
            self.run.progress(item)
        if item.source == "live":
            self._look(item)
        if self.run.max_pages and sum(self.counts.outcomes.values()) >= self.run.max_pages:
            self._stop("max_pages")

    def _look(self, page: Page) -> None:
        if page.outcome == "challenge":
            self.left_alone(f"refused or challenged (HTTP {page.status}) at {page.url}")
        elif self.trap.closes(page):
            self.counts.cut_short = f"trap: {self.trap.patience} pages in a row without a new task, up to {page.url}"
            self._stop("trap")
        elif not self.run.max_pages and self.pages >= self.budget:
            self.counts.cut_short = f"the budget of {self.budget} pages is spent; --resume goes on"
            self._stop("budget", resumable=True)

    def robots_read(self, verdict: Verdict) -> None:
        self.run.conduct["robots"] = [*self.run.conduct.get("robots", []), verdict.record()]

    def left_alone(self, reason: str) -> None:
        self.counts.left_alone = self.counts.left_alone or reason
        self._stop("blocked", resumable=True)

    def unreachable(self, reason: str) -> None:
        self.counts.cut_short = reason
        self._stop("unreachable", resumable=True)

    def item_error(self, failure: Failure) -> None:
        self._trouble(failure)
        self._stop("pipeline_error", resumable=True)

    def spider_error(self, failure: Failure) -> None:
        if isinstance(failure.value, MicroauditError):  # a source that cannot be read any further
            self.counts.unread_source = str(failure.value)
            if not self.counts.outcomes:
                self.run.errors.append(failure.value)
        else:
            self._trouble(failure)

    def _trouble(self, failure: Failure) -> None:
        error = known(failure.value, self.run.engine.url.render_as_string()) or failure.value
        self.counts.stopped = self.counts.stopped or f"{type(error).__name__}: {error}"
        self.run.errors.append(error)

    def _stop(self, reason: str, resumable: bool = False) -> None:
        self.run.resumable = self.run.resumable or resumable
        spider, engine = self.crawler.spider, self.crawler.engine
        if getattr(spider, "captures", None) is not None:
            # Scrapy 2.19 waits for ever when it is closed amid an item of start(): let start() end by itself.
            spider.stopped = True  # type: ignore[union-attr]
        elif engine is not None and engine.spider is not None:
            engine.close_spider(engine.spider, reason)

    def spider_closed(self, reason: str) -> None:
        stats: dict[str, Any] = self.crawler.stats.get_stats() if self.crawler.stats else {}
        failed = _by_last_part(stats, "microaudit/failed/")
        self.run.requests += int(stats.get("downloader/request_count", 0))
        self.run.conduct |= {
            "user_agent": self.crawler.settings["USER_AGENT"],
            "delay_seconds": self.crawler.settings.getfloat("DOWNLOAD_DELAY"),
            "busy": _by_last_part(stats, "microaudit/busy/"),
            "failed": failed,
        }
        self.counts.forbidden = failed.get("RobotsForbidError", 0)
        self.counts.failed = sum(number for name, number in failed.items() if name not in NOT_FAILED)
        if reason == "shutdown" and not self.counts.stopped:
            self.counts.interrupted = SIGNALLED
            self.run.resumable = True
        if reason == "finished" and failed:
            self.run.resumable = True


def _by_last_part(stats: dict[str, Any], prefix: str) -> Counter[str]:
    return Counter({key.rsplit("/", 1)[1]: number for key, number in stats.items() if key.startswith(prefix)})
