"""The training corpus is legal under the manual, wide, without repeats, and free of third parties' text."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from microaudit.taxonomy import UNCODABLE_REASONS, is_illicit, label_of, subtypes

CORPUS = Path(__file__).parents[1] / "pipelines" / "classify" / "corpus"
HELD_OUT = Path(__file__).parent / "classify" / "heldout.jsonl"
# Written without sight of the corpus; its columns are those of a coded listing.
BLIND = Path(__file__).parent / "classify" / "heldout2.jsonl"
# Third parties' texts lie beside the repository; without them there is nothing to compare with.
SHARED = Path(__file__).parents[2] / "shared"
KEYS = {"lang", "kind", "title", "description", "proof", "category", "codable", "uncodable_reason", "label", "subtype",
        "secondary", "note", "writer"}  # fmt: skip


def rows() -> list[tuple[str, dict[str, Any]]]:
    paths = [*sorted(CORPUS.glob("*.jsonl")), HELD_OUT]
    return [(path.stem, json.loads(line)) for path in paths for line in path.open(encoding="utf-8")]


def text(row: dict[str, Any]) -> str:
    return " ".join((row["title"], row["description"], row["proof"]))


def test_every_row_is_legal() -> None:
    for stem, row in rows():
        assert set(row) == KEYS, row
        assert stem in {row["lang"].split("-")[0], "heldout"}
        assert row["kind"] in {"task", "offer"}
        if row["codable"]:
            assert row["label"] == label_of(row["subtype"])
            assert row["uncodable_reason"] is None
        else:
            assert row["label"] is None
            assert row["subtype"] is None
            assert row["uncodable_reason"] in UNCODABLE_REASONS
        assert all(is_illicit(label_of(code)) and code != row["subtype"] for code in row["secondary"])


def test_no_text_stands_twice_and_none_is_in_training_and_held_out() -> None:
    def words(row: dict[str, Any]) -> str:
        return " ".join(re.findall(r"\w+", text(row).lower()))

    counts = Counter(words(row) for _, row in rows() if row["codable"])
    assert [found for found, n in counts.items() if n > 1] == []
    blind = [words(row) for row in map(json.loads, BLIND.open(encoding="utf-8")) if row["codable"]]
    assert [found for found in blind if found in counts] == []


def test_it_covers_every_subtype_and_at_least_15_languages() -> None:
    training = [row for stem, row in rows() if stem != "heldout"]
    assert {row["subtype"] for row in training if row["codable"]} == set(subtypes())
    languages = Counter(row["lang"].split("-")[0] for row in training)
    assert sum(n >= 50 for n in languages.values()) >= 15
    assert sum(row["label"] == "legitimate" for row in training) / len(training) > 0.4


@pytest.mark.skipif(not (SHARED / "gold").is_dir(), reason="third parties' texts are not beside the repository")
def test_no_eight_words_in_a_row_come_from_third_parties() -> None:
    def shingles(words: str) -> set[str]:
        parts = re.findall(r"\w+", words.lower())
        return {" ".join(parts[i : i + 8]) for i in range(len(parts) - 7)}

    theirs: set[str] = set()
    for path in sorted((SHARED / "gold").glob("*.jsonl")):
        for line in path.open(encoding="utf-8"):
            theirs |= shingles(text(json.loads(line)))
    for path in sorted((SHARED / "pages").rglob("*")):
        if path.suffix in {".html", ".json", ".txt", ".xml"}:
            theirs |= shingles(re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8", errors="replace")))
    copied = [row["title"] for _, row in rows() if shingles(text(row)) & theirs]
    assert copied == []
