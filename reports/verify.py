"""`verify`: recomputes every number of a report from its own folder, without store or network."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from microaudit.errors import MicroauditError
from reports import bundle
from reports.aggregate import PlatformCount, Tally
from reports.estimate import Clusters, Coded
from reports.figures import figures, platform_row, views
from reports.suppress import suppressed

NEEDED = ("manifest.json", "report.json", "tasks.jsonl", "platforms.csv", "flows.csv")


def verify(folder: Path) -> list[str]:
    """One line for each thing that differs; an empty list means that everything agrees.

    Checked are the SHA-256 and row count of every file, every figure of report.json, and every
    cell of platforms.csv and flows.csv, all against tasks.jsonl. Buyers are not published, so the
    sums over buyers and the human codes are taken from report.json as given. Raises MA0202
    (no bundle there) and MA0203 (a file that cannot be read).
    """
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise MicroauditError("MA0202", f"{folder}: no {', '.join(missing)}; verify needs the folder of a report")
    try:
        return list(_differences(folder))
    except (ValueError, KeyError, TypeError) as error:
        raise MicroauditError("MA0203", f"{folder}: {type(error).__name__}: {error}") from error


def _differences(folder: Path) -> Iterator[str]:
    yield from _files(folder)
    stated = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    tally = Tally({row["platform"]: PlatformCount(row["platform"]) for row in stated["platforms"]})
    rows_read = 0
    with (folder / "tasks.jsonl").open(encoding="utf-8") as file:
        for line in file:
            tally.add(json.loads(line))
            rows_read += 1
    yield from _rows(folder, rows_read)
    given = stated["given"]
    clusters = {name: Clusters(**sums) for name, sums in given["clusters"].items()}
    codes = {name: [Coded(*code) for code in coded] for name, coded in given["codes"].items()}
    platforms = views(tally, clusters, codes)
    limit = stated["settings"]["min_cell"]
    found = {figure.id: json.loads(json.dumps(asdict(figure))) for figure in figures(platforms, tally, limit)}
    yield from _compare("report.json", {figure["id"]: figure for figure in stated["figures"]}, found)
    rows = {view.name: platform_row(view) for view in platforms}
    yield from _compare("report.json, platforms", {row["platform"]: row for row in stated["platforms"]}, rows)
    yield from _compare("platforms.csv", _csv(folder / "platforms.csv", 1), _as_text(rows))
    flows = {
        f"{buyer} {worker}": {"buyer_country": buyer, "worker_country": worker, "n": n}
        for (buyer, worker), n, _ in suppressed(tally.flows, limit)
    }
    yield from _compare("flows.csv", _csv(folder / "flows.csv", 2), _as_text(flows))


def _files(folder: Path) -> Iterator[str]:
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]:
        file = folder / entry["path"]
        if not file.is_file():
            yield f"{entry['path']}: named in manifest.json, but not there"
        elif bundle.sha256(file) != entry["sha256"]:
            yield f"{entry['path']}: its SHA-256 is not the one in manifest.json"


def _rows(folder: Path, lines: int) -> Iterator[str]:
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]:
        if entry["path"] == "tasks.jsonl" and entry["rows"] != lines:
            yield f"tasks.jsonl: {lines} rows, manifest.json says {entry['rows']}"


def _compare(where: str, stated: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(stated.keys() | found.keys()):
        if key not in found:
            yield f"{where}: {key} is stated, but the tasks do not give it"
        elif key not in stated:
            yield f"{where}: {key} is missing"
        else:
            for part in found[key]:
                if stated[key].get(part) != found[key][part]:
                    yield f"{where}: {key}, {part}: stated {stated[key].get(part)}, recomputed {found[key][part]}"


def _csv(path: Path, keys: int) -> dict[str, dict[str, str]]:
    """The rows of a CSV file, by their first `keys` cells."""
    with path.open(encoding="utf-8", newline="") as file:
        return {" ".join(list(row.values())[:keys]): row for row in csv.DictReader(file)}


def _as_text(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The rows as CSV writes them: empty for None."""
    return {key: {name: "" if cell is None else str(cell) for name, cell in row.items()} for key, row in rows.items()}
