"""How far the shares and their order depend on what is called illicit.

- strict: core sub-types alone;
- main: core and contested sub-types, what the labels say (METHOD: core + contested);
- broad: main, and every codable task on which the tool was not sure enough to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from reports.estimate_intervals import Share, share

DEFINITIONS = ("strict", "main", "broad")


@dataclass(frozen=True, slots=True)
class Reversal:
    """Two platforms that change places: `upper` leads under definition `one` and trails under `other`.

    `clear`: under both definitions their intervals are apart, so that chance is no explanation.
    """

    upper: str
    lower: str
    one: str
    other: str
    clear: bool


def dial(n_core: int, n_illicit: int, n_labelled: int, n_undecided: int) -> dict[str, Share]:
    """The share under each definition, narrowest first; the tool's counts, with Wilson intervals."""
    return {
        "strict": share(n_core, n_labelled),
        "main": share(n_illicit, n_labelled),
        "broad": share(n_illicit + n_undecided, n_labelled + n_undecided),
    }


def reversals(dials: Mapping[str, Mapping[str, Share]]) -> Iterator[Reversal]:
    """Every pair of platforms whose order differs between two definitions; few tasks give no order."""
    ranked = sorted(name for name, shares in dials.items() if not shares["strict"].few)
    for one, other in combinations(DEFINITIONS, 2):
        for first, second in combinations(ranked, 2):
            step, back = ((dials[first][name].value or 0) - (dials[second][name].value or 0) for name in (one, other))
            if step * back < 0:
                upper, lower = (first, second) if step > 0 else (second, first)
                apart = _above(dials[upper][one], dials[lower][one]) and _above(
                    dials[lower][other], dials[upper][other]
                )
                yield Reversal(upper, lower, one, other, apart)


def _above(higher: Share, lower: Share) -> bool:
    return (higher.low or 0) > (lower.high or 0)
