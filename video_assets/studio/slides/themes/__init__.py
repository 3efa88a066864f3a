"""Themes: the style of slides as data, and the contrast of their colours.

Each TOML file in this folder is a theme (see `docs/themes.md`). All themes share the Typst template `slide.typ`. A
change of a `.toml` or `.typ` file here changes `themes_digest`, and so makes all slides again.
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
    """A theme for lists of themes."""

    id: str
    name: str
    description: str


class Fonts(FrozenModel):
    """Font families, the preferred one first. All other available fonts are fallbacks."""

    heading: tuple[str, ...]
    body: tuple[str, ...]
    mono: tuple[str, ...]
    heading_weight: int = 700
    heading_tracking: float = 0.0
    """Letter spacing of headings, in em."""
    leading: float = 0.22
    """Space between lines of body text, in em, on top of the font's own height."""
    body_size: float = 1.0
    """Factor on the type size of the body, because families of the same size look differently large."""


class Palette(FrozenModel):
    """Colours `#rrggbb`. Text is drawn on `paper` (the slide) and `card` (cards, code, stripes of tables)."""

    paper: str
    card: str
    edge: str
    """Thin lines and the outlines of cards. It never carries a meaning alone."""
    text: str
    muted: str
    accent: str
    second: str
    third: str
    panel: str
    """The ground behind the presenter, beside or above the slide."""
    mark: str
    """The drawing of the backdrop, so close to `paper` that text on it is legible."""


class CodeColours(FrozenModel):
    """Colours of code on the card."""

    keyword: str
    string: str
    number: str
    comment: str
    function: str
    type: str


class Theme(FrozenModel):
    """A theme, as in its file."""

    id: str
    name: str
    description: str
    backdrop: Literal["board", "page", "grid"]
    """The template's drawing in the background."""
    radius: int
    """The radius of the corners of cards, in pixels at 720p."""
    fonts: Fonts
    colours: Palette
    code: CodeColours


@cache
def _themes() -> dict[str, Theme]:
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def _read(path: Path) -> Theme:
    """The theme in the file `path`. A variant takes from its theme what it does not say itself."""
    try:
        written = tomllib.loads(path.read_text("utf-8"))
        if "variant_of" in written:
            base = _FOLDER / f"{Path(written.pop('variant_of')).name}.toml"
            written = tomllib.loads(base.read_text("utf-8")) | written
        return Theme.model_validate({"id": path.stem, **written})
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingInvalid(f"The theme {path.stem} cannot be read: {error}", remedy=f"Mend {path.name}.") from error


def list_themes() -> tuple[ThemeInfo, ...]:
    """All themes, by id."""
    return tuple(ThemeInfo(id=t.id, name=t.name, description=t.description) for t in _themes().values())


def load_theme(name: str, accent: str = "") -> Theme:
    """The theme `name`. `accent` (`#rrggbb`) replaces its accent, changed in lightness until text in it is legible.

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
    """`colour` with the nearest lightness (HLS, in steps of 1/200) at which its contrast on all `grounds` is 4.5.

    Raises SettingInvalid if there is none.
    """
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


def themes_digest() -> str:
    """SHA-256 over all themes and the template: on these, the fonts and the content, a slide depends."""
    files = [path for path in _FOLDER.iterdir() if path.suffix in (".typ", ".toml")]
    return digest_of(canonical_json({path.name: digest_of(path.read_bytes()) for path in sorted(files)}))


def template_files() -> dict[str, bytes]:
    """The Typst sources, by the names that they use to import each other."""
    return {path.name: path.read_bytes() for path in sorted(_FOLDER.glob("*.typ"))}
