"""Sheets out of the store and codes back into it. A file with one fault in it is refused whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from microaudit.coding import labelstudio, sheets
from microaudit.coding.texts import TEXTS, same, shown
from microaudit.errors import MicroauditError
from microaudit.store.models import Assignment, Coding, SampleRow, TextRow
from microaudit.taxonomy import label_of

ANYBODY = "coder-1"  # stands in a sheet that was made for nobody in particular; coders may write their name
SUFFIXES = (".xlsx", ".csv", ".json")


def check_target(to: Path) -> None:
    """Raises MA0204 unless a sheet can be written under this name."""
    if to.suffix not in SUFFIXES:
        raise MicroauditError("MA0204", f"{to}: a sheet is written as {', '.join(SUFFIXES)}")


def write_sheets(engine: Engine, sample: str, to: Path, round_: int = 1) -> list[Path]:
    """One sheet for each coder of a round (`to` itself if there is one, else NAME.CODER.xlsx); the files written.

    The suffix chooses: .xlsx, .csv, or .json for Label Studio, with its configuration beside it.
    """
    check_target(to)
    by_coder: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    with engine.connect() as connection:
        drawn_at = connection.execute(select(SampleRow.drawn_at).where(SampleRow.id == sample)).scalar_one()
        for given, row in _assigned(connection, sample):
            if given["round"] == round_:
                by_coder[given["coder"]].append(row)
    written = []
    for coder, rows in sorted(by_coder.items()):
        path = to if len(by_coder) == 1 else to.with_name(f"{to.stem}.{coder}{to.suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        written.append(path)
        if to.suffix == ".json":
            written.append(labelstudio.write(path, rows))
        elif to.suffix == ".csv":
            sheets.write_csv(path, rows)
        else:
            sheets.write_xlsx(path, rows, drawn_at)
    return written


def _assigned(connection: Connection, sample: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Every assignment of a sample beside the row of its sheet, in the order of the items."""
    columns = [column for column in Assignment.__table__.c if column.name != "id"]
    query = (
        select(*columns, SampleRow.platform.label("platform"), *(getattr(TextRow, name) for name in TEXTS))
        .join(SampleRow, SampleRow.id == Assignment.sample)
        .join(TextRow, TextRow.hash == Assignment.text_hash)
        .where(Assignment.sample == sample)
        .order_by(Assignment.round, Assignment.item, Assignment.coder)
    )
    return [
        (dict(row), {"id": row["item"], "coder": row["coder"] or ANYBODY, **shown(dict(row), row["platform"])})
        for row in connection.execute(query).mappings()
    ]


def read_sheet(path: Path) -> list[tuple[int, sheets.Row]]:
    """(line, cells) of a sheet in any of its three formats."""
    if not path.is_file():
        raise MicroauditError("MA0202", f"{path}: no such file")
    readers = {".xlsx": sheets.read_xlsx, ".csv": sheets.read_csv, ".json": labelstudio.read}
    if path.suffix not in readers:
        raise MicroauditError("MA0203", f"{path}: codes come as {', '.join(SUFFIXES)}")
    return readers[path.suffix](path)


def import_codes(engine: Engine, path: Path) -> tuple[int, list[str]]:
    """(answers stored, faults found). With one fault nothing is stored; each fault names its line.

    A fault is a value outside the manual, a row twice or missing, an id that is in no sample,
    texts that are not those of the id, and an answer that the store already holds: answers are
    kept for ever, a coder's second thoughts go into another sample.
    """
    lines = read_sheet(path)
    unit = "task" if path.suffix == ".json" else "line"
    faults = [] if lines else ["the sheet has no row"]
    rows: list[dict[str, Any]] = []
    seen: dict[tuple[str, str], int] = {}
    with engine.begin() as connection:
        samples = {row["id"].rpartition("-")[0] for _, row in lines}
        known = {name: _assigned(connection, name) for name in sorted(samples)}
        for line, row in lines:
            here = [f"{unit} {line}: {fault}" for fault in answer_faults(row)]
            key = row["id"], row["coder"].strip()
            if key in seen:
                here.append(f"{unit} {line}: {row['id']} by {key[1]} stands on {unit} {seen[key]} already")
            seen.setdefault(key, line)
            given, fault = _match(known[row["id"].rpartition("-")[0]], row)
            here += [f"{unit} {line}: {fault}"] if fault else []
            faults += here
            if given and not here:
                rows.append(_coding(given, row))
        faults += _missing(known, seen) + _answered(connection, samples, seen, unit)
        if not faults:
            connection.execute(insert(Coding), rows)
    return (0 if faults else len(rows)), faults


