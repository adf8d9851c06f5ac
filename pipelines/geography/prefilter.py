"""Whether a text names any place at all: one scan, so that most texts cost microseconds."""

from __future__ import annotations

from functools import cache
from typing import Any

import re2

from pipelines.geography.lexicon import country_codes, place_phrases
from pipelines.geography.words import fold


@cache
def _scanner() -> tuple[Any, Any]:
    phrases = sorted(set(place_phrases()))
    options = re2.Options()
    options.max_mem = 256 << 20
    ascii_start = "|".join(re2.escape(p).replace(" ", "[^a-z0-9]+") for p in phrases if p[0].isascii())
    other = "|".join(re2.escape(p).replace(" ", ".{1,3}") for p in phrases if not p[0].isascii())
    names = re2.compile(f"\\b(?:{ascii_start})|(?:{other})", options)
    codes = re2.compile(r"\b(?:" + "|".join(sorted(country_codes())) + r"|[A-Z]\.[A-Z])\b|[\x{1F1E6}-\x{1F1FF}]")
    return names, codes


def may_name_a_place(text: str) -> bool:
    """False only where no country, code, demonym, region, town or word for everywhere occurs."""
    if not text:
        return False
    names, codes = _scanner()
    return names.search(fold(text)) is not None or codes.search(text) is not None
