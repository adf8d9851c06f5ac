"""Whether a text names any place at all, so that most texts cost microseconds."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import re2

from pipelines.geography.lexicon import PLACES, capitals, country_codes, lexicon, place_phrases
from pipelines.geography.words import HAN, fold

_LATIN_WORD = re.compile(r"[^\W\d_]+")
_OTHER_SCRIPT = re.compile("[\u0370-\u1fff\u2e80-\U0001ffff]")
_CAPITALS = re.compile(r"\b[A-Z]{2,5}\b|\b[A-Z]\.[A-Z]\b")
_COMMON = frozenset("a any d g me around across over wide hi see place location whole developing three the all of in us".split())


@cache
def _telling_words(towns: bool) -> frozenset[str]:
    """The rarest word of each phrase in Latin letters: "zealand" of "new zealand"; towns with their capital letter."""
    words = (max(phrase, key=_rarity) for phrase in place_phrases(towns) if not _OTHER_SCRIPT.match(phrase[0]))
    return frozenset(word.capitalize() if towns else word for word in words)


def _rarity(word: str) -> tuple[bool, bool, int]:
    return word not in _COMMON, word not in lexicon() or any(not e.rest and e.role in PLACES for e in lexicon()[word]), len(word)


@cache
def _other_scripts() -> Any:
    """One scan for the phrases of other scripts, wherever in a word they stand: endings and prefixes cling to them."""
    options = re2.Options()
    options.max_mem = 64 << 20
    phrases = (*place_phrases(towns=False), *place_phrases(towns=True))
    stems = {max(words, key=len) if not HAN.match(words[0]) else "".join(words) for words in phrases}
    stems = {stem for stem in stems if _OTHER_SCRIPT.match(stem)}
    return re2.compile("|".join(sorted(map(re2.escape, stems))) + r"|[\x{1F1E6}-\x{1F1FF}]", options)


def may_name_a_place(text: str) -> bool:
    """False only where no country, code, demonym, region, town or word for everywhere occurs."""
    if not text:
        return False
    words = _LATIN_WORD.findall(text.replace("İ", "I"))
    if not _telling_words(False).isdisjoint(map(fold, words)) or not _telling_words(True).isdisjoint(words):
        return True
    if any(word in country_codes() or word in capitals() or "." in word for word in _CAPITALS.findall(text)):
        return True
    return not text.isascii() and _OTHER_SCRIPT.search(text) is not None and _other_scripts().search(fold(text)) is not None
