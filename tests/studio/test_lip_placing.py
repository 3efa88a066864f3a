"""Lips on a face: in their place, without a box, and the rest of the picture as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from video_assets.studio.core.frame_layout import Box, plan_layout
from video_assets.studio.lipsync.ai_label import stamp
from video_assets.studio.lipsync.engine import FaceBox
from video_assets.studio.lipsync.placing import (
    PhotoFraming,
    Rect,
    View,
    composite,
    framing_of,
    mouth_patch,
    outline,
    render_view,
)

PICTURE = np.full((400, 300, 3), 120, np.uint8)
FACE = FaceBox(90, 80, 210, 240)
WHOLE = Box(x=0, y=0, width=300, height=400)
SEEN = PhotoFraming(View(0, 0, 300, 400), Rect(0, 0, 300, 400))
STILL = np.dstack([PICTURE, np.full((400, 300), 255, np.uint8)])


def _placed(mouth: np.ndarray) -> np.ndarray:
    piece = mouth_patch(FACE, SEEN)
    after = STILL.copy()
    after[piece.rect.top : piece.rect.bottom, piece.rect.left : piece.rect.right] = composite(mouth, STILL, piece)
    return after[..., :3].astype(int)


def test_nothing_outside_the_lower_half_of_the_box_changes() -> None:
    """Viewers: eyes and hair that lose their sharpness, as when a whole face is pasted."""
    after = _placed(np.full((48, 96, 3), 255, np.uint8))
    changed = np.argwhere(np.abs(after - PICTURE).max(axis=2) > 0)
    assert changed[:, 0].min() >= 160
    assert changed[:, 0].max() < 240
    assert changed[:, 1].min() >= 90
    assert changed[:, 1].max() < 210


def test_no_edge_of_the_mouth_can_be_seen() -> None:
    """Viewers: the box that everybody knows from this network. No step between neighbours is larger than the mask's."""
    after = _placed(np.full((48, 96, 3), 250, np.uint8))[..., 0]
    steps = [np.abs(np.diff(after, axis=axis)).max() for axis in (0, 1)]
    assert max(steps) <= 20, "of a difference of 130 levels"
    assert after[200, 150] == 250, "the mouth itself is not mixed"


def test_the_mouth_stands_where_it_was_cut_out() -> None:
    """Viewers: lips beside the mouth. What is cut out and put back must be what was there."""
    throw = np.random.Generator(np.random.PCG64(2))
    smooth = throw.integers(60, 200, (20, 15, 3), dtype=np.uint8).repeat(20, 0).repeat(20, 1)
    from PIL import Image

    smooth = np.asarray(Image.fromarray(smooth).resize((300, 400), Image.Resampling.BICUBIC))
    cut = Image.fromarray(smooth).resize((96, 48), Image.Resampling.BILINEAR, box=(90, 160, 210, 240))
    still = np.dstack([smooth, np.full((400, 300), 255, np.uint8)])
    piece = mouth_patch(FACE, SEEN)
    again = composite(np.asarray(cut), still, piece)
    was = still[piece.rect.top : piece.rect.bottom, piece.rect.left : piece.rect.right]
    assert np.abs(again.astype(int) - was).mean() < 1.5


@pytest.mark.parametrize("place", ["corner", "side", "full"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (640, 640)])
def test_a_face_is_whole_and_not_stretched_in_every_place(width: int, height: int, place: Any) -> None:
    """Viewers: a face that is cut, tiny, or wider than the person."""
    box = plan_layout(width, height, place).presenter
    assert box is not None
    for picture_height, picture_width in ((400, 300), (720, 1280), (900, 600)):
        picture = np.zeros((picture_height, picture_width, 3), np.uint8)
        tall = picture_height // 3
        middle, top = picture_width // 2, picture_height // 6
        face = FaceBox(middle - tall * 3 // 8, top, middle + tall * 3 // 8, top + tall)
        view, panel = framing_of(picture, face, box)
        assert view.width / view.height == pytest.approx((panel.right - panel.left) / (panel.bottom - panel.top))
        assert 0 <= panel.left < panel.right <= box.width
        assert 0 <= panel.top < panel.bottom <= box.height
        assert panel.right - panel.left == box.width or panel.bottom - panel.top == box.height, "as large as can be"
        assert 0 <= view.left <= face.left
        assert 0 <= view.top <= face.top
        assert face.right <= view.left + view.width <= picture_width + 1e-6
        assert face.bottom <= view.top + view.height + 1e-6
        assert view.top + view.height <= picture_height + 1


def test_a_picture_is_scaled_once_and_keeps_its_proportions() -> None:
    """Viewers: circles stay circles."""
    picture = np.zeros((400, 300, 3), np.uint8)
    y, x = np.mgrid[:400, :300]
    picture[(y - 160) ** 2 + (x - 150) ** 2 < 60**2] = 255
    box = Box(x=100, y=100, width=200, height=200)
    seen = render_view(picture, framing_of(picture, FACE, box), box)[..., 0] > 128
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert abs(np.ptp(rows) - np.ptp(columns)) <= 1


def test_a_medallion_is_round_and_a_panel_has_soft_corners() -> None:
    """Viewers: a hard rectangle on the slide."""
    disc, panel = outline(100, 100), outline(200, 100)
    assert disc[0, 0] == disc[3, 3] == panel[0, 0] == panel[0, -1] == 0
    assert disc[50, 50] == panel[50, 100] == panel[0, 100] == 255
    assert abs(int((disc > 128).sum()) - np.pi * 50**2) < 60


@pytest.mark.parametrize(("width", "height"), [(240, 240), (640, 360), (120, 120)])
def test_the_mark_can_be_read(width: int, height: int) -> None:
    """Viewers who would take the face for a recording: the letters are light on dark, and 9 pixels high or more."""
    box = Box(x=0, y=0, width=width, height=height)
    plain = np.dstack([np.full((height, width, 3), 128, np.uint8), outline(width, height)])
    plain[plain[..., 3] == 0] = 0
    badge = stamp(plain, box)
    changed = np.abs(badge.astype(int) - plain).max(axis=2) > 0
    letters = changed & (badge[..., :3].min(axis=2) > 200)
    ground = changed & (badge[..., :3].max(axis=2) < 60)
    rows = np.flatnonzero(letters.any(axis=1))
    assert np.ptp(rows) + 1 >= 9
    assert ground.sum() > letters.sum() > 20
    assert changed.mean() < 0.06, "it does not stand in the way"
    assert np.array_equal(stamp(plain, box), badge)
