"""The run ledger: every crawl is a row that says what it asked, got, read and refused, and how it ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, or_, select, update

from microaudit import __version__
from microaudit.health import Counts, State, state_of
from microaudit.items import Page
from microaudit.log import log
from microaudit.store import frontier
from microaudit.store.models import Crawl, FrontierRow
from microaudit.store.patience import patient

CRAWL: Table = Crawl.__table__  # type: ignore[assignment]
COUNTED = ("outcomes", "problems", "refused")


def open_crawl(engine: Engine, platform: str, source: str, options: dict[str, Any], classifier: str) -> int:
    """Insert the row of a crawl that begins now; its id. An older crawl of the same can no longer be resumed."""
    empty: dict[str, Any] = {name: {} for name in (*COUNTED, "conduct")}
    row = empty | {
        "platform": platform,
        "source": source,
        "options": options,
        "started_at": datetime.now(UTC),
        "software": __version__,
        "classifier": classifier,
    }
    with engine.begin() as connection:
        frontier.clear(connection, _unfinished(connection, platform, source, options))
        number = int(connection.execute(insert(CRAWL).values(row).returning(CRAWL.c.id)).scalar_one())
    log("crawl_begun", crawl=number, platform=platform, source=source)
    return number


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A crawl that can go on, with what it has noted so far."""

    crawl_id: int
    counts: Counts
    requests: int
    conduct: dict[str, Any]


def resume_crawl(engine: Engine, platform: str, source: str, options: dict[str, Any]) -> Interrupted | None:
    """The newest crawl of the same platform, source and options that was interrupted, opened again."""
    with engine.begin() as connection:
        unfinished = _unfinished(connection, platform, source, options)
        if not unfinished:
            return None
        chosen = CRAWL.c.id == max(unfinished)
        connection.execute(update(CRAWL).where(chosen).values(ended_at=None, state=None, reason=None))
        row = connection.execute(select(CRAWL).where(chosen)).one()
        return Interrupted(row.id, _stored_counts(connection, row.id), row.requests, row.conduct)


def _unfinished(connection: Connection, platform: str, source: str, options: dict[str, Any]) -> list[int]:
    """Crawls that were killed, or that left their frontier behind."""
    left = select(FrontierRow.crawl_id).distinct()
    rows = connection.execute(
        select(CRAWL.c.id, CRAWL.c.options).where(
            CRAWL.c.platform == platform,
            CRAWL.c.source == source,
            or_(CRAWL.c.ended_at.is_(None), CRAWL.c.id.in_(left)),
        )
    )
    return [row.id for row in rows if row.options == options]


def _stored_counts(connection: Connection, crawl_id: int) -> Counts:
    row = connection.execute(select(CRAWL).where(CRAWL.c.id == crawl_id)).one()
    return Counts(row.tasks, Counter(row.outcomes), Counter(row.problems), Counter(row.refused))


def close_crawl(
    engine: Engine,
    crawl_id: int,
    counts: Counts,
    requests: int = 0,
    conduct: dict[str, Any] | None = None,
    resumable: bool = False,
) -> tuple[State, str]:
    """Write how the crawl ended; its state and the reason. What pages hold is counted as it was stored.

    `requests` are all that the crawl has sent. The frontier stays where the crawl is `resumable`.
    """

    def close(connection: Connection) -> tuple[State, str]:
        stored = _stored_counts(connection, crawl_id)
        counts.tasks = stored.tasks
        counts.outcomes, counts.refused = stored.outcomes, stored.refused
        counts.problems = stored.problems | counts.passed_over  # a resumed crawl meets the same parts again
        state, reason = state_of(counts)
        if not resumable:
            frontier.clear(connection, [crawl_id])
        connection.execute(
            update(CRAWL)
            .where(CRAWL.c.id == crawl_id)
            .values(
                ended_at=datetime.now(UTC),
                requests=requests,
                state=state,
                reason=reason,
                problems=dict(sorted(counts.problems.items())),
                conduct=conduct or {},
            )
        )
        return state, reason

    state, reason = patient(engine, close)
    log(
        "crawl_ended",
        crawl=crawl_id,
        state=state,
        requests=requests,
        tasks=counts.tasks,
        **{name: dict(getattr(counts, name)) for name in COUNTED},
    )
    return state, reason


def count_page(counts: Counts, page: Page) -> None:
    """Add one stored page to the counts of its crawl."""
    counts.tasks += len(page.tasks)
    counts.outcomes[page.outcome] += 1
    counts.problems.update(page.problems)
    counts.refused.update(page.refused)
