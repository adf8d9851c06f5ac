"""Incidents: opened when a platform is found in trouble, closed when it is well again; both are told once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, Table, func, insert, select, update

from microaudit.errors import MicroauditError
from microaudit.store.models import Incident

INCIDENT: Table = Incident.__table__  # type: ignore[assignment]


class Trouble(NamedTuple):
    """What is wrong with a platform: drift, blocked, overdue, ... and why."""

    state: str
    reason: str


class Message(NamedTuple):
    """What people are told."""

    incident: int
    closing: bool
    title: str
    body: str


def review(engine: Engine, troubles: Mapping[str, Trouble], well: set[str], now: datetime) -> list[Message]:
    """Open and close incidents; what people have not been told yet.

    `troubles` and `well` are by platform. A platform in neither is unknown, and changes nothing. While an incident
    is open, other troubles of the platform belong to it.
    """
    with engine.begin() as connection:
        newest = select(func.max(INCIDENT.c.id)).group_by(INCIDENT.c.platform)
        rows = connection.execute(select(INCIDENT).where(INCIDENT.c.id.in_(newest))).mappings()
        last: dict[str, Any] = {row["platform"]: row for row in rows}
        for platform, (state, reason) in sorted(troubles.items()):
            if platform not in last or last[platform]["closed_at"]:
                new = {"platform": platform, "state": state, "reason": reason, "opened_at": now}
                connection.execute(insert(INCIDENT).values(new))
        ended = [row["id"] for row in last.values() if row["platform"] in well and not row["closed_at"]]
        connection.execute(update(INCIDENT).where(INCIDENT.c.id.in_(ended)).values(closed_at=now))
        untold = connection.execute(select(INCIDENT).where(INCIDENT.c.id.in_(newest)).order_by(INCIDENT.c.id))
        return [message for row in untold.mappings() if (message := _message(row))]


def _message(row: Mapping[Any, Any]) -> Message | None:
    """An incident that ended before anybody was told of it is not told at all."""
    platform = row["platform"]
    if row["closed_at"] is None and row["told_at"] is None:
        return Message(row["id"], False, f"microaudit: {platform} is {row['state']}", row["reason"])
    if row["closed_at"] and row["told_at"] and row["closure_told_at"] is None:
        body = f"{row['state']} since {row['opened_at']:%Y-%m-%d %H:%M} UTC, over at {row['closed_at']:%Y-%m-%d %H:%M}"
        return Message(row["id"], True, f"microaudit: {platform} is well again", body)
    return None


def send(engine: Engine, messages: list[Message], now: datetime) -> list[Message]:
    """Send to MICROAUDIT_ALERT_URL; those that nobody could be reached with, which the next check sends again.

    The setting holds one or more addresses as Apprise writes them, parted by blanks. Without it nothing is sent.
    """
    addresses = os.environ.get("MICROAUDIT_ALERT_URL", "").split()
    if not addresses or not messages:
        return []
    bell = _apprise(addresses)
    unsent = []
    for message in messages:
        if not bell.notify(title=message.title, body=message.body):
            unsent.append(message)
            continue
        column = "closure_told_at" if message.closing else "told_at"
        with engine.begin() as connection:
            connection.execute(
                update(INCIDENT).where(INCIDENT.c.id == message.incident).values({INCIDENT.c[column]: now})
            )
    return unsent


def _apprise(addresses: list[str]) -> Any:
    try:
        from apprise import Apprise
    except ImportError:
        raise MicroauditError("MA0206", "alerts need Apprise: pip install 'microaudit[schedule]'") from None
    bell = Apprise()
    for number, address in enumerate(addresses, 1):
        if not bell.add(address):  # the address itself may hold a password
            raise MicroauditError("MA0204", f"address {number} of MICROAUDIT_ALERT_URL is none that Apprise knows")
    return bell
