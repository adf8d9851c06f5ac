"""Reading a text: the statements it makes about where workers may be and where the buyer is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pipelines.geography.codes import NEVER_ALONE, NO_CODES, TRADE
from pipelines.geography.lexicon import CODE, COUNTRY, DEMONYM, GROUP, LANGUAGE, REGION, TOWN, Entry
from pipelines.geography.lexicon import EVERYWHERE as WORLD
from pipelines.geography.prefilter import may_name_a_place
from pipelines.geography.rules import EVERYWHERE, NOT_EVERYWHERE, Verdict, rules_for
from pipelines.geography.tables import word_list
from pipelines.geography.tagging import Tagged, sentences, tag
from pipelines.geography.words import LETTERS, fold

_REACH = 60  # phrases left and right of a list that a rule may look at: texts of any length stay cheap
_LIST = re.compile(r"[CKIDGRY](?:[aic,\-]{0,6}[,c\-][aiF]{0,3}[CKIDGRY]|a?[CIDGRY]|(?<=[KC])K)*")
_WORD = re.compile(LETTERS)
_OF_BUYERS = ("located", "third person")
_DIALECT = re.compile("[CKIYR]D")  # "US English", "Jamaican English"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a text says: a verdict on countries or a region, in these words. `everywhere` names no country."""

    verdict: Verdict | Literal["everywhere"]
    countries: tuple[str, ...]
    regions: tuple[str, ...]
    words: str
    is_seat: bool = True  # a place, not a nationality


def statements(text: str, declared: bool = False) -> Iterator[Statement]:
    """Every statement of a text, in the order of the text.

    In a field that is `declared` to be about workers a place is allowed unless a rule says otherwise.
    """
    for sentence in sentences(text):
        if declared or may_name_a_place(sentence):
            for statement in _read(tag(sentence), declared):
                if statement.verdict != "third person":
                    yield statement
                elif not _speaks_of_others(text):
                    yield replace(statement, verdict="located")


def _speaks_of_others(text: str) -> bool:
    """Whether "the company" may be one to be reviewed, searched, called or written about, and not the buyer."""
    return not word_list("others are spoken of").isdisjoint(fold(word) for word in _WORD.findall(text))


def _read(tagged: Tagged, declared: bool) -> Iterator[Statement]:
    roles = tagged.roles
    found = [s for match in _LIST.finditer(roles) for s in _judge(tagged, match.start(), match.end(), declared)]
    seated = any(s.verdict in _OF_BUYERS and s.is_seat for s in found)
    # "An Italian restaurant based in Chicago" sits in Chicago.
    yield from (s for s in found if s.verdict not in _OF_BUYERS or s.is_seat or not seated)
    if WORLD not in roles:
        return
    denied = {match.group().index("A") + match.start() for match in NOT_EVERYWHERE.finditer(roles)}
    said = (match.group().index("A") + match.start() for pattern in EVERYWHERE for match in pattern.finditer(roles))
    at = next((i for i in said if i not in denied), roles.find("A") if declared else -1)
    if at >= 0:
        yield Statement("everywhere", (), (), tagged.words(at, at + 1))


def _judge(tagged: Tagged, start: int, end: int, declared: bool) -> Iterator[Statement]:
    places = _places(tagged, start, end)
    kind = _kind(places, declared)
    if kind is None or _DIALECT.search(tagged.roles, start, end):
        return
    left = tagged.roles[max(0, start - _REACH) : start]
    if start > _REACH:
        left = "w" + left  # so that no rule takes the cut for the beginning of the sentence
    right = tagged.roles[end : end + _REACH]
    for rule in rules_for(kind, declared):
        before = rule.left.search(left)
        after = rule.right.match(right) if before else None
        if before and after:
            if rule.verdict != "none":
                words = _evidence(tagged, start - (len(left) - before.start()), start, end, end + after.end())
                yield from _spell_out(rule.verdict, places, words)
            return
    if declared:
        yield from _spell_out("allowed", places, tagged.words(start, end))


def _places(tagged: Tagged, start: int, end: int) -> list[tuple[str, Entry]]:
    """The places of a list; a town before its country ("Lagos, Nigeria") and Georgia beside the USA say one thing."""
    found = [(tagged.roles[i], entry, i) for i in range(start, end) if (entry := tagged.entries[i]) is not None]
    found = [(role, entry, i) for role, entry, i in found if role in "CKIDGRY"]
    kept: list[tuple[str, Entry]] = []
    for n, (role, entry, i) in enumerate(found):
        if tagged.words(i, i + 1) == "Georgia":
            beside = {code for _, other, _ in found if other is not entry for code in other.countries}
            if not beside or "US" in beside:
                continue
        elif role == TOWN and n + 1 < len(found):
            next_role, _, j = found[n + 1]
            is_its_country = next_role in (COUNTRY, CODE) and tagged.words(j, j + 1) != "Georgia"
            if is_its_country and tagged.roles[i + 1 : j] == ",":
                continue
        kept.append((role, entry))
    return kept


def _kind(places: list[tuple[str, Entry]], declared: bool) -> str | None:
    roles = {role for role, _ in places}
    if not roles:
        return None
    if roles == {CODE}:
        codes = {entry.countries[0] for _, entry in places}
        if not declared and (
            not codes - (NEVER_ALONE if len(codes) == 1 else NO_CODES) or (len(codes) == 2 and codes & TRADE)
        ):
            return None
        return "code"
    if roles & {COUNTRY, GROUP, REGION, TOWN, CODE}:
        return "place"
    return "people" if DEMONYM in roles else "language" if LANGUAGE in roles else None


def _evidence(tagged: Tagged, before: int, start: int, end: int, after: int) -> str:
    """The words that decided: from the nearest cue before the list to the nearest after it, no numbers or links."""
    low = max(before, start - 8)
    return tagged.words(min(low, start), max(end, min(after, end + 6))).strip()


def _spell_out(verdict: Verdict, places: list[tuple[str, Entry]], words: str) -> Iterator[Statement]:
    countries = tuple(dict.fromkeys(code for role, entry in places if role != REGION for code in entry.countries))
    regions = tuple(dict.fromkeys(entry.name for role, entry in places if role == REGION))
    if verdict in _OF_BUYERS:
        countries = tuple(code for role, e in places if role not in (REGION, GROUP) for code in e.countries)
        regions = ()
    if countries or regions:
        is_seat = any(role not in (DEMONYM, LANGUAGE) for role, _ in places)
        yield Statement(verdict, tuple(dict.fromkeys(countries)), regions, words, is_seat)
