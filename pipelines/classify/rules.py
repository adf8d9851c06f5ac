"""The rules of the manual as data: rules/*.toml, matched in one pass over a Reading.

A pattern is a regular expression over the reading's words, in the part of the language on which google-re2 and `re`
agree: no look-around, no back-reference, no `\\b`, `\\w`, `\\d`. `{name}` is a macro of words.toml, `{w}` a gap of up to
four words of the same sentence and `{w9}` one of up to nine. A pattern begins and ends at a word's edge, save in
languages written without spaces (`spaced = false`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from microaudit.taxonomy import label_of
from pipelines.classify.normalise import Reading

SUBJECTS = ("profile", "review", "link", "legitimate", "uncodable")


@dataclass(frozen=True, slots=True)
class Rule:
    """One reviewable rule. `says` is a sub-type, or the reason why a listing is not codable."""

    id: str
    says: str
    language: str
    pattern: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    negatable: bool = True

    @property
    def label(self) -> str | None:
        """The label of the sub-type; None for a rule that names a reason."""
        return label_of(self.says) if self.says[0].isupper() else None


@dataclass(frozen=True, slots=True)
class Guard:
    """Words before or after a match that take its force: a negation, or an honest context.

    With `word`, the guard holds of matches that begin with that word and stands right before it.
    """

    id: str
    side: str
    word: str
    pattern: str
    spares: tuple[str, ...]
    yes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that holds of a reading, and where (offsets in the reading)."""

    rule: Rule
    start: int
    end: int


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files("pipelines.classify").joinpath(f"rules/{name}.toml").read_text(encoding="utf-8"))


def _expand(pattern: str) -> str:
    def macro(match: re.Match[str]) -> str:
        name = match[1]
        if name[0] == "w" and (name[1:].isdigit() or name == "w"):
            return rf"(?:[^ .]+ ){{0,{name[1:] or 4}}}"
        return str(_toml("words")["macros"][name])

    return re.sub(r"\{([a-z]+[0-9]*)\}", macro, pattern)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in file order."""
    found = []
    for subject in SUBJECTS:
        for row in _toml(subject)["rule"]:
            body = _expand(row["pattern"])
            pattern = f"(?:{body})" if row.get("spaced") is False else f" (?:{body}) "
            found.append(
                Rule(
                    row["id"],
                    row["says"],
                    row["language"],
                    pattern,
                    tuple(row["yes"]),
                    tuple(row.get("no", ())),
                    row.get("negatable", True),
                )
            )
    return tuple(found)


@cache
def guards() -> tuple[Guard, ...]:
    """What takes the force of a match, from rules/guards.toml."""
    return tuple(
        Guard(
            row["id"],
            row["side"],
            row.get("word", ""),
            _expand(row["pattern"]),
            tuple(row.get("spares", ())),
            tuple(row["yes"]),
        )
        for row in _toml("guards")["guard"]
    )


class Matcher:
    """Finds the rules that hold of a reading: through one google-re2 set, or rule by rule through `re`."""

    def __init__(self, use_re2: bool | None = None) -> None:
        engine: Any = re
        if use_re2 is not False:
            try:
                import re2 as engine  # type: ignore[no-redef]
            except ImportError:
                if use_re2:
                    raise
        self._patterns = [engine.compile(rule.pattern) for rule in rules()]
        self._guards = [(guard, engine.compile(_around(guard))) for guard in guards()]
        self._set = None
        if engine is not re:
            options = engine.Options()
            options.max_mem = 256 << 20
            self._set = engine.Set.SearchSet(options)
            for rule in rules():
                self._set.Add(rule.pattern)
            self._set.Compile()

    def __call__(self, reading: Reading) -> list[Hit]:
        """One hit a rule, in rule order: its first match that no guard takes away."""
        numbers = range(len(self._patterns)) if self._set is None else sorted(self._set.Match(reading.text) or ())
        return [hit for number in numbers for hit in self._first(number, reading.text)]

    def _first(self, number: int, text: str) -> Iterator[Hit]:
        rule = rules()[number]
        for match in self._patterns[number].finditer(text):
            start, end = match.span()
            start += text[start] == " "
            end -= text[end - 1] == " "
            if not (rule.negatable and self._guarded(rule, text, start, end)):
                yield Hit(rule, start, end)
                return

    def _guarded(self, rule: Rule, text: str, start: int, end: int) -> bool:
        begin = max(text.rfind(" . ", 0, start), text.rfind(" , ", 0, start))
        clause = text[max(begin + 2 if begin >= 0 else 0, start - 80) : start]
        rest = text[end : end + 60]
        return any(
            rule.says not in guard.spares
            and (not guard.word or text.startswith(f"{guard.word} ", start))
            and pattern.search(clause if guard.side == "before" else rest)
            for guard, pattern in self._guards
        )


def _around(guard: Guard) -> str:
    """A guard's pattern in the words before a match (up to three between) or after it (up to two between)."""
    if guard.side == "after":
        return f"^ (?:[^ .,]+ ){{0,2}}(?:{guard.pattern}) "
    return f" (?:{guard.pattern}) {'' if guard.word else '(?:[^ .,]+ ){0,3}'}$"


@cache
def matcher() -> Matcher:
    """The process's matcher, compiled once."""
    return Matcher()
