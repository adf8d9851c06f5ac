"""Damaged archives on disk, the evidence that a crawl keeps, and what leads back to it."""

from __future__ import annotations

import gzip
import hashlib
import json
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from warcio.archiveiterator import ArchiveIterator

from microaudit.archives.cdx import read_cdx
from microaudit.archives.commoncrawl import span
from microaudit.archives.remote import covers
from microaudit.archives.warc import MAX_BODY, read_wacz, read_warc
from microaudit.errors import MicroauditError
from microaudit.evidence import Evidence, expire, read_evidence
from microaudit.items import Page, Task
from microaudit.ledger import open_crawl
from microaudit.lifetimes import flow, lifetimes
from microaudit.redaction import redact
from microaudit.spiders.base import ArchiveQuery
from microaudit.spiders.shorttask import ShortTask
from microaudit.store.engine import open_store
from microaudit.store.models import PageRow
from pipelines.recall import Recall
from pipelines.store import Store
from tests.conftest import ROOT, Outcome
from tests.test_archives import LIST, SAMPLE, query, record, sample_records

AT = "2012-03-01T00:00:00Z"
NOON = datetime(2012, 3, 1, 12, tzinfo=UTC)


def read(path: Path) -> tuple[list[str], Counter[str], str]:
    """The addresses read from a file, what was left out, and the error at its end."""
    problems, urls, trouble = Counter[str](), [], ""
    try:
        for capture in (read_wacz if path.suffix == ".wacz" else read_warc)(path, problems):
            urls.append(capture.url)
    except MicroauditError as error:
        trouble = str(error)
    return urls, problems, trouble


def three(change: Callable[[bytes], bytes], path: Path) -> Path:
    records = [record(f"http://a.org/{number}", AT, b"<p>page" * 50) for number in range(3)]
    path.write_bytes(records[0] + change(records[1]) + records[2])
    return path


def flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(byte ^ 0xFF for byte in data[middle : middle + 20]) + data[middle + 20 :]


def announce(length: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        lines = gzip.decompress(data).split(b"\r\n")
        lines = [
            b"Content-Length: " + length if line.startswith(b"Content-Length: ") else line for line in lines[:12]
        ] + lines[12:]
        return gzip.compress(b"\r\n".join(lines), mtime=0)

    return change


@pytest.mark.parametrize(
    "change",
    [
        flip,
        lambda data: data[: len(data) // 2],
        announce(b"9999999"),
        announce(b"10"),
        announce(b"many"),
        lambda data: b"\0" * 300,
    ],
    ids=["flipped", "cut", "too long", "too short", "no number", "zeros"],
)
def test_a_damaged_record_is_passed_over_and_said(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    urls, problems, trouble = read(three(change, tmp_path / "a.warc.gz"))
    assert {"http://a.org/0", "http://a.org/2"} <= set(urls)
    assert problems["damaged record"] == 1
    assert "MA0203" in trouble


def test_damage_in_a_plain_warc_is_passed_over(tmp_path: Path) -> None:
    records = [gzip.decompress(record(f"http://a.org/{number}", AT, b"<p>")) for number in range(3)]
    records[1] = records[1].replace(b"Content-Length: ", b"Content-Length: x", 1)
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    urls, problems, _ = read(tmp_path / "a.warc")
    assert (urls, problems["damaged record"]) == (["http://a.org/0", "http://a.org/2"], 1)


def test_a_page_too_large_is_counted(tmp_path: Path) -> None:
    large = record("http://a.org/large", AT, b"x" * (MAX_BODY + 1))
    (tmp_path / "a.warc.gz").write_bytes(large + record("http://a.org/1", AT, b"<p>"))
    assert read(tmp_path / "a.warc.gz") == (["http://a.org/1"], Counter({"page too large": 1}), "")


def test_http_chunks_and_compression_inside_a_record_are_undone(tmp_path: Path) -> None:
    packed = gzip.compress(b"<p>hello", mtime=0)
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    head = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n"
    )
    about = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.org/\r\nWARC-Date: 2012-03-01T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(head + body)}\r\n\r\n"
    )
    (tmp_path / "a.warc").write_bytes(about.encode() + head + body + b"\r\n\r\n")
    (capture,) = read_warc(tmp_path / "a.warc")
    assert capture.body == b"<p>hello"
    assert capture.response().text == "<p>hello"


def test_a_wacz_is_read_and_one_damaged_file_in_it_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.wacz", "w") as archive:
        archive.writestr("archive/1.warc.gz", flip(record("http://a.org/1", AT, b"<p>" * 100)))
        archive.writestr("archive/2.warc.gz", record("http://a.org/2", AT, b"<p>"))
        archive.writestr("pages/pages.jsonl", "{}")
    urls, _, trouble = read(tmp_path / "a.wacz")
    assert urls == ["http://a.org/2"]
    assert "1.warc.gz" in trouble


