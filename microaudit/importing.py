"""Listings that a researcher already has -> Tasks, through the same reading and the same stages as a page."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import Engine

from microaudit.crawl import Result
from microaudit.errors import MicroauditError
from microaudit.fields import UnreadableError, moment
from microaudit.items import Kind, Page, Task
from microaudit.ledger import close_crawl, count_page, open_crawl
from microaudit.pseudonyms import load_key, pseudonym
from microaudit.reading import KNOWN, Context, RefusedError, read_task
from microaudit.run import Run
from pipelines.judge import CLASSIFIER, JUDGING
from pipelines.stages import Stages

CHUNK = 500  # rows a transaction
KEYS = KNOWN | {"observed_at"}
SLUG = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
Row = Mapping[str, Any] | None  # values by column; None for a line that is not a row
Rows = Iterator[tuple[int, Row]]  # with the line or row number


def parse_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """`["title=Job Title"]` -> {"title": "Job Title"}; MA0204 for a key that no Task has."""
    names: dict[str, str] = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not theirs or ours not in KEYS:
            raise MicroauditError("MA0204", f"--map {pair!r}: write OURS=THEIRS with one of {', '.join(sorted(KEYS))}")
        names[ours] = theirs
    return names


def import_file(
    engine: Engine, file: Path, platform: str, mapping: Mapping[str, str], kind: str, step: Callable[[int], object]
) -> Result:
    """Store the rows of a file. Rows that cannot become tasks are counted by reason, never dropped in silence."""
    if not SLUG.fullmatch(platform):
        raise MicroauditError("MA0204", f"--platform {platform!r}: small letters, digits and _ only")
    if kind not in get_args(Kind):
        raise MicroauditError("MA0204", f"--kind {kind!r}: task or offer")
    rows = read_rows(file)
    run = Run(engine, open_crawl(engine, platform, "import", {"source": file.name}, CLASSIFIER), JUDGING)
    stages = Stages(run)
    reader = _Reader(platform, kind, mapping)  # type: ignore[arg-type]
    try:
        while chunk := list(islice(rows, CHUNK)):
            page = stages.process(reader.page(file, chunk))
            count_page(run.counts, page)
            step(len(chunk))
    except MicroauditError as error:
        if not run.counts.tasks:
            close_crawl(engine, run.crawl_id, run.counts)
            raise
        run.counts.unread_source = str(error)
    state, reason = close_crawl(engine, run.crawl_id, run.counts)
    counts = run.counts
    if not counts.tasks and counts.refused:
        reasons = ", ".join(f"{number} {why}" for why, number in sorted(counts.refused.items()))
        raise MicroauditError("MA0204", f"no row of {file} is a task ({reasons}): name its columns with --map")
    return Result(
        platform, run.crawl_id, state, reason, sum(counts.outcomes.values()), counts.tasks,
        dict(counts.problems), dict(counts.refused), dict(counts.outcomes),
    )  # fmt: skip


class _Reader:
    """Turns chunks of rows into pages of tasks."""

    def __init__(self, platform: str, kind: Kind, mapping: Mapping[str, str]) -> None:
        self.platform, self.kind, self.mapping = platform, kind, mapping
        self.key, self.now = load_key(), datetime.now(UTC).replace(microsecond=0)

    def page(self, file: Path, chunk: Sequence[tuple[int, Row]]) -> Page:
        body = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for _, row in chunk)
        page = Page(
            platform=self.platform,
            # Only the file's own name: the rest of a path may hold a person's.
            url=f"import:{file.name}#{chunk[0][0]}-{chunk[-1][0]}",
            observed_at=self.now,
            source="import",
            status=200,
            body=body.encode("utf-8", "replace"),
        )
        seen: dict[str, Task] = {}
        for _, row in chunk:
            try:
                task = self._task(row, page.problems)
            except RefusedError as refusal:
                page.refused[str(refusal)] += 1
                continue
            if task.id in seen:
                page.refused["duplicate"] += 1
            seen.setdefault(task.id, task)
        page.tasks = list(seen.values())
        page.outcome = "tasks" if page.tasks else "unparsed"
        return page

    def _task(self, row: Row, problems: Counter[str]) -> Task:
        if row is None:
            raise RefusedError("malformed line")
        values = {key: row[name] for key in KEYS if (name := self.mapping.get(key, key)) in row}
        observed = values.pop("observed_at", None)
        now = self.now
        if observed not in (None, ""):
            try:
                now = moment(observed, self.now)
            except UnreadableError:
                problems["observed_at"] += 1
        context = Context(
            platform=self.platform,
            kind=self.kind,
            observed_at=now,
            source="import",
            urljoin=lambda url: "" if url.startswith("#") else url,
            pseudonym=lambda name: pseudonym(self.key, self.platform, name),
        )
        return read_task(values, context, problems)


def read_rows(file: Path) -> Rows:
    """The rows of a CSV, JSON, JSON lines or Parquet file, by its suffix; MA0203 where it cannot be read."""
    readers: dict[str, Callable[[Path], Rows]] = {
        ".csv": _csv, ".tsv": _csv, ".json": _json, ".jsonl": _json_lines, ".parquet": _parquet,
    }  # fmt: skip
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise MicroauditError("MA0202", f"{file}: the suffix must be one of {', '.join(readers)}")
    if not file.is_file():
        raise MicroauditError("MA0202", f"there is no file {str(file)!r}")
    return reader(file)


def _csv(file: Path) -> Rows:
    csv.field_size_limit(2**24)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            delimiter = max(",;\t", key=lines.readline().count)
            lines.seek(0)
            reader = csv.DictReader(lines, delimiter=delimiter)
            for row in reader:
                yield reader.line_num, None if None in row else row  # more cells than columns: not a row
    except (UnicodeDecodeError, csv.Error) as error:
        raise MicroauditError("MA0203", f"{file} is not UTF-8 CSV: {error}") from error


def _json(file: Path) -> Rows:
    try:
        rows = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise MicroauditError("MA0203", f"{file} is not JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MicroauditError("MA0203", f"{file} must hold a list of objects")
    yield from enumerate(rows, start=1)


def _json_lines(file: Path) -> Rows:
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            yield number, row if isinstance(row, dict) else None


def _parquet(file: Path) -> Rows:
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise MicroauditError("MA0206", "Parquet needs the extra: pip install 'microaudit[parquet]'") from error
    try:
        number = 0
        for batch in parquet.ParquetFile(file).iter_batches(batch_size=CHUNK):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (arrow.ArrowInvalid, OSError) as error:
        raise MicroauditError("MA0203", f"{file} is not Parquet: {error}") from error
