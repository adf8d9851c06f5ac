"""The estimators, against published values and against what must hold for any input."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.estimate import Clusters, Coded, bounds, clustered, jeffreys, ranks, share, two_phase, wilson

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("numerator", "n", "low", "high"),
    [
        (2390, 5841, 0.3966, 0.4218),  # spam HITs of 2010: 39.7-42.2 %
        (0, 10, 0.0, 0.2775),  # Newcombe 1998, Statistics in Medicine 17, method 3
        (81, 263, 0.2553, 0.3662),  # the same
        (15, 148, 0.0624, 0.1605),  # the same
        (1, 29, 0.0061, 0.1718),  # the same
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_gives_the_published_ends(numerator: int, n: int, low: float, high: float) -> None:
    assert wilson(numerator, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("numerator", "n", "low", "high"), [(0, 10, 0.0, 0.2172), (5, 10, 0.2235, 0.7765), (10, 10, 0.7828, 1.0)]
)
def test_jeffreys_gives_the_quantiles_of_its_beta(numerator: int, n: int, low: float, high: float) -> None:
    assert jeffreys(numerator, n) == pytest.approx((low, high), abs=2e-4)


def test_nothing_counted_is_no_interval() -> None:
    assert wilson(0, 0) is None
    assert jeffreys(0, 0) is None
    assert bounds(0, 0, 0) is None
    assert share(0, 0).value is None


@given(counts)
def test_every_interval_holds_its_point_and_mirrors(case: tuple[int, int]) -> None:
    x, n = case
    for method in (wilson, jeffreys):
        low, high = method(x, n) or (2, 2)
        assert 0 <= low <= x / n <= high <= 1
        assert method(n - x, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_buyers_with_one_task_each_leave_the_wilson_interval() -> None:
    alone = Clusters(buyers=200, nn=200, nx=60, xx=60)
    found = clustered(60, 200, alone)
    assert (found.low, found.high) == pytest.approx(wilson(60, 200), abs=2e-3)


def test_buyers_who_repeat_themselves_widen_the_interval() -> None:
    # 20 buyers with 10 tasks each, 6 of them illicit throughout: 20 observations, not 200.
    found = clustered(60, 200, Clusters(buyers=20, nn=2000, nx=600, xx=600))
    assert (found.low, found.high) == pytest.approx(wilson(6, 20), abs=0.02)
    at_one = clustered(200, 200, Clusters(buyers=20, nn=2000, nx=2000, xx=2000))
    assert at_one.low == pytest.approx(wilson(20, 20)[0])  # type: ignore[index]


def test_bounds_put_every_task_without_a_label_on_either_side() -> None:
    assert bounds(60, 80, 20) == (0.6, 0.8)


def test_ranks_are_shared_where_intervals_overlap() -> None:
    assert ranks([(0.8, 0.9), (0.5, 0.7), (0.6, 0.65), (0.1, 0.2)]) == [(1, 1), (2, 3), (2, 3), (4, 4)]
    assert ranks([(0.4, 0.6)]) == [(1, 1)]


def test_too_few_codes_of_a_class_correct_nothing() -> None:
    codes = [Coded(True, True, 1.0)] * 50 + [Coded(False, False, 1.0)] * 4
    assert two_phase(600, 1000, codes) is None
    assert two_phase(600, 1000, []) is None


def test_two_phase_covers_the_truth_where_the_raw_count_does_not() -> None:
    """The classifier of the method's own example: sensitivity .97, specificity .75, true share 50 %."""
    dice = random.Random(7)
    covered = raw_covered = 0
    rounds = 200
    for _ in range(rounds):
        tasks = [(dice.random() < 0.5) for _ in range(2000)]
        judged = [(dice.random() < (0.97 if truth else 0.25), truth) for truth in tasks]
        codes = [Coded(tool, truth, 10.0) for tool, truth in dice.sample(judged, 200)]
        said = sum(tool for tool, _ in judged)
        fixed = two_phase(said, 2000, codes)
        assert fixed is not None
        covered += fixed.low <= 0.5 <= fixed.high
        raw = share(said, 2000)
        raw_covered += (raw.low or 0) <= 0.5 <= (raw.high or 1)
    assert covered >= 0.90 * rounds
    assert raw_covered == 0
