"""MinuteWorkers: archived pages, read by the miner of unknown layouts.

No page of the site is known. Support is unverified until one archived page has been read; what it cannot tell
for sure is counted as `unparsed`.
"""

from __future__ import annotations

from microaudit.mining.spider import LANGUAGES, LAYOUTS
from microaudit.spiders import phrases
from microaudit.spiders.base import ArchiveQuery, Platform


class MinuteWorkers(Platform):
    name = "minuteworkers"
    title = "MinuteWorkers"
    hosts = ("minuteworkers.com",)
    live = False
    live_note = "Presumed gone; no page is known, so that reading its archived pages is unverified."
    currency = "USD"
    reward_unit = "task"
    url_shapes = phrases.ANY_PAGE
    archive_queries = (ArchiveQuery("minuteworkers.com", "domain", 2009, 2016),)
    languages = LANGUAGES
    layouts = (*LAYOUTS, *phrases.LAYOUTS)
