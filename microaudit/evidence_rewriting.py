"""Records out of evidence files: a file is written anew without them, under the next name, and then dropped.

Pages' rows point to one name or the other, so that a crash leaves no row without its record. What a crash left
behind is cleared away by the next call.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from microaudit.errors import MicroauditError

CHUNK = 1024 * 1024  # bytes read at once
SUFFIX = ".warc.gz"
_RENEWED = re.compile(r"-r(\d+)$")

# Whether a record goes, by its file's name, its offset and its inflated bytes.
Goes = Callable[[str, int, bytes], bool]


def rewritten(path: Path, goes: Goes) -> tuple[Path, dict[int, int]] | None:
    """Write the file anew without the records that go: the new file and, for those that stay, old offset -> new.

    None where all stay. The old file is left for `drop`. MA0203 where the file is damaged before its end.
    """
    if not any(goes(path.name, offset, content) for offset, _, content in members(path)):
        return None
    new, moved = _next_name(path), dict[int, int]()
    part = new.with_name(f"{new.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for offset, raw, content in members(path):
            if raw and not goes(path.name, offset, content):
                moved[offset] = file.tell()
                file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    part.rename(new)
    _sync(path.parent)
    return new, moved


def drop(path: Path) -> None:
    """Delete a file for good: gone after a power cut too."""
    path.unlink(missing_ok=True)
    _sync(path.parent)


def clear_leftovers(folder: Path, in_use: set[str]) -> None:
    """Delete what an interrupted rewriting left: the one of two names that no row of a page points to."""
    for part in folder.glob(f"*{SUFFIX}.part"):
        drop(part)
    for new in sorted(folder.glob(f"*-r*{SUFFIX}")):
        old = _previous_name(new)
        if old is not None and old.exists():
            drop(new if old.name in in_use and new.name not in in_use else old)


def members(path: Path) -> Iterator[tuple[int, bytes, bytes]]:
    """(offset, bytes as they stand, inflated bytes) of each record; a record cut off at the end has no bytes."""
    with path.open("rb") as stream:
        start, rest = 0, b""
        while rest := rest or stream.read(CHUNK):
            inflating, raw, content = zlib.decompressobj(31), [], []
            while not inflating.eof and rest:
                try:
                    content.append(inflating.decompress(rest))
                except zlib.error as error:
                    raise MicroauditError("MA0203", f"{path} is damaged after byte {start}: {error}") from error
                left = inflating.unused_data
                raw.append(rest[: len(rest) - len(left)])
                rest = left or (b"" if inflating.eof else stream.read(CHUNK))
            size = sum(map(len, raw))
            yield start, b"".join(raw) if inflating.eof else b"", b"".join(content)
            start += size


def _next_name(path: Path) -> Path:
    stem = path.name.removesuffix(SUFFIX)
    found = _RENEWED.search(stem)
    number = int(found[1]) + 1 if found else 1
    return path.with_name(f"{_RENEWED.sub('', stem)}-r{number}{SUFFIX}")


def _previous_name(path: Path) -> Path | None:
    stem = path.name.removesuffix(SUFFIX)
    found = _RENEWED.search(stem)
    if found is None:
        return None
    number = int(found[1]) - 1
    return path.with_name(f"{_RENEWED.sub('', stem)}{f'-r{number}' if number else ''}{SUFFIX}")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
