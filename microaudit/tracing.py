"""From a task back to the bytes: its words, what they were judged to be, and the pages that showed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, RowMapping, select

from microaudit.errors import MicroauditError
from microaudit.items import JUDGED_FIELDS, iso
from microaudit.store.models import JudgementRow, PageRow, Sighting, TaskRow, TextRow


@dataclass(frozen=True, slots=True)
class Trace:
    """A task's row and text, the newest judgement of it (None: not judged), and its pages, oldest first."""

    task: dict[str, Any]
    text: dict[str, str]
    judgement: dict[str, Any] | None
    pages: list[dict[str, Any]]


def trace(engine: Engine, identity: str) -> Trace:
    """What stands behind the task `platform:id`. MA0210 where the store holds none of that name."""
    platform, _, number = identity.partition(":")
    with engine.connect() as connection:
        this = (TaskRow.platform == platform) & (TaskRow.task_id == number)
        task = connection.execute(select(TaskRow.__table__).where(this)).mappings().first()
        if task is None:
            raise MicroauditError("MA0210", f"{identity!r} is no task of this store; an ID is written platform:id")
        text = connection.execute(select(TextRow.__table__).where(TextRow.hash == task["text_hash"])).mappings().one()
        judgement = connection.execute(
            select(JudgementRow.__table__)
            .where(JudgementRow.text_hash == task["text_hash"])
            .order_by(JudgementRow.judged_at.desc(), JudgementRow.version.desc())
        ).mappings()
        columns = [getattr(PageRow, name) for name in PAGE]
        pages = connection.execute(
            select(*columns)
            .join(Sighting, Sighting.page_id == PageRow.id)
            .where(Sighting.task_id == task["id"])
            .order_by(PageRow.observed_at, PageRow.id)
        ).mappings()
        return Trace(
            task=_plain(
                task, ("platform", "task_id", "kind", "url", "source", "sightings", "first_seen", "last_seen")
            ),
            text={name: text[name] for name in JUDGED_FIELDS if name not in ("platform", "kind")},
            judgement=_plain(found, JUDGEMENT) if (found := judgement.first()) else None,
            pages=[_plain(page, PAGE) for page in pages],
        )


PAGE = ("url", "observed_at", "status", "sha256", "evidence_sha256", "warc_file", "warc_offset")
JUDGEMENT = (
    "label", "subtype", "secondary", "tier", "codable", "uncodable_reason", "confidence", "evidence", "classifier",
    "language",
)  # fmt: skip


def _plain(row: RowMapping, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: iso(row[name]) if hasattr(row[name], "astimezone") else row[name] for name in names}
