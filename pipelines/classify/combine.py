"""From what the rules found and what the model thinks to one judgement.

The rules' findings are features of the model, beside the words: a rule weighs as much as it proved right on the
training corpus. The model names the label and the sub-type; the rules name the words that decided and the other
deliverables. Where no rule speaks for the verdict, the tokens of the greatest weight are the evidence.
"""

from __future__ import annotations

from collections.abc import Sequence

from microaudit.items import Evidence, Judgement, Task
from microaudit.taxonomy import ILLICIT, PRECEDENCE, label_of, tier_of
from pipelines.classify.model import Model, marks, tokens
from pipelines.classify.normalise import Reading
from pipelines.classify.rules import Hit

# Under this confidence the classifier abstains: `label` is None while `codable` stays True.
THRESHOLD = 0.40
# A text of which the model knows less than this share of its parts is in a language that it does not read.
FOREIGN = 0.12
# A further deliverable is named from this probability on, or where a rule finds it.
ALSO = 0.15
# Words of evidence at most (manual, section 5).
WORDS = 25

# End over means, then review > link > profile, then most worker-authored content (manual, section 2.2, rules 3-5).
# A visit and an install come last, for they are nearly always the way to something else.
ORDER = (
    "R6", "R5", "R2", "R1", "R4", "R7", "R3", "L1", "L2", "L10", "L9", "L3",
    "L6", "L4", "L7", "P6", "P5", "P7", "P2", "P4", "P1", "P3", "L8", "L5",
)  # fmt: skip


def judge(task: Task, reading: Reading, hits: Sequence[Hit], model: Model, classifier: str) -> Judgement:
    """The judgement of one listing that has words."""
    read = tokens(reading)
    opinion = model(read, marks(hits))
    if opinion.known < FOREIGN and not hits:
        return uncodable("language", classifier, round(1 - opinion.known, 4))
    chances = opinion.probabilities
    by_label = {label: sum(chances[i] for i in columns) for label, columns in model.columns.items()}
    reasons = by_label.pop("uncodable")
    label = max(PRECEDENCE, key=by_label.__getitem__)  # the first of equals: the manual's tie-break
    if reasons > max(0.5, by_label[label]):
        reason = model.classes[max(model.columns["uncodable"], key=chances.__getitem__)]
        return uncodable(reason, classifier, round(reasons, 4), _quotes(task, reading, hits, [reason]))
    confidence = round(by_label[label] / (1 - reasons), 4)
    if confidence < THRESHOLD:
        return Judgement(None, None, (), None, True, None, confidence, (), classifier)
    subtype = model.classes[max(model.columns[label], key=chances.__getitem__)]
    if label not in ILLICIT:
        return Judgement(label, subtype, (), None, True, None, confidence, (), classifier)
    said = {hit.rule.says for hit in hits}
    said |= {code for code, chance in zip(model.classes, chances, strict=True) if chance >= ALSO}
    others = tuple(code for code in ORDER if code in said and code != subtype)
    found = _quotes(task, reading, hits, [subtype]) or _quotes(
        task, reading, hits, [code for code in ORDER if label_of(code) == label]
    )
    found = found or _weightiest(task, reading, model, read.words, label)
    return Judgement(label, subtype, others, tier_of(subtype), True, None, confidence, found, classifier)


def uncodable(reason: str, classifier: str, confidence: float, found: tuple[Evidence, ...] = ()) -> Judgement:
    """A listing that cannot be coded, and why."""
    return Judgement(None, None, (), None, False, reason, confidence, found, classifier)


def _quotes(task: Task, reading: Reading, hits: Sequence[Hit], says: Sequence[str]) -> tuple[Evidence, ...]:
    """The verbatim words of each hit that says one of these, in reading order."""
    chosen = sorted((hit for hit in hits if hit.rule.says in says), key=lambda hit: (hit.start, hit.end, hit.rule.id))
    return tuple(
        quote for hit in chosen if (quote := _quote(task, reading, hit.start, hit.end, hit.rule.id)) is not None
    )


def _weightiest(task: Task, reading: Reading, model: Model, words: list[str], label: str) -> tuple[Evidence, ...]:
    """The word that speaks most for the label, as evidence of the rule `model`."""
    for token in model.weightiest(words, label):
        start = reading.place(token)
        if start >= 0 and (quote := _quote(task, reading, start, start + len(token), "model")):
            return (quote,)
    return ()


def _quote(task: Task, reading: Reading, start: int, end: int, rule: str) -> Evidence | None:
    place = reading.span(start, end, WORDS)
    if place is None:
        return None
    field, begin, stop = place
    return Evidence(field, begin, stop, getattr(task, field)[begin:stop], rule)
