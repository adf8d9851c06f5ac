"""Draw a seeded sample of a platform's tasks with known inclusion probabilities, and share it out among coders."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, insert, select

from microaudit.errors import MicroauditError
from microaudit.store.models import Assignment, Coding, JudgementRow, SampleRow, TaskRow
from microaudit.taxonomy import is_illicit

DESIGNS = ("simple", "verdict", "confidence")
BANDS = (0.5, 0.7, 0.9, 0.97)  # lower ends of the confidence bands above the first


@dataclass(frozen=True, slots=True)
class Listing:
    """One task of a buyer as the sample sees it: `verdict` is illicit, legitimate or none."""

    task_id: str
    text_hash: str
    verdict: str
    confidence: float

    @property
    def band(self) -> str:
        """Verdict and confidence band, such as `illicit 0.9`."""
        return f"{self.verdict} {max((end for end in BANDS if self.confidence >= end), default=0.0):g}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A listing in the sample, from which stratum, with weight = 1 / inclusion probability."""

    listing: Listing
    stratum: str
    weight: float


def frame(connection: Connection, platform: str) -> tuple[list[Listing], str]:
    """Every task of buyers on a platform with the newest judgement of its text, by id; and that judging's version."""
    newest = func.row_number().over(
        partition_by=JudgementRow.text_hash, order_by=(JudgementRow.judged_at.desc(), JudgementRow.version.desc())
    )
    columns = (JudgementRow.text_hash, JudgementRow.label, JudgementRow.confidence, JudgementRow.version)
    judged = select(*columns, newest.label("place")).subquery()
    query = (
        select(TaskRow.task_id, TaskRow.text_hash, judged.c.label, judged.c.confidence, judged.c.version)
        .join(judged, (judged.c.text_hash == TaskRow.text_hash) & (judged.c.place == 1))
        .where(TaskRow.platform == platform, TaskRow.kind == "task")
    )
    listings, versions = [], Counter[str]()
    for task_id, text_hash, label, confidence, version in connection.execute(query):
        verdict = "none" if label is None else "illicit" if is_illicit(label) else "legitimate"
        listings.append(Listing(task_id, text_hash, verdict, confidence))
        versions[version] += 1
    listings.sort(key=lambda listing: listing.task_id)
    return listings, max(versions, key=lambda name: (versions[name], name), default="")


def draw(listings: Sequence[Listing], n: int, seed: int, design: str) -> list[Drawn]:
    """`n` listings without replacement (all, if there are fewer), in an order that tells nothing.

    `simple` gives every listing the same chance; `verdict` takes as many of each verdict, so that
    both classes are coded often enough; `confidence` takes more where the tool is less sure
    (Neyman 1934, with 1 - confidence as the error rate). Each listing has a number of its own from
    the seed (permanent random numbers, Ohlsson 1995): the order of the input changes nothing.
    """
    if design not in DESIGNS:
        raise MicroauditError("MA0204", f"--by {design}: a sample is drawn by {', '.join(DESIGNS)}")
    groups: defaultdict[str, list[Listing]] = defaultdict(list)
    for listing in listings:
        groups[{"simple": "all", "verdict": listing.verdict, "confidence": listing.band}[design]].append(listing)
    takes = allocate({name: len(group) for name, group in groups.items()}, _wants(groups, design), n)
    drawn = [
        Drawn(listing, name, len(group) / takes[name])
        for name, group in groups.items()
        for listing in sorted(group, key=lambda listing: _number(seed, listing))[: takes[name]]
    ]
    return sorted(drawn, key=lambda each: _number(seed, each.listing))


def _number(seed: int, listing: Listing) -> str:
    return hashlib.sha256(f"{seed} {listing.task_id}".encode("utf-8", "surrogatepass")).hexdigest()


def _wants(groups: Mapping[str, Sequence[Listing]], design: str) -> dict[str, float]:
    """How much each stratum is wanted, relative to the others."""
    if design != "confidence":
        labelled = sum(len(group) for name, group in groups.items() if name != "none")
        share = labelled / max(1, sum(name != "none" for name in groups))
        return {name: float(len(group)) if name == "none" else share for name, group in groups.items()}
    wants = {}
    for name, group in groups.items():
        error = min(0.5, max(0.01, 1 - sum(listing.confidence for listing in group) / len(group)))
        wants[name] = len(group) * (error * (1 - error)) ** 0.5
    return wants


def allocate(sizes: Mapping[str, int], wants: Mapping[str, float], n: int) -> dict[str, int]:
    """`n` shared out by `wants`: whole numbers, none above its size, none below 2 where that is possible."""
    takes = {name: min(2, size) for name, size in sizes.items()}
    if sum(takes.values()) > n:
        takes = dict.fromkeys(sizes, 0)
    for _ in range(min(n, sum(sizes.values())) - sum(takes.values())):
        # The next one goes where most is lacking (d'Hondt's rule).
        open_ = [name for name in sorted(sizes) if takes[name] < sizes[name]]
        takes[max(open_, key=lambda name: wants[name] / (takes[name] + 1))] += 1
    return takes


