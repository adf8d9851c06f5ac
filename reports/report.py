"""`build_report`: from the store to the folder that analysts read and scripts rely on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select

import microaudit
from microaudit import taxonomy
from microaudit.errors import MicroauditError
from microaudit.items import iso
from microaudit.store.models import JudgementRow, TaskRow
from reports import bundle, rows
from reports.aggregate import PlatformCount, Tally
from reports.estimate import Clusters, Coded
from reports.fields import FLOWS, PLATFORMS, task_fields
from reports.figures import Figure, PlatformView, figures, platform_row, views
from reports.suppress import suppressed
from reports.tables import CsvTable, JsonlTable

TITLE = "Illicit tasks on microwork platforms"
SAMPLE_TITLE = "SAMPLE, NOT DATA: " + TITLE
SAMPLE_NOTICE = (
    "These pages were written for the project to show how a report looks. "
    "The figures say nothing about any platform."
)
COUNT_NOTICE = (
    "No human codes stand behind the shares: each share is the tool's count, not an estimate. "
    "Its interval covers sampling alone, not the classifier's errors."
)
MIN_CELL = 10
FORMATS = ("html", "pdf", "json", "csv", "jsonl", "datapackage")


@dataclass(frozen=True, slots=True)
class Given:
    """What the report takes from the store beside the published rows."""

    clusters: Mapping[str, Clusters]
    codes: Mapping[str, Sequence[Coded]]
    runs: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the report says, ready to be written in any form."""

    title: str
    as_of: str  # ISO 8601: the newest sighting or judgement, unless the caller names a time
    sample: bool
    min_cell: int
    platforms: Sequence[PlatformView]
    tally: Tally
    given: Given

    @property
    def versions(self) -> list[str]:
        """Versions of the judging stages behind the labels, by name."""
        return sorted({version for view in self.platforms for version in view.count.versions if version != "none"})

    @property
    def notices(self) -> list[str]:
        """What a reader must know before any number, most important first."""
        found = [SAMPLE_NOTICE] if self.sample else []
        if not all(view.corrected for view in self.platforms):
            some = any(view.corrected for view in self.platforms)
            found.append(COUNT_NOTICE if not some else "Where no corrected share is given: " + COUNT_NOTICE)
        if len(self.versions) > 1:
            found.append("Not all tasks were judged by the same version. Run `microaudit reclassify` before comparing.")
        return found

    def figures(self) -> list[Figure]:
        return list(figures(self.platforms, self.tally, self.min_cell))


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """What the terminal shows: the rows of platforms.csv, the files written, and notes on what is missing."""

    to: Path
    platforms: tuple[Mapping[str, Any], ...]
    files: tuple[str, ...]
    sample: bool
    notes: tuple[str, ...]


def build_report(
    engine: Engine,
    to: Path,
    *,
    platforms: Sequence[str] | None = None,
    formats: Sequence[str] = FORMATS,
    generated_at: datetime | None = None,
    version: str | None = None,
    min_cell: int = MIN_CELL,
    with_buyer: bool = False,
) -> ReportSummary:
    """Writes the report of the store into the folder `to` and returns its rows for the terminal.

    `platforms` limits it to these slugs; `version` to one version of the judging (default: the
    newest judgement of each text). Geography cells from 1 to `min_cell` - 1 are withheld, except
    in a report on the sample pages. Without `generated_at` the report is dated by its newest data, so
    the same store gives the same bytes. Raises MA0301 (nothing stored), MA0204 (unknown format),
    MA1001 (folder cannot be written). A missing PDF library is a note, not an error.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise MicroauditError("MA0204", f"format {unknown[0]!r}: a report comes as {', '.join(FORMATS)}")
    notes: list[str] = []
    with bundle.staging(to) as folder:
        with rows.snapshot(engine) as connection:
            report, counts = collect(
                connection, folder, platforms, formats, generated_at, version, min_cell, with_buyer
            )
        write_tables(report, folder, formats, counts)
        if "json" in formats:
            bundle.write_json(folder / "report.json", as_json(report))
        if "html" in formats or "pdf" in formats:
            from reports.render import write_report

            notes += write_report(report, folder, formats)
        if "datapackage" in formats:
            describe(report, folder, counts, with_buyer)
        bundle.write_manifest(folder, counts)
        files = tuple(sorted(file.name for file in folder.iterdir()))
        bundle.publish(folder, to)
    if "pdf" in formats and "report.pdf" not in files:
        (to / "report.pdf").unlink(missing_ok=True)  # an older one would contradict the rest
    summary = tuple(platform_row(view) for view in report.platforms)
    return ReportSummary(to, summary, files, report.sample, tuple([*report.notices, *notes]))


def collect(
    connection: Connection,
    folder: Path | None,
    platforms: Sequence[str] | None,
    formats: Sequence[str],
    generated_at: datetime | None,
    version: str | None,
    min_cell: int,
    with_buyer: bool,
) -> tuple[Report, dict[str, int]]:
    """Reads the store once: counts every task and, on the way, writes it into `folder`.

    Returns the report and the number of rows of each file.
    """
    stored = rows.platforms(connection)
    names = sorted(set(platforms)) if platforms else stored
    missing = [name for name in names if name not in stored]
    if missing or not names:
        raise MicroauditError("MA0301", f"the store holds nothing of {missing[0]}" if missing else "the store is empty")
    chosen = rows.latest(connection, version)
    tally = Tally({name: PlatformCount(name) for name in names})
    fields = task_fields(with_buyer)
    with ExitStack() as stack:
        kinds = {"csv": CsvTable, "jsonl": JsonlTable} if folder else {}
        writers = [
            stack.enter_context(kind(folder / f"tasks.{name}", fields))
            for name, kind in kinds.items()
            if name in formats and folder
        ]
        for record in rows.tasks(connection, chosen, names, with_buyer=with_buyer):
            tally.add(record)
            for writer in writers:
                writer.write(record)
    if not any(count.tasks or count.offers for count in tally.platforms.values()):
        raise MicroauditError("MA0301", "the store holds crawls but no task of " + ", ".join(names))
    runs = rows.runs(connection, names)
    sample = any(run["options"].get("sample") for run in runs)
    given = Given(rows.clusters(connection, chosen, names), rows.codes(connection, chosen, names), _public(runs))
    report = Report(
        title=SAMPLE_TITLE if sample else TITLE,
        as_of=iso(generated_at or newest(connection)),
        sample=sample,
        min_cell=0 if sample else min_cell,
        platforms=views(tally, given.clusters, given.codes),
        tally=tally,
        given=given,
    )
    return report, {writer.path.name: writer.rows for writer in writers}


def newest(connection: Connection) -> datetime:
    """The newest sighting or judgement of the store."""
    found = [
        connection.scalar(select(func.max(TaskRow.last_seen))),
        connection.scalar(select(func.max(JudgementRow.judged_at))),
    ]
    return max(moment for moment in found if moment is not None)


def _public(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The run ledger without the options: they may hold paths of the researcher's machine."""
    return [{key: value for key, value in run.items() if key != "options"} for run in runs]


