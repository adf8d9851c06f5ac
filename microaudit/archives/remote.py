"""What the archives on the network share: patience, dates, links followed inside, and an account of what was met.

Every request goes through the crawler's downloader and its conduct: robots.txt of the archive's host, one request
at a time, its Retry-After. Nothing else than the archive is asked.
"""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from microaudit.archives.capture import Capture
from microaudit.archives.cdx import CdxRow, original
from microaudit.conduct.rhythm import DEFAULT_WAIT, retry_after
from microaudit.conduct.robots import RobotsForbidError
from microaudit.conduct.waiting import BUSY
from microaudit.errors import MicroauditError
from microaudit.items import Source

if TYPE_CHECKING:
    from microaudit.spiders.base import ArchiveQuery, Platform

PATIENCE = 900.0  # seconds that a busy archive is waited for; then the crawl ends and can be resumed
SILENCE = 10  # captures in a row without an answer: the archive is down, not the capture lost
INDEX_BYTES = 64 * 1024 * 1024  # an index answer of 150,000 rows, the most that is given, is about half of it
PAGES = ("text/html", "xhtml", "xml", "json", "rss", "text/csv", "text/plain", "unk")  # what a spider may read


class Unavailable(Exception):  # noqa: N818 - a finding, not a fault of ours
    """One capture that the archive did not give; the message is the kind under which it is counted."""


class Archive(ABC):
    """One crawl's walk through the captures of a platform, between two dates, inclusive.

    `counts` says what was met, by kind, for the ledger; `problems` are index rows that lack what they need.
    `seen(url, captured_at)` tells what an earlier crawl has stored already; captured_at is None for any time.
    """

    source: ClassVar[Source]

    def __init__(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        seen: Callable[[str, datetime | None], bool] | None = None,
        problems: Counter[str] | None = None,
    ) -> None:
        self.since, self.until = since, until
        self.seen = seen or (lambda url, captured_at: False)
        self.problems: Counter[str] = Counter() if problems is None else problems
        self.counts: Counter[str] = Counter()
        self._links: deque[tuple[str, datetime]] = deque()
        self._followed: set[str] = set()
        self._silent = 0

    @property
    @abstractmethod
    def servers(self) -> tuple[str, ...]:
        """The addresses of the servers that are asked."""

    @abstractmethod
    def rows(self, crawler: Crawler, query: ArchiveQuery, since: datetime, until: datetime) -> AsyncIterator[CdxRow]:
        """The captures that the index lists for a query, in its order."""

    @abstractmethod
    async def fetch(self, crawler: Crawler, row: CdxRow) -> Capture:
        """One capture. Unavailable with the kind where the archive does not give it."""

    async def captures(self, spider: Platform) -> AsyncIterator[Capture]:
        """The platform's captures, each once; raises what kept a part of them from being listed."""
        troubles: list[MicroauditError] = []
        for query in spider.archive_queries:
            if (dates := self._dates(query)) is None:
                continue
            before = None
            try:
                async for row in self.rows(spider.crawler, query, *dates):
                    repeated = before is not None and (row.url, row.digest) == (before.url, before.digest)
                    before = row
                    if repeated or not _is_page(row) or not spider.owns(row.url):
                        self.counts["repeated" if repeated else "of another kind"] += 1
                    elif self.seen(row.url, row.captured_at):
                        self.counts["stored before"] += 1
                    elif capture := await self._try(spider, row):
                        yield capture
                    while self._links:
                        url, at = self._links.popleft()
                        if capture := await self._try(spider, CdxRow(url, at, "unk", "200", ""), listed=False):
                            yield capture
            except MicroauditError as error:
                troubles.append(error)
                if self._silent >= SILENCE:
                    break
        if troubles:
            raise troubles[0]

    def follow(self, spider: Platform, capture: Capture, links: Iterable[str]) -> None:
        """Queue the links of a capture that no query lists, to be asked for as of the capture's time."""
        queries = [query for query in spider.archive_queries if self._dates(query)]
        for link in map(original, links):
            if link in self._followed or any(covers(query, link) for query in queries):
                continue
            self._followed.add(link)
            if not self.seen(link, None):
                self._links.append((link, capture.observed_at))

    async def _try(self, spider: Platform, row: CdxRow, listed: bool = True) -> Capture | None:
        """The capture, or None and its kind counted. MA0601 where the archive has fallen silent."""
        try:
            capture = await self.fetch(spider.crawler, row)
        except Unavailable as reason:
            self.counts[str(reason)] += 1
            if listed:  # a link inside that was never captured is no gap of this crawl
                failed(spider.crawler, "Unavailable")
            return None
        except MicroauditError:
            raise
        except Exception as error:  # whatever the network does: one capture less, counted by kind
            failed(spider.crawler, type(error).__name__)
            self._silent += 1
            if isinstance(error, RobotsForbidError):
                raise MicroauditError("MA0701", str(error)) from error
            if self._silent >= SILENCE:
                raise MicroauditError("MA0601", f"the archive no longer answers: {type(error).__name__}") from error
            return None
        self._silent = 0
        if not spider.owns(capture.url):
            self.counts["redirected to another site"] += 1
            return None
        if not self._within(capture.observed_at):
            self.counts["redirected out of the dates"] += 1
            return None
        self.counts["captures"] += 1
        return capture

    def _dates(self, query: ArchiveQuery) -> tuple[datetime, datetime] | None:
        """The dates to ask for: those of the crawl within the years of the query."""
        last = query.until or datetime.now(UTC).year
        since, until = datetime(query.since, 1, 1, tzinfo=UTC), datetime(last, 12, 31, 23, 59, 59, tzinfo=UTC)
        since, until = max(since, self.since or since), min(until, self.until or until)
        return (since, until) if since <= until else None

    def _within(self, moment: datetime) -> bool:
        return (self.since or moment) <= moment <= (self.until or moment)


