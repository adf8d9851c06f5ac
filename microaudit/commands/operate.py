"""Commands that look after the tool itself: status, doctor, plan, explain."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from microaudit.commands.collect import AllowHost, BaseUrl, MaxPages
from microaudit.errors import CATALOGUE, MicroauditError, exit_status

if TYPE_CHECKING:
    from sqlalchemy import Engine


def explain(context: typer.Context, code: Annotated[str, typer.Argument(help="As an error line prints it.")]) -> None:
    """Say the cause and the cure of an error code."""
    kind = CATALOGUE.get(code.upper())
    if kind is None:
        raise MicroauditError("MA0210", f"{code} is not an error code; the codes are {', '.join(CATALOGUE)}")
    number = exit_status(code.upper())
    context.obj.console.event(
        "explanation",
        f"{code.upper()}: {kind.title} (exit status {number})\n\nCause: {kind.cause}\nCure:  {kind.cure}",
        code=code.upper(),
        title=kind.title,
        cause=kind.cause,
        cure=kind.cure,
        exit=number,
    )


def status(context: typer.Context) -> None:
    """Show per platform how it is and why, what was missed, and what the store holds."""
    gc.disable()  # the process ends at once; collecting while modules load is a tenth of its time
    from microaudit.status import overall, platform_status, status_line
    from microaudit.store.engine import open_store

    rows = platform_status(open_store(context.obj.db, create=False), datetime.now(UTC))
    if not rows:
        raise MicroauditError("MA0301", "the store holds no crawl yet")
    for row in rows:
        context.obj.console.event("platform_status", status_line(row), **row)
    raise typer.Exit(overall(rows))


def doctor(
    context: typer.Context,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask the live platforms for their robots.txt.")
    ] = False,
) -> None:
    """Check what a crawl needs; each failure ends with the command that mends it."""
    from microaudit.doctor import offline_checks, online_checks
    from microaudit.health import one_status

    checks = list(offline_checks(context.obj.db))
    if online:
        checks += online_checks()
    for check in checks:
        words = f"{'ok' if check.well else check.code:<7} {check.name}: {check.detail}"
        words += f"\n        mend it with: {check.mend}" if check.mend else ""
        fields = {
            "check": check.name,
            "ok": check.well,
            "detail": check.detail,
            "code": check.code,
            "mend": check.mend,
        }
        context.obj.console.event("check", words, **fields)
    raise typer.Exit(one_status(exit_status(check.code) for check in checks if check.code))


def plan(
    context: typer.Context,
    slugs: Annotated[list[str], typer.Argument(metavar="PLATFORM...", help="Slugs; see `platforms`.")],
    max_pages: MaxPages = None,
    base_url: BaseUrl = None,
    allow_host: AllowHost = None,
) -> None:
    """Say what a live crawl would ask for: requests, minutes, bytes, robots verdict. Asks for robots.txt only."""
    from microaudit.asking import ask_robots
    from microaudit.plan import origins, plan_line, usual_of
    from microaudit.plan import plan as plan_of
    from microaudit.spiders import platform
    from microaudit.spiders import slugs as known

    for slug in slugs:
        if slug not in known():
            raise MicroauditError("MA0201", f"{slug!r} is not a platform; there are {', '.join(known())}")
    spiders = [platform(slug)(base_url=base_url) if platform(slug).live else platform(slug)() for slug in slugs]
    live = [spider for spider in spiders if spider.live]
    engine = _store(context)
    usual = {spider.name: usual_of(engine, spider.name) if engine else None for spider in live}
    answers = ask_robots((site for spider in live for site in origins(spider)), allow_host or ()) if live else {}
    verdicts = {origin: answer.verdict for origin, answer in answers.items()}
    forbidden = False
    for spider in spiders:
        if not spider.live:
            forbidden = True
            context.obj.console.error(
                MicroauditError("MA0702", f"{spider.name} is not crawled live: {spider.live_note}")
            )
            continue
        row = plan_of(spider, verdicts, usual[spider.name], max_pages)
        context.obj.console.event("plan", plan_line(row), **row.fields())
        if not row.allowed:
            forbidden = True
            context.obj.console.error(MicroauditError("MA0701", f"{row.platform}: {row.robots_detail}"))
    raise typer.Exit(7 if forbidden else 0)


def _store(context: typer.Context) -> Engine | None:
    """The store, if there is one: a plan is made before the first crawl too."""
    from microaudit.store.engine import is_there, open_store

    return open_store(context.obj.db, create=False) if is_there(context.obj.db) else None


COMMANDS = {"status": status, "doctor": doctor, "plan": plan, "explain": explain}
