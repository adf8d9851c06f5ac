"""What each chart looks like: a Vega-Lite spec from rows, for the size `wide` or `narrow`."""

from __future__ import annotations

from typing import Any

from reports.charts import COLOURS, ILLICIT, INK, LABEL, LEGITIMATE, MUTED, PAPER, WIDTHS, Rows, Spec


def names_axis(size: str, field: str = "name", **more: Any) -> Spec:
    axis = {
        "title": None,
        "grid": False,
        "labelLimit": LABEL[size],
        "minExtent": LABEL[size],
        "maxExtent": LABEL[size],
    }
    return {"field": field, "type": "nominal", "sort": None, "axis": axis, **more}


def percent_axis(size: str, field: str, **more: Any) -> Spec:
    axis = {"format": ".0%", "title": None, "tickCount": 5, "orient": "top", "values": [0, 0.25, 0.5, 0.75, 1]}
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": axis, **more}


def inner_width(size: str, right: int = 0) -> int:
    return WIDTHS[size] - LABEL[size] - right - 12


def shares(rows: Rows, size: str) -> Spec:
    """Dot and interval per platform. Rows: name, value, low, high, floor, ceiling, few, label.

    Thick: 95 % interval. Thin: from `floor` to `ceiling`, the bounds for tasks without a label.
    Where there are too few tasks only the interval is drawn, no dot.
    """
    right = {"wide": 128, "narrow": 62}[size]
    y = names_axis(size)
    words = {"field": "label" if size == "wide" else "short", "type": "nominal"}
    return {
        "width": inner_width(size, right),
        "height": {"step": 34},
        "data": {"values": list(rows)},
        "encoding": {"y": y},
        "layer": [
            {
                "transform": [{"filter": "!datum.few"}],
                "mark": {"type": "rule", "strokeWidth": 1.5, "color": MUTED},
                "encoding": {"x": percent_axis(size, "floor"), "x2": {"field": "ceiling"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 8, "opacity": 0.35},
                "encoding": {
                    "x": percent_axis(size, "low"),
                    "x2": {"field": "high"},
                    "color": {"condition": {"test": "datum.few", "value": LEGITIMATE}, "value": ILLICIT},
                },
            },
            {
                "transform": [{"filter": "!datum.few"}],
                "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1, "color": ILLICIT},
                "encoding": {"x": percent_axis(size, "value")},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 10, "fontWeight": 600},
                "encoding": {"text": words, "x": {"value": inner_width(size, right)}},
            },
        ],
    }


def labels(rows: Rows, size: str) -> Spec:
    """Stacked bars to 100 %. Rows: name, label, title, order, share."""
    known = list(COLOURS)
    titles = {row["label"]: row["title"] for row in rows}
    legend = {"columns": 4 if size == "wide" else 2, "offset": 4}
    return {
        "width": inner_width(size, 14),
        "height": {"step": 26},
        "data": {"values": list(rows)},
        "mark": {"type": "bar", "stroke": PAPER},
        "encoding": {
            "y": names_axis(size),
            "x": percent_axis(size, "share", stack="zero"),
            "order": {"field": "order"},
            "color": {
                "field": "title",
                "type": "nominal",
                "legend": legend,
                "sort": None,
                "scale": {
                    "domain": [titles[label] for label in known if label in titles],
                    "range": [COLOURS[label] for label in known if label in titles],
                },
            },
        },
    }


def card(rows: Rows, title: str, subtitle: list[str], foot: list[str]) -> Spec:
    """A chart that stands alone in a story: bars with intervals under a title, the source beneath.

    Rows: name, label, value, low, high, words.
    """
    x: Spec = {"field": "value", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": None}
    scale = {"domain": [row["name"] for row in rows], "range": [COLOURS[row["label"]] for row in rows]}
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "axis": {"title": None, "labelFontSize": 14, "labelLimit": 200},
    }
    text = {"anchor": "start", "frame": "group", "offset": 14}
    return {
        "background": PAPER,
        "padding": 18,
        "title": {
            "text": title,
            "subtitle": subtitle,
            "fontSize": 19,
            "color": INK,
            "subtitleFontSize": 13,
            "subtitleColor": MUTED,
            "subtitlePadding": 6,
            "subtitleLineHeight": 17,
            **text,
            "frame": "bounds",
        },
        "vconcat": [
            {
                "width": 420,
                "height": {"step": 44},
                "data": {"values": list(rows)},
                "encoding": {"y": y},
                "layer": [
                    {
                        "mark": {"type": "bar", "height": 24},
                        "encoding": {
                            "x": x,
                            "color": {"field": "name", "type": "nominal", "scale": scale, "legend": None},
                        },
                    },
                    {
                        "mark": {"type": "rule", "strokeWidth": 2, "color": INK},
                        "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
                    },
                    {
                        "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 14, "fontWeight": 600},
                        "encoding": {"x": {**x, "field": "high"}, "text": {"field": "words", "type": "nominal"}},
                    },
                ],
            },
            {
                "width": 420,
                "height": 16 * len(foot),
                "data": {"values": [{}]},
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "top",
                    "fontSize": 11,
                    "color": MUTED,
                    "lineHeight": 15,
                    "text": foot,
                    "x": -90,
                    "y": 0,
                },
            },
        ],
    }


