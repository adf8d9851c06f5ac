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
from microaudit.taxonomy import ILLICIT, UNCODABLE_REASONS, subtypes
from pipelines.classify.model import UNIT, Model, Tokens, grams, group_of, ideas, marks, tokens
from pipelines.classify.normalise import read
from pipelines.classify.rules import matcher

# Strength of the fit; weights of the blocks beside parts of words (1); how much the fits of the label and of illicit
# or not add to the sub-type's, and what a false alarm costs beside a miss; in how many listings a word (a part of a
# word) must occur. Chosen by cross-validation on the corpus.
COST = 1.2
TERMS, IDEAS, PLACED, MARKS = 0.7, 0.5, 0.5, 1.0
LABEL, HARM, FALSE_ALARM = 0.5, 1.0, 3.0
RARE, RARE_PART, RARE_PLACED = 2, 3, 3
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


def fit(examples: Sequence[Example]) -> Model:
    """A model of these examples, not yet tempered (heat 1)."""
    from sklearn.svm import LinearSVC

    rows = [Counter(gram for word in item.read.words for gram in grams(word)) for item in examples]
    df = Counter(gram for row in rows for gram in row)
    parts = sorted(gram for gram, n in df.items() if n >= RARE_PART)
    terms = _frequent(item.read.terms for item in examples)
    thoughts = [sorted({idea for clause in item.read.clauses for idea in ideas(clause)}) for item in examples]
    known = _frequent(thoughts)
    placed = _frequent((item.read.placed for item in examples), RARE_PLACED)
    names = _frequent((item.found for item in examples), 1)
    sizes = [len(parts), len(terms), len(known), len(placed), len(names)]
    x = _matrix(
        (rows, parts, 1.0),
        ([Counter(item.read.terms) for item in examples], terms, TERMS),
        ([Counter(thought) for thought in thoughts], known, IDEAS),
        ([Counter(item.read.placed) for item in examples], placed, PLACED),
    )
    said = _matrix(([Counter(item.found) for item in examples], names, MARKS), scaled=False)
    x = _beside(x, said)
    fine = LinearSVC(C=COST, random_state=0).fit(x, [item.target for item in examples])
    coarse = LinearSVC(C=COST, random_state=0).fit(x, [group_of(item.target) for item in examples])
    harm = LinearSVC(C=COST, random_state=0, class_weight={True: 1.0, False: FALSE_ALARM}).fit(
        x, [group_of(item.target) in ILLICIT for item in examples]
    )
    classes = fine.classes_.tolist()
    groups = [coarse.classes_.tolist().index(group_of(name)) for name in classes]
    sides = np.array([0.5 if group_of(name) in ILLICIT else -0.5 for name in classes])
    weights = (fine.coef_ + LABEL * coarse.coef_[groups] + HARM * np.outer(sides, harm.coef_[0])).T * UNIT
    bias = (fine.intercept_ + LABEL * coarse.intercept_[groups] + HARM * sides * harm.intercept_[0]) * UNIT
    scales = np.repeat([1.0, TERMS, IDEAS, PLACED, MARKS], sizes)[:, None]
    whole = np.rint(weights * scales).astype(np.int32)
    listed = sum(sizes[:4])
    return Model(
        {
            "classes": _bytes(classes),
            "features": _bytes([*parts, *terms, *known, *placed]),
            "weights": np.clip(whole[:listed], -32767, 32767).astype(np.int16),
            "marks": _bytes(names),
            "mark_weights": whole[listed:],
            "bias": np.rint(bias).astype(np.int32),
            "heat": np.array(1.0),
        }
    )


def _frequent(lists: Iterable[Sequence[str]], rare: int = RARE) -> list[str]:
    return sorted(name for name, n in Counter(name for names in lists for name in names).items() if n >= rare)


def _matrix(*blocks: tuple[Sequence[Counter[str]], list[str], float], scaled: bool = True) -> Any:
    """Rows of counts over the known features of each block, each row of length 1 if `scaled`, times the weight."""
    from scipy.sparse import csr_matrix

    found = []
    for rows, names, weight in blocks:
        place = {name: column for column, name in enumerate(names)}
        data: list[float] = []
        columns: list[int] = []
        ends = [0]
        for row in rows:
            known = sorted((place[name], count) for name, count in row.items() if name in place)
            length = math.sqrt(sum(count for _, count in known) or 1) if scaled else 1.0
            columns += [column for column, _ in known]
            data += [weight * count / length for _, count in known]
            ends.append(len(columns))
        found.append(csr_matrix((data, columns, ends), shape=(len(rows), len(names))))
    return _beside(*found)


def _beside(*matrices: Any) -> Any:
    from scipy.sparse import hstack

    return hstack(matrices, format="csr")


def temper(models: Sequence[tuple[Model, Sequence[Example]]]) -> float:
    """The heat, to 2 %, under which the labels of examples that their model has not seen are likeliest."""
    scored = [(model, item, model(item.read, item.found).probabilities) for model, items in models for item in items]

    def loss(step: int) -> float:
        total = 0.0
        for model, item, chances in scored:
            powers = [chance ** (1.02**-step) for chance in chances]
            right = sum(powers[column] for column in model.columns[group_of(item.target)])
            total -= math.log(max(right / sum(powers), 1e-9))
        return round(total, 6)

    return round(float(1.02 ** min(range(-140, 20, 4), key=loss)), 6)


def train(corpora: Sequence[Path], to: Path, folds: int = 4) -> Model:
    """Builds the model from corpora and writes it; the same rows give the same file, byte for byte.

    Confidence is tempered on examples that the model of their fold has not seen. Raises MicroauditError MA0202 for a
    missing file, MA0203 for a line that is not a labelled listing, MA0301 for corpora without any.
    """
    examples = [example(row) for row in rows_of(corpora)]
    unseen = [
        (fit([item for n, item in enumerate(examples) if n % folds != fold]), examples[fold::folds])
        for fold in range(folds)
    ]
    arrays = fit(examples).arrays | {"heat": np.array(temper(unseen))}
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return Model(arrays)


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
