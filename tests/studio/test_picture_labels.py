"""Labels over a picture, and pictures that fill the frame, in painted pixels."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from resources.pictures.slides import SlidePictures
from video_assets.studio.core.errors import DoesNotFit, GlyphMissing
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.lesson.model import PictureFile, PictureLabel
from video_assets.studio.lesson.script import Slide, SlideLook
from video_assets.studio.lesson.validation import format_problems
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.slides.parts import parts_of
from video_assets.studio.slides.themes import contrast, load_theme
from video_assets.studio.slides.typesetting import MOST_CROPPED

PAINTER = SlidePictures(Path(__file__).parents[2] / "data" / "fonts", system_fonts=False)
RED = (200, 60, 60)
SIZES = ((1280, 720), (720, 1280), (720, 720))
LABELS = tuple(
    PictureLabel(text=text, at=at)
    for text, at in (
        ("Gate", (0.4, 0.3)),
        ("Inversion layer", (0.45, 0.5)),
        ("Source", (0.03, 0.97)),
        ("Drain", (1.0, 1.0)),
        ("Substrate", (0.5, 0.8)),
    )
)


def _file(width: int, height: int) -> bytes:
    """A red picture."""
    pixels = np.full((height, width, 3), RED, np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


FILES = {"3:2": _file(1536, 1024), "16:9": _file(1600, 900), "2:3": _file(1024, 1536), "7:4": _file(1792, 1024)}


def _paint(
    slide: Slide,
    size: tuple[int, int] = (1280, 720),
    place: PresenterPlace = "corner",
    theme: str = "paper",
    looks: tuple[SlideLook, ...] = (),
) -> list[NDArray[np.uint8]]:
    stage = plan_layout(*size, place)
    request = PictureRequest(slide=slide, stage=stage, look=SlideStyle(theme=theme), language="en", looks=looks)
    return [_decoded(page) for page in PAINTER.paint_states(request, FILES)]


def _decoded(page: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(page)) as picture:
        return np.asarray(picture.convert("RGB"))


def _slide(shape: str, *, painted: bool = False, labels: tuple[PictureLabel, ...] = (), bullets: int = 0) -> Slide:
    points = ("A positive voltage pulls electrons", "The thin oxide insulates", "No current flows into it")[:bullets]
    picture = PictureFile(path="" if painted else "a.png", digest=shape, painted=painted)
    return Slide(layout="picture", title="A switch", picture=picture, picture_labels=labels, bullets=points)


def _red(page: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (page == RED).all(axis=2)


@pytest.mark.parametrize("theme", ["chalk", "paper", "signal"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_labels_keep_off_each_other_the_edge_and_the_presenter(size: tuple[int, int], theme: str) -> None:
    """A learner could not read a label that lies under another one or behind the presenter."""
    slide = _slide("2:3" if size[0] < size[1] else "3:2", labels=LABELS, bullets=1)
    bullet = ("bullets/0",)
    ids = [part.id for part in parts_of(slide) if part.id not in bullet]
    assert ids == [f"picture-labels/{number}" for number in range(len(LABELS))]
    looks = tuple(SlideLook(shown=shown) for shown in (bullet, *((*bullet, id_) for id_ in ids)))
    _, empty, *each = _paint(slide, size, theme=theme, looks=looks)
    marks = [(page != empty).any(axis=2) for page in each]
    rows, columns = np.nonzero(_red(empty))
    keep = plan_layout(*size, "corner").keep_clear
    assert keep is not None
    for mark, label in zip(marks, LABELS, strict=True):
        assert mark.sum() > 400
        card = _largest_row_band(mark)
        assert card.min() > 0, label
        # A dot at the very edge of the picture may reach over it by its own size.
        reach = size[0] // 60
        assert not mark[: rows.min() - reach].any()
        assert not mark[rows.max() + reach :].any()
        assert not mark[:, : columns.min() - reach].any()
        assert not mark[:, columns.max() + reach :].any()
        assert not mark[keep.y : keep.y + keep.height, keep.x : keep.x + keep.width].any()
    for one, other in itertools.combinations(marks, 2):
        assert not (one & other).any()


def _largest_row_band(mark: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The numbers of changed pixels in the rows of the mark, without those of a dot and a line."""
    counts = mark.sum(axis=1)
    return counts[counts > counts.max() // 2]


@pytest.mark.parametrize("theme", ["chalk", "paper", "signal"])
def test_labels_and_titles_over_pictures_are_legible_on_any_picture(theme: str) -> None:
    """Dark words over a dark part of a photograph could not be read: each has a ground of its own."""
    colours = load_theme(theme).colours
    assert contrast(colours.text, colours.paper) >= 4.5
    ground, ink = (tuple(bytes.fromhex(colour[1:])) for colour in (colours.paper, colours.text))
    empty, shown = _paint(
        _slide("3:2", labels=LABELS[:1]), theme=theme, looks=(SlideLook(shown=("picture-labels/0",)),)
    )
    assert (empty == shown).all()
    titled = _paint(_slide("7:4", painted=True), theme=theme)[0]
    for page in (shown, titled):
        assert (page == ground).all(axis=2).any()
        # Thin strokes are antialiased.
        assert (np.abs(page.astype(int) - ink).max(axis=2) < 16).any()


def test_a_marked_label_takes_the_same_room() -> None:
    """The labels would jump about while they are spoken of."""
    ids = tuple(part.id for part in parts_of(_slide("3:2", labels=LABELS)))
    looks = (SlideLook(shown=ids), SlideLook(shown=ids, marked=ids[1:2]))
    _, plain, marked = _paint(_slide("3:2", labels=LABELS), looks=looks)
    rows, columns = np.nonzero((plain != marked).any(axis=2))
    assert 0 < np.ptp(rows) < 80
    assert 0 < np.ptp(columns) < 400


def test_too_many_labels_for_the_picture_are_named() -> None:
    """The author would find labels on top of each other in the finished film."""
    crowd = tuple(
        PictureLabel(text=f"Quite a long label with the number {n}", at=(0.5, 0.5 + n / 100)) for n in range(12)
    )
    with pytest.raises(DoesNotFit) as caught:
        _paint(_slide("2:3", labels=crowd, bullets=3))
    assert caught.value.place.startswith("/labels/")


def test_a_character_without_a_font_is_found_in_a_label() -> None:
    """The film would show a box in its place."""
    with pytest.raises(GlyphMissing) as caught:
        _paint(_slide("3:2", labels=(PictureLabel(text="\ue000", at=(0.5, 0.5)),)))
    assert caught.value.place == "/labels/0/text"


def test_a_painted_picture_without_points_fills_the_frame() -> None:
    """The picture that carries the section would be a stamp in the middle of an empty slide."""
    page = _paint(_slide("7:4", painted=True))[0]
    for corner in (page[0, 0], page[0, -1], page[-1, 0], page[-1, -1]):
        assert tuple(corner) == RED
    assert _red(page).mean() > 0.85


@pytest.mark.parametrize(("shape", "painted"), [("7:4", False), ("16:9", False), ("3:2", False), ("2:3", True)])
def test_what_would_be_cropped_too_far_is_shown_whole(shape: str, painted: bool) -> None:
    """An author's diagram would lose its axis, and a painted face its head."""
    rows, columns = np.nonzero(_red(_paint(_slide(shape, painted=painted))[0]))
    width, height = map(int, shape.split(":"))
    assert (np.ptp(columns) + 1) / (np.ptp(rows) + 1) == pytest.approx(width / height, rel=0.02)
    assert MOST_CROPPED <= 0.08


def test_a_picture_beside_points_is_most_of_the_content() -> None:
    """The learner looks at the picture, and it would be the smaller part of the slide."""
    page = _paint(_slide("3:2", painted=True, bullets=3))[0]
    assert _red(page).sum() > 0.5 * 1280 * 720 * 0.9 * 0.9


@pytest.mark.parametrize(
    ("labels", "code", "path"),
    [
        ([], "empty-list", ("labels",)),
        ("Gate", "wrong-type", ("labels",)),
        (["Gate"], "wrong-type", ("labels", 0)),
        ([{"text": "Gate"}], "missing-key", ("labels", 0)),
        ([{"text": " ", "at": [0, 1]}], "empty-text", ("labels", 0, "text")),
        ([{"text": "Gate", "at": [0.5]}], "wrong-type", ("labels", 0, "at")),
        ([{"text": "Gate", "at": [0.5, 40]}], "out-of-range", ("labels", 0, "at", 1)),
        ([{"text": "Gate", "at": ["left", 0]}], "wrong-type", ("labels", 0, "at", 0)),
        ([{"text": "Gate", "at": [0, 1], "colour": "red"}], "unknown-key", ("labels", 0, "colour")),
        ([{"text": "Gate", "at": [0, 1]}] * 13, "too-long", ("labels",)),
    ],
)
def test_faulty_labels_are_explained(labels: object, code: str, path: tuple[str | int, ...]) -> None:
    """The author would have to guess how a label is written."""
    section = {"content": "The gate.", "picture": "a.png", "labels": labels}
    (problem,) = format_problems({"sections": [section]})
    assert (problem.code, problem.path) == (code, ("sections", 0, *path))
    assert problem.remedy


def test_labels_need_a_picture() -> None:
    """Labels that are nowhere to be seen would be lost without a word."""
    section = {"content": "The gate.", "labels": [{"text": "Gate", "at": [0.4, 0.3]}]}
    (problem,) = format_problems({"sections": [section]})
    assert problem.code == "labels-without-picture"
