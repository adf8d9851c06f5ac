"""The command for those who extend the program: new-platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NEXT = """\
Next: put pages of the platform in the place of list.html (written anew, no text of a third party), mend the
selectors, and run
  python -m pytest tests/test_pages.py tests/test_platforms.py tests/spiders -k {slug}
docs/adding-a-platform.md goes through it step by step."""


def new_platform(
    context: typer.Context, slug: Annotated[str, typer.Argument(help="Its name in small letters, as in my_site.")]
) -> None:
    """Write spider, sample page, expected tasks and tests for a new platform into this checkout."""
    from microaudit.scaffold import new_platform as write

    root = Path(__file__).parents[2]
    for path in write(slug, root):
        context.obj.console.event("file", str(path), path=str(root / path))
    context.obj.console.note(NEXT.format(slug=slug))


COMMANDS = {"new-platform": new_platform}
