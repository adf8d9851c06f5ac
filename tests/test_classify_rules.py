"""Every rule and every guard proves itself on its own examples, with google-re2 and with `re` alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from microaudit.taxonomy import ILLICIT, UNCODABLE_REASONS, subtypes
from pipelines.classify.normalise import read
from pipelines.classify.rules import Guard, Matcher, Rule, guards, rules

CORPUS = Path(__file__).parents[1] / "pipelines" / "classify" / "corpus"
ENGINES = {name: Matcher(use_re2=name == "re2") for name in ("re2", "re")}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_finds_its_positive_examples_and_not_its_negative_ones(rule: Rule, engine: str) -> None:
    for example in rule.yes:
        assert rule.id in {hit.rule.id for hit in ENGINES[engine](read(example))}, read(example).text
    for example in rule.no:
        assert rule.id not in {hit.rule.id for hit in ENGINES[engine](read(example))}, read(example).text


@pytest.mark.parametrize("guard", guards(), ids=lambda guard: guard.id)
def test_a_guard_takes_the_force_of_what_stands_beside_it(guard: Guard) -> None:
    for example in guard.yes:
        hits = ENGINES["re2"](read(example))
        left = [hit.rule.id for hit in hits if hit.rule.label in ILLICIT and hit.rule.says not in guard.spares]
        assert not left, read(example).text


def test_rules_say_what_the_manual_knows_under_names_of_their_own() -> None:
    assert len({rule.id for rule in rules()}) == len(rules())
    assert len({guard.id for guard in guards()}) == len(guards())
    assert {rule.says for rule in rules()} <= set(subtypes()) | set(UNCODABLE_REASONS)
    assert all(rule.yes for rule in rules())
    assert {code for code, subtype in subtypes().items() if subtype.label in ILLICIT} <= {r.says for r in rules()}


def test_re2_and_re_give_the_same_verdicts() -> None:
    rows = [json.loads(line) for path in sorted(CORPUS.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    for row in rows[::25]:
        reading = read(row["title"], row["description"], row["proof"])
        assert ENGINES["re2"](reading) == ENGINES["re"](reading), reading.text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Leave a review of our cafe", True),
        ("Do not leave a review of our cafe", False),
        ("Find fake reviews and remove fake reviews from the list", False),
        ("Follow the page, do not unfollow", True),
        ("I would like a post designed", False),
    ],
)
def test_negation_and_honest_context_take_a_match_back(text: str, kept: bool) -> None:
    hits = ENGINES["re2"](read(text))
    assert any(hit.rule.label in ILLICIT for hit in hits) is kept, [hit.rule.id for hit in hits]


@pytest.mark.parametrize(
    "text",
    [
        "f0llow our page",
        "f o l l o w our page",
        "fоllоw оur рage",  # Cyrillic о and р
        "fol\u200blow our pa\u00adge",
        "𝐟𝐨𝐥𝐥𝐨𝐰 our page",
        "F.O.L.L.O.W our p@ge",
        "ｆｏｌｌｏｗ our page",
        "fol-low our page",
    ],
)
def test_hidden_words_are_read(text: str) -> None:
    reading = read(text)
    assert reading.text.startswith(" follow our page")
    hit = next(hit for hit in ENGINES["re2"](reading) if hit.rule.says == "P3")
    field, start, end = reading.span(hit.start, hit.end, 25) or ("", 0, 0)
    assert field == "title"
    assert text[start:end].lower().endswith("ge")


@pytest.mark.parametrize("text", ["h264 mp3 web3 24h 10k", "options a b c d", "e.g. U.S.A. and Ph.D.", "covid-19 b2b"])
def test_honest_digits_and_initials_stay(text: str) -> None:
    plain = text.lower().replace(".", " ").replace("-", " ").split()
    assert [word for word in read(text).text.split() if word != "."] == plain
