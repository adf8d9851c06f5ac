"""Is a drop of 30 % found, and is a healthy platform left in peace? Replayed histories of a year, one run a day.

    python -m bench.baseline [--histories 200] [--seed 1] [--drop 0.3]

Each history has a level of 20 to 2,000 tasks, quieter week-ends, a slow trend, day-to-day noise with memory (AR 1),
counting noise (Poisson), and some days that are far out. A drop sets in on a day of the second half and lasts;
it is found if an alarm comes within seven runs. The healthy year counts the runs with an alarm. None of these
histories is a real platform's: the table says at what noise the rule holds, and where it stops.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from microaudit.baseline import Run, volume

DAYS = 365
NOISES = (0.03, 0.05, 0.08, 0.12, 0.16, 0.20, 0.25)  # standard deviation of the log from day to day
MEMORY = 0.3
FOUND_WITHIN = 7  # runs
START = datetime(2026, 1, 1, 6, tzinfo=UTC)


def history(dice: np.random.Generator, noise: float) -> np.ndarray:
    """Expected and drawn tasks of each day: the rate before counting noise, shape (DAYS,)."""
    weekend = dice.uniform(0.4, 1.0)
    days = np.arange(DAYS)
    level = np.exp(dice.uniform(np.log(20), np.log(2000)))
    week = np.where((days + START.weekday()) % 7 >= 5, weekend, 1.0)
    trend = np.exp(dice.uniform(-0.3, 0.3) * days / DAYS)
    steps = dice.normal(0, noise * np.sqrt(1 - MEMORY**2), DAYS)
    walk = np.zeros(DAYS)
    for day in range(1, DAYS):
        walk[day] = MEMORY * walk[day - 1] + steps[day]
    far_out = np.where(dice.random(DAYS) < 0.01, dice.uniform(1.5, 3.0, DAYS), 1.0)
    rates: np.ndarray = level * week * trend * np.exp(walk) * far_out
    return rates


def runs(tasks: Sequence[int]) -> list[Run]:
    """One run a day."""
    return [Run(START + timedelta(days=day), int(number)) for day, number in enumerate(tasks)]


def alarms(rows: Sequence[Run], days: range) -> list[bool | None]:
    """For each of the days: was there an alarm? None where too little was known to say."""
    seen = [volume(rows[: day + 1]) for day in days]
    return [found.quiet if found else None for found in seen]


def measure(dice: np.random.Generator, noise: float, drop: float, histories: int) -> tuple[float, float, float]:
    """Share of drops found within seven runs, share found at once, alarms per 100 healthy runs."""
    found = at_once = false = judged = 0
    for _ in range(histories):
        rates = history(dice, noise)
        healthy = alarms(runs(dice.poisson(rates)), range(DAYS))
        false += sum(alarm is True for alarm in healthy)
        judged += sum(alarm is not None for alarm in healthy)
        day = int(dice.integers(120, DAYS - FOUND_WITHIN))
        rates[day:] *= 1 - drop
        after = alarms(runs(dice.poisson(rates)), range(day, day + FOUND_WITHIN))
        found += any(after)
        at_once += bool(after[0])
    return found / histories, at_once / histories, 100 * false / judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drop", type=float, default=0.3)
    arguments = parser.parse_args()
    dice = np.random.default_rng(arguments.seed)
    rows = []
    for noise in NOISES:
        rows.append(measure(dice, noise, arguments.drop, arguments.histories))
        found, at_once, false = rows[-1]
        sys.stdout.write(f"noise {noise:.2f}: found {found:6.1%}, at once {at_once:6.1%}, {false:.2f} false per 100\n")
    found, at_once, false = np.mean(rows, axis=0)
    sys.stdout.write(f"all noises: found {found:6.1%}, at once {at_once:6.1%}, {false:.2f} false per 100\n")


if __name__ == "__main__":
    main()
