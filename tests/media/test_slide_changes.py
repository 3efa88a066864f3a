"""A slide that changes while a presenter speaks: what is in the frames before, during and after each change."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from video_assets.studio.core.frame_layout import Box
from video_assets.studio.media.compose import Composer, Shot, SlideChange, still_shot, to_planes, with_still
from video_assets.studio.media.encode import VideoEncoding, encode_parts, part_spans

SIDE, FRAMES, FADE = 320, 90, 8
BOX = Box(x=200, y=200, width=96, height=96)
STARTS = (20, 40, 60)
PLACES = (np.s_[20:70, 20:180], np.s_[90:140, 20:180], np.s_[160:310, 20:180])
"""The third one stands beside the presenter."""
ENCODING = VideoEncoding(width_px=SIDE, height_px=SIDE, rate="25", preset="veryfast", crf=24, keyframe_seconds=2)


def _slide(shown: int) -> NDArray[np.uint8]:
    slide = np.full((SIDE, SIDE, 3), (24, 48, 40), np.uint8)
    for place in PLACES[:shown]:
        slide[place] = (244, 241, 230)
    return slide


def _patch(key: str) -> NDArray[np.uint8]:
    patch = np.zeros((BOX.height, BOX.width, 4), np.uint8)
    patch[8:88, 8:88] = (200, 120 + int(key), 90, 255)
    patch[30:60, 30:60, 3] = 120
    return patch


def _changes(frames: int = FADE) -> tuple[SlideChange, ...]:
    return tuple(SlideChange(start, frames, lambda n=n: _slide(n + 1)) for n, start in enumerate(STARTS))


def _shot(changes: tuple[SlideChange, ...] = ()) -> Shot:
    return Shot(_slide(0), BOX, tuple(str(number // 4 % 3) for number in range(FRAMES)), _patch, changes)


def _composed(shot: Shot, start: int = 0, stop: int = FRAMES) -> list[NDArray[np.uint8]]:
    """The luma of the frames, then half as high the colour differences, as the encoder gets them."""
    return [np.array(frame.to_ndarray(), np.uint8) for frame in Composer(shot).frames(start, stop)]


def _decoded(parts: Sequence[bytes]) -> list[NDArray[np.uint8]]:
    frames: list[NDArray[np.uint8]] = []
    for part in parts:
        with av.open(BytesIO(part), "r") as container:
            frames += [np.asarray(frame.to_image()) for frame in container.decode(video=0)]
    return frames


@pytest.fixture(scope="module")
def decoded() -> list[NDArray[np.uint8]]:
    return _decoded(encode_parts(_shot(_changes()), part_spans(FRAMES), ENCODING))


@pytest.mark.parametrize("number", range(3))
def test_a_part_is_seen_from_its_moment_on(decoded: list[NDArray[np.uint8]], number: int) -> None:
    """A learner would hear of a part that is not there yet, or would see it before anything is said about it."""
    assert len(decoded) == FRAMES
    start = STARTS[number]
    before, after = (float(decoded[index][PLACES[number]].mean()) for index in (start - 1, start + FADE))
    assert before == pytest.approx(_slide(0)[PLACES[number]].mean(), abs=3)
    assert after == pytest.approx(_slide(3)[PLACES[number]].mean(), abs=3)
    assert float(decoded[-1][PLACES[number]].mean()) == pytest.approx(after, abs=3), "what was said stays"


def test_an_entrance_only_grows() -> None:
    """A learner would see the part flicker."""
    frames = _composed(_shot(_changes()))
    rows, columns = PLACES[0]
    levels = [float(frame[rows, columns].mean()) for frame in frames[STARTS[0] - 1 : STARTS[0] + FADE + 2]]
    assert levels == sorted(levels)
    assert len(set(levels)) == FADE + 2, "it takes as many frames as it was given"


def test_without_motion_a_part_is_there_at_once() -> None:
    """A viewer whom motion makes ill would still see parts fade in."""
    frames = _composed(_shot(_changes(0)))
    rows, columns = PLACES[0]
    assert len({float(frame[rows, columns].mean()) for frame in frames[: STARTS[1]]}) == 2


def test_the_presenter_is_not_touched() -> None:
    """A learner would see the presenter jump, or lose an edge, whenever something appears on the slide."""
    area = np.s_[BOX.y : BOX.y + BOX.height, BOX.x : BOX.x + BOX.width]
    for one, other in zip(_composed(_shot(_changes())), _composed(_shot()), strict=True):
        assert np.array_equal(one[area], other[area])


def test_a_change_beneath_the_presenter_is_seen_through_its_gaps() -> None:
    """A learner would see the old slide shine through the presenter's edge."""
    bright = np.full((SIDE, SIDE, 3), (244, 241, 230), np.uint8)
    shot = _shot((SlideChange(20, 4, lambda: bright),))
    frames = _composed(shot)
    for index in (19, 24, FRAMES - 1):
        slide = shot.slide if index < 20 else bright
        wanted = to_planes(with_still(slide, BOX, _patch(shot.keys[index])))
        luma = frames[index][:SIDE].astype(int)
        inside = np.s_[BOX.y : BOX.y + BOX.height, BOX.x : BOX.x + BOX.width]
        assert np.array_equal(luma[inside], wanted.luma[inside])
        assert abs(luma - wanted.luma).max() == 0


@pytest.mark.parametrize("start", [19, 20, 24, 28, 45, 66, 89])
def test_a_part_of_a_clip_begins_as_the_clip_goes_on(start: int) -> None:
    """A viewer would see the slide jump where two parts of the film are joined."""
    shot = _shot(_changes())
    whole = _composed(shot)
    for one, other in zip(_composed(shot, start), whole[start:], strict=True):
        assert np.array_equal(one, other)


def test_a_change_without_a_difference_costs_nothing() -> None:
    """An archive's films would be made again, though nothing in them moves."""
    same = (SlideChange(20, FADE, lambda: _slide(0)),)
    spans = part_spans(FRAMES)
    assert encode_parts(_shot(same), spans, ENCODING) == encode_parts(_shot(), spans, ENCODING)


def test_a_slide_without_a_presenter_changes_too() -> None:
    """A lesson without a presenter would show only its first state."""
    shot = still_shot(_slide(0), FRAMES)._replace(changes=_changes())
    last = _composed(shot)[-1]
    assert np.array_equal(last[:SIDE], to_planes(_slide(3)).luma)
