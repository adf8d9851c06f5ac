"""Has the market, or the tool, moved since the codes were drawn? Then new codes are needed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from microaudit.coding.sample import frame
from microaudit.store.models import SampleRow, TaskRow

MIX = 0.05  # change of the share of illicit verdicts that asks for new codes
SHIFT = 0.2  # population stability index that does (0.1 to 0.2: watch; Siddiqi 2006)
ENOUGH = 100  # new tasks that a comparison needs


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed between the frame of a sample and the tasks of today; both as shares of illicit verdicts."""

    platform: str
    sample: str
    n_before: int
    n_now: int
    illicit_before: float
    illicit_now: float
    stability: float  # population stability index over verdict and confidence band
    new_version: bool
    reasons: tuple[str, ...]  # empty: the codes still speak for the platform


def compare(before: Mapping[str, int], now: Mapping[str, int]) -> tuple[float, float, float]:
    """(share of illicit verdicts before, now, stability index); keys are `verdict band`.

    The index is the sum over cells of (q - p) ln(q / p), with half a task more in each cell so that an
    empty one is no infinity.
    """
    cells = sorted(before.keys() | now.keys())
    total_before, total_now = (sum(side.values()) + len(cells) / 2 for side in (before, now))
    index = 0.0
    for cell in cells:
        p, q = (before.get(cell, 0) + 0.5) / total_before, (now.get(cell, 0) + 0.5) / total_now
        index += (q - p) * math.log(q / p)
    return _illicit(before), _illicit(now), index


def _illicit(cells: Mapping[str, int]) -> float:
    labelled = sum(n for cell, n in cells.items() if not cell.startswith("none"))
    return sum(n for cell, n in cells.items() if cell.startswith("illicit")) / labelled if labelled else 0.0


def drift(connection: Connection, platform: str | None = None) -> Iterator[Drift]:
    """One comparison for the newest sample of each platform.

    Compared are the tasks first seen after it was drawn; where another version judges now, all tasks.
    """
    query = select(SampleRow).order_by(SampleRow.platform, SampleRow.drawn_at.desc(), SampleRow.id)
    done = set()
    for row in connection.execute(query.with_only_columns(*SampleRow.__table__.c)).all():
        if row.platform in done or (platform is not None and row.platform != platform):
            continue
        done.add(row.platform)
        listings, version = frame(connection, row.platform)
        new_version = version != row.version
        later = set(
            connection.scalars(
                select(TaskRow.task_id).where(TaskRow.platform == row.platform, TaskRow.first_seen > row.drawn_at)
            )
        )
        now = Counter(each.band for each in listings if new_version or each.task_id in later)
        before, after, index = compare(row.frame, now)
        yield Drift(
            row.platform, row.id, sum(row.frame.values()), now.total(), before, after, index, new_version,
            _reasons(now.total(), before, after, index),
        )  # fmt: skip


def _reasons(n: int, before: float, after: float, index: float) -> tuple[str, ...]:
    if n < ENOUGH:
        return ()
    chance = 2.58 * math.sqrt(max(before * (1 - before), after * (1 - after)) / n)  # 99 %
    reasons = []
    if abs(after - before) > max(MIX, chance):
        reasons.append(f"the share of illicit verdicts went from {before:.1%} to {after:.1%}")
    if index > SHIFT:
        reasons.append(f"verdicts and their confidence are spread differently (stability index {index:.2f})")
    return tuple(reasons)
