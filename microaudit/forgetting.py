"""Erase what the store and the evidence hold of a buyer or of an address, and note that it was done.

Evidence goes first, then the rows, in one transaction each; what is interrupted is done by the same call again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, Engine, Table, bindparam, delete, exists, insert, select, update

from microaudit.errors import MicroauditError
from microaudit.evidence import folder_of
from microaudit.evidence_rewriting import SUFFIX, clear_leftovers, drop, rewritten
from microaudit.pseudonyms import load_key, pseudonym
from microaudit.redaction import naming
from microaudit.store.lock import platform_lock
from microaudit.store.models import (
    Assignment,
    Coding,
    Crawl,
    FrontierRow,
    Incident,
    JudgementRow,
    PageRow,
    PlaceRow,
    SampleRow,
    Sighting,
    TaskRow,
    TextRow,
    Tombstone,
)
from microaudit.store.tombstones import ERASED, task_mark, url_mark
from microaudit.store.writer import chunks

PAGE: Table = PageRow.__table__  # type: ignore[assignment]
CRAWL: Table = Crawl.__table__  # type: ignore[assignment]
INCIDENT: Table = Incident.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Request:
    """Who or what is to be forgotten: a buyer's clear name, on one platform or on all, or an address.

    `mentions` takes in the tasks of others, and kept pages, in which the name stands as a word.
    """

    buyer: str | None = None
    platform: str | None = None
    url: str | None = None
    mentions: bool = False


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased: tasks by platform, records of evidence; `mentioned` tasks of others name the buyer still."""

    tasks: dict[str, int]
    records: int
    mentioned: int
    addresses: frozenset[str]  # what exports must no longer hold; in memory only


@dataclass(slots=True)
class _Found:
    """What is concerned: tasks by row, the pages that showed them, addresses that are theirs alone, records."""

    tasks: dict[int, tuple[str, str, str]]  # platform, the platform's id, address
    pages: set[int]
    urls: set[str]
    records: set[tuple[str, int]]  # file and offset

    def add(self, page: Any) -> None:
        """Take in the row of a page."""
        self.pages.add(page.id)
        if page.warc_file:
            self.records.add((page.warc_file, page.warc_offset))


def forget(engine: Engine, request: Request) -> Forgotten:
    """Erase from store and evidence. MA0901 while a crawl runs; MA0301 where there is nothing to erase."""
    key = load_key()
    with ExitStack() as locks:
        with engine.connect() as connection:
            platforms = sorted(set(connection.scalars(select(Crawl.platform))))
        for slug in platforms:
            locks.enter_context(platform_lock(engine, slug))
        chosen = [request.platform] if request.platform else platforms
        hashes = [pseudonym(key, slug, request.buyer) for slug in chosen] if request.buyer else []
        with engine.connect() as connection:
            found = _find(connection, request, hashes)
            mentioned = _mentions(connection, request, found)
        records = _erase_evidence(engine, found, _traces(request, hashes, found))
        if not (found.tasks or found.pages or records):
            raise MicroauditError("MA0301", "the store holds nothing of that name or address")
        counts = dict(sorted(Counter(platform for platform, _, _ in found.tasks.values()).items()))
        with engine.begin() as connection:
            _erase_rows(connection, found, key)
            marks = {task_mark(key, platform, number) for platform, number, _ in found.tasks.values()}
            marks |= {url_mark(key, url) for url in found.urls}
            row = {
                "kind": "buyer" if request.buyer else "url",
                "erased_at": datetime.now(UTC),
                "tasks": counts,
                "marks": sorted(marks),
            }
            connection.execute(insert(Tombstone).values(row))
        wipe(engine)
    return Forgotten(counts, records, mentioned, frozenset(found.urls))


