"""From a number to its rows, and from a row to its words and its page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from report_market import START, VERSION, market
from sqlalchemy import Engine, insert, select

from microaudit.errors import MicroauditError
from microaudit.store.models import Crawl, PageRow, Sighting, TaskRow
from reports import build_report, why


@pytest.fixture(scope="module")
def store() -> Engine:
    engine = market(100)
    with engine.begin() as connection:
        crawl = connection.scalar(select(Crawl.id).where(Crawl.platform == "upwork"))
        task = connection.execute(
            select(TaskRow).where(TaskRow.platform == "upwork", TaskRow.task_id == "0000005")
        ).one()
        page = {
            "id": 1,
            "crawl_id": crawl,
            "url": "https://upwork.example/list",
            "observed_at": START,
            "status": 200,
            "outcome": "tasks",
            "sha256": "ab" * 32,
            "n_bytes": 10,
            "warc_file": "u.warc.gz",
            "warc_offset": 77,
        }
        connection.execute(insert(PageRow), page)
        sighting = {"page_id": 1, "task_id": task.id, "text_hash": task.text_hash, "observed_at": START}
        connection.execute(insert(Sighting), sighting)
    return engine


def test_a_task_leads_to_its_words_and_its_hashed_page(store: Engine) -> None:
    found = why(store, "upwork:0000005")
    task = found["task"]
    assert (task["platform"], task["id"]) == ("upwork", "0000005")
    words = task["evidence"][0]
    assert task[words["field"]][words["start"] : words["end"]] == words["text"]
    assert [judged["version"] for judged in found["judgements"]] == [VERSION]
    (page,) = found["pages"]
    assert (page["sha256"], page["warc_file"], page["warc_offset"]) == ("ab" * 32, "u.warc.gz", 77)
    json.dumps(found)


def test_a_figure_leads_to_as_many_rows_as_it_counts(store: Engine, tmp_path: Path) -> None:
    build_report(store, tmp_path / "audit", formats=("json",))
    report = json.loads((tmp_path / "audit" / "report.json").read_text(encoding="utf-8"))
    for id in ("upwork/share", "sproutgigs/label/fake_link", "kwork/tasks", "buyers/US", "scope/unknown"):
        (stated,) = (figure for figure in report["figures"] if figure["id"] == id)
        found = why(store, f"{id}@{report['id']}")
        assert found["figure"] == stated
        assert found["n_rows"] == (stated["numerator"] if stated["unit"] == "share" else stated["value"])
        assert len(found["tasks"]) == min(20, found["n_rows"])
        assert found["id"] == f"{id}@{report['id']}"


@pytest.mark.parametrize("id", ["upwork/nothing", "upwork:no-such-task", "", "x"])
def test_an_unknown_id_is_refused(store: Engine, id: str) -> None:
    with pytest.raises(MicroauditError) as error:
        why(store, id)
    assert error.value.code == "MA0204"
