"""A log for machines, on request: MICROAUDIT_LOG=path (or `-` for stderr), one JSON object a line.

Only what a caller names as a field is written, and callers name counts, codes, platforms and times: no address of a
page, no text of a listing, no path, no argument. Libraries' own messages stay out of it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("microaudit.events")


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        fields = getattr(record, "fields", {})
        return json.dumps({"at": at, "event": record.getMessage(), "pid": record.process} | fields, ensure_ascii=False)


def open_log() -> None:
    """Begin the log that MICROAUDIT_LOG asks for; OSError where it cannot be written."""
    LOGGER.propagate = False
    asked = os.environ.get("MICROAUDIT_LOG")
    if not asked:
        LOGGER.addHandler(logging.NullHandler())
        return
    # Opened to append, a line at a time: several processes may share the file.
    handler = logging.StreamHandler(sys.stderr) if asked == "-" else logging.FileHandler(asked, encoding="utf-8")
    handler.setFormatter(_Line())
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)


def log(event: str, **fields: Any) -> None:
    """Write one event; nothing where no log was asked for."""
    LOGGER.info(event, extra={"fields": fields})
