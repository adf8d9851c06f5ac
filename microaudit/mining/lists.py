"""The tasks of a page that shows many: records, their parts, and how sure it is that they are tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from microaudit.mining import values
from microaudit.mining.facts import Facts, Style, collect, read
from microaudit.mining.page import Line, Link, Picture, Shown
from microaudit.mining.records import Anchor, Group, groups
from microaudit.mining.vocabulary import (
    BUYER_ADDRESSES,
    CATEGORY_ADDRESSES,
    CLOSED,
    GENERIC,
    OTHER_ADDRESSES,
    OTHER_PAGES,
    TASK_WORDS,
    fold,
    label_of,
)

MOST_RECORDS = 4_000  # of one list; those behind come without an id, so that they are counted
MOST_LINKS = 20  # of one line
SURE = 0.6  # from this confidence on a record is a task
SLOTS = ("positions", "positions_open", "positions_done", "positions_total")


@dataclass(slots=True)
class Mined:
    """One record: the row for the reader (without an id where it cannot be told), and 0..1 how sure it is a task."""

    row: dict[str, Any]
    confidence: float


@dataclass(slots=True)
class Header:
    """The names of a table's columns: first column of each -> field ("" for an unknown word)."""

    line: int
    row: int
    table: int
    width: int
    count: int
    columns: dict[int, str]

    def field(self, column: int) -> str:
        return self.columns.get(max((start for start in self.columns if start <= column), default=-1), "")


@dataclass(slots=True)
class _Record:
    anchor: Anchor
    facts: Facts = field(default_factory=Facts)
    rest: list[str] = field(default_factory=list)
    title: str = ""
    headed: bool = False
    misaligned: bool = False


def mine(page: Shown, url: str) -> list[Mined]:
    """The records of all lists on the page that are lists of tasks, in page order."""
    style = style_of(page)
    headers = list(_headers(page))
    found: list[tuple[int, Mined]] = []
    taken: set[int] = set()
    for group in [*groups(page), *_by_id_column(page, headers)]:
        records = [_record(page, group, at, headers, style) for at in range(min(len(group.anchors), MOST_RECORDS))]
        _drop_ranks(records)
        sure = _confidence(page, group, records, headers)
        lines = {anchor.first for anchor in group.anchors}
        if sure < SURE or lines & taken:
            continue
        taken |= {line for start, end in group.ranges for line in range(start, end)}
        dollar = dollar_of(page, url)
        for record in records:
            found.append((record.anchor.first, Mined(_row(record, dollar), sure)))
        found.extend((anchor.first, Mined({}, 0.0)) for anchor in group.anchors[MOST_RECORDS:])
    if page.cut and found:
        found.append((len(page.lines), Mined({}, 0.0)))
    return [mined for _, mined in sorted(found, key=lambda item: item[0])]


def has_header(page: Shown) -> bool:
    """Whether a table names the columns of a task list: a task, its pay and one more."""
    names = ({name for name in header.columns.values() if name} for header in _headers(page))
    return any({"title", "reward"} <= found and len(found) > 2 and "other" not in found for found in names)


def style_of(page: Shown) -> Style:
    """How the page writes sums and dates."""
    text = "\n".join(line.text for line in page.lines if len(line.text) < 200)
    return Style(values.comma_is_decimal(text), values.day_first(text))


def dollar_of(page: Shown, url: str) -> str | None:
    """What a bare "$" is: the US dollar, unless the host's country has a dollar or peso of its own."""
    host = urlsplit(url).hostname or ""
    own = (".ca", ".au", ".nz", ".sg", ".hk", ".mx", ".ar", ".cl", ".co", ".uy", ".tw", ".jm", ".do", ".bb", ".tt")
    return None if host.endswith(own) else "USD"


def _headers(page: Shown) -> Iterator[Header]:
    cells: dict[int, dict[int, list[str]]] = {}
    first: dict[int, int] = {}
    for number, line in enumerate(page.lines):
        if line.cell and line.text:
            cells.setdefault(line.cell.row, {}).setdefault(line.cell.column, []).append(line.text)
            first.setdefault(line.cell.row, number)
    for row, texts in cells.items():
        if len(texts) < 2 or any(len(text) > 2 for text in texts.values()):
            continue
        columns = {column: label_of(" ".join(text)) for column, text in texts.items()}
        columns |= {column: "unread" for column, text in texts.items() if text == ["#"]}  # the number of the row
        named = [name for name in columns.values() if name]
        if len(set(named)) >= 2 and len(named) * 2 >= len(columns) and set(named) & {"title", "reward", "price", "id"}:
            yield Header(first[row], row, page.tables[row], page.widths[row], page.counts[row], columns)


