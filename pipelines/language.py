"""Stage: in which language a listing is written, or `unknown`.

The script of the letters comes first: it leaves one language, or a few. Among those, langdetect's own profiles are
summed over all n-grams of the text, exactly and in whole numbers; langdetect itself draws n-grams at random, which
makes 16 of 160 answers change from run to run. py3langid is the second opinion on short or close texts; where the two
disagree there, the answer is `unknown`.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

UNKNOWN = ("unknown", 0.0)

# Letters looked at: more do not change the answer, and 100 kB in one line must not cost more than a page.
_LIMIT = 240
# Below this many letters, or this confident, a second opinion is asked.
_SHORT = 60
_SURE = 0.97
# Words whose sums are kept; listings repeat themselves.
_KEPT = 1 << 15

_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+|\b[\w-]+\.(?:com|net|org|ly|io|me|ru|co)\b\S*")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e]|[^\W\d_])*")
# Names and terms that every language of these markets shares say nothing of the language around them.
_SHARED = frozenset({
    "instagram", "facebook", "youtube", "tiktok", "twitter", "telegram", "whatsapp", "google", "linkedin",
    "discord", "reddit", "pinterest", "spotify", "trustpilot", "amazon", "android", "iphone", "wordpress",
    "shopify", "gmail", "paypal", "seo", "app", "apk", "vpn", "pdf", "url", "id", "ok", "web", "online", "bing",
    "chrome", "excel", "photoshop", "twitch", "soundcloud", "quora", "snapchat", "vk", "ios",
})  # fmt: skip

# Small words of languages that these markets mix with English and write in Latin letters: langdetect has no such
# profile, or is outvoted by the English words around. Two different ones name the language.
_SMALL_WORDS = {
    "tl": "ang ng sa mga mo po namin natin niyo ninyo lang yung nang kung ito dito hindi wala isang kahit bawat "
    "tapos muna kailangan gawin din rin siya sila kami tayo huwag yan iyong inyong aming lahat ilang lamang",
    "hi": "hai hain karo kare karna karein liye chahiye wale wala wali hoga honge aap aapko apna apni apne hamare "
    "hamari hamara bhi kijiye dein rahe raha nahi nahin aur kya kaise koi jaldi kaam paise karke mera mere meri",
    "bn": "koren korte korun korbo korben kora kore hobe theke jonno dite diye din amar amader apnar ache nai niye "
    "ekta thakte thakbe lagbe chai hobena nijer jabe debo dibo bhalo",
}
_LANGUAGE_OF = {word: language for language, words in _SMALL_WORDS.items() for word in words.split()}

# First character of each block and its script; scripts of one language name it.
_BLOCKS = (
    (0x0041, "Latin"), (0x0370, "el"), (0x0400, "Cyrillic"), (0x0530, ""), (0x0590, "he"), (0x0600, "Arabic"),
    (0x0700, ""), (0x0750, "Arabic"), (0x0780, ""), (0x0900, "Devanagari"), (0x0980, "bn"), (0x0A00, "pa"),
    (0x0A80, "gu"), (0x0B00, ""), (0x0B80, "ta"), (0x0C00, "te"), (0x0C80, "kn"), (0x0D00, "ml"), (0x0D80, "si"),
    (0x0E00, "th"), (0x0E80, "lo"), (0x0F00, ""), (0x1000, "my"), (0x10A0, "ka"), (0x1100, "ko"), (0x1200, "am"),
    (0x13A0, ""), (0x1780, "km"), (0x1800, ""), (0x1E00, "Latin"), (0x1F00, "el"), (0x2000, ""), (0x3040, "ja"),
    (0x3130, "ko"), (0x3190, "ja"), (0x3400, "Han"), (0xA000, ""), (0xAC00, "ko"), (0xD7B0, ""), (0xF900, "Han"),
    (0xFB00, "Latin"), (0xFB1D, "he"), (0xFB50, "Arabic"), (0xFF21, "Latin"), (0xFF66, "ja"), (0xFFE0, ""),
    (0x20000, "Han"), (0x32000, ""),
)  # fmt: skip
_STARTS = np.array([start for start, _ in _BLOCKS], dtype=np.uint32)

# langdetect's names of the languages of each script, with how usual each is on the markets that are audited (odds).
_LATIN = {
    "en": 40, "es": 6, "pt": 6, "fr": 6, "de": 4, "it": 4, "id": 4, "tr": 3, "vi": 3, "tl": 2, "pl": 2, "nl": 1,
    "ro": 1, "cs": 0.5, "hu": 0.5, "sv": 0.5, "da": 0.3, "no": 0.3, "fi": 0.5, "hr": 0.3, "sk": 0.2, "sl": 0.1,
    "sq": 0.2, "ca": 0.2, "lt": 0.2, "lv": 0.2, "et": 0.2, "sw": 0.3, "so": 0.05, "af": 0.05, "cy": 0.05,
}  # fmt: skip
_CANDIDATES: dict[str, dict[str, float]] = {
    "Latin": _LATIN,
    "Cyrillic": {"ru": 20, "uk": 3, "bg": 1, "mk": 0.3},
    "Arabic": {"ar": 10, "fa": 2, "ur": 2},
    "Devanagari": {"hi": 10, "mr": 1, "ne": 1},
}


def detect(texts: Sequence[str]) -> list[tuple[str, float]]:
    """For each text its BCP-47 primary tag ("en", "zh") or "unknown", and a confidence in 0..1 (4 digits)."""
    return [_detect(text) for text in texts]


def _detect(text: str) -> tuple[str, float]:
    words: list[str] = []
    letters = 0
    head = text[: _LIMIT * 8]
    if "." in head or "@" in head or "#" in head:
        head = _ADDRESS.sub(" ", head)
    for word in _WORD.findall(head if head.isascii() else unicodedata.normalize("NFC", head)):
        if word.lower() not in _SHARED:
            words.append(word[:_LIMIT])
            letters += len(word)
            if letters >= _LIMIT:
                break
    if letters < 2:
        return UNKNOWN
    clean = " ".join(words)
    script, share = _script(clean)
    if script not in _CANDIDATES:
        return (script, round(share, 4)) if script else UNKNOWN
    if script == "Latin" and (mixed := _by_small_words(words)):
        return mixed, 0.9
    first, confidence = _profiles(script)(words)
    if letters >= _SHORT and confidence >= _SURE:
        return first, round(confidence * share, 4)
    if first == _second_opinion(script, clean):
        return first, round(max(confidence, 0.9) * share, 4)
    if letters >= _SHORT and confidence >= 0.5:
        return first, round(confidence * share, 4)
    return UNKNOWN


def _by_small_words(words: list[str]) -> str | None:
    found = {small for word in words if (small := word.lower()) in _LANGUAGE_OF}
    counts = {language: sum(_LANGUAGE_OF[small] == language for small in found) for language in _SMALL_WORDS}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] >= 2 and 2 * counts[best] > len(found) else None


def _script(text: str) -> tuple[str, float]:
    """The script of most letters (or its one language) and its share; kana among Han decide for Japanese."""
    if text.isascii():
        return "Latin", 1.0
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    places = np.searchsorted(_STARTS, codes[codes > 0x40], side="right") - 1
    counts: dict[str, int] = dict.fromkeys((name for _, name in _BLOCKS), 0)
    for (_, name), count in zip(_BLOCKS, np.bincount(places, minlength=len(_BLOCKS)).tolist(), strict=True):
        counts[name] += count
    # A Latin brand among other letters says nothing of the language around it.
    total = sum(counts.values())
    other = max((name for name in counts if name not in {"Latin", ""}), key=counts.__getitem__)
    script = other if counts[other] and counts[other] * 3 >= counts["Latin"] else "Latin"
    if script == "Han":
        script = "ja" if counts["ja"] * 8 > counts["Han"] else "zh"
        return script, (counts["Han"] + counts["ja"]) / (total - counts["Latin"])
    if counts[script] * 3 < total:
        return "", 0.0
    return script, counts[script] / (total if script == "Latin" else total - counts["Latin"])


class _Profiles:
    """langdetect's n-gram tables for the languages of one script, as whole-number logarithms."""

    _UNIT = 1 << 16
    # langdetect's own smoothing: alpha 0.5 over a base frequency of 10,000.
    _FLOOR = 0.5 / 10_000

    def __init__(self, odds: dict[str, float]) -> None:
        import langdetect

        self.names = list(odds)
        folder = Path(langdetect.__file__).parent / "profiles"
        columns: list[dict[str, float]] = []
        for name in self.names:
            profile: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
            sizes = profile["n_words"]
            columns.append({gram: count / sizes[len(gram) - 1] for gram, count in profile["freq"].items()})
        grams = sorted(set().union(*columns))
        self.rows = {gram: row for row, gram in enumerate(grams)}
        table = np.full((len(grams), len(columns)), self._FLOOR)
        for column, frequencies in enumerate(columns):
            table[[self.rows[gram] for gram in frequencies], column] += list(frequencies.values())
        self.table = np.rint(np.log(table) * self._UNIT).astype(np.int64)
        total = sum(odds.values())
        self.prior = [round(2 * math.log(odd / total) * self._UNIT) for odd in odds.values()]

        self.words: dict[str, int] = {}
        self.sums = np.zeros((_KEPT, len(odds) + 1), dtype=np.int64)

    def __call__(self, words: list[str]) -> tuple[str, float]:
        """The likeliest language and its probability, tempered by the square root of the number of n-grams."""
        if sum(word.isupper() for word in words) * 2 > len(words):
            words = [word.lower() for word in words]
        if len(self.words) > _KEPT - len(words):
            self.words.clear()
        *sums, grams = self.sums[[self._place(word) for word in words]].sum(axis=0).tolist()
        scores = [total + odd for total, odd in zip(sums, self.prior, strict=True)]
        best = max(range(len(scores)), key=scores.__getitem__)
        heat = self._UNIT * max(math.sqrt(grams), 1.0) / 2
        return self.names[best], 1 / sum(math.exp((score - scores[best]) / heat) for score in scores)

    def _place(self, word: str) -> int:
        """Row of `sums` for a word: n-grams never reach over a space, so a text is the sum of its words."""
        place = self.words.get(word)
        if place is None:
            place = self.words[word] = len(self.words)
            # Of a word in capitals langdetect reads nothing; here it is read in small letters.
            text = f" {word.lower() if word.isupper() and len(word) > 1 else word} "
            grams = (text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1))
            rows = [row for gram in grams if gram != " " and (row := self.rows.get(gram)) is not None]
            self.sums[place, :-1] = self.table[rows].sum(axis=0)
            self.sums[place, -1] = len(rows)
        return place


@cache
def _profiles(script: str) -> _Profiles:
    return _Profiles(_CANDIDATES[script])


@cache
def _identifier(script: str) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(set(_CANDIDATES[script]) & set(identifier.labels)))
    return identifier


def _second_opinion(script: str, text: str) -> str:
    return str(_identifier(script).classify(text)[0])
