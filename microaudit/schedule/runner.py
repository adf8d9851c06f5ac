"""The local runner: starts the crawls that are due, each in a process of its own, and tells of incidents."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from microaudit.errors import MicroauditError
from microaudit.schedule.book import Schedule, give_back, one, schedules, take, utc_now

LOCK_HELD = 9
Start = Callable[[Schedule], int]  # runs the crawl of a schedule to its end; its exit status


@dataclass(frozen=True, slots=True)
class Done:
    """One scheduled run: when it was due and how the crawl ended."""

    schedule: Schedule
    due: datetime
    exit_status: int

    def fields(self) -> dict[str, Any]:
        """What machines read of it."""
        row = self.schedule
        return {"id": row.id, "platform": row.platform, "due": self.due.isoformat(), "exit": self.exit_status}


def arguments(options: dict[str, Any]) -> list[str]:
    """The options of a schedule as `crawl` takes them."""
    words = ["--from", options["source"]]
    for name in ("since", "until", "max_pages", "base_url"):
        if options.get(name) is not None:
            words += [f"--{name.replace('_', '-')}", str(options[name])]
    for host in options.get("allow_hosts", ()):
        words += ["--allow-host", host]
    return [*words, "--resume"] if options.get("resume") else words


def crawl_process(db: str) -> Start:
    """Starts `microaudit crawl` on a store; a crawl's event loop can be run only once in a process."""

    def start(schedule: Schedule) -> int:
        command = [sys.executable, "-m", "microaudit", "--db", db, "--json", "crawl", schedule.platform]
        done = subprocess.run(  # noqa: S603 - our own program, with arguments checked when they were stored
            [*command, *arguments(schedule.options)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
        return done.returncode

    return start


def run_one(engine: Engine, schedule: Schedule, now: datetime, start: Start) -> Done | None:
    """Run a schedule if it is due and nobody else has taken it up; None if not."""
    due = schedule.due(now)
    if due is None or not take(engine, schedule, due):
        return None
    status = start(schedule)
    if status == LOCK_HELD:
        give_back(engine, schedule, due)
    return Done(schedule, due, status)


def run_due(engine: Engine, rows: Sequence[Schedule], start: Start, now: datetime) -> list[Done]:
    """Run those of the schedules that are due, side by side; each platform's crawl keeps its own rhythm."""
    with ThreadPoolExecutor(max(len(rows), 1)) as threads:
        found = threads.map(lambda row: run_one(engine, row, now, start), rows)
        return [done for done in found if done]


def serve(
    engine: Engine, start: Start, tell: Callable[[Done | None], None], fail: Callable[[BaseException], None]
) -> None:
    """Run what is due at every full minute until interrupted; MA0206 without APScheduler.

    A schedule runs in a thread of its own, so that a long crawl holds up no other; schedules that are added, paused
    or removed count from the next minute on. `tell` is called with each run that ended, and every minute with None;
    `fail` with what went wrong in between: the runner goes on.
    """
    scheduler, error_event = _scheduler()

    def run(number: int) -> None:
        if done := run_one(engine, one(engine, number), utc_now(), start):
            tell(done)

    def look() -> None:
        for schedule in schedules(engine):
            if schedule.due(utc_now()):
                scheduler.add_job(run, args=(schedule.id,), id=f"schedule {schedule.id}", replace_existing=True)
        tell(None)

    scheduler.add_listener(lambda event: fail(event.exception), error_event)
    scheduler.add_job(look, "cron", second=0, id="look", coalesce=True, next_run_time=datetime.now().astimezone())
    scheduler.start()


def _scheduler() -> tuple[Any, int]:
    try:
        from apscheduler.events import EVENT_JOB_ERROR
        from apscheduler.executors.pool import ThreadPoolExecutor as Threads
        from apscheduler.schedulers.blocking import BlockingScheduler
    except ImportError:
        raise MicroauditError(
            "MA0206",
            "the local runner needs APScheduler: pip install 'microaudit[schedule]'; "
            "`microaudit schedule cron` and `systemd` print units that need none",
        ) from None
    # One thread to look, and one a platform.
    defaults = {"misfire_grace_time": None}  # a laptop that slept runs what it missed
    return BlockingScheduler(executors={"default": Threads(32)}, job_defaults=defaults), EVENT_JOB_ERROR
