"""Stage: judge what a listing asks for, under the coding manual (docs/classifier.md)."""

from __future__ import annotations

from collections.abc import Sequence

from microaudit.items import Judgement, Task

# Rules and model change together, under one version: a new meaning is a new version.
CLASSIFIER = "rules+linear@2"


def classify(tasks: Sequence[Task]) -> list[Judgement]:
    """One judgement a task, in order. Neither order nor batch changes an answer, and no text raises an error.

    Only title, description and proof are read: platform, category, buyer and pay never decide.
    """
    from pipelines.classify.combine import judge, uncodable
    from pipelines.classify.model import shipped
    from pipelines.classify.normalise import read, wordless
    from pipelines.classify.rules import matcher

    judgements = []
    for task in tasks:
        reading = read(task.title, task.description, task.proof)
        if reason := wordless(reading):
            judgements.append(uncodable(reason, CLASSIFIER, 1.0))
        else:
            judgements.append(judge(task, reading, matcher()(reading), shipped(), CLASSIFIER))
    return judgements
