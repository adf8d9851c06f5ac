"""The packaged tables, read through importlib so that they are found inside a zip as well."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files


def read_table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a packaged CSV table."""
    yield from csv.DictReader(read_text(name).splitlines())


def read_lines(name: str) -> Iterator[tuple[str, str]]:
    """(section, line) of a packaged text table: comments and blank lines left out."""
    section = ""
    for line in read_text(name).splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            yield section, line.strip()


def read_text(name: str) -> str:
    """A packaged file, whole."""
    return (files(__package__) / "data" / name).read_text(encoding="utf-8")


@cache
def word_list(section: str) -> frozenset[str]:
    """A named list of data/wordlists.txt."""
    return frozenset(word for name, line in read_lines("wordlists.txt") if name == section for word in line.split())
