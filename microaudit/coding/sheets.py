"""The coding sheet as XLSX or CSV: written for coders, read back.

No cell calculates: in XLSX every text is written as a string, in CSV a text that begins like a
formula gets one apostrophe in front. The sheet shows neither label, platform, buyer, pay nor address.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from microaudit.coding.texts import TEXTS
from microaudit.errors import MicroauditError
from microaudit.taxonomy import CONCERNS, LABELS, UNCODABLE_REASONS, VERSION, subtypes

CODES = ("codable", "uncodable_reason", "label", "subtype", "confidence", "concern", "note")
COLUMNS = ("id", "coder", *CODES, *TEXTS)
RISKY = frozenset("=+-@\t\r\n'＝＋－＠")  # a cell that begins so may run as a formula (OWASP)
Row = dict[str, str]


def choices() -> dict[str, tuple[str, ...]]:
    """What each column with a fixed set of answers may hold."""
    return {
        "codable": ("true", "false"),
        "uncodable_reason": UNCODABLE_REASONS,
        "label": LABELS,
        "subtype": tuple(subtypes()),
        "confidence": ("3", "2", "1"),
        "concern": CONCERNS,
    }


def instructions() -> list[str]:
    """The coding manual in short, a line each."""
    lines = [
        f"Coding manual, version {VERSION}. One row is one listing: code it on its words alone, by yourself.",
        "Do not visit any site that a listing names, do not sign up, do not accept a task.",
        "codable: true, or false with a reason: " + ", ".join(UNCODABLE_REASONS) + ".",
        "label: what the worker is paid to do. A listing is illicit if at least one paid deliverable is.",
        "subtype: the one that decides the label. confidence: 3 sure, 2 probable, 1 guess.",
        "concern: anything else that is wrong with it: " + ", ".join(CONCERNS) + ".",
        "Leave id, coder and the texts as they are. Fill every row: a sheet with a row missing is refused whole.",
        "",
    ]
    for kind in subtypes().values():
        lines.append(f"{kind.code} {kind.name} ({kind.label}): {kind.definition}")
        lines += [f"    Yes: {kind.include}"] if kind.include else []
        lines += [f"    No: {kind.exclude}"] if kind.exclude else []
    return lines


def write_csv(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """UTF-8 with a byte order mark, so that Excel reads every script; CRLF; header."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file, lineterminator="\r\n")
        sheet.writerow(COLUMNS)
        sheet.writerows([_inert(row.get(name, "")) for name in COLUMNS] for row in rows)


def _inert(text: str) -> str:
    return "'" + text if text and text[0] in RISKY else text


def write_xlsx(path: Path, rows: Sequence[Mapping[str, str]], created: datetime) -> None:
    """Sheets `codes` (drop-downs, only the code columns can be written), `instructions` and `lists`.

    Dated `created`, so that the same sample gives the same bytes.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "Coding sheet", "created": created.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1})
        fixed = book.add_format({"text_wrap": True, "valign": "top"})
        free = book.add_format({"text_wrap": True, "valign": "top", "locked": False, "bg_color": "#FFF8DC"})
        codes, help_, lists = (book.add_worksheet(name) for name in ("codes", "instructions", "lists"))
        for at, name in enumerate(COLUMNS):
            codes.write_string(0, at, name, bold)
            width = 60 if name in TEXTS[1:3] else 30 if name in ("title", "note") else 16
            codes.set_column(at, at, width)
        for line, row in enumerate(rows, start=1):
            for at, name in enumerate(COLUMNS):
                # The coder's name may be written where the sheet was made for nobody in particular.
                codes.write_string(line, at, row.get(name, ""), free if name in CODES or name == "coder" else fixed)
        for at, (name, allowed) in enumerate(choices().items()):
            lists.write_string(0, at, name, bold)
            for line, choice in enumerate(allowed, start=1):
                lists.write_string(line, at, choice)
            column = chr(ord("A") + at)
            source = f"=lists!${column}$2:${column}${len(allowed) + 1}"
            where = COLUMNS.index(name)
            codes.data_validation(1, where, max(1, len(rows)), where, {
                "validate": "list", "source": source, "error_title": name,
                "error_message": "Choose from the list; see the sheet `instructions`.",
            })  # fmt: skip
        for line, text in enumerate(instructions()):
            help_.write_string(line, 0, text)
        help_.set_column(0, 0, 140)
        codes.freeze_panes(1, 2)
        codes.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})


def read_csv(path: Path) -> list[tuple[int, Row]]:
    """(line, cells) of a CSV as a spreadsheet saves it: comma, semicolon or tab."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MicroauditError("MA0203", f"{path}: not UTF-8; save it as `CSV UTF-8`") from None
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = next(reader, [])
        rows, line = [], reader.line_num
        for cells in reader:
            rows.append((line + 1, _row(path, header, [cell.removeprefix("'") for cell in cells], line + 1)))
            line = reader.line_num
    except csv.Error as error:
        raise MicroauditError("MA0203", f"{path}, line {reader.line_num}: {error}") from error
    return _checked(path, header, rows)


def read_xlsx(path: Path) -> list[tuple[int, Row]]:
    """(line, cells) of the sheet `codes`."""
    from zipfile import BadZipFile

    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise MicroauditError("MA0203", f"{path}: not an XLSX file that can be read") from error
    try:
        if "codes" not in book.sheetnames:
            raise MicroauditError("MA0203", f"{path}: no sheet named `codes`")
        table = [[_text(cell) for cell in row] for row in book["codes"].iter_rows(values_only=True)]
    finally:
        book.close()
    header = table[0] if table else []
    return _checked(path, header, [(n, _row(path, header, cells, n)) for n, cells in enumerate(table[1:], start=2)])


def _text(cell: Any) -> str:
    """A cell as the coder typed it: Excel turns true into TRUE and 3 into 3.0."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _row(path: Path, header: Sequence[str], cells: Sequence[str], line: int) -> Row:
    if len(cells) > len(header) and any(cells[len(header) :]):
        raise MicroauditError("MA0203", f"{path}, line {line}: more cells than the header has")
    return dict(zip(header, [*cells, *([""] * len(header))], strict=False))


def _checked(path: Path, header: Sequence[str], rows: list[tuple[int, Row]]) -> list[tuple[int, Row]]:
    if missing := [name for name in COLUMNS if name not in header]:
        raise MicroauditError("MA0203", f"{path}: no column {', '.join(missing)}")
    named = [name for name in header if name]
    if len(set(named)) < len(named):
        raise MicroauditError("MA0203", f"{path}: two columns have the same name")
    return [(line, row) for line, row in rows if any(row.values())]
