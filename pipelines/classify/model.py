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
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from microaudit.taxonomy import ILLICIT, LABELS, label_of
from pipelines.classify.concepts import concepts
from pipelines.classify.normalise import Part, Reading
from pipelines.classify.rules import Hit

# Weights are stored in these parts of one.
UNIT = 1024
# A longer word is no word; only its beginning is read.
LONGEST = 40
# Concepts of one clause that are paired with one another; more would be a list, not an act.
PAIRED = 12
# What the title names and what the proof demands counts apart; the description does not.
PLACES = ("^", "", "$")
_LONG = re.compile(rf"([^ ]{{{LONGEST}}})[^ ]+")
_DIGITS = re.compile(r"[0-9]{2,}")
# Words whose sums are kept; listings repeat themselves.
_KEPT = 1 << 16


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the model reads of a listing, each thing once; `placed` is what title and proof say by themselves."""

    words: list[str]
    terms: list[str]
    clauses: list[tuple[str, ...]]
    placed: list[str]


def tokens(reading: Reading) -> Tokens:
    """The tokens of a reading; digits from two on read as 00."""
    text = _plain(reading.text)
    words = text.split()
    clauses = [_concepts(clause.strip()) for clause in text.split(" . ")]
    distinct = [word for word in dict.fromkeys(words) if word not in ".,"]
    placed = [f"{sign}{name}" for sign, part in zip(PLACES, reading.parts, strict=False) if sign for name in _in(part)]
    return Tokens(distinct, list(dict.fromkeys((*distinct, *_terms(words)))), list(dict.fromkeys(clauses)), placed)


def _in(part: Part) -> list[str]:
    """Terms and ideas of one field."""
    text = _plain(part.words)
    return list(dict.fromkeys((*_terms(text.split()), *ideas(_concepts(text.removesuffix(" ."))))))


def _plain(text: str) -> str:
    return _LONG.sub(r"\1", _DIGITS.sub("00", text))


def _terms(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours, points and commas left out."""
    pairs = [f"{a} {b}" for a, b in pairwise(words) if a not in ".," and b not in ".,"]
    return [word for word in words if word not in ".,"] + pairs


@lru_cache(maxsize=1 << 10)
def _concepts(clause: str) -> tuple[str, ...]:
    return tuple(sorted(set().union(*map(concepts, clause.split())))[:PAIRED])


def ideas(clause: tuple[str, ...]) -> list[str]:
    """The features of a clause's concepts: each one (`=a`) and each two (`=a b`)."""
    return [f"={a}" for a in clause] + [f"={a} {b}" for n, a in enumerate(clause) for b in clause[n + 1 :]]


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
        self._clauses: dict[tuple[str, ...], list[int]] = {}
        self._places: dict[str, int] = {}
        self._sums = np.zeros((_KEPT, len(self.classes) + 2), dtype=np.int64)

    def __call__(self, read: Tokens, found: Sequence[str]) -> Opinion:
        """The calibrated probability of each class for one listing's tokens and marks."""
        sums = self._sums[self._seats(read.words)].sum(axis=0)
        known, total = int(sums[-2]), int(sums[-1])
        terms = self._known(read.terms)
        thoughts = list(set().union(*map(self._thoughts, read.clauses)))
        placed = self._known(read.placed)
        rows = [row for mark in found if (row := self._mark_rows.get(mark)) is not None]
        scores = (
            (self._mark_weights[rows].sum(axis=0) + self._bias)
            + sums[:-2] / math.sqrt(known or 1)
            + self._weights[terms].sum(axis=0, dtype=np.int64) / math.sqrt(len(terms) or 1)
            + self._weights[thoughts].sum(axis=0, dtype=np.int64) / math.sqrt(len(thoughts) or 1)
            + self._weights[placed].sum(axis=0, dtype=np.int64) / math.sqrt(len(placed) or 1)
        ).tolist()
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

    def _thoughts(self, clause: tuple[str, ...]) -> list[int]:
        """Rows of a clause's ideas."""
        rows = self._clauses.get(clause)
        if rows is None:
            if len(self._clauses) >= _KEPT:
                self._clauses.clear()
            rows = self._clauses[clause] = self._known(ideas(clause))
        return rows

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