def share_out(drawn: Sequence[Drawn], coders: Sequence[str], overlap: int) -> list[tuple[int, str]]:
    """(place in `drawn`, coder): the first `overlap` tasks go to every coder, the others to each in turn."""
    both = [(place, coder) for place in range(min(overlap, len(drawn))) for coder in coders]
    return both + [(place, coders[place % len(coders)]) for place in range(overlap, len(drawn))]


def draw_sample(
    engine: Engine, platform: str, n: int, seed: int, design: str, coders: Sequence[str], overlap: int
) -> str:
    """Draw, keep in the store who codes what with which weight, and return the sample's id.

    The same store and the same arguments give the same sample. Raises MA0301 where the platform
    has no judged task.
    """
    with engine.begin() as connection:
        listings, version = frame(connection, platform)
        if not listings:
            raise MicroauditError("MA0301", f"the store holds no judged task of {platform}")
        drawn = draw(listings, n, seed, design)
        content = [platform, n, seed, design, list(coders), overlap, version, [x.task_id for x in listings]]
        name = "s" + hashlib.sha256(json.dumps(content).encode()).hexdigest()[:9]
        if connection.scalar(select(SampleRow.id).where(SampleRow.id == name)):
            return name
        bands = dict(sorted(Counter(listing.band for listing in listings).items()))
        row = {"id": name, "platform": platform, "design": design, "seed": seed, "n": len(drawn), "version": version,
               "frame": bands, "drawn_at": datetime.now(UTC)}  # fmt: skip
        connection.execute(insert(SampleRow), [row])
        connection.execute(
            insert(Assignment),
            [
                {"sample": name, "item": f"{name}-{place + 1:04}", "task_id": drawn[place].listing.task_id,
                 "text_hash": drawn[place].listing.text_hash, "stratum": drawn[place].stratum,
                 "weight": drawn[place].weight, "coder": coder, "round": 1}
                for place, coder in share_out(drawn, coders, overlap)
            ],
        )  # fmt: skip
        return name


def disputed(connection: Connection, sample: str) -> list[str]:
    """The tasks of a sample whose label, or whether they can be coded, coders see differently; not those sent on."""
    same = (Assignment.sample == Coding.sample) & (Assignment.task_id == Coding.task_id)
    answers: defaultdict[str, set[tuple[bool, str | None]]] = defaultdict(set)
    asked = set()
    for task_id, codable, label, round_ in connection.execute(
        select(Coding.task_id, Coding.codable, Coding.label, Assignment.round)
        .join(Assignment, same)
        .where(Coding.sample == sample)
    ):
        answers[task_id].add((codable, label))
        if round_ == 2:
            asked.add(task_id)
    return sorted(task for task, given in answers.items() if len(given) > 1 and task not in asked)


def open_disputes(connection: Connection, platform: str | None = None) -> list[tuple[str, int]]:
    """(sample, disputed tasks) for every sample that has any, by id."""
    query = select(Coding.sample).distinct().order_by(Coding.sample)
    if platform is not None:
        query = query.where(Coding.platform == platform)
    found = [(sample, len(disputed(connection, sample))) for sample in connection.scalars(query).all()]
    return [(sample, n) for sample, n in found if n]


def adjudicate(engine: Engine, sample: str, coder: str) -> int:
    """Give every disputed task of a sample to one more coder; how many there are.

    Raises MA0204 for an unknown sample and where the coder has coded in it before, MA0301 where
    nothing is disputed.
    """
    with engine.begin() as connection:
        if connection.scalar(select(SampleRow.id).where(SampleRow.id == sample)) is None:
            raise MicroauditError("MA0204", f"there is no sample {sample!r} in the store")
        if connection.scalar(select(Coding.id).where(Coding.sample == sample, Coding.coder == coder).limit(1)):
            raise MicroauditError("MA0204", f"{coder} has coded in {sample}: disagreements go to somebody else")
        tasks = disputed(connection, sample)
        if not tasks:
            raise MicroauditError("MA0301", f"no open disagreement in {sample}")
        table = Assignment.__table__
        columns = [column for column in table.c if column.name not in ("id", "coder", "round")]
        rows = connection.execute(
            select(*columns).where(table.c.sample == sample, table.c.task_id.in_(tasks)).distinct()
        ).mappings()
        connection.execute(insert(Assignment), [{**row, "coder": coder, "round": 2} for row in rows])
        return len(tasks)
