"""Crawls by calendar: due times on days when clocks change, one run for each, what was missed, who is told."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from microaudit.errors import MicroauditError
from microaudit.schedule import book
from microaudit.schedule.alerts import Message, Trouble, review, send
from microaudit.schedule.runner import arguments, run_due
from microaudit.schedule.times import daily, due_times, next_times, parse
from microaudit.schedule.units import on_calendar
from microaudit.store.engine import open_store
from tests.conftest import ROOT, Outcome

Command = Callable[..., Outcome]
START = datetime(2026, 2, 1, tzinfo=UTC)
LIVE = {"source": "live"}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_store(f"sqlite:///{tmp_path / 'store.db'}")


@pytest.mark.parametrize("clock", ["02:30", "06:30", "00:00", "03:00", "01:59"])
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_300_days_over_two_changes_of_clocks_have_300_due_times(clock: str, zone: str) -> None:
    calendar = parse(daily(clock), zone)
    first = next_times(calendar, START, 1)[0]
    times = list(due_times(calendar, first - timedelta(seconds=1), first + timedelta(days=299, hours=3)))
    days = [moment.astimezone(calendar.zone).date() for moment in times]
    assert len(days) == len(set(days)) == 300
    assert len({moment.astimezone(calendar.zone).utcoffset() for moment in times}) == 2


def test_a_time_that_is_leapt_over_is_due_at_the_leap_and_one_that_comes_twice_the_first_time() -> None:
    calendar = parse("30 2 * * *", "Europe/Paris")
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert next_times(calendar, spring, 1) == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC)]
    assert next_times(calendar, autumn, 2) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 6 * * mon", ["02-02", "02-09", "02-16"]),
        ("0 6 * * 0", ["02-01", "02-08", "02-15"]),
        ("0 6 * * 7", ["02-01", "02-08", "02-15"]),
        ("0 6 */15 * *", ["02-01", "02-16", "03-01"]),
        ("0 6 1-3/2,20 feb *", ["02-01", "02-03", "02-20"]),
        ("0 6 10 * tue", ["02-03", "02-10", "02-17"]),  # as in cron: one of the two days is enough
        ("0 6 29 2 *", ["02-29"]),
        ("0 6 30 2 *", []),
    ],
)
def test_a_crontab_line_is_read_as_cron_reads_it(cron: str, expected: list[str]) -> None:
    assert [f"{moment:%m-%d}" for moment in next_times(parse(cron, "UTC"), START, 3)][: len(expected)] == expected


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("0 6 * *", "UTC"), ("60 6 * * *", "UTC"), ("0 24 * * *", "UTC"), ("0 6 0 * *", "UTC"), ("0 6 * * 8", "UTC"),
        ("0 6 5-1 * *", "UTC"), ("*/0 6 * * *", "UTC"), ("a 6 * * *", "UTC"), ("0 6 * mon *", "UTC"), ("", "UTC"),
        ("*-5 6 * * *", "UTC"), ("0 6 * * *", "Europe/Nowhere"), ("0 6 * * *", "../etc/passwd"), ("0 6 * * *", ""),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused(cron: str, zone: str) -> None:
    with pytest.raises(MicroauditError) as caught:
        parse(cron, zone)
    assert caught.value.code == "MA0204"


@pytest.mark.parametrize("clock", ["24:00", "6", "06:60", "6.30", "", "06:30:00"])
def test_what_is_no_time_of_day_is_refused(clock: str) -> None:
    with pytest.raises(MicroauditError, match="time of day"):
        daily(clock)


def test_two_runners_on_a_simulated_clock_run_each_due_time_once(engine: Engine) -> None:
    book.add(engine, "kwork", daily("02:30"), "Europe/Paris", LIVE, START)
    ran = []
    now = START
    for _ in range(300 * 4):
        now += timedelta(hours=6)
        for _runner in range(2):
            ran += run_due(engine, book.schedules(engine), lambda schedule: 0, now)
    assert len(ran) == len({run.due for run in ran}) == 300


def test_runs_missed_while_the_machine_slept_are_one_run(engine: Engine) -> None:
    book.add(engine, "kwork", daily("06:30"), "UTC", LIVE, START)
    (done,) = run_due(engine, book.schedules(engine), lambda schedule: 0, START + timedelta(days=5))
    assert done.due == datetime(2026, 2, 5, 6, 30, tzinfo=UTC)


def test_a_run_that_finds_the_platform_busy_is_tried_again(engine: Engine) -> None:
    book.add(engine, "kwork", daily("06:30"), "UTC", LIVE, START)
    for status, now in ((9, 7), (0, 8)):
        (done,) = run_due(engine, book.schedules(engine), lambda _, s=status: s, START + timedelta(hours=now))
        assert done.exit_status == status
    assert not run_due(engine, book.schedules(engine), lambda schedule: 0, START + timedelta(hours=9))


def test_a_paused_schedule_neither_runs_nor_is_overdue_and_does_not_catch_up(engine: Engine) -> None:
    row = book.add(engine, "kwork", daily("06:30"), "UTC", LIVE, START)
    book.pause(engine, row.id, "the site moves", START)
    later = START + timedelta(days=4)
    rows = book.schedules(engine)
    assert (rows[0].pause_reason, rows[0].next(later)) == ("the site moves", [])
    assert not run_due(engine, rows, lambda schedule: 0, later)
    assert not book.missed(engine, rows, later)
    assert book.resume(engine, row.id, later).due(later) is None
    with pytest.raises(MicroauditError, match="reason"):
        book.pause(engine, row.id, "  ", START)


@pytest.mark.parametrize(
    ("crawled", "source", "hours", "overdue"),
    [
        (None, "live", 6, False),  # not due yet
        (None, "live", 29, False),  # due, but the next is still to come
        (None, "live", 31, True),
        (7, "live", 31, False),  # run by hand
        (7, "live", 79, True),
        (7, "file", 31, True),  # a crawl of something else
    ],
)
def test_overdue_is_more_than_a_period(
    engine: Engine, crawled: int | None, source: str, hours: int, overdue: bool
) -> None:
    book.add(engine, "kwork", daily("06:30"), "UTC", LIVE, START)
    if crawled is not None:
        row: dict[str, object] = {name: {} for name in ("outcomes", "problems", "refused", "conduct", "options")}
        row |= {"platform": "kwork", "source": source, "started_at": START + timedelta(hours=crawled)}
        with engine.begin() as connection:
            connection.execute(insert(book.CRAWL).values(row | {"software": "1", "classifier": "1"}))
    missed = book.missed(engine, book.schedules(engine), START + timedelta(hours=hours))
    assert bool(missed) is overdue


def test_an_incident_is_told_once_and_its_end_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MICROAUDIT_ALERT_URL", raising=False)
    troubles = {"kwork": Trouble("blocked", "3 challenges")}
    (opened,) = review(engine, troubles, {"guru"}, START)
    assert (opened.closing, opened.title) == (False, "microaudit: kwork is blocked")
    with bell() as (url, heard):
        monkeypatch.setenv("MICROAUDIT_ALERT_URL", url)
        for hour in range(3):
            now = START + timedelta(hours=hour)
            assert send(engine, review(engine, troubles, set(), now), now) == []
        assert send(engine, review(engine, {}, set(), now), now) == []  # unknown is neither
        for _ in range(2):
            assert send(engine, review(engine, {}, {"kwork"}, now), now) == []
    assert [message["title"] for message in heard] == [
        "microaudit: kwork is blocked", "microaudit: kwork is well again",
    ]  # fmt: skip


def test_an_alert_that_reaches_nobody_is_sent_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROAUDIT_ALERT_URL", "json://127.0.0.1:9/")
    messages = review(engine, {"kwork": Trouble("drift", "new layout")}, set(), START)
    assert send(engine, messages, START) == messages
    assert review(engine, {}, set(), START) == messages
    assert review(engine, {}, {"kwork"}, START) == [], "what nobody heard of is not called over"


def test_an_alert_address_that_is_none_is_named_by_its_place(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROAUDIT_ALERT_URL", "nosuch-secret")
    with pytest.raises(MicroauditError) as caught:
        send(engine, [Message(1, False, "title", "body")], START)
    assert "secret" not in caught.value.message


class bell:  # noqa: N801 - used as a with statement
    """A webhook on loopback: its Apprise address, and what it was told."""

    def __enter__(self) -> tuple[str, list[dict[str, str]]]:
        heard: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"json://127.0.0.1:{self.server.server_port}/", heard

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 6 * * *", ["*-*-* 06:30:00 Europe/Paris"]),
        ("0 6 * * mon-fri", ["Mon,Tue,Wed,Thu,Fri *-*-* 06:00:00 Europe/Paris"]),
        ("0 6 1 * sun", ["*-*-01 06:00:00 Europe/Paris", "Sun *-*-* 06:00:00 Europe/Paris"]),
    ],
)
def test_a_calendar_as_systemd_writes_it(cron: str, expected: list[str]) -> None:
    assert on_calendar(parse(cron, "Europe/Paris")) == expected


def test_options_are_handed_to_crawl_as_they_were_given() -> None:
    options = {"source": "wayback", "since": "2012", "max_pages": 5, "allow_hosts": ["a"], "resume": True}
    assert arguments(options) == [
        "--from", "wayback", "--since", "2012", "--max-pages", "5", "--allow-host", "a", "--resume",
    ]  # fmt: skip


def test_from_add_to_remove(microaudit: Command, tmp_path: Path) -> None:
    pages = ROOT / "microaudit/sample/kwork"
    when = ("--daily", "06:30", "--tz", "Europe/Paris")
    added = microaudit("--json", "schedule", "add", "kwork", *when, "--from", pages, cwd=tmp_path)
    assert (added.status, added.events[0]["cron"]) == (0, "30 6 * * *"), added.err
    listed = microaudit("--json", "schedule", "list", cwd=tmp_path).events[0]
    assert len(listed["next"]) == 5
    assert {next_["local"][11:16] for next_ in listed["next"]} == {"06:30"}
    with sqlite3.connect(tmp_path / "microaudit.db") as store:
        store.execute("UPDATE schedule SET created_at = '2026-01-01T00:00:00Z'")
    late = microaudit("--json", "status", cwd=tmp_path)
    assert (late.status, "2026-01-01T05:30:00Z" in str(late.events[0]["overdue"])) == (9, True)
    ran = microaudit("--json", "schedule", "run", "--once", cwd=tmp_path)
    assert (ran.status, ran.events[0]["exit"]) == (0, 0), ran.err
    assert microaudit("schedule", "run", "--once", cwd=tmp_path).out == ""
    assert microaudit("status", cwd=tmp_path).status == 0
    assert microaudit("schedule", "pause", "1", cwd=tmp_path).status == 2
    assert microaudit("schedule", "pause", "1", "--reason", "the site moves", cwd=tmp_path).status == 0
    assert "the site moves" in microaudit("status", cwd=tmp_path).out
    assert (
        f"sqlite:///{tmp_path}/microaudit.db schedule run --once" in microaudit("schedule", "cron", cwd=tmp_path).out
    )
    assert "OnCalendar=*-*-* 06:30:00 Europe/Paris" in microaudit("schedule", "systemd", cwd=tmp_path).out
    assert microaudit("schedule", "remove", "1", cwd=tmp_path).status == 0
    assert microaudit("schedule", "remove", "1", cwd=tmp_path).err.startswith("MA0204")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("kwork", "--tz", "UTC"), "MA0210"),
        (("kwork", "--tz", "UTC", "--daily", "06:30", "--cron", "0 6 * * *"), "MA0210"),
        (("kwork", "--daily", "06:30"), "MA0210"),
        (("nosuch", "--tz", "UTC", "--daily", "06:30"), "MA0201"),
        (("upwork", "--tz", "UTC", "--daily", "06:30"), "MA0702"),
        (("kwork", "--tz", "UTC", "--daily", "06:30", "--from", "/no/such"), "MA0202"),
        (("kwork", "--tz", "UTC", "--daily", "06:30", "--since", "soon"), "MA0204"),
        (("kwork", "--tz", "UTC", "--cron", "0 6 30 2 *"), "MA0204"),
    ],
)
def test_a_schedule_is_checked_when_it_is_added(
    microaudit: Command, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    done = microaudit("schedule", "add", *words, cwd=tmp_path)
    assert (done.err[:6], done.err.count("\n"), done.out) == (code, 1, "")


def test_the_local_runner_says_what_it_lacks(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'microaudit.db'}")
    script = (
        "import sys\nsys.modules['apscheduler'] = None\nsys.argv = ['microaudit', 'schedule', 'run']\n"
        "from microaudit.cli import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr[:6]) == (2, "MA0206")
    assert "microaudit[schedule]" in done.stderr


def test_the_local_runner_runs_what_is_due_and_goes_on(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'microaudit.db'}")
    pages = str(ROOT / "microaudit/sample/kwork")
    book.add(engine, "kwork", daily("06:30"), "UTC", {"source": pages}, START)
    with started(tmp_path, "--json", "schedule", "run") as lines:
        assert json.loads(next(lines))["exit"] == 0


class started:  # noqa: N801 - used as a with statement
    """A command that does not end by itself: the lines it prints."""

    def __init__(self, cwd: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "microaudit", *words], cwd=cwd, stdout=subprocess.PIPE, text=True,
            env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(cwd)},
        )  # fmt: skip

    def __enter__(self) -> Iterator[str]:
        assert self.process.stdout is not None
        return iter(self.process.stdout)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=20)
