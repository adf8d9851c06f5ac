"""One contract for all spiders: what they declare, and that none of them touches the network by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, TextResponse

from microaudit.reading import Row
from microaudit.spiders import platform, slugs
from microaudit.spiders.base import Layout, Platform

DESIGNED = {
    "microworkers", "shorttask", "minuteworkers", "myeasytask", "upwork", "freelancer", "rapidworkers", "sproutgigs",
    "peopleperhour", "kwork", "fl_ru", "guru", "mturk", "zhubajie",
}  # fmt: skip


def test_every_platform_of_the_design_has_a_spider() -> None:
    assert set(slugs()) >= DESIGNED


@pytest.mark.parametrize("slug", slugs())
class TestDeclarations:
    def test_named_as_its_file(self, slug: str) -> None:
        assert platform(slug).name == slug

    def test_hosts_are_plain_names(self, slug: str) -> None:
        assert platform(slug).hosts
        assert all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host) for host in platform(slug).hosts)

    def test_live_is_explained(self, slug: str) -> None:
        assert len(platform(slug).live_note) > 20

    def test_start_pages_are_own_and_allowed(self, slug: str) -> None:
        spider = platform(slug)()
        assert bool(platform(slug).live) <= bool(spider.start_urls)
        assert all(spider.may_request(url) for url in spider.start_urls)

    def test_other_hosts_are_never_requested(self, slug: str) -> None:
        spider = platform(slug)()
        host = spider.hosts[0]
        for url in (
            f"https://{host}.evil.example/",
            f"https://evil-{host}/",
            f"file://{host}/etc/passwd",
            f"ftp://{host}/",
        ):
            assert not spider.may_request(url)

    def test_url_shapes_and_archive_queries_hold(self, slug: str) -> None:
        spider = platform(slug)
        assert all(re.compile(shape) for shape in spider.url_shapes)
        assert all(2000 < query.since <= (query.until or 9999) for query in spider.archive_queries)

    def test_politeness_is_not_overridden(self, slug: str) -> None:
        assert not platform(slug).custom_settings

    def test_layouts_are_named_once(self, slug: str) -> None:
        names = [layout.name for layout in platform(slug).layouts]
        assert names
        assert len(names) == len(set(names))

    @pytest.mark.parametrize(
        ("body", "status", "outcome"),
        [
            ("", 200, "empty"),
            ("<html><form><input type=password></form></html>", 200, "login_wall"),
            ("<html><title>Just a moment...</title></html>", 403, "challenge"),
            ("<html><title>404 Not Found</title></html>", 404, "not_found"),
            ("<html>oops</html>", 500, "error_page"),
            ("<html><body><p>About us</p></body></html>", 200, "unparsed"),
            ('{"unexpected": 1}', 200, "unparsed"),
            ("\x00\x01\x02", 200, "unparsed"),
        ],
    )
    def test_a_page_that_is_no_list_is_named(self, slug: str, body: str, status: int, outcome: str) -> None:
        url = f"https://{platform(slug).hosts[0]}/"
        response = HtmlResponse(url, status=status, body=body, encoding="utf-8", request=Request(url))
        page = platform(slug)(key=b"k" * 32).read(response)
        assert (page.outcome, page.tasks) == (outcome, [])


def _rows(response: TextResponse) -> Iterator[Row]:
    yield {"id": "1", "title": "A title"}


DECLARED = {
    "name": "example",
    "title": "Example",
    "hosts": ("example.org",),
    "live": False,
    "live_note": "an example",
    "layouts": (Layout("list", "ul", _rows, "written pages"),),
    "start_urls": [],
    "url_shapes": (),
    "archive_queries": (),
}


@pytest.mark.parametrize("missing", [name for name in DECLARED if name != "start_urls"])
def test_a_spider_without_a_declaration_is_refused_at_import(missing: str) -> None:
    with pytest.raises(TypeError, match=missing):
        type("Example", (Platform,), {name: value for name, value in DECLARED.items() if name != missing})


def test_a_live_spider_needs_a_start_page() -> None:
    with pytest.raises(TypeError, match="start_urls"):
        type("Example", (Platform,), DECLARED | {"live": True})


def test_a_row_with_an_unknown_key_is_an_error_not_an_absent_value() -> None:
    layout = Layout("list", "ul", lambda response: [{"id": "1", "titel": "A title"}], "written pages")
    spider = type("Example", (Platform,), DECLARED | {"layouts": (layout,)})(key=b"k" * 32)
    with pytest.raises(KeyError, match="titel"):
        spider.read(HtmlResponse("https://example.org/", body=b"<ul></ul>"))
