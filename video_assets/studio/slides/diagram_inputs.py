"""The inputs of the Typst template for a diagram: its fields, with each text prepared as the template needs it.

Does not belong here: the fields of a kind (`lesson.diagrams`), or its drawing (`themes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.diagrams.relations import Flow

from .equations.latex_to_typst import typeset_latex
from .inline_text import template_text

_FORMULAS = frozenset({"equation", "symbol"})
"""Fields that are written in LaTeX."""


def diagram_inputs(diagram: Diagram, language: str) -> dict[str, Any]:
    """The fields of `diagram` for the template: words stay words, texts become runs, formulas become Typst."""
    inputs = _object(diagram, language)
    if isinstance(diagram, Flow):
        inputs["arrows"] = [
            {"start": start, "end": end, "label": template_text(label, language)}
            for start, end, label in diagram.arrows
        ]
    return inputs


def diagram_texts(diagram: Diagram) -> Iterator[tuple[str, str]]:
    """The JSON pointer (relative to the section) and the text of everything in `diagram`."""
    return _texts(diagram, "/diagram")


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


def _texts(value: BaseModel, pointer: str) -> Iterator[tuple[str, str]]:
    for name, field in type(value).model_fields.items():
        yield from _texts_of_value(getattr(value, name), f"{pointer}/{field.alias or name}", field)


def _texts_of_value(value: Any, pointer: str, field: FieldInfo) -> Iterator[tuple[str, str]]:
    if isinstance(value, BaseModel):
        yield from _texts(value, pointer)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts_of_value(item, f"{pointer}/{number}", field)
    elif isinstance(value, str) and get_origin(field.annotation) is not Literal:
        yield pointer, value
