"""WARC and WACZ files as captures, one record at a time.

A damaged record is passed over and the next one looked for; the reading of its file ends with an error that says
how much was lost. What was read stands.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from microaudit.archives.capture import Capture
from microaudit.errors import MicroauditError

WARC_SUFFIXES = (".warc", ".warc.gz")
MAX_BODY = 8 * 1024 * 1024  # as for live pages; a longer body is left out and counted
WINDOW = 1024 * 1024  # bytes looked at together for the begin of a record
UNREADABLE = (ArchiveLoadFailed, EOFError, OSError, ValueError, AttributeError, zlib.error)

_BEGIN = re.compile(rb"\x1f\x8b\x08|WARC/1\.[01]\r\n")


def is_warc(path: Path) -> bool:
    """Whether the file's name says that it is a WARC."""
    return path.name.lower().endswith(WARC_SUFFIXES)


def read_warc(path: Path, problems: Counter[str] | None = None) -> Iterator[Capture]:
    """The HTTP responses of a WARC file, in file order. MA0203 at its end where a part could not be read.

    `problems` counts the pages that were left out, by reason.
    """
    try:
        with path.open("rb") as stream:
            yield from _captures(stream, str(path), Counter() if problems is None else problems)
    except OSError as error:
        raise MicroauditError("MA0203", f"{path} cannot be read: {error}") from error


def read_wacz(path: Path, problems: Counter[str] | None = None) -> Iterator[Capture]:
    """The HTTP responses of every WARC inside a WACZ (a ZIP with an `archive/` folder)."""
    problems = Counter() if problems is None else problems
    troubles: list[MicroauditError] = []
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.lower().endswith(WARC_SUFFIXES))
            if not names:
                raise MicroauditError("MA0203", f"{path} holds no WARC file")
            for name in names:
                try:
                    with archive.open(name) as stream:
                        yield from _captures(stream, f"{path}:{name}", problems)  # type: ignore[arg-type]
                except MicroauditError as error:
                    troubles.append(error)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise MicroauditError("MA0203", f"{path} is not a WACZ file: {error}") from error
    if troubles:
        raise troubles[0]


def read_member(body: bytes) -> Capture | None:
    """The capture in one WARC record, as a ranged request gives it. None without a page; MA0203 where damaged."""
    return next(_captures(io.BytesIO(body), "the record", Counter()), None)


def _captures(stream: BinaryIO, name: str, problems: Counter[str]) -> Iterator[Capture]:
    """The captures of one file. After damage the reading goes on at the next begin of a record."""
    read, first_damage, begin = 0, "", 0
    while True:
        stream.seek(begin)
        records, at = _Records(stream, arc2warc=True), begin
        before = read
        try:
            for record in records:
                at = records.offset
                capture = _capture(record, problems)
                read += 1
                if capture:
                    yield capture
            break
        except UNREADABLE as error:
            if read > before or not begin:  # a place that was found again and fails again is one damage, not two
                problems["damaged record"] += 1
            first_damage = first_damage or f"{name} cannot be read after record {read}: {error}"
        found = _next_record(stream, at + 1)
        if found is None:
            break
        begin = found
    if first_damage:
        raise MicroauditError("MA0203", first_damage + (f"; {read} records were read" if read else ""))
    if not read:
        raise MicroauditError("MA0203", f"{name} holds no WARC record")


class _Records(ArchiveIterator):  # type: ignore[misc]
    """warcio's reader, with an error where it would print a warning: a record longer than it announces."""

    def _consume_blanklines(self) -> tuple[bytes | None, int]:
        line, size = None, 0
        while chunk := self.reader.readline():
            if chunk.strip():
                if not size:
                    raise ArchiveLoadFailed("the record is longer than it announces")
                line = chunk
                break
            size += len(chunk)
        return line, size


def _capture(record: Any, problems: Counter[str]) -> Capture | None:
    """The page in a record; None for another kind of record and for a page that is left out."""
    if not (record.rec_headers.get_header("Content-Length") or "").isdigit():
        raise ArchiveLoadFailed("not a WARC record")  # warcio takes any line of five words for ARC
    observed_at = _moment(record.rec_headers.get_header("WARC-Date") or "")
    if record.rec_type != "response" or record.http_headers is None:
        return None
    url, status = record.rec_headers.get_header("WARC-Target-URI"), record.http_headers.get_statuscode()
    if not (url and status.isdigit()):
        return None
    body = record.content_stream().read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        problems["page too large"] += 1
        return None
    if getattr(record.raw_stream, "limit", 0):  # bytes that the record announces and the file lacks
        raise ArchiveLoadFailed("the record is cut off")
    return Capture(url.strip("<>"), observed_at, int(status), body, dict(record.http_headers.headers))


def _next_record(stream: BinaryIO, start: int) -> int | None:
    """The offset at or after `start` at which a record seems to begin."""
    stream.seek(start)
    window, at = b"", start
    while chunk := stream.read(WINDOW):
        window += chunk
        for found in _BEGIN.finditer(window):
            if found[0][:1] == b"W" or _inflates(window[found.start() : found.start() + 512]):
                return at + found.start()
        at += max(0, len(window) - 512)
        window = window[-512:]
    return None


def _inflates(head: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(head).startswith(b"WARC/")
    except zlib.error:
        return False


def _moment(date: str) -> datetime:
    value = datetime.fromisoformat(date)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
