"""The miner as layouts of a spider: of the platforms that stand on it, and of any site that is named."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from scrapy.http import TextResponse

from microaudit.mining import details, lists
from microaudit.mining.lists import Mined
from microaudit.mining.page import shown
from microaudit.reading import Row
from microaudit.spiders import phrases
from microaudit.spiders.base import ArchiveQuery, Layout, Platform

LANGUAGES = ("en", "es", "fr", "pt", "de", "it", "ru")
CLOSED = (
    *phrases.CLOSED,
    "This job is no longer available",
    "This task is no longer available",
    "This job is closed",
    "This task is closed",
    "This job has expired",
    "This task has expired",
)


def is_task(response: TextResponse) -> bool:
    """Whether the page is one task's own."""
    return details.sure(_task(response))


def task(response: TextResponse) -> Iterator[Row]:
    """The one task of the page."""
    mined = _task(response)
    yield mined.row if mined else {}


def is_list(response: TextResponse) -> bool:
    """Whether the page shows a list of tasks, or the header of one that is empty."""
    return bool(_tasks(response)) or lists.has_header(shown(response))


def tasks(response: TextResponse) -> Iterator[Row]:
    """The tasks of the page; one that cannot be told for sure comes without an id, so that it is counted."""
    for mined in _tasks(response):
        yield mined.row


@lru_cache(maxsize=1)
def _task(response: TextResponse) -> Mined | None:
    return details.mine(shown(response), response.url)


@lru_cache(maxsize=1)
def _tasks(response: TextResponse) -> list[Mined]:
    return lists.mine(shown(response), response.url)


LAYOUTS = (
    Layout("task by its words", is_task, task, "written pages", CLOSED),
    Layout("task list by what repeats", is_list, tasks, "written pages"),
)


def auto_spider(slug: str, host: str) -> type[Platform]:
    """A spider for a site nobody has described: `slug` names its tasks, `host` is its registered name.

    It reads saved and archived pages; what it may request of a live site is not known, so it is never live.
    """
    declared = {
        "name": slug,
        "title": slug,
        "hosts": (host.lower(),),
        "live": False,
        "live_note": "Read without a description of the site; only archived and saved pages.",
        "reward_unit": "task",
        "languages": LANGUAGES,
        "url_shapes": phrases.ANY_PAGE,
        "archive_queries": (ArchiveQuery(host.lower(), "domain", 1996),),
        "layouts": LAYOUTS,
        "__module__": __name__,
        "__qualname__": f"Auto_{slug}",
    }
    return type(f"Auto_{slug}", (Platform,), declared)
