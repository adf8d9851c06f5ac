"""The run ledger: every crawl is a row that says what it asked, got, read and refused, and how it ended."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from sqlalchemy import Engine, Table, insert, update
from twisted.python.failure import Failure

from microaudit import __version__
from microaudit.errors import MicroauditError
from microaudit.failures import known
from microaudit.health import Counts, State, state_of
from microaudit.items import Page
from microaudit.run import run_of
from microaudit.store.models import Crawl

CRAWL: Table = Crawl.__table__  # type: ignore[assignment]


def open_crawl(engine: Engine, platform: str, source: str, options: dict[str, Any], classifier: str) -> int:
    """Insert the row of a crawl that begins now; its id."""
    empty: dict[str, Any] = {"outcomes": {}, "problems": {}, "refused": {}, "conduct": {}}
    row = empty | {
        "platform": platform,
        "source": source,
        "options": options,
        "started_at": datetime.now(UTC),
        "software": __version__,
        "classifier": classifier,
    }
    with engine.begin() as connection:
        return int(connection.execute(insert(CRAWL).values(row).returning(CRAWL.c.id)).scalar_one())


def close_crawl(
    engine: Engine, crawl_id: int, counts: Counts, requests: int = 0, conduct: dict[str, Any] | None = None
) -> tuple[State, str]:
    """Write how the crawl ended; its state and the reason."""
    state, reason = state_of(counts)
    with engine.begin() as connection:
        connection.execute(
            update(CRAWL)
            .where(CRAWL.c.id == crawl_id)
            .values(
                ended_at=datetime.now(UTC),
                state=state,
                reason=reason,
                requests=requests,
                pages=sum(counts.outcomes.values()),
                tasks=counts.tasks,
                outcomes=dict(sorted(counts.outcomes.items())),
                problems=dict(sorted(counts.problems.items())),
                refused=dict(sorted(counts.refused.items())),
                conduct=conduct or {},
            )
        )
    return state, reason


def count_page(counts: Counts, page: Page) -> None:
    """Add one stored page to the counts of its crawl."""
    counts.tasks += len(page.tasks)
    counts.outcomes[page.outcome] += 1
    counts.problems.update(page.problems)
    counts.refused.update(page.refused)


class Ledger:
    """Scrapy extension: counts what happens and ends the crawl at the first error of a pipeline."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run = run_of(crawler)
        self.counts = self.run.counts
        for handler, signal in (
            (self.page_stored, signals.item_scraped),
            (self.item_error, signals.item_error),
            (self.spider_error, signals.spider_error),
            (self.spider_closed, signals.spider_closed),
        ):
            crawler.signals.connect(handler, signal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Ledger:
        return cls(crawler)

    def page_stored(self, item: Page) -> None:
        count_page(self.counts, item)
        if self.run.progress:
            self.run.progress(item)
        if item.outcome == "challenge" and item.source == "live":
            self._stop("blocked")  # a site that refuses is left alone
        if self.run.max_pages and sum(self.counts.outcomes.values()) >= self.run.max_pages:
            self._stop("max_pages")

    def item_error(self, failure: Failure) -> None:
        self._trouble(failure)
        self._stop("pipeline_error")

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

    def _stop(self, reason: str) -> None:
        spider, engine = self.crawler.spider, self.crawler.engine
        if getattr(spider, "captures", None) is not None:
            # Scrapy 2.19 waits for ever when it is closed amid an item of start(): let start() end by itself.
            spider.stopped = True  # type: ignore[union-attr]
        elif engine is not None and engine.spider is not None:
            engine.close_spider(engine.spider, reason)

    def spider_closed(self, reason: str) -> None:
        stats = self.crawler.stats.get_stats() if self.crawler.stats else {}
        failures = Counter(
            {key.rsplit("/", 1)[1]: number for key, number in stats.items() if key.startswith("microaudit/failed/")}
        )
        self.counts.forbidden = failures.pop("RobotsForbidError", 0)
        self.counts.failed = sum(failures.values())
        if reason == "shutdown" and not self.counts.stopped:
            self.counts.stopped = "stopped by a signal"
