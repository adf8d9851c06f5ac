"""One file a platform; `platforms()` finds them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microaudit.spiders.base import Platform


@cache
def slugs() -> tuple[str, ...]:
    """The slugs of all platforms, sorted; found by file name, without importing a spider."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if module.name not in HELPERS))


# Modules of this folder that are not platforms.
HELPERS = {"base", "columns", "phrases"}


def platform(slug: str) -> type[Platform]:
    """The spider class of a platform; KeyError for an unknown slug."""
    if slug not in slugs():
        raise KeyError(slug)
    module = import_module(f"{__name__}.{slug}")
    return next(
        value for value in vars(module).values() if isinstance(value, type) and getattr(value, "name", None) == slug
    )


def platforms() -> dict[str, type[Platform]]:
    """All spider classes by slug."""
    return {slug: platform(slug) for slug in slugs()}
