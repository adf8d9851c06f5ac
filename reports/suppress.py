"""Small cells: a count so low that it may point at a person is not printed, nor can it be recovered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

OTHER = "other"
Key = tuple[str, ...]


def hidden(cells: Mapping[Key, int], limit: int) -> set[Key]:
    """The cells to withhold: those from 1 to `limit` - 1, and others that would give them away.

    Complementary suppression: in the whole table and in every row and column of it, what is
    withheld is never a single cell and never sums to less than `limit`, as long as the line has
    another cell to withhold. The smallest goes first, ties by name.
    """
    gone = {key for key, n in cells.items() if 0 < n < limit}
    lines = _lines(cells)
    changed = bool(gone)
    while changed:
        changed = False
        for line in lines:
            out = [key for key in line if key in gone]
            if out and (len(out) == 1 or sum(cells[key] for key in out) < limit):
                rest = [key for key in line if key not in gone and cells[key] > 0]
                if rest:
                    gone.add(min(rest, key=lambda key: (cells[key], key)))
                    changed = True
    return gone


def _lines(cells: Mapping[Key, int]) -> list[list[Key]]:
    """The whole table, and for more than one dimension each of its rows and columns."""
    lines: dict[tuple[int, str], list[Key]] = defaultdict(list)
    for key in sorted(cells):
        for axis, value in enumerate(key if len(key) > 1 else ()):
            lines[axis, value].append(key)
    return [sorted(cells), *lines.values()]


def suppressed(table: Mapping[Key, list[int]], limit: int) -> Iterator[tuple[Key, int, int | None]]:
    """Rows (key, all, illicit) for print, most first; withheld rows come last, together, as `other`.

    `illicit` is None where only that part of the row is withheld.
    """
    gone = hidden({key: all_ for key, (all_, _) in table.items()}, limit)
    kept = {key: cell for key, cell in table.items() if key not in gone}
    part = hidden({key: illicit for key, (_, illicit) in kept.items()}, limit)
    for key, (all_, illicit) in sorted(kept.items(), key=lambda item: (-item[1][0], item[0])):
        yield key, all_, None if key in part else illicit
    if gone:
        key = next(iter(gone))
        rest = sum(table[each][1] for each in gone)
        yield (
            (OTHER,) * len(key),
            sum(table[each][0] for each in gone),
            rest if not part and not 0 < rest < limit else None,
        )
