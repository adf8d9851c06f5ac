"""Stage: judge what a listing asks for, under the coding manual."""

from __future__ import annotations

from collections.abc import Sequence

from microaudit.items import Judgement, Task
from microaudit.taxonomy import label_of
from pipelines.classify import combine
from pipelines.classify.normalise import read
from pipelines.classify.rules import matcher

CLASSIFIER = "rules@1"


def classify(tasks: Sequence[Task]) -> list[Judgement]:
    """One judgement a task, in order; neither order nor batch changes an answer. Never raises on a text."""
    return [_judge(task) for task in tasks]


def _judge(task: Task) -> Judgement:
    reading = read(task.title, task.description, task.proof)
    words = [word for word in reading.text.split() if word not in ".,"]
    if not any(char.isalpha() for word in words for char in word):
        return combine.uncodable("empty", CLASSIFIER)
    hits = matcher()(reading)
    found = combine.illicit(hits)
    if found:
        label = label_of(found[0])
        return combine.codable(
            label, found[0], found[1:], 0.8, combine.evidence(task, reading, hits, found), CLASSIFIER
        )
    reasons = [hit for hit in hits if hit.rule.label is None]
    if reasons:
        says = reasons[0].rule.says
        return combine.uncodable(says, CLASSIFIER, combine.evidence(task, reading, reasons[:1], [says]))
    honest = [hit.rule.says for hit in hits if hit.rule.label == "legitimate"]
    subtype = honest[0] if honest else "G10"
    return combine.codable("legitimate", subtype, (), 0.9 if honest else 0.6, (), CLASSIFIER)
