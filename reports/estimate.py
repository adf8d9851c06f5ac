"""From counts to a share with an interval: every estimator of the report, each short and cited.

The rule by which the report chooses:

1. Without human codes of the same platform the share is the tool's count, not an estimate. Its
   interval covers sampling alone, and the report says so.
2. With human codes, at least FLOOR of each class, `two_phase` gives the corrected share; its
   interval covers sampling and the classifier's error on that platform.
3. Error rates are never borrowed from another platform.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Z95 = 1.959963984540054
FLOOR = 5  # human codes that each class needs before a share is corrected
FEW = 30  # below this many tasks a range is printed, not a point

Status = Literal["count", "calibrated"]


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
class Coded:
    """One task that a human coded beside the tool: whether each calls it illicit; weight >= 1."""

    tool: bool
    human: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected share with its 95 % interval, and how many human codes stand behind it."""

    value: float
    low: float
    high: float
    n_codes: int
    method: str


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


def share(numerator: float, n: float) -> Share:
    """A share with its Wilson interval."""
    ends = wilson(numerator, n)
    return Share(numerator, n, *(ends or (None, None)))


@dataclass(frozen=True, slots=True)
class Clusters:
    """Sums over buyers, with n_b tasks of which x_b illicit each: what `clustered` needs.

    A task without a known buyer is a cluster of its own.
    """

    buyers: int
    nn: int  # sum of n_b squared
    nx: int  # sum of n_b * x_b
    xx: int  # sum of x_b squared


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
    """The share if every task without a label were legitimate, and if every one were illicit."""
    total = n_labelled + n_without_label
    return (n_illicit / total, (n_illicit + n_without_label) / total) if total else None


def two_phase(n_illicit: int, n_labelled: int, codes: Iterable[Coded]) -> Corrected | None:
    """Share post-stratified by the tool's verdict (Cochran 1977, section 12.3), interval on the logit scale.

    `codes` are human codes drawn at random, with known probabilities, from the same platform; the
    weights are 1 / inclusion probability. None with fewer than FLOOR codes of either human class,
    or without codes in a stratum that holds tasks: then the share stays the tool's count.
    """
    coded = list(codes)
    humans = sum(code.human for code in coded)
    if min(humans, len(coded) - humans) < FLOOR:
        return None
    strata: list[tuple[float, float, float]] = []  # weight of the stratum, share of illicit in it, effective codes
    for verdict, size in ((True, n_illicit), (False, n_labelled - n_illicit)):
        stratum = [code for code in coded if code.tool is verdict]
        if size and not stratum:
            return None
        if size:
            weights = sum(code.weight for code in stratum)
            effective = weights**2 / sum(code.weight**2 for code in stratum)
            hits = effective * sum(code.weight for code in stratum if code.human) / weights
            # Smoothed: a stratum in which no error was seen is not a stratum without errors.
            strata.append((size / n_labelled, (hits + 0.5) / (effective + 1), effective + 1))
    value = sum(part * rate for part, rate, _ in strata)
    within = sum(part**2 * rate * (1 - rate) / size for part, rate, size in strata)
    between = sum(part * (rate - value) ** 2 for part, rate, _ in strata) / n_labelled
    spread = math.sqrt(within + between) / (value * (1 - value))
    logit = math.log(value / (1 - value))
    low, high = (1 / (1 + math.exp(-(logit + sign * Z95 * spread))) for sign in (-1, 1))
    return Corrected(value, low, high, len(coded), "two_phase")


def ranks(intervals: list[tuple[float, float]]) -> list[tuple[int, int]]:
    """Best and worst rank of each interval, 1 = highest; overlapping intervals share ranks."""
    return [
        (
            1 + sum(other_low > high for other_low, _ in intervals),
            sum(other_high >= low for _, other_high in intervals),
        )
        for low, high in intervals
    ]
