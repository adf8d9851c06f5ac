"""The judging stages one after the other, for everything that is not a crawl: the same functions."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from microaudit.items import Judged, Task
from pipelines.classify import CLASSIFIER, classify
from pipelines.geography import VERSION as PLACES
from pipelines.geography import locate
from pipelines.language import detect

__all__ = ["CLASSIFIER", "JUDGING", "judge", "words"]

# A judgement is stored under the version of everything that made it.
JUDGING = f"{CLASSIFIER}+{PLACES}"


def words(task: Task) -> str:
    """The text of a listing in one string, as language detection reads it."""
    return "\n".join(part for part in (task.title, task.description, task.proof) if part)


def judge(tasks: Sequence[Task]) -> list[Judged]:
    """Language, label and places of each task, in the order given; the batch does not change an answer."""
    languages = detect([words(task) for task in tasks])
    judgements = classify(tasks)
    places = locate(tasks)
    return [
        Judged(
            task,
            dataclasses.replace(judgement, language=language, language_confidence=confidence),
            geography,
        )
        for task, (language, confidence), judgement, geography in zip(
            tasks, languages, judgements, places, strict=True
        )
    ]
