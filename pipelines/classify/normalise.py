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
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FIELDS = ("title", "description", "proof")
# What the buyer demands stands in the first pages; the rest of a 100 kB line could only cost time.
LIMIT = 12_000

_MARKS = r"\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u1000-\u109f\u1780-\u17d3"
_URL = re.compile(r"https?://\S+|www\.\S+")
_STOPS = frozenset(".!?;:|\n\r\t•…。！？；।॥؟▪●►➡→✅✔")
_COMMAS = frozenset(",،、，(){}[]【】（）")
_POINTS = re.compile(r"[.,](?: [.,])+")
_HAS_LETTER = re.compile(r"[^\W\d_]")
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


class _Split(dict[int, str]):
    """str.translate table that keeps the letters of words and turns all else to points, commas and spaces."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _STOPS or char in _COMMAS:
            kept = " . " if char in _STOPS else " , "
        else:
            kept = " ★ " if char == "★" else char if char.isalnum() or _KEEP_MARKS.match(char) else " "
        self[code] = kept
        return kept


_SPLIT_TABLE = _Split()


@cache
def hidden_words() -> frozenset[str]:
    """The words that sellers hide, from rules/words.toml."""
    text = files("pipelines.classify").joinpath("rules/words.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["hidden"].split())


@dataclass(frozen=True, slots=True)
class Part:
    """One field: its words, the folded characters they come from, and these characters' places in the original."""

    words: str
    folded: str
    back: list[int] | None

    def span(self, start: int, end: int, longest: int) -> tuple[int, int] | None:
        """Start and end in the original of `words[start:end]`, `longest` words at most; None if it holds no word."""
        found: list[tuple[int, int]] = []
        at = done = 0
        for word in self.words.split():
            if word not in ".,":
                begin, stop = self._next(word, at)
                if done + len(word) > start and done < end:
                    found.append((begin, stop))
                at = stop
            done += len(word) + 1
        if not found:
            return None
        begin, last = found[0][0], found[:longest][-1][1] - 1
        return (begin, last + 1) if self.back is None else (self.back[begin], self.back[last] + 1)

    def _next(self, word: str, at: int) -> tuple[int, int]:
        """Where the next word stands in `folded` from `at` on; an address reads as `url`."""
        begin = self.folded.find(word, at)
        if word == "url" and (link := _URL.search(self.folded, at)) and not 0 <= begin < link.start():
            return link.span()
        return begin, begin + len(word)


@dataclass(frozen=True, slots=True)
class Reading:
    """A listing as rules and model read it; `span` leads back to the words on the page."""

    text: str
    parts: tuple[Part, ...]

    def span(self, start: int, end: int, longest: int) -> tuple[str, int, int] | None:
        """Field, start and end in the original of `text[start:end]`: `longest` words at most, of the field it starts in."""
        offset = 1
        for field, part in zip(FIELDS, self.parts, strict=False):
            stop = offset + len(part.words)
            if part.words and start < stop:
                found = part.span(max(start - offset, 0), min(end, stop) - offset, longest)
                return None if found is None else (field, *found)
            offset = stop + 1 if part.words else offset
        return None

    def place(self, token: str) -> int:
        """Where a token (a word or a pair, digits as 00, 40 characters at most) stands in `text`; -1 if nowhere."""
        match = re.search(rf"(?<= ){re.escape(token).replace('00', '[0-9]{2,}')}", self.text)
        return match.start() if match else -1


def read(*fields: str) -> Reading:
    """The one reading of title, description and proof. Any string will do; never raises."""
    parts = tuple(_part(field[:LIMIT]) for field in fields)
    return Reading(f" {' '.join(part.words for part in parts if part.words)} ", parts)


def _part(original: str) -> Part:
    folded, back = _plain(original)
    text = _URL.sub(" url ", folded) if "://" in folded or "www." in folded else folded
    words = " ".join(text.translate(_SPLIT_TABLE).split())
    words = _POINTS.sub(lambda match: "." if "." in match.group() else ",", words)
    if words and words[-1] not in ".,":
        words += " ."
    return Part(words.lstrip("., "), folded, back)


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


@cache
def _names() -> frozenset[str]:
    text = files("pipelines.classify").joinpath("rules/words.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)["names"].split())


def wordless(reading: Reading) -> str | None:
    """Why a reading has nothing to code: `empty` without a letter, `truncated` where it only names a service."""
    if not _HAS_LETTER.search(reading.text):
        return "empty"
    if len(reading.text) > 400:
        return None
    words = {word for word in reading.text.split() if not word.isdigit() and word not in ".,★"}
    return "truncated" if words <= _names() else None
