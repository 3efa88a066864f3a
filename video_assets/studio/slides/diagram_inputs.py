"""The inputs of the Typst template for a diagram: its fields, with each text prepared as the template needs it.

Does not belong here: the fields of a kind (`lesson.diagrams`), the numbers behind a figure (`figure_geometry`), or its
drawing (`themes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, Literal, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from video_assets.studio.core.errors import EquationInvalid
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.diagrams.figures import Chart, Graph, NumberLine
from video_assets.studio.lesson.diagrams.relations import Flow

from .equations.latex_to_typst import typeset_latex
from .figure_geometry import bounds_of, curve_points, number_text, round_ticks
from .flow_ranks import feedback_of, is_chain, ranks_of
from .inline_text import template_text

_FORMULAS = frozenset({"equation", "symbol"})
"""Fields that are written in LaTeX."""


def diagram_inputs(diagram: Diagram, language: str) -> dict[str, Any]:
    """The fields of `diagram` for the template: words stay words, texts become runs, formulas become Typst."""
    return _object(diagram, language) | _geometry(diagram, language)


def diagram_texts(diagram: Diagram) -> Iterator[tuple[str, str]]:
    """The JSON pointer (relative to the section) and the text of everything in `diagram`."""
    return ((pointer, text) for pointer, text, _ in _texts(diagram, "/diagram"))


def check_formulas(diagram: Diagram) -> None:
    """Raise EquationInvalid, with its place, for a formula of `diagram` that cannot be typeset."""
    for pointer, text, name in _texts(diagram, "/diagram"):
        if name in _FORMULAS:
            try:
                typeset_latex(text)
            except EquationInvalid as error:
                raise error.at(pointer) from error


def _object(value: BaseModel, language: str) -> dict[str, Any]:
    return {
        name: _value(getattr(value, name), name, field, language) for name, field in type(value).model_fields.items()
    }


def _value(value: Any, name: str, field: FieldInfo, language: str) -> Any:
    if isinstance(value, BaseModel):
        return _object(value, language)
    if isinstance(value, tuple):
        return [_value(item, name, field, language) for item in value]
    if not isinstance(value, str) or get_origin(field.annotation) is Literal:
        return value
    return typeset_latex(value)._asdict() if name in _FORMULAS else template_text(value, language)


def _texts(value: BaseModel, pointer: str) -> Iterator[tuple[str, str, str]]:
    """The pointer, the text and the field's name of each text in `value`."""
    for name, field in type(value).model_fields.items():
        yield from _texts_of_value(getattr(value, name), f"{pointer}/{field.alias or name}", name, field)


def _texts_of_value(value: Any, pointer: str, name: str, field: FieldInfo) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, BaseModel):
        yield from _texts(value, pointer)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts_of_value(item, f"{pointer}/{number}", name, field)
    elif isinstance(value, str) and get_origin(field.annotation) is not Literal:
        yield pointer, value, name


# What the drawing needs besides the fields ---------------------------------------------------------------------------


def _geometry(diagram: Diagram, language: str) -> dict[str, Any]:
    if isinstance(diagram, Flow):
        return _flow(diagram, language)
    if isinstance(diagram, Graph):
        bounds = bounds_of(diagram.curves)
        curves = [_object(curve, language) | {"path": curve_points(curve, bounds)} for curve in diagram.curves]
        return {"curves": curves}
    if isinstance(diagram, Chart):
        return _chart(diagram, language)
    return _number_line(diagram, language) if isinstance(diagram, NumberLine) else {}


def _flow(diagram: Flow, language: str) -> dict[str, Any]:
    count = len(diagram.nodes)
    ends = [(start, end) for start, end, _ in diagram.arrows]
    arrows = [
        {"start": start, "end": end, "label": template_text(label, language), "feedback": back}
        for (start, end, label), back in zip(diagram.arrows, feedback_of(count, ends), strict=True)
    ]
    return {"arrows": arrows, "ranks": ranks_of(count, ends), "chain": is_chain(count, ends)}


def _chart(diagram: Chart, language: str) -> dict[str, Any]:
    values = [value for series in diagram.series for value in series.values]
    least, greatest = min(*values, 0.0), max(*values, 0.0)
    if diagram.type in ("line", "scatter"):
        ticks = round_ticks(min(values), max(values))
        least, greatest = ticks[0], ticks[-1]
    span = (greatest - least) or 1.0
    lines = diagram.type in ("line", "scatter")
    series = [
        _object(each, language)
        | {
            "texts": [template_text(_with_unit(value, diagram, language), language) for value in each.values],
            "shares": [(value - least) / span if lines else value / span for value in each.values],
            "angles": [0.0, *(part / (sum(each.values) or 1.0) for part in accumulate(each.values))],
        }
        for each in diagram.series
    ]
    ticks = [
        {"at": (tick - least) / span, "text": template_text(number_text(tick, language), language)}
        for tick in (round_ticks(least, greatest) if lines else ())
    ]
    return {"series": series, "zero": -least / span, "ticks": ticks, "places": _places(diagram)}


def _with_unit(value: float, diagram: Chart, language: str) -> str:
    unit = diagram.unit if len(diagram.unit) <= 2 else ""
    return f"{number_text(value, language)}\u202f{unit}" if unit else number_text(value, language)


def _places(diagram: Chart) -> list[float]:
    """The places of the values on the horizontal axis, as shares of it: even, or by number in a scatter chart."""
    count = len(diagram.categories)
    numbers = [float(text.replace("\u2212", "-").replace(",", ".")) for text in diagram.numbers]
    if numbers and max(numbers) > min(numbers):
        return [(number - min(numbers)) / (max(numbers) - min(numbers)) for number in numbers]
    return [index / max(count - 1, 1) for index in range(count)]


def _number_line(diagram: NumberLine, language: str) -> dict[str, Any]:
    span = diagram.end - diagram.start
    count = int(span / diagram.step + 1e-9)
    places = [diagram.start + number * diagram.step for number in range(count + 1)]
    ticks = [
        {"share": (place - diagram.start) / span, "text": template_text(number_text(place, language), language)}
        for place in places
    ]
    marks = [
        _object(mark, language)
        | {
            "share": (mark.at - diagram.start) / span,
            "text": template_text(number_text(mark.at, language), language),
        }
        for mark in diagram.marks
    ]
    return {"ticks": ticks, "marks": marks}
