"""What is usual for a platform, learnt from its own healthy runs: pure functions over rows of the run ledger.

Task counts are compared on a log scale, where a share lost is the same distance for a small and a large platform.
The usual level is the median, each day of the week has its own, the spread is the median absolute deviation (MAD).
A single run tells a drop from noise only where the platform is calm, so means of the last three and seven runs
are looked at as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log, log1p, sqrt
from statistics import median
from typing import NamedTuple

WEEK = range(7)
# Runs that are looked at together, and the standard errors below the usual that are an alarm. The longest view is
# the most certain one, so it may be the most easily alarmed: bench/baseline.py measures what that costs.
LIMITS = {1: 3.6, 3: 3.4, 7: 2.7}
RECENT = max(LIMITS)
WINDOW = timedelta(days=105)  # of the past: fifteen of each day of the week
ENOUGH = 10  # runs before the recent ones; with fewer nothing is said
OF_A_WEEKDAY = 3  # runs; with fewer the day of the week is not known
MAD_TO_SIGMA = 1.4826  # of a normal distribution
MEDIAN_LOSS = 1.25  # a median errs so much more than a mean
CALM = 0.05  # spread (log scale) below which a platform is not believed to be
LEAST = log1p(-0.15)  # a smaller drop is none, however calm the platform


class Run(NamedTuple):
    """When a healthy run began, and how many tasks it read."""

    at: datetime
    tasks: int


@dataclass(frozen=True, slots=True)
class Volume:
    """The newest runs against what is usual: `runs` of them together hold `share` of the expected tasks."""

    expected: float  # tasks of a run on the newest run's day of the week
    share: float
    runs: int
    quiet: bool


def volume(history: Sequence[Run]) -> Volume | None:
    """How the newest of a platform's healthy runs (oldest first) compares; None where the past is too short."""
    recent = history[-RECENT:]
    if len(recent) < RECENT:
        return None
    past = [run for run in history[:-RECENT] if run.at >= recent[-1].at - WINDOW]
    usual = _usual(past)
    if len(past) < ENOUGH or not {run.at.weekday() for run in recent} <= usual.keys():
        return None
    before = [(run.tasks, usual[run.at.weekday()]) for run in past if run.at.weekday() in usual]
    now = [(run.tasks, usual[run.at.weekday()]) for run in recent]
    expected = now[-1][1]
    for number, limit in LIMITS.items():
        lost = _distance(now[-number:])
        if lost < min(LEAST, -limit * _error(before, now[-number:])):
            return Volume(expected, exp(lost), number, quiet=True)
    return Volume(expected, exp(_distance(now[-1:])), 1, quiet=False)


def _distance(runs: Sequence[tuple[int, float]]) -> float:
    """Log of what the runs read together over what was expected of them."""
    return log((sum(tasks for tasks, _ in runs) + 0.5) / (sum(expected for _, expected in runs) + 0.5))


def _error(before: Sequence[tuple[int, float]], now: Sequence[tuple[int, float]]) -> float:
    """Standard error of the distance of `now`, as that of so many runs in a row has spread in the past.

    Days in a row are alike, so it is more than the spread of single runs over the root of their number.
    """
    number = len(now)
    in_a_row = [_distance(before[start : start + number]) for start in range(len(before) - number + 1)]
    single = _spread([_distance([run]) for run in before])
    counting = 1 / sqrt(sum(expected for _, expected in now) + 0.5)  # Poisson
    spread = max(single / sqrt(number), _spread(in_a_row) if len(in_a_row) >= ENOUGH else 0.0, counting, CALM)
    of_level = MEDIAN_LOSS * single / sqrt(len(before) / (1 if number == len(WEEK) else len(WEEK)))
    return sqrt(spread**2 + of_level**2)


def _usual(past: Sequence[Run]) -> Mapping[int, float]:
    """The tasks expected on each day of the week that is known."""
    days: dict[int, list[int]] = {}
    for run in past:
        days.setdefault(run.at.weekday(), []).append(run.tasks)
    return {day: median(tasks) for day, tasks in days.items() if len(tasks) >= OF_A_WEEKDAY}


def _spread(distances: Sequence[float]) -> float:
    """Sigma of a normal distribution with the same MAD."""
    middle = median(distances)
    return MAD_TO_SIGMA * median(abs(distance - middle) for distance in distances)
