"""Wait as long as a site asks: its Crawl-delay, its Retry-After to the second, longer when it is slow or busy."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from microaudit.conduct import LEFT_ALONE, ROBOTS_READ, UNREACHABLE
from microaudit.conduct.rhythm import SILENCES, Rhythm, retry_after
from microaudit.conduct.robots import Verdict

BUSY = (429, 503)
GLANCE = 0.2  # seconds between two looks whether the crawl is being stopped


class HostBusyError(IgnoreRequest):
    """The host has asked to be left alone for longer than this crawl waits."""


class StoppingError(IgnoreRequest):
    """The crawl was stopped before the request was sent."""


class Waiting:
    """Holds each request back until its host may be asked, and sends again what a busy host put off."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.rhythm = Rhythm(crawler.settings.getfloat("DOWNLOAD_DELAY"))
        crawler.signals.connect(self.robots_read, ROBOTS_READ)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Waiting:
        return cls(crawler)

    def robots_read(self, verdict: Verdict) -> None:
        host = self.rhythm.host(verdict.host)
        host.crawl_delay = verdict.crawl_delay or 0.0
        if host.crawl_delay:
            self.rhythm.answered(verdict.host, monotonic())

    async def process_request(self, request: Request) -> None:
        while left := self.rhythm.wait(_host(request), monotonic()):
            if self._stopping():
                raise StoppingError("the crawl is being stopped")
            await asyncio.sleep(min(left, GLANCE))

    def process_response(self, request: Request, response: Response) -> Response | Request:
        host, now = _host(request), monotonic()
        self.rhythm.answered(host, now, float(request.meta.get("download_latency", 0.0)))
        asked = retry_after(_header(response, "Retry-After"), _sent_at(response))
        if response.status not in BUSY and not (response.status >= 500 and asked is not None):
            self.rhythm.calm(host)
            return response
        if request.meta.get("is_robots_txt"):
            if asked is not None:  # the verdict is on the answer as it is; the pages after it wait
                self.rhythm.rest(host, now, asked)
            return response
        if request.meta.get("waits_itself"):  # an archive is waited for longer than a platform
            return response
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"microaudit/busy/{response.status}")
        if not self.rhythm.rest(host, now, asked):
            reason = f"{host} answered {response.status} and asks to wait {asked or 'longer'} s: left alone"
            self.crawler.signals.send_catch_log(LEFT_ALONE, reason=reason)
            raise HostBusyError(reason)
        return request.replace(dont_filter=True)

    def process_exception(self, request: Request, exception: Exception) -> None:
        self.rhythm.answered(_host(request), monotonic())
        if self.rhythm.silent(_host(request)):
            reason = f"{SILENCES} requests in a row to {_host(request)} without an answer"
            self.crawler.signals.send_catch_log(UNREACHABLE, reason=reason)

    def _stopping(self) -> bool:
        engine = self.crawler.engine
        # Scrapy has no public word for "closing, and waiting for the requests in flight".
        return engine is None or not engine.running or engine._slot is None or engine._slot.closing is not None


def _host(request: Request) -> str:
    return urlsplit(request.url).hostname or ""


def _header(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")


def _sent_at(response: Response) -> datetime:
    """The server's own clock where it shows it: an HTTP date in Retry-After is meant by that clock."""
    try:
        return parsedate_to_datetime(_header(response, "Date")).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return datetime.now(UTC)
