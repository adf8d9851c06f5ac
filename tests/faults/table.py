"""Write docs/faults.md from what the fault tests measured: `python -m tests.faults.table FIGURES.jsonl`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[2] / "docs" / "faults.md"
# What must hold, fault by fault, and where it is tested. A figure stands beside it once it has been measured.
ROWS = {
    "kill -9": ("nothing lost, nothing doubled, no stored page fetched twice", "faults/test_killed.py"),
    "SIGINT": ("status 8, resumable", "faults/test_interrupted.py"),
    "SIGTERM": ("status 8, resumable", "faults/test_interrupted.py"),
    "disk full": ("status 10, resumable, store intact", "faults/test_interrupted.py"),
    "read-only store": ("status 10, nothing sent", "faults/test_interrupted.py"),
    "database locked": ("status 9, resumable", "faults/test_interrupted.py"),
    "two crawls at once": ("the second ends with status 9", "faults/test_interrupted.py"),
    "error in a stage": ("the crawl ends and names it", "faults/test_interrupted.py"),
    "PostgreSQL restarted": ("the crawl waits and completes", "faults/test_interrupted.py"),
    "gzip bomb": ("refused, < 150 MB", "conduct/test_wire.py"),
}
HEAD = """# Faults: what was broken on purpose, and what happened

Written by `make faults` (300 kill points; the suite runs 8). Every fault is a real one on loopback: processes are
killed, disks limited, databases locked and restarted. Stock Scrapy 2.19, killed in the same way and resumed, lost
55-89 % of the tasks and exited 0.

| fault | must | measured | test |
|---|---|---|---|
"""


def table(figures: dict[str, str]) -> str:
    """The page, with the figures at hand; a row without one says so."""
    lines = [
        f"| {fault} | {must} | {figures.get(fault, 'not measured in this run')} | `tests/{test}` |"
        for fault, (must, test) in ROWS.items()
    ]
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    records = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    TARGET.write_text(table({record["fault"]: record["figure"] for record in records}), encoding="utf-8")
