"""The miner: pages in layouts that nobody described, and pages that hold no task.

`tuned` pages were at hand when the miner was written; `held_out` ones were put aside before and show what it
does with a page that it was not made for.
"""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path

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
    capture = Capture(url, datetime(2012, 5, 20, 12, tzinfo=UTC), 200, body, {"Content-Type": "text/html; charset=utf-8"})
    return auto_spider("x", "x.test")(key=KEY).read(capture.response())


def expected_of(path: Path) -> dict[str, object]:
    return dict(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_page(path: Path) -> None:
    expected = expected_of(path)
    page = read(path.read_bytes(), str(expected["url"]))
    found = [{key: to_json(task)[key] for key in wanted} for task, wanted in zip(page.tasks, expected["tasks"])]
    assert found == expected["tasks"]
    assert len(page.tasks) == len(expected["tasks"])
