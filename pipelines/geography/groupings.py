"""Groups of countries for reports: UN M49, World Bank income, North and South, and the op-ed's two lists.

Each comes from data/groupings.json with its source and date; `source_of` prints them.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Literal

from pipelines.geography.tables import read_text


@cache
def _tables() -> Any:
    return json.loads(read_text("groupings.json"))


@cache
def _regions() -> dict[str, tuple[str, str]]:
    return {
        code: (region, subregion)
        for region, subregions in _tables()["un_m49"]["regions"].items()
        for subregion, codes in subregions.items()
        for code in codes.split()
    }


@cache
def _incomes() -> dict[str, str]:
    return {code: group for group, codes in _tables()["income"]["groups"].items() for code in codes.split()}


def region_of(country: str) -> tuple[str, str] | None:
    """UN M49 region and sub-region of an ISO alpha-2 code: KE -> ("Africa", "Eastern Africa"); None if unknown."""
    return _regions().get(country)


def income_group(country: str) -> str | None:
    """World Bank income group ("Lower middle income"); None where the World Bank gives none."""
    return _incomes().get(country)


def north_south(country: str) -> Literal["North", "South"] | None:
    """Global North or South as UNCTAD divides developed and developing economies; None for an unknown code."""
    if country not in _regions():
        return None
    return "North" if country in _tables()["north_south"]["north"].split() else "South"


def op_ed_lists() -> dict[Literal["buyers", "producers"], tuple[str, ...]]:
    """The two country lists of the op-ed of 1 March 2018: a comparison by name, never an assumption."""
    table = _tables()["op_ed"]
    return {"buyers": tuple(table["buyers"].split()), "producers": tuple(table["producers"].split())}


def source_of(grouping: Literal["un_m49", "income", "north_south", "op_ed"]) -> dict[str, str]:
    """Where a grouping comes from: source, date, address."""
    return {key: _tables()[grouping][key] for key in ("source", "date", "address")}
