"""The store's rows as the report publishes them, streamed: memory does not grow with the store."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, String, Text, and_, case, cast, func, null, select, true, type_coerce
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Subquery

from microaudit.store.models import Assignment, Coding, Crawl, JudgementRow, PlaceRow, TaskRow, TextRow
from microaudit.taxonomy import ILLICIT
from reports.estimate import Clusters, Coded

Record = dict[str, Any]
Chosen = str | Subquery  # which judgement counts for each text; see `latest`
CHUNK = 1000  # rows read at a time


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the store, although a crawl may be writing."""
    level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else None
    with engine.connect() as connection:
        if level:
            connection = connection.execution_options(isolation_level=level)
        elif engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA cache_size = -65536")  # 64 MiB: fewer reads of the same page
        yield connection


def versions(connection: Connection) -> list[str]:
    """Versions of the judging stages in the store, newest judgement first."""
    newest = func.max(JudgementRow.judged_at)
    query = select(JudgementRow.version).group_by(JudgementRow.version)
    return list(connection.scalars(query.order_by(newest.desc(), JudgementRow.version.desc())))


def platforms(connection: Connection) -> list[str]:
    """Every platform of which the store holds a task or a crawl, by name."""
    names = select(TaskRow.platform).union(select(Crawl.platform))
    return sorted(connection.scalars(names))


def latest(connection: Connection, version: str | None) -> Chosen:
    """Which judgement counts for each text: a version, or (text_hash, version) where it differs by text.

    With `version` that one; without, the newest judgement of the text, ties broken by version.
    """
    known = versions(connection)
    if version is not None or len(known) <= 1:
        return version or "".join(known)
    order = func.row_number().over(
        partition_by=JudgementRow.text_hash, order_by=(JudgementRow.judged_at.desc(), JudgementRow.version.desc())
    )
    numbered = select(JudgementRow.text_hash, JudgementRow.version, order.label("place")).subquery()
    return select(numbered.c.text_hash, numbered.c.version).where(numbered.c.place == 1).subquery()


def judged(query: Any, chosen: Chosen, text_hash: InstrumentedAttribute[str]) -> Any:
    """The query with the judgement that counts for the text, or with none."""
    if isinstance(chosen, str):
        return query.outerjoin(JudgementRow, and_(JudgementRow.text_hash == text_hash, JudgementRow.version == chosen))
    same = and_(JudgementRow.text_hash == chosen.c.text_hash, JudgementRow.version == chosen.c.version)
    return query.outerjoin(chosen, chosen.c.text_hash == text_hash).outerjoin(JudgementRow, same)


