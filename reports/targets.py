"""Which services a task names. Counted in illicit tasks, it says whose users are to be misled."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

# Name -> spellings, as whole words. A name that is also an everyday word ("line", "x", "signal",
# "medium") is left out: a missed target is better than an invented one.
TARGETS: dict[str, tuple[str, ...]] = {
    "Google": ("google", "gmail"),
    "YouTube": ("youtube", "youtu", "you tube"),
    "Facebook": ("facebook", "fb"),
    "Instagram": ("instagram", "insta", "ig"),
    "TikTok": ("tiktok", "tik tok"),
    "Twitter / X": ("twitter", "tweet", "retweet"),
    "Telegram": ("telegram",),
    "WhatsApp": ("whatsapp",),
    "Reddit": ("reddit", "subreddit"),
    "Trustpilot": ("trustpilot", "trust pilot"),
    "Amazon": ("amazon",),
    "App Store": ("app store", "appstore", "itunes"),
    "Google Play": ("google play", "play store", "playstore"),
    "Tripadvisor": ("tripadvisor", "trip advisor"),
    "Yelp": ("yelp",),
    "LinkedIn": ("linkedin",),
    "Pinterest": ("pinterest",),
    "Quora": ("quora",),
    "Discord": ("discord",),
    "Snapchat": ("snapchat",),
    "Spotify": ("spotify",),
    "SoundCloud": ("soundcloud",),
    "Twitch": ("twitch",),
    "Threads": ("threads app", "threads.net"),
    "VK": ("vk", "vkontakte", "вконтакте", "вк"),
    "Yandex": ("yandex", "яндекс"),
    "Avito": ("avito", "авито"),
    "Wikipedia": ("wikipedia",),
    "Craigslist": ("craigslist",),
    "Bing": ("bing",),
    "eBay": ("ebay",),
    "Etsy": ("etsy",),
    "Airbnb": ("airbnb",),
    "Booking.com": ("booking.com",),
    "Glassdoor": ("glassdoor",),
    "WeChat": ("wechat", "weixin", "微信"),
    "Weibo": ("weibo", "微博"),
    "Taobao": ("taobao", "淘宝"),
}


@cache
def _pattern() -> tuple[Any, dict[str, str]]:
    import re2

    names = {spelling: name for name, spellings in TARGETS.items() for spelling in spellings}
    # Longest first, so that "google play" is not read as "google".
    return re2.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True)))), names


def targets_of(text: str) -> set[str]:
    """The services that a text names, by their names in TARGETS; case does not matter."""
    pattern, names = _pattern()
    text = text.lower()
    return {names[match[0]] for match in pattern.finditer(text) if _is_word(text, *match.span())}


def _is_word(text: str, start: int, end: int) -> bool:
    if "一" <= text[start] <= "鿿":  # Chinese puts no spaces between words
        return True
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
