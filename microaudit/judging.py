"""Judge lines of JSON and what the store holds: the stages of `pipelines.judge`, in batches."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Table, func, select

from microaudit.items import JUDGED_FIELDS, Judged, Task, to_json
from microaudit.store.models import JudgementRow, TextRow
from microaudit.store.writer import write_judgements
from pipelines.judge import JUDGING, judge

_SURROGATE = re.compile(r"[\ud800-\udfff]")
BATCH = 500  # listings judged together
TEXT: Table = TextRow.__table__  # type: ignore[assignment]
JUDGEMENT: Table = JudgementRow.__table__  # type: ignore[assignment]


def judge_lines(lines: Iterable[str]) -> Iterator[tuple[int, str | None]]:
    """JSON lines -> (line number, the same line with judgement and geography), in order; None if malformed.

    Blank lines are passed over. Keys that no Task has are handed through.
    """
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        rows = [(number, _object(line)) for number, line in batch]
        judged = iter(judge([_task(row) for _, row in rows if row is not None]))
        for number, row in rows:
            yield number, None if row is None else _answer(row, next(judged))


def _object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    texts = (row.get(name) for name in JUDGED_FIELDS)
    return row if all(text is None or isinstance(text, str) for text in texts) else None


def _task(row: dict[str, Any]) -> Task:
    # A lone surrogate is no character: a stand-in of the same length keeps the places of the evidence.
    task = Task()
    for name in JUDGED_FIELDS:
        setattr(task, name, _SURROGATE.sub("\ufffd", row.get(name) or "") or getattr(task, name))
    return task


def _answer(row: dict[str, Any], judged: Judged) -> str:
    answer = row | to_json(judged.judgement) | to_json(judged.geography)
    # A lone surrogate cannot be written as UTF-8; as an escape it comes out as it went in.
    text = json.dumps(answer, ensure_ascii=False)
    return text if text.isprintable() or _encodes(text) else json.dumps(answer)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def explain_text(text: str, why: bool) -> Iterator[dict[str, Any]]:
    """The verdict on one text, in words and as fields; with `why`, one more line for each piece of evidence."""
    judged = judge([Task(description=text)])[0]
    verdict = judged.judgement
    named = verdict.label or f"no label ({verdict.uncodable_reason or 'not sure enough'})"
    words = f"{named} {verdict.subtype or ''} confidence {verdict.confidence:.2f} language {verdict.language}"
    yield {"words": " ".join(words.split()), "fields": to_json(verdict) | to_json(judged.geography)}
    if not why:
        return
    for piece in verdict.evidence:
        words = f"  because of {piece.text!r} ({piece.field} {piece.start}-{piece.end}, {piece.rule})"
        yield {"words": words, "fields": {"rule": piece.rule, "text": piece.text, "field": piece.field}}
    for place in (*judged.geography.buyer_countries, *judged.geography.worker_countries):
        words = f"  {place.country} {place.relation} because of {place.text!r} ({place.basis})"
        yield {"words": words, "fields": {"country": place.country, "relation": place.relation, "text": place.text}}


def rejudge(engine: Engine, workers: int, step: Callable[[int], object]) -> tuple[int, int, str]:
    """Judge every stored text that this version has not judged yet; (judged, changed labels, version)."""
    judged = changed = 0
    before = _labels_before(engine)
    batches = _unjudged(engine)
    if workers == 1:
        done: Iterable[list[Judged]] = map(judge, batches)
        judged, changed = _store(engine, done, before, step)
    else:
        with ProcessPoolExecutor(workers) as pool:
            judged, changed = _store(engine, _in_flight(pool, batches, 2 * workers), before, step)
    return judged, changed, JUDGING


def _store(
    engine: Engine, batches: Iterable[list[Judged]], before: dict[str, str | None], step: Callable[[int], object]
) -> tuple[int, int]:
    judged = changed = 0
    for batch in batches:
        tasks = [item.task for item in batch]
        with engine.begin() as connection:
            write_judgements(
                connection, tasks, [item.judgement for item in batch], [item.geography for item in batch], JUDGING
            )
        judged += len(batch)
        for item in batch:
            key = item.task.text_hash
            changed += key in before and before[key] != item.judgement.label
        step(len(batch))
    return judged, changed


def _in_flight(pool: ProcessPoolExecutor, batches: Iterator[list[Task]], most: int) -> Iterator[list[Judged]]:
    """Results in the order of the batches, with at most `most` of them waiting: memory stays flat."""
    waiting = [pool.submit(judge, batch) for batch in islice(batches, most)]
    while waiting:
        done = waiting.pop(0).result()
        waiting += [pool.submit(judge, batch) for batch in islice(batches, 1)]
        yield done


def _unjudged(engine: Engine) -> Iterator[list[Task]]:
    """Texts without a judgement of this version, by hash, a batch at a time; not those whose words were purged."""
    last = ""
    judged = select(JUDGEMENT.c.text_hash).where(JUDGEMENT.c.version == JUDGING)
    words = (TEXT.c.title != "") | (TEXT.c.description != "")
    while True:
        here = (TEXT.c.hash > last, TEXT.c.hash.not_in(judged), words)
        query = select(TEXT).where(*here).order_by(TEXT.c.hash).limit(BATCH)
        with engine.connect() as connection:
            rows = list(connection.execute(query).mappings())
        if not rows:
            return
        last = rows[-1]["hash"]
        yield [Task(**{name: row[name] for name in JUDGED_FIELDS}) for row in rows]


def _labels_before(engine: Engine) -> dict[str, str | None]:
    """The label of each text by the version that judged last before this one."""
    latest = (
        select(JUDGEMENT.c.text_hash, func.max(JUDGEMENT.c.judged_at).label("at"))
        .where(JUDGEMENT.c.version != JUDGING)
        .group_by(JUDGEMENT.c.text_hash)
        .subquery()
    )
    query = select(JUDGEMENT.c.text_hash, JUDGEMENT.c.label).join(
        latest, (latest.c.text_hash == JUDGEMENT.c.text_hash) & (latest.c.at == JUDGEMENT.c.judged_at)
    )
    with engine.connect() as connection:
        return {row.text_hash: row.label for row in connection.execute(query)}