def _find(connection: Connection, request: Request, hashes: Collection[str]) -> _Found:
    columns = select(TaskRow.id, TaskRow.platform, TaskRow.task_id, TaskRow.url)
    tasks: dict[int, tuple[str, str, str]] = {}
    for concerned in _concerned(connection, request, hashes):
        tasks |= {row.id: (row.platform, row.task_id, row.url) for row in connection.execute(columns.where(concerned))}
    found = _Found(tasks, set(), {url for _, _, url in tasks.values() if url}, set())
    page = (PageRow.id, PageRow.url, PageRow.warc_file, PageRow.warc_offset)
    for ids in chunks(list(tasks)):
        shown = select(*page, Sighting.task_id).join(Sighting).where(Sighting.task_id.in_(ids))
        for row in connection.execute(shown):
            found.add(row)
            if _is_of(row.url, *tasks[row.task_id]):
                found.urls.add(row.url)
    if request.url is not None:
        found.urls.add(request.url)
        for this in connection.execute(select(*page).where(PageRow.url == request.url)):
            found.add(this)
    return found


def _concerned(connection: Connection, request: Request, hashes: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """Conditions on tasks, any of which makes one concerned."""
    if request.url is not None:
        yield TaskRow.url == request.url
        yield TaskRow.id.in_(select(Sighting.task_id).join(PageRow).where(PageRow.url == request.url))
        return
    yield TaskRow.buyer.in_(hashes)
    if request.mentions and request.buyer:
        for some in chunks(_texts_naming(connection, request.buyer, request.platform)):
            yield TaskRow.text_hash.in_(some)
            yield TaskRow.id.in_(select(Sighting.task_id).where(Sighting.text_hash.in_(some)))


def _is_of(url: str, _platform: str, number: str, task_url: str) -> bool:
    """Whether an address is the task's own, not that of a list on which it stood."""
    if url == task_url:
        return True
    parts = urlsplit(url)
    return len(number) > 2 and number in re.split(r"[^A-Za-z0-9]+", f"{parts.path}?{parts.query}")


def _texts_naming(connection: Connection, name: str, platform: str | None) -> list[str]:
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.I)
    query = select(TextRow.hash, TextRow.title, TextRow.description, TextRow.proof)
    if platform:
        query = query.where(TextRow.platform == platform)
    rows = connection.execution_options(yield_per=1000).execute(query)
    return [row.hash for row in rows if any(pattern.search(text) for text in row[1:])]


def _mentions(connection: Connection, request: Request, found: _Found) -> int:
    """How many tasks of others name the buyer in their texts."""
    if request.buyer is None or request.mentions:
        return 0
    hashes = _texts_naming(connection, request.buyer, request.platform)
    ids = {
        number
        for some in chunks(hashes)
        for number in connection.scalars(select(TaskRow.id).where(TaskRow.text_hash.in_(some)))
    }
    return len(ids - found.tasks.keys())


def _traces(request: Request, hashes: Iterable[str], found: _Found) -> re.Pattern[bytes] | None:
    """What betrays a record without a row, as a crash may leave one, or a page that links to what is erased."""
    own = {url for url in found.urls if urlsplit(url).path.strip("/")}
    mentions = {request.buyer} if request.buyer and request.mentions else set()
    words = {*hashes, *own, *mentions}
    return naming(words) if words else None


def _erase_evidence(engine: Engine, found: _Found, traces: re.Pattern[bytes] | None) -> int:
    """Rewrite the files that hold records concerned; how many records went."""
    folder = folder_of(engine)
    if folder is None or not folder.is_dir():
        return 0
    with engine.connect() as connection:
        named = select(PageRow.warc_file).where(PageRow.warc_file.is_not(None)).distinct()
        clear_leftovers(folder, {str(name) for name in connection.scalars(named)})
    gone: set[tuple[str, int]] = set()

    def goes(name: str, offset: int, content: bytes) -> bool:
        hit = (name, offset) in found.records or bool(traces and traces.search(content))
        if hit:
            gone.add((name, offset))
        return hit

    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if (done := rewritten(path, goes)) is None:
            continue
        new, moved = done
        with engine.begin() as connection:
            _point(connection, path.name, new.name, moved)
        drop(path)
    return len(gone)


