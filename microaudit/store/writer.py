"""Write pages, whole or not at all: evidence, texts, judgements, tasks and sightings in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, select, update

from microaudit.items import JUDGED_FIELDS, Geography, Judgement, Page, Task, to_json
from microaudit.store.frontier import insert, mark_done
from microaudit.store.models import (
    Crawl,
    JudgementRow,
    PageRow,
    PlaceRow,
    Shown,
    Sighting,
    TaskRow,
    TextRow,
)
from microaudit.store.patience import patient

SHOWN = tuple(Shown.__annotations__)
CRAWL: Table = Crawl.__table__  # type: ignore[assignment]
TEXT: Table = TextRow.__table__  # type: ignore[assignment]
TASK: Table = TaskRow.__table__  # type: ignore[assignment]
PAGE: Table = PageRow.__table__  # type: ignore[assignment]
SIGHTING: Table = Sighting.__table__  # type: ignore[assignment]
JUDGEMENT: Table = JudgementRow.__table__  # type: ignore[assignment]
PLACE: Table = PlaceRow.__table__  # type: ignore[assignment]
T = TypeVar("T")
LOOKUP_CHUNK = 500  # values in one IN (...): SQLite allows 32,766 variables, PostgreSQL 65,535


def write_page(engine: Engine, page: Page, crawl_id: int, version: str) -> None:
    """Store one page with what the stages made of it.

    A capture that an earlier crawl stored is the same page: its sightings are replaced, not added. A page
    that this crawl has stored is left alone, so that a write whose answer was lost may be tried again.
    """
    patient(engine, partial(_write_page, page=page, crawl_id=crawl_id, version=version))


def _write_page(connection: Connection, page: Page, crawl_id: int, version: str) -> None:
    if not mark_done(connection, page, crawl_id):
        return
    _count_page(connection, page, crawl_id)
    page_id = _page_id(connection, page, crawl_id)
    write_texts(connection, page.known)
    write_judgements(connection, page.fresh, page.judgements, page.geographies, version)
    ids = _write_tasks(connection, page)
    connection.execute(delete(SIGHTING).where(SIGHTING.c.page_id == page_id))
    if page.tasks:
        connection.execute(
            SIGHTING.insert(),
            [
                {
                    "page_id": page_id,
                    "task_id": ids[task.id],
                    "text_hash": known.text_hash,
                    "observed_at": task.observed_at,
                }
                | {name: getattr(task, name) for name in SHOWN}
                for task, known in zip(page.tasks, page.known, strict=True)
            ],
        )
        _count_sightings(connection, list(ids.values()))


def _count_page(connection: Connection, page: Page, crawl_id: int) -> None:
    """Add the page to its crawl's row: a crawl that is killed has counted what it stored."""
    counts = ("outcomes", "problems", "refused")
    columns = [CRAWL.c[name] for name in ("pages", "tasks", *counts)]
    row = connection.execute(select(*columns).where(CRAWL.c.id == crawl_id)).one()
    new: dict[str, Counter[str]] = {
        "outcomes": Counter({page.outcome: 1}),
        "problems": page.problems,
        "refused": page.refused,
    }
    values = {name: dict(sorted((Counter(getattr(row, name)) + new[name]).items())) for name in counts}
    totals = {"pages": row.pages + 1, "tasks": row.tasks + len(page.tasks)}
    connection.execute(update(CRAWL).where(CRAWL.c.id == crawl_id).values(**totals, **values))


def _page_id(connection: Connection, page: Page, crawl_id: int) -> int:
    row = {
        "crawl_id": crawl_id,
        "url": page.url,
        "observed_at": page.observed_at,
        "status": page.status,
        "outcome": page.outcome,
        "sha256": page.sha256,
        "n_bytes": len(page.body),
    }
    kept = {name: getattr(page, name) for name in ("warc_file", "warc_offset", "evidence_sha256")}
    row |= kept
    statement = insert(connection, PAGE).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["url", "observed_at", "sha256"],
        set_={"outcome": statement.excluded.outcome} | (kept if page.warc_file else {}),
    )
    return int(connection.execute(statement.returning(PAGE.c.id)).scalar_one())


def has_evidence(engine: Engine, page: Page) -> bool:
    """Whether an earlier crawl has kept this very page."""
    this = (PAGE.c.url == page.url) & (PAGE.c.observed_at == page.observed_at) & (PAGE.c.sha256 == page.sha256)
    with engine.connect() as connection:
        return connection.scalar(select(PAGE.c.warc_file).where(this)) is not None


