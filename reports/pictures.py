"""The charts of a report, each from the same numbers as the table beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from microaudit.taxonomy import ILLICIT, LABELS, label_of
from reports import charts, names, specs, tilemap, words
from reports.charts import Chart, chart
from reports.estimate import FEW
from reports.figures import PlatformView, apart, months, target_totals
from reports.report import Report
from reports.suppress import OTHER, suppressed

TOP = 12
PART_COLOURS = {**{names.LABELS[label]: charts.COLOURS[label] for label in ILLICIT}}
GEO_COLOURS = {"Illicit": charts.ILLICIT, "Other tasks": charts.LEGITIMATE, "Not split: small cells": "#c9c6bd"}


def pictures(report: Report) -> dict[str, Chart]:
    """All charts that have something to show, by name."""
    return {drawn.name: drawn for drawn in _all(report)}


def _all(report: Report) -> Iterator[Chart]:
    judged = [view for view in report.platforms if view.count.labelled]
    if judged:
        yield shares(judged)
        yield labels(judged)
    enough = [view for view in judged if not view.share.few]
    if enough:
        yield definitions(enough)
        if lines := [view for view in enough if has_trend(view)]:
            yield trend(lines)
    if any(view.count.illicit for view in judged):
        yield subtypes(judged)
    if any(view.count.targets for view in judged):
        yield targets(judged)
    for side, table in (("buyers", report.tally.buyers), ("workers", report.tally.workers)):
        # Regions and the unknown have no square on the map; they stand in the table.
        rows = [row for row in places(table, report.min_cell) if row[0].isupper() and len(row[0]) == 2]
        if rows:
            yield ranked(side, rows)
            yield world(side, rows)


def places(table: dict[str, list[int]], min_cell: int) -> list[tuple[str, int, int | None]]:
    """(country, all tasks, illicit tasks or None where withheld), most tasks first."""
    return [(key, n, bad) for (key,), n, bad in suppressed({(key,): cell for key, cell in table.items()}, min_cell)]


def shares(views: Sequence[PlatformView], name: str = "shares") -> Chart:
    """Dot and interval, the headline."""
    alt = "Share of illicit tasks. " + " ".join(
        f"{view.title}: {'too few to say' if view.share.few else words.share(view.share)}, "
        f"95 % interval {words.ends(view.share)}."
        for view in views
    )
    return chart(name, alt, lambda size: specs.shares(share_rows(views), size))


def share_rows(views: Sequence[PlatformView]) -> list[dict[str, Any]]:
    return [
        {
            "name": view.title, "value": view.share.value, "low": view.share.low, "high": view.share.high,
            "floor": view.bounds[0] if view.bounds else view.share.low,
            "ceiling": view.bounds[1] if view.bounds else view.share.high, "few": view.share.few,
            "label": "too few to say" if view.share.few else
                f"{words.share(view.share)}  ({words.ends(view.share)})",
            "short": "too few" if view.share.few else words.share(view.share),
        }
        for view in views
    ]  # fmt: skip


def labels(views: Sequence[PlatformView]) -> Chart:
    rows: list[dict[str, Any]] = []
    said = []
    for view in views:
        parts = []
        for order, label in enumerate(LABELS):
            share = view.count.labels[label] / view.count.labelled
            title = names.LABELS[label]
            rows.append({"name": view.title, "label": label, "title": title, "order": order, "share": share})
            parts.append(f"{title.lower()} {words.percent(share, view.count.labelled)}")
        said.append(f"{view.title}: {', '.join(parts)}.")
    alt = "What the tasks ask for, in parts of a hundred. " + " ".join(said)
    return chart("labels", alt, lambda size: specs.labels(rows, size))


def definitions(views: Sequence[PlatformView]) -> Chart:
    rows, said = [], []
    for view in views:
        ways = {
            "core sub-types only": view.strict, "all sub-types": view.share, "by open position": view.by_position,
            "by pay on offer": view.by_money,
        }  # fmt: skip
        known = {way: share.value for way, share in ways.items() if share.value is not None}
        rows += [{"name": view.title, "way": way, "value": value} for way, value in known.items()]
        said.append(f"{view.title}: " + ", ".join(f"{way} {words.percent(value)}" for way, value in known.items()))
    alt = "The share under other ways to count. " + ". ".join(said) + "."
    return chart("definitions", alt, lambda size: specs.ways(rows, size))


def has_trend(view: PlatformView) -> bool:
    """Whether at least two months can carry a point."""
    return sum(not share.few for _, share in months(view.count)) > 1


def trend(views: Sequence[PlatformView]) -> Chart:
    rows: list[dict[str, Any]] = []
    said = []
    for view in views:
        series = [(month, share) for month, share in months(view.count) if share.n]
        run, last = 0, series[0][0]
        for month, share in series:
            if share.few or apart(last, month) > 0:
                run += 1  # the line bridges neither a gap nor a month that cannot carry a point
            last = month
            rows.append(
                {"name": view.title, "month": f"{month}-01T00:00:00Z", "value": share.value, "low": share.low,
                 "high": share.high, "run": f"{view.name}{run}", "few": share.few}
            )  # fmt: skip
        solid = sum(not share.few for _, share in series)
        said.append(f"{view.title}: {solid} of {len(series)} months have {FEW} judged tasks or more")
    alt = "Share of illicit tasks by month. " + ". ".join(said) + ". Figures in the table."
    span = apart(min(row["month"][:7] for row in rows), max(row["month"][:7] for row in rows))
    return chart("trend", alt, lambda size: specs.trend(rows, size, own_time=span > 36))


def subtypes(views: Sequence[PlatformView]) -> Chart:
    totals: Counter[str] = Counter()
    for view in views:
        totals.update({code: n for code, n in view.count.subtypes.items() if code[0] in "PRL"})
    top = sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    rows = [
        {"name": names.subtype(code), "part": names.LABELS[label_of(code)], "order": 0, "n": n, "total": n}
        for code, n in top
    ]
    alt = "Illicit tasks by sub-type, all platforms together: " + _list(top, names.subtype)
    return chart("subtypes", alt, lambda size: specs.bars(rows, size, PART_COLOURS))


def targets(views: Sequence[PlatformView]) -> Chart:
    parts: Counter[tuple[str, str]] = Counter()
    for view in views:
        parts.update(view.count.targets)
    totals = target_totals(view.count for view in views)
    top = sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    rows = []
    for target, total in top:
        for order, label in enumerate(ILLICIT):
            if n := parts[target, label]:
                rows.append({"name": target, "part": names.LABELS[label], "order": order, "n": n, "total": None})
        rows[-1]["total"] = total
    alt = "Services named in illicit tasks: " + _list(top, str)
    return chart("targets", alt, lambda size: specs.bars(rows, size, PART_COLOURS))


def ranked(side: str, places: Sequence[tuple[str, int, int | None]]) -> Chart:
    rows: list[dict[str, Any]] = []
    for code, n, bad in places[:TOP]:
        name = names.place(code)
        if bad:
            rows.append({"name": name, "part": "Illicit", "order": 0, "n": bad, "total": None})
        rest = "Other tasks" if bad is not None else "Not split: small cells"
        rows.append({"name": name, "part": rest, "order": 1, "n": n - (bad or 0), "total": n})
    what = "Where buyers sit" if side == "buyers" else "Where workers are wanted"
    alt = f"{what}, tasks: " + _list([(code, n) for code, n, _ in places[:TOP]], names.place)
    return chart(side, alt, lambda size: specs.bars(rows, size, GEO_COLOURS))


def world(side: str, places: Sequence[tuple[str, int, int | None]]) -> Chart:
    counts = {code: n for code, n, _ in places if code != OTHER}
    what = "where buyers sit" if side == "buyers" else "where workers are wanted"
    top = _list([(code, n) for code, n, _ in places[:TOP]], names.place)
    alt = f"World map of {what}, one square a country. Most tasks: {top}"
    return chart(f"{side}-map", alt, lambda size: tilemap.world(counts, size))


def _list(items: Sequence[tuple[str, int]], name: Any) -> str:
    return ", ".join(f"{name(key)} {words.number(n)}" for key, n in items) + "."
