"""Crawls as a user starts them: from loopback, from a folder, from a WARC; robots, blocks and broken sources."""

from __future__ import annotations

import gzip
import io
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.conftest import Outcome, Site

SAMPLE = Path(__file__).parent.parent / "microaudit" / "sample"
LIST = SAMPLE / "kwork"
Command = Callable[..., Outcome]


def kwork_list() -> bytes:
    index = (LIST / "index.csv").read_text(encoding="utf-8").splitlines()
    return (LIST / index[1].split(",")[0]).read_bytes()


@pytest.fixture
def crawl_live(microaudit: Command, site: Site, tmp_path: Path) -> Callable[..., Outcome]:
    """A live crawl of kwork from the loopback site, allowed to be quick there."""

    def run(*options: str) -> Outcome:
        arguments = ("crawl", "kwork", "--base-url", site.url, "--allow-host", "127.0.0.1", *options)
        return microaudit(
            "--db", f"sqlite:///{tmp_path / 'store.db'}", "--json", *arguments,
            MICROAUDIT_CONTACT="test@example.org", MICROAUDIT_DOWNLOAD_DELAY="0",
        )  # fmt: skip

    return run


def query(store: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(store) as connection:
        return connection.execute(sql).fetchall()


def test_a_live_crawl_asks_robots_first_and_says_who_it_is(crawl_live: Command, site: Site, tmp_path: Path) -> None:
    site.add("/robots.txt", "User-agent: *\nDisallow: /inbox\n", Content_Type="text/plain")
    site.add("/projects", kwork_list())
    done = crawl_live()
    assert done.status == 0, done.err
    assert [path for path, _ in site.requests] == ["/robots.txt", "/projects"]
    headers = site.requests[1][1]
    assert "microaudit/" in headers["User-Agent"]
    assert "test@example.org" in headers["User-Agent"]
    assert not {"Cookie", "Authorization"} & set(headers)
    (event,) = done.events
    assert (event["state"], event["platform"]) == ("healthy", "kwork")
    tasks = query(tmp_path / "store.db", "SELECT count(*) FROM task")[0][0]
    assert tasks == event["tasks"] > 0
    judged = query(tmp_path / "store.db", "SELECT count(*) FROM task JOIN judgement USING (text_hash)")[0][0]
    assert judged == tasks


@pytest.mark.parametrize(
    ("status", "robots"),
    [
        (200, "User-agent: *\nDisallow: /projects\n"),
        (200, "User-agent: microaudit\nDisallow: /\n"),
        (503, ""),
        (500, ""),
    ],
)
def test_what_robots_forbids_or_hides_is_not_fetched(
    crawl_live: Command, site: Site, status: int, robots: str
) -> None:
    site.add("/robots.txt", robots, status=status)
    site.add("/projects", kwork_list())
    done = crawl_live()
    assert (done.status, done.events[0]["state"]) == (7, "robots")
    assert "MA0701" in done.err
    assert "/projects" not in [path for path, _ in site.requests]


def test_a_missing_robots_allows(crawl_live: Command, site: Site) -> None:
    site.add("/projects", kwork_list())
    assert crawl_live().status == 0


@pytest.mark.parametrize(
    ("answer", "status", "state", "exit_status"),
    [
        ("<title>Just a moment...</title><div class='cf-chl-widget'>", 403, "blocked", 5),
        ("<form><input name=email><input type=password></form>", 200, "blocked", 5),
        ("<html><body><div class='new-design'>1 project</div></body></html>", 200, "drift", 4),
        ("broken", 500, "unreachable", 6),
        ("<title>404</title>", 404, "unreachable", 6),
        ("", 200, "unreachable", 6),
    ],
)
def test_blocked_broken_and_gone_are_told_apart(
    crawl_live: Command, site: Site, answer: str, status: int, state: str, exit_status: int
) -> None:
    site.add("/projects", answer, status=status)
    done = crawl_live()
    assert (done.events[0]["state"], done.status) == (state, exit_status)


def test_retry_after_is_waited_for(crawl_live: Command, site: Site) -> None:
    site.add("/projects", "busy", status=429, Retry_After="1000")
    assert crawl_live().status == 5  # more than a run waits for: left alone
    assert [path for path, _ in site.requests].count("/projects") == 1


def test_no_answer_is_unreachable(microaudit: Command, tmp_path: Path) -> None:
    done = microaudit(
        "--db", f"sqlite:///{tmp_path / 's.db'}", "crawl", "kwork", "--base-url", "http://127.0.0.1:9",
        "--allow-host", "127.0.0.1", MICROAUDIT_CONTACT="x@example.org", MICROAUDIT_DOWNLOAD_DELAY="0",
    )  # fmt: skip
    # Without an answer to robots.txt nothing else may be asked.
    assert done.status == 7


def test_private_addresses_need_to_be_named(microaudit: Command, site: Site, tmp_path: Path) -> None:
    site.add("/projects", kwork_list())
    done = microaudit(
        "--db", f"sqlite:///{tmp_path / 's.db'}", "crawl", "kwork", "--base-url", site.url,
        MICROAUDIT_CONTACT="x@example.org",
    )  # fmt: skip
    assert (done.status, site.requests) == (6, [])


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("kwork",), "MA0207", 2),
        (("nosuch",), "MA0201", 2),
        (("kwork", "--from", "/no/such/file.warc"), "MA0202", 2),
        (("kwork", "--from", __file__), "MA0202", 2),
        (("kwork", "--since", "yesterday", "--from", str(LIST)), "MA0204", 2),
        ((), "MA0210", 2),
    ],
)
def test_wrong_usage_is_one_line_with_a_code(
    microaudit: Command, tmp_path: Path, arguments: tuple[str, ...], code: str, status: int
) -> None:
    done = microaudit("crawl", *arguments, cwd=tmp_path)
    assert (done.status, done.out) == (status, "")
    assert done.err.startswith(code)
    assert done.err.count("\n") == 1


