"""Typeset slides as tests measure them: where each text stands, and how often each part is drawn.

The real template is compiled with the real fonts. Does not belong here: what a test asserts.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import typst

from video_assets.studio.core.values import canonical_json
from video_assets.studio.pictures.provider import PictureRequest
from video_assets.studio.slides.themes import template_files
from video_assets.studio.slides.typesetting import typesetting

_FONTS = Path(__file__).parents[2] / "data" / "fonts"
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_PATH = re.compile(r"([MmLlHhVvQqCcZzTtSs])|(-?\d*\.?\d+(?:e-?\d+)?)")

Matrix = tuple[float, float, float, float, float, float]


class InkBox(NamedTuple):
    """The rectangle around the ink of one line of text in one style, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: InkBox) -> tuple[float, float]:
        """The width and height of what both boxes share; not positive where they share nothing."""
        return (
            min(self.right, other.right) - max(self.left, other.left),
            min(self.bottom, other.bottom) - max(self.top, other.top),
        )


def text_boxes(request: PictureRequest) -> list[InkBox]:
    """The ink of all texts of the slide of `request`, line by line."""
    return text_boxes_of_states(request)[0]


def text_boxes_of_states(request: PictureRequest) -> list[list[InkBox]]:
    """The same of the whole slide, and of each of the states that `request` names."""
    pages = _compiler(request).compile(format="svg")
    found: list[list[InkBox]] = []
    for page in [pages] if isinstance(pages, bytes) else (pages or []):
        root = ET.fromstring(page or b"")
        glyphs = {symbol.attrib["id"]: _extent(symbol) for symbol in root.iter(f"{_SVG}symbol")}
        found.append([])
        _collect(root, (1, 0, 0, 1, 0, 0), glyphs, found[-1])
    return found


def drawn_parts(request: PictureRequest) -> list[str]:
    """The ids of all parts that the template draws for the slide of `request`, as often as it draws them."""
    tagged = "#let part(id, draw) = { [#metadata(id) <drawn-part>]; the-part(id, draw) }"
    sources = template_files()
    base = sources["base.typ"].replace(b"#let part(id, draw)", b"#let the-part(id, draw)", 1)
    marker = b"// The mark of what is spoken about"
    assert marker in base
    sources["base.typ"] = base.replace(marker, tagged.encode() + b"\n\n" + marker, 1)
    return [one["value"] for one in json.loads(_compiler(request, sources).query("<drawn-part>"))]


def type_sizes(request: PictureRequest) -> list[tuple[float, str]]:
    """The size in pixels of each text on the slide of `request`, with the text; never empty."""
    sources = template_files()
    rule = b"#show text: it => context { it; [#metadata((text.size.pt(), it.text)) <type-size>] }\n"
    pages = b"#if d.picture_pages"
    assert sources["slide.typ"].count(pages) == 1
    sources["slide.typ"] = sources["slide.typ"].replace(pages, rule + pages)
    found = json.loads(_compiler(request, sources).query("<type-size>"))
    assert found
    return [(size, text) for size, text in (one["value"] for one in found)]


def _compiler(request: PictureRequest, sources: dict[str, bytes] | None = None) -> typst.Compiler:
    files = dict(sources or template_files())
    inputs: dict[str, Any] = typesetting(request).inputs | {"picture": "", "logo": "", "grounds": {}}
    return typst.Compiler(
        {"main.typ": files.pop("slide.typ"), **files},  # pyright: ignore[reportArgumentType]  # the stub lacks this
        root=_FONTS,
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(_FONTS)]),
        sys_inputs={"slide": canonical_json(inputs).decode()},
    )


def _collect(node: ET.Element, outer: Matrix, glyphs: dict[str, InkBox | None], found: list[InkBox]) -> None:
    matrix = _times(outer, _matrix(node.get("transform", "")))
    letters = [box for use in node.findall(f"{_SVG}use") if (box := _placed(use, matrix, glyphs))]
    if letters:
        found.append(
            InkBox(
                min(box.left for box in letters),
                min(box.top for box in letters),
                max(box.right for box in letters),
                max(box.bottom for box in letters),
            )
        )
    for child in node:
        if child.tag != f"{_SVG}use":
            _collect(child, matrix, glyphs, found)


def _placed(use: ET.Element, matrix: Matrix, glyphs: dict[str, InkBox | None]) -> InkBox | None:
    box = glyphs.get(use.attrib[_LINK].removeprefix("#"))
    if box is None:
        return None
    x, y = float(use.get("x", 0)), float(use.get("y", 0))
    corners = [_apply(matrix, (a + x, b + y)) for a in (box.left, box.right) for b in (box.top, box.bottom)]
    xs, ys = zip(*corners, strict=True)
    return InkBox(min(xs), min(ys), max(xs), max(ys))


def _extent(symbol: ET.Element) -> InkBox | None:
    """The rectangle around the points of a glyph's outline, control points of its curves among them."""
    points = [point for path in symbol.iter(f"{_SVG}path") for point in _points(path.attrib["d"])]
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return InkBox(min(xs), min(ys), max(xs), max(ys))


def _points(outline: str) -> list[tuple[float, float]]:
    tokens = _PATH.findall(outline)
    starts = [n for n, (command, _) in enumerate(tokens) if command]
    x = y = start_x = start_y = 0.0
    found: list[tuple[float, float]] = []
    for start, end in pairwise([*starts, len(tokens)]):
        command = tokens[start][0]
        numbers = [float(number) for _, number in tokens[start + 1 : end]]
        relative = command.islower()
        match command.upper():
            case "Z":
                x, y = start_x, start_y
            case "H":
                x = numbers[-1] + (x if relative else 0)
            case "V":
                y = numbers[-1] + (y if relative else 0)
            case _:
                pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
                placed = [(a + x, b + y) if relative else (a, b) for a, b in pairs]
                x, y = placed[-1]
                if command.upper() == "M":
                    start_x, start_y = x, y
                else:
                    found.extend(placed)
        if command.upper() not in "MZ":
            found.append((x, y))
    return found


def _matrix(transform: str) -> Matrix:
    if not transform:
        return (1, 0, 0, 1, 0, 0)
    name, _, rest = transform.partition("(")
    numbers = [float(number) for number in rest.rstrip(")").replace(",", " ").split()]
    match name:
        case "translate":
            return (1, 0, 0, 1, numbers[0], numbers[1] if len(numbers) > 1 else 0)
        case "scale":
            return (numbers[0], 0, 0, numbers[-1], 0, 0)
        case "matrix":
            a, b, c, d, e, f = numbers
            return (a, b, c, d, e, f)
        case _:
            raise ValueError(f"The transform {transform!r} is not one that Typst writes.")


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f)


def _apply(matrix: Matrix, point: tuple[float, float]) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f
