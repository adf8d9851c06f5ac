"""One crawl of a platform at a time on one store, whoever starts it. A lock dies with the process that holds it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

from sqlalchemy import Engine, text

from microaudit.errors import MicroauditError


@contextmanager
def platform_lock(engine: Engine, platform: str) -> Iterator[None]:
    """Hold the platform's lock; MA0901 if another crawl holds it."""
    lock = _postgresql if engine.dialect.name == "postgresql" else _file
    with lock(engine, crc32(platform.encode())) as free:
        if not free:
            raise MicroauditError("MA0901", f"another crawl of {platform} is running on this store")
        yield


@contextmanager
def _postgresql(engine: Engine, number: int) -> Iterator[bool]:
    with engine.connect() as connection:  # the lock is the connection's, and ends with it
        free = connection.scalar(text("SELECT pg_try_advisory_lock(:space, :number)"), _keys(number))
        connection.commit()
        try:
            yield bool(free)
        finally:
            connection.invalidate()


def _keys(number: int) -> dict[str, int]:
    return {"space": crc32(b"microaudit") - 2**31, "number": number - 2**31}


@contextmanager
def _file(engine: Engine, number: int) -> Iterator[bool]:
    name = engine.url.database or ":memory:"
    if name.startswith("file:"):  # SQLite's own form of a path
        name = urlsplit(name).path
    if name == ":memory:":
        yield True
        return
    # One byte a platform in one file beside the store: the file is never removed, so that nobody locks a ghost.
    with Path(f"{name}-lock").open("ab") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except BlockingIOError:
            yield False
        else:
            yield True
