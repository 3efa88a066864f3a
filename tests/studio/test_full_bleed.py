"""Pictures that fill the frame: which do, what they lose, and that nothing stands over what matters."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from resources.pictures.slides import SlidePictures
from tests.kit.studio import Studio
from video_assets.studio.core.frame_layout import plan_layout
from video_assets.studio.core.settings import PresenterPlace
from video_assets.studio.lesson.model import PictureFile, PictureLabel
from video_assets.studio.lesson.script import Slide
from video_assets.studio.media.camera import scale_at, zoom_of
from video_assets.studio.media.probe import decode_frame
from video_assets.studio.pictures.provider import PictureRequest, SlideStyle
from video_assets.studio.slides.typesetting import MOST_CROPPED

PAINTER = SlidePictures(Path(__file__).parents[2] / "data" / "fonts", system_fonts=False)
SIZES = ((1280, 720), (720, 1280), (720, 720))
SHAPES = ((1536, 1024), (1280, 800), (1600, 900), (1200, 900), (1024, 1024), (1024, 1536), (900, 1600))
BLUE, RED = (40, 90, 200), (220, 30, 30)
WIDE = {"width_px": "640", "height_px": "360", "title_card_ms": "0", "end_card_ms": "0", "crf": "10"}


def _file(size: tuple[int, int], focus: tuple[float, float] | None = None) -> bytes:
    """A blue picture, with a red disc at `focus`."""
    picture = Image.new("RGB", size, BLUE)
    if focus:
        x, y, reach = focus[0] * size[0], focus[1] * size[1], 10
        ImageDraw.Draw(picture).ellipse((x - reach, y - reach, x + reach, y + reach), fill=RED)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _page(
    shape: tuple[int, int],
    size: tuple[int, int] = (1280, 720),
    place: PresenterPlace = "corner",
    *,
    painted: bool = True,
    focus: tuple[float, float] | None = None,
    bullets: int = 0,
    labels: tuple[PictureLabel, ...] = (),
) -> NDArray[np.uint8]:
    slide = Slide(
        layout="picture",
        title="Why the evening sky is red",
        picture=PictureFile(path="", digest="picture", painted=painted, focus=focus),
        bullets=("A point to read",) * bullets,
        picture_labels=labels,
    )
    request = PictureRequest(
        slide=slide, stage=plan_layout(*size, place), look=SlideStyle(theme="paper"), language="en"
    )
    png = PAINTER.paint(request, {"picture": _file(shape, focus)})
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _blue(page: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.abs(page.astype(int) - BLUE).max(axis=2) < 30


def _fills(page: NDArray[np.uint8]) -> bool:
    """Whether the picture is at all four corners of the frame."""
    return bool(_blue(page)[[0, 0, -1, -1], [0, -1, 0, -1]].all())


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_painted_picture_of_nearly_the_frames_shape_fills_it(size: tuple[int, int]) -> None:
    """The picture that carries a section would stand as a stamp on an empty slide, or lose what it shows."""
    for shape in SHAPES:
        ratio = (shape[0] / shape[1]) / (size[0] / size[1])
        lost = (1 - min(ratio, 1 / ratio)) / 2
        for place in ("corner", "absent"):
            page = _page(shape, size, place)
            assert _fills(page) == (lost <= MOST_CROPPED), (shape, place)
            if lost > MOST_CROPPED:
                rows, columns = np.nonzero(_blue(page))
                assert (np.ptp(columns) + 1) / (np.ptp(rows) + 1) == pytest.approx(shape[0] / shape[1], rel=0.02)


def test_an_authors_picture_fills_the_frame_only_if_it_says_what_matters() -> None:
    """An author's diagram would lose its axis at an edge, or a part of it behind the presenter or the title."""
    label = (PictureLabel(text="Gate", at=(0.5, 0.5)),)
    assert _fills(_page((1536, 1024), painted=False, focus=(0.5, 0.5)))
    assert not _fills(_page((1536, 1024), painted=False))
    assert not _fills(_page((1600, 900), painted=False))
    assert not _fills(_page((1536, 1024), painted=False, focus=(0.5, 0.5), labels=label))
    assert not _fills(_page((1536, 1024), painted=True, bullets=3)), "points stand beside the picture"


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
@pytest.mark.parametrize("focus", [(0.5, 0.5), (0.5, 0.03), (0.1, 0.12), (0.9, 0.85), (0.3, 0.8), (0.97, 0.5)], ids=str)
def test_what_matters_is_in_sight(size: tuple[int, int], focus: tuple[float, float]) -> None:
    """A learner would look for what is spoken of behind the title, behind the presenter, or outside of the frame."""
    shape = (1536, 1024) if size[0] > size[1] else (1024, 1536)
    page = _page(shape, size, painted=False, focus=focus)
    if keep := plan_layout(*size, "corner").keep_clear:
        page = page.copy()
        page[keep.y : keep.y + keep.height, keep.x : keep.x + keep.width] = 0
    red = (np.abs(page.astype(int) - RED).max(axis=2) < 40).sum()
    scale = min(size[0] / shape[0], size[1] / shape[1]) * (0.5 if not _fills(page) else 1)
    assert red > 0.5 * 314 * scale**2
    if focus == (0.5, 0.5):
        assert _blue(page)[[0, -1], [0, 0]].all()


def test_a_moving_picture_that_fills_the_frame_leaves_title_and_presenter(studio: Studio) -> None:
    """The title would tremble with the picture, and the presenter would have a torn edge."""
    spots = np.random.default_rng(3).integers(30, 226, (32, 48, 3), dtype=np.uint8)
    picture = Image.fromarray(spots).resize((960, 640), Image.Resampling.BICUBIC)
    picture.save(studio.lessons / "spots.png")
    section = {**studio.lamp, "title": "Spots", "picture": "spots.png", "focus": [0.5, 0.5]}
    studio.write([section])
    made = studio.make({**WIDE, "picture_motion": "slow"})
    moving = studio.finish(made).folder / "tiny.en.mp4"
    entry, plan = made.pictures.manifest.sections[0], made.clips.manifest.sections[0].plan
    assert entry.moving is not None
    assert (entry.moving.x_px, entry.moving.y_px, entry.moving.focus_px) == (0, 0, (320, 180))
    shown = decode_frame(moving, plan.frames - 1).astype(int)
    studio.write([{**section, "picture_motion": "off"}])
    still = studio.finish(studio.make({**WIDE, "picture_motion": "slow"})).folder / "tiny.en.mp4"
    before = decode_frame(still, plan.frames - 1).astype(int)
    changed = np.abs(shown - before).max(axis=2)
    assert np.median(changed[20:340, 250:500]) < np.median(changed[300:340, :200]), "the focus stays"
    assert changed[26:40, 40:70].mean() < 6, "the title"
    box = entry.stage.presenter
    assert box is not None
    middle = np.s_[box.y + 30 : box.y + box.height - 30, box.x + 30 : box.x + box.width - 30]
    assert changed[middle].mean() < 6, "the presenter"
    assert changed[200:340, 20:200].mean() > 15, "the picture"
    assert scale_at(plan.frames - 1, plan.frames, zoom_of(plan.frames, made.lesson.manifest.settings.rate)) > 1
