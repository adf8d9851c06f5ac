"""From counts to what the report says: one view per platform, and every number with an id.

An id reads like a path: `microworkers/share`, `buyers/US/illicit`. It means the same in every
report; together with the report's id it names one number for good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from microaudit.taxonomy import ILLICIT, LABELS, subtypes
from reports import estimate, estimate_dial, names
from reports.aggregate import PlatformCount, Tally
from reports.estimate import Clusters, Coded, Corrected, Mark, Share
from reports.suppress import OTHER, suppressed

Where = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the report. `where` selects the rows of the tasks table that it counts.

    A list in `where` means any of its values, None an empty cell; `given` names numbers that do
    not come from the published rows (buyers, human codes, the run ledger).
    """

    id: str
    text: str
    value: float | int | str | None
    unit: str
    n: float | None = None
    numerator: float | None = None
    low: float | None = None
    high: float | None = None
    method: str = "count"
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class PlatformView:
    """What the report says of one platform. Shares are None where nothing stands behind them."""

    name: str
    title: str
    count: PlatformCount
    share: Share
    strict: Share
    unique: Share
    clustered: Share
    jeffreys: tuple[float, float] | None
    bounds: tuple[float, float] | None
    corrected: Corrected | None
    listed: Corrected | None  # the same for the listings seen, as a finite population
    mark: Mark
    n_codes: int
    by_position: Share
    currency: str | None
    by_money: Share
    rank: tuple[int, int] | None

    @property
    def dial(self) -> dict[str, Share]:
        """The share under each definition of illicit."""
        return estimate_dial.dial(
            self.count.core, self.count.illicit, self.count.labelled, self.count.states["abstained"]
        )

    @property
    def weighed(self) -> dict[str, Share]:
        """The shares by `positions` and by `money`, where enough tasks show what they rest on."""
        behind = {"positions": self.count.with_positions, "money": self.count.with_money[self.currency or ""]}
        shares = {"positions": self.by_position, "money": self.by_money}
        return {way: share for way, share in shares.items() if behind[way] >= estimate.FEW and share.n}

    @property
    def without_label(self) -> int:
        return self.count.tasks - self.count.labelled

    @property
    def interval(self) -> tuple[float, float] | None:
        """The wider of the plain and the buyer-clustered interval: what ranks are compared by."""
        if self.share.low is None or self.share.high is None:
            return None
        low = self.share.low if self.clustered.low is None else min(self.share.low, self.clustered.low)
        high = self.share.high if self.clustered.high is None else max(self.share.high, self.clustered.high)
        return low, high


def plain_share(numerator: float, n: float) -> Share:
    """A share without an interval: open positions and pay are not independent draws."""
    return Share(numerator, n, None, None)


def view(
    count: PlatformCount, clusters: Clusters | None, codes: Sequence[Coded], rank: tuple[int, int] | None = None,
    others: int = 0,
) -> PlatformView:  # fmt: skip
    """All shares of one platform; `others` is the number of human codes of the other platforms."""
    illicit, labelled = count.illicit, count.labelled
    currency = min(count.with_money, key=lambda code: (-count.with_money[code], code), default=None)
    money = count.money.get(currency or "", {True: Decimal(0), False: Decimal(0)})
    none = Share(illicit, labelled, None, None)
    return PlatformView(
        name=count.platform,
        title=names.platform(count.platform),
        count=count,
        share=estimate.share(illicit, labelled),
        strict=estimate.share(count.core, labelled),
        unique=estimate.share(len(count.texts[True]), sum(map(len, count.texts.values()))),
        clustered=estimate.clustered(illicit, labelled, clusters) if clusters else none,
        jeffreys=estimate.jeffreys(illicit, labelled),
        bounds=estimate.bounds(illicit, labelled, count.tasks - labelled),
        corrected=estimate.corrected(illicit, labelled, codes, clusters, count.tasks - labelled) if labelled else None,
        listed=estimate.two_phase(illicit, labelled, codes, listed=True) if labelled else None,
        mark=estimate.mark(codes, others),
        n_codes=len(codes),
        by_position=plain_share(count.positions[True], count.positions.total()),
        currency=currency,
        by_money=plain_share(float(money[True]), float(money[True] + money[False])),
        rank=rank,
    )


def views(tally: Tally, clusters: Mapping[str, Clusters], codes: Mapping[str, Sequence[Coded]]) -> list[PlatformView]:
    """Platforms by share, highest first; those with too few tasks to say come last, by name."""
    every = sum(map(len, codes.values()))
    plain = [
        view(count, clusters.get(name), codes.get(name, ()), None, every - len(codes.get(name, ())))
        for name, count in sorted(tally.platforms.items())
    ]
    ranked = [each for each in plain if not each.share.few]
    ranked.sort(key=lambda each: (-(each.share.value or 0), each.name))
    places = estimate.ranks([each.interval or (0.0, 1.0) for each in ranked])
    result = [replace(each, rank=rank) for each, rank in zip(ranked, places, strict=True)]
    return result + [each for each in plain if each.share.few]


