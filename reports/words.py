"""Numbers and sentences as a reader sees them: one way to write each, used in text and tables alike."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import datetime
from functools import cache
from typing import Any

from microaudit.redaction import HANDLE_TEXT, MAIL_TEXT, NUMBER_TEXT
from reports.estimate import FEW, Share
from reports.figures import PlatformView

DASH = "–"
ACTS = "fake profiles, fake reviews or fake links"


def number(value: float | int | None) -> str:
    """12,345; a dash for the unknown."""
    if value is None:
        return DASH
    return f"{value:,}" if isinstance(value, int) or not value.is_integer() else f"{int(value):,}"


def percent(value: float | None, n: float = 0) -> str:
    """Whole percent below 1,000 cases and one decimal from there; never 0 or 100 unless it is exactly so."""
    if value is None:
        return DASH
    digits = 1 if n >= 1000 else 0
    if value in (0, 1):
        return f"{100 * value:g}\u00a0%"
    text = f"{100 * value:.{digits}f}"
    least = 10**-digits
    if float(text) == 0:
        return f"<{least:g}\u00a0%"
    if float(text) == 100:
        return f">{100 - least:g}\u00a0%"
    return f"{text}\u00a0%"


def interval(low: float | None, high: float | None, n: float = 0) -> str:
    """68-74 % with an en dash; the ends are rounded outwards, so that they still cover."""
    if low is None or high is None:
        return DASH
    scale = 10 if n >= 1000 else 1
    down = math.floor(low * 100 * scale + 1e-9) / scale
    up = math.ceil(high * 100 * scale - 1e-9) / scale
    return f"{down:g}{DASH}{up:g}\u00a0%"


def share(value: Share) -> str:
    """The point, or the range where there are too few cases for a point."""
    return interval(value.low, value.high, value.n) if value.few else percent(value.value, value.n)


def ends(value: Share) -> str:
    """The interval of a share."""
    return interval(value.low, value.high, value.n)


def rank(ends: tuple[int, int] | None) -> str:
    """2, or 2-4 where intervals overlap."""
    if ends is None:
        return DASH
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}{DASH}{ends[1]}"


def day(moment: str | None) -> str:
    """5 January 2026, from ISO 8601."""
    if moment is None:
        return DASH
    date = datetime.fromisoformat(moment)
    return f"{date.day} {date:%B %Y}"


def period(first: str | None, last: str | None) -> str:
    """on 5 January 2026, or: between 5 January 2026 and 3 March 2026."""
    start, end = day(first), day(last)
    return f"on {start}" if start == end else f"between {start} and {end}"


def finding(view: PlatformView) -> str:
    """The one sentence about a platform that can be quoted: n, dates, interval, and what it is."""
    count, value = view.count, view.share
    when = period(count.first_seen, count.last_seen)
    if not count.tasks:
        return f"No task of {view.title} is in the store."
    if not value.n:
        return f"None of the {number(count.tasks)} tasks seen on {view.title} {when} could be judged."
    ends = interval(value.low, value.high, value.n)
    counted = f"{number(count.illicit)} of {number(count.labelled)} tasks"
    if value.few:
        return (
            f"{view.title}: too few to say. {counted} seen {when} were judged to ask for {ACTS}; "
            f"with fewer than {FEW} tasks the share may lie anywhere in {ends}."
        )
    return (
        f"On {view.title}, {percent(value.value, value.n)} of the tasks seen {when} that could be judged ask for "
        f"{ACTS} ({counted}; 95 % interval {ends}). {standing(view)}"
    )


def standing(view: PlatformView) -> str:
    """What kind of number the share is."""
    fix = view.corrected
    if fix is None:
        return "This is the tool’s count, not an estimate: no human codes stand behind it."
    how = "Corrected by" if fix.method == "two_phase" else "By the"
    alone = "" if fix.method == "two_phase" else " alone (too few of one class were coded to calibrate the tool)"
    return (
        f"{how} {number(fix.n_codes)} human codes{alone} it is {percent(fix.value, fix.n_codes)} "
        f"({interval(fix.low, fix.high, fix.n_codes)}); the interval covers {', '.join(fix.covers)}."
    )


_URL = re.compile(r"\b(?:[a-z][a-z0-9+.-]*://|www\.)[^\s<>\"']+", re.I)
_HOST = re.compile(r"\b[\w-]+(?:\.[\w-]+)+(?:/[^\s<>\"']*)?")
_PERSON = re.compile(r"\b((?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?|[Nn]ame is|[Nn]ame:)\s+[A-ZÀ-Þ]\w+(?:\s+[A-ZÀ-Þ]\w+)*")


@cache
def _suffixes() -> Any:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def redacted(text: str, limit: int = 220) -> str:
    """A stranger's text fit to be shown: no address, handle, telephone number or stated name.

    Longer texts are cut at a word.
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if letter.isspace() else letter for letter in text if letter.isspace() or letter.isprintable())
    for pattern, word in ((MAIL_TEXT, "[e-mail]"), (_URL, "[link]"), (HANDLE_TEXT, "[handle]")):
        text = pattern.sub(word, text)
    text = _PERSON.sub(r"\1 [name]", text)
    text = _HOST.sub(lambda match: "[link]" if _suffixes()(match[0]).suffix else match[0], text)
    text = " ".join(NUMBER_TEXT.sub("[number]", text).split())
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"
