"""robots.txt after RFC 9309, failing closed: what cannot be read forbids; only a 4xx answer allows."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from microaudit.items import iso

logger = logging.getLogger(__name__)

PRODUCT = "microaudit"  # the name that a robots.txt may address
MAX_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB
MAX_AGE = timedelta(hours=24)


class RobotsForbidError(IgnoreRequest):
    """robots.txt forbids the address, or could not be read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One host's robots.txt as read: `rules` is None where everything is allowed or everything forbidden."""

    origin: str
    state: str  # "read", "absent" (4xx: all allowed) or "unreadable" (all forbidden)
    detail: str
    sha256: str
    fetched_at: datetime
    rules: Protego | None = None

    def allows(self, url: str) -> bool:
        if self.rules is None:
            return self.state == "absent"
        return bool(self.rules.can_fetch(url, PRODUCT))

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between requests that the site asks for."""
        return None if self.rules is None else self.rules.crawl_delay(PRODUCT)

    def record(self) -> dict[str, str | float | None]:
        """What the ledger keeps."""
        return {
            "origin": self.origin,
            "state": self.state,
            "detail": self.detail,
            "sha256": self.sha256,
            "fetched_at": iso(self.fetched_at),
            "crawl_delay": self.crawl_delay,
        }


def verdict(origin: str, response: Response | None, detail: str = "") -> Verdict:
    """The verdict that an answer (None: no answer) to a request for robots.txt stands for."""
    now = datetime.now(UTC)
    if response is None:
        return Verdict(origin, "unreadable", detail, "", now)
    body = response.body[:MAX_BYTES]
    digest = hashlib.sha256(body).hexdigest()
    if 400 <= response.status < 500:
        return Verdict(origin, "absent", f"HTTP {response.status}", digest, now)
    if response.status != 200:
        return Verdict(origin, "unreadable", f"HTTP {response.status}", digest, now)
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    return Verdict(origin, "read", "HTTP 200", digest, now, Protego.parse(text))


class Robots:
    """Asks each host's robots.txt before its first page, and again after a day."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.verdicts: dict[str, Verdict] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Robots:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_robots_txt"):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            known = self.verdicts.get(origin)
            if known is None or datetime.now(UTC) - known.fetched_at > MAX_AGE:
                known = self.verdicts[origin] = await self._ask(origin)
                self._keep(known)
        if not known.allows(request.url):
            raise RobotsForbidError(f"robots.txt of {origin} forbids {parts.path} ({known.state}, {known.detail})")

    async def _ask(self, origin: str) -> Verdict:
        request = Request(
            f"{origin}/robots.txt",
            meta={"is_robots_txt": True, "dont_retry": True},  # redirects are followed (RFC 9309, 2.3.1.2)
            priority=1000,
            callback=NO_CALLBACK,
        )
        try:
            if self.crawler.engine is None:
                return verdict(origin, None, "the crawler has no engine")
            return verdict(origin, await self.crawler.engine.download_async(request))
        except Exception as error:  # any failure to read forbids: that is the rule, not an oversight
            return verdict(origin, None, f"{type(error).__name__}: {error}")

    def _keep(self, known: Verdict) -> None:
        stats = self.crawler.stats
        if stats is None:
            return
        stats.set_value("microaudit/robots", [*stats.get_value("microaudit/robots", []), known.record()])
        if known.crawl_delay and self.crawler.engine is not None:
            stats.max_value("microaudit/crawl_delay", known.crawl_delay)
            for slot in self.crawler.engine.downloader.slots.values():
                slot.delay = max(slot.delay, known.crawl_delay)
