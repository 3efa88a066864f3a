"""Themes: how slides look, as data, and the arithmetic that keeps their text legible.

One TOML file here is one theme (`docs/themes.md` says how to write one); `slide.typ` is the template they all share.
Belongs here: reading themes, replacing an accent, contrast. Does not belong here: what is on a slide (`slides.py`), or
turning it into pixels (`resources/pictures`).
"""

from __future__ import annotations

import colorsys
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.messages import quoted, suggestion
from video_assets.studio.core.values import FrozenModel, canonical_json, digest_of

CONTRAST_FLOOR = 4.5
"""WCAG 2.2 AA for text."""

_FOLDER = Path(__file__).parent


class ThemeInfo(FrozenModel):
    """What a list of themes shows."""

    id: str
    name: str
    description: str


class Fonts(FrozenModel):
    """Families, the wanted one first; every other font on offer stands behind them."""

    heading: tuple[str, ...]
    body: tuple[str, ...]
    mono: tuple[str, ...]
    heading_weight: int = 700
    heading_tracking: float = 0.0
    """Letter spacing of headings, in em."""
    leading: float = 0.22
    """Space between lines of body text, in em, on top of the font's own height."""
    body_size: float = 1.0
    """Factor on the body's type size: families differ in how large the same size looks."""


class Palette(FrozenModel):
    """Colours `#rrggbb`. Text stands on `paper` (the slide) and `card` (cards, code, the table's stripes)."""

    paper: str
    card: str
    edge: str
    """Hairlines and the outlines of cards; never carries meaning alone."""
    text: str
    muted: str
    accent: str
    second: str
    third: str
    panel: str
    """Behind the presenter, beside or above the slide."""
    mark: str
    """The backdrop's own drawing; so close to `paper` that text stays legible on it."""


class CodeColours(FrozenModel):
    """Colours of code on the card."""

    keyword: str
    string: str
    number: str
    comment: str
    function: str
    type: str


class Theme(FrozenModel):
    """A theme as its file says it."""

    id: str
    name: str
    description: str
    backdrop: Literal["board", "page", "grid"]
    """Which drawing of the template stands behind everything."""
    radius: int
    """Of cards, in pixels at 720p."""
    fonts: Fonts
    colours: Palette
    code: CodeColours


@cache
def _themes() -> dict[str, Theme]:
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def _read(path: Path) -> Theme:
    try:
        return Theme.model_validate({"id": path.stem, **tomllib.loads(path.read_text("utf-8"))})
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingInvalid(f"The theme {path.stem} cannot be read: {error}", remedy=f"Mend {path.name}.") from error


def list_themes() -> tuple[ThemeInfo, ...]:
    """Every theme there is, by name."""
    return tuple(ThemeInfo(id=t.id, name=t.name, description=t.description) for t in _themes().values())


def load_theme(name: str, accent: str = "") -> Theme:
    """The theme `name`; with `accent` (`#rrggbb`), that colour in place of its own, made legible on its grounds.

    Raises SettingInvalid for a theme or colour that does not exist.
    """
    theme = _themes().get(name)
    if theme is None:
        raise SettingInvalid(f"There is no theme {quoted(name)}.", remedy=suggestion(name, _themes()))
    if not accent:
        return theme
    grounds = (theme.colours.paper, theme.colours.card, theme.colours.mark)
    colours = theme.colours.model_copy(update={"accent": with_min_contrast(accent, grounds)})
    return theme.model_copy(update={"colours": colours})


def _channels(colour: str) -> tuple[float, float, float]:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    try:
        red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    except ValueError as error:
        raise SettingInvalid(f"{colour!r} is not a colour.", remedy="Write it as #rrggbb, e.g. #2f6fdb.") from error
    if len(digits) != 6:
        raise SettingInvalid(f"{colour!r} is not a colour.", remedy="Write it as #rrggbb, e.g. #2f6fdb.")
    return red, green, blue


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance")."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def with_min_contrast(colour: str, grounds: tuple[str, ...]) -> str:
    """`colour`, moved in lightness (HLS, 1/200 a step, the shorter way) until its contrast on all `grounds` is 4.5."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    for step in range(201):
        for moved in (lightness + step / 200, lightness - step / 200):
            candidate = _hex(colorsys.hls_to_rgb(hue, min(max(moved, 0.0), 1.0), saturation))
            if all(contrast(candidate, ground) >= CONTRAST_FLOOR for ground in grounds):
                return candidate
    raise SettingInvalid(
        f"No shade of {colour} is legible on {', '.join(grounds)}.", remedy="Choose grounds of like lightness."
    )


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(c * 255):02x}" for c in channels)


def text_colour_on(ground: str) -> str:
    """Black or white, whichever is more legible on `ground`; one of them always reaches 4.5."""
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, ground))


def themes_digest() -> str:
    """SHA-256 over every file of the themes: what shapes a slide besides its fonts and its words."""
    files = [path for path in _FOLDER.iterdir() if path.suffix in (".typ", ".toml")]
    return digest_of(canonical_json({path.name: digest_of(path.read_bytes()) for path in sorted(files)}))


def template_files() -> dict[str, bytes]:
    """The Typst sources, by the names under which they import each other."""
    return {path.name: path.read_bytes() for path in sorted(_FOLDER.glob("*.typ"))}
