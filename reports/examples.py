"""A few tasks to show, chosen by chance and not by taste, and stripped of what points at anyone."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microaudit.taxonomy import ILLICIT
from reports.words import redacted

PER_LABEL = 3
SURE = 0.8  # an example is to show the label, not to test it


@dataclass(frozen=True, slots=True)
class Example:
    """One redacted task: the words that decided are marked in `parts` as (text, decided)."""

    id: str
    label: str
    subtype: str | None
    title: str
    words: tuple[str, ...]
    confidence: float


class Examples:
    """Keeps, of all tasks offered, PER_LABEL for each illicit label: those with the smallest text hash.

    The hash is chance that anyone can repeat: the order of the tasks plays no part, and nobody
    picked the juiciest ones.
    """

    path = Path()

    def __init__(self) -> None:
        self.rows = 0
        self._kept: dict[str, list[tuple[int, str, Mapping[str, Any]]]] = {label: [] for label in ILLICIT}

    def write(self, row: Mapping[str, Any]) -> None:
        label = row["label"]
        if row["kind"] != "task" or label not in ILLICIT or (row["confidence"] or 0) < SURE:
            return
        kept = self._kept[label]
        entry = (-int(row["text_hash"][:15], 16), row["id"], dict(row))
        if any(other[0] == entry[0] for other in kept):
            return  # one text, many tasks
        if len(kept) < PER_LABEL:
            heapq.heappush(kept, entry)
        elif entry[0] > kept[0][0]:
            heapq.heapreplace(kept, entry)

    def shown(self) -> list[Example]:
        """The examples, by label, redacted."""
        return [
            _example(row)
            for label in ILLICIT
            for _, _, row in sorted(self._kept[label], key=lambda entry: (-entry[0], entry[1]))
        ]


def _example(row: Mapping[str, Any]) -> Example:
    decided = dict.fromkeys(redacted(evidence["text"], 120) for evidence in row["evidence"])
    return Example(
        id=redacted(row["id"], 60),
        label=row["label"],
        subtype=row["subtype"],
        title=redacted(row["title"], 120),
        words=tuple(words for words in decided if words),
        confidence=row["confidence"],
    )
