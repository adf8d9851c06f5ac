"""What was erased on request: told to readers as counts, known again by keyed hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from microaudit.pseudonyms import pseudonym
from microaudit.store.models import Tombstone

ERASED = "erased:"  # stands in the place of an address, before its mark


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a report may say of one erasure; `tasks` counts them by platform."""

    kind: str
    erased_at: datetime
    tasks: dict[str, int]


def erasures(connection: Connection) -> list[Erasure]:
    """All erasures, oldest first."""
    rows = connection.execute(select(Tombstone.kind, Tombstone.erased_at, Tombstone.tasks).order_by(Tombstone.id))
    return [Erasure(row.kind, row.erased_at, row.tasks) for row in rows]


def marks(connection: Connection) -> frozenset[str]:
    """The marks of all tasks and addresses that must not come back."""
    return frozenset(mark for each in connection.scalars(select(Tombstone.marks)) for mark in each)


def task_mark(key: bytes, platform: str, task_id: str) -> str:
    """What an erased task is known by: a keyed hash of its platform and id."""
    return pseudonym(key, f"task\0{platform}", task_id)


def url_mark(key: bytes, url: str) -> str:
    """What an erased address is known by."""
    return pseudonym(key, "url", url)
