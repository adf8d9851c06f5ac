"""Commands of crawls by calendar: schedule add, list, pause, resume, remove, run, cron, systemd."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from microaudit.commands.collect import AllowHost, BaseUrl, MaxPages, Resume, Since, Source, Until
from microaudit.errors import MicroauditError
from microaudit.failures import known
from microaudit.log import log

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from microaudit.schedule.book import Schedule
    from microaudit.schedule.runner import Done

app = typer.Typer(help="Crawl by calendar: once a day, once a week, for years.", no_args_is_help=True)
Id = Annotated[int, typer.Argument(metavar="ID", help="As `schedule list` shows it.")]


@app.command()
def add(
    context: typer.Context,
    platform: Annotated[str, typer.Argument(help="A slug; see `platforms`.")],
    tz: Annotated[str, typer.Option("--tz", metavar="ZONE", help="Whose clock, such as Europe/Paris.")],
    daily: Annotated[str | None, typer.Option(metavar="HH:MM", help="Every day at this time.")] = None,
    cron: Annotated[str | None, typer.Option(metavar='"M H D M W"', help="The five fields of a crontab line.")] = None,
    source: Source = "live",
    since: Since = None,
    until: Until = None,
    max_pages: MaxPages = None,
    resume: Resume = False,
    base_url: BaseUrl = None,
    allow_host: AllowHost = None,
) -> None:
    """Crawl a platform by calendar; the other options are those of `crawl`."""
    from microaudit.schedule import book
    from microaudit.schedule.times import daily as line_of
    from microaudit.schedule.times import parse
    from microaudit.store.engine import open_store

    if (daily is None) == (cron is None):
        raise MicroauditError("MA0210", "say when: either --daily HH:MM or --cron with the five fields of a crontab")
    line = line_of(daily) if daily is not None else " ".join(str(cron).split())
    parse(line, tz)
    options = _options(platform, source, since, until, max_pages, resume, base_url, allow_host)
    row = book.add(open_store(context.obj.db), platform, line, tz, options, book.utc_now())
    _print(context, row, "schedule_added")


def _options(
    platform: str,
    source: str,
    since: str | None,
    until: str | None,
    max_pages: int | None,
    resume: bool,
    base_url: str | None,
    allow_hosts: list[str] | None,
) -> dict[str, Any]:
    """The options to store, checked now: at night nobody reads an error."""
    from microaudit.archives import REMOTE, check_source
    from microaudit.commands.collect import _end, _start
    from microaudit.spiders import platform as spider_of
    from microaudit.spiders import slugs

    if platform not in slugs():
        raise MicroauditError("MA0201", f"{platform!r} is not a platform; there are {', '.join(slugs())}")
    check_source(source)
    spider = spider_of(platform)
    if source == "live" and not spider.live:
        raise MicroauditError("MA0702", f"{platform} is not crawled live: {spider.live_note}")
    _start(since), _end(until)
    options = {
        "source": source if source in REMOTE else str(Path(source).resolve()),
        "since": since,
        "until": until,
        "max_pages": max_pages,
        "base_url": base_url,
        "allow_hosts": allow_hosts or None,
        "resume": resume or None,
    }
    return {name: value for name, value in options.items() if value is not None}


@app.command("list")
def list_(context: typer.Context) -> None:
    """Show each schedule with the next five times, local and UTC."""
    from microaudit.schedule.book import schedules

    rows = schedules(_store(context))
    if not rows:
        context.obj.console.note("no schedule; `microaudit schedule add` makes one")
    for row in rows:
        _print(context, row, "schedule")


@app.command()
def pause(
    context: typer.Context,
    number: Id,
    reason: Annotated[str, typer.Option(help="Why; reports and `status` show it.")],
) -> None:
    """Take a schedule out of service for a reason."""
    from microaudit.schedule import book

    _print(context, book.pause(_store(context), number, reason, book.utc_now()), "schedule_paused")


@app.command()
def resume(context: typer.Context, number: Id) -> None:
    """Put a paused schedule back into service; what was missed in between is not made up."""
    from microaudit.schedule import book

    _print(context, book.resume(_store(context), number, book.utc_now()), "schedule_resumed")


@app.command()
def remove(context: typer.Context, number: Id) -> None:
    """Delete a schedule; what it has collected stays."""
    from microaudit.schedule import book

    row = book.remove(_store(context), number)
    context.obj.console.event("schedule_removed", f"schedule {row.id} of {row.platform} is removed", **_fields(row))


@app.command()
def run(
    context: typer.Context,
    numbers: Annotated[list[int] | None, typer.Argument(metavar="ID", help="Only these, with --once.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Run what is due now and end: for cron and systemd.")] = False,
) -> None:
    """Run what is due, now or from now on until interrupted."""
    from microaudit.health import one_status
    from microaudit.schedule.book import one, schedules, utc_now
    from microaudit.schedule.runner import crawl_process, run_due, serve
    from microaudit.schedule.watch import watch

    engine, start = _store(context), crawl_process(context.obj.db)
    if not once:
        if numbers:
            raise MicroauditError("MA0210", "the runner runs all schedules; name some only with --once")

        def tell(done: Done | None) -> None:
            if done:
                _tell(context, done)
            _told(context, watch(engine, utc_now()))

        serve(engine, start, tell, lambda error: context.obj.console.error(_named(error)))
        return
    rows = [one(engine, number) for number in numbers] if numbers else schedules(engine)
    runs = run_due(engine, rows, start, utc_now())
    for done in runs:
        _tell(context, done)
    _told(context, watch(engine, utc_now()))
    raise typer.Exit(one_status(done.exit_status for done in runs))


def _tell(context: typer.Context, done: Done) -> None:
    words = f"{done.schedule.platform:<14} due {_utc(done.due)}, exit status {done.exit_status}"
    context.obj.console.event("schedule_run", words, **done.fields())
    log("schedule_run", **done.fields())


def _named(error: BaseException) -> MicroauditError:
    return known(error) or MicroauditError("MA0101", f"{type(error).__name__}: {error}")


def _told(context: typer.Context, unsent: list[str]) -> None:
    for title in unsent:
        context.obj.console.error(MicroauditError("MA0601", f"nobody could be told that {title}; will be sent again"))


@app.command()
def cron(context: typer.Context) -> None:
    """Print the lines for `crontab -e`; nothing is installed."""
    from microaudit.schedule.units import cron as lines

    _store(context)
    context.obj.console.event("unit", lines(context.obj.db).rstrip("\n"), kind="cron", text=lines(context.obj.db))


@app.command()
def systemd(context: typer.Context) -> None:
    """Print a service and a timer for each schedule in service; nothing is installed."""
    from microaudit.schedule.book import schedules
    from microaudit.schedule.units import systemd as units

    rows = schedules(_store(context))
    if not rows:
        raise MicroauditError("MA0301", "no schedule to print a unit for; `microaudit schedule add` makes one")
    text = units(context.obj.db, rows)
    context.obj.console.event("unit", text.rstrip("\n"), kind="systemd", text=text)


def _store(context: typer.Context) -> Engine:
    from microaudit.store.engine import open_store

    return open_store(context.obj.db, create=False)


def _print(context: typer.Context, row: Schedule, event: str) -> None:
    from microaudit.schedule.book import utc_now
    from microaudit.schedule.times import time_zone

    zone = time_zone(row.timezone)
    times = [(moment.astimezone(zone).isoformat(timespec="minutes"), _utc(moment)) for moment in row.next(utc_now())]
    words = f"{row.id:>3}  {row.platform:<14} {row.cron} {row.timezone}, from {row.options['source']}"
    if row.paused_at:
        words += f"\n     paused {_utc(row.paused_at)}: {row.pause_reason}"
    words += "".join(f"\n     {local}  {utc}" for local, utc in times)
    next_times = [{"local": local, "utc": utc} for local, utc in times]
    context.obj.console.event(event, words, **_fields(row), next=next_times)


def _fields(row: Schedule) -> dict[str, Any]:
    from microaudit.items import iso

    return {
        "id": row.id,
        "platform": row.platform,
        "cron": row.cron,
        "timezone": row.timezone,
        "options": row.options,
        "created_at": iso(row.created_at),
        "paused_at": iso(row.paused_at) if row.paused_at else None,
        "pause_reason": row.pause_reason,
    }


def _utc(moment: Any) -> str:
    from microaudit.items import iso

    return iso(moment)
