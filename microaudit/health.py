"""What the counts of a crawl mean: its state, the reason, the exit status; and what a platform's crawls say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, Literal

from microaudit.baseline import Run, volume

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
Health = Literal["healthy", "quiet", "drift", "blocked", "unreachable", "unknown"]
# How a platform is after a crawl that ended so; unknown where the crawl says nothing of the platform.
HEALTH: dict[State, Health] = {
    "healthy": "healthy",
    "empty": "quiet",
    "drift": "drift",
    "blocked": "blocked",
    "robots": "blocked",
    "unreachable": "unreachable",
    "partial": "healthy",  # unless the gaps are large
    "failed": "unknown",
    "storage": "unknown",
}
EXITS: dict[Health, int] = {"healthy": 0, "unknown": 3, "quiet": 3, "drift": 4, "blocked": 5, "unreachable": 6}
GAP_SHARE = 0.1  # of a partial crawl's pages: larger gaps are the platform's state
UNREAD_RISE = 0.1  # more unread values and listings a listing than usual, by which a layout has begun to change
FIT = ("closed", "duplicate", "erased on request")  # why a listing that was well read is left out
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
    passed_over: Counter[str] = field(default_factory=Counter)  # parts of a source that are no page, by reason
    forbidden: int = 0  # by robots.txt
    failed: int = 0  # no answer
    stopped: str | None = None  # an error that ended the crawl
    interrupted: str | None = None  # a signal that ended it
    left_alone: str | None = None  # a challenge, or a wish to be left alone
    cut_short: str | None = None  # a trap or the page budget
    unread_source: str | None = None  # a file that could not be read to its end

    @property
    def unfit(self) -> int:
        """Listings that lacked what a task needs; closed, repeated and erased ones are not among them."""
        return sum(number for reason, number in self.refused.items() if reason not in FIT)


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
    return one_status(int(CODES[state][2:4]) for state in states if state != "healthy")


def one_status(statuses: Iterable[int]) -> int:
    """The exit status of several: 0 if all are, the one kind of trouble if there is one, else 8, partial."""
    troubles = set(statuses) - {0}
    if not troubles:
        return 0
    return troubles.pop() if len(troubles) == 1 else 8


@dataclass(frozen=True, slots=True)
class Past:
    """One row of the run ledger, as much of it as tells how the platform was."""

    started_at: datetime
    state: State | None  # None: running, or killed
    reason: str
    tasks: int
    outcomes: Mapping[str, int]
    problems: Mapping[str, int]
    refused: Mapping[str, int]
    failed: int = 0  # requests without an answer
    like: Any = None  # what was asked: only runs that asked for the same are compared


def health_of(runs: Sequence[Past]) -> tuple[Health, str]:
    """How a platform is after its crawls (oldest first; at least one), and the evidence in a sentence.

    Fewer tasks than usual are quiet only where the pages read as well as usual: what no longer reads is drift.
    """
    last = runs[-1]
    if last.state is None:
        return "unknown", "the last crawl has not ended"
    health = HEALTH[last.state]
    if last.state == "partial":
        health = _gap(last) or ("healthy" if last.tasks else "unknown")
    if health not in ("healthy", "quiet"):
        return health, last.reason
    usual = [run for run in runs[:-1] if run.state == "healthy" and run.like == last.like]
    rise = _unread(last) - (median(map(_unread, usual)) if usual else 0.0)
    if usual and rise > UNREAD_RISE:
        return "drift", f"{rise:.0%} more of the listings than usual have values that do not read; {last.reason}"
    if last.state != "healthy":
        return health, last.reason
    found = volume([Run(run.started_at, run.tasks) for run in (*usual, last)])
    if found is None:
        return "healthy", f"{last.reason}; too few crawls yet to know what is usual ({len(usual)} before)"
    if found.quiet:
        over = "" if found.runs == 1 else f" over {found.runs} crawls"
        return "quiet", f"{found.share:.0%} of the usual number of tasks{over}; {found.expected:.0f} were expected"
    return "healthy", f"{last.reason}; {found.expected:.0f} were expected"


def _gap(run: Past) -> Health | None:
    """The state that the gaps of a partial crawl stand for, if they are large; the largest counts."""
    pages = run.outcomes
    gaps: dict[Health, int] = {
        "drift": sum(pages.get(kind, 0) for kind in UNREAD),
        "blocked": sum(pages.get(kind, 0) for kind in BLOCKS),
        "unreachable": sum(pages.get(kind, 0) for kind in GONE) + run.failed,
    }
    largest = max(gaps, key=lambda health: gaps[health])
    return largest if gaps[largest] > GAP_SHARE * (sum(pages.values()) + run.failed) else None


def _unread(run: Past) -> float:
    """Values and listings that did not read, a listing."""
    unfit = Counts(refused=Counter(run.refused)).unfit
    return (sum(run.problems.values()) + unfit) / max(run.tasks + unfit, 1)
