"""The inputs of the Typst template for a diagram: its fields, with each text prepared as the template needs it.

Does not belong here: the fields of a kind (`lesson.diagrams`), the numbers behind a figure (`figure_inputs`), or its
drawing (`themes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from video_assets.studio.core.errors import EquationInvalid
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.diagrams.figures import Chart, Derivation, Graph, NumberLine, Terms
from video_assets.studio.lesson.diagrams.relations import Flow

from .equations.latex_to_typst import typeset_latex
from .figure_inputs import chart_inputs, derivation_inputs, graph_inputs, number_line_inputs, terms_inputs
from .flow_layers import layers_of
from .flow_ranks import feedback_of, is_chain
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
    match diagram:
        case Flow():
            return _flow(diagram, language)
        case Graph():
            return graph_inputs(diagram, language)
        case Chart():
            return chart_inputs(diagram, language)
        case NumberLine():
            return number_line_inputs(diagram, language)
        case Terms():
            return terms_inputs(diagram)
        case Derivation():
            return derivation_inputs(diagram)
        case _:
            return {}


def _flow(diagram: Flow, language: str) -> dict[str, Any]:
    count = len(diagram.nodes)
    ends = [(start, end) for start, end, _ in diagram.arrows]
    arrows = [
        {"start": start, "end": end, "label": template_text(label, language), "feedback": back}
        for (start, end, label), back in zip(diagram.arrows, feedback_of(count, ends), strict=True)
    ]
    layers = layers_of(count, ends, [arrow["label"] is not None for arrow in arrows])
    return {
        "arrows": arrows,
        "layers": [layer._asdict() | {"items": [item._asdict() for item in layer.items]} for layer in layers],
        "chain": is_chain(count, ends),
    }