def ways(rows: Rows, size: str) -> Spec:
    """Ways to count, one dot each under one another. Rows: name, way, value."""
    known = ["core sub-types only", "all sub-types", "by open position", "by pay on offer"]
    colours = [MUTED, ILLICIT, COLOURS["fake_profile"], COLOURS["fake_link"]]
    shapes = ["triangle-right", "circle", "square", "diamond"]
    legend = {"columns": 4 if size == "wide" else 2, "offset": 4}
    way: Spec = {"field": "way", "type": "nominal", "sort": known}
    return {
        "width": inner_width(size, 14),
        "height": {"step": 11, "for": "offset"},
        "data": {"values": list(rows)},
        "mark": {"type": "point", "size": 70, "filled": True, "opacity": 1},
        "encoding": {
            "y": {**names_axis(size), "scale": {"paddingInner": 0.35, "paddingOuter": 0.2}},
            "yOffset": way,
            "x": percent_axis(size, "value"),
            "shape": {**way, "scale": {"domain": known, "range": shapes}, "legend": {**legend, "symbolType": None}},
            "color": {**way, "scale": {"domain": known, "range": colours}, "legend": legend},
        },
    }


def bars(rows: Rows, size: str, colours: dict[str, str]) -> Spec:
    """Ranked bars of counts, stacked by `part`. Rows: name, part, order, n, total (on one part only).

    On a phone the names stand above the bars, where long ones have room.
    """
    parts = [part for part in colours if any(row["part"] == part for row in rows)]
    wide = size == "wide"
    legend = {"columns": 4 if wide else 2, "offset": 2} if len(parts) > 1 else None
    axis = {"title": None, "orient": "top", "tickCount": 4 if wide else 3, "format": "~s"}
    x: Spec = {"field": "n", "type": "quantitative", "axis": axis, "stack": "zero"}
    y: Spec = names_axis(size) if wide else {"field": "name", "type": "nominal", "sort": None, "axis": None}
    if wide:
        longest = min(250, 12 + 7 * max(len(row["name"]) for row in rows))
        y["axis"] |= dict.fromkeys(("labelLimit", "minExtent", "maxExtent"), max(longest, LABEL[size]))
    bar = {"type": "bar", "stroke": PAPER} | ({} if wide else {"yOffset": 9, "height": 14})
    layer: list[Spec] = [
        {
            "mark": bar,
            "encoding": {
                "x": x,
                "order": {"field": "order"},
                "color": {
                    "field": "part",
                    "type": "nominal",
                    "legend": legend,
                    "scale": {"domain": parts, "range": [colours[part] for part in parts]},
                },
            },
        },
        {
            "transform": [{"filter": "datum.total != null"}],
            "mark": {"type": "text", "align": "left", "dx": 5, "dy": 0 if wide else 9},
            "encoding": {"x": {"field": "total", "type": "quantitative"}, "text": {"field": "total", "format": ","}},
        },
    ]
    if not wide:
        layer.append(
            {
                "transform": [{"filter": "datum.total != null"}],
                "mark": {"type": "text", "align": "left", "dy": -7},
                "encoding": {"x": {"value": 0}, "text": {"field": "name"}},
            }
        )
    width = WIDTHS[size] - 46 - (max(longest, LABEL[size]) + 12 if wide else 8)
    return {
        "width": width,
        "height": {"step": 22 if wide else 40},
        "data": {"values": list(rows)},
        "encoding": {"y": y},
        "layer": layer,
    }


def trend(rows: Rows, size: str, *, own_time: bool) -> Spec:
    """One small chart a platform. Rows: name, month, value, low, high, run (unbroken stretch), few.

    A month without tasks breaks the line; a month with too few has its interval and no dot. With
    `own_time` each platform has its own stretch of time.
    """
    order = list(dict.fromkeys(row["name"] for row in rows))
    columns = 3 if size == "wide" else 1
    width = {"wide": 196, "narrow": 270}[size]
    x = {
        "field": "month",
        "type": "temporal",
        "timeUnit": "utcyearmonth",
        "title": None,
        "axis": {"format": "%b %y", "labelAngle": 0, "tickCount": 3, "grid": False},
    }
    percent = {"format": ".0%", "values": [0, 0.5, 1], "title": None}
    y: Spec = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": percent}
    colour = {"condition": {"test": "datum.few", "value": LEGITIMATE}, "value": ILLICIT}
    enough = [{"filter": "!datum.few"}]
    return {
        "data": {"values": list(rows)},
        "resolve": {"scale": {"x": "independent" if own_time else "shared"}},
        "facet": {"field": "name", "type": "nominal", "sort": order, "header": {"labelAnchor": "start"}},
        "columns": columns,
        "spacing": {"row": 22, "column": 26},
        "spec": {
            "width": width,
            "height": 96,
            "layer": [
                {
                    "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.3},
                    "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
                },
                {
                    "transform": enough,
                    "mark": {"type": "line", "strokeWidth": 1.5, "color": ILLICIT},
                    "encoding": {"x": x, "y": {**y, "field": "value"}, "detail": {"field": "run"}},
                },
                {
                    "transform": enough,
                    "mark": {"type": "point", "filled": True, "size": 28, "opacity": 1, "color": ILLICIT},
                    "encoding": {"x": x, "y": {**y, "field": "value"}},
                },
            ],
        },
    }