def _by_id_column(page: Shown, headers: list[Header]) -> Iterator[Group]:
    """Tables whose tasks have no address of their own, but a column of ids."""
    for header in headers:
        if not {"id", "title"} <= set(header.columns.values()):
            continue
        anchors: list[Anchor] = []
        ranges: list[tuple[int, int]] = []
        row = header.row
        for number in range(header.line, len(page.lines)):
            line = page.lines[number]
            if line.cell is None or page.tables[line.cell.row] != header.table:
                break
            if line.cell.row == header.row or page.widths[line.cell.row] != header.width:
                continue
            if line.cell.row != row:
                row = line.cell.row
                ranges.append((number, number + 1))
                anchors.append(Anchor("", Link("", name="id"), number, number))
            ranges[-1] = (ranges[-1][0], number + 1)
            if header.field(line.cell.column) == "id":
                anchors[-1].id = line.text
        if anchors:
            yield Group("<id>", anchors, ranges)


def _header_for(page: Shown, headers: list[Header], line: int, row: int) -> tuple[Header | None, bool]:
    """The header over a row, and whether the row fails to fit the header of its own table."""
    own = [header for header in headers if header.table == page.tables[row]]
    if own:
        before = [header for header in own if header.line < line]
        header = before[-1] if before else own[0]
        if _fits(page, header, row):
            return header, False
        return None, bool(before) and page.widths[row] != header.width
    above = [header for header in headers if header.line < line and _fits(page, header, row)]
    return (above[-1] if above else None), False


def _fits(page: Shown, header: Header, row: int) -> bool:
    if page.counts[row] < 2:
        return False
    pictures = len(page.wordless.get(row, ()))
    return header.width in (page.widths[row], page.widths[row] - pictures)


def _column(page: Shown, header: Header, row: int, column: int) -> int:
    if page.widths[row] == header.width:
        return column
    return column - sum(other < column for other in page.wordless.get(row, ()))


def _record(page: Shown, group: Group, at: int, headers: list[Header], style: Style) -> _Record:
    anchor, (start, end) = group.anchors[at], group.ranges[at]
    record = _Record(anchor)
    facts = record.facts
    free: list[str] = []
    under: dict[str, list[str]] = {}
    heads = {header.row for header in headers}
    for number in range(start, end):
        line = page.lines[number]
        if line.cell and line.cell.row in heads:
            continue
        words = _own_words(line, anchor, facts)
        facts_of_pictures(line.pictures, facts)
        header, unfit = None, False
        if line.cell:
            header, unfit = _header_for(page, headers, number, line.cell.row)
        if header and line.cell:
            record.headed = True
            name = header.field(_column(page, header, line.cell.row, line.cell.column))
            under.setdefault(name, []).append(words)
        elif unfit and anchor.first <= number <= anchor.last:
            record.misaligned = True
        elif words:
            free.append(words)
    for name, texts in under.items():
        _read_column(name, " ".join(text for text in texts if text), style, record)
    found, record.rest = collect(free, style)
    for name in found.row:
        facts.add({name: found.row[name]}, found.ranks[name])
    facts.labels |= found.labels
    facts.doubts |= found.doubts - {name for name, rank in facts.ranks.items() if rank == 2}
    facts.priced |= found.priced
    record.title = _title(page, record, start, end)
    return record


def _drop_ranks(records: list[_Record]) -> None:
    """Ids that only number the rows from 1 on are none, unless the addresses carry them too."""
    ids = [str(record.facts.row.get("id", "")) for record in records]
    if len(ids) > 1 and ids == [str(number) for number in range(1, len(ids) + 1)]:
        for record in records:
            if record.anchor.id:
                record.facts.row["id"] = record.anchor.id


def _own_words(line: Line, anchor: Anchor, facts: Facts) -> str:
    """The line without the words of the title link; what links to a category or a user is read at once."""
    words = line.text
    for link in line.links[:MOST_LINKS]:
        text = " ".join("".join(link.parts).split())
        if link is anchor.link or (text and fold(text) and GENERIC.fullmatch(fold(text))):
            words = words.replace(text, "", 1) if len(text) <= len(words) else ""
            continue
        target = fold(link.address)
        for name, pattern in (("category", CATEGORY_ADDRESSES), ("buyer", BUYER_ADDRESSES)):
            if text and len(text) < 60 and not link.name and pattern.search(target):
                facts.add({name: text}, 1)
                words = words.replace(text, "", 1)
                break
    return words.strip(" -–|,()[]•·")


