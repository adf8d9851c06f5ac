"""The command line in a fork of the test's process: as in a process of its own, without the seconds of loading."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

from tests.conftest import Outcome


@cache
def preload() -> None:
    """Load what every crawl needs before the forks; a reactor is each crawl's own."""
    from scrapy.settings import default_settings

    components = [getattr(default_settings, name) for name in dir(default_settings) if name.endswith("_BASE")]
    paths = [path for group in components for path in (*group, *group.values()) if isinstance(path, str)]
    modules = {path.rpartition(".")[0] for path in paths if "." in path}
    own = ("microaudit.crawl", "microaudit.frontier", "microaudit.recorder", "pipelines.stages")
    for module in (*sorted(modules), "alembic.command", *own):
        import_module(module)
    assert "twisted.internet.reactor" not in sys.modules
    from microaudit.items import Task
    from pipelines.judge import judge

    judge([Task(title="Write a review", description="Five stars on Yelp, please, from the United States.")])


def fork_microaudit(*arguments: str, log: Path, first: Callable[[], object] = lambda: None, **environment: str) -> int:
    """Start `microaudit ARGUMENTS`; its number. It does `first` before, and writes to `log` and `log`.out."""
    preload()
    child = os.fork()
    if child:
        return child
    status: object = 1
    try:
        for number, path in ((1, log.with_suffix(".out")), (2, log)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        os.environ |= {"MICROAUDIT_CONTACT": "test@example.org", "MICROAUDIT_DOWNLOAD_DELAY": "0"} | environment
        first()
        from microaudit import cli

        sys.argv = ["microaudit", *arguments]
        cli.main()
    except SystemExit as done:
        status = done.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


def ended(child: int, log: Path) -> Outcome:
    """Wait for the end of the process; what it did (status -9: killed)."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Outcome(status, log.with_suffix(".out").read_text(), log.read_text())
