"""The real captures kept beside the checkout crawl completely, by the command, into a store.

They belong to third parties and are never copied into the repository: the tests read them at ../shared/pages
and are skipped only where that folder is absent.
"""

from __future__ import annotations

import csv
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Outcome

PAGES = ROOT.parent / "shared" / "pages"
Command = Callable[..., Outcome]

pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="the captures at ../shared/pages are not here")


def stored(store: Path) -> int:
    with sqlite3.connect(store) as connection:
        return int(connection.execute("SELECT count(*) FROM task JOIN judgement USING (text_hash)").fetchone()[0])


@pytest.mark.parametrize(
    ("folder", "platform", "tasks"),
    # Distinct tasks: fl_ru names 84 in 111 rows of its feeds and its list, zbj shows one task twice.
    [("kwork", "kwork", 13), ("fl_ru", "fl_ru", 84), ("mturk", "mturk", 10), ("freelancer", "freelancer", 110),
     ("zbj", "zhubajie", 1)],
)  # fmt: skip
def test_a_warc_crawls_completely(microaudit: Command, tmp_path: Path, folder: str, platform: str, tasks: int) -> None:
    arguments = ("--json", "crawl", "--from", PAGES / folder / "pages.warc.gz")
    done = microaudit(*arguments, cwd=tmp_path)
    (event,) = done.events
    assert (done.status, event["platform"], event["state"]) == (0, platform, "healthy"), done.err
    assert event["problems"] == {}
    assert stored(tmp_path / "microaudit.db") == tasks


# Folders without an index: where each file came from is in its SOURCE.txt.
INDEXES = {
    "upwork": (
        [
            ("jobpages_2025-03_android_developer_first300.csv", "https://www.upwork.com/jobs/android", "text/csv"),
            ("jobpages_2025-03_artificial_intelligence_first300.csv", "https://www.upwork.com/jobs/ai", "text/csv"),
            ("jobpages_2025-03_data_analyst_first300.csv", "https://www.upwork.com/jobs/data", "text/csv"),
            ("jobpages_2025-03_javascript_developer_first300.csv", "https://www.upwork.com/jobs/js", "text/csv"),
            ("search_page_jobs_2025-09.json", "https://www.upwork.com/nx/search/jobs/", "application/json"),
            ("search_tile_2024-03.html", "https://www.upwork.com/nx/search/jobs/?page=1", "text/html"),
            ("rss_entry_2021-10.json", "https://www.upwork.com/ab/feed/jobs/rss", "application/json"),
        ],
        1112,
        8,  # 107 rows of the CSV files have no title: counted, and the crawl is partial
    ),
    "sproutgigs": ([("jobs_list_2025-03.json", "https://sproutgigs.com/jobs.php", "application/json")], 24, 8),
    "peopleperhour": (
        [("projects_2023-02_first600.csv", "https://www.peopleperhour.com/freelance-jobs", "text/csv")],
        600,
        0,
    ),
}


@pytest.mark.parametrize("platform", sorted(INDEXES))
def test_a_folder_crawls_completely(microaudit: Command, tmp_path: Path, platform: str) -> None:
    files, tasks, status = INDEXES[platform]
    folder = tmp_path / "pages"
    folder.mkdir()
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as lines:
        index = csv.writer(lines)
        index.writerow(["file", "url", "captured_at", "content_type"])
        for name, url, kind in files:
            shutil.copy(PAGES / platform / name, folder)
            index.writerow([name, url, "2025-03-20T12:00:00Z", kind])
    done = microaudit("--json", "crawl", platform, "--from", folder, cwd=tmp_path)
    (event,) = done.events
    assert done.status == status, done.err
    assert event["outcomes"] == {"tasks": len(files)}
    assert set(event["refused"]) <= {"no title", "no id"}
    assert stored(tmp_path / "microaudit.db") == tasks
