"""What one crawl carries from the command to its stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from microaudit.health import Counts
from microaudit.items import Page

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(slots=True)
class Run:
    """The store, the number of the crawl in it, the version that judges, and what happens on the way."""

    engine: Engine
    crawl_id: int
    version: str
    max_pages: int | None = None
    progress: Callable[[Page], object] | None = None
    counts: Counts = field(default_factory=Counts)
    errors: list[BaseException | None] = field(default_factory=list)


def run_of(crawler: Crawler) -> Run:
    """The run that a stage works for. Without one (`scrapy crawl`, for development) the stage is left out."""
    run = getattr(crawler.spider, "run", None)
    if run is None:
        raise NotConfigured("no store: use `microaudit crawl`")
    assert isinstance(run, Run)  # noqa: S101 - set by this program only
    return run
