"""Builds the model from labelled JSON lines; the same corpus gives the same file, byte for byte."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microaudit.errors import MicroauditError
from microaudit.taxonomy import UNCODABLE_REASONS, subtypes
from pipelines.classify.model import UNIT, Model, Tokens, grams, group_of, marks, tokens
from pipelines.classify.normalise import read
from pipelines.classify.rules import matcher

# Strength of the fit, weight of the rules' marks beside the words, and in how many listings a feature must occur.
COST = 3.0
MARK = 1.0
RARE = 2
_REASONS = frozenset(UNCODABLE_REASONS)


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled listing as the model sees it."""

    read: Tokens
    found: list[str]
    target: str


def example(row: dict[str, Any]) -> Example:
    """A corpus row (title, description, proof, codable, subtype or uncodable_reason) as an Example."""
    reading = read(row.get("title") or "", row.get("description") or "", row.get("proof") or "")
    target = row["subtype"] if row.get("codable", True) else row["uncodable_reason"]
    return Example(tokens(reading), marks(matcher()(reading)), target)


def fit(examples: Sequence[Example], cost: float = COST, mark: float = MARK, rare: int = RARE) -> Model:
    """A model of these examples, not yet tempered (heat 1)."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    rows = [
        Counter([*(gram for word in item.read.words for gram in grams(word)), *item.read.pairs]) for item in examples
    ]
    df = Counter(gram for row in rows for gram in row)
    features = sorted(gram for gram, n in df.items() if n >= (2 * rare if gram[0] == '~' else rare))
    place = {gram: i for i, gram in enumerate(features)}
    names = sorted({mark for item in examples for mark in item.found})
    mark_place = {name: i for i, name in enumerate(names)}
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row in rows:
        known = {place[gram]: count for gram, count in sorted(row.items()) if gram in place}
        length = max(sum(known.values()), 1) ** 0.5
        columns += known
        data += [count / length for count in known.values()]
        ends.append(len(columns))
    x_words = csr_matrix((data, columns, ends), shape=(len(rows), len(features)))
    pairs = [(i, mark_place[name]) for i, item in enumerate(examples) for name in item.found]
    x_marks = csr_matrix(
        ([mark] * len(pairs), ([i for i, _ in pairs], [j for _, j in pairs])), shape=(len(rows), len(names))
    )
    with threadpool_limits(1):
        machine = LogisticRegression(C=cost, max_iter=300, tol=1e-4)
        machine.fit(hstack([x_words, x_marks], format="csr"), [item.target for item in examples])
    weights = np.rint(machine.coef_.T * UNIT)
    return Model(
        {
            "classes": _bytes(machine.classes_.tolist()),
            "features": _bytes(features),
            "weights": weights[: len(features)].astype(np.int16),
            "marks": _bytes(names),
            "mark_weights": np.rint(weights[len(features) :] * mark).astype(np.int32),
            "bias": np.rint(machine.intercept_ * UNIT).astype(np.int32),
            "heat": np.array(1.0),
        }
    )


def temper(models: Sequence[tuple[Model, Sequence[Example]]]) -> float:
    """The heat under which the label probabilities of unseen examples are likeliest: at each step 2 % apart."""
    scored = [(model, item, model(item.read, item.found).probabilities) for model, items in models for item in items]
    best = (float("inf"), 1.0)
    for step in range(-60, 30):
        heat = round(1.02**step, 6)
        loss = 0.0
        for model, item, chances in scored:
            powers = [chance ** (1 / heat) for chance in chances]
            right = group_of(item.target)
            mine = sum(power for power, name in zip(powers, model.classes, strict=True) if group_of(name) == right)
            loss -= math.log(max(mine / sum(powers), 1e-9))
        best = min(best, (round(loss, 9), heat))
    return best[1]


def train(corpora: Sequence[Path], to: Path, folds: int = 4) -> Model:
    """Builds the model from corpora and writes it; the same rows give the same file, byte for byte.

    Confidence is tempered on examples that the model of their fold has not seen. Raises MicroauditError MA0202 for a
    missing file, MA0203 for a line that is not a labelled listing.
    """
    examples = [example(row) for row in rows_of(corpora)]
    seen = [
        (fit([item for n, item in enumerate(examples) if n % folds != fold]), examples[fold::folds])
        for fold in range(folds)
    ]
    model = fit(examples)
    model.arrays["heat"] = np.array(temper(seen))
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as file:
        np.savez_compressed(file, **model.arrays)
    return Model(model.arrays)


def _bytes(lines: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode("utf-8"), dtype=np.uint8)


def rows_of(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """The labelled rows of JSON-lines files, in the order given."""
    found = []
    for path in paths:
        if not path.is_file():
            raise MicroauditError("MA0202", f"no such file: {path}")
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise MicroauditError("MA0203", f"{path}: {error}") from error
        for number, line in enumerate(lines, 1):
            if line.strip():
                found.append(_labelled(line, f"{path}, line {number}"))
    if not found:
        raise MicroauditError("MA0301", "the corpus has no labelled listing")
    return found


def _labelled(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise MicroauditError("MA0203", f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise MicroauditError("MA0203", f"{where}: not an object")
    legal = row.get("subtype") in subtypes() if row.get("codable", True) else row.get("uncodable_reason") in _REASONS
    if not legal:
        raise MicroauditError(
            "MA0203", f"{where}: neither a sub-type of the manual nor a reason why it is not codable"
        )
    return row
