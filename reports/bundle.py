"""The folder of a report: written beside its place, moved in file by file, described and sealed.

A crash at any moment leaves every file either old or new, never torn; manifest.json comes last,
so a folder that a crash left between two states does not match its manifest.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import microaudit
from microaudit.errors import MicroauditError
from reports.fields import Field
from reports.tables import CsvTable, JsonlTable, ParquetTable, Writer, XlsxTable, workbook

MANIFEST = "manifest.json"
WORKBOOK = "microaudit.xlsx"
ROW_FORMATS: dict[str, Any] = {"csv": CsvTable, "jsonl": JsonlTable, "parquet": ParquetTable}
Described = Mapping[str, tuple[str, Sequence[Field], int]]
FRICTIONLESS = {"decimal": "number"}


@contextmanager
def staging(to: Path) -> Iterator[Path]:
    """A new folder beside `to`, removed at the end; storage errors carry the code MA1001."""
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    except OSError as error:
        raise _unwritable(error, to) from error
    try:
        yield folder
    except OSError as error:
        raise _unwritable(error, to) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unwritable(error: OSError, to: Path) -> MicroauditError:
    why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
    return MicroauditError("MA1001", f"{to}: {why}")


@contextmanager
def open_tables(
    folder: Path, wanted: Mapping[str, Sequence[str]], fields: Mapping[str, Sequence[Field]], created: str
) -> Iterator[dict[str, list[Writer]]]:
    """One writer for each table of `wanted` in each of its formats; all are closed at the end.

    The tables in XLSX share one workbook, dated `created` (ISO 8601).
    """
    with ExitStack() as stack:
        book = None
        if any("xlsx" in kinds for kinds in wanted.values()):
            book = stack.enter_context(workbook(folder / WORKBOOK, created))
        tables: dict[str, list[Writer]] = {}
        for name, kinds in wanted.items():
            tables[name] = [
                stack.enter_context(
                    XlsxTable(book, folder / WORKBOOK, name, fields[name])
                    if kind == "xlsx"
                    else ROW_FORMATS[kind](folder / f"{name}.{kind}", fields[name])
                )
                for kind in kinds
            ]
        yield tables


def publish(folder: Path, to: Path) -> None:
    """Moves the files of `folder` into `to`, each durably and at once, the manifest last."""
    to.mkdir(parents=True, exist_ok=True)
    for file in sorted(folder.iterdir(), key=lambda file: (file.name == MANIFEST, file.name)):
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
        file.chmod(0o644)
        file.replace(to / file.name)
    directory = os.open(to, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def sha256(path: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_json(path: Path, value: Any) -> None:
    """JSON for people and programs: indented, UTF-8, final newline."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_manifest(folder: Path, rows: Mapping[str, int], keep: Sequence[Mapping[str, Any]] = ()) -> None:
    """manifest.json: name, bytes, SHA-256 and number of rows (tables only) of every file in `folder`.

    `keep` are entries of an older manifest that still hold.
    """
    entries = {entry["path"]: dict(entry) for entry in keep}
    for file in folder.iterdir():
        if file.name != MANIFEST:
            entries[file.name] = {
                "path": file.name,
                "bytes": file.stat().st_size,
                "sha256": sha256(file),
                "rows": rows.get(file.name),
            }
    files = [entries[name] for name in sorted(entries)]
    seal = hashlib.sha256("".join(f"{entry['sha256']}  {entry['path']}\n" for entry in files).encode()).hexdigest()
    write_json(folder / MANIFEST, {"format": "microaudit-manifest/1", "sha256": seal, "files": files})


def standing_entries(to: Path) -> list[dict[str, Any]]:
    """Entries of the manifest in `to` whose files are there, unchanged."""
    manifest = to / MANIFEST
    if not manifest.is_file():
        return []
    entries = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    return [
        entry for entry in entries if (to / entry["path"]).is_file() and sha256(to / entry["path"]) == entry["sha256"]
    ]


def write_datapackage(folder: Path, tables: Described, about: Mapping[str, Any]) -> None:
    """datapackage.json (Frictionless Data Package v2) over the CSV files of `tables`.

    `tables` maps a file name to (title, columns, rows). The other formats hold the same rows; they
    are left to the manifest, because most validators read CSV alone.
    """
    resources = [
        {
            "name": name.removesuffix(".csv"),
            "title": title,
            "type": "table",
            "path": name,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": (folder / name).stat().st_size,
            "hash": f"sha256:{sha256(folder / name)}",
            "rows": rows,
            "schema": schema(fields),
        }
        for name, (title, fields, rows) in sorted(tables.items())
    ]
    write_json(
        folder / "datapackage.json",
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            **about,
            "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/",
                          "title": "Creative Commons Attribution 4.0: the counts and the judgements. "
                                   "The texts of listings belong to their authors."}],
            "contributors": [{"title": "microaudit", "roles": ["wrangler"]}],
            "sources": [{"title": "Public task listings of the platforms named in the column platform"}],
            "microaudit": microaudit.__version__,
            "resources": resources,
        },
    )  # fmt: skip


def schema(fields: Sequence[Field]) -> dict[str, Any]:
    """The Frictionless table schema of the columns."""
    return {
        "fields": [
            {"name": field.name, "type": FRICTIONLESS.get(field.type, field.type), "description": field.description}
            for field in fields
        ],
        "missingValues": [""],
    }
