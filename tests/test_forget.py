"""`forget`: what is erased is found nowhere on disk, does not come back, and is told as a count."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from microaudit.evidence import Evidence, folder_of, read_evidence
from microaudit.evidence_rewriting import members, rewritten
from microaudit.forgetting import Request, forget
from microaudit.items import Page
from microaudit.ledger import open_crawl
from microaudit.pseudonyms import load_key, pseudonym
from microaudit.run import Run
from microaudit.store.engine import open_store
from microaudit.store.lock import platform_lock
from microaudit.store.models import Base, PageRow, Sighting, TaskRow
from microaudit.store.tombstones import erasures
from pipelines.judge import JUDGING
from pipelines.stages import Stages
from reports import build_report
from tests.conftest import run_microaudit

NAME, MAIL = "Zebulon Quastel", "zq.canary@quastel-canary.example"
ID = "0000000000000000000000c1"
URL = f"https://sproutgigs.com/jobs/submit-task.php?Id={ID}"
LIST = "https://sproutgigs.com/jobs.php"


def listed(number: str, title: str, buyer: str) -> str:
    return (
        f'<a class="jobs__item" href="/jobs/submit-task.php?Id={number}"><span class="js-job-item-name">{title}</span>'
        f'<span class="nickname">{buyer}</span><div class="jobs__item-cell--payment">$0.10</div></a>'
    )


def detail(title: str, words: str) -> str:
    return f'<h1 class="headline">{title}</h1><ol id="job-instructions"><li>{words}</li></ol>'


OTHERS = [(f"0000000000000000000000a{n}", f"Follow page number {n} on Instagram", "anna") for n in range(3)]
CANARY = (ID, "Write a review for Quastelware", NAME)
PAGES = {
    LIST: '<div class="jobs__items">' + "".join(listed(*row) for row in [*OTHERS, CANARY]) + "</div>",
    f"{LIST}?page=2": '<div class="jobs__items">' + "".join(listed(*row) for row in OTHERS) + "</div>",
    URL: detail(CANARY[1], f"Write it and send it to {MAIL}, signed {NAME}."),
    f"https://sproutgigs.com/jobs/submit-task.php?Id={OTHERS[0][0]}": detail(OTHERS[0][1], "Follow for a month."),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    saved = tmp_path / "saved"
    saved.mkdir()
    lines = ["file,url,captured_at,content_type"]
    for number, (url, body) in enumerate(PAGES.items()):
        (saved / f"{number}.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
        lines.append(f"{number}.html,{url},2026-03-01T12:0{number}:00Z,text/html; charset=utf-8")
    (saved / "index.csv").write_text("\n".join(lines), encoding="utf-8")
    return saved


@pytest.fixture
def db(tmp_path: Path, folder: Path) -> str:
    (tmp_path / "store").mkdir()
    url = f"sqlite:///{tmp_path / 'store' / 'store.db'}"
    crawl(url, folder)
    return url


@pytest.fixture
def engine(db: str) -> Iterator[Engine]:
    engine = open_store(db)
    yield engine
    engine.dispose()


def crawl(db: str, folder: Path) -> None:
    done = run_microaudit("--db", db, "crawl", "sproutgigs", "--from", folder)
    assert done.status == 0, done.err


def holding(tmp_path: Path, *words: str) -> set[str]:
    """Files of store and evidence that hold one of the words, in plain or inside a compressed record."""
    found = set()
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            content += gzip.decompress(content) if path.name.endswith(".gz") else b""
            if any(word.lower().encode() in content.lower() for word in words):
                found.add(path.name)
    return found


def count(engine: Engine, table: type[Base]) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def hash_of_name() -> str:
    return pseudonym(load_key(), "sproutgigs", NAME)


CANARIES = (NAME, MAIL, URL, ID, "Quastelware")


@pytest.mark.parametrize("asked", [("--buyer", NAME), ("--url", URL)])
def test_nothing_of_the_erased_is_found_on_disk(tmp_path: Path, db: str, asked: tuple[str, str]) -> None:
    assert holding(tmp_path, URL) >= {"store.db", "sproutgigs-000001.warc.gz"}  # the search can find
    done = run_microaudit("--db", db, "--json", "forget", *asked)
    assert done.status == 0, done.err
    assert done.events[0] | {"tasks": {"sproutgigs": 1}, "records": 2} == done.events[0]
    assert holding(tmp_path, *CANARIES, hash_of_name()) == set()
    assert (tmp_path / "store" / "store.db.evidence").stat().st_mode & 0o077 == 0


def test_what_others_wrote_stays_with_its_evidence(engine: Engine) -> None:
    forget(engine, Request(buyer=NAME))
    assert (count(engine, TaskRow), count(engine, Sighting), count(engine, PageRow)) == (3, 7, 4)
    folder = folder_of(engine)
    with engine.connect() as connection:
        pages = connection.execute(select(PageRow.__table__).order_by(PageRow.id)).all()
    assert folder is not None
    kept = [read_evidence(folder, page.warc_file, page.warc_offset) for page in pages if page.warc_file]
    assert [page.url for page in pages if page.warc_file] == [capture.url for capture in kept]
    assert len(kept) == 2
    assert pages[0].url == LIST  # a list is nobody's address


def test_a_later_crawl_does_not_bring_it_back(tmp_path: Path, db: str, folder: Path) -> None:
    assert run_microaudit("--db", db, "forget", "--buyer", NAME).status == 0
    crawl(db, folder)
    assert holding(tmp_path, *CANARIES, hash_of_name()) == set()
    engine = open_store(db)
    assert (count(engine, TaskRow), count(engine, Sighting), count(engine, PageRow)) == (3, 7, 4)
    engine.dispose()


def test_a_live_crawl_does_not_ask_for_an_erased_address(engine: Engine) -> None:
    forget(engine, Request(url=URL))
    stages = Stages(Run(engine, open_crawl(engine, "sproutgigs", "live", {}, "test@1"), JUDGING))
    with engine.connect() as connection:
        now = connection.scalar(select(func.max(TaskRow.last_seen)))
    assert now is not None
    page = Page("sproutgigs", LIST, now, "live", 200, b"", "no_tasks", asked=LIST, found=[URL, f"{LIST}?page=3"])
    assert stages.process(page).found == [f"{LIST}?page=3"]


def test_a_tombstone_names_nobody_and_counts(tmp_path: Path, engine: Engine) -> None:
    forget(engine, Request(buyer=NAME, platform="sproutgigs"))
    with engine.connect() as connection:
        (told,) = erasures(connection)
    assert (told.kind, told.tasks) == ("buyer", {"sproutgigs": 1})
    build_report(engine, tmp_path / "report", formats=["html"])
    html = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "1 task of sproutgigs, by request about a buyer; the figures count without them" in html


def test_a_record_that_a_crash_left_without_a_row_goes_too(tmp_path: Path, engine: Engine) -> None:
    folder = folder_of(engine)
    assert folder is not None
    with engine.connect() as connection:
        now = connection.scalar(select(func.max(TaskRow.last_seen)))
    assert now is not None
    lost = Page("sproutgigs", URL, now, "live", 200, f"<p>{NAME}</p>".encode(), names={NAME: hash_of_name()})
    Evidence(folder, "sproutgigs", 9).write(lost)
    assert forget(engine, Request(buyer=NAME)).records == 3
    assert holding(tmp_path, *CANARIES, hash_of_name()) == set()


@pytest.mark.parametrize("committed", [False, True])
def test_an_interrupted_rewriting_is_cleared_away(tmp_path: Path, engine: Engine, committed: bool) -> None:
    folder = folder_of(engine)
    assert folder is not None
    (old,) = folder.glob("*.warc.gz")
    first = next(offset for offset, _, content in members(old) if URL.encode() in content)
    done = rewritten(old, lambda _name, offset, _content: offset == first)
    assert done is not None
    if committed:
        from microaudit.forgetting import _point

        with engine.begin() as connection:
            _point(connection, old.name, done[0].name, done[1])
    assert len(list(folder.iterdir())) == 2  # killed here
    forget(engine, Request(buyer=NAME))
    assert len(list(folder.iterdir())) == 1
    assert holding(tmp_path, *CANARIES, hash_of_name()) == set()


def test_tasks_of_others_that_name_the_buyer_are_counted_and_go_if_asked(tmp_path: Path, db: str) -> None:
    rows = tmp_path / "more.csv"
    rows.write_text(f'id,title,description\n7,A review,"As {NAME} did"\n8,Another,Nothing\n', encoding="utf-8")
    assert run_microaudit("--db", db, "import", rows, "--platform", "sproutgigs").status == 0
    first = run_microaudit("--db", db, "--json", "forget", "--buyer", NAME)
    assert (first.events[0]["mentioned"], holding(tmp_path, NAME)) == (1, {"store.db"})
    second = run_microaudit("--db", db, "--json", "forget", "--buyer", NAME, "--mentions")
    assert (second.events[0]["tasks"], holding(tmp_path, NAME)) == ({"sproutgigs": 1}, set())


def test_a_report_is_made_anew(tmp_path: Path, db: str) -> None:
    out = tmp_path / "store" / "export"
    assert run_microaudit("--db", db, "export", "--to", out, "--format", "csv,jsonl").status == 0
    assert holding(tmp_path, ID) >= {"tasks.csv", "tasks.jsonl"}
    done = run_microaudit("--db", db, "--json", "forget", "--buyer", NAME, "--in", out)
    assert (done.status, done.events[-1]["left"]) == (0, [])
    assert holding(tmp_path, *CANARIES) == set()


def test_what_the_store_does_not_hold_is_an_error(db: str) -> None:
    done = run_microaudit("--db", db, "forget", "--buyer", "Nobody Known")
    assert (done.status, "MA0301" in done.err) == (3, True)
    for wrong in (("--buyer", "a", "--url", "b"), (), ("--url", URL, "--mentions")):
        assert run_microaudit("--db", db, "forget", *wrong).status == 2


def test_it_waits_for_no_crawl_but_refuses(engine: Engine, db: str) -> None:
    with platform_lock(engine, "sproutgigs"):
        done = run_microaudit("--db", db, "forget", "--buyer", NAME)
    assert (done.status, "MA0901" in done.err) == (9, True)


def test_damaged_evidence_is_said_and_nothing_is_erased(engine: Engine) -> None:
    folder = folder_of(engine)
    assert folder is not None
    (path,) = folder.glob("*.warc.gz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(Exception, match="MA0203"):
        forget(engine, Request(buyer=NAME))
    assert count(engine, TaskRow) == 4
