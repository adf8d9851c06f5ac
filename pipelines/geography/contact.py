"""Weak signs of where a buyer is: the prefix of a phone number, the country domain of a link."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

import tldextract

from pipelines.geography.names import country_codes
from pipelines.geography.tables import read_table, read_text

_PHONE = re.compile(r"(?<![\w+.=/-])(?:\+|00)(\d[\d\s().-]{6,20}\d)(?!\w)")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]+|(?<=@)[\w-]+(?:\.[\w-]+)+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2}\b", re.I
)
_TWO_LETTERS = re.compile(r"\.[A-Za-z]{2}(?![A-Za-z])")
# The suffix list ships with tldextract; nothing is fetched and nothing is cached on disk.
_split = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@cache
def _calling_codes() -> dict[str, str]:
    return {row["prefix"]: row["country"] for row in read_table("calling_codes.csv")}


@cache
def _domains() -> tuple[frozenset[str], frozenset[str]]:
    table = json.loads(read_text("domains.json"))
    return frozenset(table["generic"]), frozenset(table["international_sites"])


def phone_countries(text: str) -> Iterator[tuple[str, str]]:
    """(country, prefix as written) of each international phone number; the number itself is not repeated.

    `+1` says nothing without an area code that one country owns.
    """
    for match in _PHONE.finditer(text) if "+" in text or "00" in text else ():
        digits = re.sub(r"\D", "", match[1])
        if not 9 <= len(digits) <= 15 or (digits[0] == "1" and len(digits) != 11):
            continue
        for length in range(6, 0, -1):
            country = _calling_codes().get(digits[:length])
            if country:
                yield country, _first_digits(match.group(), max(length, 4 if digits[0] == "1" else length))
                break


def _first_digits(written: str, count: int) -> str:
    """The written number cut after its calling code, and after the first group behind it if that is short."""
    seen, offset = 0, len(written) - len(written.lstrip("0")) if written.startswith("00") else 0
    for i, char in enumerate(written):
        seen += char.isdigit() and i >= offset
        if seen == count:
            return written[: i + 1]
    return written


def domain_countries(text: str) -> Iterator[tuple[str, str]]:
    """(country, domain) of each link or mail address under a country's own domain.

    Not counted: domains sold as generic names (.io, .co, .tv ...), names under a private suffix
    (`shop.blogspot.de`), and sites that have a branch in every country (amazon.de).
    """
    generic, international = _domains()
    for match in _LINK.finditer(text) if _TWO_LETTERS.search(text) else ():
        parts = _split(match.group())
        last = parts.suffix.rsplit(".", 1)[-1].lower()
        if parts.is_private or not parts.domain or len(last) != 2 or last in generic:
            continue
        country = country_codes().get(last.upper())
        if country and parts.domain.lower() not in international:
            yield country, f"{parts.domain}.{parts.suffix}"
