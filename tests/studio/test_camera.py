"""The camera over a picture: slow, smooth, within the picture, and only where a lesson asks for it."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.kit.studio import Made, Studio
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.media.camera import MOST_ZOOM, Move, moved_frames, scale_at, seen_rectangle, zoom_of
from video_assets.studio.media.compose import Composer, Shot, still_shot
from video_assets.studio.media.probe import decode_frame

SIZE = {"width_px": "640", "height_px": "360", "title_card_ms": "0", "end_card_ms": "0", "crf": "10"}
SLOW = {**SIZE, "picture_motion": "slow"}
ENOUGH_PX = 0.25


def _texture(width: int, height: int, seed: int = 3) -> NDArray[np.uint8]:
    """Soft spots without a period, by which a displacement of a fraction of a pixel can be measured."""
    spots = np.random.default_rng(seed).integers(30, 226, (height // 20, width // 20, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(spots).resize((width, height), Image.Resampling.BICUBIC))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def lesson(studio: Studio) -> Studio:
    """A lesson with a picture, a picture beside points, and a slide without a picture."""
    (studio.lessons / "spots.png").write_bytes(_png(_texture(960, 720)))
    studio.write(_sections(studio))
    return studio


def _sections(studio: Studio) -> list[dict[str, Any]]:
    points = {"bullets": ["The battery pumps", "Charge goes around"]}
    return [
        {**studio.lamp, "picture": "spots.png", "focus": [0.25, 0.75]},
        {**studio.battery, "picture": "spots.png", **points},
        studio.copper,
    ]


def _made_clips(made: Made) -> list[str]:
    return [row.section for row in made.clips.rows if row.made]


def _shift(before: NDArray[np.uint8], after: NDArray[np.uint8], at: tuple[int, int], guess: tuple[float, float]) -> Any:
    """How far the patch around `at` (x, y) has moved, by least squares around the whole pixels of `guess`."""
    reach = 24
    whole = [round(each) for each in guess]
    x, y = at

    def patch(picture: NDArray[np.uint8], dx: int, dy: int) -> NDArray[np.float64]:
        rows = slice(y + dy - reach, y + dy + reach)
        return picture[rows, x + dx - reach : x + dx + reach].astype(float).mean(axis=2)

    one, other = patch(before, 0, 0), patch(after, *whole)
    slope_y, slope_x = np.gradient((one + other) / 2)
    slopes = np.stack([slope_x.ravel(), slope_y.ravel()], axis=1)
    rest, *_ = np.linalg.lstsq(slopes, (one - other).ravel(), rcond=None)
    return np.array(whole) + rest


@given(index=st.integers(0, 498), frames=st.integers(2, 500), rate=st.fractions(8, 60, max_denominator=1001))
def test_the_scale_never_jumps_back(index: int, frames: int, rate: Fraction) -> None:
    """A viewer who is easily dizzy would see the picture jerk, or come closer than was promised."""
    index = min(index, frames - 2)
    zoom = zoom_of(frames, rate)
    now, then = scale_at(index, frames, zoom), scale_at(index + 1, frames, zoom)
    assert 1 <= now < then <= 1 + zoom <= 1 + MOST_ZOOM
    assert then - now <= zoom * Fraction(3, 2) / (frames - 1), "never more than half as fast again as on average"


@given(x=st.integers(0, 640), y=st.integers(0, 360), zoom=st.fractions(0, MOST_ZOOM, max_denominator=1000))
def test_what_matters_stays_in_the_picture(x: int, y: int, zoom: Fraction) -> None:
    """A learner would lose the place that the author named, or see past the picture's edge."""
    focus = (Fraction(x), Fraction(y))
    left, top, right, bottom = seen_rectangle(640, 360, focus, 1 + zoom)
    assert 0 <= left <= x <= right <= 640
    assert 0 <= top <= y <= bottom <= 360
    assert (right - left) * (1 + zoom) == 640


@pytest.mark.parametrize("focus", [(0, 0), (100, 60), (199, 80)], ids=str)
@pytest.mark.parametrize("cover", [False, True], ids=["seen", "under a title"])
def test_what_stands_over_a_picture_stays(focus: tuple[int, int], cover: bool) -> None:
    """A title or the presenter's medallion would tremble, and letters would smear over the picture."""
    slide = _texture(320, 180)
    picture = slide[20:140, 40:240]
    coverage = np.full((120, 200), 255, np.uint8)
    shot = still_shot(slide, 30)
    if cover:
        coverage[10:40, 10:190] = 0
        patch = np.zeros((60, 60, 4), np.uint8)
        patch[10:50, 10:50] = (0, 90, 200, 255)
        shot = Shot(slide, Box(x=200, y=100, width=60, height=60), ("a",) * 30, lambda _: patch)
    move = Move(40, 20, picture, coverage, (Fraction(focus[0]), Fraction(focus[1])), 30, MOST_ZOOM)
    still = [frame.to_ndarray(format="yuv420p")[:180] for frame in Composer(shot).frames(0, 30)]
    moved = [
        frame.to_ndarray(format="yuv420p")[:180] for frame in moved_frames(Composer(shot).frames(0, 30), 0, move, shot)
    ]
    assert np.array_equal(still[0], moved[0]), "the first frame is the slide as it is"
    stays = np.ones((180, 320), bool)
    stays[20:140, 40:240] = coverage < 255
    if cover:
        stays[110:150, 210:250] = True
    assert all(np.array_equal(before[stays], after[stays]) for before, after in zip(still, moved, strict=True))
    assert (still[-1] != moved[-1])[~stays].mean() > 0.5


