"""Pictures with transparent parts can be seen on every theme."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from resources.pictures.slides import SlidePictures
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.lesson.model import PictureFile
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.ground import ground_for
from video_assets.studio.pictures.normalise import accept_picture
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.slides.themes import contrast, list_themes, load_theme

PAINTER = SlidePictures(Path(__file__).parents[2] / "data" / "fonts", system_fonts=False)
THEMES = tuple(theme.id for theme in list_themes())
INKS = {
    "black": "#000000",
    "white": "#ffffff",
    "ink": "#20242c",
    "yellow": "#ffe14d",
    "blue": "#1f4fb4",
    "red": "#b01020",
    "grey": "#808080",
}


def _lines(*inks: str, mode: str = "RGBA", width: int = 8) -> bytes:
    """A drawing of lines on transparency, as plotting programs write it."""
    picture = Image.new("RGBA", (800, 500), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for number, ink in enumerate(inks):
        draw.line((40, 460 - 40 * number, 760, 40 + 60 * number), fill=ink, width=width)
    out = io.BytesIO()
    (picture.quantize(16) if mode == "P" else picture.convert(mode)).save(out, "PNG")
    return out.getvalue()


def _painted(theme: str, data: bytes, *, logo: bool = False) -> np.ndarray:
    files = {"a": data}
    slide = (
        Slide(layout="statement", statement="·")
        if logo
        else Slide(layout="picture", picture=PictureFile(path="a.png", digest="a"))
    )
    look = SlideStyle(theme=theme, logo="a" if logo else "")
    request = PictureRequest(slide=slide, stage=plan_layout(1280, 720, "absent"), look=look, language="en")
    with Image.open(io.BytesIO(PAINTER.paint(request, files))) as page:
        return np.asarray(page)


def _greatest_contrast(page: np.ndarray, ink: str) -> float:
    """The contrast between `ink`, where it is in the page, and the commonest colour around it."""
    wanted = np.array([int(ink[at : at + 2], 16) for at in (1, 3, 5)])
    at = np.argwhere(np.abs(page.astype(int) - wanted).max(axis=2) <= 6)
    assert len(at) > 50, "the lines are not in the page"
    row, column = at[len(at) // 2]
    around = page[max(0, row - 30) : row + 30, max(0, column - 30) : column + 30].reshape(-1, 3)
    colours, counts = np.unique(around[np.abs(around.astype(int) - wanted).max(axis=1) > 6], axis=0, return_counts=True)
    ground = colours[counts.argmax()]
    return contrast(ink, "#" + "".join(f"{channel:02x}" for channel in ground))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", INKS)
def test_lines_on_transparency_are_seen_on_every_theme(name: str, theme: str) -> None:
    """A class would look at an empty slide: black lines of a plot on a dark board, white ones on paper."""
    assert _greatest_contrast(_painted(theme, _lines(INKS[name])), INKS[name]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("mode", ["P", "LA"])
def test_palettes_and_grey_are_seen_too(mode: str, theme: str) -> None:
    """A class would not see a drawing that its program had saved with a palette or without colours."""
    assert _greatest_contrast(_painted(theme, _lines("#000000", mode=mode)), "#000000") >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_black_and_white_lines_are_both_seen(theme: str) -> None:
    """A class would see the axes of a plot and not its curve."""
    page = _painted(theme, _lines("#000000", "#ffffff"))
    assert _greatest_contrast(page, "#000000") >= 4.5
    assert _greatest_contrast(page, "#ffffff") >= 4.5


def test_a_logo_is_seen_on_a_dark_theme() -> None:
    """A school's black logo would be lost on every slide of the default theme."""
    page = _painted("chalk", _lines("#000000", width=40), logo=True)
    assert _greatest_contrast(page, "#000000") >= 4.5


def test_a_picture_that_is_seen_gets_no_ground() -> None:
    """An author's drawing that suits the theme would stand in a white box."""
    paper = load_theme("chalk").colours.paper
    with Image.open(io.BytesIO(_lines("#ffffff"))) as picture:
        assert ground_for(picture, (paper, "#ffffff")) == paper
    opaque = Image.new("RGBA", (100, 100), "black")
    assert ground_for(opaque, (paper, "#ffffff")) == ""
    assert ground_for(Image.new("RGBA", (100, 100), (0, 0, 0, 0)), (paper, "#ffffff")) == ""
    # Black letters on the picture's own white do not stand on the slide.
    ImageDraw.Draw(own := Image.new("RGBA", (200, 200), (0, 0, 0, 0))).rectangle((20, 20, 180, 180), fill="white")
    ImageDraw.Draw(own).line((60, 60, 140, 140), fill="black", width=6)
    assert ground_for(own, (paper, "#ffffff")) == paper


@pytest.mark.parametrize(("ink", "ground"), [("#000000", 255), ("#ffffff", 0)])
def test_a_generated_picture_keeps_its_lines(ink: str, ground: int) -> None:
    """An author would pay again and again for white lines that had become one white picture."""
    accepted = accept_picture(_lines(ink))
    with Image.open(io.BytesIO(accepted.png)) as picture:
        assert picture.convert("L").getpixel((2, 2)) == ground
        low, high = picture.convert("L").getextrema()
        assert (low, high) == (0, 255)
