"""Right-to-left slides: quantities and formulas in the order in which they are read, and texts at the right edge."""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from resources.pictures.slides import SlidePictures
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.lesson.model import PictureFile
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.slides.directions import with_isolates
from video_assets.studio.slides.themes import load_theme

PAINTER = SlidePictures(Path(__file__).parents[2] / "data" / "fonts", system_fonts=False)
THEMES = ("chalk", "paper", "signal")


def _page(slide: Slide, language: str, theme: str) -> NDArray[np.int_]:
    request = PictureRequest(
        slide=slide, stage=plan_layout(1280, 720, "absent"), look=SlideStyle(theme=theme), language=language
    )
    picture = io.BytesIO()
    Image.new("RGB", (400, 900), (200, 60, 60)).save(picture, "PNG")
    with Image.open(io.BytesIO(PAINTER.paint(request, {"tall": picture.getvalue()}))) as page:
        return np.asarray(page).astype(int)


@cache
def _backdrops(theme: str) -> tuple[NDArray[np.int_], ...]:
    """Two pages with a point at different places."""
    return tuple(_page(Slide(layout="statement", statement="·"), language, theme) for language in ("en", "he"))


def _ink(slide: Slide, language: str, theme: str) -> NDArray[np.bool_]:
    """What `slide` draws on top of the backdrop of its theme."""
    page = _page(slide, language, theme)
    return np.min([np.abs(page - backdrop).max(axis=2) for backdrop in _backdrops(theme)], axis=0) > 40


