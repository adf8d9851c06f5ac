"""A task from its list and from its own page is one task: the same address, or the same identity."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from microaudit.items import Task


def joined(tasks: Iterable[Task]) -> list[Task]:
    """The tasks with those of one platform and one address or id made one, in the order of their first sight.

    The task's own page names the id where the list carries another, and its words stand before those of the list;
    what only one of them shows is kept. Sightings are compared, not guessed: nothing is joined by its title.
    """
    found: list[Task] = []
    places: dict[tuple[str, str], int] = {}
    for task in tasks:
        keys = [(task.platform, f"id {task.id}"), (task.platform, f"at {task.url}")]
        at = next((places[key] for key in keys if key in places), None)
        if at is None:
            at = len(found)
            found.append(task)
        else:
            found[at] = _merged(found[at], task)
        places.update(dict.fromkeys(keys, at))
    return found


def _merged(one: Task, other: Task) -> Task:
    """The fuller sighting, with what it lacks taken from the other."""
    first, second = (other, one) if _own_page(other) > _own_page(one) else (one, other)
    lacking = {
        field.name: getattr(second, field.name)
        for field in dataclasses.fields(Task)
        if getattr(first, field.name) in (None, "") and getattr(second, field.name) not in (None, "")
    }
    return dataclasses.replace(first, **lacking)


def _own_page(task: Task) -> int:
    return bool(task.proof) + bool(task.description)
