"""The drawing of a presenter: from a person's data and a pose to SVG.

All drawn persons share these shapes (torso, skull, ears, eyes, nose) and their movements. Does not belong here: pixels
(`drawn.py`), or a particular person.

Units: a head is about 410 units from crown to chin; the origin is the middle of the face, y points down. Light comes
from the upper left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .mouth import draw_mouth
from .person import Person, Proportions, Shape
from .svg import circle, clipped, ellipse, filled, line, mirrored, moved, number, path, radial

MEDALLION, MEDALLION_TOP = 700, -322
"""Side and top edge of the square around the round medallion."""
FIGURE_WIDTH, FIGURE_TOP = 740, -322
FIGURE_HEIGHT, BUST_HEIGHT = 1090, 850
EYES_AREA = (-190, -150, 190, 90)
"""Left, top, right and bottom of the area of the eyes, for every position of the head."""
MOUTH_AREA = (-100, 50, 100, 216)


class Head(NamedTuple):
    """The position of the head: a tilt about the neck, a shift, and a turn, drawn as a shift of the features."""

    tilt_degrees: float = 0
    dx: float = 0
    dy: float = 0
    turn_x: float = 0
    turn_y: float = 0
    brows: float = 0
    """How far the brows are raised."""


class Eyes(NamedTuple):
    """How far the eyes are open (1 open, 0 closed) and where they look, in units from straight ahead."""

    open: float = 1
    gaze: float = 0


def _on_the_way(way: str, shares: tuple[float, ...], end: Head) -> Iterator[tuple[str, Head]]:
    for step, share in enumerate(shares, start=1):
        yield f"{way}{step}", Head(*(value * share for value in end))


_EASED_6 = (0.08, 0.26, 0.5, 0.74, 0.92, 1.0)
_EASED_4 = (0.15, 0.5, 0.85, 1.0)

HEADS: dict[str, Head] = {
    "0": Head(),
    **dict(_on_the_way("l", _EASED_6, Head(tilt_degrees=-2.2, dx=-5, dy=1, turn_x=-8))),
    **dict(_on_the_way("r", _EASED_6, Head(tilt_degrees=2.2, dx=5, dy=1, turn_x=8))),
    **dict(_on_the_way("n", _EASED_4, Head(dy=7, turn_y=6))),
    **dict(_on_the_way("u", _EASED_4, Head(dy=-3, turn_y=-3, brows=11))),
}
"""The heads of `studio.presenter.Pose`."""

EYES: dict[str, Eyes] = {
    "o": Eyes(),
    "h": Eyes(0.45),
    "c": Eyes(0),
    "l": Eyes(gaze=-5),
    "r": Eyes(gaze=5),
    "s": Eyes(gaze=-11),
}
"""The eyes of `studio.presenter.Pose`."""

_PIVOT_Y = 190
"""The head tilts about this point of the neck."""


def breathing(pose: Head, breath: int) -> Head:
    """The head as the chest lifts it, for a breath of 0, 1 or 2."""
    return pose._replace(dy=pose.dy - 2.2 * breath)


def draw_scene(person: Person, pose: Head, breath: int, *, medallion: bool) -> str:
    """The whole picture except eyes and mouth: on a round ground with a ring, or free before a soft disc."""
    c = person.colours
    stops = ((0, c["halo_light"], 1), (1, c["halo"], 1))
    ground = radial("ground", 'cx="0.4" cy="0.3" r="0.85"', stops)
    figure = _back(person, pose) + _body(person, breath / 2) + _head(person, pose)
    if not medallion:
        return ground + circle(0, 36, 350, "url(#ground)") + figure
    return ground + _medallion(figure, c["ring"])


def draw_eyes(person: Person, pose: Head, state: Eyes) -> str:
    """Eyes, brows and glasses. The gaze stays with the viewer while the head turns."""
    p = person.proportions
    gaze = state.gaze - pose.turn_x * 0.35
    sink = 2.5 * (1 - state.open)
    brow = moved(p.eye_x + 2, p.brow_y - pose.brows + sink, _brow(person))
    right = moved(p.eye_x, p.eye_y, _eye(person, state.open, gaze, "right")) + brow
    left = mirrored(moved(p.eye_x, p.eye_y, _eye(person, state.open, -gaze, "left")) + brow)
    return _placed(pose, _turned(pose, 1, right + left + _shapes(person, person.eyewear)))


def draw_lips(person: Person, pose: Head, shape: str) -> str:
    """The mouth of that shape, at the position of the head."""
    return _placed(pose, _turned(pose, 1, moved(0, person.proportions.mouth_y, draw_mouth(person, shape))))


def _medallion(figure: str, ring: str) -> str:
    middle, radius = MEDALLION_TOP + MEDALLION / 2, MEDALLION / 2
    where = f'gradientUnits="userSpaceOnUse" cx="0" cy="{number(middle)}" r="{number(radius)}"'
    shadow = radial("shadow", where, ((0.95, "#000000", 0.3), (1, "#000000", 0)))
    inner = radius - 14
    disc = path("M-{r} {y} A{r} {r} 0 0 1 {r} {y} A{r} {r} 0 0 1 -{r} {y} Z", r=inner, y=middle)
    edge = path("M-{r} {y} A{r} {r} 0 0 1 {r} {y} A{r} {r} 0 0 1 -{r} {y} Z", r=inner - 3, y=middle)
    return (
        f"<defs>{shadow}</defs>"
        + circle(0, middle, radius, "url(#shadow)")
        + filled(disc, "url(#ground)")
        + clipped("disc", disc, figure)
        + line(edge, ring, 12)
    )


def _shape(person: Person, shape: Shape) -> str:
    fill = person.colours[shape.fill] if shape.fill else "none"
    inner = "".join(circle(x, y, radius, fill) for x, y, radius in shape.dots)
    if shape.d and shape.stroke:
        inner += line(shape.d, person.colours[shape.stroke], shape.width, fill=fill)
    elif shape.d:
        inner += filled(shape.d, fill)
    both = inner + mirrored(inner) if shape.mirror else inner
    return both if shape.opacity == 1 else f'<g opacity="{number(shape.opacity)}">{both}</g>'


def _shapes(person: Person, shapes: tuple[Shape, ...]) -> str:
    return "".join(_shape(person, shape) for shape in shapes)


def _placed(head: Head, inner: str) -> str:
    move = f"translate({number(head.dx)} {number(head.dy)}) rotate({number(head.tilt_degrees)} 0 {_PIVOT_Y})"
    return f'<g transform="{move}">{inner}</g>'


def _turned(head: Head, share: float, inner: str) -> str:
    return moved(head.turn_x * share, head.turn_y * share, inner)


def _back(person: Person, head: Head) -> str:
    """The layers behind the shoulders. They lag a little behind a turn of the head."""
    return _placed(head, _turned(head, -0.35, _shapes(person, person.back)))


def _body(person: Person, breath: float) -> str:
    """Neck and torso; `breath` 0..1 lifts and widens the shoulders."""
    c = person.colours
    inner = filled(_neck(person.proportions), c["skin"]) + filled(_chin_shadow(person.proportions), c["skin_shade"])
    inner += filled(_torso(person.proportions), c["top"]) + _shapes(person, person.clothes)
    widen = f"translate(0 900) scale({number(1 + 0.012 * breath)} 1) translate(0 -900)"
    return f'<g transform="translate(0 {number(-24 - 7 * breath)}) {widen}">{inner}</g>'


def _neck(p: Proportions) -> str:
    return path(
        "M-{n} 90 C-{n} 190 -{n} 225 -{m} 262 L-{m} 400 L{m} 400 L{m} 262 C{n} 225 {n} 190 {n} 90 Z",
        n=p.neck, m=p.neck + 22,
    )  # fmt: skip


def _chin_shadow(p: Proportions) -> str:
    return path(
        "M-{n} 150 L{n} 150 C{n} 190 {n} 205 {m} 226 C{h} 262 -{h} 250 -{m} 216 C-{n} 200 -{n} 190 -{n} 150 Z",
        n=p.neck, m=p.neck + 4, h=p.neck * 0.4,
    )  # fmt: skip


def _torso(p: Proportions) -> str:
    return path(
        "M-{t} 262 C-140 298 -{s} 296 -{u} 392 C-{r} 446 -{v} 640 -{v} 1100 L{v} 1100 C{v} 640 {r} 446 {u} 392"
        " C{s} 296 140 298 {t} 262 C{h} 330 -{h} 330 -{t} 262 Z",
        t=p.neck + 22, s=p.shoulders - 48, u=p.shoulders - 8, r=p.shoulders + 8, v=p.shoulders + 16, h=p.neck * 0.6,
    )  # fmt: skip


def _head(person: Person, pose: Head) -> str:
    """Skull, ears, nose, cheeks and hair: everything of the head that neither blinks nor speaks."""
    p, c = person.proportions, person.colours
    ears = _turned(pose, -0.3, _ear(p, c) + mirrored(_ear(p, c)))
    cheek = circle(84, p.eye_y + 74, 46, "url(#blush)")
    features = _turned(pose, 1, cheek + mirrored(cheek) + _shapes(person, person.skin_details))
    hair = _turned(pose, 0.25, _shapes(person, person.hair))
    return _placed(pose, ears + _skull(p, c) + features + _turned(pose, 1.4, _nose(p, c)) + hair)


def _outline(p: Proportions) -> str:
    return path(
        "M0 -205 C-84 -205 -{w} -150 -{w} -60 C-{v} 20 -{u} 76 -{j} {y} C-{i} {z} -46 {c} 0 {c}"
        " C46 {c} {i} {z} {j} {y} C{u} 76 {v} 20 {w} -60 C{w} -150 84 -205 0 -205 Z",
        w=p.temple, v=p.temple + 3, u=p.temple - 6, j=p.jaw, y=p.jaw_y, i=p.jaw - 26, z=p.jaw_y + 44, c=p.chin_y,
    )  # fmt: skip


def _ear(p: Proportions, c: dict[str, str]) -> str:
    t = p.temple
    ear = path("M{t} -26 C{o} -46 {o} 34 {i} 44 C{h} 46 {h} -30 {t} -26 Z", t=t, o=t + 38, i=t - 4, h=t - 14)
    fold = path("M{a} -8 C{b} -14 {b} 14 {a} 24", a=t + 4, b=t + 20)
    return filled(ear, c["skin"]) + line(fold, c["skin_shade"], 7)


def _skull(p: Proportions, c: dict[str, str]) -> str:
    lit = 'gradientUnits="userSpaceOnUse" cx="-40" cy="-40" r="400"'
    light = radial("light", lit, ((0, c["skin_light"], 1), (0.5, c["skin"], 1), (1, c["skin_shade"], 1)))
    blush = radial("blush", "", ((0, c["blush"], 0.45), (1, c["blush"], 0)))
    outline = _outline(p)
    side = path(
        "M{w} -120 C{a} 10 {b} 140 10 {c} L{w} {c} Z",
        w=p.temple + 20, a=p.temple - 2, b=p.jaw + 4, c=p.chin_y + 4,
    )  # fmt: skip
    return (
        f"<defs>{light}{blush}</defs>"
        + filled(outline, "url(#light)")
        + line(outline, c["skin_shade"], 3, 0.8)
        + clipped("face", outline, filled(side, c["skin_shade"], 0.35))
    )


def _nose(p: Proportions, c: dict[str, str]) -> str:
    y, w = p.nose_y, p.nose
    bridge = path(
        "M10 {e} C14 {m} {v} {t} {w} {n} C{v} {b} 2 {b} 0 {n} C6 {t} 6 {m} 10 {e} Z",
        e=p.eye_y + 4, m=y - 30, t=y - 14, w=w + 4, v=w + 2, n=y, b=y + 9,
    )  # fmt: skip
    base = path("M-{w} {n} C-{h} {b} {h} {b} {w} {n}", w=w, n=y, h=w * 0.5, b=y + 14)
    tip = ellipse(-4, y - 12, 8, 7, c["skin_light"], 0.75)
    return filled(bridge, c["skin_shade"], 0.55) + tip + line(base, c["skin_line"], 6)


_LOWER_LID = 12.0


def _upper_lid(p: Proportions, height: float) -> str:
    """The upper lid's edge from the inner to the outer corner; a negative height bends it below the corners."""
    w = p.eye_width
    return path("M-{w} 5 C-{a} {h} {b} {h} {w} 0", w=w, a=w * 0.72, b=w * 0.55, h=5 - height * 1.4)


