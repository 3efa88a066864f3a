"""Pictures on their way into a film: conversion, composition, encoding in parts.

Everything is encoded and decoded for real; small frames keep it quick.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from video_assets.studio.core.errors import MediaError
from video_assets.studio.core.frame_layout import Box
from video_assets.studio.media.compose import Composer, Shot, lay_over, still_shot, to_planes
from video_assets.studio.media.encode import PART_FRAMES, VideoEncoding, encode_parts, encode_still, part_spans
from video_assets.studio.media.join import FilmSource, write_film
from video_assets.studio.media.probe import decode_all_errors, decode_frame, poster_jpeg, probe

WIDTH, HEIGHT, RATE = 320, 320, 25
BOX = Box(x=200, y=180, width=96, height=96)
ENCODING = VideoEncoding(
    width_px=WIDTH, height_px=HEIGHT, rate=str(RATE), preset="veryfast", crf=18, keyframe_seconds=2
)
ROOT = Path(__file__).parents[2]


def slide(colour: tuple[int, int, int] = (24, 48, 40)) -> NDArray[np.uint8]:
    """A plain ground with bars in white, whose edges fall on even pixels."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = colour
    picture[40:140:20, 40:240] = 230
    picture[41:141:20, 40:240] = 230
    return picture


def patch(key: str) -> NDArray[np.uint8]:
    """A disc whose brightness is the key, soft at its edge."""
    y, x = np.mgrid[0 : BOX.height, 0 : BOX.width]
    distance = np.hypot(x - BOX.width / 2 + 0.5, y - BOX.height / 2 + 0.5)
    picture = np.empty((BOX.height, BOX.width, 4), np.uint8)
    picture[..., :3] = int(key)
    picture[..., 3] = np.clip((40 - distance) * 64, 0, 255)
    return picture


