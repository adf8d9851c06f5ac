"""The folder of a report: what is in it, that its parts agree, and that faults leave the old one whole."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from report_market import START, VERSION, market
from sqlalchemy import Engine, create_engine, delete, insert, select

from microaudit.errors import MicroauditError
from microaudit.store.models import Base, Coding, JudgementRow, TaskRow
from reports import build_report, verify
from reports.fields import FLOWS, PLATFORMS, TASKS

DATA = ("json", "csv", "jsonl", "datapackage")


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def store() -> Engine:
    return market(200)


@pytest.fixture(scope="module")
def bundle(store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("report") / "audit"
    build_report(store, to, formats=DATA)
    return to


def test_the_columns_are_those_of_the_contract(bundle: Path) -> None:
    head = (bundle / "platforms.csv").read_text(encoding="utf-8").splitlines()[0]
    assert head == (
        "platform,n_tasks,n_codable,n_illicit,share,share_low,share_high,share_corrected,corrected_low,corrected_high,"
        "n_fake_profile,n_fake_review,n_fake_link,n_legitimate,n_uncodable,first_seen,last_seen"
    )
    assert (bundle / "flows.csv").read_text(encoding="utf-8").splitlines()[0] == "buyer_country,worker_country,n"
    for name, fields in (("platforms", PLATFORMS), ("tasks", TASKS), ("flows", FLOWS)):
        assert list(read_csv(bundle / f"{name}.csv")[0]) == [field.name for field in fields]


def test_a_share_counts_labelled_tasks_of_buyers_only(bundle: Path) -> None:
    rows = {row["platform"]: row for row in read_csv(bundle / "platforms.csv")}
    tasks = read_jsonl(bundle / "tasks.jsonl")
    assert set(rows) == {"kwork", "microworkers", "sproutgigs", "upwork"}
    for name, row in rows.items():
        own = [task for task in tasks if task["platform"] == name and task["kind"] == "task"]
        labelled = [task for task in own if task["label"]]
        illicit = [task for task in labelled if task["label"] != "legitimate"]
        assert int(row["n_tasks"]) == len(own)
        assert int(row["n_codable"]) == len(labelled) == len(own) - int(row["n_uncodable"])
        assert (
            int(row["n_illicit"])
            == len(illicit)
            == sum(int(row[f"n_fake_{kind}"]) for kind in ("profile", "review", "link"))
        )
        assert float(row["share"]) == pytest.approx(len(illicit) / len(labelled), abs=1e-6)
        assert float(row["share_low"]) < float(row["share"]) < float(row["share_high"])
        assert row["share_corrected"] == ""
        assert row["first_seen"] == min(task["first_seen"] for task in own)
        assert row["last_seen"] == max(task["observed_at"] for task in own)
    assert any(task["kind"] == "offer" for task in tasks)
    assert any(task["codable"] and not task["label"] for task in tasks)  # abstentions are there, and not legitimate


def test_the_flows_are_the_pairs_of_the_tasks(store: Engine, tmp_path: Path) -> None:
    build_report(store, tmp_path / "all", formats=DATA, min_cell=0)
    pairs: dict[tuple[str, str], int] = {}
    for task in read_jsonl(tmp_path / "all" / "tasks.jsonl"):
        if task["kind"] == "task":
            buyers = {place["country"] for place in task["buyer_countries"]} or {"unknown"}
            empty = "international" if task["worker_scope"] == "international" else "unknown"
            workers = {place["country"] for place in task["worker_countries"]} or {empty}
            for pair in ((buyer, worker) for buyer in buyers for worker in workers):
                pairs[pair] = pairs.get(pair, 0) + 1
    rows = read_csv(tmp_path / "all" / "flows.csv")
    assert {(row["buyer_country"], row["worker_country"]): int(row["n"]) for row in rows} == pairs


def test_no_small_flow_is_printed_and_none_is_lost(bundle: Path, store: Engine, tmp_path: Path) -> None:
    build_report(store, tmp_path / "all", formats=DATA, min_cell=0)
    shown = read_csv(bundle / "flows.csv")
    assert all(int(row["n"]) >= 10 for row in shown)
    assert sum(int(row["n"]) for row in shown) == sum(
        int(row["n"]) for row in read_csv(tmp_path / "all" / "flows.csv")
    )
    assert shown[-1]["buyer_country"] == shown[-1]["worker_country"] == "other"


def test_buyers_are_published_only_if_asked_for(bundle: Path, store: Engine, tmp_path: Path) -> None:
    everything = b"".join(file.read_bytes() for file in bundle.iterdir())
    with store.connect() as connection:
        buyers = [buyer for buyer in connection.scalars(select(TaskRow.buyer).distinct()) if buyer]
    assert buyers and not any(buyer.encode() in everything for buyer in buyers)
    build_report(store, tmp_path / "asked", formats=DATA, with_buyer=True)
    rows = read_csv(tmp_path / "asked" / "tasks.csv")
    assert {row["buyer"] for row in rows} - {""} == set(buyers)
    assert list(rows[0]).index("buyer") == list(rows[0]).index("buyer_country_text") - 1


def test_the_manifest_seals_every_file(bundle: Path) -> None:
    entries = {entry["path"]: entry for entry in json.loads((bundle / "manifest.json").read_text())["files"]}
    assert set(entries) == {file.name for file in bundle.iterdir()} - {"manifest.json"}
    for name, entry in entries.items():
        content = (bundle / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert entry["bytes"] == len(content)
    assert entries["tasks.csv"]["rows"] == entries["tasks.jsonl"]["rows"] == len(read_csv(bundle / "tasks.csv"))


def test_the_data_package_validates(bundle: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    result = frictionless.validate(str(bundle / "datapackage.json"))
    assert result.valid, result.flatten(["type", "message"])


def test_the_same_store_gives_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    build_report(market(200), tmp_path / "again", formats=DATA)
    for file in bundle.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes(), file.name


def test_every_number_has_an_id_of_its_own(bundle: Path) -> None:
    report = json.loads((bundle / "report.json").read_text(encoding="utf-8"))
    ids = [figure["id"] for figure in report["figures"]]
    assert len(ids) == len(set(ids))
    figures = {figure["id"]: figure for figure in report["figures"]}
    for row in report["platforms"]:
        figure = figures[f"{row['platform']}/share"]
        assert (figure["numerator"], figure["n"]) == (row["n_illicit"], row["n_codable"])
        assert (figure["value"], figure["low"], figure["high"]) == (row["share"], row["share_low"], row["share_high"])
    assert "the tool’s count, not an estimate" in " ".join(report["notices"])
    assert report["sample"] is False


def test_the_rows_that_a_figure_names_give_its_value(bundle: Path) -> None:
    """`where` is the way from a number to its rows: following it must lead to the number."""
    report = json.loads((bundle / "report.json").read_text(encoding="utf-8"))
    tasks = read_jsonl(bundle / "tasks.jsonl")

    def chosen(task: dict[str, Any], where: dict[str, Any]) -> bool:
        for key, wanted in where.items():
            values = task[key]
            if key.endswith("_countries"):
                values = [place["country"] for place in values if place["relation"] != "excluded"]
                if wanted not in values:
                    return False
            elif values not in (wanted if isinstance(wanted, list) else [wanted]):
                return False
        return True

    special = {"unknown", "other", "international"}
    checked = 0
    for figure in report["figures"]:
        where = figure["where"]
        if where and figure["value"] is not None and not special & {str(value) for value in where.values()}:
            expected = figure["numerator"] if figure["unit"] == "share" else figure["value"]
            assert sum(chosen(task, where) for task in tasks) == expected, figure["id"]
            checked += 1
    assert checked > 60


def test_the_sample_pages_never_pass_for_data(tmp_path: Path) -> None:
    summary = build_report(market(60, sample=True), tmp_path / "sample", formats=(*DATA, "html"))
    html = (tmp_path / "sample" / "report.html").read_text(encoding="utf-8")
    report = json.loads((tmp_path / "sample" / "report.json").read_text(encoding="utf-8"))
    assert summary.sample and report["sample"] is True
    assert report["title"].startswith("SAMPLE, NOT DATA")
    assert "say nothing about any platform" in report["notices"][0]
    assert "<title>SAMPLE, NOT DATA" in html
    assert html.index("SAMPLE, NOT DATA</strong>") < html.index("<h1>")


def test_human_codes_turn_the_count_into_an_estimate(tmp_path: Path) -> None:
    engine = market(300, shares={"sproutgigs": 0.6})
    with engine.begin() as connection:
        rows = connection.execute(
            select(TaskRow.task_id, TaskRow.text_hash, JudgementRow.label)
            .join(JudgementRow, JudgementRow.text_hash == TaskRow.text_hash)
            .where(JudgementRow.label.is_not(None), TaskRow.kind == "task")
            .order_by(TaskRow.task_id)
            .limit(120)
        ).all()
        # The human disagrees with every tenth verdict.
        flip = {True: "legitimate", False: "fake_link"}
        codes = [
            {"platform": "sproutgigs", "task_id": task, "text_hash": text, "sample": "s", "weight": 2.0, "coder": "a",
             "codable": True, "label": label if number % 10 else flip[label != "legitimate"], "imported_at": START}
            for number, (task, text, label) in enumerate(rows)
        ]  # fmt: skip
        connection.execute(insert(Coding), codes)
    build_report(engine, tmp_path / "audit", formats=DATA)
    (row,) = read_csv(tmp_path / "audit" / "platforms.csv")
    low, high = float(row["corrected_low"]), float(row["corrected_high"])
    assert low < float(row["share_corrected"]) < high
    assert (
        high - low > float(row["share_high"]) - float(row["share_low"]) - 0.02
    )  # it carries the classifier's error too
    notices = json.loads((tmp_path / "audit" / "report.json").read_text())["notices"]
    assert not any("not an estimate" in notice for notice in notices)
    assert verify(tmp_path / "audit") == []


def test_the_newest_judgement_of_each_text_counts(tmp_path: Path) -> None:
    engine = market(100, shares={"upwork": 0.5})
    with engine.begin() as connection:
        table = JudgementRow.__table__
        rows = (
            connection.execute(select(*table.columns).where(table.c.label == "legitimate").limit(5)).mappings().all()
        )
        connection.execute(
            insert(JudgementRow),
            [{**row, "version": "test@2+geo@1", "label": "fake_link", "subtype": "L1", "tier": "core",
              "judged_at": START + timedelta(days=9)} for row in rows],
        )  # fmt: skip
    build_report(engine, tmp_path / "new", formats=DATA)
    build_report(engine, tmp_path / "old", formats=DATA, version=VERSION)
    (new,), (old,) = (read_csv(tmp_path / name / "platforms.csv") for name in ("new", "old"))
    assert int(new["n_illicit"]) == int(old["n_illicit"]) + 5
    assert new["n_codable"] == old["n_codable"]
    notices = json.loads((tmp_path / "new" / "report.json").read_text())["notices"]
    assert any("reclassify" in notice for notice in notices)


def test_only_the_platforms_asked_for(store: Engine, tmp_path: Path) -> None:
    summary = build_report(store, tmp_path / "one", platforms=["upwork"], formats=DATA)
    assert [row["platform"] for row in summary.platforms] == ["upwork"]
    assert {task["platform"] for task in read_jsonl(tmp_path / "one" / "tasks.jsonl")} == {"upwork"}


def test_nothing_stored_is_said_not_reported(tmp_path: Path) -> None:
    empty = create_engine("sqlite://")
    Base.metadata.create_all(empty)
    with pytest.raises(MicroauditError) as error:
        build_report(empty, tmp_path / "none", formats=DATA)
    assert error.value.code == "MA0301"
    with pytest.raises(MicroauditError) as error:
        build_report(market(30), tmp_path / "none", platforms=["guru"], formats=DATA)
    assert error.value.code == "MA0301" and "guru" in error.value.message
    with pytest.raises(MicroauditError) as error:
        build_report(market(30), tmp_path / "none", formats=["docx"])
    assert error.value.code == "MA0204"
    assert not (tmp_path / "none").exists() and list(tmp_path.iterdir()) == []


def test_a_platform_without_tasks_is_reported_as_that(tmp_path: Path) -> None:
    engine = market(40, shares={"upwork": 0.5, "sproutgigs": 0.5})
    with engine.begin() as connection:
        connection.execute(delete(TaskRow).where(TaskRow.platform == "upwork"))
    build_report(engine, tmp_path / "audit", formats=(*DATA, "html"))
    rows = {row["platform"]: row for row in read_csv(tmp_path / "audit" / "platforms.csv")}
    assert rows["upwork"]["n_tasks"] == "0" and rows["upwork"]["share"] == ""
    assert "No task of Upwork is in the store." in (tmp_path / "audit" / "report.html").read_text(encoding="utf-8")


def test_a_report_without_any_label_is_still_a_report(tmp_path: Path) -> None:
    engine = market(40, shares={"upwork": 0.5})
    with engine.begin() as connection:
        connection.execute(delete(JudgementRow))
    build_report(engine, tmp_path / "audit", formats=(*DATA, "html"))
    (row,) = read_csv(tmp_path / "audit" / "platforms.csv")
    assert row["n_codable"] == "0" and row["share"] == "" and row["n_uncodable"] == row["n_tasks"]
    assert verify(tmp_path / "audit") == []


def test_zero_percent_is_reported_with_the_same_ease(tmp_path: Path) -> None:
    build_report(market(120, shares={"upwork": 0.0}), tmp_path / "audit", formats=(*DATA, "html"))
    (row,) = read_csv(tmp_path / "audit" / "platforms.csv")
    assert float(row["share"]) == float(row["share_low"]) == 0 and 0 < float(row["share_high"]) < 0.1
    assert "0\u00a0%" in (tmp_path / "audit" / "report.html").read_text(encoding="utf-8")


def test_a_failed_run_leaves_the_old_report(
    bundle: Path, store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "audit"
    build_report(store, to, formats=DATA)
    before = {file.name: file.read_bytes() for file in to.iterdir()}
    full = OSError(28, "No space left on device")

    def fail(*args: object, **kwargs: object) -> None:
        raise full

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(MicroauditError) as error:
        build_report(market(50, seed=2), to, formats=DATA)
    assert error.value.code == "MA1001" and "disk is full" in error.value.message
    assert {file.name: file.read_bytes() for file in to.iterdir()} == before
    assert list(tmp_path.iterdir()) == [to]


def test_verify_names_what_was_changed(store: Engine, tmp_path: Path) -> None:
    to = tmp_path / "audit"
    build_report(store, to, formats=DATA)
    assert verify(to) == []
    content = (to / "platforms.csv").read_bytes()
    (row,) = [row for row in read_csv(to / "platforms.csv") if row["platform"] == "upwork"]
    (to / "platforms.csv").write_bytes(content.replace(f",{row['n_illicit']},".encode(), b",9999,"))
    found = verify(to)
    assert any(line.startswith("platforms.csv: its SHA-256") for line in found)
    assert any("n_illicit" in line and "9999" in line for line in found)


def test_verify_finds_a_changed_label_a_lost_row_and_a_changed_figure(store: Engine, tmp_path: Path) -> None:
    to = tmp_path / "audit"
    build_report(store, to, formats=DATA)
    lines = (to / "tasks.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (to / "tasks.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    assert any(line.startswith("tasks.jsonl:") and "rows" in line for line in verify(to))
    at = next(number for number, line in enumerate(lines) if '"label":"fake_link"' in line and '"kind":"task"' in line)
    changed = json.loads(lines[at]) | {"label": "legitimate", "subtype": "G1", "tier": None}
    (to / "tasks.jsonl").write_text(
        "".join([*lines[:at], json.dumps(changed) + "\n", *lines[at + 1 :]]), encoding="utf-8"
    )
    assert any("/share" in line for line in verify(to))
    report = json.loads((to / "report.json").read_text(encoding="utf-8"))
    (to / "tasks.jsonl").write_text("".join(lines), encoding="utf-8")
    report["figures"][3]["value"] = 12345
    (to / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert any(report["figures"][3]["id"] in line and "12345" in line for line in verify(to))


def test_verify_needs_a_whole_bundle(tmp_path: Path) -> None:
    with pytest.raises(MicroauditError) as error:
        verify(tmp_path)
    assert error.value.code == "MA0202"


def test_a_torn_file_is_refused_by_name(store: Engine, tmp_path: Path) -> None:
    build_report(store, tmp_path / "audit", formats=DATA)
    file = tmp_path / "audit" / "tasks.jsonl"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(MicroauditError) as error:
        verify(tmp_path / "audit")
    assert error.value.code == "MA0203"


def test_an_old_pdf_does_not_outlive_its_report(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where WeasyPrint cannot be imported there is a note, no failure and no PDF of other numbers."""
    import sys

    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "report.pdf").write_bytes(b"%PDF old")
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    summary = build_report(store, tmp_path / "audit", formats=("html", "pdf", "json"))
    assert any("WeasyPrint" in note for note in summary.notes)
    assert not (tmp_path / "audit" / "report.pdf").exists()


def test_the_order_of_the_platforms_changes_nothing(store: Engine, tmp_path: Path) -> None:
    build_report(store, tmp_path / "a", formats=DATA, platforms=["upwork", "kwork"])
    build_report(store, tmp_path / "b", formats=DATA, platforms=["kwork", "upwork", "kwork"])
    assert (tmp_path / "a" / "report.json").read_bytes() == (tmp_path / "b" / "report.json").read_bytes()
