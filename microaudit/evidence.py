"""The pages that tasks were read from, as WARC records beside the store.

One file a crawl, one gzip member a record, written whole and flushed before the page's row is committed: a file is
valid whenever the program dies, and a row never points to a record that is not there. What is written is redacted.
"""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, select, update
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from microaudit import __version__
from microaudit.archives.capture import Capture
from microaudit.archives.warc import read_member
from microaudit.errors import MicroauditError
from microaudit.items import Page, iso
from microaudit.redaction import redact
from microaudit.store.models import Crawl, PageRow

OFF = "off"
NOTE = "buyers' names are keyed hashes, e-mail addresses and phone numbers are masked"


def folder_of(engine: Engine) -> Path | None:
    """Where evidence is kept: MICROAUDIT_EVIDENCE, else `<store>.evidence` beside an SQLite file; None for `off`.

    A store on a server keeps evidence only where MICROAUDIT_EVIDENCE names a folder.
    """
    if named := os.environ.get("MICROAUDIT_EVIDENCE"):
        return None if named == OFF else Path(named)
    database = engine.url.database if engine.url.get_backend_name() == "sqlite" else None
    return Path(f"{database}.evidence") if database and database != ":memory:" else None


class Evidence:
    """Writes the pages of one crawl. The file is made with the first page."""

    def __init__(self, folder: Path, platform: str, crawl_id: int) -> None:
        self.folder, self.stem = folder, f"{platform}-{crawl_id:06d}"
        self.path: Path | None = None
        self._file: int | None = None

    def write(self, page: Page) -> None:
        """Append the page, redacted, and note on it where it stands."""
        body = redact(page.body, page.names, page.encoding)
        page.evidence_sha256 = hashlib.sha256(body).hexdigest()
        page.warc_offset = self._append(_record(page, body, page.evidence_sha256))
        page.warc_file = self.path.name if self.path else None

    def _append(self, record: bytes) -> int:
        if self._file is None:
            self._open()
        assert self._file is not None  # noqa: S101 - opened above
        offset = os.lseek(self._file, 0, os.SEEK_END)
        written = 0
        while written < len(record):
            written += os.write(self._file, record[written:])
        os.fsync(self._file)  # before the row's commit, which is as lasting
        return offset

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(1, 10_000):
            path = self.folder / f"{self.stem}{f'-{number}' if number > 1 else ''}.warc.gz"
            try:
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:  # of an earlier store of the same name, or of a crawl that is resumed
                continue
            self.path = path
            self._append(_warcinfo(path.name))
            return
        raise MicroauditError("MA1001", f"{self.folder} holds 10,000 files of {self.stem}")


def read_evidence(folder: Path, warc_file: str, offset: int) -> Capture:
    """The page in the record at an offset. MA0203 where it is gone or damaged."""
    path = folder / warc_file
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            capture = read_member(stream.read(64 * 1024 * 1024))
    except OSError as error:
        raise MicroauditError("MA0203", f"{path} cannot be read: {error.strerror}; it may have expired") from error
    if capture is None:
        raise MicroauditError("MA0203", f"{path} holds no page at {offset}")
    return capture


def expire(engine: Engine, folder: Path, days: float, now: datetime, crawls: ColumnElement[bool] | None = None) -> int:
    """Delete the evidence of crawls that began more than `days` ago; how many files. Rows keep their hashes.

    `crawls` is a condition that says of which crawls; None: of all.
    """
    old = select(Crawl.id).where(Crawl.started_at < now - timedelta(days=days))
    old = old if crawls is None else old.where(crawls)
    with engine.begin() as connection:
        kept = PageRow.crawl_id.in_(old) & PageRow.warc_file.is_not(None)
        files = connection.scalars(select(PageRow.warc_file).where(kept).distinct()).all()
        for name in files:
            (folder / str(name)).unlink(missing_ok=True)
        connection.execute(update(PageRow).where(kept).values(warc_file=None, warc_offset=None))
    return len(files)


def expiry_days() -> float | None:
    """MICROAUDIT_EVIDENCE_DAYS: how long evidence is kept; None for good."""
    shown = os.environ.get("MICROAUDIT_EVIDENCE_DAYS")
    if not shown:
        return None
    try:
        days = float(shown)
    except ValueError:
        days = -1.0
    if not days > 0:
        raise MicroauditError("MA0204", f"MICROAUDIT_EVIDENCE_DAYS is {shown!r}, not a number of days")
    return days


def expire_now(engine: Engine) -> int:
    """What `expire` deletes by the settings, today."""
    folder, days = folder_of(engine), expiry_days()
    return expire(engine, folder, days, datetime.now(UTC)) if folder and days else 0


def _record(page: Page, body: bytes, sha256: str) -> bytes:
    try:
        reason = HTTPStatus(page.status).phrase
    except ValueError:
        reason = ""
    headers = [("Content-Type", page.content_type)] if page.content_type else []
    headers.append(("Content-Length", str(len(body))))
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    about = {
        "WARC-Date": iso(page.observed_at),
        "WARC-Record-ID": f"<{_identity(page)}>",
        "WARC-Payload-Digest": f"sha256:{sha256}",
        "X-Received-Digest": f"sha256:{page.sha256}",
        "X-Source": page.source,
    }
    http = StatusAndHeaders(f"{page.status} {reason}".strip(), headers, protocol="HTTP/1.1")
    payload = io.BytesIO(body)
    record = writer.create_warc_record(
        page.url, "response", payload, len(body), warc_headers_dict=about, http_headers=http
    )
    writer.write_record(record)
    return buffer.getvalue()


def _warcinfo(name: str) -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    about: dict[str, Any] = {
        "software": f"microaudit/{__version__}",
        "format": "WARC File Format 1.0",
        "description": NOTE,
    }
    writer.write_record(writer.create_warcinfo_record(name, about))
    return buffer.getvalue()


def _identity(page: Page) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{page.url} {iso(page.observed_at)} {page.sha256}").urn
