"""Places inside longer words: Turkish and Bengali case endings, Arabic prepositions, a German or English s."""

from __future__ import annotations

import re

from pipelines.geography.lexicon import COUNTRY, PLACES, TOWN, Entry, lexicon
from pipelines.geography.names import country_names
from pipelines.geography.tables import word_list
from pipelines.geography.towns import town_names

# After an apostrophe: "Kenya'dan", "Berlin'de".
TURKISH_ENDINGS = word_list("turkish endings")
_TURKISH = re.compile("(.{4,}?)(?:nden|ndan|den|dan|ten|tan|deki|daki|teki|taki|de|da|te|ta|nin|nın)")
_BENGALI = re.compile("(.{3,}?)(?:ের|য়ের|ে|র|তে|য়|কে|েই|েরই|এর)")
_LONGEST_BENGALI_ENDING = 2  # characters


def place_within(word: str) -> Entry | None:
    """The place (or the worker's word) in a folded word that carries an ending or a preposition; None if none."""
    if "\u0600" <= word[0] <= "\u06ff":
        return _without_arabic_preposition(word)
    match = None
    if "\u0980" <= word[0] <= "\u09ff":
        match = _BENGALI.fullmatch(word)
    elif len(word) >= 6:
        match = _TURKISH.fullmatch(word)
    for stem in (match[1] if match else "", word[:-1] if len(word) > 6 and word.endswith("s") else ""):
        if code := country_names().get(stem):
            return Entry((), COUNTRY, (code,))
        if not stem.isascii() and (code := town_names().get(stem)):
            return Entry((), TOWN, (code,))
    return None


def is_bengali_form(word: str, name: str) -> bool:
    """Whether a word of a text is this last word of a Bengali name with a case ending."""
    return (
        "\u0980" <= word[0] <= "\u09ff"
        and len(name) >= 3
        and word.startswith(name)
        and len(word) - len(name) <= _LONGEST_BENGALI_ENDING
    )


def _without_arabic_preposition(word: str) -> Entry | None:
    """و ف (and), ل ب ك (to, in, like) and ال (the) are written as one with the word behind them."""
    forms = [word]
    if word.startswith("لل"):
        forms.append("ال" + word[2:])
    if word[0] in "وف":
        forms.append(word[1:])
    forms += [form[1:] for form in list(forms) if form[0] in "لبك"]
    forms += [form[2:] for form in list(forms) if form.startswith("ال")]
    for form in forms[1:]:
        for entry in lexicon().get(form, ()):
            if not entry.rest and entry.role in PLACES + "WpuLV":
                return entry
    return None
