"""Cutting a text into words, in any of the scripts that listings are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator

HAN = re.compile("[\u4e00-\u9fff]+")
# Vowel signs and points are no letters to `re`; without them Hindi, Bengali and Arabic fall to pieces.
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0963\u0971-\u09e3\u200c\u200d"
LETTERS = f"(?:[^\\W\\d_\u4e00-\u9fff]|[{_MARKS}])+"
_PLAIN = rf"""(?P<word>{LETTERS})|(?P<han>[\u4e00-\u9fff]+)|(?P<flag>[\U0001F1E6-\U0001F1FF]{{2}})
      |(?P<number>\+?\d[\d().,-]*)|(?P<mark>[^\s\w])"""
_LINKS = r"""(?P<opaque>https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\#@]\w+
      |\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|info|io|[a-z]{2})\b(?:/\S*)?)
      |(?P<abbreviation>\b(?:[A-Za-z]\.){2,}|\b[A-Z]\.[A-Z]\b|\bEE\.\s?UU\.?)|"""
_TOKEN = re.compile(_PLAIN, re.VERBOSE)
_TOKEN_OR_LINK = re.compile(_LINKS + _PLAIN, re.VERBOSE)
_LINK_SIGNS = re.compile("[.@#]|//")


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Words, runs of Chinese, flags, marks and, whole, links and abbreviations, by `lastgroup`."""
    return (_TOKEN_OR_LINK if _LINK_SIGNS.search(text) else _TOKEN).finditer(text)


_ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": None} | {chr(c): None for c in range(0x64B, 0x653)}
)


def fold(word: str) -> str:
    """The form in which words are compared: small letters, one spelling of yo, alef, nukta and dotted I."""
    if word.isascii():
        return word.lower()
    return word.replace("İ", "i").lower().replace("ё", "е").replace("\u093c", "").replace("ß", "ss").translate(_ARABIC)


def flag_code(flag: str) -> str:
    """The two capitals that a flag emoji stands for."""
    return "".join(chr(ord(char) - 0x1F1E6 + ord("A")) for char in flag)


def words_of(phrase: str) -> Iterator[str]:
    """The folded words of a phrase, as a text's tokens would give them."""
    for match in tokens(phrase):
        if match.lastgroup == "abbreviation":
            yield fold(match.group().replace(".", "").replace(" ", ""))
        elif match.lastgroup == "mark":
            if match.group() in ",&/":
                yield match.group()
        elif match.lastgroup in ("word", "han", "number"):
            yield fold(match.group())
