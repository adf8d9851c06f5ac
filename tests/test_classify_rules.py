"""Every rule and every guard proves itself on its own examples, with google-re2 and with `re`."""

from __future__ import annotations

import pytest

from microaudit.taxonomy import UNCODABLE_REASONS, subtypes
from pipelines.classify.normalise import read
from pipelines.classify.rules import Matcher, guards, rules

ENGINES = {name: Matcher(use_re2=name == "re2") for name in ("re2", "re")}


@pytest.mark.parametrize("engine", ENGINES)
def test_each_rule_finds_its_positive_examples_and_not_its_negative_ones(engine: str) -> None:
    for rule in rules():
        for example in rule.yes:
            found = {hit.rule.id for hit in ENGINES[engine](read(example))}
            assert rule.id in found, f"{rule.id} misses {example!r} read as {read(example).text!r}"
        for example in rule.no:
            found = {hit.rule.id for hit in ENGINES[engine](read(example))}
            assert rule.id not in found, f"{rule.id} takes {example!r}"


def test_rule_names_are_unique_and_say_what_the_manual_knows() -> None:
    assert len({rule.id for rule in rules()}) == len(rules())
    assert {rule.says for rule in rules()} <= set(subtypes()) | set(UNCODABLE_REASONS)
    assert all(rule.yes for rule in rules())
    assert len({guard.id for guard in guards()}) == len(guards())
