"""Lines for cron and units for systemd, printed for the administrator to install.

Both call `schedule run --once`, which asks the store what is due: pauses count at once, and nothing runs twice.
Cron knows no time zones, so its one line looks every few minutes; systemd has a timer for each schedule.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from microaudit.schedule.book import Schedule
from microaudit.schedule.times import DAYS, Calendar, parse

EVERY = 5  # minutes


def command(db: str) -> str:
    """The command line that a unit runs. A password is left to the environment: units are readable by all."""
    words = [sys.executable, "-m", "microaudit"]
    url = make_url(db)
    if url.get_backend_name() == "sqlite" and url.database:
        words += ["--db", f"sqlite:///{Path(url.database).resolve()}"]
    elif not url.password:
        words += ["--db", db]
    return shlex.join([*words, "schedule", "run", "--once"])


def environment_note(db: str) -> str:
    """What the administrator must set beside the unit."""
    names = ["MICROAUDIT_CONTACT", *(["MICROAUDIT_DB"] if make_url(db).password else [])]
    return f"{' and '.join(names)} must be set there; MICROAUDIT_ALERT_URL tells whom to alert"


def cron(db: str) -> str:
    """Lines for `crontab -e`. In a crontab % means a new line, unless it is escaped."""
    line = command(db).replace("%", r"\%")
    return (
        f"# microaudit: runs what is due. Variables stand above the line, as NAME=value:\n"
        f"# {environment_note(db)}.\n"
        f"*/{EVERY} * * * * {line}\n"
    )


def systemd(db: str, rows: Sequence[Schedule]) -> str:
    """A service and a timer for each schedule, each under the name of the file that it belongs in."""
    names = [f"microaudit-{row.id}" for row in rows]
    units = [_units(name, row, command(db), environment_note(db)) for name, row in zip(names, rows, strict=True)]
    timers = " ".join(f"{name}.timer" for name in names)
    return "\n".join(units) + (
        f"# systemctl --user daemon-reload && systemctl --user enable --now {timers}\n"
        "# loginctl enable-linger    # so that they run while nobody is logged in\n"
    )


def _units(name: str, row: Schedule, line: str, note: str) -> str:
    escaped = line.replace("%", "%%").replace("$", "$$")
    times = "".join(f"OnCalendar={when}\n" for when in on_calendar(parse(row.cron, row.timezone)))
    return (
        f"# ~/.config/systemd/user/{name}.service\n"
        "[Unit]\n"
        f"Description=microaudit: schedule {row.id}, {row.platform}\n\n"
        "[Service]\n"
        "Type=oneshot\n"
        f"# {note}.\n"
        "EnvironmentFile=%h/.config/microaudit/environment\n"
        f"ExecStart={escaped} {row.id}\n"
        "NoNewPrivileges=yes\n\n"
        f"# ~/.config/systemd/user/{name}.timer\n"
        "[Unit]\n"
        f"Description=microaudit: when schedule {row.id} is due\n\n"
        "[Timer]\n"
        f"{times}"
        "# For a time that is left out when clocks go forward, and a run that found the platform busy.\n"
        "OnCalendar=hourly\n"
        "Persistent=true\n\n"
        "[Install]\n"
        "WantedBy=timers.target\n"
    )


def on_calendar(calendar: Calendar) -> list[str]:
    """The calendar as systemd writes it; two lines where either of two kinds of day is enough."""
    months = _listed(calendar.months, range(1, 13))
    days = _listed(calendar.days, range(1, 32))
    weekdays = ",".join(DAYS[day].capitalize() for day in sorted(calendar.weekdays))
    clock = f"{_listed(calendar.hours, range(24))}:{_listed(calendar.minutes, range(60))}:00 {calendar.zone.key}"
    if calendar.either_day:
        return [f"*-{months}-{days} {clock}", f"{weekdays} *-{months}-* {clock}"]
    prefix = "" if len(calendar.weekdays) == len(DAYS) else f"{weekdays} "
    return [f"{prefix}*-{months}-{days} {clock}"]


def _listed(values: Collection[int], every: range) -> str:
    return "*" if len(values) == len(every) else ",".join(f"{value:02}" for value in sorted(values))
