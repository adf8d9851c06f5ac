"""What the fault tests measured, for the table in docs/faults.md."""

from __future__ import annotations

import json
import os
from pathlib import Path


def measured(fault: str, figure: str) -> None:
    """Note a figure beside a fault, if `make faults` asked for figures."""
    if file := os.environ.get("MICROAUDIT_FAULT_FIGURES"):
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"fault": fault, "figure": figure}, ensure_ascii=False) + "\n")
