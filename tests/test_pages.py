"""Every page under tests/pages and microaudit/sample is read and compared with the tasks beside it.

A page without an expected file gets one and the test fails, so that somebody reviews it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from microaudit.archives.capture import Capture
from microaudit.archives.folder import read_folder
from microaudit.items import to_json
from microaudit.spiders import platform, slugs

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(
    index.parent for base in ("tests/pages", "microaudit/sample") for index in ROOT.joinpath(base).glob("*/index.csv")
)
KEY = b"a key for tests, 32 bytes long.."


def pages() -> list[pytest.param]:
    return [
        pytest.param(folder, capture, id=f"{folder.relative_to(ROOT)}/{number}")
        for folder in FOLDERS
        for number, capture in enumerate(read_folder(folder))
    ]


def reading(slug: str, capture: Capture) -> dict[str, object]:
    """What is compared: the outcome, the counts and every field of every task that is not empty."""
    page = platform(slug)(key=KEY).read(capture.response())
    tasks = [{key: value for key, value in to_json(task).items() if value not in (None, "")} for task in page.tasks]
    return {
        "url": page.url,
        "outcome": page.outcome,
        "problems": dict(sorted(page.problems.items())),
        "refused": dict(sorted(page.refused.items())),
        "tasks": tasks,
    }


@pytest.mark.parametrize(("folder", "capture"), pages())
def test_page_reads_as_expected(folder: Path, capture: Capture) -> None:
    number = [other.url + other.observed_at.isoformat() for other in read_folder(folder)].index(
        capture.url + capture.observed_at.isoformat()
    )
    expected = folder / "expected" / f"{number:02}.json"
    found = reading(folder.name, capture)
    if not expected.exists():
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail(f"wrote {expected.relative_to(ROOT)}: review it, then run again")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("slug", slugs())
def test_every_platform_has_pages(slug: str) -> None:
    assert ROOT / "microaudit/sample" / slug in FOLDERS, "no sample pages"
    assert ROOT / "tests/pages" / slug in FOLDERS, "no test pages"
