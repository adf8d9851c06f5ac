"""Writing a table as CSV, JSON lines, Parquet or XLSX: the same rows and columns in each, row by row.

No format can make a spreadsheet calculate a text that a stranger wrote. In CSV a text that begins
with one of RISKY gets one apostrophe in front: to read it back, drop one leading apostrophe.
JSON lines and Parquet carry every text as it is. CSV is UTF-8 without a byte order mark, because
a mark would become part of the first column's name in most programs; for Excel there is XLSX.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from microaudit.errors import MicroauditError
from reports.fields import Field, FieldType

# A cell that begins so may run as a formula (OWASP); the last one keeps the rule reversible.
RISKY = frozenset("=+-@\t\r\n\0＝＋－＠'")
XLSX_CELL = 32_767  # characters that a cell of Excel holds
XLSX_ROWS = 1_048_576
CUT = "… [cut here: the whole text is in tasks.jsonl]"
ROW_GROUP = 10_000


class Writer(Protocol):
    """A table being written, or anything else that wants to see its rows.

    A row is a dict with exactly the table's columns, in their order.
    """

    path: Path
    rows: int

    def write(self, row: Mapping[str, Any]) -> None: ...


def inert(text: str) -> str:
    """The text as a CSV cell that no spreadsheet takes for a formula."""
    return "'" + text if text and text[0] in RISKY else text


def restore(cell: str) -> str:
    """The text that `inert` made the cell from."""
    return cell.removeprefix("'")


# JSON on one line, letters of every script as they are.
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Closing:
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        raise NotImplementedError


class CsvTable(_Closing):
    """CSV after RFC 4180: UTF-8, comma, CRLF, header; lists as JSON; empty means unknown."""

    def __init__(self, path: Path, fields: Sequence[Field]) -> None:
        self.path, self.rows = path, 0
        self._cells = [_CSV[field.type] for field in fields]
        self._file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file, lineterminator="\r\n")
        self._csv.writerow([field.name for field in fields])

    def write(self, row: Mapping[str, Any]) -> None:
        self._csv.writerow(
            [cell(value) if cell else value for cell, value in zip(self._cells, row.values(), strict=True)]
        )
        self.rows += 1

    def close(self) -> None:
        self._file.close()


def _text(value: str | None) -> str | None:
    return "'" + value if value and value[0] in RISKY else value


def _flag(value: bool | None) -> str | None:
    return None if value is None else "true" if value else "false"


def _list(value: Any) -> str:
    return compact(value) if value else "[]"


# How a value becomes a cell; the types that are not named stay as they are.
_CSV: defaultdict[FieldType, Any] = defaultdict(lambda: None, {"string": _text, "boolean": _flag, "array": _list})


class JsonlTable(_Closing):
    """One JSON object a line, UTF-8: dates ISO 8601, decimals as strings, unknown is null."""

    def __init__(self, path: Path, fields: Sequence[Field]) -> None:
        self.path, self.rows = path, 0
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, row: Mapping[str, Any]) -> None:
        self._file.write(compact(row) + "\n")
        self.rows += 1

    def close(self) -> None:
        self._file.close()


class ParquetTable(_Closing):
    """Parquet, zstd: times as UTC timestamps, lists as lists, decimals as text (no digit is lost)."""

    def __init__(self, path: Path, fields: Sequence[Field]) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise MicroauditError("MA0206", "Parquet needs pyarrow: pip install 'microaudit[parquet]'") from None
        self.path, self.rows = path, 0
        self._arrow = pyarrow
        self._fields = fields
        self._schema = pyarrow.schema([(field.name, _arrow_type(pyarrow, field)) for field in fields])
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._waiting: list[dict[str, Any]] = []

    def write(self, row: Mapping[str, Any]) -> None:
        self._waiting.append(
            {
                field.name: _moment(row[field.name]) if field.type == "datetime" else row[field.name]
                for field in self._fields
            }
        )
        self.rows += 1
        if len(self._waiting) >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(self._arrow.Table.from_pylist(self._waiting, schema=self._schema))
            self._waiting.clear()

    def close(self) -> None:
        self._flush()
        self._writer.close()


def _arrow_type(arrow: Any, field: Field) -> Any:
    text = arrow.string()
    place = arrow.struct([(key, text) for key in ("country", "relation", "basis", "field", "text")])
    whole = arrow.int64()
    words = arrow.struct([("field", text), ("start", whole), ("end", whole), ("text", text), ("rule", text)])
    lists = {"evidence": words, "buyer_countries": place, "worker_countries": place}
    if field.type == "array":
        return arrow.list_(lists.get(field.name, text))
    return {
        "string": text, "decimal": text, "integer": whole, "number": arrow.float64(), "boolean": arrow.bool_(),
        "datetime": arrow.timestamp("s", tz="UTC"),
    }[field.type]  # fmt: skip


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


@contextmanager
def workbook(path: Path, created: str) -> Iterator[Any]:
    """An XLSX workbook that keeps no rows in memory, dated `created` so that equal data gives equal bytes."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    )
    book.set_properties({"created": datetime.fromisoformat(created).replace(tzinfo=None)})
    yield book
    book.close()


class XlsxTable(_Closing):
    """One sheet of a workbook (a further one when a sheet is full): typed cells, frozen header, no formula."""

    def __init__(self, book: Any, path: Path, name: str, fields: Sequence[Field]) -> None:
        self.path, self.rows = path, 0
        self._book, self._name, self._fields = book, name, fields
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._new_sheet()

    def _new_sheet(self) -> None:
        number = self.rows // (XLSX_ROWS - 1) + 1
        self._sheet = self._book.add_worksheet(self._name if number == 1 else f"{self._name} {number}")
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_column(0, len(self._fields) - 1, 16)
        for column, field in enumerate(self._fields):
            self._sheet.write_string(0, column, field.name, self._bold)

    def write(self, row: Mapping[str, Any]) -> None:
        line = self.rows % (XLSX_ROWS - 1) + 1
        if self.rows and line == 1:
            self._new_sheet()
        for column, field in enumerate(self._fields):
            value = row[field.name]
            if value is not None and value != "":
                self._cell(line, column, field.type, value)
        self.rows += 1

    def _cell(self, line: int, column: int, kind: FieldType, value: Any) -> None:
        sheet = self._sheet
        if kind in ("integer", "number", "decimal"):
            sheet.write_number(line, column, float(value) if kind == "decimal" else value)
        elif kind == "boolean":
            sheet.write_boolean(line, column, value)
        elif kind == "datetime" and value >= "1900-03-01":  # Excel knows no earlier day for certain
            sheet.write_datetime(line, column, datetime.fromisoformat(value).replace(tzinfo=None), self._date)
        else:
            text = compact(value) if kind == "array" else value
            # Excel counts UTF-16 units.
            if len(text.encode("utf-16-le")) // 2 > XLSX_CELL:
                text = text[: (XLSX_CELL - len(CUT)) // 2] + CUT
            sheet.write_string(line, column, text)

    def close(self) -> None:
        """The workbook is closed by whoever opened it."""
