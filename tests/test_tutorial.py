"""The tutorial, done step by step in a copy of the checkout, and the command that it begins with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from microaudit.errors import MicroauditError
from microaudit.scaffold import FILES, LONGEST, new_platform
from tests.blocks import follow
from tests.conftest import ROOT, run_microaudit

PARTS = ("microaudit", "pipelines", "reports", "tests", "docs")


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A copy of the checkout without what tools left in it."""
    copy = tmp_path / "checkout"
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    yield copy


def state(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def test_the_tutorial_works_as_it_is_written(checkout: Path) -> None:
    printed = follow(checkout / "docs/adding-a-platform.md", checkout, source=checkout)
    assert "microaudit/spiders/tinytasks.py" in printed[0]
    over = json.loads((checkout / "tests/pages/tinytasks/expected/01.json").read_text(encoding="utf-8"))
    assert (over["refused"], over["problems"]) == ({"closed": 1}, {"reward": 1})
    assert "reward" not in over["tasks"][0]
    rows = (checkout / "audit/platforms.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [["tinytasks", "2"]]
    style = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "microaudit/spiders", "tests/spiders"],
        cwd=checkout, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert style.returncode == 0, style.stdout


@pytest.mark.parametrize("slug", ["the_market_of_many_tiny_tasks7"])
def test_what_is_written_is_in_form_and_passes_its_tests(checkout: Path, slug: str) -> None:
    before = state(checkout)
    done = run_microaudit("--json", "new-platform", slug, cwd=checkout, PYTHONPATH=str(checkout))
    assert done.status == 0, done.err
    written = [Path(event["path"]).relative_to(checkout) for event in done.events]
    assert written == [Path(path.format(slug=slug)) for path in FILES.values()]
    after = state(checkout)
    assert {path: after[path] for path in before} == before, "a file that was there was changed"
    python = [path for path in map(str, written) if path.endswith(".py")]
    names = f"pages/{slug}/ or sample/{slug}/ or [{slug}]"
    tests = ["tests/test_pages.py", "tests/test_platforms.py", f"tests/spiders/test_{slug}.py"]
    for check in (
        ["ruff", "check", *python],
        ["ruff", "format", "--check", *python],
        ["pytest", "-p", "no:cacheprovider", "-k", f"{names} or test_{slug}.py", *tests],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *check],
            cwd=checkout, env=os.environ | {"PYTHONPATH": str(checkout)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


BAD = (
    "", "Tiny", "tiny-tasks", "../tiny", "tiny/tasks", "1tiny", "tiny__tasks", "_tiny", "tiny_", "tiny.py", "tïny",
    "tiny tasks", "tiny\n", "x" * (LONGEST + 1), "class", "layout",
)  # fmt: skip
TAKEN = ("kwork", "base", "phrases")


@pytest.mark.parametrize("slug", [*BAD, *TAKEN])
def test_a_slug_that_is_bad_or_taken_is_refused(tmp_path: Path, slug: str) -> None:
    for folder in ("tests/pages", "microaudit/spiders"):
        (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(MicroauditError) as refusal:
        new_platform(slug, tmp_path)
    assert refusal.value.code == "MA0204"
    assert not state(tmp_path)


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path) -> None:
    page = tmp_path / "tests/pages/mine/empty.html"
    page.parent.mkdir(parents=True)
    (tmp_path / "microaudit/spiders").mkdir(parents=True)
    page.write_text("my own work")
    with pytest.raises(MicroauditError, match=r"tests/pages/mine/empty\.html"):
        new_platform("mine", tmp_path)
    assert state(tmp_path) == {page: b"my own work"}


def test_outside_a_checkout_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(MicroauditError) as refusal:
        new_platform("mine", tmp_path)
    assert refusal.value.code == "MA0202"
