"""Counting: one pass over the published records, in any order, gives every number of the report.

The same pass over a bundle's tasks.jsonl gives the same numbers: that is what `verify` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from microaudit.taxonomy import ILLICIT
from reports.targets import targets_of

UNKNOWN = "unknown"


@dataclass(slots=True)
class PlatformCount:
    """Counts of one platform's tasks. Keys of the counters are values of the records."""

    platform: str
    tasks: int = 0
    offers: Counter[str] = field(default_factory=Counter)  # by label, "none" without one
    states: Counter[str] = field(default_factory=Counter)  # labelled, uncodable, abstained, unjudged
    reasons: Counter[str] = field(default_factory=Counter)  # why there is no label
    labels: Counter[str] = field(default_factory=Counter)  # primary label
    multi: Counter[str] = field(default_factory=Counter)  # illicit label among primary and secondary
    subtypes: Counter[str] = field(default_factory=Counter)
    core: int = 0
    positions: Counter[bool] = field(default_factory=Counter)  # open positions, by illicit
    with_positions: int = 0
    money: dict[str, dict[bool, Decimal]] = field(default_factory=dict)  # currency -> pay on offer, by illicit
    with_money: Counter[str] = field(default_factory=Counter)  # tasks behind `money`, by currency
    pay: dict[tuple[str, str, bool], Counter[str]] = field(
        default_factory=dict
    )  # (currency, unit, illicit) -> rewards
    months: Counter[tuple[str, str]] = field(default_factory=Counter)  # (month, illicit | legitimate | none)
    dated: int = 0  # tasks whose month is the date on the page; the others use the first sighting
    texts: dict[bool, set[int]] = field(default_factory=lambda: {True: set(), False: set()})
    languages: Counter[tuple[str, bool]] = field(default_factory=Counter)  # labelled tasks
    targets: Counter[tuple[str, str]] = field(default_factory=Counter)  # (service, label), illicit tasks
    targeted: int = 0  # illicit tasks that name at least one service
    sources: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    first_seen: str | None = None
    last_seen: str | None = None

    @property
    def illicit(self) -> int:
        return sum(self.labels[label] for label in ILLICIT)

    @property
    def labelled(self) -> int:
        return self.states["labelled"]


@dataclass(slots=True)
class Tally:
    """Counts over all platforms. Geography counts tasks: [all, illicit]."""

    platforms: dict[str, PlatformCount] = field(default_factory=dict)
    buyers: dict[str, list[int]] = field(default_factory=dict)
    workers: dict[str, list[int]] = field(default_factory=dict)
    flows: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    bases: Counter[tuple[str, str]] = field(default_factory=Counter)  # (buyer | worker, basis) -> tasks
    scopes: Counter[str] = field(default_factory=Counter)  # worker_scope

    def add(self, record: Mapping[str, Any]) -> None:
        """Counts one record of the tasks table."""
        name = record["platform"]
        count = self.platforms.get(name)
        if count is None:
            count = self.platforms[name] = PlatformCount(name)
        label = record["label"]
        if record["kind"] != "task":
            count.offers[label or "none"] += 1
            return
        illicit = label in ILLICIT
        _count_task(count, record, label, illicit)
        self._count_places(record, illicit)

    def _count_places(self, record: Mapping[str, Any], illicit: bool) -> None:
        buyers = _countries(record["buyer_countries"], "located")
        allowed = _countries(record["worker_countries"], "allowed")
        workers = allowed | dict.fromkeys(record["worker_regions"], "")
        scope = record["worker_scope"]
        if not workers:
            # "listed" without a country or a region that could be read is an unknown one.
            workers = {"international" if scope == "international" else UNKNOWN: ""}
        self.scopes[scope] += 1
        for side, found in (("buyer", buyers), ("worker", allowed)):
            for basis in set(found.values()) or {UNKNOWN}:
                self.bases[side, basis] += 1
        buyers = buyers or {UNKNOWN: ""}
        for buyer in buyers:
            _bump(self.buyers, buyer, illicit)
            for worker in workers:
                _bump(self.flows, (buyer, worker), illicit)
        for worker in workers:
            _bump(self.workers, worker, illicit)


def tally(records: Iterable[Mapping[str, Any]]) -> Tally:
    """The counts of all records."""
    result = Tally()
    for record in records:
        result.add(record)
    return result


def _bump(table: dict[Any, list[int]], key: Any, illicit: bool) -> None:
    cell = table.get(key)
    if cell is None:
        cell = table[key] = [0, 0]
    cell[0] += 1
    cell[1] += illicit


def _countries(places: Iterable[Mapping[str, str]], relation: str) -> dict[str, str]:
    """Country -> its most trusted basis (places come most trusted first)."""
    found: dict[str, str] = {}
    for place in places:
        if place["relation"] == relation:
            found.setdefault(place["country"], place["basis"])
    return found


def _count_task(count: PlatformCount, record: Mapping[str, Any], label: str | None, illicit: bool) -> None:
    count.tasks += 1
    first, last = record["first_seen"], record["observed_at"]
    count.first_seen = min(first, count.first_seen or first)
    count.last_seen = max(last, count.last_seen or last)
    count.sources[record["source"]] += 1
    count.dated += record["posted_at"] is not None
    verdict = "none" if label is None else "illicit" if illicit else "legitimate"
    count.months[(record["posted_at"] or first)[:7], verdict] += 1
    count.versions[record["version"] or "none"] += 1
    if label is None:
        codable = record["codable"]
        state = "unjudged" if codable is None else "abstained" if codable else "uncodable"
        count.states[state] += 1
        if state == "uncodable":
            count.reasons[record["uncodable_reason"] or UNKNOWN] += 1
        return
    count.states["labelled"] += 1
    count.labels[label] += 1
    count.subtypes[record["subtype"] or UNKNOWN] += 1
    count.languages[record["language"], illicit] += 1
    count.texts[illicit].add(int(record["text_hash"][:15], 16))
    if illicit:
        count.core += record["tier"] == "core"
        named = targets_of(f"{record['title']}\n{record['description']}\n{record['proof']}")
        count.targets.update((target, label) for target in named)
        count.targeted += bool(named)
        for each in {label, *(LABEL_OF_LETTER[code[0]] for code in record["secondary"])} & set(ILLICIT):
            count.multi[each] += 1
    _count_money(count, record, illicit)


LABEL_OF_LETTER = {"P": "fake_profile", "R": "fake_review", "L": "fake_link", "G": "legitimate"}


def _count_money(count: PlatformCount, record: Mapping[str, Any], illicit: bool) -> None:
    places = record["positions_open"]
    if places is not None:
        count.with_positions += 1
        count.positions[illicit] += places
    reward, currency, unit = record["reward"], record["currency"], record["reward_unit"]
    if reward is None or currency is None or unit is None:
        return
    count.pay.setdefault((currency, unit, illicit), Counter())[reward] += 1
    # Pay on offer: a project is paid once, a task once for every open position, an hour is no sum.
    if unit == "project" or (unit == "task" and places is not None):
        sums = count.money.setdefault(currency, {True: Decimal(0), False: Decimal(0)})
        sums[illicit] += Decimal(reward) * (1 if unit == "project" else places)
        count.with_money[currency] += 1
