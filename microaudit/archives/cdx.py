"""What a capture index answers: the Internet Archive's array of arrays, or JSON lines (pywb, Common Crawl)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

from microaudit.errors import MicroauditError

# The Internet Archive's names -> those of pywb and Common Crawl.
NAMES = {"original": "url", "mimetype": "mime", "statuscode": "status"}
TIMESTAMP = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class CdxRow:
    """One capture in an index. `length`, `offset` and `filename` say where Common Crawl keeps the record."""

    url: str
    captured_at: datetime
    mime: str
    status: str
    digest: str
    filename: str = ""
    offset: int = 0
    length: int = 0

    @property
    def timestamp(self) -> str:
        """The 14 digits by which an archive names the capture."""
        return self.captured_at.strftime(TIMESTAMP)


@dataclass(slots=True)
class CdxAnswer:
    """The rows of one answer. `resume_key` asks for the rest; `unread` counts rows that lack what they need."""

    rows: list[CdxRow] = field(default_factory=list)
    resume_key: str | None = None
    unread: int = 0
    as_lines: bool = False  # of a server without resume keys


def read_cdx(body: bytes) -> CdxAnswer:
    """The rows of an answer in either format. MA0601 for an answer that is neither."""
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return CdxAnswer()
    if text[0] == "{":
        return _answer((_loaded(line) for line in text.splitlines() if line.strip()), CdxAnswer(as_lines=True))
    try:
        table = json.loads(text)
    except ValueError:
        table = None
    if not isinstance(table, list):
        raise MicroauditError("MA0601", f"the archive's answer is not an index of captures: {text[:80]!r}")
    return _table(table)


def _table(table: list[Any]) -> CdxAnswer:
    """A header, rows, and maybe an empty row and a row with the resume key."""
    answer = CdxAnswer()
    if len(table) >= 2 and table[-2] == [] and isinstance(table[-1], list) and len(table[-1]) == 1:
        answer.resume_key = str(table[-1][0])
        table = table[:-2]
    if not table:
        return answer
    header = [str(name) for name in table[0]] if isinstance(table[0], list) else []
    complete = (
        dict(zip(header, row, strict=True)) if isinstance(row, list) and len(row) == len(header) else None
        for row in table[1:]
    )
    return _answer(complete, answer)


def _answer(rows: Iterable[Any], answer: CdxAnswer) -> CdxAnswer:
    for row in rows:
        if isinstance(row, dict) and (read := _row(row)):
            answer.rows.append(read)
        else:
            answer.unread += 1
    return answer


def _loaded(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _row(values: Mapping[str, Any]) -> CdxRow | None:
    shown = {NAMES.get(name, name): str(value) for name, value in values.items()}
    if not (captured_at := moment_of(shown.get("timestamp", ""))) or not is_web_address(shown.get("url", "")):
        return None
    if not {"mime", "status", "digest"} <= shown.keys():
        return None
    numbers = [shown.get(name, "0") for name in ("offset", "length")]
    offset, length = (int(number) if number.isdecimal() else 0 for number in numbers)
    return CdxRow(
        original(shown["url"]), captured_at, shown["mime"], shown["status"], shown["digest"],
        shown.get("filename", ""), offset, length,
    )  # fmt: skip


def moment_of(timestamp: str) -> datetime | None:
    """A 14-digit timestamp as a time in UTC; None for anything else."""
    if not re.fullmatch(r"[0-9]{14}", timestamp):
        return None
    try:
        return datetime.strptime(timestamp, TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:  # a month 13, a second 60
        return None


def original(url: str) -> str:
    """A captured address in one spelling: archives keep the default port, and bytes that need escaping."""
    plain: str = safe_url_string(re.sub(r"^(http://[^/:@]+):80(?=/|$)|^(https://[^/:@]+):443(?=/|$)", r"\1\2", url))
    return plain


def is_web_address(url: str) -> bool:
    """Whether an address is one of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
