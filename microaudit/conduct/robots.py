"""robots.txt after RFC 9309, failing closed: what cannot be read forbids; only a 4xx answer allows."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from microaudit.conduct import ROBOTS_READ
from microaudit.items import iso

PRODUCT = "microaudit"  # the name that a robots.txt may address
MAX_BYTES = 512 * 1024  # RFC 9309 asks for at least 500 KiB
MAX_AGE = timedelta(hours=24)
TIMEOUT = 30.0  # seconds
# A robots.txt may name us with a version; only the product counts (RFC 9309, 2.2.1).
VERSIONED = re.compile(r"^(\s*user-agent\s*:\s*[a-z_-]+)/[^\s#]*", re.IGNORECASE | re.MULTILINE)


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
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between requests that the site asks for, by Crawl-delay or Request-rate."""
        if self.rules is None:
            return None
        delay, rate = self.rules.crawl_delay(PRODUCT), self.rules.request_rate(PRODUCT)
        asked = [delay or 0.0, rate.seconds / rate.requests if rate else 0.0]
        return max(asked) or None

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
    digest = hashlib.sha256(response.body).hexdigest()
    if 400 <= response.status < 500:
        return Verdict(origin, "absent", f"HTTP {response.status}", digest, now)
    if response.status != 200:
        return Verdict(origin, "unreadable", f"HTTP {response.status}", digest, now)
    body = response.body
    if len(body) > MAX_BYTES:  # without the line that the limit cuts: half a rule is another rule
        body = body[: MAX_BYTES + 1].rpartition(b"\n")[0]
    text = VERSIONED.sub(r"\1", body.decode("utf-8", "replace").removeprefix("\ufeff"))
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
                self.crawler.signals.send_catch_log(ROBOTS_READ, verdict=known)
        if not known.allows(request.url):
            raise RobotsForbidError(f"robots.txt of {origin} forbids {parts.path} ({known.state}, {known.detail})")

    async def _ask(self, origin: str) -> Verdict:
        request = Request(
            f"{origin}/robots.txt",
            meta={"is_robots_txt": True, "dont_retry": True, "download_timeout": TIMEOUT},
            priority=1000,
            callback=NO_CALLBACK,
        )
        try:
            if self.crawler.engine is None:
                return verdict(origin, None, "the crawler has no engine")
            return verdict(origin, await self.crawler.engine.download_async(request))
        except Exception as error:  # any failure to read forbids: that is the rule, not an oversight
            return verdict(origin, None, f"{type(error).__name__}: {error}")