def flow_rows(report: Report) -> list[dict[str, Any]]:
    """The rows of flows.csv, most tasks first."""
    return [
        {"buyer_country": buyer, "worker_country": worker, "n": n}
        for (buyer, worker), n, _ in suppressed(report.tally.flows, report.min_cell)
    ]


def platform_rows(report: Report) -> list[dict[str, Any]]:
    """The rows of platforms.csv, by platform."""
    return sorted((platform_row(view) for view in report.platforms), key=lambda row: str(row["platform"]))


def write_tables(report: Report, folder: Path, formats: Sequence[str], counts: dict[str, int]) -> None:
    """platforms.csv and flows.csv."""
    if "csv" not in formats:
        return
    for name, fields, content in (
        ("platforms.csv", PLATFORMS, platform_rows(report)),
        ("flows.csv", FLOWS, flow_rows(report)),
    ):
        with CsvTable(folder / name, fields) as table:
            for row in content:
                table.write(row)
        counts[name] = table.rows


def as_json(report: Report) -> dict[str, Any]:
    """report.json: every number with its id, n, numerator, interval and inputs."""
    codes: dict[str, list[list[Any]]] = defaultdict(list)
    for name, coded in sorted(report.given.codes.items()):
        codes[name] = [[code.tool, code.human, code.weight] for code in coded]
    return {
        "format": "microaudit-report/1",
        "title": report.title,
        "as_of": report.as_of,
        "sample": report.sample,
        "notices": report.notices,
        "microaudit": microaudit.__version__,
        "manual": taxonomy.VERSION,
        "settings": {"min_cell": report.min_cell, "level": 0.95},
        "platforms": platform_rows(report),
        "figures": [asdict(figure) for figure in report.figures()],
        "given": {
            "clusters": {name: asdict(sums) for name, sums in sorted(report.given.clusters.items())},
            "codes": codes,
            "runs": report.given.runs,
        },
    }


def describe(report: Report, folder: Path, counts: Mapping[str, int], with_buyer: bool) -> None:
    """datapackage.json over the CSV tables in `folder`."""
    tables = {
        "platforms.csv": ("Share of illicit tasks per platform", PLATFORMS),
        "flows.csv": ("Tasks by buyer country and worker country", FLOWS),
        "tasks.csv": ("Tasks with their judgement", task_fields(with_buyer)),
    }
    present = {name: (*about, counts[name]) for name, about in tables.items() if name in counts}
    bundle.write_datapackage(folder, present, about(report))


def about(report: Report) -> dict[str, Any]:
    """Title, date and description of the data package."""
    return {
        "name": "microaudit-sample" if report.sample else "microaudit",
        "title": report.title,
        "description": " ".join(report.notices),
        "created": report.as_of,
        "version": report.as_of[:10],
        "keywords": ["microwork", "crowdturfing", "audit"],
    }
