"""How well the classifier does against human labels: figures, a confusion matrix, calibration and every error."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from microaudit.errors import MicroauditError
from microaudit.items import Judgement, Task
from microaudit.taxonomy import LABELS, is_illicit
from pipelines.classify import CLASSIFIER, classify

# A gold row says its language under either name.
SLICES = {"language": ("language", "lang"), "platform": ("platform",), "kind": ("kind",), "sampling": ("sampling",)}
BINS = 10


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of one set of codable rows. An abstention is a miss in every one of them; None where undefined."""

    n: int
    abstained: int
    macro_f1: float | None
    accuracy: float | None  # illicit or not
    mcc: float | None  # illicit or not
    legitimate_recall: float | None
    subtype_accuracy: float | None  # of illicit rows, the gold sub-type found


@dataclass(frozen=True, slots=True)
class LabelScore:
    """Precision, recall and F1 of one label over n rows that have it."""

    n: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies in low..high: how many, how sure on average, how often right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Wrong:
    """One row that was judged wrongly, and what decided."""

    id: str
    gold: str
    predicted: str
    confidence: float
    why: str
    title: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that `microaudit evaluate` reports; `as_dict` for machines, `table` for people."""

    classifier: str
    overall: Score
    labels: dict[str, LabelScore]
    ece: float | None
    reliability: list[Bin]
    confusion: dict[str, dict[str, int]]
    slices: dict[str, dict[str, Score]]
    uncodable: dict[str, int]  # gold-uncodable rows: how many were found so, how many were given a label
    wrong: list[Wrong] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    def table(self) -> str:
        """The figures as text, the errors last."""
        return _table(self)


def evaluate(gold: Path, judge: Callable[[Sequence[Task]], list[Judgement]] = classify) -> Evaluation:
    """Judges the rows of a JSON-lines file (a Task's text keys, `codable`, `label`, `subtype`) and scores the answers.

    Raises MicroauditError: MA0202 no such file, MA0203 a line that is no coded listing, MA0301 no line at all.
    """
    rows = _gold(gold)
    tasks = [
        Task(
            platform=str(row.get("platform") or ""),
            kind="offer" if row.get("kind") == "offer" else "task",
            **{name: str(row.get(name) or "") for name in ("title", "description", "proof", "category")},
        )
        for row in rows
    ]
    return score(rows, judge(tasks))


def score(rows: Sequence[dict[str, Any]], judgements: Sequence[Judgement]) -> Evaluation:
    """Scores judgements against gold rows of the same order and length."""
    pairs = list(zip(rows, judgements, strict=True))
    coded = [(row, given) for row, given in pairs if row.get("codable", True)]
    rest = [given for row, given in pairs if not row.get("codable", True)]
    answers = [(given.confidence, given.label == row["label"]) for row, given in coded if given.label]
    bins = _bins(answers)
    return Evaluation(
        classifier=judgements[0].classifier if judgements else CLASSIFIER,
        overall=_score(coded),
        labels={label: _label_score(coded, label) for label in LABELS},
        ece=sum(b.n * abs(b.confidence - b.accuracy) for b in bins) / len(answers) if answers else None,
        reliability=bins,
        confusion={
            label: {
                answer: sum(row["label"] == label and _answer(given) == answer for row, given in coded)
                for answer in (*LABELS, "abstained", "uncodable")
            }
            for label in LABELS
        },
        slices={name: _slices(coded, keys) for name, keys in SLICES.items()},
        uncodable={"found": sum(not given.codable for given in rest), "labelled": sum(given.codable for given in rest)},
        wrong=[_wrong(row, given) for row, given in coded if given.label != row["label"]],
    )


def _gold(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise MicroauditError("MA0202", f"no such file: {path}")
    rows = []
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            row = json.loads(line)
            if not isinstance(row, dict) or (row.get("codable", True) and row.get("label") not in LABELS):
                raise MicroauditError("MA0203", f"{path}, line {number}: no coded listing (label must be a label)")
            rows.append(row)
    except (OSError, ValueError) as error:
        raise MicroauditError("MA0203", f"{path}: {error}") from error
    if not rows:
        raise MicroauditError("MA0301", f"{path} holds no coded listing")
    return rows


def _answer(given: Judgement) -> str:
    return given.label or ("abstained" if given.codable else "uncodable")


def _score(coded: Sequence[tuple[dict[str, Any], Judgement]]) -> Score:
    illicit = [(row, given) for row, given in coded if is_illicit(row["label"])]
    honest = [given for row, given in coded if row["label"] == "legitimate"]
    # An abstention is on neither side: it counts as the wrong one.
    said = [is_illicit(given.label) if given.label else not is_illicit(row["label"]) for row, given in coded]
    true = [is_illicit(row["label"]) for row, _ in coded]
    present = [label for label in LABELS if any(row["label"] == label for row, _ in coded)]
    f1 = [_label_score(coded, label).f1 or 0.0 for label in present]
    return Score(
        n=len(coded),
        abstained=sum(given.label is None for _, given in coded),
        macro_f1=_ratio(math.fsum(f1), len(present)),
        accuracy=_ratio(sum(a == b for a, b in zip(true, said, strict=True)), len(coded)),
        mcc=_mcc(true, said),
        legitimate_recall=_ratio(sum(given.label == "legitimate" for given in honest), len(honest)),
        subtype_accuracy=_ratio(sum(given.subtype == row.get("subtype") for row, given in illicit), len(illicit)),
    )


def _label_score(coded: Sequence[tuple[dict[str, Any], Judgement]], label: str) -> LabelScore:
    right = sum(row["label"] == given.label == label for row, given in coded)
    n = sum(row["label"] == label for row, _ in coded)
    said = sum(given.label == label for _, given in coded)
    return LabelScore(n, _ratio(right, said), _ratio(right, n), _ratio(2 * right, n + said))


def _mcc(true: Sequence[bool], said: Sequence[bool]) -> float | None:
    both = sum(a and b for a, b in zip(true, said, strict=True))
    neither = sum(not a and not b for a, b in zip(true, said, strict=True))
    false_alarm, missed = sum(said) - both, sum(true) - both
    product = (both + false_alarm) * (both + missed) * (neither + false_alarm) * (neither + missed)
    return (both * neither - false_alarm * missed) / math.sqrt(product) if product else None


def _bins(answers: Sequence[tuple[float, bool]]) -> list[Bin]:
    found = []
    for number in range(BINS):
        inside = [pair for pair in answers if min(int(pair[0] * BINS), BINS - 1) == number]
        if inside:
            sure = math.fsum(confidence for confidence, _ in inside) / len(inside)
            right = sum(ok for _, ok in inside) / len(inside)
            found.append(Bin(number / BINS, (number + 1) / BINS, len(inside), round(sure, 4), round(right, 4)))
    return found


def _slices(coded: Sequence[tuple[dict[str, Any], Judgement]], keys: Sequence[str]) -> dict[str, Score]:
    def value(row: dict[str, Any]) -> str:
        return next((str(row[key]) for key in keys if row.get(key)), "")

    return {
        name: _score([(row, given) for row, given in coded if value(row) == name])
        for name in sorted({value(row) for row, _ in coded} - {""})
    }


def _wrong(row: dict[str, Any], given: Judgement) -> Wrong:
    why = "; ".join(f"{quote.rule}: {quote.text}" for quote in given.evidence) or given.uncodable_reason or "words alone"
    said = f"{_answer(given)} {given.subtype or ''}".strip()
    gold = f"{row['label']} {row.get('subtype') or ''}".strip()
    return Wrong(
        str(row.get("uid") or row.get("id") or ""), gold, said, given.confidence, why, str(row.get("title") or "")
    )


def _ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def _table(result: Evaluation) -> str:
    def number(value: float | None, digits: int = 3) -> str:
        return "-" if value is None else f"{value:.{digits}f}"

    def line(name: str, s: Score) -> str:
        values = (s.macro_f1, s.accuracy, s.mcc, s.legitimate_recall, s.subtype_accuracy)
        return f"{name:<34}{s.n:>6}{s.abstained:>10}" + "".join(f"{number(value):>10}" for value in values)

    head = f"{'':<34}{'n':>6}{'abstained':>10}{'macro-F1':>10}{'accuracy':>10}{'MCC':>10}{'legit R':>10}{'sub-type':>10}"
    lines = [f"classifier {result.classifier}", "", head, line("all", result.overall)]
    for name, parts in result.slices.items():
        lines += [line(f"{name} {value}"[:33], part) for value, part in parts.items()]
    lines += ["", f"{'':<16}{'n':>6}{'precision':>11}{'recall':>9}{'F1':>9}"]
    for label, s in result.labels.items():
        lines.append(f"{label:<16}{s.n:>6}{number(s.precision):>11}{number(s.recall):>9}{number(s.f1):>9}")
    answers = (*LABELS, "abstained", "uncodable")
    lines += ["", "gold (row) against answer (column)", " " * 16 + "".join(f"{answer:>14}" for answer in answers)]
    for label, row in result.confusion.items():
        lines.append(f"{label:<16}" + "".join(f"{row[answer]:>14}" for answer in answers))
    lines += ["", f"expected calibration error {number(result.ece)}", "confidence      n   mean  right"]
    for b in result.reliability:
        bar = "#" * round(20 * b.accuracy)
        lines.append(f"{b.low:.1f}-{b.high:.1f}  {b.n:>8}  {b.confidence:.3f}  {b.accuracy:.3f}  {bar}")
    found, labelled = result.uncodable["found"], result.uncodable["labelled"]
    lines += ["", f"not codable under the gold: {found} found so, {labelled} given a label or abstained from"]
    lines += ["", f"wrong: {len(result.wrong)}"]
    lines += [f"{w.id:<14}{w.gold} -> {w.predicted} ({w.confidence:.2f}) | {w.title[:70]} | {w.why}" for w in result.wrong]
    return "\n".join(lines) + "\n"
