"""Web archives as a source: pywb itself, a server that answers as the Internet Archive does, Common Crawl's files."""

from __future__ import annotations

import csv
import io
import json
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen
from uuid import NAMESPACE_URL, uuid5

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.conftest import Outcome

SAMPLE = Path(__file__).parent.parent / "microaudit" / "sample" / "shorttask"
LIST = "http://www.shorttask.com/tasks.php"
LOGIN = b"<html><form><input name=email><input type=password></form></html>"
Command = Callable[..., Outcome]


def sample_rows() -> list[dict[str, str]]:
    with (SAMPLE / "index.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def record(url: str, at: str, body: bytes, content_type: str = "text/html; charset=utf-8") -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
    # An id of its own making, so that a record is the same bytes in every run, and so is one that is cut.
    known = {"WARC-Date": at, "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, url + at + 'a')}>"}
    writer.write_record(
        writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=http, warc_headers_dict=known)
    )
    return buffer.getvalue()


def sample_records() -> list[tuple[dict[str, str], bytes]]:
    return [
        (row, record(row["url"], row["captured_at"], (SAMPLE / row["file"]).read_bytes())) for row in sample_rows()
    ]


def query(store: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(store) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def crawl(microaudit: Command, tmp_path: Path) -> Command:
    def run(source: str, *options: str, **environment: str) -> Outcome:
        arguments = ("crawl", "shorttask", "--from", source, "--allow-host", "127.0.0.1", *options)
        db = f"sqlite:///{tmp_path / 'store.db'}"
        return microaudit("--db", db, "--json", *arguments, MICROAUDIT_DOWNLOAD_DELAY="0", **environment)

    return run


@pytest.fixture
def pywb(tmp_path: Path) -> Iterator[str]:
    """The address of a collection that a real pywb serves, of the sample's pages."""
    folder = tmp_path / "pywb"
    folder.mkdir()
    (folder / "sample.warc.gz").write_bytes(b"".join(data for _, data in sample_records()))
    programs = Path(sys.executable).parent
    for arguments in (("init", "coll"), ("add", "coll", "sample.warc.gz")):
        subprocess.run([programs / "wb-manager", *arguments], cwd=folder, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [programs / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/coll"
    for _ in range(300):
        try:
            urlopen(f"{url}/cdx?url=example.org", timeout=5).close()  # noqa: S310 - loopback
            break
        except OSError:
            time.sleep(0.2)
    yield url
    server.terminate()
    server.wait()


class Archive:
    """A server on loopback that answers by a function of path and parameters; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []
        self.answer: Callable[[str, dict[str, list[str]], dict[str, str]], tuple[int, dict[str, str], bytes]]
        archive = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                is_replay = parts.path.startswith("/web/")
                path = self.path if is_replay else parts.path
                asked = path, {} if is_replay else parse_qs(parts.query), dict(self.headers)
                archive.asked.append(asked)
                status, headers, body = archive.answer(*asked)
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def archive() -> Iterator[Archive]:
    archive = Archive()
    yield archive
    archive.server.shutdown()
    archive.server.server_close()


def test_a_crawl_of_pywb_finds_what_the_pages_hold(crawl: Command, pywb: str, tmp_path: Path) -> None:
    done = crawl(
        "wayback", "--since", "2012-03-01", "--until", "2012", MICROAUDIT_WAYBACK_CDX_URL=f"{pywb}/cdx",
        MICROAUDIT_WAYBACK_REPLAY_URL=pywb,
    )  # fmt: skip
    assert done.status == 0, done.err
    captured = {(row["url"], row["captured_at"]) for row in sample_rows()}
    stored = set(query(tmp_path / "store.db", "SELECT url, observed_at FROM page"))
    assert stored <= captured
    lists = {row for row in captured if row[0].startswith(LIST) and row[1] >= "2012-03"}
    assert lists <= stored
    assert min(at for _, at in stored) >= "2012-03-01"
    assert any("task-detail" in url for url, _ in stored)  # followed: no query lists them
    assert query(tmp_path / "store.db", "SELECT DISTINCT source FROM task") == [("wayback",)]
    first = query(tmp_path / "store.db", "SELECT min(first_seen), max(last_seen), max(sightings) FROM task")
    assert first[0][2] > 1


HEADER = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]


def cdx_row(timestamp: str, url: str, digest: str) -> list[str]:
    return ["com,shorttask)/tasks.php", timestamp, url, "text/html", "200", digest, "1000"]


def test_the_internet_archives_own_answers(crawl: Command, archive: Archive, tmp_path: Path) -> None:
    page = (SAMPLE / "2012-02-14-tasks-1.html").read_bytes()
    original = LIST.replace(".com/", ".com:80/")
    parts = [
        [cdx_row("20120214110000", original, "A"), cdx_row("20120215110000", original, "A"), ["com,broken)", "2012"]],
        [
            cdx_row("20120301000000", f"{LIST}?page=2", "B"),  # leads to another capture
            cdx_row("20120302000000", f"{LIST}?page=3", "C"),  # leads round in a circle
            cdx_row("20120303000000", f"{LIST}?page=4", "D"),  # a log-in form
            cdx_row("20120304000000", f"{LIST}?page=5", "E"),  # leads out of the dates
            cdx_row("20121350000000", f"{LIST}?page=6", "F"),  # a month 13
        ],
    ]
    busy = Counter[str]()

    def answer(path: str, asked: dict[str, list[str]], headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        html = {"Content-Type": "text/html; charset=utf-8"}
        if path == "/cdx":
            if "resumeKey" not in asked:
                return 200, {}, json.dumps([HEADER, *parts[0], [], ["com,shorttask)/tasks.php 2012"]]).encode()
            return 200, {}, json.dumps([HEADER, *parts[1]]).encode()
        if "page=2" in path and "20120301000000" in path:
            return 302, {"Location": f"/web/20120305101112id_/{LIST}?page=2"}, b""
        if "page=3" in path:
            to = "20120302000001" if "20120302000000" in path else "20120302000000"
            return 302, {"Location": f"{archive.url}/web/{to}id_/{LIST}?page=3"}, b""
        if "page=4" in path:
            return 200, html, LOGIN
        if "page=5" in path and "2012" in path:
            return 302, {"Location": f"/web/20150101000000id_/{LIST}?page=5"}, b""
        if path.startswith("/web/20120214110000id_/"):
            busy[path] += 1
            if busy[path] <= 6:  # more often than a live site may be
                return 429, {"Retry-After": "1"}, b"slow down"
        return (200, html, page) if "tasks.php" in path else (404, html, b"not archived")

    archive.answer = answer
    servers = {
        "MICROAUDIT_WAYBACK_CDX_URL": f"{archive.url}/cdx",
        "MICROAUDIT_WAYBACK_REPLAY_URL": f"{archive.url}/web",
    }
    done = crawl("wayback", "--until", "2012", **servers)
    (event,) = done.events
    assert (done.status, event["state"]) == (8, "partial"), done.err  # a circle is a gap, and so is a log-in form
    stored = query(tmp_path / "store.db", "SELECT url, observed_at, outcome FROM page ORDER BY observed_at")
    assert stored == [
        (LIST, "2012-02-14T11:00:00Z", "tasks"),
        (f"{LIST}?page=4", "2012-03-03T00:00:00Z", "login_wall"),
        (f"{LIST}?page=2", "2012-03-05T10:11:12Z", "tasks"),
    ]
    assert event["problems"] == {"index row": 2}
    met = json.loads(str(query(tmp_path / "store.db", "SELECT conduct FROM crawl")[0][0]))["archive"]
    assert (met["repeated"], met["redirects in a loop"], met["redirected out of the dates"]) == (1, 1, 1)
    (first, second) = [asked for path, asked, _ in archive.asked if path == "/cdx"]
    assert first["filter"] == ["statuscode:200", "mimetype:text/html"]
    assert (first["collapse"], first["from"], first["to"]) == (["digest"], ["20090101000000"], ["20121231235959"])
    assert second["resumeKey"] == ["com,shorttask)/tasks.php 2012"]
    assert archive.asked[0][0] == "/robots.txt"


@pytest.mark.parametrize(
    ("status", "body", "code", "exit_status"),
    [
        (200, b"[]", "MA0301", 3),
        (200, b"", "MA0301", 3),
        (403, b"Blocked Site Error", "MA0501", 5),
        (500, b"no", "MA0601", 6),
        (200, b"<html>we are down</html>", "MA0601", 6),
    ],
)
def test_an_index_that_lists_nothing_or_refuses(
    crawl: Command, archive: Archive, status: int, body: bytes, code: str, exit_status: int
) -> None:
    archive.answer = lambda path, asked, headers: (404 if "robots" in path else status, {}, body)
    servers = dict.fromkeys(("MICROAUDIT_WAYBACK_CDX_URL", "MICROAUDIT_WAYBACK_REPLAY_URL"), archive.url)
    done = crawl("wayback", **servers)
    assert done.status == exit_status, done.err
    assert json.loads(done.err)["code"] == code


def test_common_crawl_by_ranged_requests(crawl: Command, archive: Archive, tmp_path: Path) -> None:
    file, lines = b"", []
    for row, data in sample_records():
        timestamp = row["captured_at"].translate(str.maketrans("", "", "-:TZ"))
        line = {
            "urlkey": "com,shorttask)/", "timestamp": timestamp, "url": row["url"], "mime": "text/html",
            "status": "200", "digest": str(len(file)), "length": str(len(data)), "offset": str(len(file)),
            "filename": "crawl-data/CC-MAIN-2012/x.warc.gz",
        }  # fmt: skip
        if row["url"].startswith(LIST):
            lines.append(json.dumps(line))
        file += data
    lines.append(json.dumps(line | {"offset": "7", "digest": "damaged"}))
    lines.append("{broken")

    def answer(path: str, asked: dict[str, list[str]], headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if path == "/collinfo.json":
            return (
                200,
                {},
                json.dumps([{"id": "CC-MAIN-2019-09"}, {"id": "CC-MAIN-2013-20"}, {"id": "CC-MAIN-2012"}]).encode(),
            )
        if path == "/CC-MAIN-2012-index":
            return 200, {}, "\n".join(lines).encode()
        if path == "/crawl-data/CC-MAIN-2012/x.warc.gz":
            first, last = map(int, headers["Range"].removeprefix("bytes=").split("-"))
            return 206, {}, file[first : last + 1]
        return 404, {}, b'{"message": "No Captures found"}'

    archive.answer = answer
    done = crawl(
        "commoncrawl", "--until", "2013", MICROAUDIT_COMMONCRAWL_INDEX_URL=archive.url,
        MICROAUDIT_COMMONCRAWL_DATA_URL=archive.url,
    )  # fmt: skip
    assert done.status == 8, done.err
    lists = [row for row in sample_rows() if row["url"].startswith(LIST)]
    assert done.events[0]["pages"] == len(lists)
    assert done.events[0]["problems"] == {"index row": 1}
    stored = query(tmp_path / "store.db", "SELECT url, observed_at FROM page ORDER BY 2, 1")
    assert stored == sorted(((row["url"], row["captured_at"]) for row in lists), key=lambda row: row[::-1])
    indexes = [path for path, *_ in archive.asked if path.endswith("-index")]
    assert indexes == ["/CC-MAIN-2012-index", "/CC-MAIN-2013-20-index"]  # not that of 2019
    assert query(tmp_path / "store.db", "SELECT DISTINCT source FROM task") == [("commoncrawl",)]


def test_archives_are_asked_only_with_a_contact_and_by_name(microaudit: Command, tmp_path: Path) -> None:
    assert microaudit("crawl", "shorttask", "--from", "wayback", cwd=tmp_path).err.startswith("MA0207")
    assert microaudit("crawl", "--from", "commoncrawl", cwd=tmp_path).err.startswith("MA0210")
    wrong = microaudit("crawl", "shorttask", "--from", "wayback", cwd=tmp_path, MICROAUDIT_WAYBACK_CDX_URL="nowhere")
    assert wrong.err.startswith("MA0204")


def test_a_private_archive_needs_to_be_named(microaudit: Command, archive: Archive, tmp_path: Path) -> None:
    archive.answer = lambda *_: (200, {}, b"[]")
    done = microaudit(
        "crawl", "shorttask", "--from", "wayback", cwd=tmp_path, MICROAUDIT_CONTACT="x@example.org",
        MICROAUDIT_WAYBACK_CDX_URL=archive.url, MICROAUDIT_WAYBACK_REPLAY_URL=archive.url,
    )  # fmt: skip
    assert done.status in (6, 7)
    assert archive.asked == []
