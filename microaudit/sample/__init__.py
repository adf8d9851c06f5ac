"""The pages that the package ships, one folder a platform: written for the project, no site's."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from microaudit.crawl import Options
from microaudit.errors import MicroauditError

FOLDER = Path(__file__).parent


def sample_options(platforms: Sequence[str] | None) -> dict[str, Options]:
    """What to crawl for each platform (all of them without names)."""
    shipped = sorted(path.parent.name for path in FOLDER.glob("*/index.csv"))
    for slug in platforms or ():
        if slug not in shipped:
            raise MicroauditError("MA0201", f"there are no sample pages of {slug!r}, only of {', '.join(shipped)}")
    return {slug: Options(source=str(FOLDER / slug), sample=True) for slug in platforms or shipped}


def sample_store(to: Path) -> str:
    """A store of its own in the report's folder, begun anew: invented tasks must not mix with real ones."""
    folder = to / "sample-store"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return f"sqlite:///{folder / 'store.db'}"
