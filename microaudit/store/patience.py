"""Transactions that outlive a restart of the database server."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

PAUSES = (0.2, 0.5, 1, 2, 4, 8, 15, 30)  # seconds: a server that is away for a minute is waited for

T = TypeVar("T")


def patient(engine: Engine, work: Callable[[Connection], T]) -> T:
    """What `work` returns, done in one transaction; again from the start if the connection was lost in it.

    `work` must bear being done twice: the answer to a commit may be what was lost.
    """
    for pause in PAUSES:
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            if not _is_lost(engine, error):
                raise
            engine.dispose()
            time.sleep(pause)
    with engine.begin() as connection:
        return work(connection)


def _is_lost(engine: Engine, error: DBAPIError) -> bool:
    # SQLite has no server; what is locked or full there is waited for, or not, by SQLite itself.
    return engine.dialect.name != "sqlite" and (error.connection_invalidated or isinstance(error, OperationalError))
