"""Commands that collect: audit, crawl, import, platforms."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from microaudit.errors import MicroauditError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from microaudit.crawl import Options, Result

Platforms = Annotated[list[str] | None, typer.Argument(metavar="[PLATFORM]...", help="Slugs; see `platforms`.")]
Source = Annotated[
    str,
    typer.Option(
        "--from", metavar="SOURCE", help="live, wayback, commoncrawl, a .warc, .warc.gz or .wacz file, or a folder."
    ),
]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="Captures from this date on (2012 or 2012-03-01).")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Captures up to this date, inclusive.")]
MaxPages = Annotated[int | None, typer.Option(min=1, help="Stop after so many pages a platform.")]
BaseUrl = Annotated[str | None, typer.Option(metavar="URL", help="Ask this server in the platform's place.")]
Spider = Annotated[str | None, typer.Option(help="auto: find the lists of a site that has no spider of its own.")]
Site = Annotated[str | None, typer.Option(metavar="HOST", help="The site's host name, for --spider auto.")]
AllowHost = Annotated[
    list[str] | None, typer.Option(metavar="H", help="A private host that may be asked; repeatable.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the crawl that was interrupted, if there is one.")]
To = Annotated[Path, typer.Option(metavar="DIR", help="Folder of the report.")]


def crawl(
    context: typer.Context,
    platforms: Platforms = None,
    source: Source = "live",
    since: Since = None,
    until: Until = None,
    max_pages: MaxPages = None,
    resume: Resume = False,
    base_url: BaseUrl = None,
    allow_host: AllowHost = None,
    spider: Spider = None,
    site: Site = None,
) -> None:
    """Collect public task listings into the store, judged and placed."""
    from microaudit.archives import check_source
    from microaudit.crawl import Options
    from microaudit.store.engine import open_store

    check_source(source)
    hosts = tuple(allow_host or ())
    options = Options(source, _start(since), _end(until), max_pages, base_url, hosts, resume=resume)
    if spider or site:
        options = dataclasses.replace(options, site=_site(spider, site, platforms, source))
    chosen = _choose(platforms, options)
    engine = open_store(context.obj.db)
    status = _finish(context, _run(context, engine, dict.fromkeys(chosen, options)))
    raise typer.Exit(status or _fallen(context, chosen))


def _fallen(context: typer.Context, chosen: list[str]) -> int:
    """Print one error line for each canary that fell; 4 if any did."""
    from microaudit.canaries import judged_otherwise, read_otherwise

    lines = read_otherwise(chosen) + judged_otherwise()
    for line in lines:
        context.obj.console.error(MicroauditError("MA0401", line))
    return 4 if lines else 0


def audit(
    context: typer.Context,
    platforms: Platforms = None,
    source: Source = "live",
    sample: Annotated[bool, typer.Option("--sample", help="The pages that the package ships, offline.")] = False,
    to: To = Path("audit"),
    since: Since = None,
    until: Until = None,
    max_pages: MaxPages = None,
    base_url: BaseUrl = None,
    allow_host: AllowHost = None,
) -> None:
    """Crawl, judge, report and export in one go."""
    from microaudit.archives import check_source
    from microaudit.crawl import Options
    from microaudit.sample import sample_options, sample_store
    from microaudit.store.engine import open_store
    from reports import build_report

    if sample:
        runs = sample_options(platforms)
        db = context.obj.db if context.obj.named else sample_store(to)
    else:
        check_source(source)
        options = Options(source, _start(since), _end(until), max_pages, base_url, tuple(allow_host or ()))
        runs, db = dict.fromkeys(_choose(platforms, options), options), context.obj.db
    engine = open_store(db)
    results = _run(context, engine, runs)
    if any(result.tasks for result in results):
        with context.obj.console.progress("report"):
            summary = build_report(engine, to, platforms=list(runs))
        for note in summary.notes:
            context.obj.console.note(note)
        context.obj.console.event("report", f"report: {to / 'report.html'}", path=str(to / "report.html"))
    raise typer.Exit(_finish(context, results))


def _choose(platforms: list[str] | None, options: Options) -> list[str]:
    """The platforms asked for, each known; for a source on disk without any named, those it has pages of."""
    from microaudit.archives import REMOTE, read_source
    from microaudit.crawl import check_live
    from microaudit.spiders import platforms as all_spiders
    from microaudit.spiders import slugs

    for slug in platforms or ():
        if slug not in slugs() and not options.site:
            raise MicroauditError("MA0201", f"{slug!r} is not a platform; there are {', '.join(slugs())}")
    if platforms:
        chosen = list(dict.fromkeys(platforms))
    elif options.source in REMOTE:
        raise MicroauditError("MA0210", "name the platforms to crawl; `microaudit platforms` lists them")
    else:
        urls = {capture.url for capture in read_source(options.source)}
        chosen = [slug for slug, spider in all_spiders().items() if any(map(spider().owns, urls))]
        if not chosen:
            raise MicroauditError("MA0301", f"{options.source} holds no page of a known platform")
    check_live(chosen, options)
    return chosen


def _site(spider: str | None, site: str | None, platforms: list[str] | None, source: str) -> str:
    """The host whose lists are to be found: as named, or the one that most pages of a source on disk are from."""
    from microaudit.archives import REMOTE, read_source
    from microaudit.importing import SLUG
    from microaudit.spiders import slugs

    if spider != "auto":
        raise MicroauditError("MA0204", f"--spider {spider!r}: only auto is known")
    if not platforms or len(platforms) != 1 or not SLUG.fullmatch(platforms[0]) or platforms[0] in slugs():
        raise MicroauditError("MA0204", "--spider auto needs one new name for the site, in a-z, 0-9 and _")
    if site:
        return site.lower()
    if source in REMOTE:
        raise MicroauditError("MA0210", "--spider auto needs --site HOST where the source is not on disk")
    hosts = Counter(urlsplit(capture.url).hostname or "" for capture in read_source(source))
    if not hosts:
        raise MicroauditError("MA0301", f"{source} holds no page")
    return max(sorted(hosts), key=hosts.__getitem__).removeprefix("www.")


def _run(context: typer.Context, engine: Engine, runs: dict[str, Options]) -> list[Result]:
    from microaudit.crawl import crawl as run_crawl

    with context.obj.console.progress("pages") as step:
        results = run_crawl(engine, list(runs), runs, lambda page: step(1, page.platform))
    for result in results:
        words = f"{result.platform:<14} {result.state:<11} {result.reason}"
        if unread := sum(result.problems.values()):
            words += f"; {unread} values not understood ({_counts(result.problems)})"
        if result.refused:
            words += f"; not counted as tasks: {_counts(result.refused)}"
        context.obj.console.event("crawl", words, **_fields(result))
    return results


def _fields(result: Result) -> dict[str, Any]:
    names = ("platform", "crawl_id", "state", "reason", "pages", "tasks", "outcomes", "problems", "refused")
    return {name: getattr(result, name) for name in names}


def _finish(context: typer.Context, results: list[Result]) -> int:
    """Print one error line per trouble; the exit status of the whole."""
    from microaudit.health import CODES, exit_status

    for error in (error for result in results for error in result.errors if isinstance(error, MicroauditError)):
        raise error
    for result in results:
        if code := CODES[result.state]:
            context.obj.console.error(MicroauditError(code, f"{result.platform}: {result.reason}"))
    return exit_status(result.state for result in results)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


def _start(shown: str | None) -> datetime | None:
    return _day(shown, "01-01", time.min) if shown else None


def _end(shown: str | None) -> datetime | None:
    return _day(shown, "12-31", time.max) if shown else None


def _day(shown: str, rest: str, at: time) -> datetime:
    text = f"{shown}-{rest}" if len(shown) == 4 else shown
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), at, UTC)
    except ValueError:
        raise MicroauditError("MA0204", f"{shown!r} is not a date such as 2012 or 2012-03-01") from None


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, JSON, JSON lines or Parquet.")],
    platform: Annotated[str, typer.Option(help="Any slug: the platform that the rows are from.")],
    mapping: Annotated[list[str] | None, typer.Option("--map", metavar="OURS=THEIRS", help="Repeatable.")] = None,
    kind: Annotated[str, typer.Option(help="task (a buyer asks) or offer (a seller sells).")] = "task",
) -> None:
    """Read listings that you already have, through the same stages."""
    from microaudit.importing import import_file, parse_mapping
    from microaudit.store.engine import open_store

    names = parse_mapping(mapping or [])
    engine = open_store(context.obj.db)
    with context.obj.console.progress("rows") as step:
        result = import_file(engine, file, platform, names, kind, step)
    words = f"{result.platform:<14} {result.state:<11} {result.reason}"
    if result.problems:
        words += f"; values not understood: {_counts(result.problems)}"
    context.obj.console.event("import", words, **_fields(result))
    raise typer.Exit(_finish(context, [result]))


def platforms(context: typer.Context) -> None:
    """List the platforms, whether they are crawled live, and on what pages their reading was verified."""
    from microaudit.spiders import platforms as all_spiders

    for slug, spider in all_spiders().items():
        support = sorted({layout.support for layout in spider.layouts})
        live = "live" if spider.live else "archive"
        context.obj.console.event(
            "platform",
            f"{slug:<14} {live:<8} {' and '.join(support):<30} {spider.live_note}",
            platform=slug,
            title=spider.title,
            live=spider.live,
            live_note=spider.live_note,
            kind=spider.kind,
            hosts=list(spider.hosts),
            layouts=[{"name": layout.name, "support": layout.support} for layout in spider.layouts],
        )


COMMANDS = {"audit": audit, "crawl": crawl, "import": import_, "platforms": platforms}
