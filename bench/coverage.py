"""Do the intervals of the corrected share hold the truth? Simulated markets, the report's own estimators.

    python -m bench.coverage [--markets 1000] [--seed 1] [--design simple|verdict] [--likeness 0.3] [--listings 2000]

Each market has a true share, a tool with its own sensitivity and specificity, and buyers who post
many tasks alike: sizes are heavy-tailed, a buyer's tasks are correlated, and half of the tool's
errors are the same for all tasks of a buyer. 200 of 2,000 listings are coded. The truth is the
share of the process that makes the listings, so buyers, listings, verdicts and codes are all
drawn anew each time. One row of the table is one true share under one kind of tool.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reports.estimate import Clusters, Coded, Corrected, codes_only, corrected, ppi, rogan_gladen, wilson

SHARES = (0.01, 0.02, 0.05, 0.12, 0.30, 0.50, 0.70, 0.90, 0.95)
# Range of sensitivity and of specificity on the audited platform; the first is that of the pool.
SHIFTS = {
    "as elsewhere": ((0.95, 0.99), (0.91, 0.95)),
    "sharp tool": ((0.97, 0.99), (0.97, 0.99)),
    "harder legitimate": ((0.95, 0.99), (0.80, 0.86)),
    "other language": ((0.80, 0.86), (0.91, 0.95)),
    "both worse": ((0.80, 0.86), (0.80, 0.86)),
}
POOLED = (0.97, 0.93)  # error rates borrowed from other platforms
CODES = 200
SHARED = 0.5  # part of the tool's errors that a buyer's tasks share


@dataclass(frozen=True)
class Scenario:
    """How many listings a market has, how the codes are drawn, and how alike the tasks of one buyer are (0..1)."""

    listings: int = 2000
    design: str = "simple"
    likeness: float = 0.3


@dataclass(frozen=True)
class Market:
    """Listings of one platform: buyer, truth and verdict of each."""

    buyer: np.ndarray
    truth: np.ndarray
    verdict: np.ndarray


def draw_market(
    dice: np.random.Generator, share: float, sensitivity: float, specificity: float, scenario: Scenario
) -> Market:
    """One market. Buyers have 1 to 60 tasks; the part of illicit ones follows a Beta of mean `share`."""
    n = scenario.listings
    sizes = np.minimum(1 + dice.pareto(1.6, n) * 1.6, 60).astype(int)
    buyer = np.repeat(np.arange(n), sizes)[:n]
    habit = 1 / scenario.likeness - 1 if scenario.likeness else 1e9
    wont = dice.beta(share * habit, (1 - share) * habit, n)
    truth = dice.random(n) < wont[buyer]
    chance = np.where(dice.random(n) < SHARED, dice.random(n)[buyer], dice.random(n))
    wrong = chance < np.where(truth, 1 - sensitivity, 1 - specificity)
    return Market(buyer, truth, truth ^ wrong)


def draw_codes(dice: np.random.Generator, market: Market, design: str) -> tuple[list[Coded], Clusters]:
    """Codes drawn at random (`simple`), or half of them from each verdict (`verdict`); and the sums over buyers."""
    chosen, weights = [], []
    groups = (
        [np.arange(len(market.truth))]
        if design == "simple"
        else [np.flatnonzero(market.verdict), np.flatnonzero(~market.verdict)]
    )
    for group in groups:
        take = min(len(group), CODES // len(groups))
        chosen.append(dice.permutation(group)[:take])
        weights.append(np.full(take, len(group) / max(1, take)))
    tasks = np.bincount(market.buyer, minlength=len(market.truth))
    illicit = np.bincount(market.buyer, weights=market.verdict, minlength=len(market.truth)).astype(int)
    clusters = Clusters(int((tasks > 0).sum()), int(tasks @ tasks), int(tasks @ illicit), int(illicit @ illicit))
    at = np.concatenate(chosen)
    columns = (market.verdict[at], market.truth[at], np.concatenate(weights), market.buyer[at],
               tasks[market.buyer[at]], illicit[market.buyer[at]])  # fmt: skip
    return [Coded(*row) for row in zip(*(column.tolist() for column in columns), strict=True)], clusters


def estimates(market: Market, codes: list[Coded], clusters: Clusters) -> dict[str, tuple[float, float, float]]:
    """Value, low and high of each method on one market."""
    said = int(market.verdict.sum())
    n = len(market.truth)
    raw = said / n
    borrowed = [rogan_gladen(end, *POOLED) or 0.0 for end in (raw, *(wilson(said, n) or (0, 1)))]
    weight = sum(code.weight for code in codes)
    gold = sum(code.weight for code in codes if code.human) / weight
    tool = [float(code.tool is True) for code in codes]
    others = n - len(codes), said - round(sum(tool))
    powered = ppi(
        [float(code.human is True) for code in codes], tool, [1.0] * others[1] + [0.0] * (others[0] - others[1])
    )
    alone, fixed = codes_only(codes, clusters), corrected(said, n, codes, clusters)
    return {
        "count": (raw, *(wilson(said, n) or (0.0, 1.0))),
        "borrowed": (borrowed[0], borrowed[1], borrowed[2]),
        "wilson": (gold, *(wilson(gold * len(codes), len(codes)) or (0.0, 1.0))),
        "ppi": powered or (0.5, 0.0, 1.0),
        "codes_only": _ends(alone),
        "rule": _ends(fixed),
    }


def _ends(found: Corrected | None) -> tuple[float, float, float]:
    return (found.value, found.low, found.high) if found else (0.5, 0.0, 1.0)


@dataclass(frozen=True)
class Cell:
    """What one method did in one cell: coverage, mean width and bias, all in percent or points."""

    coverage: float
    width: float
    bias: float


def cells(markets: int, seed: int, scenario: Scenario = Scenario()) -> Iterator[tuple[float, str, dict[str, Cell]]]:
    """(true share, shift, cell of each method), `markets` of each."""
    for number, (share, shift) in enumerate((share, shift) for share in SHARES for shift in SHIFTS):
        dice = np.random.default_rng((seed, number))
        found: dict[str, list[tuple[float, float, float]]] = {}
        for _ in range(markets):
            sensitivity, specificity = (dice.uniform(*ends) for ends in SHIFTS[shift])
            market = draw_market(dice, share, sensitivity, specificity, scenario)
            for name, ends in estimates(market, *draw_codes(dice, market, scenario.design)).items():
                found.setdefault(name, []).append(ends)
        yield share, shift, {name: _cell(np.array(rows), share) for name, rows in found.items()}


def _cell(rows: np.ndarray, share: float) -> Cell:
    value, low, high = rows.T
    return Cell(
        100 * float(((low <= share) & (share <= high)).mean()),
        100 * float((high - low).mean()),
        100 * float((value - share).mean()),
    )


def main() -> int:
    """Print the table; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--markets", type=int, default=1000, help="markets in each cell")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--design", choices=("simple", "verdict"), default="simple")
    parser.add_argument("--likeness", type=float, default=0.3, help="correlation of the tasks of one buyer")
    parser.add_argument("--listings", type=int, default=2000, help="listings of a market")
    asked = parser.parse_args()
    scenario = Scenario(asked.listings, asked.design, asked.likeness)
    sys.stdout.write(f"{asked.markets} markets a cell, seed {asked.seed}, {CODES} codes a market, {scenario}\n")
    sys.stdout.write("Each cell: coverage of the 95 % interval in % / mean width / bias, in points.\n\n")
    sys.stdout.write(
        "| True share | Tool here | Tool's count | Borrowed rates | Codes, Wilson | PPI++ | Codes, by buyer "
        "| **The rule** | Width ratio |\n"
    )
    sys.stdout.write("|---|---|---|---|---|---|---|---|---|\n")
    kept: list[dict[str, Cell]] = []
    for share, shift, found in cells(asked.markets, asked.seed, scenario):
        kept.append(found)
        shown = " | ".join(f"{c.coverage:.1f} / {c.width:.1f} / {c.bias:+.1f}" for c in found.values())
        ratio = found["rule"].width / found["codes_only"].width
        sys.stdout.write(f"| {100 * share:.0f} % | {shift} | {shown} | {ratio:.2f} |\n")
        sys.stdout.flush()
    sys.stdout.write("\n")
    for line, held in bars(kept):
        sys.stdout.write(f"{'holds' if held else 'MISSED'}: {line}\n")
    return 0 if all(held for _, held in bars(kept)) else 1


def bars(kept: list[dict[str, Cell]]) -> list[tuple[str, bool]]:
    """What is demanded of the rule over all cells, in words, and whether it holds."""
    rule = [found["rule"] for found in kept]
    overall = sum(cell.coverage for cell in rule) / len(rule)
    least = min(cell.coverage for cell in rule)
    ratios = [found["rule"].width / found["codes_only"].width for found in kept]
    plain = sum(c.width for c in rule) / sum(found["wilson"].width for found in kept)
    worst = max((cell.bias for cell in rule), key=abs)
    return [
        (f"coverage over all cells 93-97 %: {overall:.1f} %", 93 <= overall <= 97),
        (f"coverage in every cell at least 90 %: least {least:.1f} %", least >= 90),
        (f"mean width at most 1.15 of codes alone in every cell: most {max(ratios):.2f}", max(ratios) <= 1.15),
        (f"mean width over all cells below that of Wilson on codes, buyers ignored: {plain:.2f}", plain <= 1),
        (f"bias at most 2 points in every cell: most {worst:+.2f}", abs(worst) <= 2),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
