"""Stage after validate: e-mail addresses, phone numbers, messenger handles and the buyer's name out of the texts.

It stands before recall: what is hashed, judged and stored is one and the same text, so that equal pages have equal
hashes, spans of evidence fit, and judging again gives the same answer.
"""

from __future__ import annotations

import re

from microaudit.items import Page
from microaudit.redaction import redacted_text

TEXTS = ("title", "description", "proof")
_TELLING = re.compile(r"\S\s+\S|\d|_")  # a name of one plain word may be any word of the text


class Redact:
    """Redacts the texts of a page's tasks in place."""

    def process_item(self, page: Page) -> Page:
        shown: dict[str, list[str]] = {}
        for name, hashed in page.names.items():
            if len(name) > 4 and _TELLING.search(name):
                shown.setdefault(hashed, []).append(name)
        for task in page.tasks:
            names = shown.get(task.buyer or "", [])
            for field in TEXTS:
                setattr(task, field, redacted_text(getattr(task, field), names))
        return page
