"""A page that a parser would chew for hours costs a crawl its time limit, and is counted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest
from scrapy.http import HtmlResponse

from microaudit.bounded import TooLongError, within
from microaudit.spiders import base, platform

ROW = '<div class="record jobRecord" data-gid="1"><h2 class="jobRecord__title"><a href="/jobs/a/1">t</a></h2>'


@pytest.mark.parametrize("fork", [False, True])
def test_work_in_time_gives_its_value_or_its_error(fork: bool) -> None:
    assert within(5, lambda: 6 * 7, fork) == 42
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0, fork)


def for_ever() -> None:
    while True:
        sum(range(1000))


@pytest.mark.parametrize(
    ("work", "fork"),
    [(for_ever, False), (for_ever, True), (lambda: time.sleep(99), True), (lambda: os._exit(1), True)],
)
def test_work_that_takes_too_long_or_dies_is_ended(work: Callable[[], None], fork: bool) -> None:
    begin = time.monotonic()
    with pytest.raises(TooLongError):
        within(0.3, work, fork)
    assert time.monotonic() - begin < 3


def test_nothing_is_left_ticking() -> None:
    within(0.2, lambda: None)
    time.sleep(0.3)


@pytest.mark.parametrize("rows", [4000, 60000])
def test_rows_nested_in_rows_end_in_time(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(base, "SECONDS", 1.0)
    spider = platform("guru")(key=b"k" * 32)
    begin = time.monotonic()
    page = spider.read_in_time(HtmlResponse("https://www.guru.com/d/jobs/", body=ROW.encode() * rows))
    assert (page.outcome, dict(page.problems)) == ("unparsed", {"time to read the page": 1})
    assert time.monotonic() - begin < 10