def shot(frames: int) -> Shot:
    return Shot(slide(), BOX, tuple(str(60 + 15 * (index // 2 % 9)) for index in range(frames)), patch)


def film_of(parts: tuple[bytes, ...], frames: int, path: Path) -> Path:
    write_film(path, FilmSource(parts, np.zeros(frames * 48000 // RATE, np.float32), 48000))
    return path


def expected(of: Shot, index: int) -> NDArray[np.uint8]:
    whole = of.slide.copy()
    area = np.s_[BOX.y : BOX.y + BOX.height, BOX.x : BOX.x + BOX.width]
    whole[area] = lay_over(whole[area], patch(of.keys[index]))
    return whole


def psnr(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / np.mean((left.astype(float) - right) ** 2)))


@pytest.mark.parametrize(
    ("rgb", "luma", "blue", "red"),
    [
        ((255, 255, 255), 235, 128, 128),
        ((0, 0, 0), 16, 128, 128),
        ((255, 0, 0), 63, 102, 240),
        ((0, 255, 0), 173, 42, 26),
        ((0, 0, 255), 32, 240, 118),
    ],
)
def test_conversion_follows_the_standard(rgb: tuple[int, int, int], luma: int, blue: int, red: int) -> None:
    """A learner whose film was only labelled BT.709 would see greens too yellow and reds too dark."""
    planes = to_planes(np.broadcast_to(np.array(rgb, np.uint8), (8, 8, 3)))
    for plane, value in zip(planes, (luma, blue, red), strict=True):
        assert (plane == value).all()


@pytest.mark.parametrize("rgb", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 209, 102), (240, 240, 240)])
def test_colours_survive_the_whole_way(rgb: tuple[int, int, int], tmp_path: Path) -> None:
    """A teacher whose red wire comes out orange would have to explain the video instead of the circuit."""
    plain = np.broadcast_to(np.array(rgb, np.uint8), (HEIGHT, WIDTH, 3)).copy()
    path = film_of(encode_still(plain, 16, ENCODING), 16, tmp_path / "film.mp4")
    shown = decode_frame(path, 9)
    assert np.abs(shown.astype(int) - rgb).max() <= 4


def test_every_frame_is_what_was_composed(tmp_path: Path) -> None:
    """A learner would see lips that do not fit the words if frames were mixed up, or text blurred if coded badly."""
    of = shot(60)
    path = film_of(encode_parts(of, part_spans(60), ENCODING), 60, tmp_path / "film.mp4")
    for index in (0, 7, 8, 9, 31, 51, 52, 59):
        assert psnr(decode_frame(path, index), expected(of, index)) > 38


def test_a_patch_changes_only_its_box_and_returns_exactly() -> None:
    """A learner would see smears around the presenter if a frame kept anything of the one before."""
    keys = ("60", "180", "60")
    frames = Composer(Shot(slide(), BOX, keys, patch)).frames(0, 3)
    first, second, third = (frame.to_ndarray().copy() for frame in frames)
    assert (first == third).all()
    changed = np.argwhere((first != second)[:HEIGHT])
    assert changed.min(axis=0).tolist() >= [BOX.y, BOX.x]
    assert changed.max(axis=0).tolist() < [BOX.y + BOX.height, BOX.x + BOX.width]


def test_patches_are_drawn_once_each() -> None:
    """An author would wait many times as long if a pose were drawn again for every frame that shows it."""
    asked: list[str] = []

    def counting(key: str) -> NDArray[np.uint8]:
        asked.append(key)
        return patch(key)

    composer = Composer(Shot(slide(), BOX, ("10", "20") * 20, counting))
    for _ in (*composer.frames(0, 20), *composer.frames(20, 40)):
        pass
    assert sorted(asked) == ["10", "20"]


def test_transparency_is_straight_alpha() -> None:
    """A learner would see a dark or bright fringe around the presenter if alpha were read as premultiplied."""
    below = np.full((1, 3, 3), 200, np.uint8)
    above = np.array([[[100, 100, 100, 0], [100, 100, 100, 128], [100, 100, 100, 255]]], np.uint8)
    assert lay_over(below, above)[0, :, 0].tolist() == [200, 150, 100]


@pytest.mark.parametrize("frames", [1, 7, 8, 15, 16, 17, 23, 24, 25, 750])
def test_parts_cover_a_clip_without_gap(frames: int) -> None:
    """A learner would lose or see twice some frames at every cut between parts."""
    spans = part_spans(frames)
    assert spans[0].start == 0
    assert spans[-1].stop == frames
    assert all(left.stop == right.start for left, right in pairwise(spans))
    assert len(spans) == 1 or min(span.stop - span.start for span in spans) >= PART_FRAMES
    assert len(spans) == (3 if frames >= 24 else 2 if frames >= 16 else 1)


@pytest.mark.parametrize(("frames", "edge"), [(0, 8), (10, 7)])
def test_impossible_cuts_are_refused(frames: int, edge: int) -> None:
    """An author would meet an obscure encoder error later if an empty clip were let through."""
    with pytest.raises(MediaError):
        part_spans(frames, edge)


def test_parts_play_in_any_order(tmp_path: Path) -> None:
    """A learner would see blocks and smears after a section was moved, if a part leaned on its old neighbour."""
    of, spans = shot(48), part_spans(48)
    parts = encode_parts(of, spans, ENCODING)
    path = film_of((parts[2], parts[1], parts[0], parts[1]), 80, tmp_path / "film.mp4")
    assert decode_all_errors(path) == ()
    order = [*range(40, 48), *range(8, 40), *range(8), *range(8, 40)]
    for position in (0, 7, 8, 39, 40, 47, 48, 79):
        assert psnr(decode_frame(path, position), expected(of, order[position])) > 38


def test_a_part_alone_has_the_same_bytes() -> None:
    """An author who changes one section would find its neighbours remade too, if parts depended on each other."""
    of, spans = shot(48), part_spans(48)
    together = encode_parts(of, spans, ENCODING)
    for span, part in zip(spans, together, strict=True):
        assert encode_parts(of, [span], ENCODING) == (part,)


def test_threads_do_not_change_the_bytes() -> None:
    """An author with more cores would get other digests, and remake everything, from the same lesson."""
    of, spans = shot(48), part_spans(48)
    alone = encode_parts(of, spans, ENCODING)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: encode_parts(of, spans, ENCODING), range(4))) == {alone}


_DIGEST_IN_ANOTHER_PROCESS = """
import hashlib, importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("pictures", sys.argv[1])
pictures = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pictures)
parts = pictures.encode_parts(pictures.shot(48), pictures.part_spans(48), pictures.ENCODING)
film = pictures.film_of(parts, 48, pathlib.Path(sys.argv[2]))
print(hashlib.sha256(b"".join(parts) + film.read_bytes() + pictures.poster_jpeg(pictures.slide())).hexdigest())
"""


def test_another_process_place_and_time_give_the_same_bytes(tmp_path: Path) -> None:
    """A class that renders one lesson on two machines would get two films that differ by their clocks or locales."""
    worlds = ({"TZ": "UTC", "LANG": "C"}, {"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "7"})
    digests = set()
    for number, world in enumerate(worlds):
        command = [sys.executable, "-c", _DIGEST_IN_ANOTHER_PROCESS, __file__, str(tmp_path / f"{number}.mp4")]
        environment = {**os.environ, **world, "PYTHONPATH": str(ROOT)}
        digests.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast", "fast", "medium"])
def test_each_preset_joins_with_itself(preset: str, tmp_path: Path) -> None:
    """An author who picks another preset would get a film that stutters at every seam."""
    encoding = ENCODING.model_copy(update={"preset": preset})
    parts = encode_parts(shot(60), part_spans(60), encoding)
    found = probe(film_of(parts, 60, tmp_path / "film.mp4")).video
    assert found.steps_seconds == (Fraction(1, RATE),)
    assert found.frames == 60
    assert set(found.keyframes) >= {0, 8, 52}


def test_better_settings_give_better_pictures(tmp_path: Path) -> None:
    """An author who asks for quality would pay with size and see nothing for it, if crf had no effect."""
    sizes = [
        sum(map(len, encode_parts(shot(24), part_spans(24), ENCODING.model_copy(update={"crf": crf}))))
        for crf in (16, 24, 36)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1.3 * sizes[-1]


def test_key_frames_come_as_often_as_asked(tmp_path: Path) -> None:
    """A learner who skips forward would wait for a distant key frame."""
    parts = encode_still(slide(), 200, ENCODING)
    keyframes = probe(film_of(parts, 200, tmp_path / "film.mp4")).video.keyframes
    assert max(later - earlier for earlier, later in pairwise(keyframes)) == ENCODING.keyframe_seconds * RATE


@pytest.mark.parametrize("rate", ["24", "30", "30000/1001", "50", "60"])
def test_any_rate_stays_exact(rate: str, tmp_path: Path) -> None:
    """A learner would hear the voice drift away from the lips over a long lesson at a broken rate like 29.97."""
    encoding = ENCODING.model_copy(update={"rate": rate})
    parts = encode_still(slide(), 40, encoding) * 3
    samples = int(120 / Fraction(rate) * 48000)
    path = tmp_path / "film.mp4"
    write_film(path, FilmSource(parts, np.zeros(samples, np.float32), 48000))
    found = probe(path).video
    assert found.steps_seconds == (1 / Fraction(rate),)
    assert found.duration_seconds == 120 / Fraction(rate)


def test_the_wrong_size_is_refused() -> None:
    """An author would get a distorted film if a slide of another size were scaled in silence."""
    with pytest.raises(MediaError, match="160x320"):
        encode_parts(still_shot(slide()[:, :160], 8), part_spans(8), ENCODING)


def test_a_patch_of_the_wrong_size_is_refused() -> None:
    """A maker of a presenter would search long for a face that is shifted by a few pixels."""
    wrong = Shot(slide(), BOX, ("1",), lambda _: np.zeros((8, 8, 4), np.uint8))
    with pytest.raises(MediaError, match="patch"):
        list(Composer(wrong).frames(0, 1))


@pytest.mark.parametrize("box", [Box(x=300, y=0, width=96, height=96), Box(x=1, y=0, width=96, height=96)])
def test_a_box_that_does_not_fit_is_refused(box: Box) -> None:
    """A maker of a layout would see the presenter cut off, or tinted by half a pixel of chroma."""
    with pytest.raises(MediaError, match="Composing"):
        Composer(Shot(slide(), box, ("1",), patch))


def test_a_poster_is_a_faithful_jpeg() -> None:
    """A teacher would see a washed-out or blurred picture in the list of videos."""
    picture = slide((200, 40, 40))
    shown = np.asarray(Image.open(io.BytesIO(poster_jpeg(picture))).convert("RGB"))
    assert shown.shape == picture.shape
    assert psnr(shown, picture) > 38
