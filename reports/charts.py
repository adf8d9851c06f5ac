"""Charts as inline SVG: drawn by Vega-Lite, once for a wide page and once for a phone.

Every chart is only a second way to see a table that stands beside it. Colours are written with
fixed names of the light theme; the style sheet maps them to the dark one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

INK, MUTED, RULE, PAPER = "#1c1b19", "#5d5b55", "#dddad2", "#fdfcf9"
ILLICIT, LEGITIMATE = "#b3261e", "#8a8880"
COLOURS = {"fake_profile": "#2a5c9c", "fake_review": "#c0500c", "fake_link": "#7b3f98", "legitimate": LEGITIMATE}
TINTS = ["#efece4", "#f6d5c3", "#ea9f84", "#d15f4a", "#8f1d18"]  # none, then four steps of tasks
WIDTHS = {"wide": 720, "narrow": 332}
LABEL = {"wide": 150, "narrow": 96}  # pixels for the names on the left

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart in both sizes, with the text that stands for it where it cannot be seen."""

    name: str
    alt: str
    wide: str
    narrow: str


def chart(name: str, alt: str, draw: Any) -> Chart:
    """Draws `draw(size)`, a Vega-Lite spec, in both sizes."""
    return Chart(name, alt, *(svg(draw(size), f"{name}-{size}", alt) for size in WIDTHS))


def svg(spec: Spec, name: str, alt: str) -> str:
    """The SVG of a Vega-Lite spec: scalable, one image to a screen reader, no inline style, own ids."""
    import vl_convert
    from markupsafe import escape

    text: str = vl_convert.vegalite_to_svg(theme(spec), vl_version="5.20")
    text = re.sub(r'\sstyle="[^"]*"', "", text)
    text = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', text).groups()  # type: ignore[union-attr]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return re.sub(r"<svg[^>]*>", f'{head} role="img" aria-label="{escape(alt)}">', text, count=1)


def standalone(spec: Spec) -> str:
    """The SVG of a spec as a file of its own, to be embedded elsewhere."""
    import vl_convert

    text: str = vl_convert.vegalite_to_svg(theme(spec), vl_version="5.20")
    return text


def png(spec: Spec, scale: float = 2) -> bytes:
    """The same drawing as a PNG on paper colour, `scale` pixels to the point."""
    import vl_convert

    image: bytes = vl_convert.vegalite_to_png(theme(spec | {"background": PAPER}), vl_version="5.20", scale=scale)
    return image


def theme(spec: Spec) -> Spec:
    """The looks that all charts share."""
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
    axis = {
        "labelColor": MUTED, "labelFontSize": 12, "titleColor": MUTED, "titleFontSize": 12, "titleFontWeight": "normal",
        "gridColor": RULE, "domain": False, "ticks": False, "labelPadding": 6,
    }  # fmt: skip
    config = {
        "aria": False, "font": font, "view": {"stroke": None}, "axis": axis, "axisY": {"labelColor": INK},
        "legend": {"labelColor": INK, "labelFontSize": 12, "title": None, "orient": "top", "symbolType": "square"},
        "header": {"labelColor": INK, "labelFontSize": 13, "labelFontWeight": "bold", "title": None},
        "text": {"color": INK, "fontSize": 12}, "bar": {"cornerRadius": 1},
    }  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "background": None, "padding": 2,
        "config": config, **spec,
    }  # fmt: skip


def _names(size: str, field: str = "name", **more: Any) -> Spec:
    axis = {"title": None, "grid": False, "labelLimit": LABEL[size], "minExtent": LABEL[size], "maxExtent": LABEL[size]}
    return {"field": field, "type": "nominal", "sort": None, "axis": axis, **more}


def _percent(size: str, field: str, **more: Any) -> Spec:
    axis = {"format": ".0%", "title": None, "tickCount": 5, "orient": "top", "values": [0, 0.25, 0.5, 0.75, 1]}
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": axis, **more}


def _inner(size: str, right: int = 0) -> int:
    return WIDTHS[size] - LABEL[size] - right - 12


def shares(rows: Rows, size: str) -> Spec:
    """Dot and interval per platform. Rows: name, value, low, high, floor, ceiling, few, label.

    Thick: 95 % interval. Thin: from `floor` to `ceiling`, the bounds for tasks without a label.
    Where there are too few tasks only the interval is drawn, no dot.
    """
    right = {"wide": 128, "narrow": 62}[size]
    y = _names(size)
    words = {"field": "label" if size == "wide" else "short", "type": "nominal"}
    return {
        "width": _inner(size, right), "height": {"step": 34}, "data": {"values": list(rows)}, "encoding": {"y": y},
        "layer": [
            {"transform": [{"filter": "!datum.few"}], "mark": {"type": "rule", "strokeWidth": 1.5, "color": MUTED},
             "encoding": {"x": _percent(size, "floor"), "x2": {"field": "ceiling"}}},
            {"mark": {"type": "rule", "strokeWidth": 8, "opacity": 0.35},
             "encoding": {"x": _percent(size, "low"), "x2": {"field": "high"},
                          "color": {"condition": {"test": "datum.few", "value": LEGITIMATE}, "value": ILLICIT}}},
            {"transform": [{"filter": "!datum.few"}], "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1, "color": ILLICIT},
             "encoding": {"x": _percent(size, "value")}},
            {"mark": {"type": "text", "align": "left", "dx": 10, "fontWeight": 600},
             "encoding": {"text": words, "x": {"value": _inner(size, right)}}},
        ],
    }  # fmt: skip


