"""The command line. Commands live in `microaudit.commands`; each imports what it needs when it runs."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from dataclasses import dataclass
from time import monotonic
from typing import Annotated

import typer

from microaudit.commands import code, collect, evidence, forget, judge, operate, publish, scaffold, schedule
from microaudit.console import Console
from microaudit.errors import MicroauditError
from microaudit.failures import known
from microaudit.log import log, open_log

DEFAULT_DB = "sqlite:///microaudit.db"

app = typer.Typer(
    name="microaudit",
    help="Audit microwork markets: what share of the tasks on offer are fake profiles, fake reviews, fake links?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help needs no Rich, so that it answers at once
    pretty_exceptions_enable=False,
)
for group in (collect, judge, publish, evidence, forget, operate, scaffold):
    for name, command in group.COMMANDS.items():
        app.command(name)(command)
app.add_typer(code.app, name="code")
app.add_typer(schedule.app, name="schedule")
COMMANDS = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}


@dataclass(frozen=True, slots=True)
class Shared:
    """What stands before the command: the store, and how to print. `named` tells that --db was given."""

    db: str
    named: bool
    console: Console


def _version(asked: bool) -> None:
    if asked:
        from microaudit import __version__

        typer.echo(f"microaudit {__version__}")
        raise typer.Exit


@app.callback()
def shared(
    context: typer.Context,
    db: Annotated[str | None, typer.Option(help=f"The store, MICROAUDIT_DB or {DEFAULT_DB}.", metavar="URL")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    context.obj = Shared(db or os.environ.get("MICROAUDIT_DB") or DEFAULT_DB, db is not None, Console(as_json))


def main() -> None:
    """Entry point: runs a command; every error is one line with a code, every exit status is documented."""
    console = Console("--json" in sys.argv[1:])
    if not os.environ.get("MICROAUDIT_DEBUG"):
        # The libraries' own log lines and tracebacks are for debugging; what matters is in the ledger.
        logging.getLogger().addHandler(logging.NullHandler())
        warnings.simplefilter("ignore")
    begun = monotonic()
    try:
        open_log()
        log("command_begun", command=_command(sys.argv[1:]))
        status = app(standalone_mode=False)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except Exception as error:
        if os.environ.get("MICROAUDIT_DEBUG"):
            raise
        named = known(error) or MicroauditError("MA0101", f"{type(error).__name__}: {error}")
        console.error(named)
        log("error", code=named.code)  # without the message, which may repeat what the user typed
        status = named.exit_status
    status = status if isinstance(status, int) else 0
    log("command_ended", command=_command(sys.argv[1:]), exit=status, seconds=round(monotonic() - begun, 3))
    sys.exit(status)


def _command(words: list[str]) -> str:
    """The command among the words of a command line, without its arguments."""
    return next((word for word in words if word in COMMANDS), "")