def test_upwork_is_not_crawled_live(microaudit: Command, tmp_path: Path) -> None:
    done = microaudit("crawl", "upwork", cwd=tmp_path, MICROAUDIT_CONTACT="x@example.org")
    assert done.status == 7
    assert "robots" in done.err


def warc(path: Path, pages: dict[str, bytes]) -> Path:
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for url, body in pages.items():
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=headers,
                warc_headers_dict={"WARC-Date": "2026-02-03T04:05:06Z"},
            )  # fmt: skip
            writer.write_record(record)
    return path


def test_a_warc_dates_its_tasks_by_the_capture(microaudit: Command, tmp_path: Path) -> None:
    source = warc(
        tmp_path / "pages.warc.gz", {"https://kwork.ru/projects": kwork_list(), "https://other.org/": b"<p>"}
    )
    done = microaudit("--db", f"sqlite:///{tmp_path / 's.db'}", "--json", "crawl", "kwork", "--from", source)
    assert done.status == 0, done.err
    assert done.events[0]["pages"] == 1
    assert query(tmp_path / "s.db", "SELECT DISTINCT observed_at FROM sighting") == [("2026-02-03T04:05:06Z",)]


def test_a_cut_off_warc_keeps_what_came_before_and_says_so(microaudit: Command, tmp_path: Path) -> None:
    source = warc(tmp_path / "a.warc.gz", {"https://kwork.ru/projects": kwork_list()})
    whole = source.read_bytes()
    source.write_bytes(whole + whole[: len(whole) // 2])
    done = microaudit("--db", f"sqlite:///{tmp_path / 's.db'}", "--json", "crawl", "kwork", "--from", source)
    assert (done.status, done.events[0]["state"]) == (8, "partial")
    assert done.events[0]["tasks"] > 0
    assert "cannot be read after record" in str(done.events[0]["reason"])


@pytest.mark.parametrize(
    "content", [b"", b"not a WARC at all", gzip.compress(b"neither is this", mtime=0)], ids=["empty", "text", "gzip"]
)
def test_an_unreadable_warc_is_one_line(microaudit: Command, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.warc.gz").write_bytes(content)
    done = microaudit("crawl", "kwork", "--from", tmp_path / "bad.warc.gz", cwd=tmp_path)
    assert done.status == 2
    assert done.err.startswith("MA0203")
    assert done.err.count("\n") == 1


def test_a_page_without_an_address_is_refused_by_name(microaudit: Command, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "list.html").write_bytes(kwork_list())
    done = microaudit("crawl", "kwork", "--from", tmp_path / "pages", cwd=tmp_path)
    assert done.status == 2
    assert "MA0205" in done.err
    assert "list.html" in done.err


def test_a_page_saved_by_a_browser_is_read(microaudit: Command, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    mark = b"<!-- saved from url=(0025)https://kwork.ru/projects -->\n"
    (tmp_path / "pages" / "list.html").write_bytes(mark + kwork_list())
    assert microaudit("crawl", "--from", tmp_path / "pages", cwd=tmp_path).status == 0


def test_a_site_without_a_spider_is_read_by_the_miner(microaudit: Command, tmp_path: Path) -> None:
    rows = "".join(
        f"<tr><td><a href='job.php?id={n}'>Vote for entry number {n}</a></td><td>$0.{n:02}</td><td>{n}/50</td></tr>"
        for n in range(10, 16)
    )
    head = "<tr><th>Job title</th><th>Payment</th><th>Done</th></tr>"
    page = f"<!-- saved from url=(0030)http://www.tinyjobs.example/jobs.php -->\n<table>{head}{rows}</table>"
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "jobs.html").write_text(page)
    done = microaudit("--json", "crawl", "tinyjobs", "--spider", "auto", "--from", tmp_path / "pages", cwd=tmp_path)
    assert done.status == 0, done.err
    assert done.events[0]["tasks"] == 6
    assert query(tmp_path / "microaudit.db", "SELECT reward, currency FROM task WHERE task_id = '12'") == [
        ("0.12", "USD")
    ]


@pytest.mark.parametrize(
    "arguments",
    [("kwork", "--spider", "auto"), ("--spider", "auto"), ("tinyjobs", "--spider", "nosuch"),
     ("tinyjobs", "--spider", "auto", "--from", "wayback")],
)  # fmt: skip
def test_the_miner_needs_a_name_and_a_host(microaudit: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = microaudit("crawl", *arguments, cwd=tmp_path)
    assert (done.status, done.err[:4]) == (2, "MA02")


def test_dates_bound_the_captures(microaudit: Command, tmp_path: Path) -> None:
    arguments = ("--json", "crawl", "kwork", "--from", LIST)
    everything = microaudit(*arguments, cwd=tmp_path).events[0]["pages"]
    nothing = microaudit(*arguments, "--until", "2001", cwd=tmp_path)
    assert everything
    assert (nothing.status, nothing.events[0]["pages"]) == (3, 0)


def test_max_pages_ends_a_crawl(microaudit: Command, tmp_path: Path) -> None:
    done = microaudit("--json", "crawl", "kwork", "--from", LIST, "--max-pages", "1", cwd=tmp_path)
    assert done.events[0]["pages"] == 1


# A process whose files may not grow beyond a limit meets what a full disk answers.
ON_A_FULL_DISK = """
import resource, runpy, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
sys.argv = ["microaudit", "--db", "sqlite:///{db}", "crawl", "shorttask", "--from", "{pages}"]
runpy.run_module("microaudit", run_name="__main__")
"""


def test_a_full_disk_stops_the_crawl_with_its_code(microaudit: Command, tmp_path: Path) -> None:
    db = tmp_path / "s.db"
    assert microaudit("--db", f"sqlite:///{db}", "crawl", "kwork", "--from", LIST, "--max-pages", "1").status == 0
    script = ON_A_FULL_DISK.format(size=db.stat().st_size + 4096, db=db, pages=SAMPLE / "shorttask")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent
    )
    assert done.returncode == 10, done.stderr
    assert done.stderr.startswith("MA1001")
    assert query(db, "PRAGMA integrity_check") == [("ok",)]