def platform_row(view: PlatformView) -> dict[str, Any]:
    """The row of platforms.csv."""
    count, corrected = view.count, view.corrected
    return {
        "platform": view.name,
        "n_tasks": count.tasks,
        "n_codable": count.labelled,
        "n_illicit": count.illicit,
        "share": rounded(view.share.value),
        "share_low": rounded(view.share.low),
        "share_high": rounded(view.share.high),
        "share_corrected": rounded(corrected.value) if corrected else None,
        "corrected_low": rounded(corrected.low) if corrected else None,
        "corrected_high": rounded(corrected.high) if corrected else None,
        **{f"n_{label}": count.labels[label] for label in LABELS},
        "n_uncodable": view.without_label,
        "first_seen": count.first_seen,
        "last_seen": count.last_seen,
    }


def rounded(value: float | None) -> float | None:
    """Six decimals: the same text on every machine, finer than any use."""
    return None if value is None else round(value, 6)


def quantile(values: Counter[str], q: float) -> Decimal:
    """The smallest value with at least the share `q` of all values at or below it."""
    ordered = sorted((Decimal(text), n) for text, n in values.items())
    need, seen = q * values.total(), 0
    for value, n in ordered:
        seen += n
        if seen >= need:
            return value
    return ordered[-1][0]


def months(count: PlatformCount) -> list[tuple[str, Share]]:
    """(YYYY-MM, share of labelled tasks) for every month that has tasks, in order."""
    known = sorted({month for month, _ in count.months})
    hits = {month: count.months[month, "illicit"] for month in known}
    return [(month, estimate.share(hits[month], hits[month] + count.months[month, "legitimate"])) for month in known]


def apart(earlier: str, later: str) -> int:
    """How many months lie between two months YYYY-MM: 0 for neighbours."""
    (year, month), (next_year, next_month) = (map(int, text.split("-")) for text in (earlier, later))
    return (next_year - year) * 12 + next_month - month - 1


def figures(views: Iterable[PlatformView], tally: Tally, min_cell: int) -> Iterator[Figure]:
    """Every number of the report that comes from tasks, in a fixed order."""
    views = list(views)
    for each in views:
        yield from _platform(each)
    for turn in estimate_dial.reversals({each.name: each.dial for each in views}):
        yield Figure(
            f"reversals/{turn.upper}/{turn.lower}/{turn.one}/{turn.other}",
            f"{names.platform(turn.upper)} leads {names.platform(turn.lower)} by the {turn.one} definition, "
            f"trails it by the {turn.other} one",
            "beyond chance" if turn.clear else "within chance", "reversal",
        )  # fmt: skip
    for side, column, table in (
        ("buyers", "buyer_countries", tally.buyers),
        ("workers", "worker_countries", tally.workers),
    ):
        for (country,), all_, illicit in suppressed({(key,): cell for key, cell in table.items()}, min_cell):
            where = None if country == OTHER else {"kind": "task", column: country}
            yield Figure(f"{side}/{country}", f"Tasks, {side}: {country}", all_, "tasks", where=where)
            yield _part(f"{side}/{country}/illicit", f"Illicit tasks, {side}: {country}", illicit, where, min_cell)
    for (buyer, worker), all_, illicit in suppressed(tally.flows, min_cell):
        where = None if buyer == OTHER else {"kind": "task", "buyer_countries": buyer, "worker_countries": worker}
        yield Figure(f"flows/{buyer}/{worker}", f"Tasks from {buyer} to {worker}", all_, "tasks", where=where)
        text = f"Illicit tasks from {buyer} to {worker}"
        yield _part(f"flows/{buyer}/{worker}/illicit", text, illicit, where, min_cell)
    for scope, n in sorted(tally.scopes.items()):
        where = {"kind": "task", "worker_scope": scope}
        yield Figure(f"scope/{scope}", f"Tasks whose workers are: {scope}", n, "tasks", where=where)
    for (side, basis), n in sorted(tally.bases.items()):
        yield Figure(f"basis/{side}/{basis}", f"Tasks whose {side} country rests on: {basis}", n, "tasks")
    for target, n in sorted(target_totals(tally.platforms.values()).items()):
        yield Figure(f"targets/{target}", f"Illicit tasks that name {target}", n, "tasks")


def target_totals(counts: Iterable[PlatformCount]) -> Counter[str]:
    """Illicit tasks per named service, over all labels."""
    totals: Counter[str] = Counter()
    for count in counts:
        for (target, _), n in count.targets.items():
            totals[target] += n
    return totals


def _part(id: str, text: str, n: int | None, where: Where | None, min_cell: int) -> Figure:
    method = "count" if n is not None else f"withheld: below {min_cell}, or would reveal such a cell"
    rows = None if where is None else {**where, "label": list(ILLICIT)}
    return Figure(id, text, n, "tasks", method=method, where=rows)


def _share(id: str, text: str, share: Share, method: str, where: Where | None = None) -> Figure:
    return Figure(
        id, text, rounded(share.value), "share", share.n, share.numerator, rounded(share.low), rounded(share.high),
        method, where,
    )  # fmt: skip


