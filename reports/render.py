"""The report as one HTML file that needs no network and no script, and as a PDF."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import microaudit
from microaudit import taxonomy
from reports import names, pictures, words
from reports.aggregate import Tally
from reports.estimate import FEW, FLOOR, Share
from reports.figures import PlatformView, apart, months, quantile
from reports.published import PUBLISHED
from reports.report import Report
from reports.suppress import suppressed

PDF_NOTE = (
    "report.pdf was not written: WeasyPrint or a library it needs is missing ({error}). report.html prints well."
)
READ = ("tasks", "no_tasks", "closed")  # outcomes of pages whose layout was read


@cache
def environment() -> Environment:
    """Templates with autoescape on for everything, and no silent gaps."""
    env = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "number": words.number, "day": words.day, "country": names.place, "language": names.language,
        "subtype": names.subtype, "platform": names.platform, "redacted": words.redacted,
    }  # fmt: skip
    env.globals |= {
        "percent": words.percent, "interval": words.interval, "share": words.share, "ends": words.ends,
        "rank": words.rank, "finding": words.finding, "standing": words.standing, "period": words.period,
        "DASH": words.DASH, "LABELS": names.LABELS, "ACTS": names.ACTS, "STATES": names.STATES, "FEW": FEW,
        "FLOOR": FLOOR, "VERSION": microaudit.__version__, "MANUAL": taxonomy.VERSION,
    }  # fmt: skip
    return env


def page(template: str, **context: Any) -> str:
    """One self-contained HTML page; its policy lets nothing in but its own style and script."""
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        environment()
        .get_template(template)
        .render(policy=policy, style=Markup(style), script=Markup(script), **context)  # noqa: S704  our own files
    )


def _asset(name: str) -> str:
    return files("reports").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def write_report(report: Report, folder: Path, formats: Sequence[str]) -> list[str]:
    """report.html and report.pdf, as asked; returns a note for what could not be written."""
    html = page("report.html", **context(report))
    if "html" in formats:
        (folder / "report.html").write_text(html, encoding="utf-8")
    return write_pdf(html, folder / "report.pdf") if "pdf" in formats else []


def write_pdf(html: str, path: Path) -> list[str]:
    """A tagged PDF of the page, or a note why there is none."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # OSError: the package is there, Pango is not
        return [PDF_NOTE.format(error=str(error).splitlines()[0])]
    # It warns of every rule that is meant for screens only.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    weasyprint.HTML(string=html).write_pdf(path, pdf_tags=True)
    return []


def context(report: Report) -> dict[str, Any]:
    """What report.html is filled with."""
    tally = report.tally
    ranked = [view for view in report.platforms if not view.share.few]
    pay = [row for view in report.platforms for row in pay_rows(view)]
    return {
        "report": report,
        "views": report.platforms,
        "ranked": ranked,
        "calibrated": any(view.corrected for view in report.platforms),
        "few": [view for view in report.platforms if view.share.few],
        "charts": pictures.pictures(report),
        "runs": {view.name: run_totals(report, view.name) for view in report.platforms},
        "subtypes": subtype_rows(report.platforms),
        "targets": target_rows(report.platforms),
        "targeted": sum(view.count.targeted for view in report.platforms),
        "pay": [row for row in pay if row["n"] >= FEW],
        "thin_pay": sum(row["n"] < FEW for row in pay),
        "months": {view.name: month_rows(view) for view in report.platforms},
        "buyers": pictures.places(tally.buyers, report.min_cell),
        "workers": pictures.places(tally.workers, report.min_cell),
        "flows": list(suppressed(tally.flows, report.min_cell)),
        "languages": language_rows(report.platforms, report.min_cell),
        "bases": basis_rows(tally),
        "changes": changes(report),
        "published": PUBLISHED,
        "period": words.period(
            min((view.count.first_seen for view in report.platforms if view.count.first_seen), default=None),
            max((view.count.last_seen for view in report.platforms if view.count.last_seen), default=None),
        ),
        "totals": {
            "tasks": sum(view.count.tasks for view in report.platforms),
            "labelled": sum(view.count.labelled for view in report.platforms),
            "offers": sum(view.count.offers.total() for view in report.platforms),
        },
    }


