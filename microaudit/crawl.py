"""Run crawls: one Scrapy crawler per platform in one process, and the truth about how each ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.settings import Settings
from sqlalchemy import Engine, select
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from microaudit.archives import ARCHIVES, REMOTE, read_source
from microaudit.archives.capture import Capture
from microaudit.archives.remote import Archive
from microaudit.errors import MicroauditError
from microaudit.evidence import expire_now
from microaudit.failures import known
from microaudit.health import State
from microaudit.items import Page, capture_mark
from microaudit.ledger import close_crawl, open_crawl, resume_crawl
from microaudit.recorder import SIGNALLED
from microaudit.retention import purge_now
from microaudit.run import Run
from microaudit.settings import user_agent
from microaudit.spiders import platform as spider_of
from microaudit.spiders.base import Platform
from microaudit.store.frontier import done_marks
from microaudit.store.lock import platform_lock
from microaudit.store.models import Crawl as CrawlRow
from pipelines.judge import CLASSIFIER, JUDGING


@dataclass(frozen=True, slots=True)
class Options:
    """What a crawl is asked for; `source` is live, an archive or a path. Dates bound the capture time, inclusive."""

    source: str = "live"
    since: datetime | None = None
    until: datetime | None = None
    max_pages: int | None = None
    base_url: str | None = None
    allow_hosts: tuple[str, ...] = ()
    sample: bool = False
    resume: bool = False
    site: str | None = None  # a host without a spider of its own: its lists are found by the miner

    def record(self) -> dict[str, Any]:
        """What the ledger keeps; a path is kept by its last part, since the rest may name a person."""
        source = self.source if self.source in REMOTE else Path(self.source).name
        asked: dict[str, Any] = {
            "source": source,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "max_pages": self.max_pages,
            "base_url": self.base_url,
            "allow_hosts": list(self.allow_hosts),
            "sample": self.sample,
            "site": self.site,
        }
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Result:
    """How the crawl of one platform ended."""

    platform: str
    crawl_id: int
    state: State
    reason: str
    pages: int
    tasks: int
    problems: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    errors: tuple[BaseException | None, ...] = ()


def spider_for(slug: str, options: Options) -> type[Platform]:
    """The platform's own spider, or the one that finds the lists of a site nobody has described."""
    if options.site is None:
        return spider_of(slug)
    from microaudit.mining.spider import auto_spider

    return auto_spider(slug, options.site)


def check_sample(engine: Engine, sample: bool) -> None:
    """MA0204 where invented sample pages and real crawls would mix in one store."""
    with engine.connect() as connection:
        kinds = {bool(options.get("sample")) for options in connection.scalars(select(CrawlRow.options))}
    if kinds - {sample}:
        raise MicroauditError("MA0204", "sample pages and real crawls do not mix: name another store with --db")


def check_live(platforms: Sequence[str], options: Options) -> None:
    """Refuse a crawl that may not be made: MA0702 without a public list, MA0207 without a contact.

    An archive of one's own, named by --allow-host, needs no contact.
    """
    if options.source not in REMOTE:
        return
    if _is_own_archive(options):
        return
    for slug in platforms if options.source == "live" else ():
        spider = spider_for(slug, options)
        if not spider.live:
            raise MicroauditError("MA0702", f"{slug} is not crawled live: {spider.live_note}")
    if not os.environ.get("MICROAUDIT_CONTACT"):
        raise MicroauditError("MA0207", "set MICROAUDIT_CONTACT to your e-mail or web address before a crawl")


def crawl(
    engine: Engine,
    platforms: Sequence[str],
    sources: dict[str, Options],
    progress: Callable[[Page], object] | None = None,
) -> list[Result]:
    """Crawl each platform with its options; one Result each, in the order asked. Blocks until all have ended."""
    check_sample(engine, any(options.sample for options in sources.values()))
    expire_now(engine)
    purge_now(engine)
    # The process resolves names for all its crawlers, so its settings hold every allowed host.
    hosts = {host for options in sources.values() for host in options.allow_hosts}
    process = _Process(_settings(hosts))
    runs: dict[str, tuple[Crawler, Run]] = {}
    last: Deferred[Any] | None = None  # crawl of an archive: one serves all platforms, one request at a time
    with ExitStack() as locks:
        for slug in platforms:
            locks.enter_context(platform_lock(engine, slug))
        for slug in platforms:
            options, spider = sources[slug], spider_for(slug, sources[slug])
            run = _run(engine, slug, options, progress)
            crawler = Crawler(spider, _platform_settings(spider, options), init_reactor=not runs)
            runs[slug] = crawler, run
            begin = partial(
                _begin, process, crawler, run, captures=_source(spider, options, run), base_url=options.base_url
            )
            if options.source not in ARCHIVES:
                begin()
            elif last is None:
                last = begin()
            else:
                last.addCallback(begin)
        process.start()
        return [_result(slug, crawler, run) for slug, (crawler, run) in runs.items()]


