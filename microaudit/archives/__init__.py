"""The past as a source for the same spiders: web archives, saved folders, WARC and WACZ files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from microaudit.archives.capture import Capture
from microaudit.errors import MicroauditError

ARCHIVES = ("wayback", "commoncrawl")
REMOTE = ("live", *ARCHIVES)  # sources that are asked over the network


def check_source(source: str) -> None:
    """MA0202 unless the source is one of REMOTE or something on disk that `read_source` can open."""
    path = Path(source)
    if source in REMOTE or path.is_dir():
        return
    if not path.exists():
        raise MicroauditError("MA0202", f"there is no file or folder {source!r}")
    from microaudit.archives.warc import is_warc

    if not (is_warc(path) or path.suffix.lower() == ".wacz"):
        raise MicroauditError("MA0202", f"{source} is neither a folder nor a .warc, .warc.gz or .wacz file")


def read_source(source: str, problems: Counter[str] | None = None) -> Iterator[Capture]:
    """The captures of a source on disk; a folder without pages of its own may hold WARC files.

    `problems` counts what was left out, by reason. A file that cannot be read to its end is named by MA0203 after
    all others have been read.
    """
    from microaudit.archives.folder import INDEX, read_folder
    from microaudit.archives.warc import is_warc, read_wacz, read_warc

    path = Path(source)
    if not path.is_dir():
        yield from read_warc(path, problems) if is_warc(path) else read_wacz(path, problems)
        return
    archives = sorted(file for file in path.iterdir() if is_warc(file) or file.suffix.lower() == ".wacz")
    if not archives or (path / INDEX).is_file():
        yield from read_folder(path)
        return
    troubles: list[MicroauditError] = []
    for archive in archives:
        try:
            yield from read_source(str(archive), problems)
        except MicroauditError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0]
