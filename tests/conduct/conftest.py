"""A live crawl from the loopback site, in a fork."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome, Site
from tests.forking import ended, fork_microaudit


@pytest.fixture
def crawl(site: Site, tmp_path: Path) -> Callable[..., Outcome]:
    """`crawl("guru", "--resume", DELAY="1")`: the store is tmp_path/s.db."""

    def run(
        platform: str,
        *options: str,
        allow: str = "127.0.0.1",
        first: Callable[[], object] = lambda: None,
        **environment: str,
    ) -> Outcome:
        log = tmp_path / "crawl.log"
        child = fork_microaudit(
            "--db", f"sqlite:///{tmp_path / 's.db'}", "--json", "crawl", platform, "--base-url", site.url,
            "--allow-host", allow, *options, log=log, first=first, **environment,
        )  # fmt: skip
        return ended(child, log)

    return run
