"""The rules of reading, from data/rules.toml: what a list of places means, by the roles of the phrases around it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pipelines.geography.tables import read_text

Verdict = Literal["allowed", "excluded", "preferred", "located", "third person", "none"]

_MACROS = {"{END}": r"(?:[|:\-]|$)", "{WORKER}": "[WUpj]", "{WE}": "B"}
_ALL_KINDS = "place people language code"

# "Worldwide" speaks of workers when it stands alone or beside a worker's word, and not beside customers.
EVERYWHERE = (
    re.compile(r"(?:^|[|:,\-])[aibfFO]*A[aibVOWpuH]*(?:[,|:\-cEe]|[WFf]*[,E|]|$)"),
    re.compile(r"^[ab]*A[uFLabA]{1,3}(?:,|$)"),
    re.compile(r"[WUpuVMjnyO][aibfFLVMcH]{0,4}A(?:[aibfF,|c:VOWpuEe\-]|$)"),
    re.compile(r"[WUpuV][aibfFLVMcHw]{0,4}FA(?:[,|]|$)"),
    re.compile(r"A[aiFfbLe]{0,3}[WUpuj]|A[aiFfbLe]{0,3}w?V(?:[,|:\-cf]|$)"),
)
NOT_EVERYWHERE = re.compile(r"[Tt][aibfFLVMcw]{0,3}A|A[aibfF]{0,2}[Tt]|[BmZv][aibw]{0,3}A")


@dataclass(frozen=True, slots=True)
class Rule:
    """If `left` matches up to a list of one of the `kinds` and `right` from it on, the list means `verdict`."""

    name: str
    verdict: Verdict
    kinds: frozenset[str]
    left: re.Pattern[str]
    right: re.Pattern[str]


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are tried."""
    return tuple(
        Rule(
            row["name"],
            row["verdict"],
            frozenset(row.get("kinds", _ALL_KINDS).split()),
            re.compile(f"(?:{_expand(row.get('left', ''))})$"),
            re.compile(_expand(row.get("right", ""))),
        )
        for row in tomllib.loads(read_text("rules.toml"))["rule"]
    )


@cache
def rules_for(kind: str, declared: bool) -> tuple[Rule, ...]:
    """The rules that may read a list of this kind; in a declared field, only those that forbid or prefer."""
    return tuple(
        rule for rule in rules() if kind in rule.kinds and (not declared or rule.verdict in ("excluded", "preferred"))
    )


def _expand(pattern: str) -> str:
    """Macros spelt out, and where one role may stand for another: an article for a filler, "our" for "we"."""
    parts = re.split(r"(\[[^\]]*\])", pattern)
    for role, others in (("a", "ai"), ("B", "Bm"), ("Z", "Zv"), ("n", "ny")):
        parts = [part.replace(role, others if part.startswith("[") else f"[{others}]") for part in parts]
    pattern = "".join(parts)
    for name, meaning in _MACROS.items():
        pattern = pattern.replace(name, meaning)
    return pattern
