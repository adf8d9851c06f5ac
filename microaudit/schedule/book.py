"""The schedules of a store: added, paused, resumed, removed; what is due, and what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, insert, or_, select, update

from microaudit.errors import MicroauditError
from microaudit.schedule.times import due_times, next_times, parse
from microaudit.store.models import Crawl
from microaudit.store.models import Schedule as ScheduleRow

SCHEDULE: Table = ScheduleRow.__table__  # type: ignore[assignment]
CRAWL: Table = Crawl.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Schedule:
    """One crawl by calendar. `options` are those of `crawl`, by name; `source` is always among them."""

    id: int
    platform: str
    cron: str
    timezone: str
    options: dict[str, Any]
    created_at: datetime
    paused_at: datetime | None = None
    pause_reason: str | None = None
    resumed_at: datetime | None = None
    taken_due: datetime | None = None

    @property
    def since(self) -> datetime:
        """From when on due times count."""
        return max(self.created_at, self.resumed_at or self.created_at)

    def next(self, after: datetime, number: int = 5) -> list[datetime]:
        """The next due times, in UTC; none while paused."""
        return [] if self.paused_at else next_times(parse(self.cron, self.timezone), after, number)

    def due(self, now: datetime) -> datetime | None:
        """The latest time due that nobody has taken up; several that were missed are one run."""
        if self.paused_at:
            return None
        after = max(self.since, self.taken_due or self.since)
        times = list(due_times(parse(self.cron, self.timezone), after, now))
        return times[-1] if times else None

    def overdue(self, now: datetime, last_run: datetime | None) -> datetime | None:
        """The due time that was missed, if the one after it has come too; `last_run` is when a crawl last ran."""
        if self.paused_at:
            return None
        calendar = parse(self.cron, self.timezone)
        served = max(self.since, last_run or self.since)
        missed = next(due_times(calendar, served, now), None)
        if missed is None or next(due_times(calendar, missed, now), None) is None:
            return None
        return missed


def schedules(engine: Engine) -> list[Schedule]:
    """All schedules, by id."""
    with engine.connect() as connection:
        return [Schedule(**row) for row in connection.execute(select(SCHEDULE).order_by(SCHEDULE.c.id)).mappings()]


def add(engine: Engine, platform: str, cron: str, timezone: str, options: dict[str, Any], now: datetime) -> Schedule:
    """Store a schedule; MA0204 for a calendar that is not understood or never comes."""
    if not next_times(parse(cron, timezone), now, 1):
        raise MicroauditError("MA0204", f"{cron!r} names no day that comes")
    row = {"platform": platform, "cron": cron, "timezone": timezone, "options": options, "created_at": now}
    with engine.begin() as connection:
        number = connection.execute(insert(SCHEDULE).values(row).returning(SCHEDULE.c.id)).scalar_one()
    return one(engine, int(number))


def one(engine: Engine, number: int) -> Schedule:
    """The schedule of an id; MA0204 if there is none."""
    found = next((row for row in schedules(engine) if row.id == number), None)
    if found is None:
        raise MicroauditError("MA0204", f"there is no schedule {number}: see `microaudit schedule list`")
    return found


def pause(engine: Engine, number: int, reason: str, now: datetime) -> Schedule:
    """Take a schedule out of service; MA0204 without a reason."""
    if not reason.strip():
        raise MicroauditError("MA0204", "a pause needs a reason: reports show it")
    return _change(engine, number, paused_at=now, pause_reason=reason.strip())


def resume(engine: Engine, number: int, now: datetime) -> Schedule:
    """Put a paused schedule back into service, from now on; nothing changes for one in service."""
    found = one(engine, number)
    return _change(engine, number, paused_at=None, pause_reason=None, resumed_at=now) if found.paused_at else found


def _change(engine: Engine, number: int, **values: Any) -> Schedule:
    one(engine, number)
    with engine.begin() as connection:
        connection.execute(update(SCHEDULE).where(SCHEDULE.c.id == number).values(values))
    return one(engine, number)


def remove(engine: Engine, number: int) -> Schedule:
    """Delete a schedule; what it has crawled stays."""
    found = one(engine, number)
    with engine.begin() as connection:
        connection.execute(delete(SCHEDULE).where(SCHEDULE.c.id == number))
    return found


def take(engine: Engine, schedule: Schedule, due: datetime) -> bool:
    """Take up a due time; False if another runner was quicker. One statement, so that it happens once."""
    free = or_(SCHEDULE.c.taken_due.is_(None), SCHEDULE.c.taken_due < due)
    ours = (SCHEDULE.c.id == schedule.id, SCHEDULE.c.paused_at.is_(None), free)
    with engine.begin() as connection:
        return connection.execute(update(SCHEDULE).where(*ours).values(taken_due=due)).rowcount == 1


def give_back(engine: Engine, schedule: Schedule, due: datetime) -> None:
    """Undo `take`, where another crawl of the platform was in the way: the next check takes it up again."""
    ours = (SCHEDULE.c.id == schedule.id, SCHEDULE.c.taken_due == due)
    with engine.begin() as connection:
        connection.execute(update(SCHEDULE).where(*ours).values(taken_due=schedule.taken_due))


def missed(engine: Engine, rows: Sequence[Schedule], now: datetime) -> dict[int, datetime]:
    """Those of the schedules that are overdue by more than a period, by id, with the due time that was missed.

    A due time is served by any crawl of the platform from the same source, whoever started it.
    """
    if not rows:
        return {}
    with engine.connect() as connection:
        last = _last_runs(connection)
    found = {row.id: row.overdue(now, last.get((row.platform, kept_source(row.options)))) for row in rows}
    return {number: due for number, due in found.items() if due}


def kept_source(options: dict[str, Any]) -> str:
    """The source as the ledger names it."""
    return options["source"] if options["source"] in ("live", "wayback", "commoncrawl") else "file"


def _last_runs(connection: Connection) -> dict[tuple[str, str], datetime]:
    newest = select(func.max(CRAWL.c.id)).group_by(CRAWL.c.platform, CRAWL.c.source)
    columns = (CRAWL.c.platform, CRAWL.c.source, CRAWL.c.started_at, CRAWL.c.ended_at)
    # A crawl that was resumed has begun long ago; one that runs has not ended.
    return {
        (row.platform, row.source): row.ended_at or row.started_at
        for row in connection.execute(select(*columns).where(CRAWL.c.id.in_(newest)))
    }


def utc_now() -> datetime:
    return datetime.now(UTC)
