"""The numbers behind drawn figures: curves by words, round ticks, and numbers as a language writes them.

Does not belong here: drawing (`themes`), or the fields of a diagram (`lesson.diagrams`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import cos, exp, floor, log10, pi

from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.lesson.diagrams.figures import Curve

_SAMPLES = 48

Point = tuple[float, float]

_SHAPES: Mapping[str, Callable[[float], float]] = {
    "rising": lambda x: 0.08 + 0.8 * x,
    "falling": lambda x: 0.88 - 0.8 * x,
    "exponential": lambda x: 0.06 + 0.84 * (exp(4 * x) - 1) / (exp(4) - 1),
    "decay": lambda x: 0.08 + 0.8 * exp(-4 * x),
    # 1 - e^-kx, the response of a system of the first order.
    "saturating": lambda x: 0.06 + 0.8 * (1 - exp(-4.5 * x)),
    # The logistic function around the middle of the axis.
    "s": lambda x: 0.07 + 0.8 / (1 + exp(-11 * (x - 0.5))),
    "step": lambda x: 0.12 if x < 0.5 else 0.82,
    # A normal curve.
    "peak": lambda x: 0.08 + 0.8 * exp(-(((x - 0.5) / 0.17) ** 2)),
    "valley": lambda x: 0.88 - 0.76 * exp(-(((x - 0.5) / 0.19) ** 2)),
    "wave": lambda x: 0.48 - 0.36 * cos(2 * pi * (2 * x + 0.25)),
    "flat": lambda _: 0.5,
}


def curve_points(curve: Curve, bounds: tuple[Point, Point]) -> tuple[Point, ...]:
    """The points of `curve`, as shares of the axes: 0 is the origin, 1 the end.

    `bounds` are the least and the greatest point of all curves that are given by points; see `bounds_of`.
    """
    if curve.shape != "points":
        shape = _SHAPES[curve.shape]
        return tuple((n / _SAMPLES, round(shape(n / _SAMPLES), 4)) for n in range(_SAMPLES + 1))
    (left, low), (right, high) = bounds
    return tuple(
        (round(_share(x, left, right), 4), round(0.04 + 0.92 * _share(y, low, high), 4))
        for x, y in sorted(curve.points)
    )


def bounds_of(curves: Sequence[Curve]) -> tuple[Point, Point]:
    """The least x and y, and the greatest x and y, of all curves that are given by points."""
    points = [point for curve in curves for point in curve.points] or [(0.0, 0.0), (1.0, 1.0)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), min(ys)), (max(xs), max(ys))


def _share(value: float, least: float, greatest: float) -> float:
    return (value - least) / (greatest - least) if greatest > least else 0.5


def round_ticks(least: float, greatest: float, most: int = 5) -> tuple[float, ...]:
    """At most `most` + 2 round numbers from at or below `least` to at or above `greatest`.

    The distance is 1, 2 or 5 times a power of ten (P. Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990).
    """
    span = max(greatest - least, 1e-9 * max(abs(greatest), 1.0), 1e-300)
    power = 10.0 ** floor(log10(span / most))
    step = next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power * most >= span * (1 - 1e-9))
    first, last = floor(least / step + 1e-9), -floor(-greatest / step + 1e-9)
    return tuple(round(number * step, 12) for number in range(first, last + 1))


_COMMA_LANGUAGES = frozenset(("de", "fr", "es", "it", "pt", "ru", "pl", "nl", "cs", "da", "fi", "nb", "sv", "tr", "uk"))


def number_text(value: float, language: str) -> str:
    """`value` with at most six significant digits, and the decimal mark and digit groups of the language."""
    text = f"{value:.6g}"
    if "e" in text:
        return text.replace("e+", "e")
    whole, mark, decimals = text.removeprefix("-").partition(".")
    comma = primary_subtag(language) in _COMMA_LANGUAGES
    grouped = f"{int(whole):,}".replace(",", "\u202f" if comma else ",") if len(whole) > 4 else whole
    return ("\u2212" if value < 0 else "") + grouped + ("," if comma and mark else mark) + decimals
