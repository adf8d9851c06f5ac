"""How long tasks were on offer, and how many new ones appeared: what many captures of one list tell.

Both are bounds. A task was there at least from its first to its last sighting; a month without captures shows no
new task, whatever happened in it, so every month comes with the number of its captures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, String, distinct, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from microaudit.store.models import PageRow, Sighting, TaskRow

SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Lifetime:
    """One task: `days` from its first to its last sighting, 0 for a single one."""

    platform: str
    task_id: str
    first_seen: datetime
    last_seen: datetime
    sightings: int

    @property
    def days(self) -> float:
        return (self.last_seen - self.first_seen).total_seconds() / SECONDS_A_DAY


@dataclass(frozen=True, slots=True)
class Month:
    """What one month (YYYY-MM) showed of a platform: captures with tasks, tasks on them, new ones."""

    platform: str
    month: str
    captures: int
    tasks: int
    new_tasks: int


def lifetimes(engine: Engine, platform: str | None = None) -> list[Lifetime]:
    """Every task of the store, or of one platform, by platform and the platform's id."""
    columns = (TaskRow.platform, TaskRow.task_id, TaskRow.first_seen, TaskRow.last_seen, TaskRow.sightings)
    query = select(*columns).order_by(TaskRow.platform, TaskRow.task_id)
    if platform:
        query = query.where(TaskRow.platform == platform)
    with engine.connect() as connection:
        return [Lifetime(*row) for row in connection.execute(query)]


def flow(engine: Engine, platform: str | None = None) -> list[Month]:
    """The months in which tasks were seen, by platform and month."""
    month = _month(Sighting.observed_at)
    seen = (
        select(TaskRow.platform, month, func.count(distinct(PageRow.id)), func.count(distinct(TaskRow.id)))
        .join(Sighting, Sighting.task_id == TaskRow.id)
        .join(PageRow, PageRow.id == Sighting.page_id)
        .group_by(TaskRow.platform, month)
        .order_by(TaskRow.platform, month)
    )
    first = _month(TaskRow.first_seen)
    new = select(TaskRow.platform, first, func.count()).group_by(TaskRow.platform, first)
    if platform:
        seen, new = seen.where(TaskRow.platform == platform), new.where(TaskRow.platform == platform)
    with engine.connect() as connection:
        appeared = {(slug, when): number for slug, when, number in connection.execute(new)}
        return [
            Month(slug, when, captures, tasks, appeared.get((slug, when), 0))
            for slug, when, captures, tasks in connection.execute(seen)
        ]


def _month(moment: InstrumentedAttribute[datetime]) -> ColumnElement[str]:
    return func.substr(type_coerce(moment, String), 1, 7)
