"""Where buyers sit and which workers are wanted, each country with the words it was read from.

A counted cascade, most trusted first: the platform's own field, the text's own statement, and, for
buyers alone and never in a headline, the prefix of a phone number and the domain of a link.
Rules: docs/geography.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from microaudit.items import Geography, Place, Task
from pipelines.geography.contact import domain_countries, phone_countries
from pipelines.geography.declared import Declared, normalise_country, read_worker_field
from pipelines.geography.prefilter import may_name_a_place
from pipelines.geography.reading import Statement, statements

__all__ = ["VERSION", "basis_counts", "locate", "normalise_country"]

VERSION = "places@2"
_FIELDS = ("title", "description", "proof")
_LONGEST_WORDS = 120  # characters of evidence kept


def locate(tasks: Sequence[Task]) -> list[Geography]:
    """The geography of each task, in the same order. Pure: what it says depends on the task's texts alone."""
    return [_locate(task) for task in tasks]


def basis_counts(geographies: Iterable[Geography]) -> Counter[str]:
    """How many places each step of the cascade gave: "buyer declared", "worker text" and so on.

    "buyer unknown" and "worker unknown" count the tasks for which no step gave anything.
    """
    counts: Counter[str] = Counter()
    for geography in geographies:
        counts.update(f"buyer {place.basis}" for place in geography.buyer_countries)
        counts.update(f"worker {place.basis}" for place in geography.worker_countries)
        counts["buyer unknown"] += not geography.buyer_countries
        counts["worker unknown"] += geography.worker_scope == "unknown"
    return counts


def _locate(task: Task) -> Geography:
    found = [(name, s) for name in _FIELDS if may_name_a_place(text := getattr(task, name)) for s in statements(text)]
    buyers = list(_buyers(task, [(name, s) for name, s in found if s.verdict == "located"]))
    return _workers(task, [(name, s) for name, s in found if s.verdict != "located"], tuple(buyers))


def _buyers(task: Task, located: list[tuple[str, Statement]]) -> Iterator[Place]:
    """The buyer's places from the strongest steps that give any: field and text, else phone, else domain."""
    strong = False
    if country := normalise_country(task.buyer_country_text):
        strong = True
        yield Place(country, "located", "declared", "buyer_country_text", task.buyer_country_text)
    seen = set()
    for name, statement in located:
        for code in statement.countries:
            if code not in seen:
                seen.add(code)
                strong = True
                yield Place(code, "located", "text", name, statement.words[:_LONGEST_WORDS])
    if strong:
        return
    texts = [(name, getattr(task, name)) for name in _FIELDS]
    for basis, read in (("phone", phone_countries), ("domain", domain_countries)):
        hits = [(country, name, words) for name, text in texts if text for country, words in read(text)]
        if len({country for country, _, _ in hits}) == 1:  # two countries prove neither
            country, name, words = hits[0]
            yield Place(country, "located", basis, name, words)  # type: ignore[arg-type]
            return


def _workers(task: Task, found: list[tuple[str, Statement]], buyers: tuple[Place, ...]) -> Geography:
    declared = read_worker_field(task.worker_country_text)
    allowed = _places(found, "allowed")
    excluded = _places(found, "excluded")
    regions = tuple(dict.fromkeys(name for _, s in found if s.verdict == "allowed" for name in s.regions))
    for code in excluded:
        allowed.pop(code, None)
    if declared.international is False:
        return _narrowed(task, declared, allowed, excluded, buyers)
    excluded = {code: _declared(task, code, "excluded") for code in declared.excluded} | excluded
    if allowed or regions:
        second = [_declared(task, code, "allowed") for code in allowed if declared.international]
        return Geography(buyers, (*allowed.values(), *second, *excluded.values()), "listed", regions)
    open_to_all = declared.international or excluded or any(s.verdict in ("everywhere", "preferred") for _, s in found)
    return Geography(buyers, tuple(excluded.values()), "international" if open_to_all else "unknown", declared.regions)


def _narrowed(
    task: Task, declared: Declared, allowed: dict[str, Place], excluded: dict[str, Place], buyers: tuple[Place, ...]
) -> Geography:
    """A listing whose field names countries: the text may narrow the field, never widen it."""
    kept = [code for code in declared.allowed if code not in excluded]
    stricter = [code for code in allowed if code in kept] if declared.allowed else list(allowed)
    places = [allowed[code] for code in stricter]
    places += [_declared(task, code, "allowed") for code in kept if not stricter or code in stricter]
    refused = {code: _declared(task, code, "excluded") for code in declared.excluded} | excluded
    return Geography(buyers, (*places, *refused.values()), "listed", declared.regions)


def _declared(task: Task, code: str, relation: str) -> Place:
    return Place(code, relation, "declared", "worker_country_text", task.worker_country_text)  # type: ignore[arg-type]


def _places(found: list[tuple[str, Statement]], verdict: str) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for name, statement in found:
        if statement.verdict == verdict:
            for code in statement.countries:
                words = statement.words[:_LONGEST_WORDS]
                places.setdefault(code, Place(code, verdict, "text", name, words))  # type: ignore[arg-type]
    return places
