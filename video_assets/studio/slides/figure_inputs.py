"""What the drawings of figures need besides the fields of a diagram: places on axes, ticks, and numbers as texts.

Does not belong here: drawing (`themes`), or the fields themselves (`diagram_inputs`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from video_assets.studio.lesson.diagrams.figures import Axis, Chart, Derivation, Graph, NumberLine, Terms

from .equations.latex_to_typst import sides_of, typeset_latex
from .equations.terms_in_equation import with_marked_terms
from .figure_geometry import AxisRange, curve_points, round_ticks, with_origin
from .inline_text import template_text
from .number_texts import number_text, quantity_text

_NUMBER = re.compile(r"[-\u2212+]?\d+(?:[.,]\d+)?")

Ticks = list[dict[str, Any]]
"""The place of each tick, as a share of the axis, and its text."""


def graph_inputs(graph: Graph, language: str) -> dict[str, Any]:
    """The points of the curves (`paths`), and the ticks and the zero of both axes, if they lie on it."""
    points = [point for curve in graph.curves for point in curve.points]
    x, x_ticks = _axis(graph.x, [a for a, _ in points], language)
    y, y_ticks = _axis(graph.y, [b for _, b in points], language)
    return {
        "paths": curve_points(graph.curves, x, y),
        "ticks": {"x": x_ticks, "y": y_ticks},
        "zero": {name: axis.share(0) if axis.least < 0 < axis.greatest else 0 for name, axis in (("x", x), ("y", y))},
    }


def _axis(axis: Axis, values: Sequence[float], language: str) -> tuple[AxisRange, Ticks]:
    if not values:
        return AxisRange(0, 1), _even_ticks(axis.ticks, language)
    if axis.ticks and all(map(_NUMBER.fullmatch, axis.ticks)):
        places = [_number(text) for text in axis.ticks]
        scale = _range(min(*values, *places), max(*values, *places))
        texts = zip(places, axis.ticks, strict=True)
        return scale, [{"at": scale.share(place), "text": template_text(text, language)} for place, text in texts]
    if axis.ticks:
        return _range(min(values), max(values)), _even_ticks(axis.ticks, language)
    return _scale(values, language)


def _even_ticks(texts: Sequence[str], language: str) -> Ticks:
    last = len(texts) - 1
    return [
        {"at": number / last if last else 0.5, "text": template_text(text, language)}
        for number, text in enumerate(texts)
    ]


def _number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace(",", "."))


def _range(least: float, greatest: float) -> AxisRange:
    return AxisRange(least, greatest) if greatest > least else AxisRange(least - 0.5, least + 0.5)


def _scale(values: Sequence[float], language: str) -> tuple[AxisRange, Ticks]:
    """An axis from a round number to another, with round numbers between."""
    places = round_ticks(*with_origin(values))
    scale = AxisRange(places[0], places[-1])
    texts = [template_text(number_text(place, language), language) for place in places]
    return scale, [{"at": scale.share(at), "text": text} for at, text in zip(places, texts, strict=True)]


def chart_inputs(chart: Chart, language: str) -> dict[str, Any]:
    """`shares`: the values of each series as shares of the axis (of a bar: of its length from `zero`); `texts`: the
    values in words; `angles`: where the pieces of a pie begin and end, as shares of the circle; and the ticks."""
    values = [value for series in chart.series for value in series.values]
    if chart.type in ("line", "scatter"):
        scale, ticks = _scale(values, language)
    else:
        scale, ticks = _range(min(*values, 0.0), max(*values, 0.0)), []
        if chart.type == "bar":
            places = (at for at in round_ticks(scale.least, scale.greatest) if scale.least <= at <= scale.greatest)
            ticks = [
                {"at": scale.share(at), "text": template_text(number_text(at, language), language)} for at in places
            ]
    return {
        "texts": [
            [template_text(quantity_text(value, chart.unit, language), language) for value in each.values]
            for each in chart.series
        ],
        "shares": [[scale.share(value) for value in each.values] for each in chart.series],
        "angles": _angles(chart.series[0].values) if chart.type == "pie" else [],
        "zero": scale.share(0),
        "ticks": ticks,
        "unit_at_axis": len(chart.unit) > 2,
        **_horizontal(chart, language),
    }


def _angles(values: Sequence[float]) -> list[float]:
    whole = sum(values)
    return [0.0, *(part / whole if whole else 0.0 for part in accumulate(values))]


def _horizontal(chart: Chart, language: str) -> dict[str, Any]:
    """The places of the values on the horizontal axis: by number in a scatter chart, else at even distances."""
    if chart.type != "scatter":
        last = max(len(chart.categories) - 1, 1)
        return {"places": [number / last for number in range(len(chart.categories))], "x_ticks": []}
    numbers = [_number(text) for text in chart.numbers]
    scale, ticks = _scale(numbers, language)
    return {"places": [scale.share(number) for number in numbers], "x_ticks": ticks}


def number_line_inputs(line: NumberLine, language: str) -> dict[str, Any]:
    """The places of ticks and marks as shares of the line; `on_tick`: the mark stands at a tick."""
    scale = AxisRange(line.start, line.end)
    places = [line.start + number * line.step for number in range(int((line.end - line.start) / line.step + 1e-9) + 1)]
    return {
        "ticks": [{"at": scale.share(at), "text": template_text(number_text(at, language), language)} for at in places],
        "spots": [
            {
                "at": scale.share(mark.at),
                "text": template_text(number_text(mark.at, language), language),
                "on_tick": any(abs(mark.at - at) < 1e-6 * line.step for at in places),
            }
            for mark in line.marks
        ],
    }


def terms_inputs(diagram: Terms) -> dict[str, Any]:
    """`marked`: the equation with each term that stands in it marked; `found`: which terms do."""
    symbols = [typeset_latex(term.symbol).source for term in diagram.terms]
    marked, found = with_marked_terms(typeset_latex(diagram.equation).source, symbols)
    return {"marked": marked, "found": found}


def derivation_inputs(diagram: Derivation) -> dict[str, Any]:
    """`sides`: for each step what stands before its first relation, and the rest."""
    return {"sides": [sides_of(step.equation) for step in diagram.steps]}
