"""Which slides certainly fit at the smallest legible size, by bounds of their texts: cheaper than laying them out.

The bounds follow `themes/slide.typ` with every letter, line and gap taken larger than any theme has it. A slide for
which they prove nothing may fit all the same. Does not belong here: laying slides out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from math import ceil
from typing import NamedTuple

from video_assets.studio.core.frame_layout import FrameLayout
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import PictureRequest

_SPACE_EM, _NARROW_EM, _LETTER_EM, _WIDE_EM = 0.5, 0.8, 1.2, 1.35
"""Bounds of the advance of a space, of a small Latin letter or a digit, of another Latin sign, and of any other sign.

They hold in bold, in the monospaced font, and with the largest factor that a theme has for body text (1.08).
"""
_NARROW = frozenset("abcdefghijklnopqrstuvxyz0123456789.,;:!'()[]-/")
_LINE_EM = 2.1
"""The height of a line with its leading, in any script below."""
_GAP = 22
"""The distance to the presenter's corner, in the template's unit."""
_KNOWN = re.compile("[\t-~\u00a0-\u05ff\u0900-\u097f\u2000-\u22ff\u3000-\u9fff\uff00-\uff60]*")
"""Scripts whose letters have ordinary widths. One ligature of Arabic is ten letters wide."""
_BREAKS = re.compile(r"[ \t\r\n\f\v]+")
_MONO_EM, _MONO_LINE_EM = 0.65, 1.3


class _Area(NamedTuple):
    """A free rectangle of a slide, and the template's unit: a pixel at 720 lines of the short edge."""

    width: float
    height: float
    unit: float


def certainly_fits(request: PictureRequest) -> bool:
    """Whether the slide of `request` has room for its content at the smallest legible size, beyond doubt.

    Always False for cards and slides with a logo: their size depends on more than their texts.
    """
    slide, bound = request.slide, _BOUNDS.get(request.slide.layout)
    if bound is None or request.look.logo or not all(map(_KNOWN.fullmatch, _texts(slide))):
        return False
    return any(bound(slide, area) for area in _areas(slide, request.stage))


def _texts(slide: Slide) -> Iterable[str]:
    table = (slide.table.header, *slide.table.rows) if slide.table else ()
    words = (slide.title, slide.subtitle, slide.statement, slide.footer, *slide.bullets, *slide.labels)
    return (*words, slide.code.text if slide.code else "", slide.equation, *(cell for row in table for cell in row))


def _areas(slide: Slide, stage: FrameLayout) -> tuple[_Area, ...]:
    """The areas in which the content may stand, without title and footer; none if those may not fit."""
    content, keep = stage.content, stage.keep_clear
    unit = min(stage.width_px, stage.height_px) / 720
    beside = keep.x - _GAP * unit - content.x if keep else content.width
    foot = 48 * unit + _GAP * 0.6 * unit if slide.footer else 0.0
    height = content.height - foot
    if content.width > 3 * content.height or _width(slide.footer, 18 * unit) > beside:
        return ()
    if slide.title:
        head = _height((slide.title,), content.width, 24 * unit) + 20 * unit
        if head > 0.3 * height:
            return ()
        height = 0.7 * height - 1.1 * _GAP * unit
    areas = [_Area(beside, height, unit)]
    if keep:
        above = keep.y - _GAP * unit - (content.y + content.height - foot - height)
        areas.append(_Area(content.width, above, unit))
    return tuple(area for area in areas if area.width > 200 * unit and area.height > 90 * unit)


def _width(text: str, size: float) -> float:
    """A width that `text` in one line does not exceed."""
    return size * sum(map(_letter_em, text))


@cache
def _letter_em(character: str) -> float:
    if character == " ":
        return _SPACE_EM
    if character in _NARROW:
        return _NARROW_EM
    return _LETTER_EM if character < "\u0300" else _WIDE_EM


def _height(texts: Iterable[str], width: float, size: float) -> float:
    """A height that `texts`, each in lines of `width`, do not exceed; infinite if a word may be wider than a line."""
    return sum(_lines(text, width, size) for text in texts) * _LINE_EM * size


def _lines(text: str, width: float, size: float) -> float:
    if not text:
        return 0
    whole = _width(text, size)
    longest = max(_width(word, size) for part in _BREAKS.split(text) for word in _breakable(part))
    if longest > width:
        return float("inf")
    # Two lines in a row are together wider than the space, because the second one begins with what did not fit.
    several = int(2 * whole / width) + 1
    return min(several, ceil(whole / (width - longest)) + 1) if longest < width else several


def _breakable(part: str) -> list[str]:
    """The word `part`, or its characters if a line may be broken between them."""
    return list(part) if part and all("\u3000" <= character <= "\u9fff" for character in part) else [part]


def _list_height(texts: tuple[str, ...], width: float, size: float) -> float:
    return _height(texts, width - 1.2 * size, size) + 0.7 * size * len(texts)


