"""From what the rules found to one judgement, in the manual's order of precedence."""

from __future__ import annotations

from collections.abc import Sequence

from microaudit.items import Evidence, Judgement, Task
from microaudit.taxonomy import tier_of
from pipelines.classify.normalise import Reading
from pipelines.classify.rules import Hit

# End over means, then review > link > profile, then most worker-authored content (manual, section 2.2, rules 3-5):
# the first of these that is asked is what the listing is paid for. A visit and an install come last, for they are
# nearly always the way to something else.
ORDER = tuple("R6 R5 R2 R1 R4 R7 R3 L1 L2 L10 L9 L3 L6 L4 L7 P6 P5 P7 P2 P4 P1 P3 L8 L5".split())


def illicit(hits: Sequence[Hit]) -> list[str]:
    """The illicit sub-types found, the one that decides first."""
    found = {hit.rule.says for hit in hits}
    return [code for code in ORDER if code in found]


def evidence(task: Task, reading: Reading, hits: Sequence[Hit], subtypes: Sequence[str]) -> tuple[Evidence, ...]:
    """The verbatim words of each hit for these sub-types, in their order; at most one a rule."""
    found: list[Evidence] = []
    for code in subtypes:
        for hit in hits:
            if hit.rule.says == code and (place := reading.span(hit.start, hit.end)):
                field, start, end = place
                found.append(Evidence(field, start, end, getattr(task, field)[start:end], hit.rule.id))
    return tuple(found)


def uncodable(reason: str, classifier: str, found: tuple[Evidence, ...] = ()) -> Judgement:
    """A listing that cannot be coded, and why."""
    return Judgement(None, None, (), None, False, reason, 1.0, found, classifier)


def codable(
    label: str | None,
    subtype: str | None,
    secondary: Sequence[str],
    confidence: float,
    found: tuple[Evidence, ...],
    classifier: str,
) -> Judgement:
    """A verdict, or an abstention where `label` is None."""
    tier = tier_of(subtype) if label else None
    return Judgement(label, subtype, tuple(secondary), tier, True, None, confidence, found, classifier)
