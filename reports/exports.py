"""`export`: the tables in the formats that other programs read, or one platform's summary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from microaudit.errors import MicroauditError
from reports import bundle, rows
from reports.examples import Examples
from reports.report import MIN_CELL, TABLE_TITLES, ReportSummary, Scope, about, described, summary, write_tables

EXPORTS = ("csv", "xlsx", "jsonl", "parquet", "datapackage")


def export(
    engine: Engine,
    to: Path,
    formats: Sequence[str] = ("csv",),
    platform: str | None = None,
    *,
    version: str | None = None,
    min_cell: int = MIN_CELL,
    with_buyer: bool = False,
    generated_at: datetime | None = None,
) -> ReportSummary:
    """Writes platforms, tasks and flows into the folder `to` in every one of `formats`.

    With `platform` the tables hold that platform alone, and its one-page summary stands beside
    them: HTML, PDF, chart as SVG and PNG, quotes. `datapackage` implies `csv`. The other
    arguments are those of `build_report`. Raises MA0204 (unknown format), MA0206 (pyarrow is
    missing), MA0301 (nothing stored), MA1001 (folder cannot be written).
    """
    unknown = sorted(set(formats) - set(EXPORTS))
    if unknown:
        raise MicroauditError("MA0204", f"format {unknown[0]!r}: an export comes as {', '.join(EXPORTS)}")
    asked = {*formats, "csv"} if "datapackage" in formats else set(formats)
    kinds = [kind for kind in EXPORTS if kind in asked and kind != "datapackage"]
    scope = Scope([platform] if platform else None, version, min_cell, with_buyer, generated_at)
    notes: list[str] = []
    with bundle.staging(to) as folder:
        examples = Examples() if platform else None
        with rows.snapshot(engine) as connection:
            report, counts = write_tables(connection, scope, folder, dict.fromkeys(TABLE_TITLES, kinds), examples)
        if examples is not None:
            from reports.summary import write_summary

            notes += write_summary(report, examples, folder)
        if "datapackage" in asked:
            bundle.write_datapackage(folder, described(report, counts, with_buyer), about(report))
        bundle.write_manifest(folder, counts, keep=bundle.standing_entries(to))
        files = tuple(sorted(file.name for file in folder.iterdir()))
        bundle.publish(folder, to)
    return summary(report, to, files, notes)