def _platform(each: PlatformView) -> Iterator[Figure]:
    name, title, count = each.name, each.title, each.count
    tasks: dict[str, Any] = {"platform": name, "kind": "task"}
    labelled = {**tasks, "label": list(LABELS)}
    illicit = {**tasks, "label": list(ILLICIT)}
    yield Figure(f"{name}/tasks", f"{title}: tasks", count.tasks, "tasks", where=tasks)
    yield Figure(f"{name}/codable", f"{title}: tasks with a label", count.labelled, "tasks", where=labelled)
    yield Figure(f"{name}/illicit", f"{title}: illicit tasks", count.illicit, "tasks", where=illicit)
    yield Figure(
        f"{name}/offers", f"{title}: offers", count.offers.total(), "offers", where={**tasks, "kind": "offer"}
    )
    yield _share(f"{name}/share", f"{title}: share of illicit tasks", each.share, "wilson", illicit)
    strict = {**illicit, "tier": "core"}
    yield _share(f"{name}/share/strict", f"{title}: share, core sub-types only", each.strict, "wilson", strict)
    yield _share(f"{name}/share/texts", f"{title}: share of distinct texts", each.unique, "wilson")
    yield _share(
        f"{name}/share/positions", f"{title}: share of open positions", each.by_position, "sum of positions_open"
    )
    money = f"sum of reward x positions_open, {each.currency}"
    yield _share(f"{name}/share/money", f"{title}: share of pay on offer", each.by_money, money)
    if each.clustered.low is not None:
        text = f"{title}: share, interval clustered by buyer"
        yield _share(
            f"{name}/share/clustered", text, each.clustered, "wilson on the effective size, clustered by buyer"
        )
    if each.jeffreys:
        low, high = each.jeffreys
        share = Share(each.share.numerator, each.share.n, low, high)
        yield _share(f"{name}/share/jeffreys", f"{title}: share, Jeffreys interval", share, "jeffreys")
    if each.bounds:
        low, high = each.bounds
        text = f"{title}: share if all tasks without a label were legitimate, or illicit"
        yield _share(f"{name}/share/bounds", text, Share(count.illicit, count.labelled, low, high), "bounds")
    if each.corrected:
        fix = each.corrected
        yield Figure(
            f"{name}/share/corrected", f"{title}: share corrected by human codes", rounded(fix.value), "share",
            fix.n_codes, None, rounded(fix.low), rounded(fix.high), f"{fix.method}, covers {', '.join(fix.covers)}",
        )  # fmt: skip
    if each.listed:
        fix = each.listed
        yield Figure(
            f"{name}/share/listed", f"{title}: corrected share of the tasks seen, without inference to others",
            rounded(fix.value), "share", fix.n_codes, None, rounded(fix.low), rounded(fix.high),
            f"{fix.method}, finite population",
        )  # fmt: skip
    yield Figure(f"{name}/mark", f"{title}: whether the tool's errors are known here", each.mark, "mark")
    text = f"{title}: share if undecided tasks were illicit"
    yield _share(f"{name}/share/broad", text, each.dial["broad"], "wilson")
    for label in LABELS:
        where = {**tasks, "label": [label]}
        share = estimate.share(count.labels[label], count.labelled)
        yield _share(f"{name}/label/{label}", f"{title}: {label}, primary label", share, "wilson", where)
    for label in ILLICIT:
        share = estimate.share(count.multi[label], count.labelled)
        yield _share(f"{name}/any/{label}", f"{title}: {label}, primary or secondary", share, "wilson")
    for state in names.STATES:
        yield Figure(f"{name}/without-label/{state}", f"{title}: {names.STATES[state]}", count.states[state], "tasks")
    for reason, n in sorted(count.reasons.items()):
        yield Figure(f"{name}/uncodable/{reason}", f"{title}: not codable, {reason}", n, "tasks")
    for code in subtypes():
        if count.subtypes[code]:
            text = f"{title}: {names.subtype(code)}"
            yield Figure(
                f"{name}/subtype/{code}", text, count.subtypes[code], "tasks", where={**tasks, "subtype": code}
            )
    for target, n in sorted(target_totals([count]).items()):
        yield Figure(f"{name}/targets/{target}", f"{title}: illicit tasks that name {target}", n, "tasks")
    for month, share in months(count):
        yield _share(f"{name}/month/{month}", f"{title}: share, tasks of {month}", share, "wilson")
    for (currency, unit, bad), values in sorted(count.pay.items()):
        kind = "illicit" if bad else "legitimate"
        for q, word in ((0.25, "q1"), (0.5, "median"), (0.75, "q3")):
            yield Figure(
                f"{name}/pay/{currency}/{unit}/{kind}/{word}", f"{title}: pay per {unit}, {kind}, {word}",
                f"{quantile(values, q):f}", currency, values.total(),
            )  # fmt: skip
    for (language, bad), n in sorted(count.languages.items()):
        kind = "illicit" if bad else "legitimate"
        yield Figure(f"{name}/language/{language}/{kind}", f"{title}: {kind} tasks in {language}", n, "tasks")
