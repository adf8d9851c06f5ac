"""From counts and human codes to a share with an interval: the estimators, and the rule that chooses.

The rule:

1. Without LEAST human codes of the same platform the share is the tool's count, not an estimate.
   Its interval covers sampling alone, and the report says so. Error rates are never borrowed from
   another platform: under shift such an interval rarely holds the truth (docs/method.md).
2. With codes in which each class has FLOOR answers, `two_phase` gives the corrected share. Its
   interval covers the sampling of listings and of codes, the classifier's errors on this platform,
   and buyers who post many tasks. The platform is CALIBRATED and may enter a headline.
3. With codes but fewer than FLOOR of a class, `codes_only` gives the share of the codes alone: too
   few errors were seen to say how the tool errs. The platform is marked UNCALIBRATED.

What can be counted without codes is in `estimate_intervals`, what needs error rates in `estimate_rates`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from reports.estimate_intervals import (
    FEW,
    Z95,
    Clusters,
    Share,
    bounds,
    clustered,
    finite,
    jeffreys,
    ranks,
    share,
    wilson,
)
from reports.estimate_rates import lang_reiczigel, ppi, rogan_gladen

__all__ = [
    "FEW", "FLOOR", "LEAST", "Z95", "Clusters", "Coded", "Corrected", "Mark", "Share", "bounds", "clustered",
    "codes_only", "corrected", "finite", "jeffreys", "lang_reiczigel", "mark", "ppi", "ranks", "rogan_gladen", "share",
    "two_phase", "wilson",
]  # fmt: skip

FLOOR = 5  # human codes that each class needs before the tool counts as calibrated
LEAST = 30  # codable human codes that a platform needs before its share is estimated

Mark = Literal["CALIBRATED", "POOLED", "UNCALIBRATED"]
SAMPLING = ("the sampling of listings", "the sampling of human codes")
ERRORS = "the classifier's errors on this platform"
BUYERS = "buyers who post many tasks"
UNLABELLED = "tasks that the tool left without a label"


@dataclass(frozen=True, slots=True)
class Coded:
    """One task that humans coded beside the tool.

    `tool` and `human` say whether each calls it illicit; None: the tool gave no label, the humans
    found it not codable. `weight` is 1 / inclusion probability, >= 1. `buyer` numbers the buyer
    within the platform (None: unknown), who has `buyer_tasks` labelled tasks, `buyer_illicit` of
    them illicit by the tool.
    """

    tool: bool | None
    human: bool | None
    weight: float
    buyer: int | None = None
    buyer_tasks: int = 1
    buyer_illicit: int = 0


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected share with its 95 % interval, how many human codes stand behind it, and what it covers."""

    value: float
    low: float
    high: float
    n_codes: int
    method: str
    covers: tuple[str, ...] = SAMPLING


def mark(codes: Sequence[Coded], others: int = 0) -> Mark:
    """Whether the tool's errors on this platform are known.

    CALIBRATED: by its own codes, at least FLOOR of each class. POOLED: only by the `others` codes
    of other platforms, which correct nothing here. UNCALIBRATED: not at all.
    """
    illicit = sum(code.human is True for code in codes)
    legitimate = sum(code.human is False for code in codes)
    if illicit + legitimate >= LEAST and min(illicit, legitimate) >= FLOOR:
        return "CALIBRATED"
    return "POOLED" if others and not codes else "UNCALIBRATED"


def corrected(
    n_illicit: int, n_labelled: int, codes: Sequence[Coded], clusters: Clusters | None = None, n_unlabelled: int = 0
) -> Corrected | None:
    """The corrected share by the rule of this module; None where the share stays the tool's count."""
    if sum(code.human is not None for code in codes) < LEAST:
        return None
    return two_phase(n_illicit, n_labelled, codes, clusters, n_unlabelled) or codes_only(codes, clusters)


