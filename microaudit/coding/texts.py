"""What coders see of a listing: its words, without what names the platform or a person."""

from __future__ import annotations

import re
from collections.abc import Mapping

from microaudit.redaction import HANDLE_TEXT, MAIL_TEXT, NUMBER_TEXT

TEXTS = ("title", "description", "proof", "category")
CELL = 32_767  # characters that a cell of a spreadsheet holds
CUT = " … [cut here]"

_HIDDEN = (
    (MAIL_TEXT, "[e-mail]"),
    # The service stays, the page does not: coders need to know that it is a review site, not whose page it is.
    (re.compile(r"\b(?:https?|ftp)://(?:www\.)?([^\s/<>\"'?#]+)[^\s<>\"']*", re.I), r"[link to \1]"),
    (HANDLE_TEXT, "[handle]"),
    (NUMBER_TEXT, "[number]"),
)


def shown(texts: Mapping[str, str], platform: str) -> dict[str, str]:
    """The texts of a listing as coders get them, the same on every call."""
    return {name: _blind(texts[name], platform) for name in TEXTS}


def _blind(text: str, platform: str) -> str:
    # Control characters would make a file that no spreadsheet opens.
    text = "".join(letter for letter in text if letter in "\n\t" or letter.isprintable())
    for pattern, word in _HIDDEN:
        text = pattern.sub(word, text)
    name = re.escape(platform).replace("_", "[ ._-]?")
    text = re.sub(rf"(?<!\w)(?:www\.)?{name}(?:\.(?:com|net|org|ru|io))?(?!\w)", "[this site]", text, flags=re.I)
    return text if len(text.encode("utf-16-le")) // 2 <= CELL else text[: (CELL - len(CUT)) // 2] + CUT


def same(sheet: str, ours: str) -> bool:
    """Whether a cell holds our text, whatever a spreadsheet did to its spaces, quotes and signs."""
    return _letters(sheet) == _letters(ours)


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalpha())
