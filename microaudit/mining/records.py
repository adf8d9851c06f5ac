"""The repeating records of a page: which lines belong to which of the addresses that share a shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby, pairwise

from microaudit.mining.addresses import identity
from microaudit.mining.page import Line, Link, Shown
from microaudit.mining.vocabulary import fold

MOST_SHAPES = 12  # shapes of addresses that are looked at: those that stand on the page most often
LONGEST_RECORD = 400  # lines
Path = tuple[tuple[int, str], ...]


@dataclass(slots=True)
class Anchor:
    """A link of the group, first and last line on which it stands, and the identity that its address carries."""

    id: str
    link: Link
    first: int
    last: int


@dataclass(slots=True)
class Group:
    """The links of one shape, and the lines of each one's record as a range."""

    shape: str
    anchors: list[Anchor]
    ranges: list[tuple[int, int]]


def groups(page: Shown) -> list[Group]:
    """The groups of links that may be a list, the most frequent first."""
    by_shape: dict[str, list[Anchor]] = {}
    for number, line in enumerate(page.lines):
        for link in line.links:
            found = _identity(link)
            if not found:
                continue
            anchors = by_shape.setdefault(found[1], [])
            if anchors and anchors[-1].id == found[0]:
                anchors[-1].last = number
                if len(link.text) > len(anchors[-1].link.text):
                    anchors[-1].link = link
            else:
                anchors.append(Anchor(found[0], link, number, number))
    frequent = sorted(by_shape.items(), key=lambda item: -len(item[1]))[:MOST_SHAPES]
    return [Group(shape, anchors, ranges(page.lines, anchors)) for shape, anchors in frequent]


def _identity(link: Link) -> tuple[str, str] | None:
    if not link.name:
        return identity(link.address)
    name = fold(link.name)
    wanted = name.endswith("id") and len(name) <= 16 and "s" + name not in ("sessid", "ssid")
    return (link.address, f"<{name}>") if wanted and len(link.address) <= 64 else None


def ranges(lines: list[Line], anchors: list[Anchor]) -> list[tuple[int, int]]:
    """For each anchor the first line of its record and the one after its last."""
    if len(anchors) == 1:
        return [_alone(lines, anchors[0])]
    shared = [_common(lines[a.last].path, lines[b.first].path) for a, b in pairwise(anchors)]
    deepest = [max(pair) for pair in zip([-1, *shared], [*shared, -1], strict=True)]
    bounds: list[tuple[int, int]] = []
    for at, (anchor, depth) in enumerate(zip(anchors, deepest, strict=True)):
        root = lines[anchor.first].path[: depth + 1]
        whole = len(root) == depth + 1
        least = anchors[at - 1].last + 1 if at else 0
        most = anchors[at + 1].first if at + 1 < len(anchors) else len(lines)
        start, end = anchor.first, anchor.last + 1
        while (
            whole
            and start > least
            and anchor.first - start < LONGEST_RECORD
            and lines[start - 1].path[: depth + 1] == root
        ):
            start -= 1
        while whole and end < most and end - anchor.last < LONGEST_RECORD and lines[end].path[: depth + 1] == root:
            end += 1
        bounds.append((start, end))
    return _with_gaps(lines, anchors, bounds, deepest)


def _with_gaps(
    lines: list[Line], anchors: list[Anchor], bounds: list[tuple[int, int]], deepest: list[int]
) -> list[tuple[int, int]]:
    """The lines between the records given to the record before or after, alike for all records of one parent."""
    result = list(bounds)
    parents = [lines[anchor.first].path[:depth] for anchor, depth in zip(anchors, deepest, strict=True)]
    for _, run in groupby(range(len(anchors)), key=lambda at: parents[at]):
        members = list(run)
        parent = parents[members[0]]
        gaps = [(result[a][1], result[b][0]) for a, b in pairwise(members)]
        sizes = Counter(end - start for start, end in gaps if end > start)
        if not sizes or max(sizes) > LONGEST_RECORD or sum(sizes.values()) * 2 < len(gaps):
            continue
        size = max(sizes)
        before = _run(lines, result[members[0]][0] - 1, -1, parent, size)
        after = _run(lines, result[members[-1]][1], 1, parent, size)
        lead = _lead(lines, gaps, before, after, parent)
        for at, (start, end) in enumerate(gaps):
            cut = lead(start, end)
            result[members[at]] = (result[members[at]][0], cut)
            result[members[at + 1]] = (cut, result[members[at + 1]][1])
        first, last = members[0], members[-1]
        typical = gaps[0]
        leading = typical[1] - lead(*typical)
        trailing = max(lead(start, end) - start for start, end in gaps)
        result[first] = (result[first][0] - min(leading, len(before)), result[first][1])
        result[last] = (result[last][0], result[last][1] + min(trailing, len(after)))
    return result


def _lead(
    lines: list[Line], gaps: list[tuple[int, int]], before: list[int], after: list[int], parent: Path
) -> Callable[[int, int], int]:
    """Where a gap is cut: at its rule, or so that what stands before the first and after the last record fits."""

    def ruled(start: int, end: int) -> list[int]:
        return [at for at in range(start, end + 1) if at < len(lines) and lines[at].ruled]

    cuts = [ruled(start, end) for start, end in gaps]
    if all(len(cut) == 1 for cut in cuts):
        return lambda start, end: ruled(start, end)[0]
    start, end = gaps[0]
    size = end - start
    shape = [_shape(lines[at], parent) for at in range(start, end)]
    trailing = 0
    while trailing < min(size, len(after)) and _shape(lines[after[trailing]], parent) == shape[trailing]:
        trailing += 1
    leading = 0
    while leading < min(size, len(before)) and _shape(lines[before[leading]], parent) == shape[-1 - leading]:
        leading += 1
    if trailing == size or trailing >= leading == 0:
        return lambda start, end: end
    if trailing + leading == size:
        return lambda start, end: max(start, end - leading)
    return (lambda start, end: end) if trailing >= leading else (lambda start, end: start)


def _run(lines: list[Line], start: int, step: int, parent: Path, most: int) -> list[int]:
    """The numbers of the lines from `start` on that stand in the parent, at most `most`."""
    found: list[int] = []
    while 0 <= start < len(lines) and len(found) < most and lines[start].path[: len(parent)] == parent:
        found.append(start)
        start += step
    return found


def _shape(line: Line, parent: Path) -> tuple[object, ...]:
    inner = tuple(tag for _, tag in line.path[len(parent) :])
    return (*inner, line.cell.column if line.cell and "tr" in inner else None)


def _common(a: Path, b: Path) -> int:
    depth = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        depth += 1
    return depth


def _alone(lines: list[Line], anchor: Anchor) -> tuple[int, int]:
    """The row, item or division of a single link; of a division the smallest with more than two lines."""
    path = lines[anchor.first].path
    for depth in range(len(path), 0, -1):
        root, tag = path[:depth], path[depth - 1][1]
        start, end = anchor.first, anchor.last + 1
        while start and lines[start - 1].path[:depth] == root and anchor.first - start < 40:
            start -= 1
        while end < len(lines) and lines[end].path[:depth] == root and end - anchor.last < 40:
            end += 1
        if tag in ("tr", "li", "dl", "ul", "table") or (tag in ("div", "article", "p", "section") and end - start > 2):
            return start, end
    return anchor.first, anchor.last + 1
