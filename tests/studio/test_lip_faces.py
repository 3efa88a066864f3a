"""A presenter's picture becomes a face: upright, in its box, and a loop without a jump."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from resources.presenters.face_finder import FaceDetector, bridged
from tests.portraits import Portraits
from video_assets.studio.core.errors import MediaError, SettingInvalid
from video_assets.studio.lipsync.engine import FaceBox
from video_assets.studio.lipsync.engines.crops import crops
from video_assets.studio.lipsync.face import Pads, make_face, ping_pong, read_pictures, smoothed
from video_assets.studio.lipsync.jobs import quiet_frames, resting_frames
from video_assets.studio.media.pictures import decode_pictures
from video_assets.studio.presenter.provider import DEFAULT_LIP_OPTIONS, LipOptions
from video_assets.studio.speech.provider import PhoneTime, SpeechTimes

RATE = Fraction(25)
NO_PADS = Pads(0, 0, 0, 0)


def _file(picture: Image.Image, kind: str = "PNG", **more: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **more)
    return file.getvalue()


def _halves() -> Image.Image:
    """Red above, blue below; wider than high."""
    picture = Image.new("RGB", (120, 80), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 40, 120, 80))
    return picture


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_as_its_exif_says(orientation: int) -> None:
    """Whoever takes the photo with a phone: a face on its side has no box, and speaks sideways."""
    turned = {1: 0, 2: 0, 3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}[orientation]
    stored = _halves().rotate(turned, expand=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    (picture,) = read_pictures(_file(stored, "JPEG", exif=exif, quality=95), RATE)
    assert picture.shape == (80, 120, 3)
    assert picture[10, 60, 0] > 200 > 60 > picture[10, 60, 2]


def test_what_is_transparent_is_light() -> None:
    """Whoever cuts the person out: black where nothing is would be a hole beside the slide."""
    (picture,) = read_pictures(_file(Image.new("RGBA", (40, 40), (0, 0, 0, 0))), RATE)
    assert picture.min() > 200


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xd8\xff\xe0cut", "photo of 7 bytes does not decode"),
        (b"GIF89a....", "Decoding 10 bytes of video"),
        (b"", "Decoding 0 bytes of video"),
        (b"#EXTM3U\nhttp://example.com/a.ts\n", "bytes of video that start with"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, message: str) -> None:
    """Whoever names the wrong file: one line, not a traceback; and nothing is fetched from anywhere."""
    with pytest.raises(MediaError, match=message):
        read_pictures(data, RATE)


def test_a_video_is_read_at_the_films_rate(portraits: Portraits) -> None:
    """Viewers: a loop of 10 pictures a second in a film of 25 must not run two and a half times as fast."""
    ten = list(decode_pictures(portraits.loop(Fraction(1), 10)))
    film = list(decode_pictures(portraits.loop(Fraction(1), 10), RATE))
    assert len(ten) == 10
    assert 23 <= len(film) <= 25
    assert [_nearest(picture, ten) for picture in film[:10]] == [0, 0, 0, 1, 1, 2, 2, 2, 3, 3]


def _nearest(picture: np.ndarray, among: list[np.ndarray]) -> int:
    return int(np.argmin([np.abs(picture.astype(int) - other).mean() for other in among]))


def test_a_long_video_is_refused(portraits: Portraits) -> None:
    """Whoever hands in a whole recording: memory for an hour of pictures is not there."""
    with pytest.raises(MediaError, match="longer than 1 s"):
        list(decode_pictures(portraits.loop(Fraction(2), 10), RATE, longest_seconds=1))


@given(pictures=st.integers(1, 40), frames=st.integers(1, 300))
def test_a_loop_goes_forth_and_back_without_a_jump(pictures: int, frames: int) -> None:
    """Viewers: a head that jumps at every turn of the loop, or where two sections meet."""
    path = ping_pong(pictures, frames)
    assert len(path) == frames
    assert path[0] == path[-1] == 0
    assert all(abs(after - before) <= 1 for before, after in pairwise(path))
    assert max(path) == min(pictures - 1, (frames - 1) // 2)


def _gray(height: int = 100, width: int = 100) -> np.ndarray:
    return np.full((height, width, 3), 90, np.uint8)


def test_pads_are_added_and_kept_inside() -> None:
    """Viewers: a chin that is cut off by the mouth's lower edge."""
    face = make_face(b"", [_gray()], [FaceBox(20, 20, 80, 95)], Pads(5, 10, 30, 5), DEFAULT_LIP_OPTIONS)
    assert face.boxes == (FaceBox(0, 15, 85, 100),)


def test_a_reduced_picture_has_a_reduced_box() -> None:
    """Whoever takes the quick profile: lips beside the mouth."""
    face = make_face(b"", [_gray(401, 402)], [FaceBox(80, 80, 240, 320)], NO_PADS, LipOptions(resize_factor=4))
    assert face.pictures[0].shape == (100, 100, 3)
    assert face.boxes == (FaceBox(20, 20, 60, 80),)


