"""The documentation against the code: what is generated, what is run, what is named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import typer

from docs import generate
from microaudit.cli import app
from microaudit.errors import CATALOGUE
from tests.blocks import Block, blocks, follow
from tests.conftest import ROOT, run_microaudit

pytestmark = pytest.mark.timeout(600)  # seconds: a busy machine takes minutes over a page
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
PATHS = ("for-researchers.md", "for-analysts.md", "for-journalists.md")
COMMANDS = dict(generate.commands("microaudit", typer.main.get_command(app)))
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#]+)")


def shell_blocks() -> list[tuple[Path, Block]]:
    return [(page, block) for page in PAGES for block in blocks(page) if block.language == "sh"]


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_page_is_what_the_code_gives(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == generate.PAGES[name](), "run `make docs`"


def test_every_command_has_help_and_its_section() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    for name, command in COMMANDS.items():
        assert command.help, name
        assert f"## {name}\n" in page


def test_every_shell_block_runs_or_says_why_not() -> None:
    for page, block in shell_blocks():
        reason = block.mark.removeprefix("not run: ") if block.mark.startswith("not run: ") else ""
        assert block.runs or len(reason) > 10, f"{page.name}:{block.line} neither runs nor says why not"


def test_every_command_that_a_page_names_exists() -> None:
    names = {name.split()[1] for name in COMMANDS}
    for page, block in shell_blocks():
        for called in re.findall(r"^(?:\.venv/bin/)?microaudit (?:--db \S+ |--json )*([\w-]+)", block.text, re.M):
            assert called in names, f"{page.name}:{block.line} calls {called}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_code_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
    assert set(re.findall(r"\bMA\d{4}\b", text)) <= CATALOGUE.keys()


def test_every_setting_is_explained_and_none_that_is_not_there() -> None:
    read = re.compile(r"(?:environ(?:\.get\(|\[)|getenv\(|server\()\s*\"(MICROAUDIT_\w+)\"")
    used = {name for path in ROOT.glob("microaudit/**/*.py") for name in read.findall(path.read_text("utf-8"))}
    explained = set(re.findall(r"`(MICROAUDIT_\w+)`", (ROOT / "docs/settings.md").read_text("utf-8")))
    assert explained == used


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the paths' first step, the audit of the sample pages, has been done."""
    folder = tmp_path_factory.mktemp("audited")
    firsts = {block.text for name in PATHS for block in blocks(ROOT / "docs" / name) if block.mark == "run: first"}
    (words,) = {tuple(text.split()) for text in firsts}
    done = run_microaudit(*words[1:], cwd=folder)
    assert done.status == 0, done.err
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", PATHS)
def test_the_ten_minute_paths_work_as_they_are_written(name: str, audited: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(audited, folder)
    assert all(printed.strip() for printed in follow(ROOT / "docs" / name, folder, source=ROOT, first_done=True))


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in {*PATHS, "adding-a-platform.md"}])
def test_other_pages_work_as_they_are_written(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    follow(page, folder, source=ROOT)
