"""`why ID`: from a number or a task back to its rows, its words and the page that showed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Engine, select

from microaudit.errors import MicroauditError
from microaudit.items import iso
from microaudit.store.models import Crawl, JudgementRow, PageRow, Sighting, TaskRow
from reports import rows
from reports.report import MIN_CELL, Scope, date, read

SHOWN = 20  # rows listed for a figure; `n_rows` says how many there are


def why(engine: Engine, id: str, *, version: str | None = None, min_cell: int = MIN_CELL) -> dict[str, Any]:
    """What stands behind an id, as plain values for print or JSON.

    A task's id is `PLATFORM:ID`: its record with the deciding words, every judgement of its text, and every page that
    showed it with address, time, SHA-256 and place in a WARC. Any other id is a figure's, with or
    without `@REPORT`: the figure and the tasks it counts. Raises MA0204 for an id of neither kind.
    """
    with rows.snapshot(engine) as connection:
        platform, colon, task = id.partition(":")
        if colon:
            return _task(connection, platform, task, version)
        return _figure(connection, id.partition("@")[0], Scope(None, version, min_cell, False, None))


def _task(connection: Connection, platform: str, task_id: str, version: str | None) -> dict[str, Any]:
    row = connection.execute(
        select(TaskRow.id, TaskRow.text_hash).where(TaskRow.platform == platform, TaskRow.task_id == task_id)
    ).first()
    if row is None:
        raise MicroauditError("MA0204", f"the store holds no task {task_id!r} of {platform!r}")
    chosen = rows.latest(connection, version)
    judged = select(JudgementRow.version, JudgementRow.label, JudgementRow.subtype, JudgementRow.judged_at)
    pages = (
        select(
            PageRow.url, PageRow.observed_at, PageRow.status, PageRow.sha256, PageRow.warc_file, PageRow.warc_offset,
            Sighting.text_hash, Crawl.source, Crawl.software,
        )
        .join(PageRow, PageRow.id == Sighting.page_id)
        .join(Crawl, Crawl.id == PageRow.crawl_id)
        .where(Sighting.task_id == row.id)
        .order_by(PageRow.observed_at, PageRow.id)
    )  # fmt: skip
    return {
        "id": f"{platform}:{task_id}",
        "task": next(rows.tasks(connection, chosen, [platform], only=task_id)),
        "judgements": [
            {**each, "judged_at": iso(each["judged_at"])}
            for each in connection.execute(
                judged.where(JudgementRow.text_hash == row.text_hash).order_by(JudgementRow.judged_at)
            ).mappings()
        ],
        "pages": [{**each, "observed_at": iso(each["observed_at"])} for each in connection.execute(pages).mappings()],
    }


def _figure(connection: Connection, id: str, scope: Scope) -> dict[str, Any]:
    report = read(connection, scope, date(connection, scope))
    figure = next((figure for figure in report.figures() if figure.id == id), None)
    if figure is None:
        raise MicroauditError("MA0204", f"{id!r} is no figure of this store's report, and no task (PLATFORM:ID)")
    found: list[dict[str, Any]] = []
    n_rows = 0
    if figure.where is not None:
        names = [figure.where["platform"]] if "platform" in figure.where else [view.name for view in report.platforms]
        for record in rows.tasks(connection, rows.latest(connection, scope.version), sorted(names)):
            if matches(record, figure.where):
                n_rows += 1
                if len(found) < SHOWN:
                    found.append(
                        {key: record[key] for key in ("platform", "id", "title", "label", "subtype", "evidence")}
                    )
    return {"id": f"{id}@{report.id}", "figure": asdict(figure), "n_rows": n_rows, "tasks": found}


def matches(record: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Whether a record is one of the rows that a figure's `where` names."""
    for key, wanted in where.items():
        value = record[key]
        if key == "buyer_countries":
            if wanted not in ({place["country"] for place in value} or {"unknown"}):
                return False
        elif key == "worker_countries":
            if wanted not in worker_places(record):
                return False
        elif value not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def worker_places(record: Mapping[str, Any]) -> set[str]:
    """Where a task wants its workers: countries and regions, else international, else unknown."""
    allowed = {place["country"] for place in record["worker_countries"] if place["relation"] == "allowed"}
    found = allowed | set(record["worker_regions"])
    return found or {"international" if record["worker_scope"] == "international" else "unknown"}
