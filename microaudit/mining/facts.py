"""The lines of one record or of the head of one task -> the parts of a task, by label or by shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from microaudit.mining import values
from microaudit.mining.values import NO_VALUE
from microaudit.mining.vocabulary import LONGEST_LABEL, fold, label_of

BY_SHAPE, BY_LABEL = 1, 2
LONGEST_LINE = 1000  # characters in which labels are looked for
NUMBERS = {"reward", "price", "positions", "positions_open", "minutes", "success_rate"}
WORDS = {
    "category",
    "posted_at",
    "expires_at",
    "buyer",
    "worker_country_text",
    "buyer_country_text",
    "id",
    "title",
    "status",
}
SECTIONS = {"description", "proof"}
_SEPARATORS = re.compile(r"\s*[|•·¦‖]\s*|\s+[-–—/]\s+(?=[^\W\d]{2,20}(?: [^\W\d]{2,20}){0,3}\s*[:$€£])|\s*\t\s*")
_SIGN = re.compile(r"\s*[:=：]\s*")
_ID = re.compile(r"#?\s?([\w=+/.-]{1,64})")
_WORD = re.compile(r"\S+")
_STATED_ID = re.compile(
    r"(?:^|\W)(?:job|task|campaign|tarea|mission|tache|tarefa|aufgabe|auftrag|compito|lavoro|id|ref"
    r"|задание)?\s*(?:id|no|nr|n[°º])?\.?\s*[:#]\s*#?(\d{1,12})\W*$"
)


@dataclass(frozen=True, slots=True)
class Style:
    """What the whole page says about its numbers: the decimal sign, the order of dates."""

    comma: bool = False
    day_first: bool | None = None


@dataclass(slots=True)
class Facts:
    """`row` for the readers, `labels` the fields that a label named, `doubts` those of two values."""

    row: dict[str, Any] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    doubts: set[str] = field(default_factory=set)
    priced: bool = False  # pay stood under a word that shops use too

    def add(self, found: dict[str, Any], rank: int) -> None:
        for name, value in found.items():
            if name not in self.row or rank > self.ranks[name]:
                self.row[name], self.ranks[name] = value, rank
                self.doubts.discard(name)
            elif rank == self.ranks[name] and self.row[name] != value and rank == BY_SHAPE:
                self.doubts.add(name)

    def result(self) -> dict[str, Any]:
        """The row, with what two places say differently as `NO_VALUE`, so that it is counted."""
        dropped = self.doubts | ({"reward_max", "currency"} if "reward" in self.doubts else set())
        return {name: value for name, value in self.row.items() if name not in dropped} | dict.fromkeys(
            self.doubts, NO_VALUE
        )


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """A line as (field, words): the field that a label before the words names, or ""; a long line is prose."""
    if len(text) > LONGEST_LINE:
        yield "", text
        return
    for part in _SEPARATORS.split(text):
        if part:
            yield from _labelled(part)


def _labelled(part: str) -> Iterator[tuple[str, str]]:
    """`Pay: $0.15 Time: 5 min` -> two pieces. A label is looked up by the words before each sign."""
    starts: list[tuple[int, int, str]] = []  # where the label begins, where the value begins, field
    for sign in list(_SIGN.finditer(part))[:40]:
        end = sign.start()
        if starts and end <= starts[-1][1]:
            continue
        if found := _before(part, end, starts[-1][1] if starts else 0):
            starts.append((found[0], sign.end(), found[1]))
    if not starts:
        yield _unsigned(part)
        return
    if head := part[: starts[0][0]].strip(" ,;-–"):
        yield _unsigned(head)
    for (_, begin, name), after in zip(starts, [*starts[1:], (len(part), 0, "")], strict=True):
        yield name, part[begin : after[0]].strip(" ,;")


def _before(part: str, end: int, least: int) -> tuple[int, str] | None:
    words = list(_WORD.finditer(part, least, end))[-LONGEST_LABEL:]
    for word in words:
        if name := label_of(part[word.start() : end]):
            return word.start(), name
    return None


def _unsigned(part: str) -> tuple[str, str]:
    """`Pay $0.10`, `You will earn 0.20`: a label right before the first number needs no sign."""
    number = re.search(r"[$€£#]?\s?\d", part[:60])
    if number and number.start() and (name := label_of(part[: number.start()])) in NUMBERS | {"id"}:
        return name, part[number.start() :].strip()
    return "", part


def read(label: str, text: str, style: Style, facts: Facts) -> bool:
    """Adds what a piece says; False where it says nothing that is known."""
    if not label:
        return _by_shape(text, style, facts)
    facts.labels.add(label)
    found = _by_label(label, text, style)
    if label == "price":
        facts.priced = True
    if found:
        facts.add(found, BY_LABEL)
    return bool(found)


def _by_label(label: str, text: str, style: Style) -> dict[str, Any]:
    if not text:
        return {}
    if label in ("reward", "price"):
        return values.money(text, style.comma, bare=True) or {"reward": NO_VALUE}
    if label in ("positions", "positions_open"):
        return values.places(text, label) or {label: NO_VALUE}
    if label == "minutes":
        span = values.minutes(text, bare=True)
        return {"minutes": NO_VALUE if span is None else span}
    if label == "success_rate":
        return {"success_rate": values.percent(text, bare=True) or NO_VALUE}
    if label in ("posted_at", "expires_at"):
        return {label: values.date(text, style.day_first)}
    if label == "id":
        found = _ID.fullmatch(text)
        return {"id": found[1]} if found and (any(c.isdigit() for c in found[1]) or len(found[1]) > 5) else {}
    if label in WORDS and len(text) <= 400:
        return {label: text}
    return {}


def _by_shape(text: str, style: Style, facts: Facts) -> bool:
    if len(text) > 120:
        return False
    known = False
    past = values.is_past(text)
    if past:
        facts.add(
            {
                "posted_at": re.sub(
                    r"^.*?:\s*|^(?:posted|started|added|published|publie[e]?|publicado|pubblicato|eingestellt)\s+",
                    "",
                    text,
                    flags=re.IGNORECASE,
                )
            },
            BY_SHAPE,
        )
        return True
    if any(c.isdigit() for c in text):
        if pay := values.money(text, style.comma):
            facts.add(pay, BY_SHAPE)
            known = True
        if slots := values.places(text):
            facts.add(slots, BY_SHAPE)
            known = True
        if (rate := values.percent(text)) and values.speaks_of_success(text):
            facts.add({"success_rate": rate}, BY_SHAPE)
            known = True
        if (len(text) < 60 and "left" not in text) and (span := values.minutes(text)) is not None:
            facts.add({"minutes": span}, BY_SHAPE)
            known = True
        if not known and len(text) < 40 and (stated := _STATED_ID.search(fold(text))):
            facts.add({"id": stated[1]}, BY_SHAPE)
            known = True
    elif shown := values.countries(text):
        facts.add({"worker_country_text": shown[0]}, BY_SHAPE)
        known = True
    return known


def collect(texts: Iterable[str], style: Style) -> tuple[Facts, list[str]]:
    """The facts of the lines of a record, and the lines that are none.

    A line that is a label names what the next one says; where that does not fit, what the line before says.
    """
    facts, rest = Facts(), []
    waiting, before = "", ""
    for text in texts:
        alone = "" if waiting == "category" else label_of(text)  # categories are words like "Rating"
        if waiting and not alone:
            facts.labels.add(waiting)
            if waiting in SECTIONS:
                facts.add({waiting: text}, BY_LABEL)
                waiting, before = "", ""
                continue
            found = _by_label(waiting, text, style)
            if not found or NO_VALUE in found.values():
                found = _by_label(waiting, before, style) or found if before else found
                facts.add(found, BY_LABEL)
                waiting = ""
            else:
                facts.add(found, BY_LABEL)
                waiting, before = "", ""
                continue
        if alone:
            if waiting and before and (found := _by_label(waiting, before, style)) and NO_VALUE not in found.values():
                facts.add(found, BY_LABEL)
            waiting = alone
            continue
        known = False
        for label, piece in pieces(text):
            if label in SECTIONS and piece:
                facts.add({label: piece}, BY_LABEL)
                known = True
            elif label and not piece:
                waiting = label
                known = True
            else:
                known |= read(label, piece, style, facts)
        before = text
        if not known:
            rest.append(text)
    if waiting and before:
        found = _by_label(waiting, before, style)
        if found and NO_VALUE not in found.values():
            facts.add(found, BY_LABEL)
    return facts, rest
