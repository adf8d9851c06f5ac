"""doctor, plan, status and the log: as a user calls them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from microaudit.conduct.robots import Verdict, verdict
from microaudit.doctor import clock_by
from microaudit.plan import Usual, plan
from microaudit.schedule.book import CRAWL
from microaudit.spiders import platform, slugs
from microaudit.status import platform_status, sparkline, status_line
from microaudit.store.engine import open_store
from tests.conftest import ROOT, Outcome, Site

Command = Callable[..., Outcome]
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
READ_BY_SCRIPTS = {
    "platform", "state", "reason", "source", "started_at", "pages", "outcomes", "problems", "refused", "tasks",
    "first_seen", "last_seen", "places",
}  # fmt: skip


def checks(done: Outcome) -> dict[object, dict[str, object]]:
    return {event["check"]: event for event in done.events}


def test_doctor_is_content_where_nothing_is_missing(microaudit: Command, tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'microaudit.db'}")
    done = microaudit("--json", "doctor", cwd=tmp_path, MICROAUDIT_CONTACT="me@example.org")
    assert done.status == 0, done.out
    assert checks(done).keys() == {
        "clock", "disk", "database", "migrations", "pseudonym key", "contact address", "sample pages",
    }  # fmt: skip


def test_doctor_names_what_is_wrong_and_the_command_that_mends_it(microaudit: Command, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("00" * 32)
    key.chmod(0o644)
    open_store(f"sqlite:///{tmp_path / 'microaudit.db'}")
    with sqlite3.connect(tmp_path / "microaudit.db") as store:
        store.execute(
            "INSERT INTO crawl (platform, source, options, started_at, requests, pages, tasks, outcomes, problems,"
            " refused, conduct, software, classifier) VALUES"
            " ('kwork', 'live', '{}', '2999-01-01T00:00:00Z', 0, 0, 0, '{}', '{}', '{}', '{}', '1', '1')"
        )
    done = microaudit("--json", "doctor", cwd=tmp_path, MICROAUDIT_KEY_FILE=str(key))
    wrong = {name: check["mend"] for name, check in checks(done).items() if not check["ok"]}
    assert done.status == 2
    assert wrong == {
        "clock": "sudo timedatectl set-ntp true",
        "pseudonym key": f"chmod 600 {key}",
        "contact address": "export MICROAUDIT_CONTACT=you@example.org",
    }
    words = microaudit("doctor", cwd=tmp_path, MICROAUDIT_KEY_FILE=str(key)).out
    assert words.count("mend it with:") == len(wrong)


def test_doctor_makes_no_store_and_knows_what_is_none(microaudit: Command, tmp_path: Path) -> None:
    absent = checks(microaudit("--json", "doctor", cwd=tmp_path))["database"]
    assert (absent["ok"], absent["code"], (tmp_path / "microaudit.db").exists()) == (False, "MA0208", False)
    (tmp_path / "microaudit.db").write_bytes(b"no database, whatever its name says" * 100)
    assert checks(microaudit("--json", "doctor", cwd=tmp_path))["database"]["code"] == "MA0208"


def test_a_clock_is_compared_with_a_servers() -> None:
    assert clock_by(datetime.now(UTC) - timedelta(seconds=20)).well
    assert not clock_by(datetime.now(UTC) + timedelta(hours=1)).well


def test_plan_asks_for_robots_only(microaudit: Command, site: Site, tmp_path: Path) -> None:
    site.add("/robots.txt", "User-agent: *\nCrawl-delay: 9\nDisallow: /inbox\n", Content_Type="text/plain")
    done = microaudit(
        "--json", "plan", "kwork", "--base-url", site.url, "--allow-host", "127.0.0.1", cwd=tmp_path,
    )  # fmt: skip
    assert done.status == 0, done.err
    assert [path for path, _ in site.requests] == ["/robots.txt"]
    (event,) = done.events
    assert (event["robots"], event["delay_seconds"], event["requests"]) == ("allows", 9.0, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "robots", "said"),
    [(200, "User-agent: *\nDisallow: /projects\n", "forbids"), (503, "", "unreadable")],
)
def test_plan_says_where_robots_forbids(
    microaudit: Command, site: Site, tmp_path: Path, status: int, robots: str, said: str
) -> None:
    site.add("/robots.txt", robots, status=status)
    done = microaudit(
        "--json", "plan", "kwork", "--base-url", site.url, "--allow-host", "127.0.0.1", cwd=tmp_path,
    )  # fmt: skip
    assert (done.status, done.events[0]["robots"]) == (7, said)
    assert "MA0701" in done.err


def test_plan_of_what_is_not_crawled_live_sends_nothing(microaudit: Command, tmp_path: Path) -> None:
    done = microaudit("plan", "upwork", cwd=tmp_path)
    assert (done.status, done.out, done.err[:6]) == (7, "", "MA0702")
    assert microaudit("plan", "nosuch", cwd=tmp_path).err.startswith("MA0201")


def test_a_plan_is_drawn_from_what_earlier_crawls_took() -> None:
    spider = platform("kwork")()
    site = "https://kwork.ru"
    absent = {site: Verdict(site, "absent", "HTTP 404", "", NOW)}
    row = plan(spider, absent, Usual(5, 120.0, 50_000.0))
    assert (row.requests, row.minutes, row.bytes) == (120, 10.0, 6_000_000)
    assert plan(spider, absent, Usual(5, 120.0, 50_000.0), max_pages=11).requests == 12
    unknown = plan(spider, {site: verdict(site, None, "no answer")}, None)
    assert (unknown.allowed, unknown.requests, unknown.minutes, unknown.bytes) == (False, None, None, None)


def test_status_knows_a_year_of_ledger(tmp_path: Path) -> None:
    """The keys that scripts read are there, and a platform that lost a third of its tasks is not healthy."""
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    rows = [
        row(slug, day, 200 if slug == "guru" and day < 3 else 300) for day in range(365, 0, -1) for slug in slugs()
    ]
    with engine.begin() as connection:
        connection.execute(insert(CRAWL), rows)
    shown = {shown["platform"]: shown for shown in platform_status(engine, NOW)}
    assert len(shown) == 14
    assert all(row.keys() >= READ_BY_SCRIPTS for row in shown.values())
    assert {slug for slug, row in shown.items() if row["health"] != "healthy"} == {"guru"}
    assert (shown["guru"]["health"], shown["guru"]["state"]) == ("quiet", "healthy")
    assert "▇▅▅" in status_line(shown["guru"])


def row(slug: str, day: int, tasks: int) -> dict[str, object]:
    at = NOW - timedelta(days=day)
    empty: dict[str, object] = {name: {} for name in ("problems", "refused", "conduct", "options")}
    counts = {"requests": 5, "pages": 4, "tasks": tasks + day % 7, "outcomes": {"tasks": 4}}
    crawl = {"platform": slug, "source": "live", "started_at": at, "ended_at": at, "state": "healthy", "reason": ""}
    return empty | counts | crawl | {"software": "1", "classifier": "1"}


@pytest.mark.parametrize(
    ("numbers", "words"), [([], ""), ([0, 0], "▁▁"), ([0, 50, 100], "▁▄█"), ([None, 7], "·█"), ([None], "·")]
)
def test_sparklines(numbers: list[int | None], words: str) -> None:
    assert sparkline(numbers) == words


def test_the_log_holds_one_event_a_line_and_nobodys_name(microaudit: Command, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    pages = ROOT / "microaudit/sample/kwork"
    assert microaudit("crawl", "kwork", "--from", pages, cwd=tmp_path, MICROAUDIT_LOG=str(log)).status == 0
    microaudit("crawl", "nosuch-person@example.org", cwd=tmp_path, MICROAUDIT_LOG=str(log))
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [event["event"] for event in events] == [
        "command_begun", "crawl_begun", "crawl_ended", "command_ended", "command_begun", "error", "command_ended",
    ]  # fmt: skip
    assert events[2]["tasks"] == 38
    assert (events[5]["code"], events[6]["exit"]) == ("MA0201", 2)
    assert all(event["at"].endswith("Z") for event in events)
    assert not any(word in log.read_text(encoding="utf-8") for word in ("person", str(pages)))
    on_stderr = microaudit("explain", "MA0201", cwd=tmp_path, MICROAUDIT_LOG="-")
    assert [json.loads(line)["event"] for line in on_stderr.err.splitlines()] == ["command_begun", "command_ended"]


def test_a_log_that_cannot_be_written_is_said(microaudit: Command, tmp_path: Path) -> None:
    done = microaudit("explain", "MA0201", cwd=tmp_path, MICROAUDIT_LOG=str(tmp_path / "no" / "log"))
    assert (done.status, done.err.count("\n")) == (2, 1)
