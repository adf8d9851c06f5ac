"""The linear model beside the rules: words, pairs of words, parts of words and the rules' marks, weighted and summed.

Weights are whole numbers and every feature belongs to one token, so that a listing's score is the exact sum of its
tokens' scores: no batch, order or machine can change it, and a token that was met before costs one look-up.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from microaudit.taxonomy import ILLICIT, LABELS, label_of
from pipelines.classify.normalise import Reading
from pipelines.classify.rules import Hit

# Weights are stored in these parts of one.
UNIT = 256
# A longer word is no word; only its beginning is read.
LONGEST = 40
_LONG = re.compile(rf"([^ ]{{{LONGEST}}})[^ ]+")
_DIGITS = re.compile(r"[0-9]{2,}")
# Tokens whose scores are kept; listings repeat themselves.
_KEPT = 1 << 16


@dataclass(frozen=True, slots=True)
class Tokens:
    """The distinct words of a listing and the pairs of neighbouring words of one clause, in order of appearance."""

    words: list[str]
    pairs: list[str]


def tokens(reading: Reading) -> Tokens:
    """What the model reads: numbers of two digits and more are `00`, words are cut at 40 characters."""
    text = _DIGITS.sub("00", reading.text)
    words = _LONG.sub(r"\1", text).split()
    pairs = [f"{a} {b}" for a, b in zip(words, words[1:], strict=False) if a not in ".," and b not in ".,"]
    return Tokens([word for word in dict.fromkeys(words) if word not in ".,"], list(dict.fromkeys(pairs)))


def grams(word: str) -> Iterable[str]:
    """The features of one word: itself and its parts of 3 to 5 characters (1 to 3 where words are not parted)."""
    yield word
    if word[0] >= "\u3040":
        edge, sizes = word, (1, 2, 3)
    else:
        edge, sizes = f"_{word}_", (3, 4, 5)
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
    """Probability of each class, and how much of the text the model knows (0..1)."""

    probabilities: list[float]
    known: float


class Model:
    """Weights of a model file; `classes` are sub-types and reasons why a listing is not codable."""

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self.arrays = arrays
        self.classes: list[str] = _lines(arrays["classes"])
        self.features = {gram: row for row, gram in enumerate(_lines(arrays["features"]))}
        self.weights = arrays["weights"]
        self.mark_rows = {mark: row for row, mark in enumerate(_lines(arrays["marks"]))}
        self.mark_weights = arrays["mark_weights"].astype(np.int64)
        self.bias = arrays["bias"].astype(np.int64)
        self.columns = {
            group: [column for column, name in enumerate(self.classes) if group_of(name) == group]
            for group in (*LABELS, "uncodable")
        }
        self.heat = float(arrays["heat"])
        self._places: dict[str, int] = {}
        self._sums = np.zeros((_KEPT, len(self.classes) + 2), dtype=np.int64)

    def __call__(self, read: Tokens, found: Sequence[str]) -> Opinion:
        """The calibrated probability of each class for one listing's tokens and marks."""
        if len(self._places) > _KEPT - len(read.words):
            self._places.clear()
        *totals, known, parts = self._sums[[self._place(word) for word in read.words]].sum(axis=0).tolist()
        pairs = [row for pair in read.pairs if (row := self.features.get(pair)) is not None]
        if pairs:
            more = self.weights[pairs].sum(axis=0, dtype=np.int64).tolist()
            totals = [a + b for a, b in zip(totals, more, strict=True)]
        rows = [row for mark in found if (row := self.mark_rows.get(mark)) is not None]
        said = (self.mark_weights[rows].sum(axis=0) + self.bias).tolist()
        length = math.sqrt(max(known + len(pairs), 1))
        scores = [(a / length + b) / (UNIT * self.heat) for a, b in zip(totals, said, strict=True)]
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        whole = math.fsum(powers)
        return Opinion([power / whole for power in powers], known / max(parts, 1))

    def weightiest(self, words: Sequence[str], label: str) -> list[str]:
        """The words that speak most for a label against the others, the strongest first."""
        columns = self.columns[label]
        table = self._sums[[self._place(word) for word in words], :-2]
        gain = (table[:, columns].sum(axis=1) * len(self.classes) - table.sum(axis=1) * len(columns)).tolist()
        order = sorted(range(len(words)), key=lambda i: (-gain[i], i))
        return [words[i] for i in order if gain[i] > 0] or [words[i] for i in order[:1]]

    def _place(self, word: str) -> int:
        """Row of `_sums` for a word."""
        place = self._places.get(word)
        if place is None:
            place = self._places[word] = len(self._places)
            parts = list(grams(word))
            rows = [row for gram in parts if (row := self.features.get(gram)) is not None]
            self._sums[place, :-2] = self.weights[rows].sum(axis=0, dtype=np.int64)
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
