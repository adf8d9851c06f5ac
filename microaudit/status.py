"""What the store says of each platform: how its crawls ended, how it is, what was missed, and what it holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Table, Text, cast, func, select

from microaudit.baseline import WINDOW
from microaudit.health import CODES, EXITS, Past, health_of, one_status
from microaudit.items import iso
from microaudit.schedule.book import Schedule, missed, schedules
from microaudit.store.models import Crawl, JudgementRow, PlaceRow, TaskRow

CRAWL: Table = Crawl.__table__  # type: ignore[assignment]
TASK: Table = TaskRow.__table__  # type: ignore[assignment]
JUDGEMENT: Table = JudgementRow.__table__  # type: ignore[assignment]
PLACE: Table = PlaceRow.__table__  # type: ignore[assignment]
MEMORY = WINDOW + timedelta(days=10)  # of the ledger: what is usual is learnt from less
SPARKS = "▁▂▃▄▅▆▇█"
SPARK_RUNS = 20


def platform_status(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """One row a platform, by slug: state and reason of its last crawl, tasks held, first and last seen.

    `health` is one of five states or unknown, `evidence` says why, `trend` holds the tasks of the last crawls (None
    for one that read none it could be trusted with), `paused` the reasons of paused schedules, `overdue` what was
    missed. `places` counts the countries of buyers and workers by the basis they were read from. A platform that is
    scheduled but was never crawled has a row with an empty state.
    """
    planned = schedules(engine)
    late = missed(engine, planned, now)
    newest = select(func.max(CRAWL.c.id)).group_by(CRAWL.c.platform)
    with engine.connect() as connection:
        crawls = connection.execute(select(CRAWL).where(CRAWL.c.id.in_(newest)).order_by(CRAWL.c.platform)).mappings()
        held = {
            row.platform: row
            for row in connection.execute(
                select(
                    TASK.c.platform,
                    func.count().label("tasks"),
                    func.min(TASK.c.first_seen).label("first_seen"),
                    func.max(TASK.c.last_seen).label("last_seen"),
                ).group_by(TASK.c.platform)
            )
        }
        places: dict[str, Counter[str]] = {}
        for platform, basis, number in connection.execute(
            select(TASK.c.platform, PLACE.c.basis, func.count())
            .join(PLACE, PLACE.c.text_hash == TASK.c.text_hash)
            .where(PLACE.c.version == _newest_version())
            .group_by(TASK.c.platform, PLACE.c.basis)
        ):
            places.setdefault(platform, Counter())[basis] = number
        histories = _histories(connection, now)
        rows = {crawl["platform"]: _row(dict(crawl), held.get(crawl["platform"]), places) for crawl in crawls}
    for platform in {schedule.platform for schedule in planned} - rows.keys():
        rows[platform] = _never_crawled(platform)
    for platform, row in rows.items():
        row |= _health(histories.get(platform, []))
        row |= _calendar([schedule for schedule in planned if schedule.platform == platform], late)
    return [rows[platform] for platform in sorted(rows)]


def _histories(connection: Connection, now: datetime) -> dict[str, list[Past]]:
    """The runs of the last months by platform, oldest first."""
    plain = (CRAWL.c[name] for name in ("platform", "started_at", "state", "reason", "tasks", "source"))
    # As text: most rows hold the same few, and each is decoded once.
    coded = (
        cast(CRAWL.c[name], Text).label(name) for name in ("outcomes", "problems", "refused", "conduct", "options")
    )
    decoded = cache(json.loads)
    rows = connection.execute(select(*plain, *coded).where(CRAWL.c.started_at >= now - MEMORY).order_by(CRAWL.c.id))
    histories: dict[str, list[Past]] = {}
    for row in rows:
        past = Past(
            started_at=row.started_at,
            state=row.state,
            reason=row.reason or "",
            tasks=row.tasks,
            outcomes=decoded(row.outcomes),
            problems=decoded(row.problems),
            refused=decoded(row.refused),
            failed=sum((decoded(row.conduct).get("failed") or {}).values()),
            like=(row.source, decoded(row.options)),
        )
        histories.setdefault(row.platform, []).append(past)
    return histories


def _health(runs: Sequence[Past]) -> dict[str, Any]:
    if not runs:
        return {"health": "unknown", "evidence": f"no crawl in the last {MEMORY.days} days", "trend": []}
    health, evidence = health_of(runs)
    trend = [run.tasks if run.state == "healthy" else None for run in runs[-SPARK_RUNS:]]
    return {"health": health, "evidence": evidence, "trend": trend}


def _calendar(planned: Sequence[Schedule], late: dict[int, datetime]) -> dict[str, Any]:
    paused = [f"schedule {row.id}: {row.pause_reason}" for row in planned if row.paused_at]
    overdue = [f"schedule {row.id} was due {iso(late[row.id])} and did not run" for row in planned if row.id in late]
    return {"paused": paused, "overdue": "; ".join(overdue) or None}


def _newest_version() -> Any:
    return select(JUDGEMENT.c.version).order_by(JUDGEMENT.c.judged_at.desc()).limit(1).scalar_subquery()


def _row(crawl: dict[str, Any], held: Any, places: dict[str, Counter[str]]) -> dict[str, Any]:
    return {
        "platform": crawl["platform"],
        "state": crawl["state"] or "partial",  # begun and never ended: killed, or still running
        "reason": crawl["reason"] or "the crawl has not ended",
        "source": crawl["source"],
        "started_at": iso(crawl["started_at"]),
        "pages": crawl["pages"],
        "outcomes": crawl["outcomes"],
        "problems": crawl["problems"],
        "refused": crawl["refused"],
        "tasks": held.tasks if held else 0,
        "first_seen": iso(held.first_seen) if held else None,
        "last_seen": iso(held.last_seen) if held else None,
        "places": dict(sorted(places.get(crawl["platform"], {}).items())),
    }


def _never_crawled(platform: str) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(("state", "source", "started_at", "first_seen", "last_seen"))
    counts: dict[str, Any] = {name: {} for name in ("outcomes", "problems", "refused", "places")}
    return {"platform": platform, "reason": "never crawled", "pages": 0, "tasks": 0} | empty | counts


def overall(rows: Iterable[dict[str, Any]]) -> int:
    """The exit status of all platforms together. A missed run comes first: the rest is news of yesterday."""
    rows = list(rows)
    if any(row["overdue"] for row in rows):
        return 9
    return one_status(map(_exit, rows))


def _exit(row: dict[str, Any]) -> int:
    """How the last crawl ended; where that was well, how the platform is."""
    code = CODES[row["state"]] if row["state"] else ""
    return int(code[2:4]) if code else EXITS[row["health"]]


def status_line(row: dict[str, Any]) -> str:
    """The row for people: how the platform is, what it holds, its last crawls as a sparkline, and why."""
    when = row["started_at"] or "never"
    line = f"{row['platform']:<14} {row['health']:<11} {sparkline(row['trend']):<{SPARK_RUNS}}"
    return "\n".join(
        [
            f"{line} {row['tasks']:>7} tasks  {when}  {row['evidence']}",
            *(f"{'':<14} overdue     {words}" for words in [row["overdue"]] if words),
            *(f"{'':<14} paused      {words}" for words in row["paused"]),
        ]
    )


def sparkline(numbers: Sequence[int | None]) -> str:
    """One block a number, from none to the largest; a dot for None."""
    largest = max((number for number in numbers if number), default=1)
    return "".join("·" if number is None else SPARKS[number * (len(SPARKS) - 1) // largest] for number in numbers)
