"""Open the store: SQLite in WAL by default, PostgreSQL by URL. The schema is brought up to date on opening."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from microaudit.errors import MicroauditError
from microaudit.failures import known

MIGRATIONS = Path(__file__).parent / "migrations"


def open_store(url: str, *, create: bool = True) -> Engine:
    """The store behind a database URL, at the newest schema.

    `create=False` refuses (MA0208) where there is no store yet, so that reading never leaves an empty one.
    """
    parsed = _parse(url)
    if not create and not is_there(url):
        raise MicroauditError("MA0208", f"there is no store at {parsed.database}: crawl or import first")
    engine = _engine(parsed)
    try:
        if _revision(engine) != head():
            _upgrade(engine)
    except SQLAlchemyError as error:
        shown = parsed.render_as_string()
        raise known(error, shown) or MicroauditError("MA0208", f"{shown} cannot be used: {error}") from error
    return engine


def is_there(url: str) -> bool:
    """Whether there may be a store: False for a SQLite file that does not exist."""
    parsed = _parse(url)
    in_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return not in_file or Path(str(parsed.database)).is_file()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise MicroauditError("MA0208", f"{url!r} is not a database URL, such as sqlite:///microaudit.db") from None
    if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise MicroauditError("MA0208", f"{parsed.get_backend_name()} is not supported: SQLite and PostgreSQL are")
    return parsed


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (ImportError, NoSuchModuleError) as error:
        raise MicroauditError("MA0206", "PostgreSQL needs the extra: pip install 'microaudit[postgres]'") from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own implicit transactions do not cover DDL and SELECT; the engine begins them itself.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a committed page survives a power cut, not only a crash
        "foreign_keys = ON",
        "busy_timeout = 10000",
        "secure_delete = ON",  # what `forget` erases is overwritten, not only unlinked
    ):
        connection.execute(f"PRAGMA {pragma}")


@cache
def head() -> str:
    """The newest schema revision that this version of the program knows."""
    # Read from the file names, so that opening an up-to-date store need not load Alembic.
    return max(path.stem.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        if "alembic_version" in tables:
            return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        if tables:
            raise MicroauditError("MA0208", f"{engine.url.render_as_string()} is a database of another program")
        return None


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
