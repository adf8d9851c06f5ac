"""Ask sites for their robots.txt and nothing else, with the manners and the guards of a crawl."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings

from microaudit.conduct.robots import TIMEOUT, Verdict, verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """A host's robots.txt, and its clock where it tells the time."""

    verdict: Verdict
    server_clock: datetime | None


class RobotsOnly(Spider):
    """Fills `answers` by origin."""

    name = "robots-only"

    def __init__(self, origins: Iterable[str], answers: dict[str, Answer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.origins = origins
        self.answers = answers

    async def start(self) -> AsyncIterator[Request]:
        meta = {"is_robots_txt": True, "dont_retry": True, "download_timeout": TIMEOUT}
        for origin in self.origins:
            yield Request(
                f"{origin}/robots.txt",
                self.read,
                meta=meta | {"origin": origin},
                errback=self.failed,
                dont_filter=True,
            )

    def read(self, response: Response) -> None:
        origin = response.meta["origin"]
        self.answers[origin] = Answer(verdict(origin, response), _clock(response))

    def failed(self, failure: Any) -> None:
        origin = failure.request.meta["origin"]
        self.answers[origin] = Answer(verdict(origin, None, f"{failure.type.__name__}: {failure.value}"), None)


def ask_robots(origins: Iterable[str], allow_hosts: Iterable[str] = ()) -> dict[str, Answer]:
    """The answer of each origin (scheme and host). Blocks; can be called once in a process, as any crawl."""
    settings = Settings()
    settings.setmodule("microaudit.settings")
    settings.set("MICROAUDIT_ALLOW_HOSTS", sorted(allow_hosts))
    settings.set("LOG_INSTALL_ROOT_HANDLER", bool(os.environ.get("MICROAUDIT_DEBUG")))
    settings.set("ITEM_PIPELINES", {})
    answers: dict[str, Answer] = {}
    process = CrawlerProcess(settings)
    process.crawl(RobotsOnly, origins=list(dict.fromkeys(origins)), answers=answers)
    process.start()
    return answers


def _clock(response: Response) -> datetime | None:
    try:
        return parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
    except (TypeError, ValueError):
        return None
