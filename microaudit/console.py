"""What the user sees: results on stdout (words, or one JSON object a line), errors and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from microaudit.errors import MicroauditError


class Step(Protocol):
    """Called with the number of things just done and, if it changed, what is being done."""

    def __call__(self, done: int = 1, what: str | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Console:
    """Prints for people, or with `as_json` for machines."""

    as_json: bool = False

    def event(self, name: str, words: str, **fields: Any) -> None:
        """One result: `words` for people, `{"event": name, ...fields}` for machines."""
        line = json.dumps({"event": name} | fields, ensure_ascii=False, default=str) if self.as_json else words
        sys.stdout.write(line + "\n")

    def error(self, error: MicroauditError) -> None:
        """One line on stderr, with the code first."""
        if self.as_json:
            fields = {"event": "error", "code": error.code, "message": error.message, "exit": error.exit_status}
            sys.stderr.write(json.dumps(fields, ensure_ascii=False) + "\n")
        else:
            sys.stderr.write(f"{error}\n")

    def note(self, words: str) -> None:
        """A remark on stderr for people; machines read the same from the events."""
        if not self.as_json:
            sys.stderr.write(words + "\n")

    @contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Step]:
        """A bar while long work runs: on a terminal only, nothing when piped."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda done=1, what=None: None
            return
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=RichConsole(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total)

            def step(done: int = 1, what: str | None = None) -> None:
                bar.update(task, advance=done, description=what)

            yield step
