"""Shares corrected by error rates or by predictions: what the report compares with, and does not print as its own.

Rogan-Gladen needs error rates that hold on the platform at hand; PPI++ needs none, but a random
sample of human codes. For a verdict of two values PPI++ is the regression form of the two-phase
estimate that the report uses, and agrees with it in large samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from reports.estimate_intervals import Z95

Estimate = tuple[float, float, float]  # value, low, high


def rogan_gladen(apparent: float, sensitivity: float, specificity: float) -> float | None:
    """The true share behind an apparent one: (p + Sp - 1) / (Se + Sp - 1), kept in 0..1.

    Source: Rogan & Gladen, American Journal of Epidemiology 107, 1978. None where Se + Sp <= 1:
    such a tool says nothing. Its limits: both rates must hold on this very platform.
    """
    power = sensitivity + specificity - 1
    return min(1.0, max(0.0, (apparent + specificity - 1) / power)) if power > 0 else None


def lang_reiczigel(
    positive: int, n: int, hits: int, n_illicit: int, passes: int, n_legitimate: int
) -> Estimate | None:
    """Rogan-Gladen with an interval that carries the error of Se = hits / n_illicit and Sp = passes / n_legitimate.

    Source: Lang & Reiczigel, Preventive Veterinary Medicine 113, 2014, equations 4-17. None where
    Se + Sp <= 1 or a sample is empty.
    """
    if not n or not n_illicit or not n_legitimate:
        return None
    value = rogan_gladen(positive / n, hits / n_illicit, passes / n_legitimate)
    if value is None:
        return None
    tasks, illicit, legitimate = n + Z95**2, n_illicit + 2, n_legitimate + 2
    apparent = (positive + Z95**2 / 2) / tasks
    se, sp = (hits + 1) / illicit, (passes + 1) / legitimate
    power = se + sp - 1
    if power <= 0:
        return None
    p = (apparent + sp - 1) / power
    se_part, sp_part = se * (1 - se) / illicit, sp * (1 - sp) / legitimate
    shift = 2 * Z95**2 * (p * se_part - (1 - p) * sp_part)
    spread = math.sqrt(apparent * (1 - apparent) / tasks + p**2 * se_part + (1 - p) ** 2 * sp_part) / power
    return value, min(1.0, max(0.0, p + shift - Z95 * spread)), min(1.0, max(0.0, p + shift + Z95 * spread))


def ppi(human: Sequence[float], tool: Sequence[float], rest: Sequence[float]) -> Estimate | None:
    """PPI++: the mean of the human codes, moved by what the tool says of the tasks that were not coded.

    `human` and `tool` stand side by side for the coded tasks, a random sample; `rest` holds the
    tool's verdicts or probabilities for the others. Power-tuned: the weight of the tool is the one
    that makes the interval shortest, kept in 0..1. None with fewer than two codes.

    Source: Angelopoulos, Duchi & Zrnic, PPI++, arXiv 2311.01453, section 4 and algorithm 1.
    """
    n, m = len(human), len(rest)
    if n < 2:
        return None
    mean_human, mean_tool, mean_rest = fmean(human), fmean(tool), fmean(rest) if rest else 0.0
    together = (sum(tool) + sum(rest)) / (n + m)
    varies = (sum((x - together) ** 2 for x in tool) + sum((x - together) ** 2 for x in rest)) / (n + m)
    covary = sum((y - mean_human) * (x - mean_tool) for y, x in zip(human, tool, strict=True)) / n
    weight = min(1.0, max(0.0, covary / (varies * (1 + n / m)))) if varies and m else 0.0
    value = mean_human + weight * (mean_rest - mean_tool)
    left = [y - weight * x for y, x in zip(human, tool, strict=True)]
    mean_left = fmean(left)
    variance = sum((x - mean_left) ** 2 for x in left) / n / n
    if m:
        variance += weight**2 * sum((x - mean_rest) ** 2 for x in rest) / m / m
    return value, value - Z95 * math.sqrt(variance), value + Z95 * math.sqrt(variance)
