"""What a live crawl of a platform would ask for, before anything but robots.txt is asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, Table, select

from microaudit import settings
from microaudit.conduct.robots import Verdict
from microaudit.spiders.base import Platform
from microaudit.store.models import Crawl, PageRow

CRAWL: Table = Crawl.__table__  # type: ignore[assignment]
PAGE: Table = PageRow.__table__  # type: ignore[assignment]
LAST = 20  # healthy crawls that an expectation is drawn from


@dataclass(frozen=True, slots=True)
class Usual:
    """Medians of the platform's last healthy live crawls."""

    crawls: int
    requests: float
    page_bytes: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A crawl to come. What is not known is None: a platform that was never crawled has bounds only."""

    platform: str
    robots: str  # allows, forbids, unreadable, or "not asked" where the platform is not crawled live
    robots_detail: str
    start_urls: tuple[str, ...]
    delay_seconds: float
    requests_at_least: int
    requests_at_most: int
    requests: int | None
    minutes: float | None
    minutes_at_most: float
    bytes: int | None
    crawls_known: int

    @property
    def allowed(self) -> bool:
        return self.robots == "allows"

    def fields(self) -> dict[str, Any]:
        """What machines read of it."""
        return asdict(self)


def origins(spider: Platform) -> list[str]:
    """The sites whose robots.txt governs a live crawl's first pages."""
    return list(dict.fromkeys("{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in spider.start_urls))


def plan(spider: Platform, verdicts: dict[str, Verdict], usual: Usual | None, max_pages: int | None = None) -> Plan:
    """The plan of a platform whose sites have answered with these verdicts, by origin."""
    sites = origins(spider)
    read = [verdicts[site] for site in sites]
    asked = [verdict.crawl_delay or 0.0 for verdict in read]
    delay = max(settings.DOWNLOAD_DELAY, spider.crawl_delay or 0.0, *asked)
    most = (max_pages or settings.MICROAUDIT_PAGE_BUDGET) + len(sites)
    requests = min(round(usual.requests), most) if usual else None
    return Plan(
        platform=spider.name,
        robots=_robots(spider.start_urls, sites, read),
        robots_detail="; ".join(f"{verdict.origin}: {verdict.state}, {verdict.detail}" for verdict in read),
        start_urls=tuple(spider.start_urls),
        delay_seconds=delay,
        requests_at_least=min(len(spider.start_urls) + len(sites), most),
        requests_at_most=most,
        requests=requests,
        minutes=None if requests is None else round(requests * delay / 60, 1),
        minutes_at_most=round(most * delay / 60, 1),
        bytes=round(requests * usual.page_bytes) if usual and requests is not None else None,
        crawls_known=usual.crawls if usual else 0,
    )


def _robots(urls: list[str], sites: list[str], read: list[Verdict]) -> str:
    if any(verdict.state == "unreadable" for verdict in read):
        return "unreadable"
    by_site = dict(zip(sites, read, strict=True))
    allowed = all(by_site["{0.scheme}://{0.netloc}".format(urlsplit(url))].allows(url) for url in urls)
    return "allows" if allowed else "forbids"


def usual_of(engine: Engine, platform: str) -> Usual | None:
    """What the platform's last healthy live crawls took; None without any."""
    healthy = (CRAWL.c.platform == platform, CRAWL.c.source == "live", CRAWL.c.state == "healthy")
    with engine.connect() as connection:
        rows = connection.execute(
            select(CRAWL.c.id, CRAWL.c.requests).where(*healthy).order_by(CRAWL.c.id.desc()).limit(LAST)
        ).all()
        sizes = connection.scalars(select(PAGE.c.n_bytes).where(PAGE.c.crawl_id.in_([row.id for row in rows]))).all()
    if not rows or not sizes:
        return None
    return Usual(len(rows), median(row.requests for row in rows), median(sizes))


def plan_line(row: Plan) -> str:
    """The plan for people."""
    if row.requests is None:
        words = f"{row.requests_at_least} to {row.requests_at_most} requests, up to {row.minutes_at_most:g} minutes"
        words += ", bytes unknown: never crawled here"
    else:
        words = f"about {row.requests} requests, {row.minutes:g} minutes, {row.bytes} bytes"
        words += f", as the last {row.crawls_known} healthy crawls; at most {row.requests_at_most} requests"
    return f"{row.platform:<14} robots.txt {row.robots} ({row.robots_detail}); {words}; {row.delay_seconds:g} s apart"
