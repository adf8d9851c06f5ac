"""What the store says of each platform: how its last crawl ended and what it holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Engine, Table, func, select

from microaudit.items import iso
from microaudit.store.models import Crawl, JudgementRow, PlaceRow, TaskRow

CRAWL: Table = Crawl.__table__  # type: ignore[assignment]
TASK: Table = TaskRow.__table__  # type: ignore[assignment]
JUDGEMENT: Table = JudgementRow.__table__  # type: ignore[assignment]
PLACE: Table = PlaceRow.__table__  # type: ignore[assignment]


def platform_status(engine: Engine) -> list[dict[str, Any]]:
    """One row a platform, by slug: state and reason of its last crawl, tasks held, first and last seen.

    `places` counts the countries of buyers and workers by the basis they were read from.
    """
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
        return [_row(dict(crawl), held.get(crawl["platform"]), places) for crawl in crawls]


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


def status_line(row: dict[str, Any]) -> str:
    """The row for people."""
    return f"{row['platform']:<14} {row['state']:<11} {row['tasks']:>7} tasks  {row['started_at']}  {row['reason']}"
