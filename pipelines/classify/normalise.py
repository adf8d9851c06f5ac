"""One reading of a listing's text for rules and model alike, with the way back to the original.

The reading is lower case, without accents, in words parted by single spaces: " follow our page . stay , please . ".
" . " ends a sentence, " , " a clause. Look-alike letters, leetspeak, letters set apart and invisible characters, by
which sellers hide words from filters, are undone for the words of rules/words.toml alone, so that honest text with
digits or initials stays as it is.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FIELDS = ("title", "description", "proof")
# What the buyer demands stands in the first pages; the rest of a 100 kB line could only cost time.
LIMIT = 12_000

_MARKS = r"\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u1000-\u109f\u1780-\u17d3"
_LETTER = rf"(?:[^\W_]|[{_MARKS}])"
_TOKEN = re.compile(rf"https?://\S+|www\.\S+|{_LETTER}+|★|[.!?;:|\n\r\t•…。！？；।؟▪●►➡→✅✔,،、，(){{}}\[\]]")
_CLAUSE = frozenset(",،、，(){}[]")
_APART = re.compile(r"(?<![^\W_])[a-z0@$](?:[ .\-_*|]{1,3}[a-z0-9@$](?![^\W_])){3,}")
_SPLIT = re.compile(r"(?<![^\W_])[a-z0-9@$]+(?:[.*_\-|@$!+]+[a-z0-9@$]+)+(?![^\W_])")
_LEET = re.compile(r"(?<![^\W_])(?=[a-z0-9@$!]*[a-z])(?=[a-z0-9@$!]*[0-9@$!])[a-z0-9@$!]{3,}(?![^\W_])")
_DIGITS = str.maketrans("013457@$!", "oieastasi")
_MIXED = re.compile(r"[^\W\d_]*(?:[a-z][Ͱ-ϿЀ-ӿ]|[Ͱ-ϿЀ-ӿ][a-z])[^\W\d_]*")
_LATIN_LIKE = dict(zip("авекмнорстухіјѕԁɡοανρτυικεη", "abekmhopctyxijsdgoavptyiken", strict=True))
_CYRILLIC_LIKE = dict(zip("aekmopctyxbh", "аекморстухвн", strict=True))
_SMALL = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_KEEP_MARKS = re.compile(rf"[{_MARKS}]")


class _Fold(dict[int, str]):
    """str.translate table, filled as characters come: each character to one, or to none if it is not seen."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        return folded


def _fold(char: str) -> str:
    if "\ud800" <= char <= "\udfff" or char == "\0":
        return " "
    category = unicodedata.category(char)
    if category in {"Cf", "Me"} or char in "ـ़" or (category == "Mn" and not _KEEP_MARKS.match(char)):
        return ""
    if _KEEP_MARKS.match(char):
        return char
    plain = unicodedata.normalize("NFKD", char).lower()
    base = next((c for c in plain if unicodedata.category(c) not in {"Mn", "Cf"}), " ")
    return {"ß": "s", "ı": "i", "ø": "o", "đ": "d", "ł": "l"}.get(base) or _SMALL.get(base, base)


# й is a letter of its own: without the breve it would read as и. Stars are words on these markets.
_FOLD = _Fold({ord("й"): "й", ord("Й"): "й", ord("⭐"): "★", ord("🌟"): "★", ord("☆"): "★"})


