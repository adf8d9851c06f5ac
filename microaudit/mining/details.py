"""The task of a page that shows one: its facts by label and shape, its steps and its proof by their headings."""

from __future__ import annotations

import re
from typing import Any

from microaudit.mining.addresses import identity
from microaudit.mining.facts import BY_SHAPE, Facts, collect, pieces
from microaudit.mining.lists import SLOTS, SURE, Mined, dollar_of, facts_of_pictures, style_of
from microaudit.mining.page import Line, Shown
from microaudit.mining.values import NO_VALUE, countries
from microaudit.mining.vocabulary import AVAILABLE, GENERIC, OTHER_PAGES, TASK_WORDS, fold, label_of

SECTIONS = ("description", "proof", "worker_country_text")
# Labels that end a section; the others are words of instructions too.
ENDS = {"unread", "id", "reward", "positions", "positions_open", "posted_at", "expires_at", "status"}
OUTSIDE = {"form", "footer", "nav", "aside"}
_FOOTER = re.compile(
    r"(?:copyright\s*)?(?:©|\(c\))|copyright\s+(?:\d{4}|by\b)|all rights reserved|powered by", re.IGNORECASE
)
_STEP = re.compile(r"(?:step|paso|etape|passo|schritt|шаг)?\s*\d{1,2}\s*[.):-]\s*\S", re.IGNORECASE)
_TITLE_PARTS = re.compile(r"\s+[-–|:»]+\s+|\s*::\s*")


def mine(page: Shown, url: str) -> Mined | None:
    """The one task of the page; None where the page does not show that it is a task's own page."""
    lines = [line for line in page.lines if line.text]
    marks = [(at, *found) for at, line in enumerate(lines) if (found := _section(line.text))]
    firsts: dict[str, int] = {}
    for at, name, _ in marks:
        if name != "worker_country_text" and name in firsts:
            return None  # a list of whole tasks
        firsts.setdefault(name, at)
    body = [firsts[name] for name in ("description", "proof") if name in firsts]
    if not body:
        return None
    first_mark = min(firsts.values())
    title, top = _title(page, lines, first_mark)
    common = _parent(lines, [top, *body]) if top is not None else _parent(lines, [first_mark, *body])
    row, used = _sections(lines, marks, common)
    facts = _facts(page, lines, top, used, marks, url)
    row = facts.result() | row
    if title:
        row["title"] = title
    if "title" not in row:
        return None
    if row.get("currency") == "$":
        row["currency"] = dollar_of(page, url)
    row.pop("status", None)
    stated = "id" in row
    carried = identity(url)
    if not stated and carried:
        row["id"] = carried.id
    if "description" not in row and "proof" in row:
        loose = _steps(lines, top, firsts["proof"], used, facts)
        if loose:
            row["description"] = loose
    row["url"] = url
    score = _score(row, facts, stated, url, page)
    return Mined(row, max(0.0, score / (score + 2)) if score > 0 else 0.0)


def sure(mined: Mined | None) -> bool:
    """Whether the page is one task's own."""
    return mined is not None and mined.confidence >= SURE


def _section(text: str) -> tuple[str, str] | None:
    """The section that a line opens and the words that follow on the same line."""
    if (name := label_of(text)) in SECTIONS:
        return name, ""
    head, sign, rest = text.partition(":")
    if not sign:
        head, sign, rest = text.partition("?")
    if sign and rest and len(head) < 80 and (name := label_of(head)) in SECTIONS:
        return name, rest.strip()
    return None


def _parent(lines: list[Line], places: list[int]) -> tuple[tuple[int, str], ...]:
    common = lines[places[0]].path
    for at in places[1:]:
        depth = 0
        for one, other in zip(common, lines[at].path, strict=False):
            if one != other:
                break
            depth += 1
        common = common[:depth]
    return common


def _sections(
    lines: list[Line], marks: list[tuple[int, str, str]], common: tuple[tuple[int, str], ...]
) -> tuple[dict[str, Any], set[int]]:
    """The words of each section, up to the next label, a form, the foot or what lies outside the task's block."""
    row: dict[str, Any] = {}
    used: set[int] = set()
    opened = {at for at, _, _ in marks}
    above = (line.text for line in lines[: min(opened)] if len(line.text) < 400)
    seen = {label for text in above for label, _ in pieces(text)} | {
        _label(lines[at].text) for at in range(min(opened))
    }
    # a phrase that returns below is prose
    for at, name, rest in marks:
        found = [rest] if rest else []
        used.add(at)
        for number in range(at + 1, len(lines)):
            line = lines[number]
            inner = {tag for _, tag in line.path[len(common) :]}
            if number in opened or line.path[: len(common)] != common or inner & OUTSIDE or _FOOTER.match(line.text):
                break
            if _ends(line, found, seen):
                break
            if name == "worker_country_text" and found and not countries(line.text):
                break
            used.add(number)
            found.append(line.text)
        if found and name not in row:
            row[name] = found if name == "worker_country_text" else "\n".join(found)
    return row, used


