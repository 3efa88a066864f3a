"""Slides that are too large are found before anything is made, and most others without being laid out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.pictures.slides import SlidePictures
from video_assets.studio.core.errors import ContentError, DoesNotFit
from video_assets.studio.core.settings import DEFAULTS, PresenterPlace, Settings
from video_assets.studio.lesson.model import Code, Table
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.provider import PictureRequest, picture_request
from video_assets.studio.preflight.lesson_check import problems_of
from video_assets.studio.preflight.slide_check import SlideCheck
from video_assets.studio.slides.fitting import certainly_fits

FONTS = Path(__file__).parents[2] / "data" / "fonts"
PROVIDER = SlidePictures(FONTS)
_WORDS = (
    "a",
    "of",
    "WWW",
    "mmm",
    "illegal",
    "transconductance",
    "V_GS",
    "10 kΩ",
    "*MAXIMUM*",
    "电压升高",
    "धारा",
    "—",
    "x^2",
)
_SIZES = ((1280, 720), (720, 1280), (720, 720), (640, 360), (1920, 1080))


@st.composite
def _text(draw: st.DrawFn, most: int) -> str:
    return " ".join(draw(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=most)))


@st.composite
def _slide(draw: st.DrawFn) -> Slide:
    layout = draw(st.sampled_from(("bullets", "statement", "labels", "code", "table", "equation")))
    content: dict[str, object] = {"layout": layout, "title": draw(_text(7))}
    points = tuple(draw(st.lists(_text(9), max_size=6)))
    if layout == "bullets":
        content |= {"bullets": points or ("One",)}
    elif layout == "statement":
        content |= {"statement": draw(_text(25)), "bullets": points[:2]}
    elif layout == "labels":
        content |= {"labels": tuple(draw(st.lists(_text(3), min_size=1, max_size=8))), "bullets": points[:3]}
    elif layout == "code":
        lines = draw(st.lists(_text(8), min_size=1, max_size=26))
        content |= {"code": Code(language="python", text="\n".join(lines)), "bullets": points[:2]}
    elif layout == "table":
        columns = draw(st.integers(1, 5))
        row = st.lists(_text(3), min_size=columns, max_size=columns).map(tuple)
        content |= {"table": Table(rows=tuple(draw(st.lists(row, min_size=1, max_size=9))))}
    else:
        parts = draw(st.lists(st.sampled_from(_FORMULAS), min_size=1, max_size=9))
        content |= {"equation": " + ".join(parts), "bullets": points[:3]}
    return Slide.model_validate(content)


_FORMULAS = (
    r"\frac{a}{b}",
    "x^2",
    r"\sqrt{x_1}",
    r"\sum_{i=1}^{n} i",
    r"\longrightarrow",
    "mWM",
    r"\sin\theta",
    r"\mathrm{Re}",
)


def _request(
    slide: Slide, size: tuple[int, int] = (1280, 720), place: PresenterPlace = "corner", theme: str = "chalk"
) -> PictureRequest:
    chosen = Settings.model_validate({"width_px": size[0], "height_px": size[1], "theme": theme})
    return picture_request(slide, place, chosen, "en", "")


@given(
    slide=_slide(),
    size=st.sampled_from(_SIZES),
    place=st.sampled_from(("corner", "side", "absent")),
    theme=st.sampled_from(("chalk", "paper", "signal")),
)
@settings(max_examples=100, deadline=None)
def test_what_certainly_fits_does_fit(slide: Slide, size: tuple[int, int], place: PresenterPlace, theme: str) -> None:
    """A teacher would be told that a lesson is sound, and its film would fail at a slide."""
    request = _request(slide, size, place, theme)
    if certainly_fits(request):
        PROVIDER.paint(request, {})


def test_ordinary_slides_are_not_laid_out() -> None:
    """A check of two thousand sections would take a minute."""
    slides = (
        Slide(layout="bullets", title="The gate", bullets=("It sits on glass", "No current flows through it")),
        Slide(layout="statement", title="The gate", statement="Light is bent where it slows down."),
        Slide(layout="labels", title="The gate", labels=("V_GS", "drain", "source", "oxide"), bullets=("A channel",)),
        Slide(layout="code", title="A loop", code=Code(text="for i in range(3):\n    print(i)")),
        Slide(layout="table", title="Colours", table=Table(rows=(("Red", "700 nm"), ("Blue", "450 nm")))),
        Slide(layout="equation", title="Energy", equation="E = m c^2"),
    )
    assert [certainly_fits(_request(slide)) for slide in slides] == [True] * len(slides)


TOO_LARGE = {
    "code": {"code": "\n".join(f"x{number} = {number} * 2" for number in range(60))},
    "bullets": {"bullets": [f"Point {number} is long: {'and longer ' * 25}" for number in range(12)]},
    "table": {"table": {"rows": [[f"{row} {column} {'wide ' * 5}" for column in range(9)] for row in range(30)]}},
    "equation": {"equation": " + ".join(f"x_{{{number}}}" for number in range(200))},
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_slide_that_is_too_large_is_found_by_the_check(name: str, tmp_path: Path) -> None:
    """An author would wait for a whole film, and then read that one listing is twice too long."""
    path = tmp_path / "lesson.json"
    path.write_text(json.dumps({"sections": [{"content": "This is all of it.", **TOO_LARGE[name]}]}, indent=1))
    (problem,) = problems_of("lesson.json", read_lesson(path), {}, SlideCheck(DEFAULTS, PROVIDER))
    assert (problem.code, problem.severity) == ("too-large", "error")
    assert problem.pointer.startswith(f"/sections/0/{name}")
    assert f'"{name}"' in path.read_text().splitlines()[problem.line - 1] or problem.pointer.count("/") > 3


def test_the_place_of_the_presenter_decides(tmp_path: Path) -> None:
    """A lesson that fits beside a small presenter would be refused, or fail beside a large one."""
    path = tmp_path / "lesson.json"
    section = {"content": "This is all of it.", "bullets": ["A point that is rather long. " * 12] * 4}
    path.write_text(json.dumps({"sections": [section]}))

    def codes(place: PresenterPlace) -> list[str]:
        check = SlideCheck(Settings.model_validate({"presenter_place": place}), PROVIDER)
        return [problem.code for problem in problems_of("lesson.json", read_lesson(path), {}, check)]

    assert (codes("absent"), codes("full")) == ([], ["too-large"])


@given(slide=_slide(), place=st.sampled_from(("corner", "side", "absent", "full")))
@settings(max_examples=40, deadline=None)
def test_a_slide_is_refused_by_the_check_exactly_if_it_cannot_be_painted(slide: Slide, place: PresenterPlace) -> None:
    """A check that differs from the render would be ignored by its users, or keep good lessons from becoming films."""
    request = _request(slide, place=place)
    found = PROVIDER.refusals(request, {})
    try:
        PROVIDER.paint(request, {})
    except ContentError as error:
        assert [(type(each), each.message, each.place) for each in found] == [(type(error), error.message, error.place)]
        assert isinstance(error, DoesNotFit)
    else:
        assert found == ()
