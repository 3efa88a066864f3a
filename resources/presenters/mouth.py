"""The drawing of a mouth: the nine shapes of speech, and five drawings between them.

Does not belong here: the shape of each sound (`studio/presenter/visemes.py`), or its times
(`studio/presenter/provider.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from .person import Person
from .svg import clipped, ellipse, filled, line, path


class Mouth(NamedTuple):
    """A mouth in units around its middle: what is open, how round it is, and what shows inside."""

    half_width: float
    top: float
    """Height of the opening above the line of the closed lips."""
    bottom: float
    """Depth of the opening below that line."""
    corner: float
    """How far the corners lie below that line (negative: a smile)."""
    round: float
    """0: pointed corners, 1: an ellipse."""
    upper_lip: float
    lower_lip: float
    upper_teeth: float
    """How far the upper teeth reach down from the opening's top."""
    lower_teeth: float
    tongue: float
    """Height of the tongue's top above the opening's bottom."""
    tongue_width: float

    @property
    def is_open(self) -> bool:
        """Whether anything shows between the lips."""
        return self.upper_teeth > 0 or self.round > 0.5


# The nine shapes of the Hanna-Barbera set as Rhubarb names them.
_SHAPES: dict[str, Mouth] = {
    #           width top bot corner round upper lower teeth teeth tongue
    "X": Mouth(53, 0, 3, -12, 0.0, 8.5, 12, 0, 0, 0, 26),
    "A": Mouth(46, 0, 1, -4, 0.0, 5.5, 7.5, 0, 0, 0, 26),
    "B": Mouth(55, 10, 12, -8, 0.3, 8, 11, 11.5, 9, 0, 26),
    "C": Mouth(52, 14, 25, -8, 0.4, 8.5, 12, 12, 0, 13, 30),
    "D": Mouth(54, 18, 44, -6, 0.55, 8.5, 12, 13, 0, 22, 36),
    "E": Mouth(37, 17, 29, 0, 0.85, 10, 13, 9, 0, 11, 24),
    "F": Mouth(19, 9, 12, 1, 1.0, 15, 17, 0, 0, 0, 14),
    "G": Mouth(44, 11, 4, -6, 0.3, 8, 10, 17, 0, 0, 26),
    "H": Mouth(50, 15, 30, -7, 0.45, 8.5, 12, 9, 7, 31, 24),
}


def _between(one: Mouth, other: Mouth, share: float) -> Mouth:
    return Mouth(*(a + (b - a) * share for a, b in zip(one, other, strict=True)))


MOUTHS: dict[str, Mouth] = _SHAPES | {
    "b": _between(_SHAPES["X"], _SHAPES["B"], 0.5),
    "c": _between(_SHAPES["B"], _SHAPES["C"], 0.5),
    "d": _between(_SHAPES["C"], _SHAPES["D"], 0.5),
    "e": _between(_SHAPES["E"], _SHAPES["F"], 0.5),
    "f": _between(_SHAPES["B"], _SHAPES["F"], 0.55),
}
"""Every mouth of `studio.presenter.OPENINGS`."""


def mouth_of(person: Person, shape: str) -> Mouth:
    """A shape as this person's lips make it."""
    m, p = MOUTHS[shape], person.proportions
    return m._replace(half_width=m.half_width * p.mouth, upper_lip=m.upper_lip * p.lips, lower_lip=m.lower_lip * p.lips)


def draw_mouth(person: Person, shape: str) -> str:
    """One of MOUTHS around the origin: shade under the lip, lips, what shows between them, and the lips' inner edge."""
    m, c = mouth_of(person, shape), person.colours
    edge = _opening(m)
    shade = ellipse(0, m.bottom + m.lower_lip + 8, m.half_width * 0.5, 6, c["skin_line"], 0.28)
    shine_y = m.bottom + m.lower_lip * 0.45
    shine = ellipse(-6, shine_y, m.half_width * 0.34, m.lower_lip * 0.2, c["lip_light"], 0.8)
    lips = shade + filled(_lips(m), c["lip"]) + shine
    if not m.is_open:
        return lips + line(edge, c["lip_line"], 5, fill=c["lip_line"])
    inside = filled(edge, c["cavity"]) + _tongue(m, c["tongue"]) + _teeth(m, c)
    return lips + clipped("open", edge, inside) + line(edge, c["lip_line"], 4)


def _opening(m: Mouth) -> str:
    """The inner edge of the lips. Round mouths are ellipses, others taper to their corners."""
    w, r = m.half_width, m.round
    level = m.corner * (1 - r) * 0.5
    return path(
        "M-{w} {k} C-{s} {u} -{n} {t} 0 {t} C{n} {t} {s} {u} {w} {k}"
        " C{s} {d} {n} {b} 0 {b} C-{n} {b} -{s} {d} -{w} {k} Z",
        w=w, k=m.corner, s=w * (0.62 + 0.38 * r), n=w * (0.38 + 0.17 * r), t=-m.top, b=m.bottom,
        u=level - m.top * (0.75 - 0.15 * r), d=level + m.bottom * (0.8 - 0.2 * r),
    )  # fmt: skip


def _lips(m: Mouth) -> str:
    """The outer edge of the lips, with the bow of the upper one."""
    w, r = m.half_width + 4 + 4 * m.round, m.round
    top, bottom = -m.top - m.upper_lip, m.bottom + m.lower_lip
    return path(
        "M-{w} {k} C-{s} {u} -{n} {t} -{p} {t} C-{q} {t} -{q} {v} 0 {v} C{q} {v} {q} {t} {p} {t}"
        " C{n} {t} {s} {u} {w} {k} C{s} {d} {n} {b} 0 {b} C-{n} {b} -{s} {d} -{w} {k} Z",
        w=w, k=m.corner, s=w * (0.72 + 0.26 * r), n=w * (0.5 + 0.1 * r), p=w * 0.2, q=w * 0.08,
        t=top, v=top + m.upper_lip * 0.32, b=bottom,
        u=m.corner + (top - m.corner) * (0.45 + 0.1 * r), d=m.corner + (bottom - m.corner) * (0.55 + 0.05 * r),
    )  # fmt: skip


def _tongue(m: Mouth, colour: str) -> str:
    if m.tongue <= 0:
        return ""
    wide, high = m.tongue_width, m.tongue_width * 0.62
    y = m.bottom - m.tongue + high
    return ellipse(0, y, wide, high, colour) + ellipse(-3, y - wide * 0.3, wide * 0.5, wide * 0.18, "#ffffff", 0.22)


def _teeth(m: Mouth, c: dict[str, str]) -> str:
    row = "M-{w} {f} L-{w} {y} Q0 {z} {w} {y} L{w} {f} Z"
    lower = path(
        row, w=m.half_width * 0.8, f=m.bottom + 8, y=m.bottom - m.lower_teeth * 0.8, z=m.bottom - m.lower_teeth
    )
    tip = -m.top + m.upper_teeth
    upper = path(row, w=m.half_width * 0.9, f=-m.top - 8, y=tip - 4, z=tip + 4)
    drawn = filled(lower, c["teeth_shade"]) if m.lower_teeth > 0 else ""
    return drawn + filled(upper, c["teeth"]) if m.upper_teeth > 0 else drawn
