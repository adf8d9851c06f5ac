"""Corrected shares straight from the store, without writing a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from microaudit.store.models import JudgementRow, TaskRow
from microaudit.taxonomy import ILLICIT
from reports import rows
from reports.estimate import Corrected, Mark, Share, corrected, mark, share


@dataclass(frozen=True, slots=True)
class Estimated:
    """One platform: the tool's count, the share corrected by human codes (None without enough), and its mark."""

    platform: str
    count: Share
    corrected: Corrected | None
    n_codes: int
    mark: Mark


def estimated(connection: Connection, names: Sequence[str]) -> Iterator[Estimated]:
    """The shares of the named platforms as a report of this moment would give them."""
    chosen = rows.latest(connection, None)
    codes, clusters = rows.codes(connection, chosen, names), rows.clusters(connection, chosen, names)
    every = sum(map(len, codes.values()))
    for name in names:
        tasks, labelled, illicit = _counts(connection, chosen, name)
        mine = codes.get(name, [])
        yield Estimated(
            name,
            share(illicit, labelled),
            corrected(illicit, labelled, mine, clusters.get(name), tasks - labelled) if labelled else None,
            len(mine),
            mark(mine, every - len(mine)),
        )


def _counts(connection: Connection, chosen: rows.Chosen, name: str) -> tuple[int, int, int]:
    """Tasks, tasks with a label, illicit ones."""
    columns = (func.count(), func.count(JudgementRow.label), func.count().filter(JudgementRow.label.in_(ILLICIT)))
    query = rows.judged(select(*columns).select_from(TaskRow), chosen, TaskRow.text_hash)
    tasks, labelled, illicit = connection.execute(query.where(TaskRow.platform == name, TaskRow.kind == "task")).one()
    return tasks, labelled, illicit
