"""Reading the platform's own fields: a buyer's country, and the countries whose workers may take a task."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import countrynames

from pipelines.geography.lexicon import TOWN, lexicon
from pipelines.geography.names import country_codes, country_names
from pipelines.geography.reading import statements
from pipelines.geography.words import flag_code, words_of

_LABEL = re.compile(r"^(?:country|location|based|from|in|país|pays|land|страна)\b(?:\s+(?:in|is))?\s*[:\-]?\s+", re.I)
_BRACKETED = re.compile(r"\s*[(\[{](.*?)[)\]}]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_CODE_TAIL = re.compile(
    r"(?:[:(\[=]|\b(?:except|excluded?|excluding|minus|not|without))\s*((?:[a-z]{2}\b[\s,;/&]*)+)[)\].]*$", re.I
)
_MINUS = re.compile(r"(?<=\s)[-!]\s?(?=[A-Za-z]{2}\b)")
_STATE = re.compile(r"\bUS-[A-Z]{2}\b")
_ZONE = re.compile(r"\b(?:asia|africa|europe|west|arab|caribbean)[12]\b|^(?:latin|muslim)$", re.I)
_NATIONWIDE = {"全国", "全國"}
_ANYWHERE = {
    "all",
    "any",
    "int",
    "international",
    "everyone",
    "anyone",
    "everywhere",
    "全部",
    "不限",
    "all users",
    "ww",
    "open",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a worker field says. `international` is None where it says nothing readable."""

    international: bool | None = None
    allowed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def normalise_country(text: str) -> str | None:
    """A raw country field ("USA", "GBR", "Россия", "Korea, Republic of", a flag, "uk") as ISO 3166-1 alpha-2.

    None where no single country is named. Kosovo is XK, as everywhere in practice.
    """
    text = text.strip().strip(".,;:*•").strip()
    flags = set(_FLAG.findall(text))
    if len(flags) > 1:
        return None
    if flags:
        return country_codes().get(flag_code(flags.pop())) or normalise_country(_FLAG.sub("", text))
    text = _LABEL.sub("", text)
    for part in (text, _BRACKETED.sub("", text), *_BRACKETED.findall(text), *text.split(" - ")[:1]):
        if code := _one_country(part):
            return code
    if "," in text:
        head, tail = text.rsplit(",", 1)
        return normalise_country(tail) or normalise_country(head)
    return None


def _one_country(text: str) -> str | None:
    compact = text.replace(".", "").strip()
    if code := country_codes().get(compact.upper()):
        return code
    key = " ".join(words_of(text))
    for name in (key, key.removeprefix("the "), key.replace(" , ", " "), key.replace(" & ", " and ")):
        if code := country_names().get(name):
            return code
    if len(key) < 4 or any(entry.role in "RGA" and not entry.rest for entry in lexicon().get(key, ())):
        return None
    found = (countrynames.to_code(text) or "").split("-")[0]
    return found if found in country_codes() and len(found) == 2 else _town(key)


def _town(key: str) -> str | None:
    first, *rest = key.split(" ")
    entries = (entry for entry in lexicon().get(first, ()) if entry.rest == tuple(rest) and entry.role == TOWN)
    return next((entry.countries[0] for entry in entries), None)


@lru_cache(maxsize=4096)
def read_worker_field(text: str) -> Declared:
    """What the platform's worker field allows: a list, a zone, everybody, everybody but some, or nothing readable."""
    text = text.strip()
    if not text:
        return Declared()
    if text in _NATIONWIDE:
        return Declared(regions=(text,))  # nationwide, of a nation that the field does not name
    if text.lower().strip(" .") in _ANYWHERE:
        return Declared(international=True)
    if zones := _ZONE.findall(text):
        rest = read_worker_field(_ZONE.sub("", text).strip(" ,-"))
        return Declared(False, rest.allowed, rest.excluded, tuple(zone.lower() for zone in zones))
    if codes := _plain_list(text):
        return Declared(international=False, allowed=codes)
    return _sentence(text)


def _plain_list(text: str) -> tuple[str, ...]:
    """The countries of a bare list, with or without a platform's zone letter before it; () if it is anything else."""
    head = re.match(r"([A-Za-z]{1,3}\d?)(?:\s{2,}|(?<=^[A-Z])\s+)(?=[A-Za-z]{2}\b)", text)
    for candidate in (text[head.end() :] if head else text, text):
        codes = [country_codes().get(word.upper()) for word in re.split(r"[\s,;/|+&-]+", candidate) if word]
        if codes and all(codes):
            return tuple(dict.fromkeys(code for code in codes if code))
    whole = normalise_country(text) if "," not in text else _one_country(text)
    if whole and not re.search(r"[:;|/+]| - ", text):
        return (whole,)
    return ()


def _sentence(text: str) -> Declared:
    text = _STATE.sub("US   ", text)
    if re.match(r"(?i)int|all|world|except|excl", text):
        everybody, *refused = _MINUS.split(text)
        text = everybody + "except " * bool(refused) + ", ".join(refused)
        text = re.sub(r"(?i)^int\b", "International", text)
    if tail := _CODE_TAIL.search(text):
        text = text[: tail.start(1)] + tail[1].upper() + text[tail.end(1) :]
    found = list(statements(text, declared=True))
    allowed = dict.fromkeys(code for s in found if s.verdict == "allowed" for code in s.countries)
    excluded = dict.fromkeys(code for s in found if s.verdict == "excluded" for code in s.countries)
    regions = dict.fromkeys(name for s in found if s.verdict == "allowed" for name in s.regions)
    for code in excluded:
        allowed.pop(code, None)
    if allowed or regions:
        return Declared(False, tuple(allowed), tuple(excluded), tuple(regions))
    if excluded or any(s.verdict in ("everywhere", "preferred") for s in found):
        return Declared(True, (), tuple(excluded))
    return Declared()
