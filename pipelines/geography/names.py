"""Names of countries in fifteen languages, as people type them, and the ISO 3166-1 codes.

data/names.csv is Unicode CLDR 47 (Unicode licence); data/aliases.csv adds short, older and misspelt names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipelines.geography.tables import read_table, word_list
from pipelines.geography.words import words_of

_RUSSIAN_ENDINGS = [
    ("ия", ("ии", "ию", "ией")),
    ("ы", ("", "ов", "ам", "ах", "ами")),
    ("а", ("ы", "и", "е", "у", "ой")),
    ("я", ("и", "ю", "е", "ей")),
    ("ь", ("и", "я", "ю", "ью")),
    ("й", ("я", "ю", "ем", "е")),
]
_ACCENTS = str.maketrans("áàâãäåéèêëíìîïóòôõöúùûüçñşğışý", "aaaaaaeeeeiiiiooooouuuucnsgisy")


@cache
def country_names() -> dict[str, str]:
    """Folded name -> ISO alpha-2, for names of countries in all languages (no codes, no demonyms)."""
    names: dict[str, str] = {}
    for row in read_table("aliases.csv"):
        for name in row["names"].split("|"):
            names.setdefault(" ".join(words_of(name)), row["code"])
    for row in read_table("names.csv"):
        for name in list(row.values())[2:]:
            names.setdefault(" ".join(words_of(name.replace("’", "'"))), row["code"])
    for name, code in list(names.items()):
        for form in (*without_accents(name), *russian_cases(name)):
            names.setdefault(form, code)
    for name, code in list(names.items()):
        for typo in _typos(name):
            names.setdefault(typo, code)
    names.pop("", None)
    return names


@cache
def country_codes() -> dict[str, str]:
    """Capital ISO alpha-2 and alpha-3 codes, and UK -> ISO alpha-2."""
    codes = {"UK": "GB", "EL": "GR"}
    for row in read_table("names.csv"):
        codes[row["code"]] = codes[row["alpha3"]] = row["code"]
    return codes


def without_accents(name: str) -> Iterator[str]:
    """The name as typed without accents, where it stays long enough to be itself."""
    plain = name.translate(_ACCENTS)
    if plain != name and len(plain) >= 5:
        yield plain


def russian_cases(name: str) -> Iterator[str]:
    """The oblique cases of a Russian name (its last word, and the adjectives before it)."""
    if not re.search("[а-я]", name):
        return
    *heads, last = name.split(" ")
    endings = next((pair for pair in _RUSSIAN_ENDINGS if last.endswith(pair[0])), ("", ("а", "у", "ом", "е")))
    stem = last[: len(last) - len(endings[0])]
    if len(stem) < 3:
        return
    for ending in endings[1]:
        bent = [re.sub("ая$", "ой", re.sub("ые$", "ых", head)) for head in heads]
        yield " ".join([*bent, stem + ending])


def _typos(name: str) -> Iterator[str]:
    """Slips of one key inside a long English name: a letter lost, doubled or swapped."""
    if name not in word_list("often mistyped"):
        return
    for i in range(2, len(name) - 1):
        yield name[:i] + name[i + 1 :]
        yield name[:i] + name[i] + name[i:]
        yield name[: i - 1] + name[i] + name[i - 1] + name[i + 1 :]
