"""The numbers behind drawn figures: curves by words, round ticks, and the ranges of axes.

Does not belong here: drawing (`themes`), numbers as texts (`number_texts`), or the fields of a diagram
(`lesson.diagrams`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import exp, floor, log10, pi, sin
from typing import NamedTuple

from video_assets.studio.lesson.diagrams.figures import Curve

_SAMPLES = 96

Point = tuple[float, float]

_SHAPES: Mapping[str, Callable[[float], float]] = {
    "rising": lambda x: x,
    "falling": lambda x: 1 - x,
    # Growth by the same factor in equal times; e^4 is about fifty times the beginning.
    "exponential": lambda x: (exp(4 * x) - 1) / (exp(4) - 1),
    # The discharge of a capacitor, or the decay of nuclei: e^-kx.
    "decay": lambda x: exp(-4 * x),
    # The step response of a system of the first order: 1 - e^-kx.
    "saturating": lambda x: 1 - exp(-4.5 * x),
    # The logistic function (Verhulst 1838), around the middle of the axis.
    "s": lambda x: 1 / (1 + exp(-11 * (x - 0.5))),
    # The normal curve (Gauss), and the same upside down.
    "peak": lambda x: exp(-(((x - 0.5) / 0.17) ** 2)),
    "valley": lambda x: 1 - exp(-(((x - 0.5) / 0.19) ** 2)),
    # Two periods of a sine.
    "wave": lambda x: 0.5 + 0.5 * sin(4 * pi * x),
    "flat": lambda _: 0.55,
}
"""Shapes on the unit square. They are drawn between `_FLOOR` and `_CEILING` of the axes."""
_STEP = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (1.0, 1.0))
_FLOOR, _CEILING = 0.08, 0.88
_SHIFTED = ("s", "step", "peak", "valley", "wave")
"""Curves of these shapes lie one beside the other if a graph has several of them; other shapes differ in height."""


class AxisRange(NamedTuple):
    """The values at both ends of an axis."""

    least: float
    greatest: float

    def share(self, value: float) -> float:
        """The place of `value` on the axis: 0 is its start, 1 its end."""
        return (value - self.least) / (self.greatest - self.least)


def curve_points(curves: Sequence[Curve], x: AxisRange, y: AxisRange) -> list[tuple[Point, ...]]:
    """The points of each curve, from left to right, as shares of the axes.

    Points that an author gives stand at their values. Several curves of one shape are drawn apart from each other.
    """
    of_shape = Counter(curve.shape for curve in curves)
    seen: Counter[str] = Counter()
    found: list[tuple[Point, ...]] = []
    for curve in curves:
        if curve.shape == "points":
            found.append(tuple((x.share(a), y.share(b)) for a, b in sorted(curve.points, key=lambda point: point[0])))
            continue
        found.append(_shape_points(curve.shape, seen[curve.shape], of_shape[curve.shape]))
        seen[curve.shape] += 1
    return found


def _shape_points(shape: str, number: int, count: int) -> tuple[Point, ...]:
    """The curve `number` of `count` curves with the same shape."""
    shift = 0.36 * (number - (count - 1) / 2) / max(count - 1, 1) if shape in _SHIFTED else 0.0
    height = 1.0 if shape in _SHIFTED else 1 - 0.62 * number / count
    if shape == "step":
        points = [(min(max(a + shift * (0 < a < 1), 0.0), 1.0), b) for a, b in _STEP]
    else:
        places = [n / _SAMPLES for n in range(_SAMPLES + 1)]
        points = [(place, _SHAPES[shape](place - shift)) for place in places]
    return tuple((a, round(_FLOOR + (_CEILING - _FLOOR) * height * b, 4)) for a, b in points)


def round_ticks(least: float, greatest: float, most: int = 5) -> tuple[float, ...]:
    """At most `most` + 2 round numbers from at or below `least` to at or above `greatest`; at least two.

    The distance is 1, 2 or 5 times a power of ten (P. Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990).
    """
    size = max(abs(least), abs(greatest)) or 1.0
    span = greatest - least
    if span < 1e-9 * size:
        least, span = least - size / 2, size
        greatest = least + span
    power = 10.0 ** floor(log10(span / most))
    step = next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power * most >= span * (1 - 1e-9))
    first, last = floor(least / step + 1e-9), -floor(-greatest / step + 1e-9)
    digits = max(0, 2 - floor(log10(step)))
    return tuple(round(number * step, digits) for number in range(first, last + 1))


def with_origin(values: Sequence[float]) -> tuple[float, float]:
    """The range of `values`; it starts at zero if the values are far enough apart for that to cost little room."""
    least, greatest = min(values), max(values)
    if 0 < least < 0.5 * greatest:
        return 0.0, greatest
    return (least, 0.0) if 0.5 * least < greatest < 0 else (least, greatest)
