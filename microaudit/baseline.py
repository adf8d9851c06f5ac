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
RECENT = (1, 3, 7)  # runs that are looked at together
WINDOW = timedelta(days=70)  # of the past: ten of each day of the week
ENOUGH = 10  # runs before the recent ones; with fewer nothing is said
OF_A_WEEKDAY = 4  # runs; with fewer a day of the week has the level of all
MAD_TO_SIGMA = 1.4826  # of a normal distribution
MEDIAN_LOSS = 1.25  # a median errs so much more than a mean
CALM = 0.05  # spread (log scale) below which a platform is not believed to be
LIMIT = 3.2  # standard errors below the usual that are an alarm
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
    recent = history[-max(RECENT) :]
    if len(recent) < max(RECENT):
        return None
    past = [run for run in history[: -max(RECENT)] if run.at >= recent[-1].at - WINDOW]
    if len(past) < ENOUGH:
        return None
    usual = _usual(past)
    before, now = ([(run.tasks, usual[run.at.weekday()]) for run in runs] for runs in (past, recent))
    expected = now[-1][1]
    for number in RECENT:
        lost = _distance(now[-number:])
        if lost < min(LEAST, -LIMIT * _error(before, now[-number:])):
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
    """The tasks expected on each day of the week."""
    level = median(run.tasks for run in past)
    days: dict[int, list[int]] = {}
    for run in past:
        days.setdefault(run.at.weekday(), []).append(run.tasks)
    return {day: median(days[day]) if len(days.get(day, ())) >= OF_A_WEEKDAY else level for day in WEEK}


def _spread(distances: Sequence[float]) -> float:
    """Sigma of a normal distribution with the same MAD."""
    middle = median(distances)
    return MAD_TO_SIGMA * median(abs(distance - middle) for distance in distances)
