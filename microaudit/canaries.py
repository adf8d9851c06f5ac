"""Canaries: known pages and listings that every version must still read and judge the same.

The pages are those that the package ships, with the tasks on them; the listings are invented and
plain, one for each common kind. A canary that falls says that the tool has changed, not the market.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from microaudit.items import Task, to_json

PAGES = Path(__file__).parent / "sample"


def listings() -> list[dict[str, str]]:
    """The known listings, each with its label."""
    lines = files("microaudit").joinpath("canaries.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def judged_otherwise(known: Sequence[Mapping[str, str]] | None = None) -> list[str]:
    """One line for each known listing that is no longer judged as its label says."""
    from pipelines.judge import judge

    known = listings() if known is None else known
    found = judge([Task(title=row["title"], description=row["description"], proof=row["proof"]) for row in known])
    return [
        f"the known listing {row['title']!r} is judged {item.judgement.label}, not {row['label']}"
        for row, item in zip(known, found, strict=True)
        if item.judgement.label != row["label"]
    ]


def read_otherwise(platforms: Iterable[str], pages: Path = PAGES) -> list[str]:
    """One line for each shipped page of these platforms whose tasks are no longer read as they stand beside it."""
    return [
        line for slug in platforms if (pages / slug / "index.csv").is_file() for line in _pages(slug, pages / slug)
    ]


def _pages(slug: str, folder: Path) -> Iterator[str]:
    from microaudit.archives.folder import read_folder
    from microaudit.spiders import platform

    spider = platform(slug)(key=b"the pseudonyms are not compared.")
    for number, capture in enumerate(read_folder(folder)):
        expected = json.loads((folder / "expected" / f"{number:02}.json").read_text(encoding="utf-8"))
        page = spider.read(capture.response())
        if page.outcome != expected["outcome"] or list(map(_plain, page.tasks)) != list(map(_bare, expected["tasks"])):
            yield f"the known page {capture.url} of {slug} is no longer read as it was"


def _plain(task: Task) -> dict[str, Any]:
    return _bare({key: value for key, value in to_json(task).items() if value not in (None, "")})


def _bare(task: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in task.items() if key != "buyer"}
