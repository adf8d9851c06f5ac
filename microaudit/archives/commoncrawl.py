"""Common Crawl: the index of each crawl in the date range, then the one WARC record that a row points to."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from scrapy.crawler import Crawler
from scrapy.http import Response

from microaudit.archives.capture import Capture
from microaudit.archives.cdx import CdxAnswer, CdxRow, original, read_cdx
from microaudit.archives.remote import Archive, Unavailable, ask, ask_index, server
from microaudit.archives.warc import read_member
from microaudit.errors import MicroauditError

if TYPE_CHECKING:
    from microaudit.spiders.base import ArchiveQuery

AROUND = timedelta(days=60)  # a crawl is named after one week; some took two months
SHORT_ANSWER = 1000  # rows: an answer of several pages holds many thousands on its first


class CommonCrawl(Archive):
    """Captures by way of Common Crawl's indexes and ranged requests for its WARC files."""

    source = "commoncrawl"

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.index = server("MICROAUDIT_COMMONCRAWL_INDEX_URL", "https://index.commoncrawl.org")
        self.data = server("MICROAUDIT_COMMONCRAWL_DATA_URL", "https://data.commoncrawl.org")
        self._crawls: list[str] | None = None

    @property
    def servers(self) -> tuple[str, ...]:
        return self.index, self.data

    async def rows(
        self, crawler: Crawler, query: ArchiveQuery, since: datetime, until: datetime
    ) -> AsyncIterator[CdxRow]:
        for crawl in await self._list(crawler):
            begin, end = span(crawl)
            if end < since or begin > until:
                continue
            page, pages = 0, 1
            while page < pages:
                answer = await self._search(crawler, crawl, query, page=page)
                self.problems.update({"index row": answer.unread} if answer.unread else {})
                if page == 0 and len(answer.rows) >= SHORT_ANSWER:
                    pages = await self._pages(crawler, crawl, query)
                for row in answer.rows:
                    if since <= row.captured_at <= until:
                        yield row
                page += 1

    async def _list(self, crawler: Crawler) -> list[str]:
        """The names of the crawls there are, oldest first; asked for once."""
        if self._crawls is None:
            response = await ask_index(crawler, f"{self.index}/collinfo.json")
            try:
                self._crawls = sorted((str(crawl["id"]) for crawl in json.loads(response.body)), key=span)
            except (ValueError, TypeError, KeyError) as error:
                raise MicroauditError("MA0601", f"{self.index}/collinfo.json is no list of crawls: {error}") from error
        return self._crawls

    async def _search(self, crawler: Crawler, crawl: str, query: ArchiveQuery, **more: int) -> CdxAnswer:
        response = await self._ask(crawler, crawl, query, filter="=status:200", **({} if not more["page"] else more))
        return read_cdx(response.body) if response.status == 200 else CdxAnswer()  # 404: no capture in this crawl

    async def _pages(self, crawler: Crawler, crawl: str, query: ArchiveQuery) -> int:
        """How many pages the answer has; 1 from a server that does not say."""
        response = await self._ask(crawler, crawl, query, showNumPages="true")
        try:
            return int(json.loads(response.body)["pages"])
        except (ValueError, TypeError, KeyError):
            return 1

    async def _ask(self, crawler: Crawler, crawl: str, query: ArchiveQuery, **more: str | int) -> Response:
        self.counts["searches"] += 1
        asked = {"url": query.url, "matchType": query.match, "output": "json", **more}
        return await ask_index(crawler, f"{self.index}/{crawl}-index?{urlencode(asked)}")

    async def fetch(self, crawler: Crawler, row: CdxRow) -> Capture:
        if not (row.filename and row.length):
            raise Unavailable("not captured")
        last = row.offset + row.length - 1
        headers = {"Range": f"bytes={row.offset}-{last}", "Accept-Encoding": "identity"}
        response = await ask(crawler, f"{self.data}/{row.filename}", headers=headers)
        body = response.body
        if response.status == 200:  # a server without ranges gives the whole file
            body = body[row.offset : last + 1]
        elif response.status != 206:
            raise Unavailable(f"archive answers HTTP {response.status}")
        try:
            capture = read_member(body)
        except MicroauditError:
            raise Unavailable("damaged record") from None
        if capture is None:
            raise Unavailable("no page in the record")
        return dataclasses.replace(capture, url=original(capture.url), source=self.source)


def span(crawl: str) -> tuple[datetime, datetime]:
    """The first and the last moment that a crawl may have captured, by its name: a week, a year or two of them."""
    numbers = [int(number) for number in re.findall(r"\d+", crawl)]
    if not numbers:
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    if len(numbers) == 2 and numbers[1] <= 53:
        begin = datetime.fromisocalendar(numbers[0], max(1, min(numbers[1], 52)), 1).replace(tzinfo=UTC)
        return begin - AROUND, begin + AROUND
    return datetime(numbers[0], 1, 1, tzinfo=UTC), datetime(numbers[-1], 12, 31, 23, 59, 59, tzinfo=UTC)
