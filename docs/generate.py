"""Writes the pages of this folder that are taken from the code: commands, errors, sub-types.

`python -m docs.generate` writes them; a test compares them with what the code gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from microaudit.cli import app
from microaudit.errors import CATALOGUE, exit_status
from microaudit.taxonomy import LABELS, VERSION, subtypes

FOLDER = Path(__file__).parent
WIDTH = 100  # columns of the help texts
MADE = "<!-- Made by `python -m docs.generate` from the code; changes here are lost. -->\n"


def commands(name: str, group: Any) -> Iterator[tuple[str, Any]]:
    """The commands of a group and of the groups in it, each with the words that call it."""
    for word, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from commands(f"{name} {word}", command)
        else:
            yield f"{name} {word}", command


def commands_page() -> str:
    """What `--help` says of every command."""
    root: Any = typer.main.get_command(app)
    parts = [MADE, "# Commands\n", _help("microaudit", root)]
    for name, command in commands("microaudit", root):
        parts += [f"## {name}\n", _help(name, command)]
    return "\n".join(parts).rstrip() + "\n"


def _help(name: str, command: Any) -> str:
    context = command.context_class(command, info_name=name, terminal_width=WIDTH)
    return f"```text\n{command.get_help(context)}\n```\n"


def errors_page() -> str:
    """Every error code with its cause and cure."""
    parts = [MADE, "# Error codes\n"]
    parts += ["The first two digits are the exit status. `microaudit explain CODE` prints the same.\n"]
    for code, kind in sorted(CATALOGUE.items()):
        parts += [f"## {code}: {kind.title}\n", f"Exit status {exit_status(code)}. {kind.cause}\n", f"{kind.cure}\n"]
    return "\n".join(parts).rstrip() + "\n"


def subtypes_page() -> str:
    """Every sub-type of the coding manual, by label."""
    parts = [
        MADE,
        "# Sub-types\n",
        f"The labels of the coding manual, version {VERSION}, and what falls under them.\n",
    ]
    for label in LABELS:
        parts.append(f"## {label}\n")
        for each in subtypes().values():
            if each.label == label:
                tier = f" ({each.tier})" if each.tier else ""
                parts += [f"### {each.code} {each.name}{tier}\n", f"{each.definition}\n"]
                for name in ("include", "exclude", "literature"):
                    if words := getattr(each, name).strip():
                        parts.append(f"*{name.capitalize()}:* {words}\n")
    return "\n".join(parts).rstrip() + "\n"


PAGES = {"commands.md": commands_page, "errors.md": errors_page, "subtypes.md": subtypes_page}

if __name__ == "__main__":
    for file_name, page in PAGES.items():
        (FOLDER / file_name).write_text(page(), encoding="utf-8")