def run_totals(report: Report, name: str) -> dict[str, Any]:
    """The funnel and the conduct of one platform, over all its crawls."""
    runs = [run for run in report.given.runs if run["platform"] == name]
    outcomes: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    conduct: dict[str, list[str]] = {}
    for run in runs:
        outcomes.update(run["outcomes"])
        refused.update(run["refused"])
        problems.update(run["problems"])
        for key, value in sorted(run["conduct"].items()):
            seen = conduct.setdefault(key.replace("_", " "), [])
            if (text := _flat(value)) not in seen:
                seen.append(text)
    listed = sum(run["tasks"] for run in runs)
    return {
        "runs": len(runs), "requests": sum(run["requests"] for run in runs),
        "fetched": sum(run["pages"] for run in runs),
        "read": sum(outcomes[outcome] for outcome in READ), "listed": listed + refused.total(), "refused": refused,
        "parsed": listed, "outcomes": outcomes, "problems": problems, "conduct": conduct,
        "states": Counter(run["state"] or "unfinished" for run in runs),
        "sources": sorted({run["source"] for run in runs}),
    }  # fmt: skip


def _flat(value: Any) -> str:
    """A value of the run ledger in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key.replace('_', ' ')}: {_flat(item)}" for key, item in sorted(value.items())) or "none"
    if isinstance(value, list):
        return ", ".join(map(_flat, value)) or "none"
    return str(value)


def subtype_rows(views: Sequence[PlatformView]) -> list[tuple[taxonomy.Subtype, list[int], int]]:
    """(sub-type, tasks per platform, total) in the manual's order, those that occur."""
    rows = []
    for code, kind in taxonomy.subtypes().items():
        counts = [view.count.subtypes[code] for view in views]
        if any(counts):
            rows.append((kind, counts, sum(counts)))
    return rows


def target_rows(views: Sequence[PlatformView]) -> list[tuple[str, Counter[str], int]]:
    """(service, illicit tasks by label, total), most named first."""
    by_label: dict[str, Counter[str]] = {}
    for view in views:
        for (target, label), n in view.count.targets.items():
            by_label.setdefault(target, Counter())[label] += n
    rows = [(target, counts, counts.total()) for target, counts in by_label.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def pay_rows(view: PlatformView) -> list[dict[str, Any]]:
    """Quartiles of the pay shown, per currency, unit and verdict, illicit first."""
    rows = []
    for key in sorted(view.count.pay, key=lambda key: (key[0], key[1], not key[2])):
        currency, unit, illicit = key
        values = view.count.pay[key]
        quartiles = [f"{quantile(values, q):f}" for q in (0.25, 0.5, 0.75)]
        rows.append({"title": view.title, "currency": currency, "unit": unit, "illicit": illicit,
                     "n": values.total(), "quartiles": quartiles})  # fmt: skip
    return rows


def month_rows(view: PlatformView) -> list[tuple[str, Share | None, int]]:
    """(month, its share, 0) or, for a stretch without tasks, ("", None, how many months)."""
    rows: list[tuple[str, Share | None, int]] = []
    last = None
    for month, share in months(view.count):
        if last is not None and (gap := apart(last, month)):
            rows.append(("", None, gap))
        rows.append((month, share, 0))
        last = month
    return rows


def language_rows(views: Sequence[PlatformView], min_cell: int) -> list[tuple[str, int, int | None]]:
    """(language, judged tasks, illicit ones or None where withheld), over all platforms."""
    table: dict[str, list[int]] = {}
    for view in views:
        for (language, bad), n in view.count.languages.items():
            cell = table.setdefault(language, [0, 0])
            cell[0] += n
            cell[1] += n * bad
    return pictures.places(table, min_cell)


def basis_rows(tally: Tally) -> list[tuple[str, int, int]]:
    """(basis, tasks by buyer country, tasks by worker country), most trusted first, unknown last."""
    order = ("declared", "profile", "text", "phone", "domain", "unknown")
    return [(basis, tally.bases["buyer", basis], tally.bases["worker", basis]) for basis in order]


def changes(report: Report) -> list[tuple[str, str, str, str]]:
    """(platform, day, from, to) for every change of the program that read the pages."""
    found = []
    last: dict[str, str] = {}
    for run in report.given.runs:
        name, now = run["platform"], run["software"]
        if last.setdefault(name, now) != now:
            found.append((names.platform(name), words.day(run["started_at"]), last[name], now))
        last[name] = now
    return found
