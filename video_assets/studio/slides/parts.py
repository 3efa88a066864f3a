"""The parts of a slide that appear, or are marked, by themselves while the narration speaks of them.

The template draws each of them with `part(id, …)`. Does not belong here: when a part appears.
"""

from __future__ import annotations

from collections.abc import Iterator

from video_assets.studio.lesson.diagrams import DiagramPart
from video_assets.studio.lesson.model import Code, PictureLabel, Table
from video_assets.studio.lesson.script import Slide

from .equations.equation_lines import equation_lines


def parts_of(slide: Slide) -> tuple[DiagramPart, ...]:
    """The parts of `slide`, in the order in which a reader goes through them. Title, subtitle and footer are none."""
    return tuple(_parts(slide))


def _parts(slide: Slide) -> Iterator[DiagramPart]:
    yield from _main_parts(slide)
    yield from (DiagramPart(id=f"bullets/{n}", texts=(bullet,)) for n, bullet in enumerate(slide.bullets))


def _main_parts(slide: Slide) -> Iterator[DiagramPart]:
    match slide.layout:
        case "diagram" | "diagram-list" if slide.diagram is not None:
            yield from slide.diagram.parts()
        case "equation":
            yield from _equation_parts(slide.equation)
        case "code" if slide.code is not None:
            yield from _lines(slide.code)
        case "table" if slide.table is not None:
            yield from _rows(slide.table)
        case "statement" | "bullets" if slide.statement:
            yield DiagramPart(id="statement", texts=(slide.statement,))
        case "picture":
            yield from _over_the_picture(slide.picture_labels)
        case "labels":
            yield from (DiagramPart(id=f"labels/{n}", texts=(label,)) for n, label in enumerate(slide.labels))
        case _:
            return


def _equation_parts(equation: str) -> Iterator[DiagramPart]:
    """The lines of an equation of several lines, or the equation."""
    lines = equation_lines(equation)
    if not lines:
        yield DiagramPart(id="equation", texts=(equation,))
    yield from (DiagramPart(id=f"equation/{n}", texts=(line.latex,)) for n, line in enumerate(lines))


def _over_the_picture(labels: tuple[PictureLabel, ...]) -> Iterator[DiagramPart]:
    yield from (DiagramPart(id=f"picture-labels/{n}", texts=(label.text,)) for n, label in enumerate(labels))


def _lines(code: Code) -> Iterator[DiagramPart]:
    for number, line in enumerate(code.text.strip("\n").split("\n")):
        if line.strip():
            yield DiagramPart(id=f"code/{number}", texts=(line.strip(),))


def _rows(table: Table) -> Iterator[DiagramPart]:
    for number, row in enumerate(table.rows):
        yield DiagramPart(id=f"rows/{number}", texts=tuple(cell for cell in row if cell))