def _bullets(slide: Slide, area: _Area) -> bool:
    size = 17 * area.unit
    above = _height((slide.statement, slide.subtitle), area.width, 1.15 * size) + 2 * size
    return above + _list_height(slide.bullets, area.width, size) <= area.height


def _statement(slide: Slide, area: _Area) -> bool:
    unit, width = area.unit, area.width - 40 * area.unit
    above = _height((slide.statement, slide.subtitle), width, 24 * unit) + 36 * unit
    return above + _list_height(slide.bullets, width, 18 * unit) <= area.height


def _labels(slide: Slide, area: _Area) -> bool:
    size = 19.5 * area.unit
    widest = max((_width(label, size) for label in slide.labels), default=0.0)
    most = 2 if area.width < 560 * area.unit else 3
    columns = max((n for n in range(1, most + 1) if _column(area.width, n, size) >= 0.86 * widest), default=0)
    lines = 1.0 if columns else max(_lines(label, _column(area.width, 1, size), size) for label in slide.labels)
    rows = ceil(len(slide.labels) / max(columns, 1))
    phrases = slide.bullets or ((slide.statement,) if slide.statement else ())
    grid = rows * (lines * _LINE_EM * size + 1.9 * size)
    below = _height((slide.subtitle,), area.width, size) + _list_height(phrases, area.width, 17 * area.unit)
    return grid + below + 2 * size <= area.height


def _column(width: float, columns: int, size: float) -> float:
    return (width - 0.5 * size * (columns - 1)) / columns - 1.1 * size


def _code(slide: Slide, area: _Area) -> bool:
    if slide.code is None:
        return False
    size, note = 16 * area.unit, 28 * area.unit
    text = unicodedata.normalize("NFC", slide.code.text).expandtabs(4)
    width = area.width - 6 * size
    lines = sum(1 + int(2 * _mono_width(line, size) / width) for line in text.split("\n"))
    below = _height((slide.subtitle,), area.width, note) + _list_height(slide.bullets, area.width, note)
    return lines * _MONO_LINE_EM * size + below + 4 * size <= area.height


def _mono_width(line: str, size: float) -> float:
    wide = sum(character > "\u02ff" for character in line)
    return size * (_MONO_EM * (len(line) - wide) + _WIDE_EM * wide)


def _table(slide: Slide, area: _Area) -> bool:
    """Whether every cell has room in one line."""
    if slide.table is None:
        return False
    size = 16 * area.unit
    rows = [row for row in (slide.table.header, *slide.table.rows) if row]
    columns = [max(_width(cell, size) for cell in column) + 1.3 * size for column in zip(*rows, strict=False)]
    below = _height((slide.subtitle,), area.width, size) + size
    return sum(columns) <= area.width and len(rows) * (_LINE_EM + 0.8) * size + below <= area.height


def _picture(slide: Slide, area: _Area) -> bool:
    """Whether enough height is left for a picture of any shape. Labels, and titles over pictures, are not bounded."""
    if slide.picture_labels or (slide.picture and slide.picture.painted):
        return False
    size = 26 * area.unit
    below = _height((slide.subtitle,), area.width, size) + _list_height(slide.bullets, area.width, size)
    return below + 180 * area.unit <= area.height


def _equation(slide: Slide, area: _Area) -> bool:
    """Whether a formula of one line has room, however its signs are stacked."""
    size, small = 20 * area.unit, 24 * area.unit
    if _SEVERAL_LINES.search(slide.equation):
        return False
    signs = _COMMAND.sub(lambda command: _SIGNS_OF_COMMAND.get(command[1], "MMM"), slide.equation)
    stacked = len(_STACKED.findall(slide.equation))
    if _width(_SILENT.sub("", signs), size) * 1.2 + 44 * area.unit > area.width:
        return False
    card = (2 + 1.5 * stacked) * size + 0.2 * area.height
    below = _height((slide.subtitle,), area.width, small) + _list_height(slide.bullets, area.width, small)
    return card + below + 44 * area.unit <= area.height


_SEVERAL_LINES = re.compile(r"\\\\|\\begin|\\substack|\\atop|&")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_SIGNS_OF_COMMAND: Mapping[str, str] = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "left", "right", "mathrm", "text", "mathbf", "operatorname"), ""),
    **{name: name for name in ("sin", "cos", "tan", "log", "ln", "exp", "lim", "max", "min", "det", "gcd")},
}
_STACKED = re.compile(r"\\(?:d|t)?frac|\\sqrt|\\sum|\\prod|\\int|\\lim|\\binom|\\over|\\under|\\hat|\\bar|\\vec|[\^_]")
_SILENT = re.compile(r"[\\{}^_]")

_BOUNDS: Mapping[str, Callable[[Slide, _Area], bool]] = {
    "bullets": _bullets,
    "equation": _equation,
    "statement": _statement,
    "labels": _labels,
    "code": _code,
    "table": _table,
    "picture": _picture,
}