def test_boxes_are_smoothed_over_what_comes() -> None:
    """Viewers: lips that tremble with the detector's boxes."""
    boxes = [FaceBox(at, 0, at + 50, 50) for at in (0, 10, 0, 10, 0, 10, 0, 10)]
    lefts = [box.left for box in smoothed(boxes)]
    assert max(lefts) - min(lefts) <= 2
    plain = make_face(b"", [_gray()] * 8, boxes, NO_PADS, LipOptions(smooth_face=False))
    assert [box.left for box in plain.boxes] == [0, 10] * 4


def test_a_still_face_is_not_moved_by_smoothing() -> None:
    """Viewers: rounding must not shift a photo's lips."""
    assert smoothed([FaceBox(3, 5, 77, 91)]) == [FaceBox(3, 5, 77, 91)]


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (FaceBox(10, 10, 120, 90), "does not lie in a picture of 100 x 100"),
        (FaceBox(50, 50, 40, 90), "does not lie in"),
        (FaceBox(50, 50, 60, 90), "too small to be shown speaking"),
    ],
)
def test_a_box_that_cannot_be_is_refused(box: FaceBox, message: str) -> None:
    """Whoever types a box: four numbers in the wrong order."""
    with pytest.raises(MediaError, match=message):
        make_face(b"", [_gray()], [box], NO_PADS, DEFAULT_LIP_OPTIONS)


def test_the_digest_follows_everything_that_shapes_the_face() -> None:
    """Whoever changes a box: lips made for the old one would be reused."""
    box, other = FaceBox(10, 10, 80, 90), FaceBox(10, 10, 80, 89)
    digests = {
        make_face(data, [_gray()], [each], pads, options).digest
        for data, each, pads, options in (
            (b"a", box, NO_PADS, DEFAULT_LIP_OPTIONS),
            (b"b", box, NO_PADS, DEFAULT_LIP_OPTIONS),
            (b"a", other, NO_PADS, DEFAULT_LIP_OPTIONS),
            (b"a", box, Pads(0, 5, 0, 0), DEFAULT_LIP_OPTIONS),
            (b"a", box, NO_PADS, LipOptions(resize_factor=2)),
        )
    }
    assert len(digests) == 5


def test_a_crop_is_the_box_made_square() -> None:
    """Viewers: the network sees the face and nothing beside it."""
    picture = _gray()
    picture[20:60, 30:50] = 255
    face = make_face(b"", [picture], [FaceBox(30, 20, 50, 60)], NO_PADS, DEFAULT_LIP_OPTIONS)
    assert crops(face, 96).shape == (1, 96, 96, 3)
    assert crops(face, 96)[0, 4:-4, 4:-4].min() == 255


def test_a_gap_of_the_detector_is_bridged_and_a_long_one_is_not() -> None:
    """Viewers: a face that is lost for a moment; and whoever films a person who leaves."""
    box, later = FaceBox(0, 0, 10, 10), FaceBox(40, 0, 50, 10)
    assert bridged([box, None, None, None, later])[2] == FaceBox(20, 0, 30, 10)
    assert bridged([None, None, box, None]) == [box] * 4
    assert bridged([box, *[None] * 9, later])[5] is None
    assert bridged([None, None]) == [None, None]


def test_without_a_detector_both_ways_out_are_named(tmp_path: Path) -> None:
    """Whoever adds a photo and no box."""
    with pytest.raises(SettingInvalid, match=r"no \*yunet\*\.onnx lies in data/weights") as refused:
        FaceDetector(tmp_path / "weights", tmp_path).boxes("noor", "d" * 64, [_gray()])
    assert "box = [left, top, right, bottom]" in refused.value.remedy
    assert "YuNet" in refused.value.remedy


def _times() -> SpeechTimes:
    """Speech from 0 to 1 s and from 2 to 3 s; a tenth of silence at 0.5 s."""
    said = [(0, 8000), (9600, 16000), (32000, 48000)]
    phones = tuple(PhoneTime(phone="a", start=start, end=end) for start, end in said)
    return SpeechTimes(rate_hz=16000, samples=48000, words=(), phones=phones)


def test_a_mouth_rests_where_all_it_hears_is_silence() -> None:
    """Viewers: a mouth that stays open through a pause, or opens too late for the word behind it."""
    resting = resting_frames(_times(), RATE, 100, 10)
    assert all(resting[:5]), "before the speech, as long as it is not heard"
    assert not any(resting[5:35]), "a tenth of a second is no rest"
    assert all(resting[35:55])
    assert not any(resting[55:85])
    assert all(resting[85:])


def test_silence_is_found_without_words() -> None:
    """Whoever uses the command with a recording: nobody knows its words."""
    sound = np.zeros(48000, np.float32)
    sound[:16000] = sound[32000:] = 0.1
    quiet = quiet_frames(sound, 16000, RATE, 80)
    assert not any(quiet[:25])
    assert all(quiet[26:44])
    assert not any(quiet[45:75])
    assert all(quiet[76:])
