"""Stage 2: what the store already knows of a page's tasks.

A list shows a title and a pay, the page of the listing shows the words: whichever comes first, the
task that is judged is both. A text that this version has judged before is not judged again.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from scrapy.crawler import Crawler
from sqlalchemy import Engine

from microaudit.items import Page, Task
from microaudit.run import run_of
from microaudit.store.writer import judged_hashes, stored_tasks

TEXTS = ("title", "description", "proof")


def merge(new: Task, old: Task | None) -> Task:
    """The newer of two readings of one task, with the gaps of the newer filled from the older.

    A text less than half as long as the older one is taken for a list's excerpt of it.
    """
    if old is None:
        return new
    if (old.observed_at or new.observed_at) > (new.observed_at or old.observed_at):  # type: ignore[operator]
        new, old = old, new
    filled: dict[str, Any] = {}
    for name in (field.name for field in dataclasses.fields(Task)):
        value, before = getattr(new, name), getattr(old, name)
        excerpt = name in TEXTS and len(before) > 2 * len(value)
        filled[name] = before if value in (None, "") or excerpt else value
    return Task(**filled)


class Recall:
    """Fills `page.known` and `page.fresh` from the store."""

    def __init__(self, engine: Engine, version: str) -> None:
        self.engine, self.version = engine, version

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Recall:
        run = run_of(crawler)
        return cls(run.engine, run.version)

    def process_item(self, page: Page) -> Page:
        if not page.tasks:
            return page
        with self.engine.connect() as connection:
            stored = stored_tasks(connection, page.platform, [task.id for task in page.tasks])
            page.known = [merge(task, stored.get(task.id)) for task in page.tasks]
            texts = {task.text_hash: task for task in page.known}
            judged = judged_hashes(connection, list(texts), self.version)
        page.fresh = [task for key, task in texts.items() if key not in judged]
        return page