def write_texts(connection: Connection, tasks: Iterable[Task]) -> None:
    """Store the words of tasks, once per content hash."""
    rows = {task.text_hash: task for task in tasks}
    if rows:
        connection.execute(
            insert(connection, TEXT).on_conflict_do_nothing(),
            [{"hash": key} | {name: getattr(task, name) for name in JUDGED_FIELDS} for key, task in rows.items()],
        )


def write_judgements(
    connection: Connection,
    tasks: Sequence[Task],
    judgements: Sequence[Judgement],
    geographies: Sequence[Geography],
    version: str,
) -> None:
    """Insert what the judging stages say of texts; a text already judged by this version is left alone."""
    now = datetime.now(UTC)
    rows: dict[str, dict[str, Any]] = {}
    places: list[dict[str, Any]] = []
    for task, judgement, geography in zip(tasks, judgements, geographies, strict=True):
        key = task.text_hash
        if key in rows:
            continue
        rows[key] = to_json(judgement) | {
            "text_hash": key,
            "version": version,
            "worker_scope": geography.worker_scope,
            "worker_regions": list(geography.worker_regions),
            "judged_at": now,
        }
        places += [
            {"text_hash": key, "version": version} | _place(place)
            for place in (*geography.buyer_countries, *geography.worker_countries)
        ]
    if rows:
        connection.execute(insert(connection, JUDGEMENT).on_conflict_do_nothing(), list(rows.values()))
    if places:
        connection.execute(PLACE.insert(), places)


def _place(place: Any) -> dict[str, str]:
    return {name: getattr(place, name) for name in ("country", "relation", "basis", "field", "text")}


def _write_tasks(connection: Connection, page: Page) -> dict[str, int]:
    """Insert or renew the tasks of one page; the platform's id -> the row's id."""
    if not page.tasks:
        return {}
    rows = [
        {name: getattr(known, name) for name in ("platform", "kind", "url", "buyer", "source", *SHOWN)}
        | {
            "task_id": task.id,
            "text_hash": known.text_hash,
            "first_seen": task.observed_at,
            "last_seen": task.observed_at,
            "sightings": 0,
        }
        for task, known in zip(page.tasks, page.known, strict=True)
    ]
    statement = insert(connection, TASK)
    new = statement.excluded
    earliest, latest = (func.min, func.max) if connection.dialect.name == "sqlite" else (func.least, func.greatest)
    renewed = {name: new[name] for name in ("kind", "url", "text_hash", "buyer", "source", *SHOWN)} | {
        "first_seen": earliest(TASK.c.first_seen, new.first_seen),
        "last_seen": latest(TASK.c.last_seen, new.last_seen),
    }
    statement = statement.on_conflict_do_update(index_elements=["platform", "task_id"], set_=renewed)
    result = connection.execute(statement.returning(TASK.c.task_id, TASK.c.id), rows)
    return {row.task_id: row.id for row in result}


def _count_sightings(connection: Connection, ids: Sequence[int]) -> None:
    counted = select(func.count()).where(SIGHTING.c.task_id == TASK.c.id).scalar_subquery()
    connection.execute(
        update(TASK).where(TASK.c.id == bindparam("b_id")).values(sightings=counted),
        [{"b_id": number} for number in ids],
    )


def stored_tasks(connection: Connection, platform: str, ids: Sequence[str]) -> dict[str, Task]:
    """The tasks of a platform that the store holds among `ids`, as Tasks, by the platform's id.

    `observed_at` is the last sighting's.
    """
    found: dict[str, Task] = {}
    columns = [TASK.c[name] for name in ("task_id", "url", "buyer", "source", "last_seen", *SHOWN)]
    words = [TEXT.c[name] for name in JUDGED_FIELDS]
    for chunk in chunks(ids):
        query = (
            select(*columns, *words)
            .join(TEXT, TEXT.c.hash == TASK.c.text_hash)
            .where(TASK.c.platform == platform, TASK.c.task_id.in_(chunk))
        )
        for row in connection.execute(query).mappings():
            values = dict(row)
            values["id"], values["observed_at"] = values.pop("task_id"), values.pop("last_seen")
            found[values["id"]] = Task(**values)
    return found


def judged_hashes(connection: Connection, hashes: Sequence[str], version: str) -> set[str]:
    """Which of the texts have been judged by this version."""
    return {
        key
        for chunk in chunks(hashes)
        for key in connection.scalars(
            select(JUDGEMENT.c.text_hash).where(JUDGEMENT.c.version == version, JUDGEMENT.c.text_hash.in_(chunk))
        )
    }


def chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """The values in pieces that one IN (...) may hold."""
    return (values[start : start + LOOKUP_CHUNK] for start in range(0, len(values), LOOKUP_CHUNK))