def _ends(line: Line, found: list[str], seen: set[str]) -> bool:
    label = _label(line.text)
    if label in ENDS and label not in seen:
        return True
    return bool(found) and line.heading


def _label(text: str) -> str:
    """The field that the whole line names, or its first words before a colon where little follows."""
    head, sign, rest = text.partition(":")
    return label_of(text) or (label_of(head) if sign and len(rest) < 60 else "")


def _facts(
    page: Shown, lines: list[Line], top: int | None, used: set[int], marks: list[tuple[int, str, str]], url: str
) -> Facts:
    start = 0 if top is None else top + 1
    first = min(at for at, _, _ in marks)
    head = [line.text for at, line in enumerate(lines) if start <= at < first and at not in used]
    facts, _ = collect(head, style_of(page))
    for line in lines[start:first]:
        facts_of_pictures(line.pictures, facts)
    others = [line.text for at, line in enumerate(lines) if at not in used and not start <= at < first and at != top]
    more, _ = collect(others[:2000], style_of(page))
    for name, value in more.row.items():
        if more.ranks[name] > BY_SHAPE and name not in facts.row and value != NO_VALUE:
            facts.add({name: value}, more.ranks[name])
            facts.labels.add(name)
    facts.priced |= more.priced and "reward" not in facts.labels
    return facts


def _title(page: Shown, lines: list[Line], first: int) -> tuple[str, int | None]:
    """The heading nearest above the first section that is no label, else the part of the page's title that returns."""
    above = range(first - 1, -1, -1)
    for at in above:
        line = lines[at]
        if line.heading and not label_of(line.text) and not AVAILABLE.fullmatch(fold(line.text)):
            return _unlabelled(line.text), at
    parts = {part for part in _TITLE_PARTS.split(page.title) if len(part) > 3}
    for at in above:
        if lines[at].text in parts:
            return lines[at].text, at
    for at in above:
        line = lines[at]
        if label_of(line.text) == "title" or (
            line.text.partition(":")[1] and label_of(line.text.partition(":")[0]) == "title"
        ):
            return "", at - 1 if at else None
    for at in above:
        line = lines[at]
        plain = not label_of(line.text) and ":" not in line.text and not AVAILABLE.fullmatch(fold(line.text))
        if line.strong and plain and len(line.text) > 5 and not re.search(r"[$€£]|^\d", line.text):
            return line.text, at
    return "", None


def _unlabelled(text: str) -> str:
    """`Job: Sign up` without its label."""
    head, sign, rest = text.partition(":")
    return rest.strip() if sign and rest.strip() and label_of(head) == "title" else text


def _steps(lines: list[Line], top: int | None, end: int, used: set[int], facts: Facts) -> str:
    """Prose between the facts and the proof: steps with numbers, else lines of five words and more."""
    texts = [lines[at].text for at in range((top or 0) + 1, end) if at not in used]
    steps = [text for text in texts if _STEP.match(fold(text))]
    if steps:
        return "\n".join(texts[texts.index(steps[0]) :])
    return "\n".join(text for text in texts if len(text.split()) >= 5 and not label_of(text.partition(":")[0]))


def _score(row: dict[str, Any], facts: Facts, stated: bool, url: str, page: Shown) -> float:
    pay = row.get("reward") not in (None, "")
    slots = any(row.get(name) not in (None, NO_VALUE) for name in SLOTS)
    if not pay and not slots:
        return 0.0
    score = 2 * slots + 1.5 * ("minutes" in row) + ("success_rate" in row) + ("worker_country_text" in row)
    score += 2 * ("proof" in row) + 0.5 * ("description" in row) + stated + ("reward" in facts.labels)
    of_task = bool(TASK_WORDS.search(fold(url.partition("://")[2].partition("/")[2])))
    score += of_task
    if facts.priced and not of_task:
        score -= 3
    if "other" in facts.labels:
        score -= 1
    if OTHER_PAGES.search(fold(f"{page.title.split(' - ')[0]}\n{row.get('title', '')}")):
        score -= 3
    if GENERIC.fullmatch(fold(str(row.get("title", "")))):
        score -= 2
    facts_shown = pay + slots + ("minutes" in row) + stated
    return score if facts_shown >= 2 else 0.0
