"""Bare codes in running text: which capitals mean a country, and where."""

from __future__ import annotations

from pipelines.geography.lexicon import CODE, Entry
from pipelines.geography.names import country_codes
from pipelines.geography.tables import word_list

# The codes of three letters that listings use and that are no words.
THREE_LETTERS = word_list("three letters")
# Capitals that are no country even in a list: "AI, ML, QA".
NO_CODES = word_list("no codes")
# With one of these beside it, a second pair of capitals is no country either: "PS/LR expert".
TRADE = word_list("trade abbreviations")
# Capitals that mean something else too often to be a country by themselves.
NEVER_ALONE = NO_CODES | word_list("american states") | word_list("ambiguous codes")


def code_entry(word: str, folded: str) -> Entry | None:
    """The country of a bare code in capitals; None for a word, and for three letters outside the usual ones."""
    if not word.isupper() or len(word) > 3 or (len(word) == 3 and word not in THREE_LETTERS):
        return None
    code = country_codes().get(word)
    return Entry((), CODE, (code,)) if code else None


def stands_in_a_list(words: list[str], i: int) -> bool:
    """Whether the capitals at i have capitals beside them: "IN, PK, BD", not "NO INDIA"."""
    pairs = (words[i - 2 : i][::-1] if i > 1 else [], words[i + 1 : i + 3])
    return any(len(p) == 2 and p[0] in ",/&+|-" and len(p[1]) <= 3 and p[1].isupper() for p in pairs)


def means_us(words: list[str], i: int) -> bool:
    """Whether "US" at i is the pronoun in a shouted sentence: "CONTACT US"."""
    return words[i] == "US" and i > 0 and words[i - 1] in word_list("ask us")
