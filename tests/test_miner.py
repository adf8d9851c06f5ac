"""The miner: pages in layouts that nobody described, and pages that hold no task.

`held_out` and `held_out_2` were put aside while the miner was written. Their first readings gave 18 of 20 and
12 of 18 tasks with title and pay right; what they showed was mended since, so that they are unseen no longer.
"""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from microaudit.archives.capture import Capture
from microaudit.items import Page, Task, to_json
from microaudit.mining.join import joined
from microaudit.mining.spider import auto_spider

ROOT = Path(__file__).parent
PAGES = sorted(ROOT.glob("miner/*/*.html"))
SAMPLE = sorted((ROOT.parent / "microaudit/sample").glob("m*/*.html"))
KEY = b"a key for tests, 32 bytes long.."


def read(body: bytes, url: str = "http://x.test/list.php") -> Page:
    capture = Capture(
        url, datetime(2012, 5, 20, 12, tzinfo=UTC), 200, body, {"Content-Type": "text/html; charset=utf-8"}
    )
    return auto_spider("x", "x.test")(key=KEY).read(capture.response())


def expected_of(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_page(path: Path) -> None:
    expected = expected_of(path)
    page = read(path.read_bytes(), str(expected["url"]))
    found = [
        {key: to_json(task)[key] for key in wanted}
        for task, wanted in zip(page.tasks, expected["tasks"], strict=False)
    ]
    assert found == expected["tasks"]
    assert len(page.tasks) == len(expected["tasks"])


def mutated(body: bytes, random: random.Random) -> bytes:
    parts = [
        b"<table>",
        b"</td>",
        b"<tr>",
        b'<a href="x.php?id=7">',
        b"<dl><dt>",
        b"$1",
        b"9" * 20,
        b"<!--",
        b"\xff",
        b"12/30",
    ]
    for _ in range(random.randint(1, 20)):
        at = random.randrange(len(body) + 1)
        end = at + random.randint(0, 200)
        body = body[:at] + random.choice([b"", body[at:end] * 2, random.choice(parts)]) + body[end:]
    return body


@pytest.mark.parametrize("seed", range(100))
def test_no_page_makes_it_fail(seed: int) -> None:
    source = random.Random(seed)
    read(mutated(source.choice([*PAGES, *SAMPLE]).read_bytes(), source))


def test_ten_megabytes_take_seconds_and_what_is_not_read_is_counted() -> None:
    row = b"<tr><td><a href='job.php?id=%d'>Sign up %d</a></td><td>$0.10</td><td>3/9</td><td>5 min</td></tr>"
    body = b"<table>" + b"".join(row % (number, number) for number in range(110_000)) + b"</table>"
    start = time.process_time()
    page = read(body)
    assert time.process_time() - start < 5
    assert page.tasks
    assert page.refused["no id"] > 0


def test_a_list_and_the_tasks_own_page_are_one_task() -> None:
    shown = Task(platform="x", id="7", url="http://x.test/7", title="Rate", success_rate=92)
    own = Task(platform="x", id="T-7", url="http://x.test/7", title="Rate a photo", proof="A number")
    other = Task(platform="x", id="8", url="http://x.test/8", title="Rate")
    tasks = joined([shown, other, own])
    assert [(task.id, task.title, task.success_rate) for task in tasks] == [
        ("T-7", "Rate a photo", 92),
        ("8", "Rate", None),
    ]
