"""Commands of the human-coding loop: code sample, import, adjudicate, agreement, drift."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microaudit.errors import MicroauditError

if TYPE_CHECKING:
    from microaudit.console import Console

app = typer.Typer(help="Code tasks by hand, and correct the shares by it.", no_args_is_help=True)
File = Annotated[Path, typer.Option("--to", metavar="FILE", help=".xlsx, .csv, or .json for Label Studio.")]
Platform = Annotated[str | None, typer.Option(help="Only this platform.")]


@app.command()
def sample(
    context: typer.Context,
    platform: Annotated[str, typer.Option(help="Whose tasks.")],
    n: Annotated[int, typer.Option("--n", min=1, help="How many tasks; all, if there are fewer.")],
    to: File,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="The same seed draws the same tasks.")] = 1,
    by: Annotated[str, typer.Option("--by", help="simple, verdict or confidence: how it is stratified.")] = "verdict",
    coders: Annotated[str, typer.Option(help="Names joined by commas; each gets a sheet.")] = "",
    overlap: Annotated[int | None, typer.Option(min=0, help="Tasks that every coder gets; all, if not said.")] = None,
) -> None:
    """Draw a blind sample of a platform's tasks and write its coding sheets."""
    from microaudit.coding.codes import check_target, write_sheets
    from microaudit.coding.sample import draw_sample
    from microaudit.store.engine import open_store

    check_target(to)
    names = [name.strip() for name in coders.split(",") if name.strip()] or [""]
    if len(set(names)) < len(names):
        raise MicroauditError("MA0204", f"--coders {coders}: a name stands twice")
    engine = open_store(context.obj.db, create=False)
    drawn = draw_sample(engine, platform, n, seed, by, names, n if overlap is None else overlap)
    _written(context.obj.console, drawn, write_sheets(engine, drawn, to))


@app.command("import")
def import_(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="A sheet that `code sample` wrote, filled in.")]
) -> None:
    """Read codes back; a file with one fault in it is refused whole."""
    from microaudit.coding.codes import import_codes
    from microaudit.store.engine import open_store

    stored, faults = import_codes(open_store(context.obj.db, create=False), file)
    for fault in faults:
        context.obj.console.error(MicroauditError("MA0204", f"{file.name}, {fault}"))
    if faults:
        raise MicroauditError("MA0204", f"{file.name}: refused whole, {len(faults)} faults; nothing was stored")
    context.obj.console.event("codes", f"{file}: {stored} codes stored", path=str(file), stored=stored)


@app.command()
def adjudicate(
    context: typer.Context,
    sample: Annotated[str, typer.Argument(help="The sample's id, as `code sample` printed it.")],
    coder: Annotated[str, typer.Option(help="Who settles the disagreements: nobody who coded in the sample.")],
    to: File,
) -> None:
    """Write a sheet of the tasks on which coders disagree, for one more coder; that answer decides."""
    from microaudit.coding.codes import check_target, write_sheets
    from microaudit.coding.sample import adjudicate as give
    from microaudit.store.engine import open_store

    check_target(to)
    engine = open_store(context.obj.db, create=False)
    give(engine, sample, coder)
    _written(context.obj.console, sample, write_sheets(engine, sample, to, round_=2))


@app.command()
def agreement(context: typer.Context, platform: Platform = None) -> None:
    """Show how well coders agree, and the shares that their codes correct."""
    from microaudit.coding.agreement import agreement as views
    from microaudit.coding.agreement import by_class, coded_twice
    from microaudit.coding.sample import open_disputes
    from microaudit.store.engine import open_store
    from reports import rows
    from reports.estimate_store import estimated

    console = context.obj.console
    with open_store(context.obj.db, create=False).connect() as connection:
        tasks = coded_twice(connection, platform)
        disputes = open_disputes(connection, platform)
        shares = list(estimated(connection, [platform] if platform else rows.coded_platforms(connection)))
    if not any(each.n_codes for each in shares):
        raise MicroauditError("MA0301", "the store holds no human codes" + (f" of {platform}" if platform else ""))
    for view in views(tasks):
        figures = [f"{name} {_ends(found)}" for name, found in (("alpha", view.alpha), ("AC1", view.ac1)) if found]
        words = (
            f"{view.view}: {', '.join(figures)}, percent {_ends(view.percent)}, {view.n_tasks} tasks: {view.reading}"
        )
        console.event(
            "agreement", words, view=view.view, n_tasks=view.n_tasks, n_codes=view.n_codes, alpha=view.alpha,
            ac1=view.ac1, percent=view.percent, reading=view.reading,
        )  # fmt: skip
    for label, n, value in by_class(tasks):
        console.event("class_agreement", f"{label}: agreement {value:.2f}, {n} codes", label=label, n=n, value=value)
    if len(tasks) < 2:
        console.note("no task was coded by two coders: agreement cannot be measured")
    for drawn, number in disputes:
        words = (
            f"sample {drawn}: coders differ on {number} tasks; `microaudit code adjudicate {drawn}` has them settled"
        )
        console.event("disputes", words, sample=drawn, n=number)
    for each in shares:
        fix = each.corrected
        words = f"{each.platform}: tool's count {_percent(each.count.value)}"
        words += (
            f", corrected {_percent(fix.value)} ({_percent(fix.low)} to {_percent(fix.high)}; {fix.method}, covers "
            f"{', '.join(fix.covers)})"
            if fix
            else "; not an estimate, too few codes"
        )
        console.event(
            "share", f"{words}; {each.n_codes} coded tasks, {each.mark}", platform=each.platform,
            share=each.count.value, share_low=each.count.low, share_high=each.count.high,
            share_corrected=fix and fix.value, corrected_low=fix and fix.low, corrected_high=fix and fix.high,
            method=fix and fix.method, covers=fix and fix.covers, n_codes=each.n_codes, mark=each.mark,
        )  # fmt: skip
    if drift_found(context, platform):
        console.note("new codes are needed: draw them with `microaudit code sample`")


@app.command()
def drift(context: typer.Context, platform: Platform = None) -> None:
    """Say whether the market or the tool has moved since the codes were drawn; 4 if new codes are needed."""
    if drift_found(context, platform):
        raise typer.Exit(4)


def drift_found(context: typer.Context, platform: str | None) -> bool:
    """Print one line a platform; whether any needs new codes."""
    from microaudit.coding.drift import drift as compare
    from microaudit.store.engine import open_store

    with open_store(context.obj.db, create=False).connect() as connection:
        found = list(compare(connection, platform))
    for each in found:
        said = "; ".join(each.reasons) or f"codes still speak for it ({each.n_now} newer tasks)"
        context.obj.console.event(
            "drift", f"{each.platform}: {said}", platform=each.platform, sample=each.sample, n_before=each.n_before,
            n_now=each.n_now, illicit_before=each.illicit_before, illicit_now=each.illicit_now,
            stability=each.stability, new_version=each.new_version, reasons=each.reasons,
        )  # fmt: skip
    return any(each.reasons for each in found)


def _written(console: Console, sample: str, paths: Sequence[Path]) -> None:
    for path in paths:
        console.event("sheet", f"sample {sample}: {path}", sample=sample, path=str(path))


def _ends(found: tuple[float, float, float]) -> str:
    return f"{found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f})"


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1%}"
