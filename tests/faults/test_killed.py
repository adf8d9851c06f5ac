"""kill -9 at seeded points, then --resume: nothing lost, nothing doubled, no stored page fetched twice."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.conftest import Site
from tests.faults.figures import measured
from tests.faults.killing import Killer, Point, content, differences, timed
from tests.market import fill

POINTS = int(os.environ.get("MICROAUDIT_FAULT_POINTS") or 8)  # `make faults` asks for 300
SEED = int(os.environ.get("MICROAUDIT_FAULT_SEED") or 20260301)
A_STORE = 8  # kills that one store must survive, one after the other


def test_a_crawl_killed_at_any_point_ends_as_an_undisturbed_one(site: Site, tmp_path: Path) -> None:
    fill(site, lists=2, per_list=3)
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/")
    undisturbed = Killer(site, tmp_path / "undisturbed.db")
    status, seconds = timed(undisturbed)
    expected = content(undisturbed.store, site.url)
    assert (status, len(expected["task"]), len(expected["page"])) == (0, 6, 8)
    statements = int((tmp_path / "undisturbed.statements").read_text())
    requests = len(site.requests)

    chance = random.Random(SEED)
    killed = stores = lost = doubled = again = 0
    while killed < POINTS:
        stores += 1
        killer = Killer(site, tmp_path / f"{stores}.db")
        here, ended = 0, -9
        while ended == -9:  # a run may also end before its point comes
            more = here < A_STORE and killed < POINTS
            ended = killer.crawl("--resume", point=Point.draw(chance, statements, requests, seconds) if more else None)
            here, killed = here + (ended == -9), killed + (ended == -9)
        assert ended == 0, killer.store.with_suffix(".log").read_text()
        less, more_rows = differences(expected, content(killer.store, site.url))
        lost, doubled, again = lost + less, doubled + more_rows, again + len(killer.again)
    measured(
        "kill -9",
        f"{killed} points (seed {SEED}) on {stores} stores: {lost} rows lost, {doubled} doubled, "
        f"{again} stored pages fetched twice",
    )
    assert (lost, doubled, again) == (0, 0, 0)
