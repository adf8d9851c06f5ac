"""A new platform's files, written from the templates beside this module.

What is written reads its own sample page and passes every test, so that whoever adds a platform goes from green
to green: replace the page, see the test fail, mend the selectors.
"""

from __future__ import annotations

import re
from importlib.resources import files
from keyword import iskeyword
from pathlib import Path
from string import Template

from microaudit.errors import MicroauditError
from microaudit.spiders import HELPERS, slugs

# Template -> the file that it becomes, from the root of the checkout.
FILES = {
    "spider.py.txt": "microaudit/spiders/{slug}.py",
    "list.csv.txt": "microaudit/sample/{slug}/index.csv",
    "list.html.txt": "microaudit/sample/{slug}/list.html",
    "list.json.txt": "microaudit/sample/{slug}/expected/00.json",
    "empty.csv.txt": "tests/pages/{slug}/index.csv",
    "empty.html.txt": "tests/pages/{slug}/empty.html",
    "empty.json.txt": "tests/pages/{slug}/expected/00.json",
    "test.py.txt": "tests/spiders/test_{slug}.py",
}
SLUG = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
LONGEST = 30  # characters of a slug: reports print it in narrow columns
IMPORTED = {"iterator", "layout", "platform", "row", "text_response"}  # names that the spider's class would hide


def new_platform(slug: str, root: Path) -> list[Path]:
    """Write the files of a platform into the checkout at `root`; their paths from there, in the order of FILES.

    MA0204 for a slug that is malformed or taken, or where one of the files is there; MA0202 where `root` is no
    checkout. Nothing is written then, and no file is ever overwritten.
    """
    _check_slug(slug)
    if not (root / "tests/pages").is_dir() or not (root / "microaudit/spiders").is_dir():
        raise MicroauditError("MA0202", f"{root} is no checkout of microaudit: platforms are added to its source")
    paths = {template: Path(path.format(slug=slug)) for template, path in FILES.items()}
    if there := [str(path) for path in paths.values() if (root / path).exists()]:
        raise MicroauditError("MA0204", f"nothing was written, since there is {', '.join(there)} already")
    words = {
        "slug": slug,
        "title": slug.replace("_", " ").title(),
        "classname": slug.title().replace("_", ""),
        "host": f"{slug.replace('_', '-')}.example",
    }
    templates = files("microaudit.scaffold")
    for template, path in paths.items():
        text = Template(templates.joinpath(template).read_text(encoding="utf-8")).substitute(words)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with (root / path).open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    return list(paths.values())


def _check_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST or iskeyword(slug):
        raise MicroauditError(
            "MA0204",
            f"{slug!r} is no slug: small letters a to z, digits and single _, at most {LONGEST}, as in my_site",
        )
    if slug in slugs() or slug in HELPERS:
        raise MicroauditError("MA0204", f"{slug!r} is taken: there is microaudit/spiders/{slug}.py")
    if slug in IMPORTED:
        raise MicroauditError("MA0204", f"{slug!r} is the name of a part of every spider")
