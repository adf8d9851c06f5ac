"""Shown words -> values. Each reader gives a value or raises UnreadableError; none of them guesses."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from zoneinfo import ZoneInfo

import dateparser
from price_parser import Price

# Only signs that stand for one currency. "$", "kr" and "¥" stand for several: a spider declares which.
CURRENCY_SIGNS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "руб": "RUB", "₱": "PHP", "₦": "NGN", "₫": "VND",
    "₩": "KRW", "₺": "TRY", "₴": "UAH", "元": "CNY", "US$": "USD", "R$": "BRL", "C$": "CAD", "A$": "AUD",
}  # fmt: skip

_CENTS = re.compile(r"\bcents?\b|¢", re.IGNORECASE)
_INTEGER = re.compile(r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)|\d+")
_RANGE = re.compile(r"(?<=[\d)])[^\d]*?(\s[-–—]\s?|[-–—]|\bto\b|\bдо\b)(?=\D*\d)")
_LIMIT = re.compile(r"\b(?:under|over|up to|less than|more than|at least)\b", re.IGNORECASE)  # one end is no amount
_THOUSANDS = re.compile(r"\d\s?k\b", re.IGNORECASE)
_DURATION = re.compile(
    r"(\d+(?:\.\d+)?)\s*(days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)?\b", re.IGNORECASE
)
_MINUTES_IN = {"d": Decimal(1440), "h": Decimal(60), "m": Decimal(1), "s": 1 / Decimal(60)}
_FEW_SECONDS = re.compile(r"\b(?:just now|(?:a )?few sec(?:ond)?s? ago)\b", re.IGNORECASE)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class UnreadableError(ValueError):
    """Words were there, but they do not say what the field needs."""


class Amount(NamedTuple):
    """Money as shown: `highest` only for a range, `currency` (ISO 4217) only where the words prove it."""

    lowest: Decimal
    highest: Decimal | None
    currency: str | None


def amount(shown: str | int | float | Decimal, decimal_separator: str = ".") -> Amount:
    """`$0.10`, `£250 - £500`, `$2.5k`, `10 000 ₽`, 0.041 -> Amount.

    UnreadableError without a number, and for a limit alone: `Under $250`.
    """
    if not isinstance(shown, str):
        return Amount(_decimal(str(shown)), None, None)
    if _LIMIT.search(shown) or _CENTS.search(shown):  # "20 cents" read as 20 would be wrong a hundredfold
        raise UnreadableError(shown)
    between = _RANGE.search(shown)
    parts = [shown[: between.start(1)], shown[between.end() :]] if between else [shown]
    prices = [Price.fromstring(part, decimal_separator=decimal_separator).amount for part in parts]
    factors = [1000 if _THOUSANDS.search(part) else 1 for part in parts]
    numbers: list[Decimal] = [
        price * factor for price, factor in zip(prices, factors, strict=True) if price is not None
    ]
    if len(numbers) < len(parts):
        raise UnreadableError(shown)
    low, high = numbers[0], numbers[-1]
    return Amount(low, high if high != low else None, currency_of(shown))


def currency_of(shown: str) -> str | None:
    """The ISO 4217 code that stands in the words, or that a sign of one currency proves."""
    code = re.search(r"(?<![A-Za-z])(USD|EUR|GBP|CAD|AUD|INR|RUB|CNY|BRL|NZD|SGD|HKD|PHP|UAH)(?![A-Za-z])", shown)
    if code:
        return code[1]
    return next((iso for sign, iso in sorted(CURRENCY_SIGNS.items(), key=lambda x: -len(x[0])) if sign in shown), None)


def currency_code(shown: str) -> str:
    """A code of three capital letters as ISO 4217 has them; UnreadableError for anything else."""
    if not re.fullmatch(r"[A-Z]{3}", shown):
        raise UnreadableError(shown)
    return shown


def _decimal(digits: str) -> Decimal:
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise UnreadableError(digits) from None
    if not value.is_finite():
        raise UnreadableError(digits)
    return value


def integer(shown: str | int | float) -> int:
    """The first whole number in the words: `12 slots left` -> 12, `2,980` -> 2980."""
    if isinstance(shown, int):
        return shown
    found = _INTEGER.fullmatch(f"{shown:.15g}") if isinstance(shown, float) else _INTEGER.search(shown)
    if not found:
        raise UnreadableError(str(shown))
    return int(re.sub(r"\D", "", found[0]))


def minutes(shown: str | int | float) -> int:
    """A span of time in whole minutes: `5`, `less than 5 minutes`, `1 hour 30 minutes` -> 90.

    UnreadableError without a number, or where the span is no whole number of minutes.
    """
    if not isinstance(shown, str):
        return integer(shown)
    parts = _DURATION.findall(shown.replace(",", ""))
    if len(parts) > 1:
        parts = [(number, unit) for number, unit in parts if unit]
    total = sum((Decimal(number) * _MINUTES_IN[(unit or "m")[0].lower()] for number, unit in parts), Decimal())
    whole = round(total)
    if not parts or abs(total - whole) > Decimal("0.001"):
        raise UnreadableError(shown)
    return whole


def percent(shown: str | int) -> int:
    """A whole percentage between 0 and 100: `97%` -> 97."""
    value = integer(shown)
    if not 0 <= value <= 100:
        raise UnreadableError(str(shown))
    return value


def done_of_total(shown: str) -> tuple[int, int]:
    """`2980/3000` -> (2980, 3000)."""
    done, slash, total = shown.partition("/")
    if not slash:
        raise UnreadableError(shown)
    return integer(done), integer(total)


def moment(
    shown: str | int | float | datetime, now: datetime, timezone: str = "UTC", languages: tuple[str, ...] = ("en",)
) -> datetime:
    """A date or time as shown -> UTC. Relative words count from `now`, the moment the page was observed.

    A number is seconds since 1970. `timezone` holds for words that name none. UnreadableError for anything else.
    """
    if isinstance(shown, datetime):
        return _utc(shown, timezone)
    if isinstance(shown, int | float):
        return datetime.fromtimestamp(shown, UTC)
    if _FEW_SECONDS.search(shown):
        return now
    if _ISO_DATE.match(shown):
        try:
            return _utc(datetime.fromisoformat(shown), timezone)
        except ValueError:
            raise UnreadableError(shown) from None
    parsed: datetime | None = dateparser.parse(
        shown,
        languages=list(languages),
        settings={
            "RELATIVE_BASE": now.astimezone(ZoneInfo(timezone)).replace(tzinfo=None),
            "TIMEZONE": timezone,
            "RETURN_AS_TIMEZONE_AWARE": True,
            "PREFER_DATES_FROM": "past",
        },
    )
    if parsed is None:
        raise UnreadableError(shown)
    return parsed.astimezone(UTC).replace(microsecond=0)


def _utc(value: datetime, timezone: str) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
