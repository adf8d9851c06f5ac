"""Manners on a real crawl from loopback."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import Outcome, Site
from tests.market import fill, job_list, job_path

Crawl = Callable[..., Outcome]


@pytest.fixture
def market(site: Site) -> Site:
    fill(site, lists=1, per_list=2)
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/")
    return site


def paths(site: Site) -> list[str]:
    return [path for path, _ in site.requests]


def clocked(site: Site) -> list[float]:
    """The times of the requests, in a list that grows with them."""
    times: list[float] = []
    site.watch = lambda stage, _: times.append(time.monotonic()) if stage == "asked" else None
    return times


def test_each_page_is_asked_for_once_and_one_at_a_time(crawl: Crawl, market: Site) -> None:
    open_requests: list[int] = []
    stages: list[str] = []

    def watch(stage: str, _: str) -> None:
        stages.append(stage)
        open_requests.append(stages.count("asked") - stages.count("answered"))

    market.watch = watch
    assert crawl("guru").status == 0
    assert paths(market) == ["/robots.txt", "/rss/jobs/", "/d/jobs/", job_path(1001), job_path(1002)]
    assert max(open_requests) == 1


def test_crawl_delay_is_kept(crawl: Crawl, market: Site) -> None:
    market.add("/robots.txt", "User-agent: *\nCrawl-delay: 1.5\n")
    times = clocked(market)
    assert crawl("guru").status == 0
    assert min(later - earlier for earlier, later in pairwise(times)) >= 1.5


def test_the_least_delay_is_kept(crawl: Crawl, market: Site) -> None:
    times = clocked(market)
    assert crawl("guru", MICROAUDIT_DOWNLOAD_DELAY="0.7").status == 0
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.7


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_to_the_second(crawl: Crawl, market: Site, status: int, form: str) -> None:
    page = market.answers["/d/jobs/"]
    times = clocked(market)

    def busy_once(stage: str, path: str) -> None:
        if stage == "asked":
            times.append(time.monotonic())
            if path == "/d/jobs/" and paths(market).count(path) == 1:
                wait = "3" if form == "seconds" else formatdate(time.time() + 3, usegmt=True)
                market.add("/d/jobs/", "busy", status=status, Retry_After=wait)
            elif path == "/d/jobs/":
                market.answers[path] = page

    market.watch = busy_once
    assert crawl("guru").status == 0
    assert paths(market).count("/d/jobs/") == 2
    first = paths(market).index("/d/jobs/")
    least = 3 if form == "seconds" else 2  # a date is cut to the second when it is written
    assert least <= times[first + 1] - times[first] < 4.5


def test_a_host_that_stays_busy_is_left_alone(crawl: Crawl, market: Site) -> None:
    market.add("/d/jobs/", "busy", status=429, Retry_After="0")
    done = crawl("guru")
    assert (done.status, done.events[0]["state"]) == (5, "blocked")
    assert paths(market).count("/d/jobs/") == 4  # the first and three more
    assert job_path(1001) not in paths(market)


@pytest.mark.parametrize("status", [200, 403])
def test_a_challenge_ends_the_crawl(crawl: Crawl, market: Site, status: int) -> None:
    market.add(job_path(1001), "<title>Just a moment...</title><div class='cf-chl-widget'>", status=status)
    done = crawl("guru")
    assert (done.status, done.events[0]["state"]) == (5, "blocked")
    assert "challenge" in str(done.events[0]["reason"])
    assert paths(market)[-1] == job_path(1001)


def test_an_endless_list_is_a_trap(crawl: Crawl, site: Site) -> None:
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/")
    for page in range(1, 400):
        path = "/d/jobs/" if page == 1 else f"/d/jobs/pg/{page}/"
        site.add(path, job_list(range(1001, 1003), f"/d/jobs/pg/{page + 1}/"))
    done = crawl("guru")
    assert (done.status, done.events[0]["state"]) == (8, "partial")
    assert "trap" in str(done.events[0]["reason"])
    assert len(site.requests) <= 200


def test_without_max_pages_a_crawl_has_a_budget(crawl: Crawl, site: Site, tmp_path: Path) -> None:
    fill(site, lists=2, per_list=4)
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/")

    def small_budget() -> None:
        from microaudit import settings

        settings.MICROAUDIT_PAGE_BUDGET = 3

    done = crawl("guru", first=small_budget)
    assert (done.status, done.events[0]["pages"]) == (8, 3)
    assert "budget of 3 pages" in str(done.events[0]["reason"])
    again = crawl("guru", "--resume")
    assert (again.status, again.events[0]["pages"], again.events[0]["crawl_id"]) == (0, 10, 1)
    assert len(paths(site)) == len(set(paths(site))) + 1  # robots.txt was asked twice


def test_max_pages_is_not_exceeded(crawl: Crawl, market: Site) -> None:
    assert crawl("guru", "--max-pages", "2").status == 0
    assert len(paths(market)) == 4  # robots.txt, the redirect, two pages


@pytest.mark.parametrize(
    "target",
    ["/private/data", "http://127.0.0.2:{port}/d/jobs/", "http://localhost:{port}/d/jobs/", "https://example.org/",
     "http://127.0.0.1:{port}/jobs/1", "file:///etc/passwd"],
)  # fmt: skip
def test_a_redirect_is_held_to_the_same_rules(crawl: Crawl, market: Site, target: str) -> None:
    market.add("/rss/jobs/", "", status=302, Location=target.format(port=market.url.rsplit(":")[-1]))
    crawl("guru")
    assert set(paths(market)) <= {"/robots.txt", "/rss/jobs/", "/d/jobs/", job_path(1001), job_path(1002)}
    assert paths(market).count("/d/jobs/") == 1


@pytest.mark.parametrize("hops", [5, 6])
def test_robots_is_followed_over_five_redirects(crawl: Crawl, market: Site, hops: int) -> None:
    market.add("/robots.txt", "", status=301, Location="/r1")
    for hop in range(1, hops):
        market.add(f"/r{hop}", "", status=302, Location=f"/r{hop + 1}")
    market.add(f"/r{hops}", "User-agent: *\nDisallow: /jobs/\n")
    done = crawl("guru")
    assert paths(market).count(f"/r{hops}") == (hops <= 5)
    assert job_path(1001) not in paths(market)
    assert ("/d/jobs/" in paths(market)) is (hops <= 5), done.err


def test_the_verdict_on_robots_is_kept(crawl: Crawl, market: Site, tmp_path: Path) -> None:
    crawl("guru")
    with sqlite3.connect(tmp_path / "s.db") as store:
        conduct = json.loads(store.execute("SELECT conduct FROM crawl").fetchone()[0])
    (verdict,) = conduct["robots"]
    assert (verdict["origin"], verdict["state"], len(verdict["sha256"])) == (market.url, "read", 64)


def test_a_silent_server_is_given_up(crawl: Crawl, site: Site) -> None:
    site.add("/robots.txt", "")
    site.add("/d/jobs/", job_list(range(1001, 1021)))
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/")

    def hang_up(stage: str, path: str) -> None:
        if stage == "asked" and path.startswith("/jobs/"):
            raise ConnectionAbortedError

    site.watch = hang_up
    done = crawl("guru")
    assert (done.status, done.events[0]["state"]) == (8, "partial")
    assert "without an answer" in str(done.events[0]["reason"])
    assert sum(path.startswith("/jobs/") for path in paths(site)) == 9
