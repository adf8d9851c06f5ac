"""Raw texts are kept no longer than they may be: labels, ids, places and counts stay, the words go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select, update

from microaudit.errors import MicroauditError
from microaudit.evidence import expire, folder_of
from microaudit.items import JUDGED_FIELDS
from microaudit.spiders import platforms
from microaudit.store.models import Crawl, JudgementRow, PageRow, PlaceRow, Sighting, TextRow
from microaudit.store.writer import chunks

WORDS = tuple(name for name in JUDGED_FIELDS if name not in ("platform", "kind"))


def purge_now(engine: Engine) -> int:
    """What `purge` empties by the platforms' terms and by MICROAUDIT_RETAIN_TEXT_HOURS, now."""
    now, asked = datetime.now(UTC), retain_hours()
    terms = {slug: spider.retain_hours for slug, spider in platforms().items() if spider.retain_hours is not None}
    with engine.connect() as connection:
        stored = set(connection.scalars(select(Crawl.platform)))
    purged = purge(engine, {slug: hours for slug, hours in terms.items() if slug in stored}, now, live_only=True)
    if asked is not None:
        purged += purge(engine, dict.fromkeys(sorted(stored), asked), now)
    return purged


def purge(engine: Engine, hours: Mapping[str, float], now: datetime, *, live_only: bool = False) -> int:
    """Empty the texts that no crawl of the last `hours` (by platform) has read; how many. Their evidence goes too.

    The clock of a text starts with the crawl that read it. `live_only` leaves what archives and imports gave.
    """
    folder, purged = folder_of(engine), 0
    for platform, most in sorted(hours.items()):
        limit = now - timedelta(hours=most)
        crawls = (Crawl.platform == platform) & ((Crawl.source == "live") if live_only else True)
        read_by = select(Sighting.text_hash).join(PageRow, PageRow.id == Sighting.page_id).join(Crawl)
        old, young = read_by.where(crawls, Crawl.started_at < limit), read_by.where(Crawl.started_at >= limit)
        full = (TextRow.title != "") | (TextRow.description != "")
        with engine.begin() as connection:
            overdue = select(TextRow.hash).where(full, TextRow.hash.in_(old), TextRow.hash.not_in(young))
            hashes = list(connection.scalars(overdue))
            for some in chunks(hashes):
                connection.execute(update(TextRow).where(TextRow.hash.in_(some)).values(dict.fromkeys(WORDS, "")))
                connection.execute(update(PlaceRow).where(PlaceRow.text_hash.in_(some)).values(text=""))
                connection.execute(update(JudgementRow).where(JudgementRow.text_hash.in_(some)).values(evidence=[]))
        if folder:
            expire(engine, folder, most / 24, now, crawls & Crawl.ended_at.is_not(None))
        purged += len(hashes)
    return purged


def retain_hours() -> float | None:
    """MICROAUDIT_RETAIN_TEXT_HOURS: how long raw texts are kept; None for good."""
    shown = os.environ.get("MICROAUDIT_RETAIN_TEXT_HOURS")
    if not shown:
        return None
    try:
        hours = float(shown)
    except ValueError:
        hours = -1.0
    if not hours > 0:
        raise MicroauditError("MA0204", f"MICROAUDIT_RETAIN_TEXT_HOURS is {shown!r}, not a number of hours")
    return hours