def covers(query: ArchiveQuery, url: str) -> bool:
    """Whether the captures of an address are among those that the query lists."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    wanted, _, path = query.url.removeprefix("www.").partition("/")
    if query.match == "domain":
        return host == wanted or host.endswith(f".{wanted}")
    if query.match == "host":
        return host == wanted
    target = parts.path.removeprefix("/") + (f"?{parts.query}" if parts.query else "")
    return host == wanted and (target == path if query.match == "exact" else target.startswith(path))


def _is_page(row: CdxRow) -> bool:
    return row.status == "200" and any(kind in row.mime for kind in PAGES) and not row.url.endswith("/robots.txt")


async def ask(
    crawler: Crawler, url: str, max_bytes: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """The answer of an archive's server, redirects as they are. Waits while it says that it is busy.

    MA0501 when it stays busy for longer than PATIENCE. Raises what the downloader raises.
    """
    if crawler.engine is None:
        raise RuntimeError("the crawler has no engine")
    started = monotonic()
    while True:
        meta: dict[str, Any] = {"dont_redirect": True, "waits_itself": True}
        if max_bytes:
            meta["download_maxsize"] = max_bytes
        response = await crawler.engine.download_async(Request(url, meta=meta, headers=headers, dont_filter=True))
        if response.status not in BUSY:
            return response
        asked = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait = max(1.0, retry_after(asked, datetime.now(UTC)) or DEFAULT_WAIT)
        if monotonic() - started + wait > PATIENCE:
            failed(crawler, "ArchiveBusy")
            raise MicroauditError("MA0601", f"{urlsplit(url).netloc} is busy and asks to wait: try again later")
        await asyncio.sleep(wait)


async def ask_index(crawler: Crawler, url: str) -> Response:
    """The answer of an index, 200 or 404. MA0501, MA0601 or MA0701 where it refuses or cannot be had."""
    host = urlsplit(url).netloc
    try:
        response = await ask(crawler, url, INDEX_BYTES)
    except MicroauditError:
        raise
    except Exception as error:  # no answer, whatever the reason: named, and the search ends
        failed(crawler, type(error).__name__)
        code = "MA0701" if isinstance(error, RobotsForbidError) else "MA0601"
        raise MicroauditError(code, f"{host} cannot be searched: {error or type(error).__name__}") from error
    if response.status not in (200, 404):
        failed(crawler, f"Http{response.status}")
        code = "MA0501" if response.status in (401, 403, 451) else "MA0601"
        raise MicroauditError(code, f"{host} refuses the search: HTTP {response.status}")
    return response


def failed(crawler: Crawler, kind: str) -> None:
    """Count a request that got no capture, by kind, for the ledger."""
    if crawler.stats:
        crawler.stats.inc_value(f"microaudit/failed/{kind}")


def server(name: str, default: str) -> str:
    """The address of a server, from the environment. MA0204 where it is none."""
    url = os.environ.get(name) or default
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MicroauditError("MA0204", f"{name} is {url!r}, which is not a web address")
    return url.rstrip("/")
