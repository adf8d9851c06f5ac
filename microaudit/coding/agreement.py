"""How well coders agree: Krippendorff's alpha, Gwet's AC1 and percent, with bootstrap intervals.

Alpha falls where one class is rare although coders err equally, so each figure also comes from a
view in which illicit and legitimate tasks (by the tool's verdict) weigh the same.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from microaudit.store.models import Assignment, Coding, JudgementRow
from microaudit.taxonomy import LABELS, is_illicit

RELIABLE, TENTATIVE = 0.80, 0.667  # manual, section 6; Krippendorff 2004
DRAWS = 1000
FEWEST = 10  # tasks coded by two or more that a figure needs


@dataclass(frozen=True, slots=True)
class Coded:
    """One task coded by two or more coders, each by himself: their answers, its language, the tool's verdict."""

    answers: tuple[str, ...]  # a label, or "uncodable"
    language: str
    illicit: bool | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement in one view; each of the three figures as (value, low, high), None where it is not defined."""

    view: str
    n_tasks: int
    n_codes: int
    percent: tuple[float, float, float]
    alpha: tuple[float, float, float] | None
    ac1: tuple[float, float, float] | None

    @property
    def reading(self) -> str:
        """What the manual lets one say."""
        if self.alpha is None:
            return "alpha is not defined: all codes are the same"
        return (
            "reliable" if self.alpha[0] >= RELIABLE else "tentative" if self.alpha[0] >= TENTATIVE else "not reliable"
        )


def alpha(table: Any) -> float:
    """Krippendorff's alpha, nominal (Hayes & Krippendorff 2007); nan where only one category occurs.

    Rows are tasks, columns the number of codes in each category.
    """
    import krippendorff

    if (table.sum(axis=0) > 0).sum() < 2:
        return math.nan
    return float(krippendorff.alpha(value_counts=table, level_of_measurement="nominal"))


def figures(patterns: Any, times: Any) -> Any:
    """Percent, alpha and AC1 (columns) of many samples at once (rows); nan where not defined.

    A sample has each row of `patterns` as often as `times` says, which may be a fraction: that
    is how classes are balanced. Percent is the share of pairs of coders that agree, mean over
    tasks; AC1 is Gwet's (British Journal of Mathematical and Statistical Psychology 61, 2008).
    """
    import numpy as np

    n = patterns.sum(axis=1)
    paired = n > 1
    agree = np.where(paired, (patterns * (patterns - 1)).sum(axis=1) / np.maximum(1, n * (n - 1)), 0.0)
    share = times @ agree / (times @ paired)
    rate = times @ (patterns / n[:, None]) / times.sum(axis=1)[:, None]
    chance = (rate * (1 - rate)).sum(axis=1) / (patterns.shape[1] - 1)
    codes, each = times @ (n * paired), times @ (patterns * paired[:, None])
    expected = 1 - (each * (each - 1)).sum(axis=1) / (codes * (codes - 1))
    observed = times @ (n * paired * (1 - agree)) / codes
    # Codes of one category alone: only rounding is left of the expected disagreement.
    alphas = np.where((each > 0).sum(axis=1) > 1, 1 - observed / np.where(expected > 0, expected, 1), np.nan)
    return np.column_stack([share, alphas, (share - chance) / (1 - chance)])


def specific(table: Any, category: int) -> float:
    """Of the codes in a category, the share with which another coder of the same task agrees (Cicchetti 1990)."""
    n, hits = table.sum(axis=1), table[:, category]
    return float((hits * (hits - 1) / (n - 1)).sum() / hits.sum()) if hits.sum() else math.nan


def measure(view: str, table: Any, groups: Sequence[bool] | None = None) -> Agreement:
    """All figures of a table (rows: tasks with two codes or more), with 95 % percentile intervals over tasks.

    With `groups` both groups weigh the same, in the figures as in their intervals.
    """
    import numpy as np

    dice = np.random.default_rng(0)
    patterns, where = np.unique(table, axis=0, return_inverse=True)
    flags = np.ones(len(table), dtype=bool) if groups is None else np.array(groups)
    points, draws = np.zeros((1, len(patterns))), np.zeros((DRAWS, len(patterns)))
    for pool in (where[flags], where[~flags]):
        if len(pool):
            seen = np.bincount(pool, minlength=len(patterns))
            weight = 1.0 if groups is None else len(table) / 2 / len(pool)
            points += weight * seen
            draws += weight * dice.multinomial(len(pool), seen / len(pool), size=DRAWS)
    values = figures(patterns, points)[0]
    if groups is None:
        values[1] = alpha(table)
    found = []
    for value, column in zip(values.tolist(), figures(patterns, draws).T, strict=True):
        known = column[~np.isnan(column)]
        low, high = np.quantile(known, (0.025, 0.975)).tolist() if len(known) else (math.nan, math.nan)
        found.append((value, low, high))
    defined = [None if math.isnan(each[0]) else each for each in found]
    return Agreement(view, len(table), int(table.sum()), found[0], defined[1], defined[2])


def agreement(tasks: Sequence[Coded]) -> Iterator[Agreement]:
    """Every view of which there are FEWEST tasks: all, class-balanced, by language."""
    binary, labels = ("legitimate", "illicit"), LABELS
    views: list[tuple[str, Sequence[Coded], tuple[str, ...], Callable[[str], str | None]]] = [
        ("illicit or legitimate", tasks, binary, _two),
        ("the four labels", tasks, labels, lambda answer: answer if answer in labels else None),
        ("codable or not", tasks, ("codable", "uncodable"), lambda a: "uncodable" if a == "uncodable" else "codable"),
    ]
    for language in sorted({task.language for task in tasks}):
        spoken = [task for task in tasks if task.language == language]
        views.append((f"illicit or legitimate, {language}", spoken, binary, _two))
    for view, some, categories, of in views:
        table, kept = _table(some, categories, of)
        if len(kept) >= FEWEST:
            yield measure(view, table)
        known = [task.illicit for task in kept]
        if view in ("illicit or legitimate", "the four labels") and len(kept) >= FEWEST:
            at = [place for place, flag in enumerate(known) if flag is not None]
            flags = [bool(known[place]) for place in at]
            if min(sum(flags), len(flags) - sum(flags)) >= 5:
                yield measure(f"{view}, classes balanced", table[at], flags)


def by_class(tasks: Sequence[Coded]) -> Iterator[tuple[str, int, float]]:
    """(label, codes, specific agreement) for each label that was given."""
    table, _ = _table(tasks, LABELS, lambda answer: answer if answer in LABELS else None)
    for at, label in enumerate(LABELS):
        if len(table) and table[:, at].sum():
            yield label, int(table[:, at].sum()), specific(table, at)


def _two(answer: str) -> str | None:
    return None if answer == "uncodable" else "illicit" if is_illicit(answer) else "legitimate"


def _table(
    tasks: Iterable[Coded], categories: Sequence[str], of: Callable[[str], str | None]
) -> tuple[Any, list[Coded]]:
    import numpy as np

    rows, kept = [], []
    for task in tasks:
        given = [of(answer) for answer in task.answers]
        row = [given.count(category) for category in categories]
        if sum(row) >= 2:
            rows.append(row)
            kept.append(task)
    return np.array(rows, dtype=int).reshape(len(rows), len(categories)), kept


def coded_twice(connection: Connection, platform: str | None = None) -> list[Coded]:
    """Tasks that two coders or more coded independently (adjudication left out), by platform and id."""
    newest = func.row_number().over(
        partition_by=JudgementRow.text_hash, order_by=(JudgementRow.judged_at.desc(), JudgementRow.version.desc())
    )
    judged = select(
        JudgementRow.text_hash, JudgementRow.label, JudgementRow.language, newest.label("place")
    ).subquery()
    query = (
        select(Coding.sample, Coding.platform, Coding.task_id, Coding.coder, Coding.codable, Coding.label,
               judged.c.label.label("tool"), judged.c.language)
        .outerjoin(judged, and_(judged.c.text_hash == Coding.text_hash, judged.c.place == 1))
        .where(~_second_round())
        .order_by(Coding.platform, Coding.task_id, Coding.sample, Coding.coder)
    )  # fmt: skip
    if platform is not None:
        query = query.where(Coding.platform == platform)
    found: defaultdict[Hashable, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.sample, row.platform, row.task_id].append(row)
    return [
        Coded(
            tuple((row.label or "uncodable") if row.codable else "uncodable" for row in rows),
            rows[0].language or "unknown",
            None if rows[0].tool is None else is_illicit(rows[0].tool),
        )
        for rows in found.values()
        if len(rows) > 1
    ]


def _second_round() -> Any:
    """Whether a code was given to settle a disagreement."""
    return (
        select(Assignment.id)
        .where(
            Assignment.sample == Coding.sample,
            Assignment.task_id == Coding.task_id,
            Assignment.coder == Coding.coder,
            Assignment.round == 2,
        )
        .exists()
    )
