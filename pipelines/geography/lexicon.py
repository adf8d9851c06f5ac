"""What words mean: the packaged tables as one dictionary of phrases, each with one role.

A role is a letter: those of places stand here, those of the words around them in data/cues.txt.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipelines.geography.names import country_names
from pipelines.geography.tables import read_lines, read_table, word_list
from pipelines.geography.towns import town_names
from pipelines.geography.words import HAN, fold, words_of

COUNTRY, CODE, DEMONYM, LANGUAGE, GROUP, REGION, TOWN, EVERYWHERE = "C", "K", "I", "D", "G", "R", "Y", "A"
PLACES = COUNTRY + CODE + DEMONYM + LANGUAGE + GROUP + REGION + TOWN


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase: the words after its first, its role, the countries or the region it stands for."""

    rest: tuple[str, ...]
    role: str
    countries: tuple[str, ...] = ()
    name: str = ""
    capitals: bool = False


def _braces(pattern: str) -> Iterator[str]:
    """indi{o|a} -> indio, india."""
    match = re.search(r"\{([^}]*)\}", pattern)
    if not match:
        yield pattern
        return
    for ending in match[1].split("|"):
        yield from _braces(pattern[: match.start()] + ending + pattern[match.end() :])


def _places() -> Iterator[tuple[str, Entry]]:
    for name, code in country_names().items():
        yield name, Entry((), COUNTRY, (code,), capitals=len(name) <= 4 and name in _abbreviations())
    for _, line in read_lines("demonyms.txt"):
        code, *patterns = line.split()
        for form in (form for pattern in patterns for form in _braces(pattern)):
            role = LANGUAGE if "*" in form else DEMONYM
            yield " ".join(words_of(form.replace("*", "").replace("_", " "))), Entry((), role, (code,))
    for section, line in read_lines("regions.txt"):
        name, *members, phrases = (part.strip() for part in line.split(" = "))
        role = GROUP if section == "defined" else REGION
        for phrase in phrases.split(","):
            word = phrase.strip()
            capitals = word.isupper() and len(word) <= 4 and word.lower() not in word_list("any case")
            codes = tuple(members[0].split()) if members else ()
            yield " ".join(words_of(word)), Entry((), role, codes, name, capitals)


@cache
def _abbreviations() -> frozenset[str]:
    """Folded abbreviations of countries that count in capitals only."""
    names = (name.replace(".", "") for row in read_table("aliases.csv") for name in row["names"].split("|"))
    return frozenset(
        fold(n) for n in names if len(n) <= 4 and n.isupper() and n.isalpha() and fold(n) not in word_list("any case")
    )


def _cues() -> Iterator[tuple[str, Entry]]:
    for _, line in read_lines("cues.txt"):
        role, phrases = line.split(" ", 1)
        for phrase in phrases.split(","):
            yield " ".join(words_of(phrase)), Entry((), role)


@cache
def lexicon() -> dict[str, tuple[Entry, ...]]:
    """First word -> the phrases that begin with it, longest first. Han phrases are keyed by their first character."""
    phrases: dict[str, Entry] = {}
    for phrase, entry in (*_places(), *_cues()):
        phrases.setdefault(phrase, entry)
    for name, code in town_names().items():
        phrases.setdefault(name, Entry((), TOWN, (code,)))
    phrases.pop("", None)
    index: dict[str, list[Entry]] = defaultdict(list)
    for phrase, entry in phrases.items():
        first, *rest = list(phrase) if HAN.match(phrase) else phrase.split(" ")
        index[first].append(Entry(tuple(rest), entry.role, entry.countries, entry.name, entry.capitals))
    return {first: tuple(sorted(entries, key=lambda e: -len(e.rest))) for first, entries in index.items()}


def place_phrases(towns: bool) -> Iterator[tuple[str, ...]]:
    """The words of every phrase whose presence makes a text worth reading: of the towns, or of all other places."""
    for first, entries in lexicon().items():
        for entry in entries:
            if (
                entry.role in PLACES + EVERYWHERE
                and (entry.role == TOWN) is towns
                and not (entry.capitals and first.isascii())
            ):
                yield first, *entry.rest


@cache
def capitals() -> frozenset[str]:
    """The abbreviations of places that count in capitals only, in capitals."""
    return frozenset(first.upper() for first, entries in lexicon().items() if any(e.capitals for e in entries))