def test_index_answers_in_both_formats() -> None:
    head = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
    row = ["org,a)/", "20120301000000", "http://a.org:80/b", "text/html", "200", "D", "9"]
    table = read_cdx(json.dumps([head, row, row[:3], None, [], ["key"]]).encode())
    assert ([found.url for found in table.rows], table.unread, table.resume_key) == (["http://a.org/b"], 2, "key")
    line = {
        "timestamp": "20120301000000",
        "url": "http://a.org/b",
        "mime": "text/html",
        "status": "200",
        "digest": "D",
    }
    lines = read_cdx(f"{json.dumps(line)}\nnot json\n{json.dumps({'url': 'http://a.org/'})}\n".encode())
    assert ([found.timestamp for found in lines.rows], lines.unread) == (["20120301000000"], 2)
    assert read_cdx(b"[]").rows == read_cdx(b"").rows == []


def test_crawls_are_dated_by_their_names() -> None:
    assert span("CC-MAIN-2009-2010")[1].year == 2010
    begin, end = span("CC-MAIN-2019-09")
    assert begin < datetime(2019, 2, 15, tzinfo=UTC) < end


def test_what_a_query_lists() -> None:
    prefix = ArchiveQuery("shorttask.com/tasks.php", "prefix", 2009)
    assert covers(prefix, f"{LIST}?page=2")
    assert not covers(prefix, "http://www.shorttask.com/task-detail.php?id=1")
    assert covers(ArchiveQuery("a.org", "domain", 2009), "http://x.a.org/y")
    assert not covers(ArchiveQuery("a.org/", "exact", 2009), "http://a.org/y")


def test_redaction_leaves_no_name_and_no_address() -> None:
    names = {"Zoë O'Brien": "f" * 32, "иван": "e" * 32, "div": "d" * 32}
    page = (
        "<div class='x'>by Zoë O'Brien, ZOë O&#39;BRIEN, Zoë O&#x27;Brien <a href='/u/Zo%C3%AB%20O%27Brien'>div</a>"
        '{"owner": "\\u0438\\u0432\\u0430\\u043d"} иван mail: a.b@c-d.org a%40b.org tel:+1 555 0100 +44 20 7946 0018 '
        "(555) 555-0100 id=20120301000000 $0.10</div>"
    )
    shown = redact(page.encode(), names).decode()
    assert not any(
        mark in shown.lower() for mark in ("brien", "иван", "\\u0438", "@", "%40", "0018", "0100 ", ">div<")
    )
    assert shown.startswith("<div class='x'>by " + "f" * 32)
    assert shown.endswith("id=20120301000000 $0.10</div>")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield engine
    engine.dispose()


def a_page(body: bytes = b"<p>by Ann", at: datetime = NOON, number: str = "1") -> Page:
    tasks = [Task(platform="kwork", id=number, title="Title", observed_at=at)]
    page = Page("kwork", "https://kwork.ru/projects", at, "live", 200, body, "tasks", tasks)
    page.content_type, page.names = "text/html; charset=utf-8", {"Ann": "a" * 32}
    return page


def keep(engine: Engine, folder: Path, *pages: Page) -> None:
    crawl_id = open_crawl(engine, "kwork", "live", {}, "test@1")
    store = Store(engine, crawl_id, "test@1", Evidence(folder, "kwork", crawl_id))
    for page in pages:
        Recall(engine, "test@1").process_item(page)
        page.fresh = []
        store.process_item(page)