def _eye(person: Person, opened: float, gaze: float, name: str) -> str:
    """The eye on the viewer's right, its inner corner on the left."""
    p, c = person.proportions, person.colours
    w, h, lowest = p.eye_width, p.eye_height, _LOWER_LID * 0.6
    lower = path("C{b} {h} -{b} {h} -{w} 5 Z", w=w, b=w * 0.6, h=_LOWER_LID * 1.6)
    edge = _upper_lid(p, opened * (h + lowest) - lowest)
    crease = path(
        "M-{a} {y} C-{b} {h} {b} {h} {w} {z}",
        a=w * 0.8, b=w * 0.45, w=w + 3, y=-h * 0.55 - 4, z=-h * 0.4 - 3, h=-h * 1.35 - 6,
    )  # fmt: skip
    lid = line(crease, c["skin_line"], 3, 0.6) + filled(f"{_upper_lid(p, h)} {lower}", c["lid"])
    ball = _eyeball(person, f"{edge} {lower}", gaze, name) if opened > 0 else ""
    return lid + ball + line(edge, c["lash"], p.lashes)


def _eyeball(person: Person, aperture: str, gaze: float, name: str) -> str:
    r, c = person.proportions.iris, person.colours
    inner = (
        filled(aperture, "#fdfcfa")
        + circle(gaze, -4, r, c["iris"])
        + circle(gaze, -1, r * 0.72, c["iris_light"], 0.65)
        + circle(gaze, -4, r * 0.5, c["pupil"])
        + ellipse(0, -24, 40, 11, "#3a2c3a", 0.2)
        + circle(gaze - r * 0.34, -4 - r * 0.38, r * 0.3, "#ffffff")
        + circle(gaze + r * 0.36, -4 + r * 0.42, r * 0.15, "#ffffff", 0.8)
    )
    return clipped(name, aperture, inner)


def _brow(person: Person) -> str:
    b = person.proportions.brow
    data = path(
        "M-36 0 C-14 -{t} 16 -{u} 40 3 C18 -{v} -10 -{w} -33 {v} C-38 {v} -39 {f} -36 0 Z",
        t=b * 1.5, u=b * 1.7, v=b * 0.9, w=b * 0.4, f=b * 0.5,
    )  # fmt: skip
    brow = filled(data, person.colours["brow"])
    return f'<g transform="rotate({number(person.proportions.brow_tilt)})">{brow}</g>'
