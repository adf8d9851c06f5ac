"""Imports point one way: ARCHITECTURE.md says which, this test reads it there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("microaudit", "pipelines", "reports")
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def table(heading: str) -> list[list[str]]:
    """The cells of the rows of the table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


RULES = {row[0]: (re.findall(r"`([\w.]+)`", row[1]), set(row[2].split())) for row in table("Who may import whom")}


@cache
def part_of(module: str) -> str | None:
    """The part that a module belongs to; None for the package's own version and data."""
    for part, (names, _) in RULES.items():
        if part != "runs" and any(module == name or module.startswith(f"{name}.") for name in names):
            return part
    return "runs" if module.startswith("microaudit.") and is_module(".".join(module.split(".")[:2])) else None


def is_module(name: str) -> bool:
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.AST) -> Iterator[str]:
    """Names imported anywhere in a file, within functions too, but not those for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        yield from imports(node)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_part_may(path: Path) -> None:
    part = part_of(module_of(path))
    if part is None or "all" in RULES[part][1]:
        return
    allowed = RULES[part][1] | {part}
    for name in imports(ast.parse(path.read_text(encoding="utf-8"))):
        other = part_of(name) if name.split(".")[0] in PACKAGES else None
        assert other is None or other in allowed, f"{part} may not import {other}: {name} (ARCHITECTURE.md)"


def test_the_test_sees_an_import_that_points_back() -> None:
    code = "def f():\n    from reports import build_report\nif TYPE_CHECKING:\n    import scrapy\n"
    assert list(imports(ast.parse(code))) == ["reports.build_report"]
    assert part_of("reports.build_report") == "reports"
    assert "reports" not in RULES["pipelines"][1] | RULES["spiders"][1] | RULES["store"][1] | RULES["runs"][1]


def test_the_parts_form_no_circle() -> None:
    below = {part: may & RULES.keys() for part, (_, may) in RULES.items()}
    while settled := [part for part, may in below.items() if not may]:
        below = {part: may - set(settled) for part, may in below.items() if may}
    assert not below


def test_every_file_that_the_page_names_is_there() -> None:
    places = ("", "microaudit/", "reports/")
    for name in re.findall(r"`([\w/.*<>-]+(?:/|\.(?:py|toml|md|json)))`", PAGE):
        if name in {"report.html", "manifest.json", "expected/", "MODEL_CARD.md"}:
            continue
        pattern = name.replace("<platform>", "kwork").rstrip("/")
        assert any(list(ROOT.glob(place + pattern)) for place in places), name


def test_no_module_is_named_for_nothing() -> None:
    assert not [path for path in FILES if path.stem in {"utils", "helpers", "misc", "common"}]


def test_heavy_libraries_live_in_one_place() -> None:
    homes = {"bs4": {"microaudit.text"}, "weasyprint": {"reports.render"}, "vl_convert": {"reports.charts"}}
    for path in FILES:
        for name in imports(ast.parse(path.read_text(encoding="utf-8"))):
            home = homes.get(name.split(".")[0])
            assert home is None or module_of(path) in home, f"{module_of(path)} imports {name}"
