"""The frontier in the store: addresses found and stored by a crawl, written with the pages they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from microaudit.items import Page
from microaudit.store.models import FrontierRow

FRONTIER: Table = FrontierRow.__table__  # type: ignore[assignment]


def insert(connection: Connection, table: Table) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


def mark_done(connection: Connection, page: Page, crawl_id: int) -> bool:
    """Note that a page is stored, and what it led to. False: this crawl has stored it before."""
    if not _done(connection, crawl_id, page.mark):
        return False
    if page.asked and page.asked != page.url:  # where a redirect led is stored as well
        _done(connection, crawl_id, page.url)
    add_waiting(connection, crawl_id, page.found)
    return True


def _done(connection: Connection, crawl_id: int, url: str) -> bool:
    row = {"crawl_id": crawl_id, "url": url, "state": "done", "found_at": datetime.now(UTC)}
    statement = insert(connection, FRONTIER).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["crawl_id", "url"], set_={"state": "done"}, where=FRONTIER.c.state == "waiting"
    )
    return connection.execute(statement.returning(FRONTIER.c.id)).first() is not None


def add_waiting(connection: Connection, crawl_id: int, urls: Iterable[str]) -> None:
    """Note addresses that were found; one that the crawl knows already stays as it is."""
    now = datetime.now(UTC)
    rows = [{"crawl_id": crawl_id, "url": url, "state": "waiting", "found_at": now} for url in urls]
    if rows:
        connection.execute(insert(connection, FRONTIER).on_conflict_do_nothing(), rows)


def next_waiting(connection: Connection, crawl_id: int, after: int) -> tuple[int, str] | None:
    """The first waiting address after row `after`, in the order found: its row and itself."""
    query = (
        select(FRONTIER.c.id, FRONTIER.c.url)
        .where(FRONTIER.c.crawl_id == crawl_id, FRONTIER.c.state == "waiting", FRONTIER.c.id > after)
        .order_by(FRONTIER.c.id)
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else (row.id, row.url)


def leads_to_stored(connection: Connection, crawl_id: int, asked: str, url: str) -> bool:
    """Whether the address that `asked` redirects to is stored; then `asked` is done as well."""
    query = select(FRONTIER.c.state).where(FRONTIER.c.crawl_id == crawl_id, FRONTIER.c.url == url)
    if connection.scalar(query) != "done":
        return False
    _done(connection, crawl_id, asked)
    return True


def done_marks(connection: Connection, crawl_id: int) -> set[str]:
    """The marks of all pages that the crawl has stored."""
    query = select(FRONTIER.c.url).where(FRONTIER.c.crawl_id == crawl_id, FRONTIER.c.state == "done")
    return set(connection.scalars(query))


def clear(connection: Connection, crawl_ids: Iterable[int]) -> None:
    """Drop the frontier of crawls that will not be resumed."""
    connection.execute(delete(FRONTIER).where(FRONTIER.c.crawl_id.in_(list(crawl_ids))))