class _Process(CrawlerProcess):
    """Scrapy's process, whose answer to a signal would wait for ever for a crawl that reads captures."""

    def _signal_shutdown(self, signum: int, frame: Any) -> None:
        spiders = [crawler.spider for crawler in self.crawlers]
        reading = [spider for spider in spiders if isinstance(spider, Platform) and spider.captures is not None]
        for spider in reading:
            spider.stopped = True  # its start() ends after the page in hand
            if spider.run is not None:
                spider.run.counts.interrupted, spider.run.resumable = SIGNALLED, True
        if len(reading) < len(spiders):
            super()._signal_shutdown(signum, frame)


def _run(engine: Engine, slug: str, options: Options, progress: Callable[[Page], object] | None) -> Run:
    """The run of a crawl that begins, or with `resume` of the one that was interrupted, if there is one."""
    source = options.source if options.source in REMOTE else "file"
    shared: dict[str, Any] = {"version": JUDGING, "max_pages": options.max_pages, "progress": progress}
    if options.resume and (old := resume_crawl(engine, slug, source, options.record())):
        with engine.connect() as connection:
            done = done_marks(connection, old.crawl_id)
        return Run(
            engine, old.crawl_id, counts=old.counts, requests=old.requests, conduct=old.conduct, done=done, **shared
        )
    return Run(engine, open_crawl(engine, slug, source, options.record(), CLASSIFIER), **shared)


def _begin(process: CrawlerProcess, crawler: Crawler, run: Run, _: object = None, **asked: Any) -> Deferred[Any]:
    return process.crawl(crawler, run=run, **asked).addErrback(partial(_not_started, run))


def _settings(allow_hosts: Iterable[str]) -> Settings:
    settings = Settings()
    settings.setmodule("microaudit.settings")
    settings.set("USER_AGENT", user_agent())
    settings.set("MICROAUDIT_ALLOW_HOSTS", sorted(allow_hosts))
    settings.set("SCHEDULER", "microaudit.frontier.Frontier")
    settings.set("LOG_INSTALL_ROOT_HANDLER", bool(os.environ.get("MICROAUDIT_DEBUG")))
    return settings


def _platform_settings(spider: type[Platform], options: Options) -> Settings:
    settings = _settings(options.allow_hosts)
    delay = settings.getfloat("DOWNLOAD_DELAY")
    own = options.allow_hosts if options.source == "live" else _is_own_archive(options)
    if own and (asked := os.environ.get("MICROAUDIT_DOWNLOAD_DELAY")):
        delay = float(asked)  # one's own server may be asked faster
    elif spider.crawl_delay and options.source == "live":
        delay = max(spider.crawl_delay, delay)
    rules = {"DOWNLOAD_DELAY": delay, "MICROAUDIT_ALLOW_HOSTS": sorted(options.allow_hosts)}
    settings.setdict(rules, priority="spider")  # the process lays its own settings over a crawler's at "project"
    return settings


def _not_started(run: Run, failure: Failure) -> None:
    error = known(failure.value) or failure.value
    run.counts.stopped = run.counts.stopped or f"{type(error).__name__}: {error}"
    run.errors.append(error)


def _source(spider: type[Platform], options: Options, run: Run) -> Iterator[Capture] | Archive | None:
    """Where the pages come from; None for the live site."""
    if options.source == "live":
        return None
    if options.source in ARCHIVES:
        archive = _archive(options)
        archive.problems = run.counts.passed_over
        return archive
    return _captures(spider, options, run)


def _is_own_archive(options: Options) -> bool:
    """Whether all the servers that are asked are named by --allow-host."""
    if options.source not in ARCHIVES:
        return False
    return {urlsplit(server).hostname for server in _archive(options).servers} <= set(options.allow_hosts)


def _archive(options: Options) -> Archive:
    from microaudit.archives.commoncrawl import CommonCrawl
    from microaudit.archives.wayback import Wayback

    return (Wayback if options.source == "wayback" else CommonCrawl)(options.since, options.until)


def _captures(spider: type[Platform], options: Options, run: Run) -> Iterator[Capture]:
    """The captures of the source that are the platform's own, within the dates asked for, and not stored yet."""
    owns = spider().owns
    return (
        capture
        for capture in read_source(options.source, run.counts.passed_over)
        if owns(capture.url)
        and not capture.url.endswith("/robots.txt")
        and (options.since is None or capture.observed_at >= options.since)
        and (options.until is None or capture.observed_at <= options.until)
        and not (run.done and capture_mark(capture.url, capture.observed_at, capture.body) in run.done)
    )


def _result(slug: str, crawler: Crawler, run: Run) -> Result:
    source = getattr(crawler.spider, "captures", None)
    if isinstance(source, Archive):
        run.conduct["archive"] = {"servers": source.servers, **source.counts}
    counts = run.counts
    state, reason = close_crawl(run.engine, run.crawl_id, counts, run.requests, run.conduct, run.resumable)
    return Result(
        platform=slug,
        crawl_id=run.crawl_id,
        state=state,
        reason=reason,
        pages=sum(counts.outcomes.values()),
        tasks=counts.tasks,
        outcomes=dict(counts.outcomes),
        problems=dict(counts.problems),
        refused=dict(counts.refused),
        errors=tuple(run.errors),
    )