def test_a_page_row_points_to_its_redacted_record(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    keep(engine, folder, a_page(), a_page(b"<p>other", NOON + timedelta(days=1)))
    with engine.connect() as connection:
        rows = connection.execute(select(PageRow.__table__).order_by(PageRow.observed_at)).mappings().all()
    assert rows[0]["sha256"] == hashlib.sha256(b"<p>by Ann").hexdigest()
    for row in rows:
        capture = read_evidence(folder, row["warc_file"], row["warc_offset"])
        assert hashlib.sha256(capture.body).hexdigest() == row["evidence_sha256"]
        assert (capture.url, capture.observed_at) == (row["url"], row["observed_at"])
    everything = b"".join(gzip.decompress(path.read_bytes()) for path in folder.iterdir())
    assert b"Ann" not in everything
    assert oct((folder / rows[0]["warc_file"]).stat().st_mode)[-3:] == "600"
    with (folder / rows[0]["warc_file"]).open("rb") as stream:
        kinds = [found.rec_type for found in ArchiveIterator(stream, check_digests="raise")]
    assert kinds == ["warcinfo", "response", "response"]


def test_a_capture_read_again_keeps_its_first_record(engine: Engine, tmp_path: Path) -> None:
    keep(engine, tmp_path / "evidence", a_page())
    keep(engine, tmp_path / "evidence", a_page())
    assert len(list((tmp_path / "evidence").iterdir())) == 1


def test_evidence_expires_and_its_hashes_stay(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    keep(engine, folder, a_page())
    now = datetime.now(UTC)
    assert expire(engine, folder, 10, now + timedelta(days=9)) == 0
    assert expire(engine, folder, 10, now + timedelta(days=11)) == 1
    assert list(folder.iterdir()) == []
    with engine.connect() as connection:
        row = connection.execute(select(PageRow.__table__)).mappings().one()
    assert (row["warc_file"], row["warc_offset"]) == (None, None)
    assert row["evidence_sha256"]


def test_lifetimes_and_flow(engine: Engine, tmp_path: Path) -> None:
    pages = [
        a_page(b"%d" % day, NOON + timedelta(days=day), number) for day, number in ((0, "1"), (40, "1"), (41, "2"))
    ]
    keep(engine, tmp_path / "evidence", *pages)
    assert [(life.task_id, life.days, life.sightings) for life in lifetimes(engine)] == [("1", 40.0, 2), ("2", 0.0, 1)]
    months = [(month.month, month.captures, month.tasks, month.new_tasks) for month in flow(engine, "kwork")]
    assert months == [("2012-03", 1, 1, 1), ("2012-04", 2, 2, 1)]


def test_evidence_read_again_gives_the_same_tasks_and_why_leads_to_it(
    microaudit: Callable[..., Outcome], tmp_path: Path
) -> None:
    source = tmp_path / "source.warc.gz"
    source.write_bytes(b"".join(data for _, data in sample_records()))
    first = tmp_path / "first.db"
    assert microaudit("--db", f"sqlite:///{first}", "crawl", "shorttask", "--from", source).status == 0
    again = tmp_path / "again.db"
    folder = f"{first}.evidence"
    assert microaudit("--db", f"sqlite:///{again}", "crawl", "shorttask", "--from", folder).status == 0
    words = "SELECT task_id, title, reward, first_seen, last_seen FROM task JOIN text ON hash = text_hash ORDER BY 1"
    assert query(first, words) == query(again, words) != []
    (number,) = query(first, "SELECT min(task_id) FROM task")[0]
    done = microaudit("--db", f"sqlite:///{first}", "--json", "why", f"shorttask:{number}", "--open", BROWSER="true")
    (event,) = done.events
    page = event["pages"][0]  # type: ignore[index]
    assert page["url"].startswith("http://www.shorttask.com/")
    assert Path(page["warc_file"]).is_file()
    opened = Path(str(event["opened"]))
    assert opened.read_bytes().endswith(
        read_evidence(Path(folder), Path(page["warc_file"]).name, event["pages"][-1]["warc_offset"]).body
    )  # type: ignore[index]
    opened.unlink()
    unknown = microaudit("--db", f"sqlite:///{first}", "why", "shorttask:none")
    assert (unknown.status, unknown.err[:6]) == (2, "MA0210")


WRITE_FOR_EVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from microaudit.evidence import Evidence
from microaudit.items import Page
evidence = Evidence(Path(sys.argv[1]), "kwork", 1)
for number in range(10**6):
    at = datetime(2012, 1, 1, tzinfo=UTC)
    evidence.write(Page("kwork", f"https://kwork.ru/{number}", at, "live", 200, b"x" * 5000))
    print(number, flush=True)
"""


def test_evidence_is_valid_after_a_kill(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE)
    assert writer.stdout
    while int(writer.stdout.readline()) < 30:
        time.sleep(0)
    writer.send_signal(signal.SIGKILL)
    written = [int(line) for line in writer.stdout.read().split()] or [30]
    writer.wait()
    urls, _, _ = read(next(tmp_path.glob("*.warc.gz")))
    assert len(urls) > max(written)


def test_a_spider_collects_the_names_on_a_page_in_memory_only() -> None:
    body = (SAMPLE / "2012-02-14-task-48213.html").read_bytes()
    from microaudit.archives.capture import Capture

    capture = Capture(f"{LIST}?id=1", NOON, 200, body, {"Content-Type": "text/html; charset=utf-8"})
    page = ShortTask(key=b"k" * 32).read(capture.response())
    assert page.tasks
    assert set(page.names.values()) == {task.buyer for task in page.tasks if task.buyer}
    assert not any(name in repr(page) for name in page.names)
