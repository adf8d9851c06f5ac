"""A row of shown words -> a Task. What does not parse is counted by field, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from microaudit import fields
from microaudit.items import Kind, RewardUnit, Source, Task
from microaudit.text import Html, plain, tidy

# What a layout yields: a Task's field names with the words as shown. Missing, None and "" mean not shown.
# `positions` ("2980/3000") gives positions_done and positions_total; `closed` marks a listing that is over;
# texts that are markup are wrapped in Html; lists of countries stay lists.
Row = Mapping[str, Any]

TEXTS = ("title", "description", "proof", "category")
WORDS = ("id", "url", "buyer", *TEXTS)
COUNTRY_TEXTS = ("buyer_country_text", "worker_country_text")
COUNTS = ("positions_total", "positions_done", "positions_open")
TIMES = ("posted_at", "expires_at")
LONGEST = 200  # characters of an id, a number, a sum or a time: parsers take long over longer ones
KNOWN = {
    *TEXTS, *COUNTRY_TEXTS, *COUNTS, *TIMES, "minutes",
    "id", "url", "kind", "reward", "reward_max", "currency", "reward_unit", "success_rate", "buyer", "positions",
    "closed",
}  # fmt: skip


class RefusedError(ValueError):
    """A listing that does not become a task; the message is the reason under which it is counted."""


@dataclass(frozen=True, slots=True)
class Context:
    """All that a page adds to its rows. `pseudonym` turns a clear name into a keyed hash."""

    platform: str
    kind: Kind
    observed_at: datetime
    source: Source
    urljoin: Callable[[str], str]
    pseudonym: Callable[[str], str]
    currency: str | None = None
    reward_unit: RewardUnit | None = None
    decimal_separator: str = "."
    timezone: str = "UTC"
    languages: tuple[str, ...] = ("en",)


def read_task(row: Row, context: Context, problems: Counter[str]) -> Task:
    """One row as a Task; values that do not parse stay None and add one to `problems[field]`.

    Raises RefusedError for a closed listing and for one without an id or without any words (title, description).
    KeyError for a key that no Task has: a typing error in a spider must not pass as an absent value.
    """
    if unknown := row.keys() - KNOWN:
        raise KeyError(f"not fields of a row: {sorted(unknown)}")
    if row.get("closed"):
        raise RefusedError("closed")
    if structured := [name for name in WORDS if isinstance(row.get(name), dict | list)]:  # JSON where words belong
        problems.update(structured)
        row = {name: value for name, value in row.items() if name not in structured}
    identity = _text(row.get("id"))
    if not identity or len(identity) > LONGEST:
        raise RefusedError("no id")
    task = Task(
        platform=context.platform,
        id=identity,
        url=_address(row.get("url"), identity, context, problems),
        kind=row.get("kind") or context.kind,
        observed_at=context.observed_at,
        source=context.source,
        reward_unit=row.get("reward_unit") or (context.reward_unit if row.get("reward") else None),
    )
    for name in TEXTS:
        setattr(task, name, _text(row.get(name)))
    if not (task.title or task.description):
        raise RefusedError("no title")
    for name in COUNTRY_TEXTS:
        setattr(task, name, _countries(row.get(name)))
    if name := _text(row.get("buyer")):
        task.buyer = context.pseudonym(name)
    _read_values(task, row, context, problems)
    return task


def _read_values(task: Task, row: Row, context: Context, problems: Counter[str]) -> None:
    def read(name: str, reader: Callable[[Any], Any], key: str | None = None) -> Any:
        shown = row.get(key or name)
        if shown is None or shown == "":
            return None
        if isinstance(shown, str) and len(shown) > LONGEST:
            problems[name] += 1
            return None
        try:
            return reader(shown)
        except (ValueError, OverflowError, OSError, TypeError):  # JSON may hold a value of any type and size
            problems[name] += 1
            return None

    for name in COUNTS:
        setattr(task, name, read(name, fields.integer))
    for name in TIMES:
        setattr(
            task,
            name,
            read(name, lambda shown: fields.moment(shown, context.observed_at, context.timezone, context.languages)),
        )
    task.minutes = read("minutes", fields.minutes)
    task.success_rate = read("success_rate", fields.percent)
    if pair := read("positions", fields.done_of_total):
        task.positions_done, task.positions_total = pair
    if pay := read("reward", lambda shown: fields.amount(shown, context.decimal_separator)):
        task.reward, task.reward_max = pay.lowest, pay.highest
        task.currency = read("currency", fields.currency_code) or pay.currency or context.currency
    if top := read("reward_max", lambda shown: fields.amount(shown, context.decimal_separator)):
        task.reward_max = top.lowest if top.lowest != task.reward else None


def _address(shown: Any, identity: str, context: Context, problems: Counter[str]) -> str:
    """The listing's own address, or that of the page with `#id`."""
    try:
        return context.urljoin(str(shown).strip() if shown else f"#{identity}")
    except ValueError:
        problems["url"] += 1
        return context.urljoin(f"#{identity}")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, Html) else tidy(str(value))


def _countries(value: Any) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    return ", ".join(text for part in parts if (text := _text(part).replace("\n", " ")))