def _crop(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.mark.parametrize(
    "text",
    ["5 kg", "−3.5 V", "-7", "10 000", "x − y", "2 + 3 = 5", "(a+b)²", "f(x) = −x", "50 %", "V_GS > −2 V", "C++"],
)
@pytest.mark.parametrize("language", ["he", "ar", "fa", "ur"])
def test_text_without_right_to_left_letters_is_set_from_left_to_right(language: str, text: str) -> None:
    """A class would read "kg 5" and "V 3.5−" on Hebrew and Arabic slides."""
    left_to_right, shown = (
        _letters(_page(Slide(layout="title", title=text), each, "signal")) for each in ("en", language)
    )
    # The places of the letters differ by parts of a pixel.
    shape = tuple(map(min, left_to_right.shape, shown.shape))
    assert np.abs(np.subtract(left_to_right.shape, shown.shape)).max() <= 1
    one, two = left_to_right[: shape[0], : shape[1]], shown[: shape[0], : shape[1]]
    assert (one != two).sum() < 0.1 * one.sum()


def _letters(page: NDArray[np.int_]) -> NDArray[np.bool_]:
    """The letters of the title, without the line below, which has another colour."""
    colour = load_theme("signal").colours.text
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return _crop(np.abs(page - wanted).max(axis=2) < 60)


ISOLATED = [
    ("5 kg", "⟪5 kg⟫"),
    ("ברזל 5 kg", "ברזל ⟪5 kg⟫"),
    ("המתח הוא −3.5 V כעת", "המתח הוא ⟪−3.5 V⟫ כעת"),
    ("כאשר f(x) = −x + 5, אז", "כאשר ⟪f(x) = −x + 5⟫, אז"),
    ("(5 kg) ברזל", "(⟪5 kg⟫) ברזל"),
    ("(V_GS − V_T)² הוא", "⟪(V_GS − V_T)²⟫ הוא"),
    ("הנקודה (0, 5) על הציר", "הנקודה (⟪0, 5⟫) על הציר"),
    ("10 000 אנשים", "⟪10 000⟫ אנשים"),
    ("המחיר $5.", "המחיר ⟪$5⟫."),
    ("יון Na+ חיובי", "יון ⟪Na+⟫ חיובי"),
    ("קצב: 5 kg, 3 m", "קצב: ⟪5 kg⟫, ⟪3 m⟫"),
    ("דוא Dr. Smith אמר", "דוא ⟪Dr. Smith⟫ אמר"),
    ("טווח 5–10 m", "טווח ⟪5–10 m⟫"),
    ("دما −۵ °C است", "دما ⟪−۵ °C⟫ است"),
    ("الكتلة 5 kg والجهد −3.5 V.", "الكتلة ⟪5 kg⟫ والجهد ⟪−3.5 V⟫."),
    # What the algorithm of Unicode sets right by itself stays as it is.
    ("המספרים 1, 2, 3 הם", "המספרים 1, 2, 3 הם"),
    ("עמודים 5 7 9", "עמודים 5 7 9"),
    ("ב-5 שנים", "ב-5 שנים"),
    ("ציר ה-x", "ציר ה-x"),
    ("1. מבוא", "1. מבוא"),
    ("−٣٫٥ فولت", "−٣٫٥ فولت"),
    ("שלום", "שלום"),
    ("–", "–"),
]


@pytest.mark.parametrize(("text", "expected"), ISOLATED)
def test_quantities_and_formulas_are_isolated(text: str, expected: str) -> None:
    """A class would read "V 3.5−" in the middle of a Hebrew or Arabic sentence."""
    assert with_isolates([text], [False])[0].replace("\u2066", "⟪").replace("\u2069", "⟫") == expected


def test_code_is_isolated_whole() -> None:
    """A class would read the parts of a program in another order."""
    marked = with_isolates(["הערך ", "x[0] = -1", " כאן"], [False, True, False])
    assert marked == ("הערך ", "\u2066x[0] = -1\u2069", " כאן")


_PIECES = st.sampled_from(
    ("שלום", "ו-", "مرحبا", "٣", " ", " ", "5", "12", "kg", "x", "−", "-", "+", "=", "(", ")", "|", ",", ". ", "%", "$")
)


@given(st.lists(st.lists(_PIECES, max_size=8).map("".join), min_size=1, max_size=4), st.data())
@settings(max_examples=400, deadline=None)
def test_isolation_loses_nothing_and_is_balanced(texts: list[str], data: st.DataObject) -> None:
    """A class would miss a character, or have the rest of a paragraph turned round by an isolate that never ends."""
    code = data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    marked = "".join(with_isolates(texts, code))
    assert marked.replace("\u2066", "").replace("\u2069", "") == "".join(texts)
    marks = [character for character in marked if character in "\u2066\u2069"]
    assert marks == ["\u2066", "\u2069"] * (len(marks) // 2)
    if any(code):
        return
    for inside in marked.split("\u2066")[1:]:
        isolated = inside.split("\u2069")[0]
        assert not any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in isolated)


TEXTS = {
    "title": Slide(layout="title", title="שיעור", subtitle="פיזיקה", footer="2026"),
    "end": Slide(layout="end", title="תודה", subtitle="Ada", bullets=("CC BY 4.0",), footer="CC"),
    "statement": Slide(layout="statement", statement="המתח", subtitle="הוא", footer="CC"),
    "bullets": Slide(layout="bullets", title="נקודות", bullets=("אחת", "5 kg"), footer="CC"),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", TEXTS)
def test_every_text_stands_at_the_right(name: str, theme: str) -> None:
    """A class would see the title at the left and its line at the right."""
    ink = _ink(TEXTS[name], "he", theme)
    ink = ink[(ink.mean(axis=1) < 0.5)]  # without the lines between points
    assert ink[:, 640:].any()
    assert not ink[:, :640].any()


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_and_its_points_do_not_overlap(theme: str) -> None:
    """A class could not read the points that stand on the picture."""
    picture = PictureFile(path="a", digest="tall")
    bare = _ink(Slide(layout="picture", picture=picture), "he", theme)
    both = _ink(Slide(layout="picture", picture=picture, bullets=("נקודה אחת לראות",)), "he", theme)
    assert both.sum() > bare.sum()