def two_phase(
    n_illicit: int,
    n_labelled: int,
    codes: Iterable[Coded],
    clusters: Clusters | None = None,
    n_unlabelled: int = 0,
    *,
    listed: bool = False,
) -> Corrected | None:
    """Share among codable tasks, post-stratified by the tool's verdict (Cochran 1977, section 12.3).

    `codes` are human codes drawn at random, with known probabilities, from the same platform.
    Tasks that the tool left without a label are a stratum of their own where codes of them exist.
    None with fewer than FLOOR codes of either human class, or without codes in a stratum that
    holds tasks: then the tool's errors are not known.

    The estimand is the share in the market that produces the listings; with `listed`, the share
    among the listings themselves, whose interval is narrower by the finite population correction.
    """
    coded = list(codes)
    if min(sum(code.human is True for code in coded), sum(code.human is False for code in coded)) < FLOOR:
        return None
    sizes: dict[bool | None, int] = {True: n_illicit, False: n_labelled - n_illicit}
    reached = n_unlabelled > 0 and any(code.tool is None for code in coded)
    if reached:
        sizes[None] = n_unlabelled
    sizes = {verdict: size for verdict, size in sizes.items() if size}
    coded = [code for code in coded if code.tool in sizes]
    if any(all(code.tool is not verdict for code in coded) for verdict in sizes):
        return None
    covers = (*SAMPLING, ERRORS, *([BUYERS] if clusters else []), *([UNLABELLED] if reached else []))
    if clusters is None:
        clusters = Clusters(n_labelled, n_labelled, n_illicit, n_illicit)  # every task a buyer of its own
    value, low, high = _post_stratified(sizes, coded, clusters, listed)
    return Corrected(value, low, high, len(coded), "two_phase", covers)


def codes_only(codes: Sequence[Coded], clusters: Clusters | None = None) -> Corrected | None:
    """Share among codable tasks from the human codes alone, weighted, with the same interval.

    None without a codable code. The verdicts are not used, so nothing is assumed of the tool.
    """
    if all(code.human is None for code in codes):
        return None
    size = max(len(codes), round(sum(code.weight for code in codes)))
    blind = [replace(code, tool=None) for code in codes]
    clusters = clusters or Clusters(size, size, 0, 0)
    value, low, high = _post_stratified({None: size}, blind, clusters, listed=False)
    return Corrected(value, low, high, len(codes), "codes_only", (*SAMPLING, BUYERS))


@dataclass(frozen=True, slots=True)
class _Stratum:
    """The codes of one stratum, with weights that add up to its size, and its rates.

    The smooth rates carry half a code more of each class: a stratum in which no error was seen is
    not one without errors. `effective` codes of equal weight would say as much (Kish 1965).
    """

    size: int
    codes: list[tuple[Coded, float]]
    illicit: float
    codable: float
    smooth_illicit: float
    smooth_codable: float
    effective: float


def _stratum(size: int, codes: Sequence[Coded]) -> _Stratum:
    total = sum(code.weight for code in codes)
    effective = total**2 / sum(code.weight**2 for code in codes)
    illicit = sum(code.weight for code in codes if code.human is True) / total
    codable = sum(code.weight for code in codes if code.human is not None) / total
    smooth_illicit, smooth_codable = (
        (effective * illicit + 0.5) / (effective + 1),
        (effective * codable + 1) / (effective + 1),
    )
    calibrated = [(code, code.weight * size / total) for code in codes]
    return _Stratum(size, calibrated, illicit, codable, smooth_illicit, smooth_codable, effective)


