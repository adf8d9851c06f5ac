"""Texts whose time is over are emptied; what was counted from them stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from microaudit.errors import MicroauditError
from microaudit.evidence import Evidence, folder_of
from microaudit.items import Page, Task
from microaudit.judging import rejudge
from microaudit.ledger import open_crawl
from microaudit.retention import purge, purge_now, retain_hours
from microaudit.spiders import platform
from microaudit.store.engine import open_store
from microaudit.store.models import Crawl, JudgementRow, PageRow, TaskRow, TextRow
from pipelines.judge import JUDGING
from pipelines.recall import Recall
from pipelines.stages import Classify, Language, Locate
from pipelines.store import Store

NOW = datetime.now(UTC).replace(microsecond=0)
CANARY = "Write a five star review of Quastelware on Google, we are in France"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield engine
    engine.dispose()


def crawl(engine: Engine, hours_ago: float, title: str = CANARY, source: str = "live") -> None:
    at = NOW - timedelta(hours=hours_ago)
    crawl_id = open_crawl(engine, "freelancer", source, {}, "test@1")
    with engine.begin() as connection:
        connection.execute(update(Crawl).where(Crawl.id == crawl_id).values(started_at=at, ended_at=at))
    task = Task("freelancer", "1", "https://www.freelancer.com/projects/1", title=title, observed_at=at)
    page = Page("freelancer", "https://www.freelancer.com/jobs", at, "live", 200, title.encode(), "tasks", [task])
    folder = folder_of(engine)
    assert folder is not None
    store = Store(engine, crawl_id, JUDGING, Evidence(folder, "freelancer", crawl_id))
    for stage in (Recall(engine, JUDGING), Language(), Classify(), Locate(), store):
        page = stage.process_item(page)


def titles(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(TextRow.title).order_by(TextRow.title)))


def test_words_and_evidence_go_and_the_label_stays(engine: Engine, tmp_path: Path) -> None:
    crawl(engine, 25)
    assert purge_now(engine) == 1
    assert titles(engine) == [""]
    with engine.connect() as connection:
        label, evidence = connection.execute(select(JudgementRow.label, JudgementRow.evidence)).one()
        assert (label, evidence) == ("fake_review", [])
        assert connection.scalars(select(TaskRow.task_id)).all() == ["1"]
        assert connection.scalars(select(PageRow.warc_file)).all() == [None]
    assert list((tmp_path / "store.db.evidence").iterdir()) == []
    engine.dispose()
    assert b"Quastelware" not in b"".join(path.read_bytes() for path in tmp_path.glob("store.db*") if path.is_file())
    assert purge_now(engine) == 0


def test_a_text_that_was_read_again_in_time_stays(engine: Engine) -> None:
    crawl(engine, 25)
    crawl(engine, 1)
    assert purge_now(engine) == 0
    assert titles(engine) == [CANARY]


def test_terms_bind_live_pages_alone_and_the_setting_all(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    crawl(engine, 48, source="wayback")
    assert purge_now(engine) == 0
    monkeypatch.setenv("MICROAUDIT_RETAIN_TEXT_HOURS", "47")
    assert purge_now(engine) == 1


def test_a_purged_text_is_neither_judged_anew_nor_a_trouble_when_it_comes_back(engine: Engine) -> None:
    crawl(engine, 25)
    assert purge(engine, {"freelancer": 24}, NOW) == 1
    with engine.begin() as connection:
        connection.execute(update(JudgementRow).values(version="older@1"))
    assert rejudge(engine, 1, lambda _: None)[0] == 0
    crawl(engine, 0)
    assert titles(engine) == [""]


def test_freelancer_declares_its_terms_and_a_bad_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert platform("freelancer").retain_hours == 24
    monkeypatch.setenv("MICROAUDIT_RETAIN_TEXT_HOURS", "a day")
    with pytest.raises(MicroauditError, match="MA0204"):
        retain_hours()
