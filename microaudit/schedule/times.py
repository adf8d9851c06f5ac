"""When a calendar is due: the five fields of a crontab line, in a time zone, as pure functions.

Every time of day that the fields name happens once a day, on the days when clocks change too: a time that the
clock leaps over is due at the leap, one that the clock shows twice is due the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from microaudit.errors import MicroauditError

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = {
    "minute": (0, 59, ()),
    "hour": (0, 23, ()),
    "day of month": (1, 31, ()),
    "month": (1, 12, MONTHS),
    "day of week": (0, 7, DAYS),
}
PART = re.compile(r"(\*|[0-9]+|[a-z]{3})(?:-([0-9]+|[a-z]{3}))?(?:/([0-9]+))?")
HORIZON = timedelta(days=366 * 8)  # 29 February comes back within eight years


@dataclass(frozen=True, slots=True)
class Calendar:
    """A crontab line that was understood: the values of each field, and the zone its clock stands in."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday
    either_day: bool  # day of month and day of week are both given: one of them is enough, as in cron
    zone: ZoneInfo

    def has(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return of_month or of_week if self.either_day else of_month and of_week

    def on(self, day: date) -> Iterator[datetime]:
        """The moments due on a local day, in UTC."""
        if self.has(day):
            for hour in self.hours:
                for minute in self.minutes:
                    yield _moment(datetime.combine(day, time(hour, minute), self.zone))


def parse(cron: str, zone: str) -> Calendar:
    """The calendar of a crontab line in an IANA time zone; MA0204 where either is not understood."""
    words = cron.lower().split()
    if len(words) != len(FIELDS):
        raise MicroauditError("MA0204", f"{cron!r} has {len(words)} fields; {', '.join(FIELDS)} are needed")
    minutes, hours, days, months, weekdays = (
        _values(word, name, *FIELDS[name]) for word, name in zip(words, FIELDS, strict=True)
    )
    return Calendar(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(day % 7 for day in weekdays),
        either_day=not (words[2].startswith("*") or words[4].startswith("*")),
        zone=time_zone(zone),
    )


def daily(clock: str) -> str:
    """The crontab line of a time of day such as 06:30; MA0204 for anything else."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", clock)
    if not found:
        raise MicroauditError("MA0204", f"{clock!r} is not a time of day such as 06:30")
    return f"{int(found[2])} {int(found[1])} * * *"


def time_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name such as Europe/Paris; MA0204 if there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise MicroauditError("MA0204", f"{name!r} is not a time zone such as Europe/Paris") from None


def due_times(calendar: Calendar, after: datetime, until: datetime) -> Iterator[datetime]:
    """The moments due, in UTC and in order, later than `after` and not later than `until`; each once."""
    last = after
    day, end = after.astimezone(calendar.zone).date(), until.astimezone(calendar.zone).date()
    while day <= end:
        for moment in sorted(calendar.on(day)):
            if last < moment <= until:
                last = moment
                yield moment
        day += timedelta(days=1)


def next_times(calendar: Calendar, after: datetime, number: int) -> list[datetime]:
    """The next `number` moments due; fewer where the calendar names days that do not come (30 February)."""
    times = due_times(calendar, after, after + HORIZON)
    return [moment for moment, _ in zip(times, range(number), strict=False)]


def _moment(local: datetime) -> datetime:
    """A wall-clock time in UTC: the first of two, or the leap where the clock leaps over it."""
    moment = local.astimezone(UTC)
    if moment.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _leap(moment - timedelta(days=1), moment, local)


def _leap(before: datetime, after: datetime, local: datetime) -> datetime:
    """The minute at which the offset changes between two moments."""
    offset = before.astimezone(local.tzinfo).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + timedelta(minutes=(after - before) // timedelta(minutes=2))
        if middle.astimezone(local.tzinfo).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _values(word: str, name: str, low: int, high: int, names: tuple[str, ...]) -> frozenset[int]:
    return frozenset(value for part in word.split(",") for value in _part(part, name, low, high, names))


def _part(part: str, name: str, low: int, high: int, names: tuple[str, ...]) -> range:
    found = PART.fullmatch(part)
    wrong = MicroauditError("MA0204", f"{part!r} is not a {name} of a crontab line ({low} to {high})")
    if not found:
        raise wrong
    first, last, step = found.groups()
    if first == "*":
        start, stop = low, 6 if name == "day of week" else high
    else:
        start = _number(first, low, names, wrong)
        stop = _number(last, low, names, wrong) if last else high if step else start
    every = int(step or 1)
    if not (low <= start <= stop <= high) or not every or (first == "*" and last):
        raise wrong
    return range(start, stop + 1, every)


def _number(word: str, low: int, names: tuple[str, ...], wrong: MicroauditError) -> int:
    if word.isdigit():
        return int(word)
    if word not in names:
        raise wrong
    return names.index(word) + low
