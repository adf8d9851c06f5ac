"""Intervals of a share that is counted: no human code is needed for them. Each is short and cited."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959963984540054
FEW = 30  # below this many tasks a range is printed, not a point


@dataclass(frozen=True, slots=True)
class Share:
    """`numerator` of `n`, with a 95 % interval; all ends in 0..1, None where n is 0."""

    numerator: float
    n: float
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        return self.numerator / self.n if self.n else None

    @property
    def few(self) -> bool:
        return self.n < FEW


@dataclass(frozen=True, slots=True)
class Clusters:
    """Sums over buyers, with n_b tasks of which x_b illicit each: what clustering by buyer needs.

    A task without a known buyer is a cluster of its own.
    """

    buyers: int
    nn: int  # sum of n_b squared
    nx: int  # sum of n_b * x_b
    xx: int  # sum of x_b squared


def wilson(numerator: float, n: float, z: float = Z95) -> tuple[float, float] | None:
    """Wilson score interval (Wilson 1927; Brown, Cai & DasGupta 2001). None for n = 0."""
    if n <= 0:
        return None
    p = numerator / n
    centre = p + z * z / (2 * n)
    spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # Rounding must not push an end past the point it belongs to.
    return max(0.0, min(p, (centre - spread) / scale)), min(1.0, max(p, (centre + spread) / scale))


def jeffreys(numerator: float, n: float) -> tuple[float, float] | None:
    """Jeffreys interval: Beta(x + 1/2, n - x + 1/2), with the ends 0 and 1 at x = 0 and x = n.

    Source: Brown, Cai & DasGupta, Statistical Science 16(2), 2001. None for n = 0.
    """
    if n <= 0:
        return None
    from scipy.special import betaincinv

    a, b = numerator + 0.5, n - numerator + 0.5
    low = 0.0 if numerator == 0 else float(betaincinv(a, b, 0.025))
    high = 1.0 if numerator == n else float(betaincinv(a, b, 0.975))
    return low, high


def finite(numerator: float, n: int, population: int) -> tuple[float, float] | None:
    """Wilson interval for the share in a finite population of which `n` were drawn without replacement.

    The finite population correction 1 - (n - 1) / (N - 1) enters through the effective sample size
    (Cochran 1977, section 2.6; Kott & Carr 1997). Nothing is left to estimate once n = N.
    """
    if n <= 0:
        return None
    if n >= population:
        return numerator / n, numerator / n
    size = n * (population - 1) / (population - n)
    return wilson(numerator / n * size, size)


def share(numerator: float, n: float) -> Share:
    """A share with its Wilson interval."""
    ends = wilson(numerator, n)
    return Share(numerator, n, *(ends or (None, None)))


def clustered(numerator: int, n: int, clusters: Clusters) -> Share:
    """Wilson interval on the effective sample size, for buyers who post many near-copies.

    The design effect is the linearised variance of a ratio over clusters (Cochran 1977, section
    9A) against that of single tasks; it is never taken below 1. At 0 % and 100 % the tasks of a
    buyer count as one observation each, which is the worst case (Kish 1965).
    """
    if n == 0 or clusters.buyers < 2:
        return Share(numerator, n, None, None)
    p = numerator / n
    if 0 < numerator < n:
        spread = clusters.xx - 2 * p * clusters.nx + p * p * clusters.nn
        variance = spread / n**2 * clusters.buyers / (clusters.buyers - 1)
        effect = variance / (p * (1 - p) / n)
    else:
        effect = clusters.nn / n
    size = n / max(1.0, effect)
    ends = wilson(p * size, size)
    return Share(numerator, n, *(ends or (None, None)))


def bounds(n_illicit: int, n_labelled: int, n_without_label: int) -> tuple[float, float] | None:
    """The share if every task without a label were legitimate, and if every one were illicit.

    Source: Manski, Partial Identification of Probability Distributions, 2003, chapter 1.
    """
    total = n_labelled + n_without_label
    return (n_illicit / total, (n_illicit + n_without_label) / total) if total else None


def ranks(intervals: list[tuple[float, float]]) -> list[tuple[int, int]]:
    """Best and worst rank of each interval, 1 = highest; overlapping intervals share ranks."""
    return [
        (
            1 + sum(other_low > high for other_low, _ in intervals),
            sum(other_high >= low for _, other_high in intervals),
        )
        for low, high in intervals
    ]
