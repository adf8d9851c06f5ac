"""The Wayback Machine, or any archive that speaks CDX and replays under `<timestamp>id_/<address>`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from scrapy.crawler import Crawler
from scrapy.http import Response

from microaudit.archives.capture import Capture
from microaudit.archives.cdx import TIMESTAMP, CdxRow, moment_of, original, read_cdx
from microaudit.archives.remote import Archive, Unavailable, ask, ask_index, server

if TYPE_CHECKING:
    from microaudit.spiders.base import ArchiveQuery

ROWS = 10_000  # asked for at a time: about 2 MB
REDIRECTS = 5  # as for live pages


class Wayback(Archive):
    """Captures by way of an archive's replay, which may redirect to the capture nearest in time."""

    source = "wayback"

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.cdx = server("MICROAUDIT_WAYBACK_CDX_URL", "https://web.archive.org/cdx/search/cdx")
        self.replay = server("MICROAUDIT_WAYBACK_REPLAY_URL", "https://web.archive.org/web")

    @property
    def servers(self) -> tuple[str, ...]:
        return self.cdx, self.replay

    async def rows(
        self, crawler: Crawler, query: ArchiveQuery, since: datetime, until: datetime
    ) -> AsyncIterator[CdxRow]:
        asked: dict[str, str | int] = {
            "url": query.url,
            "matchType": query.match,
            "output": "json",
            "from": since.strftime(TIMESTAMP),
            "to": until.strftime(TIMESTAMP),
            "collapse": "digest",
            "showResumeKey": "true",
            "limit": ROWS,
        }
        filters = [("filter", "statuscode:200")] + ([("filter", f"mimetype:{query.mime}")] if query.mime else [])
        done = 0
        while True:
            self.counts["searches"] += 1
            response = await ask_index(crawler, f"{self.cdx}?{urlencode([*asked.items(), *filters])}")
            answer = read_cdx(response.body if response.status == 200 else b"")
            self.problems.update({"index row": answer.unread} if answer.unread else {})
            for row in answer.rows[done:]:
                yield row
            if answer.resume_key:
                asked["resumeKey"] = answer.resume_key
            elif answer.as_lines and len(answer.rows) + answer.unread >= int(asked["limit"]):
                # A server without resume keys has cut its answer: ask for more at once, and pass over what was read.
                done, asked["limit"] = len(answer.rows), int(asked["limit"]) * 10
            else:
                return

    async def fetch(self, crawler: Crawler, row: CdxRow) -> Capture:
        address = f"{self.replay}/{row.timestamp}id_/{row.url}"
        seen: set[str] = set()
        while address not in seen and len(seen) <= REDIRECTS:
            seen.add(address)
            response = await ask(crawler, address)
            timestamp, url = self._captured(response.url)
            if response.status not in (301, 302, 303, 307, 308):
                return self._capture(response, timestamp, url)
            location = (response.headers.get("Location") or b"").decode("utf-8", "replace")
            if not location:
                raise Unavailable("redirects without a target")
            address = self._replayed(location, response, timestamp, url)
        raise Unavailable("redirects in a loop")

    def _replayed(self, location: str, response: Response, timestamp: str, url: str) -> str:
        """The replay address that a redirect leads to: another capture, or where the captured site itself led."""
        to_timestamp, to_url = self._captured(urljoin(response.url, location))
        if not to_url:
            to_timestamp, to_url = timestamp, urljoin(url, location)
        return f"{self.replay}/{to_timestamp}id_/{to_url}"

    def _captured(self, address: str) -> tuple[str, str]:
        """The timestamp and the original address in a replay address; two empty strings without them."""
        prefix = re.escape(self.replay.partition("://")[2])
        found = re.fullmatch(rf"https?://{prefix}/(\d{{14}})(?:[a-z]{{2}}_)?/(https?://.+)", address, re.DOTALL)
        return (found[1], original(found[2])) if found else ("", "")

    def _capture(self, response: Response, timestamp: str, url: str) -> Capture:
        captured_at = _memento(response) or moment_of(timestamp)
        if response.status == 404 or captured_at is None:
            raise Unavailable("not captured")
        if response.status >= 400 and not response.headers.get("Memento-Datetime"):
            raise Unavailable(f"archive answers HTTP {response.status}")
        content_type = response.headers.get("X-Archive-Orig-Content-Type") or response.headers.get("Content-Type")
        return Capture(
            url=url,
            observed_at=captured_at,
            status=response.status,
            body=response.body,
            headers={"Content-Type": content_type.decode("latin-1")} if content_type else {},
            source=self.source,
        )


def _memento(response: Response) -> datetime | None:
    """The capture time that the archive states (RFC 7089)."""
    stated = response.headers.get("Memento-Datetime")
    try:
        return parsedate_to_datetime(stated.decode("ascii", "replace")).astimezone(UTC) if stated else None
    except ValueError:
        return None
