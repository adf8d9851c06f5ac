"""Commands that look after the tool itself: status, explain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from microaudit.errors import CATALOGUE, MicroauditError, exit_status


def explain(context: typer.Context, code: Annotated[str, typer.Argument(help="As an error line prints it.")]) -> None:
    """Say the cause and the cure of an error code."""
    kind = CATALOGUE.get(code.upper())
    if kind is None:
        raise MicroauditError("MA0210", f"{code} is not an error code; the codes are {', '.join(CATALOGUE)}")
    number = exit_status(code.upper())
    context.obj.console.event(
        "explanation",
        f"{code.upper()}: {kind.title} (exit status {number})\n\nCause: {kind.cause}\nCure:  {kind.cure}",
        code=code.upper(),
        title=kind.title,
        cause=kind.cause,
        cure=kind.cure,
        exit=number,
    )


def status(context: typer.Context) -> None:
    """Show per platform how it is and why, what was missed, and what the store holds."""
    from microaudit.status import overall, platform_status, status_line
    from microaudit.store.engine import open_store

    rows = platform_status(open_store(context.obj.db, create=False), datetime.now(UTC))
    if not rows:
        raise MicroauditError("MA0301", "the store holds no crawl yet")
    for row in rows:
        context.obj.console.event("platform_status", status_line(row), **row)
    raise typer.Exit(overall(rows))


COMMANDS = {"status": status, "explain": explain}
