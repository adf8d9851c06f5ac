"""What is released: the wheel and the sdist hold what the program needs and work far from the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from microaudit import __version__
from tests.conftest import ROOT

PACKAGES = ("microaudit", "pipelines", "reports")
needs_backend = pytest.mark.skipif(find_spec("hatchling") is None, reason="the build backend is not installed")


def run(*arguments: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, arguments)), cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist, built from a copy of the checkout."""
    source, dist = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "audit", "build", "dist"
    )
    shutil.copytree(ROOT, source, ignore=ignored, dirs_exist_ok=True)
    run(sys.executable, "-m", "hatchling", "build", "-d", dist, cwd=source)
    return dist


def the(dist: Path, pattern: str) -> Path:
    (found,) = dist.glob(pattern)
    return found


@needs_backend
def test_the_wheel_holds_every_file_of_the_packages(built: Path) -> None:
    with zipfile.ZipFile(the(built, "*.whl")) as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    files = {str(path.relative_to(ROOT)) for path in paths if "__pycache__" not in path.parts}
    assert files == inside
    for part in ("sample/kwork/index.csv", "taxonomy.json", "store/migrations/env.py", "scaffold/spider.py.txt"):
        assert f"microaudit/{part}" in inside


@needs_backend
def test_the_sdist_holds_what_its_tests_need(built: Path) -> None:
    with tarfile.open(the(built, "*.tar.gz")) as sdist:
        inside = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "ARCHITECTURE.md"} <= inside
    assert {"tests/conftest.py", "tests/pages/kwork/index.csv", "docs/generate.py", "docs/report.md"} <= inside


@needs_backend
@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_it_installs_and_audits_outside_the_checkout(built: Path, tmp_path: Path, pattern: str) -> None:
    """The libraries are lent by this environment, so that nothing is fetched; `make dist` installs them too."""
    venv.create(tmp_path / "venv", with_pip=True, symlinks=True)
    python = tmp_path / "venv/bin/python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip())
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation")
    run(python, "-m", "pip", "install", *options, the(built, pattern), cwd=tmp_path)
    assert site in Path(run(python, "-c", "import microaudit; print(microaudit.__file__)", cwd=tmp_path)).parents
    command = tmp_path / "venv/bin/microaudit"
    assert run(command, "--version", cwd=tmp_path).split() == ["microaudit", __version__]
    run(command, "audit", "kwork", "--sample", "--to", "audit", cwd=tmp_path)
    assert (tmp_path / "audit/report.html").stat().st_size > 10_000


def test_the_citation_is_valid_and_of_this_version() -> None:
    """The required keys of the Citation File Format 1.2.0, and the types of those that are there."""
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert found.keys() >= {"cff-version", "message", "title", "authors"}
    optional = {"abstract", "keywords", "license", "type", "version", "date-released", "doi", "url", "repository-code"}
    assert found.keys() <= optional | {"cff-version", "message", "title", "authors"}
    assert (found["cff-version"], found["type"], found["version"]) == ("1.2.0", "software", __version__)
    assert all(author.keys() <= {"name", "family-names", "given-names", "orcid"} for author in found["authors"])
    assert found["authors"] and all(isinstance(word, str) for word in found["keywords"])


def test_the_hooks_call_targets_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    calls = [hook["entry"].split() for repo in hooks for hook in repo["hooks"]]
    assert calls and all(call[0] == "make" and call[1] in targets for call in calls)


def test_the_container_installs_files_that_exist() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (\S+) ", text, re.M)
    assert copied and all((ROOT / name).exists() for name in copied)
    assert "--require-hashes" in text and "\nUSER " in text