@cache
def hidden_words() -> frozenset[str]:
    """The words that sellers hide, from rules/words.toml."""
    text = files("pipelines.classify").joinpath("rules/words.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["hidden"].split())


@dataclass(frozen=True, slots=True)
class Reading:
    """A listing as rules and model read it; `span` leads back to the words on the page."""

    text: str
    starts: tuple[int, ...]
    origin: tuple[tuple[int, int, int], ...]  # per token: index of field, start, end in the field

    def span(self, start: int, end: int) -> tuple[str, int, int] | None:
        """Field, start and end in the original of `text[start:end]`, cut to the field where it starts."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        if not self.origin:
            return None
        field = self.origin[first][0]
        while last > first and (self.origin[last][0] != field or self.origin[last][2] <= self.origin[last][1]):
            last -= 1
        begin, stop = self.origin[first][1], self.origin[last][2]
        return (FIELDS[field], begin, stop) if stop > begin else None


def read(*fields: str) -> Reading:
    """The one reading of title, description and proof. Any string will do; never raises."""
    words: list[str] = []
    origin: list[tuple[int, int, int]] = []
    for number, original in enumerate(fields):
        text, back = _plain(original[:LIMIT])
        for match in _TOKEN.finditer(text):
            token = match.group()
            start, end = match.span()
            if token[0] in "hw" and len(token) > 7 and ("://" in token or token.startswith("www.")):
                token = "url"
            elif len(token) == 1 and token != "★" and not token.isalnum():
                token = "," if token in _CLAUSE else "."
                if words and words[-1] in ".,":
                    if token == ".":
                        words[-1] = "."
                    continue
            words.append(token)
            origin.append((number, start, end) if back is None else (number, back[start], back[end - 1] + 1))
        if words and words[-1] != ".":
            words.append(".")
            origin.append((number, len(original[:LIMIT]), len(original[:LIMIT])))
    starts = []
    at = 1
    for word in words:
        starts.append(at)
        at += len(word) + 1
    return Reading(f" {' '.join(words)} ", tuple(starts), tuple(origin))


def _plain(original: str) -> tuple[str, list[int] | None]:
    """Folded characters, and for each its place in the original (None: the same place)."""
    folded = original.translate(_FOLD)
    back: list[int] | None = None
    if len(folded) != len(original):
        back = [place for place, char in enumerate(original) if _FOLD[ord(char)]]
    folded = _MIXED.sub(_one_script, folded) if not folded.isascii() else folded
    folded = _LEET.sub(_without_digits, folded)
    for pattern in (_APART, _SPLIT):
        kept: list[int] = []
        parts: list[str] = []
        done = 0
        for match in pattern.finditer(folded):
            joined = _joined(match.group())
            if joined is None:
                continue
            start, end = match.span()
            inside = [p for p in range(start, end) if folded[p] not in " .-_*|+" and folded[p] != "!"]
            if len(inside) != len(joined.replace(" ", "")):
                continue
            kept += [*range(done, start)]
            parts.append(folded[done:start])
            letters = iter(inside)
            for char in joined:
                kept.append(kept[-1] if char == " " else next(letters))
            parts.append(joined)
            done = end
        if parts:
            kept += [*range(done, len(folded))]
            folded = "".join(parts) + folded[done:]
            back = [back[p] for p in kept] if back else kept
    return folded, back


def _one_script(match: re.Match[str]) -> str:
    """A word of two scripts is written in one: in Latin if every other letter has a Latin twin."""
    word = match.group()
    latin = "".join(_LATIN_LIKE.get(c, c) for c in word)
    if latin.isascii():
        return latin
    return "".join(_CYRILLIC_LIKE.get(c, c) for c in word)


def _without_digits(match: re.Match[str]) -> str:
    word = match.group()
    for plain in (word.translate(_DIGITS), word.replace("1", "l").translate(_DIGITS)):
        if plain in hidden_words():
            return plain
    return word


def _joined(spread: str) -> str | None:
    """The hidden words in `f o l l o w` or `fol.low`, parted by spaces; None if there are none."""
    letters = re.sub(r"[ .\-_*|+!]", "", spread).translate(_DIGITS)
    found: list[str] = []
    at = 0
    while at < len(letters):
        for end in range(len(letters), at + 2, -1):
            if letters[at:end] in hidden_words():
                found.append(letters[at:end])
                at = end
                break
        else:
            return None
    return " ".join(found) or None
