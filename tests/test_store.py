"""The store: migrations, whole pages, repeated captures, errors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, func, select, text

from microaudit.errors import MicroauditError
from microaudit.items import Geography, Judgement, Page, Place, Task
from microaudit.ledger import open_crawl
from microaudit.store.engine import head, open_store
from microaudit.store.models import Base, JudgementRow, PageRow, PlaceRow, Sighting, TaskRow, TextRow
from microaudit.store.writer import stored_tasks, write_page
from pipelines.recall import Recall, merge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
VERSION = "test@1"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield engine
    engine.dispose()


def a_task(number: str = "1", **values: object) -> Task:
    return Task(platform="kwork", id=number, title=f"Title {number}", observed_at=NOON, **values)  # type: ignore[arg-type]


def a_page(tasks: list[Task], at: datetime = NOON, url: str = "https://kwork.ru/projects") -> Page:
    for task in tasks:
        task.observed_at = at
    body = f"{url} {at} {[task.title for task in tasks]}".encode()
    return Page("kwork", url, at, "file", 200, body, "tasks" if tasks else "no_tasks", tasks)


def store(engine: Engine, page: Page) -> None:
    page = Recall(engine, VERSION).process_item(page)
    page.judgements = [
        Judgement("fake_link", "L1", ("L2",), "core", True, None, 0.9, (), "test@1") for _ in page.fresh
    ]
    place = Place("FR", "located", "text", "title", "France")
    page.geographies = [Geography(buyer_countries=(place,)) for _ in page.fresh]
    write_page(engine, page, open_crawl(engine, "kwork", "file", {}, "test@1"), VERSION)


def count(engine: Engine, table: type[Base]) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def the_task(engine: Engine, number: str = "1") -> Task:
    with engine.connect() as connection:
        return stored_tasks(connection, "kwork", [number])[number]


def test_migrations_make_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == head()


def test_sqlite_keeps_what_is_committed(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_task_comes_back_as_it_went_in(engine: Engine) -> None:
    task = a_task(
        url="https://kwork.ru/projects/1",
        description="two\nlines",
        reward=Decimal("1000.10"),
        currency="RUB",
        reward_unit="project",
        positions_open=3,
        posted_at=NOON - timedelta(days=2),
        buyer="ab" * 16,
        worker_country_text="India, Nepal",
        source="file",
    )
    store(engine, a_page([task]))
    assert the_task(engine) == task


def test_the_same_capture_twice_is_one_page_and_one_sighting(engine: Engine) -> None:
    for _ in range(2):
        store(engine, a_page([a_task("1"), a_task("2")]))
    assert (count(engine, PageRow), count(engine, Sighting), count(engine, TaskRow)) == (1, 2, 2)


def test_captures_in_any_order_give_first_and_last_seen(engine: Engine) -> None:
    for day in (5, 1, 9):
        store(engine, a_page([a_task()], NOON + timedelta(days=day)))
    with engine.connect() as connection:
        row = connection.execute(select(TaskRow.first_seen, TaskRow.last_seen, TaskRow.sightings)).one()
    assert tuple(row) == (NOON + timedelta(days=1), NOON + timedelta(days=9), 3)


@pytest.mark.parametrize("detail_first", [True, False])
def test_a_list_and_a_detail_page_make_one_task(engine: Engine, detail_first: bool) -> None:
    listed = a_page([a_task(worker_country_text="India", positions_open=4)], url="https://kwork.ru/projects")
    detail = a_page([a_task(description="All the words.")], NOON + timedelta(minutes=1), "https://kwork.ru/projects/1")
    for page in (detail, listed) if detail_first else (listed, detail):
        store(engine, page)
    found = the_task(engine)
    assert (found.description, found.worker_country_text, found.positions_open) == ("All the words.", "India", 4)
    assert count(engine, TaskRow) == 1


def test_a_text_is_judged_once_however_often_it_is_seen(engine: Engine) -> None:
    for day in range(3):
        store(engine, a_page([a_task()], NOON + timedelta(days=day)))
    assert (count(engine, TextRow), count(engine, JudgementRow), count(engine, PlaceRow)) == (1, 1, 1)


def test_a_page_that_fails_leaves_nothing(engine: Engine) -> None:
    page = Recall(engine, VERSION).process_item(a_page([a_task("1"), a_task("2")]))
    page.judgements, page.geographies = [], []  # one short: the writer must refuse
    with pytest.raises(ValueError, match="shorter"):
        write_page(engine, page, open_crawl(engine, "kwork", "file", {}, "test@1"), VERSION)
    assert (count(engine, PageRow), count(engine, TextRow), count(engine, TaskRow)) == (0, 0, 0)


def test_a_shorter_newer_text_is_taken_for_an_excerpt_only_below_half() -> None:
    old = a_task(description="x" * 100)
    edited = merge(a_task(description="y" * 60), old)
    excerpt = merge(a_task(description="y" * 40), old)
    assert (edited.description[0], excerpt.description[0]) == ("y", "x")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nonsense", "MA0208"),
        ("mysql://localhost/x", "MA0208"),
        ("sqlite:////nowhere/at/all/store.db", "MA0208"),
    ],
)
def test_a_store_that_cannot_be_opened_has_a_code(url: str, code: str) -> None:
    with pytest.raises(MicroauditError) as error:
        open_store(url)
    assert error.value.code == code


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is not a database, and long enough to look at" * 10)
    with pytest.raises(MicroauditError, match="MA0208"):
        open_store(f"sqlite:///{tmp_path / 'text.db'}")
    import sqlite3

    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(MicroauditError, match="another program"):
        open_store(f"sqlite:///{tmp_path / 'other.db'}")


def test_reading_never_makes_an_empty_store(tmp_path: Path) -> None:
    with pytest.raises(MicroauditError, match="crawl or import first"):
        open_store(f"sqlite:///{tmp_path / 'none.db'}", create=False)
    assert not (tmp_path / "none.db").exists()
