"""Code blocks of the documentation, run as a reader would run them.

A comment before a block says what is done with it: `<!-- run -->`, `<!-- run: exit 1 -->`,
`<!-- file: PATH -->` (the block is the file's content), `<!-- run: first -->` (pages that share a first step: it is
done once for all of them) or `<!-- not run: REASON -->`. What a block exports holds for the blocks after it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]*?) -->\n+)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text, and what stands in the comment before it ("" without one)."""

    language: str
    text: str
    mark: str
    line: int

    @property
    def runs(self) -> bool:
        return self.mark == "run" or self.mark.startswith("run: ")

    @property
    def status(self) -> int:
        """The exit status that the page promises."""
        return int(self.mark.removeprefix("run: exit ")) if "exit" in self.mark else 0


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a Markdown page, in its order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found["language"], found["text"], found["mark"] or "", text.count("\n", 0, found.start("language")) + 1)
        for found in _BLOCK.finditer(text)
    ]


def follow(page: Path, folder: Path, source: Path, first_done: bool = False) -> list[str]:
    """Do in `folder` what the page says, with the program at `source`; what each block printed.

    With `first_done` the shared first step is passed over. AssertionError for a block that ends with another status
    than the page promises.
    """
    shims = folder.parent / f"{folder.name}-bin"
    shims.mkdir(exist_ok=True)
    for name, call in (("microaudit", f"{sys.executable} -m microaudit"), ("python", sys.executable)):
        (shims / name).write_text(f'#!/bin/sh\nexec {call} "$@"\n')
        (shims / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{shims}:{os.environ['PATH']}", "PYTHONPATH": str(source)}
    environment |= {"PYTEST_ADDOPTS": "-p no:cacheprovider -p no:randomly", "HOME": str(shims)}
    exports = shims / "exports"
    exports.write_text("")
    printed = []
    for block in blocks(page):
        if block.mark.startswith("file: "):
            path = folder / block.mark.removeprefix("file: ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.runs and not (first_done and block.mark == "run: first"):
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", f". '{exports}'; {block.text}export -p > '{exports}'"],
                cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False,
            )  # fmt: skip
            said = done.stdout + done.stderr
            assert done.returncode == block.status, f"{page.name}:{block.line} gave {done.returncode}\n{said}"
            printed.append(said)
    return printed
