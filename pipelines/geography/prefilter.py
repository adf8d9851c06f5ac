"""Whether a text names any place at all, so that most texts cost microseconds."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import re2

from pipelines.geography.codes import THREE_LETTERS
from pipelines.geography.inflection import BENGALI_ENDINGS
from pipelines.geography.lexicon import PLACES, capitals, lexicon, place_phrases
from pipelines.geography.names import country_codes
from pipelines.geography.tables import word_list
from pipelines.geography.words import HAN, LETTERS, fold

_WORD = re.compile(LETTERS)
_ASCII_WORD = re.compile("[A-Za-z]+")
_OTHER_SCRIPT = re.compile("[\u0370-\u1fff\u2e80-\U0001ffff]")


@cache
def _telling_words() -> frozenset[str]:
    """Words that betray a place, as they may be written: the rarest word of each phrase ("zealand" of "new
    zealand") in any case, towns with a capital, codes in capitals."""
    names = {max(words, key=_rarity) for words in place_phrases(towns=False) if not _OTHER_SCRIPT.match(words[0])}
    towns = {form for words in place_phrases(towns=True) for form in _inflected(max(words, key=_rarity))}
    written = names | {word.capitalize() for word in names | towns} | {word.upper() for word in names | towns}
    codes = {code for code in country_codes() if len(code) == 2} | capitals() | THREE_LETTERS | {"U", "EE"}
    return frozenset(written | codes - word_list("shouted"))


def _inflected(town: str) -> tuple[str, ...]:
    """A town with the endings and prepositions that Bengali and Arabic write as one with it."""
    if "\u0980" <= town[0] <= "\u09ff":
        return town, *(town + ending for ending in BENGALI_ENDINGS)
    if "\u0600" <= town[0] <= "\u06ff":
        return town, *(preposition + town for preposition in "بلو"), "لل" + town.removeprefix("ال")
    return (town,)


def _rarity(word: str) -> tuple[bool, bool, int]:
    return (
        word not in word_list("common"),
        word not in lexicon() or any(not e.rest and e.role in PLACES for e in lexicon()[word]),
        len(word),
    )


@cache
def _other_scripts() -> Any:
    """One scan for the phrases of other scripts, wherever in a word they stand: endings and prefixes cling to them."""
    options = re2.Options()
    options.max_mem = 64 << 20
    towns = (words for words in place_phrases(towns=True) if HAN.match(words[0]))
    phrases = (*place_phrases(towns=False), *towns)
    stems = {max(words, key=len) if not HAN.match(words[0]) else "".join(words) for words in phrases}
    stems = {stem for stem in stems if _OTHER_SCRIPT.match(stem)}
    return re2.compile("|".join(sorted(map(re2.escape, stems))) + r"|[\x{1F1E6}-\x{1F1FF}]", options)


def may_name_a_place(text: str) -> bool:
    """False only where no country, code, demonym, region, town or word for everywhere occurs."""
    if not text:
        return False
    plain = text.isascii()
    words = _ASCII_WORD.findall(text) if plain else _WORD.findall(text.replace("İ", "I"))
    if not _telling_words().isdisjoint(words):
        return True
    if plain or not _OTHER_SCRIPT.search(text):
        return False
    folded = fold(text)
    return not _telling_words().isdisjoint(_WORD.findall(folded)) or _other_scripts().search(folded) is not None
