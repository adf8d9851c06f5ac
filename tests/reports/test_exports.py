"""The same rows in every format, and one platform's page."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from report_market import market
from sqlalchemy import Engine

from microaudit.errors import MicroauditError
from reports import export

ALL = ("csv", "xlsx", "jsonl", "parquet", "datapackage")


@pytest.fixture(scope="module")
def store() -> Engine:
    return market(120)


@pytest.fixture(scope="module")
def folder(store: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("export") / "out"
    export(store, to, ALL)
    return to


def jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("table", ["platforms", "tasks", "flows"])
def test_all_formats_hold_the_same_rows(folder: Path, table: str) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    openpyxl = pytest.importorskip("openpyxl")
    lines = jsonl(folder / f"{table}.jsonl")
    from_parquet = parquet.read_table(folder / f"{table}.parquet").to_pylist()
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        from_csv = list(csv.DictReader(file))
    sheet = list(openpyxl.load_workbook(folder / "microaudit.xlsx")[table].iter_rows(values_only=True))
    columns = list(lines[0])
    assert list(from_parquet[0]) == list(from_csv[0]) == list(sheet[0]) == columns
    assert len(lines) == len(from_parquet) == len(from_csv) == len(sheet) - 1
    for line, arrow, cells, excel in zip(lines, from_parquet, from_csv, sheet[1:], strict=True):
        for column, cell in zip(columns, excel, strict=True):
            value = line[column]
            text = (
                json.dumps(value, ensure_ascii=False, separators=(",", ":"))
                if isinstance(value, list | bool)
                else str(value)
            )
            assert cells[column] == ("" if value is None else text)
            if hasattr(arrow[column], "isoformat"):
                assert arrow[column].isoformat().replace("+00:00", "Z") == value
                assert cell is not None and cell.isoformat() + "Z" == value
            else:
                assert arrow[column] == value
                if isinstance(value, int | float) and not isinstance(value, bool):
                    assert cell == pytest.approx(value)
                if column == "reward" and value:
                    assert cell == pytest.approx(float(value))


def test_the_package_of_an_export_validates(folder: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    result = frictionless.validate(str(folder / "datapackage.json"))
    assert result.valid, result.flatten(["type", "message"])


def test_a_second_export_keeps_what_still_holds_in_the_manifest(store: Engine, tmp_path: Path) -> None:
    export(store, tmp_path / "out", ["jsonl"])
    export(store, tmp_path / "out", ["csv"])
    (tmp_path / "out" / "flows.jsonl").write_text("{}\n")
    export(store, tmp_path / "out", ["csv"])
    names = {entry["path"] for entry in json.loads((tmp_path / "out" / "manifest.json").read_text())["files"]}
    assert names == {"platforms.csv", "tasks.csv", "flows.csv", "platforms.jsonl", "tasks.jsonl"}


def test_one_platform_gives_a_page_a_chart_quotes_and_its_data(store: Engine, tmp_path: Path) -> None:
    export(store, tmp_path / "out", ["csv"], "microworkers")
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {
        "microworkers.html", "microworkers-chart.svg", "microworkers-chart.png", "microworkers-quotes.json",
        "platforms.csv", "tasks.csv", "flows.csv", "manifest.json",
    } <= names  # fmt: skip
    assert (tmp_path / "out" / "microworkers-chart.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "out" / "platforms.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["platform"] == "microworkers"
    quotes = json.loads((tmp_path / "out" / "microworkers-quotes.json").read_text(encoding="utf-8"))
    first = quotes[0]
    assert f"{row['n_illicit']} of {row['n_codable']} tasks" in first["sentence"]
    assert "5 January 2026" in first["sentence"] and "95 % interval" in first["sentence"]
    assert "the tool’s count, not an estimate" in first["sentence"]
    assert first["id"].startswith("microworkers/share@")
    assert all(quote["n"] and quote["first_seen"] for quote in quotes)


def test_examples_show_no_live_link_no_handle_and_no_number(tmp_path: Path) -> None:
    from sqlalchemy import update

    from microaudit.store.models import TextRow

    engine = market(60, shares={"upwork": 1.0})
    title = "Ask @jane.doe or jane@mail.example, +44 20 7946 0123, at https://evil.example/x or evil.com/y"
    with engine.begin() as connection:
        connection.execute(update(TextRow).values(title=title))
    export(engine, tmp_path / "out", ["csv"], "upwork")
    html = (tmp_path / "out" / "upwork.html").read_text(encoding="utf-8")
    assert "Ask [handle] or [e-mail], [number], at [link] or [link]" in html
    assert not any(secret in html for secret in ("jane", "7946", "evil."))


def test_formats_that_do_not_exist_and_packages_that_are_missing(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MicroauditError) as error:
        export(store, tmp_path / "out", ["ods"])
    assert error.value.code == "MA0204"
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MicroauditError) as error:
        export(store, tmp_path / "out", ["parquet"])
    assert error.value.code == "MA0206"
    assert not (tmp_path / "out").exists()