def answer_faults(row: Mapping[str, str]) -> list[str]:
    """What is wrong with one row by the manual alone."""
    faults = [
        f"{name} is {row[name]!r}; allowed: {', '.join(allowed)}"
        for name, allowed in sheets.choices().items()
        if row[name].strip() and _plain(name, row) not in allowed
    ]
    codable, label, subtype = (_plain(name, row) for name in ("codable", "label", "subtype"))
    if not row["coder"].strip():
        faults.append("coder is empty")
    elif len(row["coder"].strip()) > 64:
        faults.append("coder is longer than 64 characters")
    if not codable:
        faults.append("codable is empty")
    elif codable == "true":
        faults += ["label is empty"] if not label else []
        faults += ["uncodable_reason is given, but codable is true"] if row["uncodable_reason"].strip() else []
    elif codable == "false":
        faults += ["uncodable_reason is empty"] if not row["uncodable_reason"].strip() else []
        faults += ["label or subtype is given, but codable is false"] if label or subtype else []
    if label and subtype in sheets.choices()["subtype"] and label_of(subtype) != label:
        faults.append(f"subtype {subtype} belongs to {label_of(subtype)}, not to {label}")
    return faults


def _plain(name: str, row: Mapping[str, str]) -> str:
    text = row[name].strip()
    return text.upper() if name == "subtype" else text.lower()


def _match(
    known: Sequence[tuple[dict[str, Any], dict[str, str]]], row: Mapping[str, str]
) -> tuple[dict[str, Any] | None, str | None]:
    """The assignment that a row answers, or what is wrong."""
    item = [(given, ours) for given, ours in known if given["item"] == row["id"]]
    if not item:
        return None, f"id {row['id']!r} is in no sample of this store"
    coder = row["coder"].strip()
    mine = [pair for pair in item if pair[0]["coder"] == coder] or [pair for pair in item if not pair[0]["coder"]]
    if not mine:
        return None, f"{row['id']} was not given to {coder!r}"
    given, ours = mine[0]
    if other := [name for name in TEXTS if not same(row[name], ours[name])]:
        return None, f"{', '.join(other)} is not that of {row['id']}: were the rows sorted apart?"
    return given, None


def _missing(
    known: Mapping[str, Sequence[tuple[dict[str, Any], dict[str, str]]]], seen: Mapping[tuple[str, str], int]
) -> list[str]:
    """One line for each coder whose part of a sample is not there in full."""
    faults = []
    for sample, pairs in sorted(known.items()):
        for coder in sorted({coder for item, coder in seen if item.rpartition("-")[0] == sample}):
            own = any(given["coder"] == coder for given, _ in pairs)
            parts = defaultdict(list)
            for given, _ in pairs:
                if given["coder"] == (coder if own else ""):
                    parts[given["round"]].append(given["item"])
            for items in parts.values():
                absent = [item for item in items if (item, coder) not in seen]
                if absent and len(absent) < len(items):
                    faults.append(
                        f"{len(absent)} of the {len(items)} tasks of {coder} are missing, the first is {absent[0]}"
                    )
    return faults


def _answered(connection: Connection, samples: set[str], seen: Mapping[tuple[str, str], int], unit: str) -> list[str]:
    query = (
        select(Assignment.item, Coding.coder)
        .join(Assignment, (Assignment.sample == Coding.sample) & (Assignment.task_id == Coding.task_id))
        .where(Coding.sample.in_(samples))
        .distinct()
    )
    again = sorted(seen[item, coder] for item, coder in connection.execute(query) if (item, coder) in seen)
    return [f"{unit} {line}: answered already; an answer is never overwritten" for line in again]


def _coding(given: Mapping[str, Any], row: Mapping[str, str]) -> dict[str, Any]:
    codes = {name: _plain(name, row) or None for name in sheets.choices()}
    return {
        "platform": given["platform"], "task_id": given["task_id"], "text_hash": given["text_hash"],
        "sample": given["sample"], "weight": given["weight"], "coder": row["coder"].strip(),
        **codes, "codable": codes["codable"] == "true",
        "confidence": int(codes["confidence"]) if codes["confidence"] else None,
        "note": row["note"].strip() or None, "imported_at": datetime.now(UTC),
    }  # fmt: skip
