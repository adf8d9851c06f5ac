"""One look at all platforms: who is in trouble, who is well again, and the messages about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from microaudit.schedule.alerts import Trouble, review, send
from microaudit.status import platform_status


def watch(engine: Engine, now: datetime) -> list[str]:
    """Open and close incidents, and tell people of them; the titles of messages that reached nobody."""
    troubles: dict[str, Trouble] = {}
    well: set[str] = set()
    for row in platform_status(engine, now):
        platform = row["platform"]
        if row["overdue"]:
            troubles[platform] = Trouble("overdue", row["overdue"])
        elif row["health"] == "healthy":
            well.add(platform)
        elif row["health"] != "unknown":
            troubles[platform] = Trouble(row["health"], row["evidence"])
    return [message.title for message in send(engine, review(engine, troubles, well, now), now)]
