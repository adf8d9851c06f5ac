"""Notice a site that leads on for ever: calendars, sorted lists, "next" links without an end."""

from __future__ import annotations

from microaudit.items import Page

PATIENCE = 25  # pages in a row that may show nothing new


class Trap:
    """Counts the pages in a row that show no task for the first time in this crawl.

    A task is new twice: in a list, and on a page of its own.
    """

    def __init__(self, patience: int = PATIENCE) -> None:
        self.patience = patience
        self.barren = 0
        self.seen: set[tuple[str, bool]] = set()

    def closes(self, page: Page) -> bool:
        """Whether this page is one too many."""
        alone = len(page.tasks) == 1
        shown = {(task.id, alone) for task in page.tasks}
        self.barren = 0 if shown - self.seen else self.barren + 1
        self.seen |= shown
        return self.barren >= self.patience