def labels(rows: Rows, size: str) -> Spec:
    """Stacked bars to 100 %. Rows: name, label, title, order, share."""
    known = list(COLOURS)
    titles = {row["label"]: row["title"] for row in rows}
    legend = {"columns": 4 if size == "wide" else 2, "offset": 4}
    return {
        "width": _inner(size, 14), "height": {"step": 26}, "data": {"values": list(rows)}, "mark": {"type": "bar", "stroke": PAPER},
        "encoding": {
            "y": _names(size), "x": _percent(size, "share", stack="zero"), "order": {"field": "order"},
            "color": {"field": "title", "type": "nominal", "legend": legend, "sort": None, "scale": {
                "domain": [titles[label] for label in known if label in titles],
                "range": [COLOURS[label] for label in known if label in titles]}},
        },
    }  # fmt: skip


def card(rows: Rows, title: str, subtitle: list[str], foot: list[str]) -> Spec:
    """A chart that stands alone in a story: bars with intervals under a title, the source beneath.

    Rows: name, label, value, low, high, words.
    """
    x: Spec = {"field": "value", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": None}
    scale = {"domain": [row["name"] for row in rows], "range": [COLOURS[row["label"]] for row in rows]}
    y: Spec = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelFontSize": 14, "labelLimit": 200}}
    text = {"anchor": "start", "frame": "group", "offset": 14}
    return {
        "background": PAPER, "padding": 18,
        "title": {"text": title, "subtitle": subtitle, "fontSize": 19, "color": INK, "subtitleFontSize": 13,
                  "subtitleColor": MUTED, "subtitlePadding": 6, "subtitleLineHeight": 17, **text, "frame": "bounds"},
        "vconcat": [
            {"width": 420, "height": {"step": 44}, "data": {"values": list(rows)}, "encoding": {"y": y}, "layer": [
                {"mark": {"type": "bar", "height": 24}, "encoding": {"x": x, "color": {"field": "name", "type": "nominal", "scale": scale, "legend": None}}},
                {"mark": {"type": "rule", "strokeWidth": 2, "color": INK}, "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}}},
                {"mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 14, "fontWeight": 600},
                 "encoding": {"x": {**x, "field": "high"}, "text": {"field": "words", "type": "nominal"}}}]},
            {"width": 420, "height": 16 * len(foot), "data": {"values": [{}]},
             "mark": {"type": "text", "align": "left", "baseline": "top", "fontSize": 11, "color": MUTED, "lineHeight": 15, "text": foot, "x": -90, "y": 0}},
        ],
    }  # fmt: skip


def ways(rows: Rows, size: str) -> Spec:
    """Ways to count, one dot each under one another. Rows: name, way, value."""
    known = ["core sub-types only", "all sub-types", "by open position", "by pay on offer"]
    colours = [MUTED, ILLICIT, COLOURS["fake_profile"], COLOURS["fake_link"]]
    shapes = ["triangle-right", "circle", "square", "diamond"]
    legend = {"columns": 4 if size == "wide" else 2, "offset": 4}
    way: Spec = {"field": "way", "type": "nominal", "sort": known}
    return {
        "width": _inner(size, 14), "height": {"step": 11, "for": "offset"}, "data": {"values": list(rows)},
        "mark": {"type": "point", "size": 70, "filled": True, "opacity": 1},
        "encoding": {
            "y": {**_names(size), "scale": {"paddingInner": 0.35, "paddingOuter": 0.2}},
            "yOffset": way, "x": _percent(size, "value"),
            "shape": {**way, "scale": {"domain": known, "range": shapes}, "legend": {**legend, "symbolType": None}},
            "color": {**way, "scale": {"domain": known, "range": colours}, "legend": legend},
        },
    }  # fmt: skip


def bars(rows: Rows, size: str, colours: dict[str, str]) -> Spec:
    """Ranked bars of counts, stacked by `part`. Rows: name, part, order, n, total (on one part only).

    On a phone the names stand above the bars, where long ones have room.
    """
    parts = [part for part in colours if any(row["part"] == part for row in rows)]
    wide = size == "wide"
    legend = {"columns": 4 if wide else 2, "offset": 2} if len(parts) > 1 else None
    axis = {"title": None, "orient": "top", "tickCount": 4 if wide else 3, "format": "~s"}
    x: Spec = {"field": "n", "type": "quantitative", "axis": axis, "stack": "zero"}
    y = _names(size) if wide else {"field": "name", "type": "nominal", "sort": None, "axis": None}
    if wide:
        longest = min(250, 12 + 7 * max(len(row["name"]) for row in rows))
        y["axis"] |= dict.fromkeys(("labelLimit", "minExtent", "maxExtent"), max(longest, LABEL[size]))
    bar = {"type": "bar", "stroke": PAPER} | ({} if wide else {"yOffset": 9, "height": 14})
    layer: list[Spec] = [
        {"mark": bar, "encoding": {
            "x": x, "order": {"field": "order"},
            "color": {"field": "part", "type": "nominal", "legend": legend,
                      "scale": {"domain": parts, "range": [colours[part] for part in parts]}}}},
        {"transform": [{"filter": "datum.total != null"}],
         "mark": {"type": "text", "align": "left", "dx": 5, "dy": 0 if wide else 9},
         "encoding": {"x": {"field": "total", "type": "quantitative"}, "text": {"field": "total", "format": ","}}},
    ]  # fmt: skip
    if not wide:
        layer.append({
            "transform": [{"filter": "datum.total != null"}],
            "mark": {"type": "text", "align": "left", "dy": -7},
            "encoding": {"x": {"value": 0}, "text": {"field": "name"}},
        })  # fmt: skip
    width = WIDTHS[size] - 46 - (max(longest, LABEL[size]) + 12 if wide else 8)
    return {
        "width": width, "height": {"step": 22 if wide else 40}, "data": {"values": list(rows)}, "encoding": {"y": y},
        "layer": layer,
    }  # fmt: skip


def trend(rows: Rows, size: str) -> Spec:
    """One small chart a platform. Rows: name, month, value, low, high, run (unbroken stretch), few.

    A month without tasks breaks the line; a month with too few has its interval and no dot.
    """
    columns = 3 if size == "wide" else 1
    width = {"wide": 196, "narrow": 270}[size]
    x = {"field": "month", "type": "temporal", "timeUnit": "utcyearmonth", "title": None,
         "axis": {"format": "%b %y", "labelAngle": 0, "tickCount": 3, "grid": False}}  # fmt: skip
    percent = {"format": ".0%", "values": [0, 0.5, 1], "title": None}
    y: Spec = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": percent}
    colour = {"condition": {"test": "datum.few", "value": LEGITIMATE}, "value": ILLICIT}
    enough = [{"filter": "!datum.few"}]
    return {
        "data": {"values": list(rows)},
        "facet": {"field": "name", "type": "nominal", "sort": None, "header": {"labelAnchor": "start"}},
        "columns": columns, "spacing": {"row": 22, "column": 26},
        "spec": {"width": width, "height": 96, "layer": [
            {"mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.3}, "encoding": {
                "x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour}},
            {"transform": enough, "mark": {"type": "line", "strokeWidth": 1.5, "color": ILLICIT}, "encoding": {
                "x": x, "y": {**y, "field": "value"}, "detail": {"field": "run"}}},
            {"transform": enough, "mark": {"type": "point", "filled": True, "size": 28, "opacity": 1, "color": ILLICIT},
             "encoding": {"x": x, "y": {**y, "field": "value"}}},
        ]},
    }  # fmt: skip


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
    ends = [f"{low:,}–{high - 1:,}" if high - 1 > low else f"{low:,}" for low, high in zip(edges, edges[1:], strict=False)]
    classes = ["none", *ends, f"{edges[-1]:,} or more"]
    rows = []
    for code, (column, row) in sorted(tiles().items()):
        n = counts.get(code, 0)
        step = sum(n >= edge for edge in edges)
        rows.append({"code": code, "x": column, "y": row, "n": n, "class": classes[step], "dark": step >= 3})
    side = {"wide": 22.4, "narrow": 10.3}[size]
    columns, lines = (1 + max(place[axis] for place in tiles().values()) for axis in (0, 1))
    place = {"x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [-0.5, columns - 0.5], "nice": False}},
             "y": {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [lines - 0.5, -0.5], "nice": False}}}  # fmt: skip
    layer: list[Spec] = [
        {"mark": {"type": "square", "size": (side - 1) ** 2, "opacity": 1}, "encoding": {
            "color": {"field": "class", "type": "nominal", "scale": {"domain": classes, "range": TINTS}, "sort": None,
                      "legend": {"columns": 5 if size == "wide" else 3, "symbolSize": 130, "offset": 6}}}},
    ]  # fmt: skip
    if size == "wide":
        ink = {"condition": {"test": "datum.dark", "value": PAPER}, "value": INK}
        layer.append({"mark": {"type": "text", "fontSize": 9.5}, "encoding": {"text": {"field": "code"}, "color": ink}})
    return {
        "width": side * columns, "height": side * lines, "data": {"values": rows}, "encoding": place, "layer": layer,
    }  # fmt: skip
