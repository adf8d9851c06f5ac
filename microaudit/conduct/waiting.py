"""Wait as long as a site asks: Retry-After to the second, robots.txt's Crawl-delay, slower when it is slow."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

BUSY = (429, 503)
DEFAULT_WAIT = 60.0  # seconds, where a busy site does not say how long
LONGEST_WAIT = 900.0  # a site that asks for more is left alone for this run
TRIES = 3


def retry_after(value: bytes | None, now: datetime) -> float:
    """Seconds that a Retry-After header asks for: a number or an HTTP date; the default without one."""
    text = (value or b"").decode("ascii", "replace").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return DEFAULT_WAIT


class Waiting:
    """Keeps each host's own rhythm, and pauses a host that says it is busy."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.least = crawler.settings.getfloat("DOWNLOAD_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Waiting:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        slot = self._slot(request)
        if slot is not None:
            asked = self.crawler.stats.get_value("microaudit/crawl_delay", 0.0) if self.crawler.stats else 0.0
            # Without a delay of its own the server is one's own, and may be kept busy.
            slow = 2 * float(request.meta.get("download_latency", 0.0)) if self.least else 0.0
            slot.delay = max(self.least, asked, min(slow, 60.0))
        if response.status not in BUSY or request.meta.get("is_robots_txt"):
            return response
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        tries = request.meta.get("busy_tries", 0) + 1
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"microaudit/busy/{response.status}")
        if wait > LONGEST_WAIT or tries > TRIES:
            return response
        if slot is not None:
            slot.lastseen = monotonic() + wait  # the downloader counts its delay from here
        again = request.replace(dont_filter=True)
        again.meta["busy_tries"] = tries
        return again

    def _slot(self, request: Request) -> Any:
        engine = self.crawler.engine
        return engine.downloader.slots.get(request.meta.get("download_slot", "")) if engine else None
