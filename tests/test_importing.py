"""Listings that a researcher already has: CSV, JSON, JSON lines, Parquet, and what is wrong with them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome

Command = Callable[..., Outcome]
ROWS = [
    {"id": "a1", "title": "Like my page", "reward": "0.05", "currency": "USD", "buyer": "Jane Canary"},
    {"id": "a2", "title": "Fix a CSS bug", "description": "Menu, on phones", "reward": "25", "currency": "EUR"},
]  # fmt: skip


def rows_of(store: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(store) as connection:
        query = "SELECT task_id, reward, currency, kind, source FROM task ORDER BY task_id"
        return connection.execute(query).fetchall()


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    if path.suffix == ".json":
        path.write_text(json.dumps(rows))
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        names = list(dict.fromkeys(name for row in rows for name in row))
        lines = [";".join(names)] + [";".join(f'"{row.get(name, "")}"' for name in names) for row in rows]
        path.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    else:
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "parquet"])
def test_every_format_gives_the_same_tasks(microaudit: Command, tmp_path: Path, suffix: str) -> None:
    file = write(tmp_path / f"rows.{suffix}", ROWS)
    done = microaudit("--json", "import", file, "--platform", "my_site", cwd=tmp_path)
    assert done.status == 0, done.err
    assert rows_of(tmp_path / "microaudit.db") == [
        ("a1", "0.05", "USD", "task", "import"),
        ("a2", "25", "EUR", "task", "import"),
    ]
    for path in tmp_path.glob("microaudit.db*"):
        assert b"Canary" not in path.read_bytes(), "a clear name reached the disk"


def test_columns_are_mapped(microaudit: Command, tmp_path: Path) -> None:
    file = write(tmp_path / "rows.csv", [{"Nr": "7", "Job Title": "Write a poem", "Pay": "$3"}])
    arguments = ("import", file, "--platform", "x", "--kind", "offer", "--map", "id=Nr", "--map", "title=Job Title")
    assert microaudit(*arguments, "--map", "reward=Pay", cwd=tmp_path).status == 0
    assert rows_of(tmp_path / "microaudit.db") == [("7", "3", None, "offer", "import")]


def test_what_cannot_be_a_task_is_counted(microaudit: Command, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(
        '{"id": "1", "title": "A"}\n{"title": "no id"}\nnot json\n{"id": "2"}\n{"id": "1", "title": "again"}\n'
        '{"id": "3", "title": "B", "reward": "a lot"}\n{"id": "4", "title": "C"}\n'
    )
    done = microaudit("--json", "import", file, "--platform", "x", cwd=tmp_path)
    assert done.status == 8
    event = done.events[0]
    assert event["refused"] == {"no id": 1, "malformed line": 1, "no title": 1, "duplicate": 1}
    assert event["problems"] == {"reward": 1}
    assert [row[0] for row in rows_of(tmp_path / "microaudit.db")] == ["1", "3", "4"]


@pytest.mark.parametrize(
    ("name", "content", "arguments", "code"),
    [
        ("rows.xls", b"", (), "MA0202"),
        ("rows.csv", b"id,title\n1,\xff\xfe\n", (), "MA0203"),
        ("rows.json", b"{broken", (), "MA0203"),
        ("rows.json", b'{"not": "a list"}', (), "MA0203"),
        ("rows.parquet", b"PAR?", (), "MA0203"),
        ("rows.csv", b"id,title\n1,A\n", ("--map", "nosuch=x"), "MA0204"),
        ("rows.csv", b"number,title\n1,A\n", (), "MA0204"),
        ("rows.csv", b"id,title\n1,A\n", ("--kind", "gift"), "MA0204"),
        ("rows.csv", b"id,title\n1,A\n", ("--platform", "No Slug!"), "MA0204"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(
    microaudit: Command, tmp_path: Path, name: str, content: bytes, arguments: tuple[str, ...], code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = microaudit("import", tmp_path / name, "--platform", "x", *arguments, cwd=tmp_path)
    assert (done.status, done.err[:6], done.err.count("\n")) == (2, code, 1)
