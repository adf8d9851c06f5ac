"""`build_report`: from the store to the folder that analysts read and scripts rely on."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select

import microaudit
from microaudit import taxonomy
from microaudit.errors import MicroauditError
from microaudit.items import iso
from microaudit.store.models import JudgementRow, TaskRow
from microaudit.store.tombstones import Erasure, erasures
from reports import bundle, rows
from reports.aggregate import PlatformCount, Tally
from reports.estimate import Clusters, Coded
from reports.fields import FLOWS, PLATFORMS, Field, task_fields
from reports.figures import Figure, PlatformView, figures, platform_row, views
from reports.suppress import suppressed
from reports.tables import Writer

TITLE = "Illicit tasks on microwork platforms"
SAMPLE_TITLE = "SAMPLE, NOT DATA: " + TITLE
SAMPLE_NOTICE = (
    "These pages were written for the project to show how a report looks. The figures say nothing about any platform."
)
COUNT_NOTICE = (
    "No human codes stand behind the shares: each share is the tool’s count, not an estimate. "
    "Its interval covers sampling alone, not the classifier’s errors."
)
MIN_CELL = 10
FORMATS = ("html", "pdf", "json", "csv", "jsonl", "datapackage")


TABLE_TITLES = {
    "platforms": "Share of illicit tasks per platform",
    "tasks": "Tasks with their judgement",
    "flows": "Tasks by buyer country and worker country",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the store is published, and how; the arguments of `build_report`."""

    platforms: Sequence[str] | None
    version: str | None
    min_cell: int
    with_buyer: bool
    generated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Given:
    """What the report takes from the store beside the published rows."""

    clusters: Mapping[str, Clusters]
    codes: Mapping[str, Sequence[Coded]]
    runs: Sequence[Mapping[str, Any]]
    erasures: Sequence[Erasure]  # what people had erased, of the platforms reported


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
            found.append(
                "Not all tasks were judged by the same version. Run `microaudit reclassify` before comparing."
            )
        return found

    def figures(self) -> list[Figure]:
        return list(figures(self.platforms, self.tally, self.min_cell))

    @property
    def id(self) -> str:
        """Twelve hex digits that name this report for good: SHA-256 over its date and all its figures."""
        content = [self.as_of, self.sample, [asdict(figure) for figure in self.figures()]]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


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
    scope = Scope(platforms, version, min_cell, with_buyer, generated_at)
    kinds = {"platforms": ["csv"], "tasks": ["csv", "jsonl"], "flows": ["csv"]}
    wanted = {name: [kind for kind in each if kind in formats] for name, each in kinds.items()}
    notes: list[str] = []
    with bundle.staging(to) as folder:
        with rows.snapshot(engine) as connection:
            report, counts = write_tables(connection, scope, folder, wanted)
        if "json" in formats:
            bundle.write_json(folder / "report.json", as_json(report))
        if "html" in formats or "pdf" in formats:
            from reports.render import write_report

            notes += write_report(report, folder, formats)
        if "datapackage" in formats:
            bundle.write_datapackage(folder, described(report, counts, with_buyer), about(report))
        bundle.write_manifest(folder, counts)
        files = tuple(sorted(file.name for file in folder.iterdir()))
        bundle.publish(folder, to)
    if "pdf" in formats and "report.pdf" not in files:
        (to / "report.pdf").unlink(missing_ok=True)  # an older one would contradict the rest
    return summary(report, to, files, notes)


def summary(report: Report, to: Path, files: Sequence[str], notes: Sequence[str]) -> ReportSummary:
    """The rows for the terminal, in the order of the report."""
    found = tuple(platform_row(view) for view in report.platforms)
    return ReportSummary(to, found, tuple(files), report.sample, (*report.notices, *notes))


def write_tables(
    connection: Connection,
    scope: Scope,
    folder: Path,
    wanted: Mapping[str, Sequence[str]],
    examples: Writer | None = None,
) -> tuple[Report, dict[str, int]]:
    """Reads the store once; writes every table in its wanted formats; gives the report and rows per file.

    `examples` is offered every task too.
    """
    as_of = date(connection, scope)
    with bundle.open_tables(folder, wanted, columns(scope.with_buyer), as_of) as tables:
        sinks = [*tables["tasks"], *([examples] if examples else [])]
        report = read(connection, scope, as_of, sinks)
        for name, content in (("platforms", platform_rows(report)), ("flows", flow_rows(report))):
            for writer in tables[name]:
                for row in content:
                    writer.write(row)
    counts = {
        writer.path.name: writer.rows for each in tables.values() for writer in each if writer.path.suffix != ".xlsx"
    }
    return report, counts


def read(connection: Connection, scope: Scope, as_of: str, sinks: Sequence[Writer] = ()) -> Report:
    """Counts every task of the store and, on the way, offers it to the `sinks`."""
    stored = rows.platforms(connection)
    names = sorted(set(scope.platforms)) if scope.platforms else stored
    missing = [name for name in names if name not in stored]
    if missing or not names:
        raise MicroauditError(
            "MA0301", f"the store holds nothing of {missing[0]}" if missing else "the store is empty"
        )
    chosen = rows.latest(connection, scope.version)
    tally = Tally({name: PlatformCount(name) for name in names})
    for record in rows.tasks(connection, chosen, names, with_buyer=scope.with_buyer):
        tally.add(record)
        for sink in sinks:
            sink.write(record)
    if not any(count.tasks or count.offers for count in tally.platforms.values()):
        raise MicroauditError("MA0301", "the store holds crawls but no task of " + ", ".join(names))
    runs = rows.runs(connection, names)
    sample = any(run["options"].get("sample") for run in runs)
    told = [each for each in erasures(connection) if each.tasks.keys() & set(names)]
    given = Given(rows.clusters(connection, chosen, names), rows.codes(connection, chosen, names), _public(runs), told)
    return Report(
        title=SAMPLE_TITLE if sample else TITLE,
        as_of=as_of,
        sample=sample,
        min_cell=0 if sample else scope.min_cell,
        platforms=views(tally, given.clusters, given.codes),
        tally=tally,
        given=given,
    )


def date(connection: Connection, scope: Scope) -> str:
    """When the report is of: the time asked for, else the newest sighting or judgement of the store."""
    found = [
        connection.scalar(select(func.max(TaskRow.last_seen))),
        connection.scalar(select(func.max(JudgementRow.judged_at))),
    ]
    known = [moment for moment in found if moment is not None]
    if not known:
        raise MicroauditError("MA0301", "the store is empty")
    return iso(scope.generated_at or max(known))


def columns(with_buyer: bool) -> dict[str, tuple[Field, ...]]:
    """The columns of the three tables."""
    return {"platforms": PLATFORMS, "tasks": task_fields(with_buyer), "flows": FLOWS}


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


def as_json(report: Report) -> dict[str, Any]:
    """report.json: every number with its id, n, numerator, interval and inputs."""
    codes: dict[str, list[list[Any]]] = defaultdict(list)
    for name, coded in sorted(report.given.codes.items()):
        codes[name] = [list(astuple(code)) for code in coded]
    return {
        "format": "microaudit-report/1",
        "id": report.id,
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


def described(report: Report, counts: Mapping[str, int], with_buyer: bool) -> bundle.Described:
    """The CSV tables that were written, as the data package lists them."""
    fields = columns(with_buyer)
    return {
        f"{name}.csv": (TABLE_TITLES[name], fields[name], counts[f"{name}.csv"])
        for name in fields
        if f"{name}.csv" in counts
    }


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
