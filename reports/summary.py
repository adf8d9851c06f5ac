"""One platform on one page: what a journalist can put into a story, and what defends it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from microaudit.taxonomy import ILLICIT, LABELS
from reports import bundle, charts, estimate, names, pictures, specs, words
from reports.examples import Examples
from reports.figures import PlatformView
from reports.render import page, pay_rows, run_totals, target_rows, write_pdf
from reports.report import Report


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence that can be printed as it stands, and what it rests on."""

    id: str  # figure@report: the same for ever
    sentence: str
    n: float
    first_seen: str | None
    last_seen: str | None
    low: float | None
    high: float | None
    standing: str


def write_summary(report: Report, examples: Examples, folder: Path) -> list[str]:
    """The summary of the report's only platform; returns notes on what could not be written."""
    (view,) = report.platforms
    quoted = list(quotes(report, view))
    html = page("summary.html", **context(report, view, examples, quoted))
    (folder / f"{view.name}.html").write_text(html, encoding="utf-8")
    bundle.write_json(folder / f"{view.name}-quotes.json", [asdict(quote) for quote in quoted])
    if view.count.labelled:
        spec = chart_spec(report, view)
        (folder / f"{view.name}-chart.svg").write_text(charts.standalone(spec), encoding="utf-8")
        (folder / f"{view.name}-chart.png").write_bytes(charts.png(spec))
    return write_pdf(html, folder / f"{view.name}.pdf")


def context(report: Report, view: PlatformView, examples: Examples, quoted: list[Quote]) -> dict[str, Any]:
    """What summary.html is filled with."""
    tally = report.tally
    return {
        "report": report,
        "view": view,
        "quotes": quoted,
        "run": run_totals(report, view.name),
        "examples": examples.shown(),
        "pay": pay_rows(view),
        "targets": target_rows([view])[:8],
        "buyers": pictures.places(tally.buyers, report.min_cell)[:8],
        "workers": pictures.places(tally.workers, report.min_cell)[:8],
        "labels": pictures.labels([view]) if view.count.labelled else None,
        "trend": pictures.trend([view]) if pictures.has_trend(view) else None,
    }


def quotes(report: Report, view: PlatformView) -> Iterator[Quote]:
    """The sentences, each complete with numbers, dates and what kind of number it is."""
    count, title = view.count, view.title
    when = words.period(count.first_seen, count.last_seen)

    def quote(figure: str, sentence: str, n: float, share: estimate.Share | None = None) -> Quote:
        ends = (share.low, share.high) if share else (None, None)
        return Quote(
            f"{view.name}/{figure}@{report.id}",
            sentence,
            n,
            count.first_seen,
            count.last_seen,
            *ends,
            words.standing(view),
        )

    yield quote("share", words.finding(view), count.labelled, view.share)
    if not count.illicit:
        return
    parts = [f"{words.number(count.labels[label])} {names.LABELS[label].lower()}" for label in ILLICIT]
    yield quote(
        "illicit",
        f"Of the {words.number(count.illicit)} illicit tasks that the tool counted on {title} {when}, "
        f"by what they chiefly ask for: {parts[0]}, {parts[1]} and {parts[2]}.",
        count.illicit,
    )
    target, _, named = next(iter(target_rows([view])), ("", None, 0))
    if named >= estimate.FEW:
        yield quote(
            f"targets/{target}",
            f"{target} is the service named most often in illicit tasks on {title}: in {words.number(named)} "
            f"of {words.number(count.illicit)} seen {when}.",
            count.illicit,
        )
    for row in pay_rows(view):
        if row["illicit"] and row["n"] >= estimate.FEW:
            yield quote(
                f"pay/{row['currency']}/{row['unit']}/illicit/median",
                f"Half of the illicit tasks on {title} that showed their pay in {row['currency']} for one "
                f"{row['unit']} paid {row['quartiles'][1]} or less ({words.number(row['n'])} tasks seen {when}).",
                row["n"],
            )


def chart_spec(report: Report, view: PlatformView) -> charts.Spec:
    """The chart to embed: the four labels with intervals, title and source in the picture."""
    count = view.count
    rows = []
    for label in LABELS:
        share = estimate.share(count.labels[label], count.labelled)
        point = words.interval(share.low, share.high, share.n) if share.few else words.percent(share.value, share.n)
        rows.append({"name": names.LABELS[label], "label": label, "value": 0 if share.few else share.value,
                     "low": share.low, "high": share.high, "words": point})  # fmt: skip
    title = f"What tasks on {view.title} ask for"
    if report.sample:
        title = "SAMPLE, NOT DATA: " + title
    when = words.period(count.first_seen, count.last_seen)
    under = f"{words.number(count.labelled)} public listings that could be judged, seen {when}. Lines: 95 % intervals."
    foot = [words.standing(view), f"microaudit, figure {view.name}/share@{report.id}"]
    return specs.card(
        rows, title, textwrap.wrap(under, 84), [line for text in foot for line in textwrap.wrap(text, 100)]
    )