def facts_of_pictures(pictures: list[Picture], facts: Facts) -> None:
    """Flags: by the words that stand for them, or by the country's code in their file name."""
    named = [
        picture.words if values.is_country(picture.words) else picture.file.upper()
        for picture in pictures
        if values.is_country(picture.words)
        or ("flag" in picture.folder and len(picture.file) == 2 and values.is_country(picture.file.upper()))
    ]
    if named:
        facts.add({"worker_country_text": named if len(named) > 1 else named[0]}, 1)


def _read_column(name: str, text: str, style: Style, record: _Record) -> None:
    if name == "title":
        record.title = text
    elif name in ("description", "proof") and text:
        record.facts.add({name: text}, 2)
    elif name and text and name not in ("other", "unread"):
        read(name, text, style, record.facts)
    elif text and not name:
        read("", text, style, record.facts)


def _title(page: Shown, record: _Record, start: int, end: int) -> str:
    shown = record.anchor.link.text
    lines = [page.lines[number] for number in range(start, end)]
    if shown and not GENERIC.fullmatch(fold(shown)) and not label_of(shown) and not shown.lstrip("#").isdecimal():
        inner = [line for line in lines if line.text and len(line.text) < len(shown) and line.text in shown]
        if len(inner) < 2:
            return shown
        return next((line.text for line in inner if line.strong or line.heading), inner[0].text)
    if record.title and not GENERIC.fullmatch(fold(record.title)):
        return record.title
    if "title" in record.facts.row:
        return str(record.facts.row["title"])
    strong = [line.text for line in lines if (line.strong or line.heading) and line.text in record.rest]
    return next(iter(strong or [text for text in record.rest if len(text) > 3 and text != shown]), "")


def _confidence(page: Shown, group: Group, records: list[_Record], headers: list[Header]) -> float:
    """How sure it is that the group is a list of tasks.

    Pay and a title are the least; slots speak most for tasks, then minutes, a rate of success, countries and words
    for tasks in the address and the header; what shops, forums and lists of payments show speaks against.
    """
    records = [record for record in records if not record.misaligned] or records
    total = len(records)

    def share(*names: str) -> float:
        return sum(any(name in record.facts.row for name in names) for record in records) / total

    if share("reward") < 0.5 or sum(bool(record.title) for record in records) * 2 < total:
        return 0.0
    labels = set().union(*(record.facts.labels for record in records))
    near = {
        name for header in headers for name in header.columns.values()
        if header.line < group.ranges[0][1] and records[0].headed
    }  # fmt: skip
    address = fold(group.shape)
    score = 2 * share(*SLOTS) + 1.5 * share("minutes") + share("success_rate") + share("worker_country_text")
    score += bool(TASK_WORDS.search(address)) + ("title" in labels | near) + ("reward" in labels | near)
    sums = sorted(value for record in records if not isinstance(value := record.facts.row.get("reward"), str | None))
    if sums:
        score += 0.5 if sums[len(sums) // 2] <= 5 else -1 if sums[len(sums) // 2] > 50 else 0
    score -= 3 * bool(OTHER_ADDRESSES.search(address)) + 3 * ("other" in labels | near)
    score -= 2 * (any(record.facts.priced for record in records) and not TASK_WORDS.search(address))
    if OTHER_PAGES.search(fold(_heading(page, group))):
        score -= 3
    return max(0.0, score / (score + 2)) if score > 0 else 0.0


def _heading(page: Shown, group: Group) -> str:
    """What the page says it shows: the heading nearest above the list, else the page's title."""
    for number in range(group.ranges[0][0] - 1, max(-1, group.ranges[0][0] - 60), -1):
        line = page.lines[number]
        if line.heading or (line.strong and not line.cell and not line.links):
            return line.text
    return page.title


def _row(record: _Record, dollar: str | None) -> dict[str, Any]:
    row = record.facts.result()
    others = [name for name in row if name in (*SLOTS, "minutes", "success_rate", "worker_country_text", "posted_at")]
    if record.misaligned or not record.title or not ("reward" in row or others or record.headed):
        return {}
    row["title"] = record.title
    if row.get("currency") == "$":
        row["currency"] = dollar
    state = fold(str(row.pop("status", "")))
    if CLOSED.fullmatch(state):
        row["closed"] = True
    if "description" not in row:
        prose = [text for text in record.rest if len(text.split()) >= 5 and text not in record.title]
        if prose:
            row["description"] = "\n".join(prose)
    row.setdefault("id", record.anchor.id)
    row["url"] = None if record.anchor.link.name else record.anchor.link.address
    return row
