"""A folder of saved pages as captures.

The folder carries an `index.csv` (file, url, captured_at, content_type), or each page carries the
"saved from url" comment that browsers write. A page whose address is unknown is refused by name.
"""

from __future__ import annotations

import csv
import mimetypes
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from microaudit.archives.capture import Capture
from microaudit.errors import MicroauditError

INDEX = "index.csv"
COLUMNS = {"file", "url", "captured_at"}
PAGES = {".html", ".htm", ".xhtml", ".mhtml", ".json", ".xml", ".rss", ".csv", ".txt"}

_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->")


def read_folder(folder: Path) -> Iterator[Capture]:
    """The captures of a folder, in the order of its index or by file name."""
    index = folder / INDEX
    yield from _by_index(index) if index.is_file() else _by_comment(folder)


def _by_index(index: Path) -> Iterator[Capture]:
    try:
        with index.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if missing := COLUMNS - set(reader.fieldnames or ()):
                raise MicroauditError("MA0203", f"{index} lacks the column {', '.join(sorted(missing))}")
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MicroauditError("MA0203", f"{index} cannot be read: {error}") from error
    for number, row in enumerate(rows, start=2):
        page = index.parent / (row["file"] or "")
        if not row["url"]:
            raise MicroauditError("MA0205", f"{index}, line {number}: no address for {row['file']!r}")
        if not page.resolve().is_relative_to(index.parent.resolve()) or not page.is_file():
            raise MicroauditError("MA0202", f"{index}, line {number}: there is no page {row['file']!r} in the folder")
        yield Capture(
            url=row["url"],
            observed_at=_captured_at(row["captured_at"], index, number),
            status=int(row.get("status") or 200),
            body=page.read_bytes(),
            headers=_content_type(row.get("content_type") or mimetypes.guess_type(page.name)[0]),
        )


def _by_comment(folder: Path) -> Iterator[Capture]:
    pages = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in PAGES)
    if not pages:
        raise MicroauditError("MA0202", f"{folder} holds neither an {INDEX} nor a saved page")
    for page in pages:
        body = page.read_bytes()
        found = _SAVED_FROM.search(body[:2000])
        if not found:
            raise MicroauditError(
                "MA0205", f"the address of {page} is unknown: no {INDEX}, no `saved from url` comment"
            )
        # A browser writes no date into the page; the file's own time is the nearest thing to the capture's.
        saved = datetime.fromtimestamp(int(page.stat().st_mtime), UTC)
        headers = _content_type(mimetypes.guess_type(page.name)[0])
        yield Capture(
            url=found[1].decode("ascii", "replace"), observed_at=saved, status=200, body=body, headers=headers
        )


def _captured_at(shown: str, index: Path, number: int) -> datetime:
    try:
        value = datetime.fromisoformat(shown)
    except (TypeError, ValueError):
        raise MicroauditError("MA0204", f"{index}, line {number}: captured_at {shown!r} is not ISO 8601") from None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def _content_type(value: str | None) -> dict[str, str]:
    return {"Content-Type": value} if value else {}
