"""What one crawl carries from the command to its stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from microaudit.health import Counts
from microaudit.items import Page

if TYPE_CHECKING:
    from sqlalchemy import Engine

STORE_FAILED = object()  # Scrapy signal, failure: the store gave an error outside of a pipeline


@dataclass(slots=True)
class Run:
    """The store, the number of the crawl in it, the version that judges, and what happens on the way."""

    engine: Engine
    crawl_id: int
    version: str
    max_pages: int | None = None  # of the whole crawl, what an interrupted run stored included
    progress: Callable[[Page], object] | None = None
    counts: Counts = field(default_factory=Counts)
    errors: list[BaseException | None] = field(default_factory=list)
    requests: int = 0  # sent before this run, by the crawl that it resumes
    conduct: dict[str, Any] = field(default_factory=dict)  # robots verdicts, refusals met, ...
    done: set[str] = field(default_factory=set)  # marks of captures that the resumed crawl has stored
    resumable: bool = False  # ended before its addresses did


def run_of(crawler: Crawler) -> Run:
    """The run that a stage works for. Without one (`scrapy crawl`, for development) the stage is left out."""
    run = getattr(crawler.spider, "run", None)
    if run is None:
        raise NotConfigured("no store: use `microaudit crawl`")
    assert isinstance(run, Run)  # noqa: S101 - set by this program only
    return run
