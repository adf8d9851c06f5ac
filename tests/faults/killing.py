"""Crawls that are killed at chosen points: the crawl runs in a fork, so that 300 kills take minutes, not hours."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.conftest import Site
from tests.forking import fork_microaudit

# What a store holds, without row numbers and times: what an undisturbed crawl and a killed one must agree on.
CONTENT = {
    "page": "SELECT replace(url, :base, ''), status, outcome, sha256, n_bytes FROM page",
    "task": "SELECT platform, task_id, kind, text_hash, source, reward, currency, sightings FROM task",
    "sighting": """SELECT replace(page.url, :base, ''), task.task_id, sighting.text_hash, sighting.reward
        FROM sighting JOIN page ON page.id = sighting.page_id JOIN task ON task.id = sighting.task_id""",
    "text": "SELECT hash, title, description FROM text",
    "judgement": "SELECT text_hash, version, label, subtype, confidence, language FROM judgement",
    "place": "SELECT text_hash, country, relation, basis, field, text FROM place",
    "crawl": "SELECT platform, state, pages, tasks, outcomes, problems, refused FROM crawl",
    "frontier": "SELECT url, state FROM frontier",
}


@dataclass(frozen=True)
class Point:
    """Where a crawl is killed: at its nth statement, the site's nth request, or after so many seconds."""

    kind: str
    at: float

    @classmethod
    def draw(cls, chance: random.Random, statements: int, requests: int, seconds: float) -> Point:
        kind = chance.choices(("before", "after", "asked", "half", "answered", "time"), (4, 4, 2, 2, 2, 2))[0]
        if kind in ("before", "after"):
            return cls(kind, chance.randint(1, statements))
        return cls(kind, chance.uniform(0, seconds) if kind == "time" else chance.randint(1, requests))


@dataclass
class Killer:
    """Watches the site on behalf of one store: who is to be killed at which request, and what came twice."""

    site: Site
    store: Path
    point: Point | None = None
    victim: int = 0
    asked: int = 0
    again: list[str] = field(default_factory=list)  # pages asked for although they were stored

    def request(self, stage: str, path: str) -> None:
        """The site tells of a request: `asked`, `half` (of the body is sent) and `answered`."""
        if stage == "asked":
            self.asked += 1
            if path in stored_paths(self.store, self.site.url):
                self.again.append(path)
        if self.point and self.point.kind == stage and self.asked == self.point.at:
            os.kill(self.victim, signal.SIGKILL)

    def crawl(self, *options: str, point: Point | None = None) -> int:
        """One run of the crawl in a process of its own; its exit status, or -9 where it was killed."""
        self.point, self.asked = point, 0
        self.site.watch = self.request
        arguments = ("--db", f"sqlite:///{self.store}", "crawl", "guru", "--base-url", self.site.url)
        self.victim = fork_microaudit(
            *arguments, "--allow-host", "127.0.0.1", *options,
            log=self.store.with_suffix(".log"),
            first=partial(count_statements, point, self.store.with_suffix(".statements")),
        )  # fmt: skip
        alarm = None
        if point and point.kind == "time":
            alarm = threading.Timer(point.at, os.kill, (self.victim, signal.SIGKILL))
            alarm.start()
        os.waitid(os.P_PID, self.victim, os.WEXITED | os.WNOWAIT)  # ended, but its number is still its own
        if alarm:
            alarm.cancel()
            alarm.join()
        return os.waitstatus_to_exitcode(os.waitpid(self.victim, 0)[1])


def count_statements(point: Point | None, total: Path) -> None:
    """Kill this process before or after its nth SQL statement; without such a point, leave the number in `total`."""
    from sqlalchemy import Engine, event

    done = Counter[str]()

    def statement(stage: str) -> None:
        done[stage] += 1
        if point and point.kind == stage and done[stage] == point.at:
            os.kill(os.getpid(), signal.SIGKILL)
        if point is None and stage == "after":
            total.write_text(str(done[stage]))

    event.listen(Engine, "before_cursor_execute", lambda *_: statement("before"))
    event.listen(Engine, "after_cursor_execute", lambda *_: statement("after"))
    event.listen(Engine, "commit", lambda _: statement("before"))


def content(store: Path, base: str) -> dict[str, Counter[tuple[Any, ...]]]:
    """What the store holds, table by table, each row with how often it stands there."""
    with sqlite3.connect(store) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {table: Counter(connection.execute(sql, {"base": base})) for table, sql in CONTENT.items()}


def stored_paths(store: Path, base: str) -> set[str]:
    """The paths of the pages that are committed now."""
    if not store.exists():
        return set()
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)
    try:
        return {str(url).removeprefix(base) for (url,) in connection.execute("SELECT url FROM page")}
    except sqlite3.OperationalError:  # before its tables are made
        return set()
    finally:
        connection.close()


def differences(
    expected: dict[str, Counter[tuple[Any, ...]]], found: dict[str, Counter[tuple[Any, ...]]]
) -> tuple[int, int]:
    """Rows lost and rows too many."""
    lost = sum((expected[table] - found[table]).total() for table in expected)
    return lost, sum((found[table] - expected[table]).total() for table in expected)


def timed(killer: Killer, *options: str) -> tuple[int, float]:
    """Exit status and seconds of an undisturbed run."""
    begin = time.monotonic()
    return killer.crawl(*options), time.monotonic() - begin
