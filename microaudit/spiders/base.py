"""What every platform's spider shares. A platform is a file of declarations and the rows of its layouts.

A spider only reads: it turns a response into rows of shown words. Robots, delays and blocks are the
business of the downloader middlewares; judging and storing that of the pipelines.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urldefrag, urlsplit

from scrapy import Request, Spider
from scrapy.http import HtmlResponse, JsonResponse, Response, TextResponse

from microaudit.archives.capture import Capture
from microaudit.archives.remote import Archive
from microaudit.bounded import LARGE, SECONDS, TooLongError, within
from microaudit.encoding import rightly_decoded
from microaudit.items import Kind, Page, RewardUnit
from microaudit.page_kinds import kind_of
from microaudit.pseudonyms import load_key, pseudonym
from microaudit.reading import Context, RefusedError, Row, read_task

if TYPE_CHECKING:
    from microaudit.run import Run

Support = Literal["real pages", "written pages"]


@dataclass(frozen=True, slots=True)
class Layout:
    """One shape of page: how to know it and how to read its rows.

    `marker` is a CSS selector or a function; it must hold on this layout also when the list is empty,
    so that an empty list is told from a page that no longer reads. `closed` are texts with which a page
    of one listing says that it is over. `task_links` is a CSS selector: a list without rows that still
    has such links was not empty, but did not read.
    """

    name: str
    marker: str | Callable[[TextResponse], bool]
    rows: Callable[[TextResponse], Iterable[Row]]
    support: Support
    closed: tuple[str, ...] = ()
    task_links: str = ""

    def fits(self, response: TextResponse) -> bool:
        if callable(self.marker):
            return bool(self.marker(response))
        return _is_markup(response) and bool(response.css(self.marker))


@dataclass(frozen=True, slots=True)
class ArchiveQuery:
    """What to ask a web archive for: `url` without scheme, `match` is CDX's matchType; years are inclusive."""

    url: str
    match: Literal["exact", "prefix", "host", "domain"]
    since: int
    until: int | None = None
    mime: str = "text/html"  # what the index is to list; "" for a platform that also answers in JSON or XML


