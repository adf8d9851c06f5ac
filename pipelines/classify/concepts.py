"""Concepts that words of many languages share (rules/concepts.toml), so that languages learn from one another."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib.resources import files

# Articles, conjunctions and prepositions that Arabic writes at the head of a word.
_ARABIC_HEADS = ("وال", "بال", "لل", "ال", "و", "ف", "ب", "ل")
_LONGEST_STEM = 12


@cache
def _stems() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Concepts by stem, and by whole word."""
    text = files("pipelines.classify").joinpath("rules/concepts.toml").read_text(encoding="utf-8")
    stems: dict[str, list[str]] = {}
    whole: dict[str, list[str]] = {}
    for concept, words in tomllib.loads(text).items():
        for word in words.split():
            table, key = (whole, word[:-1]) if word.endswith("$") else (stems, word)
            table.setdefault(key, []).append(concept)
    return {k: tuple(v) for k, v in stems.items()}, {k: tuple(v) for k, v in whole.items()}


@lru_cache(maxsize=1 << 16)
def concepts(word: str) -> tuple[str, ...]:
    """The concepts of one folded word, in alphabetical order."""
    stems, whole = _stems()
    if word[0] >= "\u3040":
        parts = {word[i : i + n] for n in (1, 2, 3, 4, 5, 6) for i in range(len(word) - n + 1)}
        return tuple(sorted({concept for part in parts for table in (stems, whole) for concept in table.get(part, ())}))
    forms = [word]
    if "\u0600" <= word[0] < "\u0700":
        forms += [word[len(head) :] for head in _ARABIC_HEADS if word.startswith(head) and len(word) > len(head) + 2]
    found = {concept for form in forms for concept in whole.get(form, ())}
    for form in forms:
        for size in range(2, min(len(form), _LONGEST_STEM) + 1):
            found.update(stems.get(form[:size], ()))
    return tuple(sorted(found))
