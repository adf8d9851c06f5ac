"""A world map of equal squares: small countries are as visible as large ones, also on a phone."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import pairwise

from reports.charts import INK, PAPER, Spec

TINTS = ["#efece4", "#f6d5c3", "#ea9f84", "#d15f4a", "#8f1d18"]  # none, then four steps of tasks


@cache
def tiles() -> dict[str, tuple[int, int]]:
    """Country code -> (column, row) in a world of equal squares, so that small countries are seen too.

    Places come from the population centres of each country, moved to the nearest free square.
    """
    text = files("reports").joinpath("tiles.txt").read_text(encoding="ascii")
    found = {}
    for row, line in enumerate(text.splitlines()):
        for column in range(0, len(line), 3):
            if code := line[column : column + 3].strip():
                found[code] = (column // 3, row)
    return found


def steps(most: int) -> list[int]:
    """Lower ends of the four classes of the map: 1, then round numbers near 1/16, 1/4 and 9/16 of the most."""
    if most < 16:
        return [1, 2, 4, 8]
    return [1, *(max(2 + i, _round(most * (i + 1) ** 2 / 16)) for i in range(3))]


def _round(value: float) -> int:
    """One significant digit, two from 10 to 19 and the like: 37 -> 40, 148 -> 150."""
    power = 10 ** (len(str(int(value))) - 1)
    return int(round(value / power * 2) * power / 2) if value >= 10 else round(value)


def world(counts: dict[str, int], size: str) -> Spec:
    """A tile map of counts per country."""
    edges = steps(max(counts.values(), default=1))
    ends = [f"{low:,}–{high - 1:,}" if high - 1 > low else f"{low:,}" for low, high in pairwise(edges)]
    classes = ["none", *ends, f"{edges[-1]:,} or more"]
    rows = []
    for code, (column, row) in sorted(tiles().items()):
        n = counts.get(code, 0)
        step = sum(n >= edge for edge in edges)
        rows.append({"code": code, "x": column, "y": row, "n": n, "class": classes[step], "dark": step >= 3})
    side = {"wide": 22.4, "narrow": 10.3}[size]
    columns, lines = (1 + max(place[axis] for place in tiles().values()) for axis in (0, 1))
    place = {
        "x": {
            "field": "x",
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": [-0.5, columns - 0.5], "nice": False},
        },
        "y": {
            "field": "y",
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": [lines - 0.5, -0.5], "nice": False},
        },
    }
    layer: list[Spec] = [
        {
            "mark": {"type": "square", "size": (side - 1) ** 2, "opacity": 1},
            "encoding": {
                "color": {
                    "field": "class",
                    "type": "nominal",
                    "scale": {"domain": classes, "range": TINTS},
                    "sort": None,
                    "legend": {"columns": 5 if size == "wide" else 3, "symbolSize": 130, "offset": 6},
                }
            },
        },
    ]
    if size == "wide":
        ink = {"condition": {"test": "datum.dark", "value": PAPER}, "value": INK}
        layer.append(
            {"mark": {"type": "text", "fontSize": 9.5}, "encoding": {"text": {"field": "code"}, "color": ink}}
        )
    return {
        "width": side * columns,
        "height": side * lines,
        "data": {"values": rows},
        "encoding": place,
        "layer": layer,
    }