class Platform(Spider):
    """Base of all spiders. The declarations without a default are required of every platform."""

    title: ClassVar[str]  # the name that reports print
    hosts: tuple[str, ...]  # registered names of the platform; sub-domains belong to them
    live: ClassVar[bool]  # whether its public pages may be crawled live at all
    live_note: ClassVar[str]  # why, or why not
    layouts: ClassVar[tuple[Layout, ...]]
    start_urls: list[str]  # first pages of a live crawl; not declared where live is off
    url_shapes: ClassVar[tuple[str, ...]]  # patterns of path?query that a crawl may request
    archive_queries: ClassVar[tuple[ArchiveQuery, ...]]

    kind: ClassVar[Kind] = "task"
    follow: ClassVar[tuple[str, ...]] = ()  # CSS selectors of links to lists and details
    currency: ClassVar[str | None] = None  # what a bare "$" or number means on this platform
    reward_unit: ClassVar[RewardUnit | None] = None  # what pay is for, where the site knows one kind only
    decimal_separator: ClassVar[str] = "."
    timezone: ClassVar[str] = "UTC"  # of times that name none
    languages: ClassVar[tuple[str, ...]] = ("en",)  # of dates in words
    legacy_encoding: ClassVar[str] = "windows-1252"  # of pages that claim to be UTF-8 and are not
    walls: ClassVar[tuple[str, ...]] = ()  # CSS selectors of pages that offer an account instead of the listing
    retain_hours: ClassVar[float | None] = None  # how long its terms let raw texts of a live crawl be kept
    crawl_delay: ClassVar[float | None] = None  # seconds, where the site needs more than our default

    DECLARATIONS = (
        "name",
        "title",
        "hosts",
        "live",
        "live_note",
        "layouts",
        "url_shapes",
        "archive_queries",
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if missing := [name for name in cls.DECLARATIONS if not _declared(cls, name)]:
            raise TypeError(f"{cls.__module__}.{cls.__qualname__} does not declare {', '.join(missing)}")
        if cls.live and not getattr(cls, "start_urls", None):
            raise TypeError(f"{cls.__qualname__} is live but declares no start_urls")

    def __init__(
        self,
        *,
        key: bytes | None = None,
        captures: Iterable[Capture] | Archive | None = None,
        base_url: str | None = None,
        run: Run | None = None,
        **kwargs: Any,
    ) -> None:
        """`captures` are read instead of the live site; `base_url` is asked in the place of the platform's own.

        `run` is handed on to the stages: without one, nothing is stored.
        """
        super().__init__(**kwargs)
        self._key = key
        self.captures = captures
        self.stopped = False
        self.run = run
        if base_url:
            self.hosts = (*self.hosts, urlsplit(base_url).hostname or "")
            self.start_urls = [_rebase(url, base_url) for url in self.start_urls]

    async def start(self) -> AsyncIterator[Any]:
        if self.captures is not None:
            async for response in self._responses(self.captures):
                yield self.read_in_time(response)
                if self.stopped:
                    break
            return
        for url in self.start_urls:
            yield Request(url, errback=self.failed)

    async def _responses(self, source: Iterable[Capture] | Archive) -> AsyncIterator[Response]:
        if not isinstance(source, Archive):
            for capture in source:
                yield capture.response()
            return
        async for capture in source.captures(self):
            response = capture.response()
            source.follow(self, capture, self.links(response))
            yield response

    def parse(self, response: Response) -> Iterator[Page | Request]:
        """Scrapy's callback: the page as one item, with the links that the crawl may follow."""
        page = self.read_in_time(response, follow=True)
        page.asked = response.meta.get("asked", "")
        yield page
        if self.run is None:  # with a store, the frontier in it asks for what was found
            yield from (Request(url, errback=self.failed) for url in page.found)

    def failed(self, failure: Any) -> None:
        """A request without an answer: counted by kind, for the ledger."""
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"microaudit/failed/{failure.type.__name__}")

    def read_in_time(self, response: Response, follow: bool = False) -> Page:
        """As `read`, with the page's links if asked for. A page that takes too long is `unparsed`, and counted."""

        def reading() -> Page:
            page = self.read(response)
            page.found = [Request(url).url for url in self.links(response)] if follow else []
            return page

        try:
            return within(SECONDS, reading, fork=len(response.body) >= LARGE)
        except TooLongError:
            page = self._page(response)
            page.problems["time to read the page"] += 1
            return page

    def read(self, response: Response) -> Page:
        """A response as a Page with its tasks. Pure: the same for live, archived and saved pages.

        `response.meta` may hold `observed_at` (aware datetime: capture time) and `source`.
        """
        response = _as_sent(response)
        page = self._page(response)
        if isinstance(response, TextResponse) and response.status == 200 and response.body.strip():
            response = rightly_decoded(response, self.legacy_encoding)
            page.encoding = response.encoding
            for layout in self.layouts:
                if layout.fits(response):
                    self._read_rows(layout, response, page)
                    return page
            if _is_markup(response) and any(response.css(mark) for mark in self.walls):
                page.outcome = "login_wall"
                return page
        page.outcome = kind_of(response) or "unparsed"
        return page

    def _page(self, response: Response) -> Page:
        return Page(
            platform=self.name,
            url=response.url,
            observed_at=_meta(response).get("observed_at") or datetime.now(UTC).replace(microsecond=0),
            source=_meta(response).get("source", "live"),
            status=response.status,
            body=response.body,
            content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"),
        )

    def _read_rows(self, layout: Layout, response: TextResponse, page: Page) -> None:
        if any(text in response.text for text in layout.closed):
            page.refused["closed"] += 1
            page.outcome = "closed"
            return
        context = self._context(page, response)
        seen: set[str] = set()
        for row in layout.rows(response):
            try:
                task = read_task(row, context, page.problems)
            except RefusedError as refusal:
                page.refused[str(refusal)] += 1
                continue
            if task.id not in seen:  # the same listing twice on one page (featured and in place) is one task
                seen.add(task.id)
                page.tasks.append(task)
        if page.tasks:
            page.outcome = "tasks"
        elif page.refused:
            page.outcome = "closed" if set(page.refused) == {"closed"} else "unparsed"
        else:
            page.outcome = "unparsed" if layout.task_links and response.css(layout.task_links) else "no_tasks"

    def _context(self, page: Page, response: TextResponse) -> Context:
        return Context(
            platform=self.name,
            kind=self.kind,
            observed_at=page.observed_at,
            source=page.source,
            urljoin=response.urljoin,
            pseudonym=partial(self._pseudonym_on, page),
            currency=self.currency,
            reward_unit=self.reward_unit,
            decimal_separator=self.decimal_separator,
            timezone=self.timezone,
            languages=self.languages,
        )

    def _pseudonym_on(self, page: Page, name: str) -> str:
        page.names[name] = self.pseudonym(name)
        return page.names[name]

    def pseudonym(self, name: str) -> str:
        """The keyed hash under which a buyer's name is kept."""
        if self._key is None:
            self._key = load_key()
        return pseudonym(self._key, self.name, name)

    def links(self, response: Response) -> Iterator[str]:
        """Absolute addresses that `follow` finds on the page and `url_shapes` allows, each once."""
        response = _as_sent(response)
        if not (isinstance(response, TextResponse) and _is_markup(response)):
            return
        found = (_joined(response, href) for css in self.follow for href in response.css(css).getall())
        yield from (url for url in dict.fromkeys(found) if url and self.may_request(url))

    def owns(self, url: str) -> bool:
        """Whether the address is on one of the platform's hosts."""
        host = (urlsplit(url).hostname or "").lower()
        return any(host == own or host.endswith(f".{own}") for own in self.hosts)

    def may_ask(self, url: str) -> bool:
        """Whether the crawl may send a request to the address: from an archive, to the archive's servers alone."""
        if isinstance(self.captures, Archive):
            servers = {urlsplit(server)[:2] for server in self.captures.servers}
            return urlsplit(url)[:2] in servers
        return self.may_request(url)

    def may_request(self, url: str) -> bool:
        """Whether a crawl may request the address: own host, and one of the declared shapes."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return (
            parts.scheme in ("http", "https")
            and self.owns(url)
            and any(re.fullmatch(shape, target) for shape in self.url_shapes)
        )


def _declared(cls: type, name: str) -> bool:
    return any(name in vars(base) for base in cls.__mro__ if base not in (Platform, Spider, object))


def _joined(response: TextResponse, href: str) -> str | None:
    try:
        return urldefrag(response.urljoin(href.strip())).url
    except ValueError:  # no address at all, as in href="http://["
        return None


def _rebase(url: str, base_url: str) -> str:
    base = urlsplit(base_url)
    return urlsplit(url)._replace(scheme=base.scheme, netloc=base.netloc).geturl()


def _as_sent(response: Response) -> Response:
    """Markup that was announced as JSON is read as the markup that it is."""
    if isinstance(response, JsonResponse) and _is_markup(response):
        return response.replace(cls=HtmlResponse)
    return response


def _is_markup(response: TextResponse) -> bool:
    return response.text.lstrip()[:1] == "<"


def _meta(response: Response) -> dict[str, Any]:
    return response.request.meta if response.request else {}
