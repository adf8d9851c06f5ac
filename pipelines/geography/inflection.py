"""Places inside longer words: Turkish and Bengali case endings, Arabic prepositions, a German or English s."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pipelines.geography.lexicon import COUNTRY, PLACES, TOWN, Entry, lexicon
from pipelines.geography.names import country_names
from pipelines.geography.tables import word_list
from pipelines.geography.towns import town_names

# After an apostrophe: "Kenya'dan", "Berlin'de".
TURKISH_ENDINGS = word_list("turkish endings")
_OUR_TURKISH = re.compile("(.{3,}?)(?:[ıiuü]?m[ıiuü]z|y?[ıiuü]z|[ıiuü]m)(?:d[ae]n?|[ıiuü]n)?")
_TURKISH = re.compile("(.{4,}?)(?:nden|ndan|den|dan|ten|tan|deki|daki|teki|taki|de|da|te|ta|nin|nın)")
# "Steuerbüro", "Reiseagentur": German writes the kind of a firm as one with its trade.
_GERMAN_FIRM = re.compile(
    ".{3,}(?:agentur|betrieb|büro|firma|geschäft|gesellschaft|händler|handel|hersteller|kanzlei|laden|manufaktur|praxis"
    "|schule|studio|unternehmen|verein|verlag|werkstatt)"
)
BENGALI_ENDINGS = ("ে", "র", "য়", "ের", "তে", "কে", "য়ের", "েই", "েরই", "এর")
_LONGEST_BENGALI_ENDING = 2  # characters


@lru_cache(maxsize=65536)
def place_within(word: str) -> Entry | None:
    """The place (or the worker's word) in a folded word that carries an ending or a preposition; None if none."""
    if "\u0600" <= word[0] <= "\u06ff":
        return _without_arabic_preposition(word)
    for stem in _stems(word):
        if code := country_names().get(stem):
            return Entry((), COUNTRY, (code,))
        if not stem.isascii() and (code := town_names().get(stem)):
            return Entry((), TOWN, (code,))
    if _GERMAN_FIRM.fullmatch(word):
        return Entry((), "Q")
    ours = _OUR_TURKISH.fullmatch(word) if len(word) >= 6 else None
    for stem in (ours[1], re.sub("s?[ıiuü]$", "", ours[1])) if ours else ():
        if any(entry.role == "Q" and not entry.rest for entry in lexicon().get(stem, ())):
            return Entry((), "q")
    return None


def _stems(word: str) -> Iterator[str]:
    """What may be left of a word without its ending, the shorter endings first."""
    if "\u0980" <= word[0] <= "\u09ff":
        yield from (word[: -len(ending)] for ending in BENGALI_ENDINGS if word.endswith(ending))
    elif len(word) >= 6:
        if match := _TURKISH.fullmatch(word):
            yield match[1]
        if word.endswith("s"):
            yield word[:-1]


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
            if not entry.rest and entry.role in PLACES + "WpuLVNM":
                return entry
    return None
