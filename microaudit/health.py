"""What a crawl's counts mean: its state, the reason in words, and the exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

State = Literal["healthy", "empty", "drift", "blocked", "unreachable", "robots", "partial", "failed", "storage"]

# The error code whose first digits are the exit status, and whose text `explain` prints.
CODES: dict[State, str] = {
    "healthy": "",
    "empty": "MA0301",
    "drift": "MA0401",
    "blocked": "MA0501",
    "unreachable": "MA0601",
    "robots": "MA0701",
    "partial": "MA0801",
    "failed": "MA0101",
    "storage": "MA1001",
}
DRIFT_SHARE = 0.5  # of the listings on the pages read: more refused ones than this is a layout that changed
UNREAD = ("unparsed",)
BLOCKS = ("challenge", "login_wall")
GONE = ("not_found", "error_page", "parked", "empty")


@dataclass(slots=True)
class Counts:
    """What a crawl met: pages by outcome, listings by fate, requests that got no page, by kind."""

    tasks: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    forbidden: int = 0  # by robots.txt
    failed: int = 0  # no answer
    stopped: str | None = None  # an error that ended the crawl
    interrupted: str | None = None  # a signal that ended it
    left_alone: str | None = None  # a challenge, or a wish to be left alone
    cut_short: str | None = None  # a trap or the page budget
    unread_source: str | None = None  # a file that could not be read to its end

    @property
    def unfit(self) -> int:
        """Listings that lacked what a task needs; closed ones and repeats are not among them."""
        return sum(number for reason, number in self.refused.items() if reason not in ("closed", "duplicate"))


def state_of(counts: Counts) -> tuple[State, str]:
    """The state of a crawl, and the reason in one sentence. A gap never passes as healthy or empty."""
    pages = counts.outcomes
    unread, blocked, gone = (sum(pages[kind] for kind in kinds) for kinds in (UNREAD, BLOCKS, GONE))
    known = pages["tasks"] + pages["no_tasks"] + pages["closed"]
    if counts.stopped:
        return ("partial" if counts.tasks else "failed"), counts.stopped
    if counts.interrupted:
        return "partial", f"{counts.interrupted}; {counts.tasks} tasks read"
    if counts.left_alone:
        return "blocked", f"{counts.left_alone}; {counts.tasks} tasks read before"
    if unread > known or counts.unfit > DRIFT_SHARE * (counts.tasks + counts.unfit):
        return "drift", _drift(unread, counts)
    if counts.tasks or known:
        gaps = _gaps(counts, unread, blocked, gone)
        if gaps:
            return "partial", f"{counts.tasks} tasks read; {gaps}"
        if counts.tasks:
            return "healthy", f"{counts.tasks} tasks on {pages['tasks']} pages"
        return "empty", f"{known} pages of a known layout, no open task on them"
    if blocked:
        return "blocked", f"{pages['challenge']} challenges, {pages['login_wall']} log-in forms, no task list"
    if counts.forbidden:
        return "robots", f"robots.txt kept {counts.forbidden} requests from being sent"
    if counts.failed or gone:
        return "unreachable", f"{counts.failed} requests without an answer, {gone} pages missing or in error"
    if counts.unread_source:
        return "failed", counts.unread_source
    return "empty", "no page to read"


def _drift(unread: int, counts: Counts) -> str:
    return f"{unread} pages of an unknown layout, {counts.unfit} listings without an id or a title"


def _gaps(counts: Counts, unread: int, blocked: int, gone: int) -> str:
    parts = {
        "pages of an unknown layout": unread,
        "pages blocked": blocked,
        # A listing that has been taken down answers "not found": an end, like closed, and no gap.
        "pages in error": gone - counts.outcomes["not_found"],
        "listings without what a task needs": counts.unfit,
        "requests forbidden by robots.txt": counts.forbidden,
        "requests without an answer": counts.failed,
    }
    words = [f"{number} {what}" for what, number in parts.items() if number]
    return "; ".join([*words, *filter(None, (counts.cut_short, counts.unread_source))])


def exit_status(states: Iterable[State]) -> int:
    """0 only if all are healthy; the status of the trouble if there is one kind of it; else 8, partial."""
    troubles = {int(CODES[state][2:4]) for state in states if state != "healthy"}
    if not troubles:
        return 0
    return troubles.pop() if len(troubles) == 1 else 8
