"""The labels, sub-types and tiers of the coding manual (version 0.1), read from taxonomy.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

VERSION = "0.1"
LABELS = ("fake_profile", "fake_review", "fake_link", "legitimate")
ILLICIT = LABELS[:3]
# On a tie between deliverables the most specific falsehood wins (manual, section 2.2, rule 5).
PRECEDENCE = ("fake_review", "fake_link", "fake_profile", "legitimate")
UNCODABLE_REASONS = ("empty", "truncated", "hidden", "advert", "test", "language", "duplicate")
CONCERNS = (
    "none",
    "incentivised_review",
    "sponsored",
    "privacy",
    "academic_cheating",
    "worker_scam",
    "suspected_crime",
    "adult",
    "hate",
    "low_pay",
)


@dataclass(frozen=True, slots=True)
class Subtype:
    """One sub-type: `tier` is core or contested for illicit ones, None for legitimate ones."""

    code: str
    label: str
    tier: str | None
    name: str
    definition: str
    include: str
    exclude: str
    literature: str


@cache
def subtypes() -> dict[str, Subtype]:
    """All 34 sub-types by code, in the manual's order (P1 .. G10)."""
    rows = json.loads(files("microaudit").joinpath("taxonomy.json").read_text(encoding="utf-8"))
    return {row["code"]: Subtype(**row | {"tier": None if row["tier"] == "-" else row["tier"]}) for row in rows}


def label_of(subtype: str) -> str:
    """The label of a sub-type; KeyError for a code that is not in the manual."""
    return subtypes()[subtype].label


def tier_of(subtype: str | None) -> str | None:
    """`core` or `contested`; None for legitimate sub-types and for no sub-type."""
    return subtypes()[subtype].tier if subtype else None


def is_illicit(label: str | None) -> bool:
    """Whether the label is one of the three that count in the share of illicit tasks."""
    return label in ILLICIT
