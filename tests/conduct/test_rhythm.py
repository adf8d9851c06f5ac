"""The pace of a host, on a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from microaudit.conduct.rhythm import DEFAULT_WAIT, LONGEST_WAIT, SILENCES, TRIES, Rhythm, retry_after

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOST = "kwork.ru"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("10", 10.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:02:05 GMT", 125.0),
        ("Sunday, 01-Mar-26 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٠", None),
        ("9" * 400, 999_999_999_999.0),
        ("Sun, 99 Mar 2026 12:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    assert retry_after(header, NOON) == seconds


def test_a_host_rests_for_the_delay_after_each_answer() -> None:
    rhythm = Rhythm(5.0)
    assert rhythm.wait(HOST, 100.0) == 0
    rhythm.answered(HOST, 100.0)
    assert rhythm.wait(HOST, 100.0) == 5
    assert rhythm.wait(HOST, 104.0) == 1
    assert rhythm.wait("other.org", 100.0) == 0


def test_a_slow_host_is_asked_more_slowly_within_bounds() -> None:
    rhythm = Rhythm(5.0)
    rhythm.answered(HOST, 0.0, latency=10.0)
    assert rhythm.wait(HOST, 0.0) == 20
    rhythm.answered("slow.org", 0.0, latency=500.0)
    assert rhythm.wait("slow.org", 0.0) == 60


def test_crawl_delay_is_never_undercut() -> None:
    rhythm = Rhythm(1.0)
    rhythm.host(HOST).crawl_delay = 30.0
    rhythm.answered(HOST, 0.0)
    assert rhythm.wait(HOST, 0.0) == 30


def test_retry_after_is_waited_for_to_the_second() -> None:
    rhythm = Rhythm(1.0)
    assert rhythm.rest(HOST, 0.0, 42.0)
    rhythm.answered(HOST, 0.0)
    assert rhythm.wait(HOST, 0.0) == 42
    assert rhythm.wait(HOST, 41.0) == 1
    assert rhythm.wait(HOST, 42.0) == 0


def test_without_a_word_the_wait_doubles_and_the_pace_stays_slower() -> None:
    rhythm = Rhythm(5.0)
    rhythm.rest(HOST, 0.0, None)
    assert rhythm.wait(HOST, 0.0) == DEFAULT_WAIT
    rhythm.rest(HOST, DEFAULT_WAIT, None)
    assert rhythm.wait(HOST, DEFAULT_WAIT) == 2 * DEFAULT_WAIT
    rhythm.answered("calm.org", 0.0)
    rhythm.answered(HOST, 1000.0)
    assert rhythm.wait(HOST, 1000.0) == 20


def test_the_circuit_opens_after_so_many_busy_answers_in_a_row() -> None:
    rhythm = Rhythm(1.0)
    assert [rhythm.rest(HOST, 0.0, 1.0) for _ in range(TRIES + 1)] == [True] * TRIES + [False]


def test_a_served_page_closes_the_row() -> None:
    rhythm = Rhythm(1.0)
    for _ in range(10):
        assert rhythm.rest(HOST, 0.0, 1.0)
        rhythm.calm(HOST)


def test_the_waits_of_a_crawl_are_capped_in_sum() -> None:
    assert not Rhythm(1.0).rest(HOST, 0.0, LONGEST_WAIT + 1)
    rhythm = Rhythm(1.0)
    assert rhythm.rest(HOST, 0.0, LONGEST_WAIT - 10)
    rhythm.calm(HOST)
    assert not rhythm.rest(HOST, 0.0, 11.0)


def test_a_silent_host_is_given_up() -> None:
    rhythm = Rhythm(1.0)
    assert [rhythm.silent(HOST) for _ in range(SILENCES)] == [False] * (SILENCES - 1) + [True]
