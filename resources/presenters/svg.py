"""The few SVG elements that drawings are made of, with numbers written the same way everywhere."""

from __future__ import annotations


def number(value: float) -> str:
    """A coordinate to a hundredth, as short as it goes."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def path(template: str, **values: float) -> str:
    """Path data with `{names}` filled in. A minus sign before a name needs a value that is not negative."""
    return template.format(**{name: number(value) for name, value in values.items()})


def _opacity(value: float) -> str:
    return "" if value == 1 else f' opacity="{number(value)}"'


def filled(data: str, paint: str, opacity: float = 1) -> str:
    """A path filled with a colour or `url(#…)`."""
    return f'<path d="{data}" fill="{paint}"{_opacity(opacity)}/>'


def line(data: str, colour: str, width: float, opacity: float = 1, fill: str = "none") -> str:
    """A path stroked with round ends."""
    stroke = f'stroke="{colour}" stroke-width="{number(width)}" stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{data}" fill="{fill}" {stroke}{_opacity(opacity)}/>'


def ellipse(x: float, y: float, rx: float, ry: float, paint: str, opacity: float = 1) -> str:
    """A filled ellipse."""
    at = f'cx="{number(x)}" cy="{number(y)}" rx="{number(rx)}" ry="{number(ry)}"'
    return f'<ellipse {at} fill="{paint}"{_opacity(opacity)}/>'


def circle(x: float, y: float, radius: float, paint: str, opacity: float = 1) -> str:
    """A filled circle."""
    return ellipse(x, y, radius, radius, paint, opacity)


def moved(x: float, y: float, inner: str) -> str:
    """`inner`, shifted."""
    return f'<g transform="translate({number(x)} {number(y)})">{inner}</g>'


def mirrored(inner: str) -> str:
    """`inner` with left and right exchanged about x = 0."""
    return f'<g transform="scale(-1 1)">{inner}</g>'


def clipped(name: str, data: str, inner: str) -> str:
    """`inner` inside a path. `name` is unlike that of any other clip of the drawing."""
    return f'<clipPath id="{name}"><path d="{data}"/></clipPath><g clip-path="url(#{name})">{inner}</g>'


def radial(name: str, where: str, stops: tuple[tuple[float, str, float], ...]) -> str:
    """A radial gradient to be used as `url(#name)`; each stop has an offset, a colour and an opacity."""
    inner = "".join(
        f'<stop offset="{number(offset)}" stop-color="{colour}"'
        + ("" if opacity == 1 else f' stop-opacity="{number(opacity)}"')
        + "/>"
        for offset, colour, opacity in stops
    )
    return f'<radialGradient id="{name}" {where}>{inner}</radialGradient>'
