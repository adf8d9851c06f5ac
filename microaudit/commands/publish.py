"""Commands that publish: report, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from microaudit.errors import MicroauditError

FORMATS = ("csv", "xlsx", "jsonl", "parquet", "datapackage")
To = Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to; made if it is not there.")]


def report(context: typer.Context, to: To = Path("audit")) -> None:
    """Write the report and its data from what is stored."""
    from microaudit.store.engine import open_store
    from reports import build_report

    engine = open_store(context.obj.db, create=False)
    with context.obj.console.progress("report"):
        summary = build_report(engine, to)
    for note in summary.notes:
        context.obj.console.note(note)
    context.obj.console.event("report", f"report: {to / 'report.html'}", path=str(to / "report.html"))


def export(
    context: typer.Context,
    to: To = Path("audit"),
    formats: Annotated[str, typer.Option("--format", help=f"Any of {','.join(FORMATS)}, joined by commas.")] = "csv",
    platform: Annotated[str | None, typer.Option(help="One platform: its summary and its data.")] = None,
) -> None:
    """Write the stored tasks and shares in the formats asked for."""
    from microaudit.store.engine import open_store
    from reports import export as write_export

    asked = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := [name for name in asked if name not in FORMATS]:
        raise MicroauditError("MA0204", f"{', '.join(unknown)}: the formats are {', '.join(FORMATS)}")
    engine = open_store(context.obj.db, create=False)
    with context.obj.console.progress("export"):
        summary = write_export(engine, to, formats=asked, platform=platform)
    for name in summary.files:
        context.obj.console.event("file", str(to / name), path=str(to / name))


def verify(
    context: typer.Context, folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a report.")]
) -> None:
    """Recompute every number of a report from its files, offline, and name what differs."""
    from reports import verify as differences

    with context.obj.console.progress("verify"):
        found = differences(folder)
    for line in found:
        context.obj.console.event("difference", line, what=line)
    if found:
        raise MicroauditError("MA1101", f"{folder}: {len(found)} differences")
    context.obj.console.event("verified", f"{folder}: every file and every number agrees", path=str(folder))


COMMANDS = {"report": report, "export": export, "verify": verify}