def _raw(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """Times and money as the store keeps them: already the text that JSON wants."""
    return type_coerce(column, String).label(column.key)


def _json(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    return cast(column, Text).label(column.key)


def _columns() -> list[ColumnElement[Any]]:
    task, text, judged = TaskRow, TextRow, JudgementRow
    return [
        task.platform.label("platform"),
        task.task_id.label("id"),
        task.url.label("url"),
        task.kind.label("kind"),
        text.title.label("title"),
        text.description.label("description"),
        text.proof.label("proof"),
        text.category.label("category"),
        _raw(task.reward),
        _raw(task.reward_max),
        task.currency.label("currency"),
        task.reward_unit.label("reward_unit"),
        task.positions_total.label("positions_total"),
        task.positions_done.label("positions_done"),
        task.positions_open.label("positions_open"),
        task.minutes.label("minutes"),
        task.success_rate.label("success_rate"),
        _raw(task.posted_at),
        _raw(task.expires_at),
        task.buyer.label("buyer"),
        text.buyer_country_text.label("buyer_country_text"),
        text.worker_country_text.label("worker_country_text"),
        type_coerce(task.last_seen, String).label("observed_at"),
        task.source.label("source"),
        judged.label.label("label"),
        judged.subtype.label("subtype"),
        _json(judged.secondary),
        judged.tier.label("tier"),
        judged.codable.label("codable"),
        judged.uncodable_reason.label("uncodable_reason"),
        judged.confidence.label("confidence"),
        _json(judged.evidence),
        judged.classifier.label("classifier"),
        judged.language.label("language"),
        judged.language_confidence.label("language_confidence"),
        null().label("buyer_countries"),  # these two are filled from the places of the text
        null().label("worker_countries"),
        func.coalesce(judged.worker_scope, "unknown").label("worker_scope"),
        _json(judged.worker_regions),
        _raw(task.first_seen),
        task.sightings.label("sightings"),
        task.text_hash.label("text_hash"),
        judged.version.label("version"),
    ]


def tasks(
    connection: Connection,
    chosen: Chosen,
    names: Sequence[str],
    *,
    with_buyer: bool = False,
    only: str | None = None,
) -> Iterator[Record]:
    """One record a task, keys named as in the contract, ordered by platform and id; `only` one id.

    Times are ISO 8601 text, money is text, lists are lists; a task without a judgement has None
    under the judgement's keys and no country.
    """
    task_id: ColumnElement[str] = TaskRow.task_id.expression
    if connection.dialect.name == "postgresql":
        task_id = task_id.collate("C")  # the same order on every database
    connection = connection.execution_options(stream_results=True, max_row_buffer=CHUNK)
    for name in names:
        query = judged(select(*_columns()).select_from(TaskRow), chosen, TaskRow.text_hash)
        query = query.join(TextRow, TextRow.hash == TaskRow.text_hash)
        wanted = and_(TaskRow.platform == name, TaskRow.task_id == only if only is not None else true())
        result = connection.execute(query.where(wanted).order_by(task_id))
        places = _Places(connection, wanted, task_id)
        keys = list(result.keys())
        for row in result:
            record = dict(zip(keys, row, strict=True))
            for key in ("secondary", "evidence", "worker_regions"):
                text = record[key]
                record[key] = _decode(text)[0] if text and text != "[]" else []
            found = places.of(record["id"], record["version"])
            record["buyer_countries"] = [place for place in found if place["relation"] == "located"]
            record["worker_countries"] = [place for place in found if place["relation"] != "located"]
            if not with_buyer:
                del record["buyer"]
            yield record


_decode = json.JSONDecoder().raw_decode


class _Places:
    """The places of the wanted tasks, read in step with the tasks: both come ordered by task id."""

    def __init__(self, connection: Connection, wanted: ColumnElement[bool], task_id: ColumnElement[str]) -> None:
        place = PlaceRow
        query = (
            select(TaskRow.task_id, place.version, place.country, place.relation, place.basis, place.field, place.text)
            .join(TaskRow, TaskRow.text_hash == place.text_hash)
            .where(wanted)
            .order_by(task_id, place.id)
        )
        self._rows = iter(connection.execute(query))
        self._next = next(self._rows, None)

    def of(self, task_id: str, version: str | None) -> list[Record]:
        """The places of a task under a version; ask in the order of the tasks."""
        found = []
        while self._next is not None and self._next[0] == task_id:
            _, stated, country, relation, basis, field, text = self._next
            if stated == version:
                found.append({"country": country, "relation": relation, "basis": basis, "field": field, "text": text})
            self._next = next(self._rows, None)
        return found


def _per_buyer(chosen: Chosen, names: Sequence[str]) -> Subquery:
    """Platform, buyer, labelled tasks and illicit ones of them; a task without a buyer stands alone."""
    illicit = case((JudgementRow.label.in_(ILLICIT), 1), else_=0)
    buyer = func.coalesce(TaskRow.buyer, cast(TaskRow.id, String))
    sums = select(
        TaskRow.platform.label("platform"), buyer.label("buyer"), func.count().label("n"), func.sum(illicit).label("x")
    )
    query = (
        judged(sums.select_from(TaskRow), chosen, TaskRow.text_hash)
        .where(TaskRow.kind == "task", JudgementRow.label.is_not(None), TaskRow.platform.in_(names))
        .group_by(TaskRow.platform, buyer)
    )
    found: Subquery = query.subquery()
    return found


def clusters(connection: Connection, chosen: Chosen, names: Sequence[str]) -> dict[str, Clusters]:
    """Per platform the sums over buyers of labelled tasks; a task without a buyer stands alone."""
    per_buyer = _per_buyer(chosen, names)
    n, x = per_buyer.c.n, per_buyer.c.x
    squares = select(per_buyer.c.platform, func.count(), func.sum(n * n), func.sum(n * x), func.sum(x * x))
    rows = connection.execute(squares.group_by(per_buyer.c.platform))
    return {name: Clusters(buyers, int(nn), int(nx), int(xx)) for name, buyers, nn, nx, xx in rows}


def codes(connection: Connection, chosen: Chosen, names: Sequence[str]) -> dict[str, list[Coded]]:
    """Per platform the tasks that humans coded, beside the tool's verdict of today.

    What settled a disagreement decides; else the majority among illicit, legitimate and not
    codable, and a task without a majority is left out. A task drawn in several samples counts
    once, with its smallest weight.
    """
    settles = (
        select(Assignment.id)
        .where(Assignment.sample == Coding.sample, Assignment.task_id == Coding.task_id)
        .where(Assignment.coder == Coding.coder, Assignment.round == 2)
        .exists()
    )
    columns = (
        Coding.platform, Coding.task_id, Coding.codable, Coding.label, Coding.weight, settles.label("settles"),
        JudgementRow.label.label("tool"), TaskRow.buyer,
    )  # fmt: skip
    query = (
        judged(select(*columns).select_from(Coding), chosen, Coding.text_hash)
        .outerjoin(TaskRow, and_(TaskRow.platform == Coding.platform, TaskRow.task_id == Coding.task_id))
        .where(Coding.platform.in_(names), JudgementRow.codable.is_not(None))
        .order_by(Coding.platform, Coding.task_id, Coding.sample, Coding.coder)
    )
    answers: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        answers[row.platform, row.task_id].append(row)
    buyers = _coded_buyers(connection, chosen, names) if answers else {}
    result: dict[str, list[Coded]] = defaultdict(list)
    for (platform, _), given in answers.items():
        final = [row for row in given if row.settles] or given
        votes = Counter(row.label in ILLICIT if row.codable and row.label else None for row in final).most_common(2)
        if len(votes) == 1 or votes[0][1] > votes[1][1]:
            tool = None if given[0].tool is None else given[0].tool in ILLICIT
            weight = min(row.weight for row in given)
            result[platform].append(Coded(tool, votes[0][0], weight, *buyers.get((platform, given[0].buyer), ())))
    return dict(result)


def coded_platforms(connection: Connection) -> list[str]:
    """Every platform of which humans coded a task, by name."""
    return sorted(connection.scalars(select(Coding.platform).distinct()))


def _coded_buyers(
    connection: Connection, chosen: Chosen, names: Sequence[str]
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(platform, buyer) of every coded task -> a number for the buyer, its labelled tasks, illicit ones of them."""
    per_buyer = _per_buyer(chosen, names)
    same = and_(TaskRow.platform == Coding.platform, TaskRow.task_id == Coding.task_id)
    coded = select(TaskRow.platform, TaskRow.buyer).join(Coding, same).where(TaskRow.buyer.is_not(None)).distinct()
    wanted = coded.subquery()
    query = (
        select(per_buyer)
        .join(wanted, and_(wanted.c.platform == per_buyer.c.platform, wanted.c.buyer == per_buyer.c.buyer))
        .order_by(per_buyer.c.platform, per_buyer.c.buyer)
    )
    return {
        (platform, buyer): (number, n, int(x))
        for number, (platform, buyer, n, x) in enumerate(connection.execute(query))
    }


def runs(connection: Connection, names: Iterable[str]) -> list[Record]:
    """The run ledger of the platforms, oldest first: what was asked, got, read and refused."""
    crawl = Crawl
    query = select(
        crawl.platform, crawl.source, crawl.options, _raw(crawl.started_at), _raw(crawl.ended_at), crawl.state,
        crawl.reason, crawl.requests, crawl.pages, crawl.tasks, crawl.outcomes, crawl.problems, crawl.refused,
        crawl.conduct, crawl.software, crawl.classifier,
    )  # fmt: skip
    query = query.where(crawl.platform.in_(list(names))).order_by(crawl.started_at, crawl.id)
    return [dict(row) for row in connection.execute(query).mappings()]
