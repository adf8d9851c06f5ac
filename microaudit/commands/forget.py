"""The command that erases: forget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microaudit.errors import MicroauditError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Engine

TEXT_SUFFIXES = (".csv", ".json", ".jsonl", ".html", ".svg", ".txt", ".md")


def forget(
    context: typer.Context,
    buyer: Annotated[str | None, typer.Option(metavar="NAME", help="The name as the platform shows it.")] = None,
    url: Annotated[str | None, typer.Option(help="The address of a task or of a page.")] = None,
    platform: Annotated[str | None, typer.Option(help="The buyer on this platform alone.")] = None,
    mentions: Annotated[
        bool, typer.Option("--mentions", help="Tasks of others, and kept pages, that name the buyer go too.")
    ] = False,
    folders: Annotated[
        list[Path] | None, typer.Option("--in", metavar="DIR", help="A report or export to be made anew; repeatable.")
    ] = None,
) -> None:
    """Erase a buyer or an address from the store, the evidence and exports; a count of it stays."""
    from microaudit.forgetting import Request
    from microaudit.forgetting import forget as erase
    from microaudit.store.engine import open_store

    if (buyer is None) == (url is None) or not (buyer or url) or (url and (platform or mentions)):
        raise MicroauditError("MA0210", "give --buyer NAME (with --platform, --mentions) or --url URL")
    for folder in folders or ():
        if not (folder / "manifest.json").is_file():
            raise MicroauditError("MA0202", f"{folder} holds no report and no export: it has no manifest.json")
    console = context.obj.console
    engine = open_store(context.obj.db, create=False)
    with console.progress("forget"):
        done = erase(engine, Request(buyer, platform, url, mentions))
    tasks = sum(done.tasks.values())
    console.event(
        "forgotten",
        f"erased: {tasks} tasks, {done.records} records of evidence",
        tasks=done.tasks,
        records=done.records,
        mentioned=done.mentioned,
    )
    if done.mentioned:
        console.note(f"{done.mentioned} tasks of others name the buyer in their words: --mentions erases them too")
    if not folders:
        console.note("reports and exports made before still hold it: make them anew, or name them with --in DIR")
    for folder in folders or ():
        left = _made_anew(engine, folder, done.addresses)
        console.event("rebuilt", f"made anew: {folder}", path=str(folder), left=left)
        for name in left:
            console.note(f"{folder / name} still holds an erased address, or cannot be searched: delete it")


def _made_anew(engine: Engine, folder: Path, addresses: Iterable[str]) -> list[str]:
    """Write the report or export in the folder again; the names of files there that must be deleted by hand."""
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.is_file()}
    try:
        _publish(engine, folder, before.keys())
    except MicroauditError as error:
        if error.code != "MA0301":
            raise
        return sorted(before)  # nothing is left to publish
    needles = [address.encode() for address in addresses]

    def suspect(path: Path) -> bool:
        if path.suffix in TEXT_SUFFIXES and any(needle in path.read_bytes() for needle in needles):
            return True
        return path.stat().st_mtime_ns == before.get(path.name)  # not made anew

    return sorted(path.name for path in folder.iterdir() if path.is_file() and suspect(path))


def _publish(engine: Engine, folder: Path, names: Collection[str]) -> None:
    """Write what the folder holds, judged by the names of its files."""
    import csv

    from reports import build_report, export

    platforms: list[str] = []
    if "platforms.csv" in names:
        with (folder / "platforms.csv").open(encoding="utf-8-sig", newline="") as file:
            platforms = [row["platform"] for row in csv.DictReader(file)]
    kinds = {"microaudit.xlsx": "xlsx", "tasks.parquet": "parquet"}
    if "report.json" in names:
        build_report(engine, folder, platforms=platforms or None)
    else:
        kinds |= {"tasks.csv": "csv", "tasks.jsonl": "jsonl", "datapackage.json": "datapackage"}
    formats = [kind for name, kind in kinds.items() if name in names]
    alone = next((name for name in platforms if f"{name}-quotes.json" in names), None)
    if formats or alone:
        export(engine, folder, formats or ["csv"], platform=alone)


COMMANDS = {"forget": forget}
