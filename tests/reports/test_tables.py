"""Hostile texts through every format: none becomes a formula, and none is altered where it need not be."""

from __future__ import annotations

import csv
import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.fields import TASKS, Field
from reports.tables import RISKY, XLSX_CELL, CsvTable, JsonlTable, ParquetTable, XlsxTable, inert, restore, workbook

FIELDS = [Field("text", "string", ""), Field("n", "integer", ""), Field("pay", "decimal", "")]
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "'=1",
    '=HYPERLINK("http://x.example")',
    "=cmd|' /C calc'!A0",
    "\0=1",
    "''",
    "'",
    "{=1}",
    "%0A=1",
    "a\r\nb",
    'a"b',
    "a,b",
    "x;=1",
    "\ufeff=1",
]


def hostile(n: int) -> list[str]:
    """`n` texts that try to run, to break out of a cell or to vanish."""
    dice = random.Random(5)
    parts = [
        *FORMULAS,
        "<script>alert(1)</script>",
        "_x0041_",
        "\x1f",
        "\u202e",
        "🙂",
        "\ud7ff",
        "\uffff",
        " ",
        "ключ",
        "值",
        "a",
    ]
    return ["".join(dice.choices(parts, k=dice.randrange(1, 5))) for _ in range(n)]


TEXTS = hostile(10_000)


def rows(texts: list[str]) -> list[dict[str, Any]]:
    return [{"text": text, "n": -number, "pay": "-0.10"} for number, text in enumerate(texts)]


def written(kind: Any, path: Path, texts: list[str]) -> Path:
    with kind(path, FIELDS) as table:
        for row in rows(texts):
            table.write(row)
    assert table.rows == len(texts)
    return path


def test_no_csv_cell_begins_like_a_formula_and_all_can_be_restored(tmp_path: Path) -> None:
    path = written(CsvTable, tmp_path / "t.csv", TEXTS)
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [restore(row["text"]) for row in found] == TEXTS
    assert not any(row["text"][0] in "=+-@\t\r\n\0＝＋－＠" for row in found)
    assert found[7]["n"] == "-7" and found[7]["pay"] == "-0.10"  # numbers stay numbers


def test_json_lines_and_parquet_carry_the_text_unchanged(tmp_path: Path) -> None:
    lines = written(JsonlTable, tmp_path / "t.jsonl", TEXTS).read_bytes().decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == rows(TEXTS)
    parquet = pytest.importorskip("pyarrow.parquet")
    assert parquet.read_table(written(ParquetTable, tmp_path / "t.parquet", TEXTS)).to_pylist() == rows(TEXTS)


def xlsx(path: Path, texts: list[str], fields: list[Field] = FIELDS) -> Path:
    with workbook(path, "2026-01-05T09:00:00Z") as book, XlsxTable(book, path, "tasks", fields) as table:
        for row in rows(texts):
            table.write(row)
    return path


def test_a_workbook_holds_no_formula_and_no_link(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", TEXTS)
    with zipfile.ZipFile(path) as book:
        sheets = {name: book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")}
    assert sheets and not any(b"<f>" in content or b"hyperlink" in content for content in sheets.values())
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(path, read_only=False)["tasks"]
    assert sheet.freeze_panes == "B2"
    assert [cell.value for cell in sheet[1]] == ["text", "n", "pay"]
    assert all(row[0].data_type in ("s", "inlineStr", "n") for row in sheet.iter_rows(min_row=2))
    plain = [
        number for number, text in enumerate(TEXTS) if text.isprintable() and "_x" not in text and text.strip() == text
    ]
    assert len(plain) > 1000
    assert [sheet.cell(number + 2, 1).value for number in plain] == [TEXTS[number] for number in plain]
    assert sheet.cell(9, 2).value == -7 and sheet.cell(9, 3).value == -0.1


def test_a_text_too_long_for_excel_is_cut_and_says_so(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = xlsx(tmp_path / "t.xlsx", ["a" * (XLSX_CELL + 1), "🙂" * XLSX_CELL, "b" * XLSX_CELL])
    cells = [row[0] for row in openpyxl.load_workbook(path)["tasks"].iter_rows(min_row=2, values_only=True)]
    assert all(cell.endswith("the whole text is in tasks.jsonl]") for cell in cells[:2])
    assert all(len(cell.encode("utf-16-le")) // 2 <= XLSX_CELL for cell in cells)
    assert cells[2] == "b" * XLSX_CELL


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    for number, kind in enumerate((CsvTable, JsonlTable, ParquetTable)):
        first, second = (written(kind, tmp_path / f"{number}{name}", TEXTS[:50]) for name in "ab")
        assert first.read_bytes() == second.read_bytes()
    assert xlsx(tmp_path / "a.xlsx", TEXTS[:50]).read_bytes() == xlsx(tmp_path / "b.xlsx", TEXTS[:50]).read_bytes()


@settings(deadline=None)
@given(st.text())
def test_the_apostrophe_rule_is_reversible_for_any_text(text: str) -> None:
    assert restore(inert(text)) == text
    assert inert(text)[:1] == "'" or not inert(text) or inert(text)[0] not in RISKY


def test_unknown_flag_and_list_cells_have_one_form(tmp_path: Path) -> None:
    fields = [Field("flag", "boolean", ""), Field("list", "array", ""), Field("when", "datetime", "")]
    with CsvTable(tmp_path / "t.csv", fields) as table:
        table.write({"flag": True, "list": ["=a"], "when": "2026-01-05T09:00:00Z"})
        table.write({"flag": None, "list": [], "when": None})
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines() == [
        "flag,list,when",
        'true,"[""=a""]",2026-01-05T09:00:00Z',
        ",[],",
    ]


def test_every_column_is_described_once() -> None:
    names = [field.name for field in TASKS]
    assert len(names) == len(set(names))
    assert all(field.description.endswith((".", "1")) for field in TASKS)
