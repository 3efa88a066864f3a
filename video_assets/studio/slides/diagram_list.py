"""A diagram as a list of its parts: what a slide shows of a derived diagram for which there is no room.

Does not belong here: deciding that there is no room (the stage `section_image`), or drawing the list (`themes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.diagrams.figures import Chart, Derivation, Terms
from video_assets.studio.lesson.diagrams.relations import Flow, Matrix

from .number_texts import number_text


class ListedPart(NamedTuple):
    """A part of a diagram as an item of a list."""

    id: str
    """The id of the part (see `DiagramPart`), so that its states are those of the diagram."""
    text: str
    formula: str = ""
    """LaTeX that stands before the text."""
    level: int = 0
    """How far it is indented."""


def diagram_list(diagram: Diagram, language: str) -> tuple[ListedPart, ...]:
    """The parts of `diagram` that have texts, in reading order. Each text of the diagram's parts is in one of them."""
    match diagram:
        case Terms():
            whole = ListedPart("equation", "", diagram.equation)
            terms = (ListedPart(f"terms/{n}", t.name, t.symbol, 1) for n, t in enumerate(diagram.terms))
            return (whole, *terms)
        case Derivation():
            return tuple(ListedPart(f"steps/{n}", s.reason, s.equation) for n, s in enumerate(diagram.steps))
        case Chart():
            return tuple(
                _rows(diagram, language) if diagram.parts()[0].id == "series/0" else _columns(diagram, language)
            )
        case Matrix():
            return tuple(_cells(diagram))
        case _:
            return tuple(_parts(diagram))


def _parts(diagram: Diagram) -> Iterator[ListedPart]:
    levels: dict[str, int] = {}
    for part in diagram.parts():
        levels[part.id] = max((levels[before] + 1 for before in part.after if before in levels), default=0)
        # An arrow's label says nothing without its boxes.
        if part.texts and not (isinstance(diagram, Flow) and part.id.startswith("links/")):
            yield ListedPart(part.id, ": ".join(part.texts), level=levels[part.id])


def _columns(chart: Chart, language: str) -> Iterator[ListedPart]:
    for number, (category, value) in enumerate(zip(chart.categories, chart.series[0].values, strict=True)):
        yield ListedPart(f"categories/{number}", f"{category}: {_amount(value, chart.unit, language)}")


def _rows(chart: Chart, language: str) -> Iterator[ListedPart]:
    for number, series in enumerate(chart.series):
        values = (_amount(value, chart.unit, language) for value in series.values)
        pairs = "; ".join(f"{category}: {value}" for category, value in zip(chart.categories, values, strict=True))
        yield ListedPart(f"series/{number}", f"{series.name} ({pairs})" if series.name else pairs)


def _amount(value: float, unit: str, language: str) -> str:
    return f"{number_text(value, language)}\u00a0{unit}" if unit else number_text(value, language)


def _cells(matrix: Matrix) -> Iterator[ListedPart]:
    for row, cells in enumerate(matrix.cells):
        for column, text in enumerate(cells):
            if text:
                heading = f"{matrix.rows[row]}, {matrix.columns[column]}"
                yield ListedPart(f"cells/{row}/{column}", f"{heading}: {text}")