def _point(connection: Connection, old: str, new: str, moved: Mapping[int, int]) -> None:
    """Let the pages of one file point into its successor; those whose record went have none."""
    rows = connection.execute(select(PAGE.c.id, PAGE.c.warc_offset).where(PAGE.c.warc_file == old)).all()
    values = [
        {"b_id": row.id, "b_file": new, "b_offset": moved[row.warc_offset]}
        if row.warc_offset in moved
        else {"b_id": row.id, "b_file": None, "b_offset": None}
        for row in rows
    ]
    if values:
        target = update(PAGE).where(PAGE.c.id == bindparam("b_id"))
        connection.execute(target.values(warc_file=bindparam("b_file"), warc_offset=bindparam("b_offset")), values)


def _erase_rows(connection: Connection, found: _Found, key: bytes) -> None:
    for platform, number, _ in found.tasks.values():
        samples = select(SampleRow.id).where(SampleRow.platform == platform)
        connection.execute(delete(Coding).where(Coding.platform == platform, Coding.task_id == number))
        connection.execute(delete(Assignment).where(Assignment.sample.in_(samples), Assignment.task_id == number))
    for ids in chunks(list(found.tasks)):
        connection.execute(delete(Sighting).where(Sighting.task_id.in_(ids)))
        connection.execute(delete(TaskRow).where(TaskRow.id.in_(ids)))
    _erase_unused_texts(connection)
    for url in sorted(found.urls):
        hidden = ERASED + url_mark(key, url)
        connection.execute(update(PAGE).where(PAGE.c.url == url).values(url=hidden))
        is_of = (FrontierRow.url == url) | FrontierRow.url.endswith(f" {url}", autoescape=True)
        connection.execute(delete(FrontierRow).where(is_of))
    _hide_in_ledger(connection, {url: ERASED + url_mark(key, url) for url in found.urls})


def _erase_unused_texts(connection: Connection) -> None:
    """Texts that no task, sighting or code uses, with what was judged of them: older readings of the erased too."""
    users = (TaskRow, Sighting, Coding, Assignment)
    unused = [~exists().where(user.text_hash == TextRow.hash) for user in users]
    hashes = list(connection.scalars(select(TextRow.hash).where(*unused)))
    for some in chunks(hashes):
        connection.execute(delete(PlaceRow).where(PlaceRow.text_hash.in_(some)))
        connection.execute(delete(JudgementRow).where(JudgementRow.text_hash.in_(some)))
        connection.execute(delete(TextRow).where(TextRow.hash.in_(some)))


def _hide_in_ledger(connection: Connection, hidden: Mapping[str, str]) -> None:
    """Addresses out of the reasons and the conduct of crawls, and out of incidents."""
    for table, names in ((CRAWL, ("reason", "conduct")), (INCIDENT, ("reason",))):
        for row in connection.execute(select(table)).mappings().all():
            new = {name: _hide(row[name], hidden) for name in names}
            if any(new[name] != row[name] for name in names):
                connection.execute(update(table).where(table.c.id == row["id"]).values(new))


def _hide(value: Any, hidden: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for url in sorted(hidden, key=len, reverse=True):
            value = value.replace(url, hidden[url])
        return value
    if isinstance(value, dict):
        return {name: _hide(each, hidden) for name, each in value.items()}
    return [_hide(each, hidden) for each in value] if isinstance(value, list) else value


def wipe(engine: Engine) -> None:
    """Overwrite what deleted rows left: write-ahead log, free pages. MA0901 while another program reads the store.

    Of a PostgreSQL server the tables are written anew; its own log and its backups are its keeper's.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name != "sqlite":
            connection.exec_driver_sql("VACUUM FULL")
            return
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101 - the connection is open
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            answer = raw.execute(statement).fetchone()
            if answer and answer[0]:
                raise MicroauditError("MA0901", "another program reads the store: erased, not yet overwritten; again")
