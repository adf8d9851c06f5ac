"""Charts as inline SVG: drawn by Vega-Lite, once for a wide page and once for a phone.

Every chart is only a second way to see a table that stands beside it. Colours are written with
fixed names of the light theme; the style sheet maps them to the dark one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

INK, MUTED, RULE, PAPER = "#1c1b19", "#5d5b55", "#dddad2", "#fdfcf9"
ILLICIT, LEGITIMATE = "#b3261e", "#8a8880"
COLOURS = {"fake_profile": "#2a5c9c", "fake_review": "#c0500c", "fake_link": "#7b3f98", "legitimate": LEGITIMATE}
WIDTHS = {"wide": 720, "narrow": 332}
LABEL = {"wide": 150, "narrow": 96}  # pixels for the names on the left

VEGA_LITE = "5.20"

Spec = dict[str, Any]
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart in both sizes, with the text that stands for it where it cannot be seen."""

    name: str
    alt: str
    wide: str
    narrow: str


def chart(name: str, alt: str, draw: Callable[[str], Spec]) -> Chart:
    """Draws `draw(size)`, a Vega-Lite spec, in both sizes."""
    return Chart(name, alt, *(svg(draw(size), f"{name}-{size}", alt) for size in WIDTHS))


def svg(spec: Spec, name: str, alt: str) -> str:
    """The SVG of a Vega-Lite spec: scalable, one image to a screen reader, no inline style, own ids."""
    import vl_convert
    from markupsafe import escape

    text: str = vl_convert.vegalite_to_svg(theme(spec), vl_version=VEGA_LITE)
    text = re.sub(r'\s(?:style|role|aria-\w+)="[^"]*"', "", text)  # styles are forbidden by the page's policy
    text = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', text).groups()  # type: ignore[union-attr]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return re.sub(r"<svg[^>]*>", f'{head} role="img" aria-label="{escape(alt)}">', text, count=1)


def standalone(spec: Spec) -> str:
    """The SVG of a spec as a file of its own, to be embedded elsewhere."""
    import vl_convert

    text: str = vl_convert.vegalite_to_svg(theme(spec), vl_version=VEGA_LITE)
    return text


def png(spec: Spec, scale: float = 2) -> bytes:
    """The same drawing as a PNG on paper colour, `scale` pixels to the point."""
    import vl_convert

    image: bytes = vl_convert.vegalite_to_png(theme(spec | {"background": PAPER}), vl_version=VEGA_LITE, scale=scale)
    return image


def theme(spec: Spec) -> Spec:
    """The looks that all charts share."""
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
    axis = {
        "labelColor": MUTED,
        "labelFontSize": 12,
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": RULE,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    }
    config = {
        "aria": False,
        "font": font,
        "view": {"stroke": None},
        "axis": axis,
        "axisY": {"labelColor": INK},
        "legend": {"labelColor": INK, "labelFontSize": 12, "title": None, "orient": "top", "symbolType": "square"},
        "header": {"labelColor": INK, "labelFontSize": 13, "labelFontWeight": "bold", "title": None},
        "text": {"color": INK, "fontSize": 12},
        "bar": {"cornerRadius": 1},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "padding": 2,
        "config": config,
        **_drawable(spec),
    }


def _drawable(value: Any) -> Any:
    """The spec with texts that can be drawn: a control character in one would abort the renderer."""
    if isinstance(value, str):
        return "".join(letter if letter.isprintable() else " " for letter in value)
    if isinstance(value, dict):
        return {key: _drawable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_drawable(item) for item in value]
    return value
