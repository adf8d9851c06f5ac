"""The linear model beside the rules: words, parts of words, concepts and the rules' marks, weighted and summed.

Weights are whole numbers and sums are exact, so that no batch, order or machine can change a score; what depends on
one word alone is summed once and looked up from then on.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from microaudit.taxonomy import ILLICIT, LABELS, label_of
from pipelines.classify.concepts import concepts
from pipelines.classify.normalise import Reading
from pipelines.classify.rules import Hit

# Weights are stored in these parts of one.
UNIT = 1024
# A longer word is no word; only its beginning is read.
LONGEST = 40
# Concepts of one clause that are paired with one another; more would be a list, not an act.
PAIRED = 12
_LONG = re.compile(rf"([^ ]{{{LONGEST}}})[^ ]+")
_DIGITS = re.compile(r"[0-9]{2,}")
# Words whose sums are kept; listings repeat themselves.
_KEPT = 1 << 16


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the model reads of a listing, each thing once: words, word and pair features, concept features."""

    words: list[str]
    terms: list[str]
    ideas: list[str]


def tokens(reading: Reading) -> Tokens:
    """Words (digits as 00), pairs of neighbouring words, concepts (`=a`) and pairs of concepts of a clause (`=a b`)."""
    text = _LONG.sub(r"\1", _DIGITS.sub("00", reading.text))
    words = text.split()
    pairs = [f"{a} {b}" for a, b in zip(words, words[1:], strict=False) if a not in ".," and b not in ".,"]
    known: dict[str, None] = {}
    for clause in text.split(" . "):
        found = sorted({concept for word in clause.split() for concept in concepts(word)})
        known.update(dict.fromkeys(_ideas(tuple(found[:PAIRED]))))
    distinct = [word for word in dict.fromkeys(words) if word not in ".,"]
    return Tokens(distinct, distinct + list(dict.fromkeys(pairs)), list(known))


@cache
def _ideas(found: tuple[str, ...]) -> list[str]:
    return [f"={a}" for a in found] + [f"={a} {b}" for n, a in enumerate(found) for b in found[n + 1 :]]


def grams(word: str) -> Iterator[str]:
    """The parts of one word: `~` and 3 to 5 characters (1 to 3 in scripts that do not part words)."""
    edge, sizes = (word, (1, 2, 3)) if word[0] >= "\u3040" else (f"_{word}_", (3, 4, 5))
    for size in sizes:
        for start in range(len(edge) - size + 1):
            yield f"~{edge[start : start + size]}"


def group_of(name: str) -> str:
    """The label of a class that is a sub-type; `uncodable` of one that is a reason."""
    return label_of(name) if name[0].isupper() else "uncodable"


def marks(hits: Sequence[Hit]) -> list[str]:
    """What the rules say, as features: each sub-type or reason, each rule, and how many sub-types of each group."""
    says = {hit.rule.says for hit in hits}
    counts = Counter("illicit" if group_of(name) in ILLICIT else group_of(name) for name in says)
    return sorted(
        says
        | {hit.rule.id for hit in hits}
        | {f"{group} {min(counts[group], 3)}" for group in ("illicit", "legitimate", "uncodable")}
    )


@dataclass(frozen=True, slots=True)
class Opinion:
    """Probability of each class, and how much of the text's words the model knows in part (0..1)."""

    probabilities: list[float]
    known: float


class Model:
    """Weights of a model file; `classes` are sub-types and reasons why a listing is not codable."""

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self.arrays = arrays
        self.classes: list[str] = _lines(arrays["classes"])
        self.columns = {
            group: [column for column, name in enumerate(self.classes) if group_of(name) == group]
            for group in (*LABELS, "uncodable")
        }
        self._rows = {gram: row for row, gram in enumerate(_lines(arrays["features"]))}
        self._weights = arrays["weights"]
        self._mark_rows = {mark: row for row, mark in enumerate(_lines(arrays["marks"]))}
        self._mark_weights = arrays["mark_weights"].astype(np.int64)
        self._bias = arrays["bias"].astype(np.int64)
        self._heat = float(arrays["heat"])
        self._places: dict[str, int] = {}
        self._sums = np.zeros((_KEPT, len(self.classes) + 2), dtype=np.int64)

    def __call__(self, read: Tokens, found: Sequence[str]) -> Opinion:
        """The calibrated probability of each class for one listing's tokens and marks."""
        *parts, known, total = self._sums[self._seats(read.words)].sum(axis=0).tolist()
        terms, ideas = self._known(read.terms), self._known(read.ideas)
        blocks = [
            (parts, known),
            (self._weights[terms].sum(axis=0, dtype=np.int64).tolist(), len(terms)),
            (self._weights[ideas].sum(axis=0, dtype=np.int64).tolist(), len(ideas)),
        ]
        rows = [row for mark in found if (row := self._mark_rows.get(mark)) is not None]
        scores = (self._mark_weights[rows].sum(axis=0) + self._bias).tolist()
        for sums, size in blocks:
            length = math.sqrt(size or 1)
            scores = [score + part / length for score, part in zip(scores, sums, strict=True)]
        unit = UNIT * self._heat
        top = max(scores)
        powers = [math.exp((score - top) / unit) for score in scores]
        whole = math.fsum(powers)
        return Opinion([power / whole for power in powers], known / max(total, 1))

    def weightiest(self, words: Sequence[str], label: str) -> list[str]:
        """The words that speak most for a label against the others, the strongest first."""
        table = self._sums[self._seats(words), :-2]
        mine = self.columns[label]
        gain = (table[:, mine].sum(axis=1) * len(self.classes) - table.sum(axis=1) * len(mine)).tolist()
        order = sorted(range(len(words)), key=lambda i: (-gain[i], i))
        return [words[i] for i in order]

    def _known(self, features: Sequence[str]) -> list[int]:
        get = self._rows.get
        return [row for feature in features if (row := get(feature)) is not None]

    def _seats(self, words: Sequence[str]) -> list[int]:
        """Row of `_sums` for each word: the sums of its parts, how many the model knows, how many there are."""
        if len(self._places) > _KEPT - len(words):
            self._places.clear()
        return [place if (place := self._places.get(word)) is not None else self._seat(word) for word in words]

    def _seat(self, word: str) -> int:
        place = self._places[word] = len(self._places)
        parts = list(grams(word))
        rows = self._known(parts)
        self._sums[place, :-2] = self._weights[rows].sum(axis=0, dtype=np.int64)
        self._sums[place, -2:] = len(rows), len(parts)
        return place


def load(file: Path | BinaryIO | Any) -> Model:
    """A model from its file. Nothing in the file is executed (no pickle)."""
    with np.load(file, allow_pickle=False) as archive:
        return Model({name: archive[name] for name in archive.files})


@cache
def shipped() -> Model:
    """The model that the package ships."""
    with files("pipelines.classify").joinpath("model.npz").open("rb") as file:
        return load(file)


def _lines(array: NDArray[Any]) -> list[str]:
    return array.tobytes().decode("utf-8").split("\n")
