"""WARC and WACZ files as captures, one record at a time.

A damaged or cut off record ends the reading of its file with an error: what came before it stands.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from microaudit.archives.capture import Capture
from microaudit.errors import MicroauditError

WARC_SUFFIXES = (".warc", ".warc.gz")
MAX_BODY = 8 * 1024 * 1024  # as for live pages; a longer body is left out


def is_warc(path: Path) -> bool:
    """Whether the file's name says that it is a WARC."""
    return path.name.lower().endswith(WARC_SUFFIXES)


def read_warc(path: Path) -> Iterator[Capture]:
    """The HTTP responses of a WARC file, in file order. MA0203 where it cannot be read (any further)."""
    try:
        with path.open("rb") as stream:
            yield from _captures(stream, str(path))
    except OSError as error:
        raise MicroauditError("MA0203", f"{path} cannot be read: {error}") from error


def read_wacz(path: Path) -> Iterator[Capture]:
    """The HTTP responses of every WARC inside a WACZ (a ZIP with an `archive/` folder)."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.lower().endswith(WARC_SUFFIXES))
            if not names:
                raise MicroauditError("MA0203", f"{path} holds no WARC file")
            for name in names:
                with archive.open(name) as stream:
                    yield from _captures(stream, f"{path}:{name}")  # type: ignore[arg-type]
    except (OSError, zipfile.BadZipFile) as error:
        raise MicroauditError("MA0203", f"{path} is not a WACZ file: {error}") from error


def _captures(stream: BinaryIO, name: str) -> Iterator[Capture]:
    read = 0
    try:
        for record in ArchiveIterator(stream, arc2warc=True):
            if not (record.rec_headers.get_header("Content-Length") or "").isdigit():
                raise ArchiveLoadFailed("not a WARC record")  # warcio takes any line of five words for ARC
            observed_at = _moment(record.rec_headers.get_header("WARC-Date") or "")
            read += 1
            if record.rec_type != "response" or record.http_headers is None:
                continue
            url, status = record.rec_headers.get_header("WARC-Target-URI"), record.http_headers.get_statuscode()
            if not (url and status.isdigit()):
                continue
            body = record.content_stream().read(MAX_BODY + 1)
            if len(body) > MAX_BODY:
                continue
            if getattr(record.raw_stream, "limit", 0):  # bytes that the record announces and the file lacks
                raise ArchiveLoadFailed("the record is cut off")
            yield Capture(
                url=url,
                observed_at=observed_at,
                status=int(status),
                body=body,
                headers=dict(record.http_headers.headers),
            )
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        raise MicroauditError("MA0203", f"{name} cannot be read after record {read}: {error}") from error
    if not read:
        raise MicroauditError("MA0203", f"{name} holds no WARC record")


def _moment(date: str) -> datetime:
    value = datetime.fromisoformat(date)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
