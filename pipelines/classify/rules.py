"""The rules of the manual as data: rules/*.toml, matched in one pass over a Reading.

A pattern is a regular expression over the reading's words, in the part of the language on which google-re2 and `re`
agree: no look-around, no back-reference, no `\\b`, `\\w`, `\\d`. `{name}` is a macro of words.toml, `{w}` a gap
of up to four words of the same sentence and `{w9}` one of up to nine. A pattern begins and ends at a word's edge,
save in languages written without spaces (`spaced = false`).
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
    """One reviewable rule. `says` is a sub-type, or the reason why a listing is not codable.

    Not `negatable`: a negation before it takes nothing away ("do not unfollow"). Of the sub-types in `instead` it
    takes the matches that share its words: likes of a page are an audience, not an opinion (manual, section 2.3).
    """

    id: str
    says: str
    language: str
    pattern: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    negatable: bool = True
    instead: tuple[str, ...] = ()

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
                    tuple(row.get("instead", ())),
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


class _Patterns:
    """Which of many patterns are found in a text: through one google-re2 set, or one by one through `re`."""

    def __init__(self, patterns: list[str], engine: Any) -> None:
        self.patterns = [engine.compile(pattern) for pattern in patterns]
        self._set = None
        if engine is not re:
            options = engine.Options()
            options.max_mem = 256 << 20
            self._set = engine.Set.SearchSet(options)
            for pattern in patterns:
                self._set.Add(pattern)
            self._set.Compile()

    def __call__(self, text: str) -> list[int]:
        if self._set is not None:
            return sorted(self._set.Match(text) or ())
        return [number for number, pattern in enumerate(self.patterns) if pattern.search(text)]


class Matcher:
    """Finds the rules that hold of a reading, with google-re2 if it is there (or as told), else with `re`."""

    def __init__(self, use_re2: bool | None = None) -> None:
        engine: Any = re
        if use_re2 is not False:
            try:
                import re2 as engine  # type: ignore[no-redef]
            except ImportError:
                if use_re2:
                    raise
        self._rules = _Patterns([rule.pattern for rule in rules()], engine)
        self._sides = [
            (side, _Patterns([_around(guard) for guard in side], engine))
            for side in ([guard for guard in guards() if guard.side == name] for name in ("before", "after"))
        ]

    def __call__(self, reading: Reading) -> list[Hit]:
        """One hit a rule, in rule order: its first match that no guard takes away."""
        hits = [hit for number in self._rules(reading.text) for hit in self._first(number, reading.text)]
        takers = [hit for hit in hits if hit.rule.instead]
        return [
            hit
            for hit in hits
            if not any(hit.rule.says in by.rule.instead and hit.start < by.end and by.start < hit.end for by in takers)
        ]

    def _first(self, number: int, text: str) -> Iterator[Hit]:
        rule = rules()[number]
        for match in self._rules.patterns[number].finditer(text):
            start, end = match.span()
            start += text[start] == " "
            end -= text[end - 1] == " "
            if not (rule.negatable and self._guarded(rule, text, start, end)):
                yield Hit(rule, start, end)
                return

    def _guarded(self, rule: Rule, text: str, start: int, end: int) -> bool:
        begin = max(text.rfind(" . ", 0, start), text.rfind(" , ", 0, start))
        clause = text[max(begin + 2 if begin >= 0 else 0, start - 80) : start]
        beside = (clause, text[end : end + 60])
        return any(
            rule.says not in side[number].spares
            and (not side[number].word or text.startswith(f"{side[number].word} ", start))
            for words, (side, patterns) in zip(beside, self._sides, strict=True)
            for number in patterns(words)
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
