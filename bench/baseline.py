"""Is a drop of 30 % found, and is a healthy platform left in peace? Replayed histories of a year, one run a day.

    python -m bench.baseline [--histories 40] [--seed 1] [--drop 0.3] [--noise 0.05 0.1 ...]

Each history has a level of 20 to 2,000 tasks, quieter week-ends, a slow trend, day-to-day noise with memory (AR 1),
counting noise (Poisson), and some days that are far out. A drop sets in on a day of the second half and lasts;
it is found if an alarm comes within seven runs, or fourteen. The healthy year counts the runs with an alarm.
None of these histories is a real platform's: the table says at what noise the rule holds, and where it stops.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from microaudit.baseline import Run, volume

DAYS = 365
NOISES = (0.03, 0.06, 0.09, 0.12, 0.15, 0.20)  # standard deviation of the log from day to day
MEMORY = 0.3
FOUND_WITHIN = (7, 14)  # runs
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
    """Share of drops found within seven runs, within fourteen, and alarms per 100 healthy runs."""
    soon, late = FOUND_WITHIN
    found_soon = found_late = false = judged = 0
    for _ in range(histories):
        rates = history(dice, noise)
        healthy = alarms(runs(dice.poisson(rates)), range(DAYS))
        false += sum(alarm is True for alarm in healthy)
        judged += sum(alarm is not None for alarm in healthy)
        day = int(dice.integers(DAYS // 2, DAYS - late))
        rates[day:] *= 1 - drop
        after = alarms(runs(dice.poisson(rates)), range(day, day + late))
        found_soon += any(after[:soon])
        found_late += any(after)
    return found_soon / histories, found_late / histories, 100 * false / judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--histories", type=int, default=40, help="of each noise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drop", type=float, default=0.3)
    parser.add_argument("--noise", type=float, nargs="+", default=NOISES)
    arguments = parser.parse_args()
    for noise in arguments.noise:
        dice = np.random.default_rng([arguments.seed, round(1000 * noise)])
        soon, late, false = measure(dice, noise, arguments.drop, arguments.histories)
        sys.stdout.write(f"noise {noise:.2f}: found {soon:6.1%} within 7 runs, {late:6.1%} within 14; ")
        sys.stdout.write(f"{false:.2f} alarms per 100 healthy runs\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
