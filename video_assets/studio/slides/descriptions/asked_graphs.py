"""The graph with two axes for which a description asks.

Its axes come from the description, the shapes of its curves from words such as `rises` and `peak`. Does not belong
here: charts of numbers (`asked_numbers`).
"""

from __future__ import annotations

import re
from typing import NamedTuple, cast

from video_assets.studio.lesson.diagrams.figures import Axis, Curve, Graph, Region, Shape

from .arrangement_source import ArrangementSource

_MOST_CURVES = 5
_MOST_REGIONS = 4
_UNIT = re.compile(r"^[^()]*\(([^()]{1,12})\)")
_SEGMENT = r",\s+|;\s*|\s+(?:while|whereas)\s+|\s+and\s+(?=(?:an?|another|the|one)\s)"


class _Axes(NamedTuple):
    x: Axis
    y: Axis


def asked_graph(source: ArrangementSource, *, named: bool) -> Graph | None:
    """A graph. None without the names of both axes, or without a word for the shape of a curve."""
    axes = _axes(source) if named else None
    if axes is None:
        return None
    regions = _regions(source)
    names = {region.name for region in regions} | {axes.x.label, axes.y.label}
    curves = _curves(source, names)
    return Graph(kind="graph", x=axes.x, y=axes.y, curves=curves, regions=regions) if curves else None


def _axes(source: ArrangementSource) -> _Axes | None:
    x, y = _axis(source, "x_axis"), _axis(source, "y_axis")
    if x and y:
        return _Axes(x, y)
    both = source.words.find("both_axes", source.text)
    items = source.items(re.split(r"[.;:]\s", source.text[both.end() :])[0].lstrip(" :")) if both else ()
    if len(items) == 2:
        return _Axes(Axis(label=items[0]), Axis(label=items[1]))
    return _from_against(source)


def _axis(source: ArrangementSource, role: str) -> Axis | None:
    """The axis whose name stands behind `x-axis: …`, or before `… on the x-axis`."""
    words = source.words
    for sentence in source.sentences:
        match = words.find(role, sentence)
        if match is None:
            continue
        joint = re.compile(
            rf"\s*(?:[(:=]|\s(?:{words.any_of('axis_is')}))?\s*(?:{words.any_of('axis_is')})?\s*", re.IGNORECASE
        )
        after = sentence[match.end() :]
        joined = joint.match(after)
        rest = after[joined.end() if joined else 0 :]
        before = re.search(r"([^,;:.]+?)\s+(?:is )?(?:on|along) (?:the )?$", sentence[: match.start()])
        if before and not (joined and joined[0].strip()):
            piece = re.split(r"\s+(?:and|with|has)\s+", before[1])[-1]
        else:
            piece = re.split(r"[,;:.](?:\s|$)|\s+(?:and|on|while|against)\s", rest)[0]
        label = source.label(piece)
        if label:
            unit = _UNIT.match(piece)
            return Axis(label=label, unit=unit[1].strip() if unit else "")
    return None


def _from_against(source: ArrangementSource) -> _Axes | None:
    """The axes of `graph of A against B` and `B over time`."""
    words = source.words
    graph = rf"(?:{words.any_of('graph_of')})(?:\s+(?:of|showing|for))?"
    pattern = re.compile(rf"{graph}\s+(.{{1,70}}?)\s+(?:{words.any_of('against')})\s+(.{{1,70}})", re.IGNORECASE)
    for sentence in source.sentences:
        for match in pattern.finditer(sentence):
            heads = re.split(r"\s(?:of|showing|for)\s", match[1])[-1] if " of " not in match[1] else match[1]
            vertical = source.label(re.split(r"[:,]\s", heads)[-1])
            horizontal = source.label(re.split(r"[,;:.](?:\s|$)|\s+(?:and|that)\s", match[2])[0])
            if vertical and horizontal and vertical != horizontal:
                return _Axes(Axis(label=horizontal), Axis(label=vertical))
    return None


def _regions(source: ArrangementSource) -> tuple[Region, ...]:
    """Named ranges of the horizontal axis, of equal width, in the order of the description."""
    names: list[str] = []
    for sentence in source.sentences:
        match = source.words.find("regions", sentence)
        if match is None:
            continue
        behind = sentence[match.end() :]
        marks = source.quotes(behind)
        names += marks or source.quotes(sentence) or source.items(re.split(r"[.;]\s?", behind.lstrip(" :"))[0])
    unique = tuple(dict.fromkeys(names))[:_MOST_REGIONS]
    width = 1 / max(len(unique), 1)
    return tuple(
        Region(name=name, start=round(width * n, 4), end=round(width * (n + 1), 4)) for n, name in enumerate(unique)
    )


def _curves(source: ArrangementSource, others: set[str]) -> tuple[Curve, ...]:
    found: list[Curve] = []
    for sentence in source.sentences:
        names = [name for name in source.quotes(sentence) if name not in others]
        shape = _shape(source, sentence)
        if len(names) > 1:
            found += _named_curves(source, sentence, names, shape)
        elif shape:
            found.append(Curve(name=names[0] if names else "", shape=shape))
    if not found and (shape := _shape(source, source.spoken.text[:1500])):
        found.append(Curve(shape=shape))
    named = [curve for curve in found if curve.name]
    return tuple({curve.name: curve for curve in named or found[:1]}.values())[:_MOST_CURVES]


def _named_curves(source: ArrangementSource, sentence: str, names: list[str], shape: Shape | None) -> list[Curve]:
    """A curve for each name, with the shape of its own part of the sentence, or else of the whole sentence."""
    curves: dict[str, Curve] = {}
    for segment in re.split(_SEGMENT, sentence):
        own = _shape(source, segment)
        if own is not None:
            found = {name: Curve(name=name, shape=own) for name in source.quotes(segment)}
            curves = found | curves
    if shape is not None:
        curves = {name: Curve(name=name, shape=shape) for name in names} | curves
    return [curves[name] for name in names if name in curves]


def _shape(source: ArrangementSource, text: str) -> Shape | None:
    """The shape whose words occur in `text`; where several do, the more particular one."""
    for shape, pattern in source.words.shapes.items():
        if pattern.search(text):
            return cast(Shape, shape)
    return None