def test_parts_of_a_clip_continue_each_other() -> None:
    """A film would show a jump of the picture at each seam of its parts."""
    slide = _texture(320, 180)
    shot = still_shot(slide, 30)
    coverage = np.full((180, 320), 255, np.uint8)
    move = Move(0, 0, slide, coverage, (Fraction(160), Fraction(90)), 30, MOST_ZOOM)
    whole = [frame.to_ndarray() for frame in moved_frames(Composer(shot).frames(0, 30), 0, move, shot)]
    tail = [frame.to_ndarray() for frame in moved_frames(Composer(shot).frames(22, 30), 22, move, shot)]
    assert all(np.array_equal(one, other) for one, other in zip(whole[22:], tail, strict=True))


def test_a_film_moves_smoothly_and_as_planned(lesson: Studio) -> None:
    """A class would see the picture tremble by whole pixels, as cheap zooms do, in every film with pictures."""
    made = lesson.make(SLOW)
    file: Path = lesson.finish(made).folder / "tiny.en.mp4"
    entry, clip = made.pictures.manifest.sections[0], made.clips.manifest.sections[0]
    assert entry.moving is not None
    frames = clip.plan.frames
    shown = [decode_frame(file, index) for index in range(0, frames, 4)]
    height, width = np.asarray(Image.open(io.BytesIO(lesson.store.read(entry.moving.coverage.id)))).shape
    focus = np.array(entry.moving.focus_px)
    assert abs(focus[0] - width / 4) <= 1
    assert abs(focus[1] - height * 3 / 4) <= 1
    zoom = zoom_of(frames, Fraction(12))
    for corner in ((40, 40), (width - 40, 40), (width - 40, height - 40)):
        at = (entry.moving.x_px + corner[0], entry.moving.y_px + corner[1])
        found = []
        for index, frame in zip(range(0, frames, 4), shown, strict=True):
            plan = (np.array(corner) - focus) * float(scale_at(index, frames, zoom) - 1)
            found.append(_shift(shown[0], frame, at, tuple(plan)))
            assert np.abs(found[-1] - plan).max() < ENOUGH_PX, f"frame {index} at {corner}"
        away = np.array(found) @ (np.array(corner) - focus) / np.linalg.norm(np.array(corner) - focus)
        assert (np.diff(away) > -0.05).all(), "it never moves back"
        assert away[-1] > 1
    # The title and the presenter's corner are as without the camera.
    still = lesson.finish(lesson.make(SIZE)).folder / "tiny.en.mp4"
    outside = np.ones((360, 640), bool)
    outside[entry.moving.y_px - 8 :][: height + 16, entry.moving.x_px - 8 :][:, : width + 16] = False
    difference = np.abs(decode_frame(still, frames - 1).astype(int) - decode_frame(file, frames - 1))
    assert difference[outside].mean() < 1.5


def test_only_sections_with_such_pictures_are_made_anew(lesson: Studio) -> None:
    """An archive would pay for each of its films again because one lesson wants its pictures to move."""
    before = lesson.make(SIZE)
    lesson.point(before, lesson.finish(before))
    said = lesson.explain(SLOW)
    slow = lesson.make(SLOW)
    assert slow.counts == (0, 2, 2)
    assert _made_clips(slow) == ["lamp", "battery"]
    assert any(reason.startswith("picture_motion changed") for reason in said.reasons)
    assert {item.section for item in said.items if item.action == "make"} >= {"lamp", "battery"}
    assert lesson.make(SIZE).counts == (0, 0, 0)
    assert lesson.make({**SLOW, "motion": "none"}).pictures.made == 0
    sections = _sections(lesson)
    lesson.write([sections[0], {**sections[1], "picture_motion": "off"}, sections[2]])
    assert lesson.make(SLOW).counts == (0, 0, 0), "the still picture is there from before"
    lesson.write([{**sections[0], "focus": [0.5, 0.5]}, *sections[1:]])
    assert _made_clips(lesson.make(SLOW)) == ["lamp"]


@pytest.mark.parametrize("setting", ["labels", "motion", "off"])
def test_what_must_not_move_does_not(studio: Studio, setting: str) -> None:
    """A label's line would end at the wrong place, or a viewer who asked for no motion would get it."""
    (studio.lessons / "spots.png").write_bytes(_png(_texture(480, 320)))
    labels = {"labels": [{"text": "Spot", "at": [0.4, 0.3]}]} if setting == "labels" else {}
    stopped = {"picture_motion": "off"} if setting == "off" else {}
    studio.write([{**studio.lamp, "picture": "spots.png", **labels, **stopped}])
    made = studio.make(SLOW | ({"motion": "none"} if setting == "motion" else {}))
    assert made.pictures.manifest.sections[0].moving is None


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        ({"focus": [0.5, 0.5]}, "focus-without-picture"),
        ({"picture": "spots.png", "focus": [0.5, 1.5]}, "out-of-range"),
        ({"picture": "spots.png", "focus": [0.5]}, "wrong-type"),
        ({"picture": "spots.png", "focus": "middle"}, "wrong-type"),
        ({"picture": "spots.png", "picture_motion": "fast"}, "unknown-value"),
    ],
    ids=str,
)
def test_a_wrong_focus_or_motion_is_told(lesson: Studio, faulty: dict[str, Any], code: str) -> None:
    """An author would find out in the finished film that the camera went elsewhere."""
    path = lesson.write([{**lesson.lamp, **faulty}])
    (problem,) = (each for each in read_lesson(path).problems if each.severity == "error")
    assert problem.code == code
    assert problem.remedy
