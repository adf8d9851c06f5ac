"""Stage 1: a task that contradicts the contract is refused, by name; nothing is mended by guessing."""

from __future__ import annotations

from decimal import Decimal

from microaudit.items import Page, Task

LIMITS = {"id": 255, "url": 4_000, "title": 2_000, "description": 200_000, "proof": 50_000, "category": 1_000}
COUNTS = ("positions_total", "positions_done", "positions_open", "minutes")
KINDS = ("task", "offer")
REWARD_UNITS = (None, "task", "hour", "project")
MOST_MONEY = Decimal("1e12")
MOST_COUNT = 2**62


def refusal(task: Task) -> str | None:
    """Why the task cannot be kept (`no id`, `bad kind`, ...), or None if it can."""
    if not task.platform:
        return "no platform"
    if not task.id:
        return "no id"
    if not (task.title or task.description):
        return "no title"
    if task.kind not in KINDS:
        return "bad kind"
    if task.reward_unit not in REWARD_UNITS:
        return "bad reward_unit"
    if task.observed_at is None or task.observed_at.tzinfo is None:
        return "no observed_at"
    return next((f"{name} too long" for name, most in LIMITS.items() if len(getattr(task, name)) > most), None)


def implausible(task: Task) -> list[str]:
    """Fields whose values no page can mean: negative counts, a pay below zero, a percentage over 100."""
    found = [name for name in COUNTS if not 0 <= (getattr(task, name) or 0) <= MOST_COUNT]
    found += [name for name in ("reward", "reward_max") if not 0 <= (getattr(task, name) or Decimal(0)) <= MOST_MONEY]
    if not 0 <= (task.success_rate or 0) <= 100:
        found.append("success_rate")
    if task.currency is not None and not (
        len(task.currency) == 3 and task.currency.isalpha() and task.currency.isupper()
    ):
        found.append("currency")
    return found


class Validate:
    """Drops refused tasks from a page and empties implausible values; both are counted on the page."""

    def process_item(self, page: Page) -> Page:
        kept = []
        for task in page.tasks:
            if reason := refusal(task):
                page.refused[reason] += 1
                continue
            for name in implausible(task):
                page.problems[name] += 1
                setattr(task, name, None)
            kept.append(task)
        page.tasks = kept
        if not kept and page.outcome == "tasks":
            page.outcome = "unparsed"
        return page