def _post_stratified(
    sizes: Mapping[bool | None, int], codes: Sequence[Coded], clusters: Clusters, listed: bool
) -> tuple[float, float, float]:
    """The share and its interval, from the influence of each listing on it, summed by buyer.

    With y = illicit, c = codable and p the share, u = y - p c is centred on the mean of its
    stratum; the influence of a listing is that mean and, if it was coded, weight x (u - mean). The
    variance is the sum of squares over buyers (Robins, Rotnitzky & Zhao 1994; Cameron & Miller
    2015), never below that of single listings. The interval is Wilson's on the effective sample
    size (Kott & Carr 1997), with Student's quantile at Satterthwaite's degrees of freedom (Cochran
    1977, section 5.4).
    """
    from scipy.special import stdtrit

    strata = {verdict: _stratum(n, [code for code in codes if code.tool is verdict]) for verdict, n in sizes.items()}
    codable = sum(each.size * each.codable for each in strata.values())
    value = sum(each.size * each.illicit for each in strata.values()) / codable
    smooth = sum(each.size * each.smooth_codable for each in strata.values())
    p = sum(each.size * each.smooth_illicit for each in strata.values()) / smooth
    means = {verdict: each.smooth_illicit - p * each.smooth_codable for verdict, each in strata.items()}
    # Parts of the variance of the total, each with its degrees of freedom.
    parts = [(_within(each, p, means[verdict], listed), each.effective - 1) for verdict, each in strata.items()]
    if not listed:
        alone = sum(each.size * means[verdict] ** 2 for verdict, each in strata.items())
        together = _between(sizes, means, clusters) + _pairs(strata, p, means)
        # Buyers of equal size that would say as much; one degree of freedom goes into the share.
        buyers = max(2.0, sum(sizes.values()) ** 2 / clusters.nn)
        parts.append((max(alone, together) * buyers / (buyers - 1), buyers - 1))
    variance = sum(part for part, _ in parts)
    if not variance:
        return value, value, value
    freedom = variance**2 / sum(part**2 / max(1.0, degrees) for part, degrees in parts)
    size = p * (1 - p) * smooth**2 / variance
    low, high = wilson(value * size, size, float(stdtrit(freedom, 0.975))) or (0.0, 1.0)
    return value, low, high


def _within(each: _Stratum, p: float, mean: float, listed: bool) -> float:
    """What the drawing of codes within a stratum adds to the variance of the total."""
    plain = each.size / each.effective
    left = [(_centred(code, p, mean) ** 2, weight) for code, weight in each.codes]
    left += [((1 - p - mean) ** 2 / 2, plain), ((-p - mean) ** 2 / 2, plain)]  # the half codes of the smoothing
    total = sum(square * (max(0.0, weight * (weight - 1)) if listed else weight**2) for square, weight in left)
    # The half codes share the stratum's weight with the real ones; one degree of freedom went into the mean.
    return total * each.effective / (each.effective + 1)


def _between(sizes: Mapping[bool | None, int], means: Mapping[bool | None, float], clusters: Clusters) -> float:
    """The sum over buyers of the squared sums of stratum means: what the verdicts say of their clustering."""
    legitimate = means.get(False, 0.0)
    step = means.get(True, 0.0) - legitimate
    square = legitimate**2 * clusters.nn + 2 * legitimate * step * clusters.nx + step**2 * clusters.xx
    return square + sizes.get(None, 0) * means.get(None, 0.0) ** 2


def _pairs(strata: Mapping[bool | None, _Stratum], p: float, means: Mapping[bool | None, float]) -> float:
    """What codes of the same buyer add: the products of their residuals, and with the buyer's other listings."""
    sums: defaultdict[int, float] = defaultdict(float)
    squares: defaultdict[int, float] = defaultdict(float)
    others: dict[int, float] = {}
    for verdict, each in strata.items():
        for code, weight in each.codes:
            if code.buyer is not None:
                left = weight * _centred(code, p, means[verdict])
                sums[code.buyer] += left
                squares[code.buyer] += left**2
                legitimate = code.buyer_tasks - code.buyer_illicit
                others[code.buyer] = means.get(True, 0.0) * code.buyer_illicit + means.get(False, 0.0) * legitimate
    return sum(sums[buyer] ** 2 - squares[buyer] + 2 * sums[buyer] * others[buyer] for buyer in sorted(sums))


def _centred(code: Coded, p: float, mean: float) -> float:
    return (0.0 if code.human is None else code.human - p) - mean
