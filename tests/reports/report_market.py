"""A small seeded market in a store: what the tests of the reports count.

All texts are invented.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, create_engine, insert

from microaudit.items import Task
from microaudit.store.models import Base, Crawl, JudgementRow, PlaceRow, TaskRow, TextRow
from microaudit.taxonomy import label_of, tier_of

VERSION = "test@1+geo@1"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

# sub-type -> an invented title and description
TEXTS = {
    "P1": ("Create a mail account", "Register a new mailbox with the name that I send. Proof: the address."),
    "P3": ("Follow my page on Instagram", "Follow the page and stay for a month."),
    "P4": ("Sign up under my link", "Register through the link and confirm the e-mail."),
    "R1": ("Five stars for our clinic on Google", "Write two kind sentences on Google Maps and give 5 stars."),
    "R2": ("Rate our app", "Install from Google Play, rate five stars, keep it for three days."),
    "R4": ("Comment on a YouTube video", "Write a nice comment as a fan. See http://video.example/watch"),
    "L1": ("Place a link on your blog", "One do-follow link to https://shop.example/ on a blog about travel."),
    "L4": ("Search and click", "Search Google for the words, open our site, stay two minutes."),
    "L8": ("Install the app", "Install and open the app, keep it for a week."),
    "G1": ("Draw boxes around cars", "Mark every car in 50 street pictures."),
    "G2": ("Ten minute survey", "Answer questions about your breakfast."),
    "G5": ("Find opening hours", "Look up opening hours of 20 libraries."),
}
SHARES = {"microworkers": 0.85, "sproutgigs": 0.6, "upwork": 0.12, "kwork": 0.5}
BUYERS = ["US", "US", "US", "GB", "FR", "ES", "CA", None, None]
WORKERS = [["BD"], ["BD", "PK"], ["NP"], ["IN", "ID"], ["KE"], ["LK"], ["MG"], None, None]
LANGUAGES = ["en", "en", "en", "es", "fr", "unknown"]


def market(
    n: int = 300,
    *,
    seed: int = 1,
    sample: bool = False,
    url: str = "sqlite://",
    shares: dict[str, float] | None = None,
) -> Engine:
    """A store with `n` tasks on each platform (the last one has 20) and some offers."""
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    platforms = shares or SHARES
    with engine.begin() as connection:
        for number, (platform, share) in enumerate(platforms.items()):
            size = 20 if platform == "kwork" else n
            connection.execute(insert(Crawl), [_crawl(platform, size, sample)])
            batch: dict[Any, list[dict[str, Any]]] = {TextRow: [], TaskRow: [], JudgementRow: [], PlaceRow: []}
            for table, row in _tasks(platform, size, share, random.Random(seed * 1000 + number)):
                batch[table].append(row)
                if len(batch[TaskRow]) >= 5000:
                    _flush(connection, batch)
            _flush(connection, batch)
    return engine


def _flush(connection: Any, batch: dict[Any, list[dict[str, Any]]]) -> None:
    for table, rows in batch.items():
        if rows:
            connection.execute(insert(table), rows)
            rows.clear()


def _crawl(platform: str, n: int, sample: bool) -> dict[str, Any]:
    return {
        "platform": platform, "source": "file", "options": {"sample": True} if sample else {}, "started_at": START,
        "ended_at": START + timedelta(minutes=20), "state": "healthy", "reason": None, "requests": n // 20 + 3,
        "pages": n // 20 + 1, "tasks": n + 7, "outcomes": {"tasks": n // 20, "closed": 1}, "problems": {"reward": 2},
        "refused": {"no title": 3}, "software": "0.1.0", "classifier": "test@1",
        "conduct": {"robots": "allowed", "delay": 1.0, "user_agent": "microaudit (mail@example.org)"},
    }  # fmt: skip


def _tasks(platform: str, n: int, share: float, dice: random.Random) -> Iterator[tuple[Any, dict[str, Any]]]:
    bad = [code for code in TEXTS if code[0] != "G"]
    good = [code for code in TEXTS if code[0] == "G"]
    for number in range(n):
        code = dice.choice(bad if dice.random() < share else good)
        title, description = TEXTS[code]
        task = Task(platform=platform, id=f"{number:07}", title=title, description=f"{description} ({number})")
        task.kind = "offer" if number % 25 == 24 else "task"
        state = (
            "uncodable"
            if number % 17 == 0
            else "abstained"
            if number % 31 == 0
            else "unjudged"
            if number % 97 == 0
            else ""
        )
        posted = START - timedelta(days=dice.randrange(150))
        seen = START + timedelta(minutes=number % 20)
        buyer, workers = dice.choice(BUYERS), dice.choice(WORKERS)
        yield TextRow, {
            "hash": task.text_hash, "platform": platform, "kind": task.kind, "title": task.title,
            "description": task.description, "proof": "Screenshot", "category": "Web > Other",
            "buyer_country_text": buyer or "", "worker_country_text": ", ".join(workers or ()),
        }  # fmt: skip
        yield TaskRow, {
            "platform": platform, "task_id": task.id, "kind": task.kind, "url": f"https://{platform}.example/{number}",
            "text_hash": task.text_hash, "buyer": f"{dice.randrange(max(2, n // 5)):064x}" if number % 3 else None,
            "source": "file", "first_seen": seen, "last_seen": seen + timedelta(hours=1), "sightings": 1,
            "reward": Decimal(dice.choice(["0.05", "0.10", "0.12", "0.25", "1.50"])), "reward_max": None,
            "currency": "USD", "reward_unit": "task", "positions_total": 100, "positions_done": 40,
            "positions_open": dice.randrange(60),
            "minutes": 5, "success_rate": None, "posted_at": posted if number % 9 else None, "expires_at": None,
        }  # fmt: skip
        if state == "unjudged":
            continue
        yield JudgementRow, {
            "text_hash": task.text_hash, "version": VERSION, "classifier": "test@1",
            "label": None if state else label_of(code), "subtype": None if state else code,
            "secondary": ["L7"] if code == "P3" and not state else [], "tier": None if state else tier_of(code),
            "codable": state != "uncodable", "uncodable_reason": "truncated" if state == "uncodable" else None,
            "confidence": 0.9, "evidence": [{"field": "title", "start": 0, "end": 4, "text": title[:4], "rule": code}],
            "language": dice.choice(LANGUAGES), "language_confidence": 0.9,
            "worker_scope": "listed" if workers else dice.choice(["international", "unknown"]), "worker_regions": [],
            "judged_at": START + timedelta(hours=2),
        }  # fmt: skip
        places = [(buyer, "located", "declared")] if buyer else []
        places += [(country, "allowed", "text") for country in workers or ()]
        for country, relation, basis in places:
            yield PlaceRow, {
                "text_hash": task.text_hash, "version": VERSION, "country": country, "relation": relation,
                "basis": basis, "field": "worker_country_text", "text": country,
            }  # fmt: skip
