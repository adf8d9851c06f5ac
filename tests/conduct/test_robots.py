"""robots.txt after RFC 9309: what a text means, and what an answer that is no text means."""

from __future__ import annotations

import pytest
from scrapy.http import TextResponse

from microaudit.conduct.robots import MAX_BYTES, Verdict, verdict

ORIGIN = "https://example.org"


def read(text: str | bytes, status: int = 200) -> Verdict:
    body = text.encode() if isinstance(text, str) else text
    return verdict(ORIGIN, TextResponse(f"{ORIGIN}/robots.txt", status=status, body=body))


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: *\nDisallow: /a", "/ab", False),
        ("USER-AGENT: *\ndisallow: /a", "/a", False),
        ("User-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /a # not here", "/a", False),
        # Our own group stands in the place of the general one, whatever its letter case or version.
        ("User-agent: microaudit\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: MicroAudit\nDisallow: /b", "/a", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: microaudit/2.0\nDisallow: /", "/a", False),
        ("User-agent: other\nUser-agent: microaudit\nDisallow: /", "/a", False),
        ("User-agent: microauditor\nDisallow: /", "/a", True),
        ("User-agent: audit\nDisallow: /", "/a", True),
        # Groups of one name are one group (2.2.1).
        ("User-agent: microaudit\nDisallow: /a\n\nUser-agent: microaudit\nDisallow: /b", "/a", False),
        ("User-agent: microaudit\nDisallow: /a\n\nUser-agent: microaudit\nDisallow: /b", "/b", False),
        # The longest match decides; of two equal ones, allow (2.2.2).
        ("User-agent: *\nDisallow: /a\nAllow: /a/open", "/a/open/1", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a/shut", "/a/shut/1", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        # * and $ (2.2.3)
        ("User-agent: *\nDisallow: /*?page=", "/projects?page=2", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /%D0%BF", "/п", False),
        # Rules before any group, and lines that are no rules, count for nothing.
        ("Disallow: /\nUser-agent: *\nDisallow: /b", "/a", True),
        ("<html>not found</html>", "/a", True),
    ],
)
def test_the_rules_of_a_text(text: str, path: str, allowed: bool) -> None:
    assert read(text).allows(f"{ORIGIN}{path}") is allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451])
def test_a_4xx_answer_allows(status: int) -> None:
    assert read("User-agent: *\nDisallow: /", status).allows(f"{ORIGIN}/a")


@pytest.mark.parametrize("status", [204, 206, 301, 302, 304, 500, 502, 503, 504, 522])
def test_any_other_answer_forbids(status: int) -> None:
    assert not read("", status).allows(f"{ORIGIN}/a")


def test_no_answer_forbids() -> None:
    assert not verdict(ORIGIN, None, "timed out").allows(f"{ORIGIN}/a")


def test_500_kib_are_read_and_no_half_line() -> None:
    filler = b"# filler\n" * (500 * 1024 // 9)
    assert len(filler) <= 500 * 1024 < MAX_BYTES
    assert not read(b"User-agent: *\n" + filler + b"Disallow: /a\n").allows(f"{ORIGIN}/a")
    head = b"User-agent: *\nDisallow: /\n"
    line = b"Allow: /open/only"
    padding = b"#" * (MAX_BYTES - len(head) - len(b"\nAllow: /"))
    cut = read(head + padding + b"\n" + line + b"\n" + b"# more\n" * 99)
    assert not cut.allows(f"{ORIGIN}/a"), "a rule cut off in the middle became a wider one"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 7.5", 7.5),
        ("User-agent: *\nRequest-rate: 1/20s", 20.0),
        ("User-agent: *\nCrawl-delay: 3\nRequest-rate: 2/60", 30.0),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: 9\n\nUser-agent: microaudit\nDisallow: /b", None),
        ("", None),
    ],
)
def test_crawl_delay(text: str, seconds: float | None) -> None:
    assert read(text).crawl_delay == seconds


def test_the_verdict_is_kept_with_its_hash() -> None:
    record = read("User-agent: *\nDisallow: /\n").record()
    assert record["sha256"] == "331ea9090db0c9f6f597bd9840fd5b171830f6e0b3ba1cb24dfa91f0c95aedc1"
    assert (record["state"], record["origin"]) == ("read", ORIGIN)
