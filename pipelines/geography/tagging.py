"""A sentence as a string of roles: one letter a phrase, with the span and the places behind each letter.

"Only workers from Kenya or Ghana, please." becomes `OWFCcC,a`: the rules of reading are then
regular expressions over roles, the same for every language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipelines.geography.codes import code_entry, means_us, stands_in_a_list
from pipelines.geography.inflection import TURKISH_ENDINGS, is_bengali_form, place_within
from pipelines.geography.lexicon import CODE, COUNTRY, PLACES, TOWN, Entry, lexicon
from pipelines.geography.names import country_codes
from pipelines.geography.words import flag_code, fold, tokens

_SENTENCE_END = re.compile(r"[\n!;•…。！；।·●▪✅❌►*]+|\.(?=\s|$)(?<!\b[A-Z]\.)(?<!\bEE\.)(?<!\bUU\.)")
# "Accepted countries:" and the short lines below it are one sentence.
_LISTED_COUNTRIES = re.compile(
    r"[^\n]*(?:countr|pa[ií]s|pays|l[aä]nd|paes|стран|negara|देश|دول|国家|ülke|quốc gia|দেশ|bansa|nation|location)"
    r"[^\n:]*:[ \t]*(?:\n[ \t]*[^\n.!?:]{2,40}(?=\n|$))+",
    re.I,
)
_MARKS = {mark: role for role, marks in ((",", ",，、،"), ("c", "&/+"), (":", ":：=?？؟")) for mark in marks}
_MARKS |= dict.fromkeys("|()[]{}【】（）「」", "|") | dict.fromkeys("–—_>~", "-")
_JOINERS = frozenset("'’‘-")
UNKNOWN, NUMBER_OR_LINK = "w", "d"


@dataclass(slots=True)
class Tagged:
    """A sentence cut into phrases: `roles[i]` is the role of the phrase at `spans[i]`, `entries[i]` what it names."""

    text: str
    roles: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list)
    entries: list[Entry | None] = field(default_factory=list)

    def words(self, start: int, end: int) -> str:
        """The verbatim words of phrases start..end (end excluded)."""
        return self.text[self.spans[start][0] : self.spans[end - 1][1]]

    def add(self, role: str, start: int, end: int, entry: Entry | None = None) -> None:
        """Append the phrase at start..end."""
        self.roles += role
        self.spans.append((start, end))
        self.entries.append(entry)


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the marks between them; "U.S." ends none, and a list keeps its header."""
    lists = [match.span() for match in _LISTED_COUNTRIES.finditer(text)] if "\n" in text else []
    if not lists:
        return _SENTENCE_END.split(text)
    ends = [m for m in _SENTENCE_END.finditer(text) if not any(a <= m.start() < b for a, b in lists)]
    starts = [0, *(m.end() for m in ends)]
    return [text[start:end] for start, end in zip(starts, [*(m.start() for m in ends), len(text)], strict=True)]


def tag(text: str) -> Tagged:
    """Give every phrase of a sentence its role; unknown words are `w`, numbers and links `d`."""
    cut = [(m.lastgroup, m[0], *m.span()) for m in tokens(text)]
    words = [word for _, word, _, _ in cut]
    folded = [_folded(kind, word) for kind, word, _, _ in cut]
    tagged, phrases = Tagged(text), lexicon()
    i = 0
    while i < len(cut):
        kind, word, start, end = cut[i]
        length = 1
        if kind == "word" or kind == "abbreviation":
            entry = code_entry(word, folded[i]) if len(word) < 4 else None
            if folded[i] in phrases and not (entry and stands_in_a_list(words, i)):
                phrase, length = _longest(words, folded, i)
                entry = phrase or entry
            elif "\u0600" <= word[0] <= "\u06ff" and folded[i][1:] in phrases:
                entry, length = _longest(words, [*folded[:i], folded[i][1:], *folded[i + 1 :]], i)
                entry, length = (entry, length) if length > 1 else (None, 1)
            if entry is None and i and words[i - 1] in _JOINERS and folded[i] in TURKISH_ENDINGS:
                tagged.add("F", start, end)
            elif entry is None and (entry := place_within(folded[i])) is None:
                tagged.add(UNKNOWN, start, end)
            else:
                tagged.add(_role_in_place(entry.role, words, i, tagged.roles), start, cut[i + length - 1][3], entry)
        elif kind == "han":
            _add_han(tagged, word, start)
        elif kind == "flag":
            code = country_codes().get(flag_code(word))
            tagged.add(COUNTRY if code else UNKNOWN, start, end, Entry((), COUNTRY, (code,)) if code else None)
        elif kind in ("opaque", "number"):
            tagged.add(NUMBER_OR_LINK, start, end)
        elif word in _MARKS:
            tagged.add(_MARKS[word], start, end)
        elif word == "-" and (start == 0 or text[start - 1].isspace() or text[end : end + 1].isspace()):
            tagged.add("-", start, end)
        i += length
    return tagged


def _folded(kind: str | None, word: str) -> str:
    return fold(word.replace(".", "").replace(" ", "")) if kind == "abbreviation" else fold(word)


def _longest(words: list[str], folded: list[str], i: int) -> tuple[Entry | None, int]:
    """The longest phrase that begins at word i, and how many tokens it takes."""
    second = folded[i + 1] if i + 1 < len(folded) else ""
    for entry in lexicon()[folded[i]]:
        if entry.rest and second.isascii() and second not in _JOINERS and second != entry.rest[0]:
            continue
        j = i + 1
        for rest in entry.rest:
            while j < len(words) and words[j] in _JOINERS:
                j += 1
            if j >= len(words) or not (folded[j] == rest or is_bengali_form(folded[j], rest)):
                break
            j += 1
        else:
            in_small_letters = words[i][0].islower()
            if not (entry.capitals and not words[i].isupper()) and not (entry.role == TOWN and in_small_letters):
                return entry, j - i
    return None, 1


def _role_in_place(role: str, words: list[str], i: int, before: str) -> str:
    """The role of a word that is one thing here and another there."""
    if words[i] == "no" and (before[-1:] in set("WLUQOup") or (before[-1:] == "w" and not words[i - 1].isascii())):
        return "F"  # Portuguese for "in the": "moram no Brasil"
    if words[i] == "at" and before[-1:] in set(PLACES):
        return "c"  # Filipino for "and"; in English nothing is said at a place of a place
    if words[i] == "ID" and before[-1:] in set("CIDY"):
        return "W"  # "a Nigerian ID" is asked of workers
    if words[i] == "i" or means_us(words, i):
        return "a"  # the Italian article (the English pronoun is a capital); "CONTACT US"
    return COUNTRY if role == CODE and words[i] in ("UK", "US") else role


def _add_han(tagged: Tagged, run: str, start: int) -> None:
    """Cut a run of Chinese into the longest phrases known; what lies between is one unknown word."""
    at = known = 0
    while at < len(run):
        entries = (e for e in lexicon().get(run[at], ()) if run.startswith("".join(e.rest), at + 1))
        entry = next(entries, None)
        if entry is None:
            at += 1
            continue
        if at > known:
            tagged.add(UNKNOWN, start + known, start + at)
        end = at + 1 + sum(map(len, entry.rest))
        tagged.add(entry.role, start + at, start + end, entry)
        at = known = end
    if at > known:
        tagged.add(UNKNOWN, start + known, start + at)
