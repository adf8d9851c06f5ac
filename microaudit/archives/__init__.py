"""The past as a source for the same spiders: saved folders, WARC and WACZ files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from microaudit.archives.capture import Capture
from microaudit.errors import MicroauditError

REMOTE = ("live", "wayback", "commoncrawl")


def check_source(source: str) -> None:
    """MA0202 unless the source is `live` or something on disk that `read_source` can open."""
    path = Path(source)
    if source == "live" or path.is_dir():
        return
    if not path.exists():
        raise MicroauditError("MA0202", f"there is no file or folder {source!r}")
    from microaudit.archives.warc import is_warc

    if not (is_warc(path) or path.suffix.lower() == ".wacz"):
        raise MicroauditError("MA0202", f"{source} is neither a folder nor a .warc, .warc.gz or .wacz file")


def read_source(source: str) -> Iterator[Capture]:
    """The captures of a source on disk; a folder without pages of its own may hold WARC files."""
    from microaudit.archives.folder import INDEX, read_folder
    from microaudit.archives.warc import is_warc, read_wacz, read_warc

    path = Path(source)
    if not path.is_dir():
        yield from read_warc(path) if is_warc(path) else read_wacz(path)
        return
    archives = sorted(file for file in path.iterdir() if is_warc(file) or file.suffix.lower() == ".wacz")
    if archives and not (path / INDEX).is_file():
        for archive in archives:
            yield from read_source(str(archive))
        return
    yield from read_folder(path)
