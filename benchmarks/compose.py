"""What composing and encoding a section costs, beside the same section composed by MoviePy, in one run.

Run `python -m benchmarks.compose [seconds]`. Prints a table and the ratios; asserts nothing, as figures depend on the
machine and on what else it does: only the ratios of one run mean something. `compare` takes any slide and presenter.
"""

from __future__ import annotations

import math
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.core.frame_layout import Box, plan_layout
from video_assets.studio.core.settings import Preset
from video_assets.studio.media.compose import Shot, lay_over
from video_assets.studio.media.encode import VideoEncoding, encode_parts, part_spans
from video_assets.studio.media.join import FilmSource, write_film
from video_assets.studio.media.probe import decode_frame

Patch = Callable[[str], NDArray[np.uint8]]
_SOUND_HZ = 48000


class Row(NamedTuple):
    """One way of making the same frames."""

    maker: str
    preset: str
    frames: int
    wall_seconds: float
    cpu_seconds: float
    kilobytes: float
    psnr_db: float
    """Of all channels against the composed RGB picture, mean of three frames."""


class _Spent(NamedTuple):
    wall_seconds: float
    cpu_seconds: float


def compare(
    slide: NDArray[np.uint8],
    box: Box,
    keys: Sequence[str],
    patch: Patch,
    rate: Fraction = Fraction(25),
    preset: Preset = "fast",
    crf: int = 23,
) -> tuple[Row, Row]:
    """Make the film of one shot (see `Shot`) by the studio and by MoviePy, one encoder thread each; both rows.

    Patches are drawn before the clock starts: what a presenter costs is another question.
    """
    drawn = {key: patch(key) for key in sorted(set(keys))}
    shot = Shot(slide, box, tuple(keys), drawn.__getitem__)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "studio.mp4"), Path(folder, "moviepy.mp4")
        return (
            _row("studio", lambda: _by_studio(ours, shot, rate, preset, crf), ours, shot, preset),
            _row("MoviePy", lambda: _by_moviepy(theirs, shot, rate, preset, crf), theirs, shot, preset),
        )


def _row(maker: str, make: Callable[[], None], path: Path, shot: Shot, preset: str) -> Row:
    with _clocked() as spent:
        make()
    frames = len(shot.keys)
    quality = [_psnr(decode_frame(path, index), _picture(shot, index)) for index in (0, frames // 2, frames - 1)]
    kilobytes = path.stat().st_size / 1000
    return Row(maker, preset, frames, spent[0].wall_seconds, spent[0].cpu_seconds, kilobytes, sum(quality) / 3)


@contextmanager
def _clocked() -> Iterator[list[_Spent]]:
    """Wall and processor time (this process and its children) of a block, filled in when it ends."""
    spent: list[_Spent] = []
    wall, cpu = time.perf_counter(), _cpu_seconds()
    yield spent
    spent.append(_Spent(time.perf_counter() - wall, _cpu_seconds() - cpu))


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _by_studio(path: Path, shot: Shot, rate: Fraction, preset: Preset, crf: int) -> None:
    height, width = shot.slide.shape[:2]
    encoding = VideoEncoding(
        width_px=width, height_px=height, rate=str(rate), preset=preset, crf=crf, keyframe_seconds=5
    )
    parts = encode_parts(shot, part_spans(len(shot.keys)), encoding)
    silence = np.zeros(math.ceil(len(shot.keys) / rate * _SOUND_HZ), np.float32)
    write_film(path, FilmSource(parts, silence, _SOUND_HZ))


def _by_moviepy(path: Path, shot: Shot, rate: Fraction, preset: Preset, crf: int) -> None:
    from moviepy import CompositeVideoClip, ImageClip, VideoClip  # heavy: not at module level

    assert shot.box is not None
    seconds = len(shot.keys) / float(rate)
    colours = {key: np.ascontiguousarray(shot.patch(key)[..., :3]) for key in set(shot.keys)}
    masks = {key: shot.patch(key)[..., 3] / 255.0 for key in set(shot.keys)}

    def key_at(moment: float) -> str:
        return shot.keys[min(int(moment * float(rate) + 0.5), len(shot.keys) - 1)]

    mask = VideoClip(lambda moment: masks[key_at(moment)], is_mask=True, duration=seconds)
    presenter = VideoClip(lambda moment: colours[key_at(moment)], duration=seconds).with_mask(mask)
    place = presenter.with_position((shot.box.x, shot.box.y))
    film = CompositeVideoClip([ImageClip(shot.slide, duration=seconds), place])
    film.write_videofile(
        str(path),
        fps=float(rate),
        codec="libx264",
        preset=preset,
        threads=1,
        audio=False,
        ffmpeg_params=["-crf", str(crf)],
        logger=None,
    )


def _picture(shot: Shot, index: int) -> NDArray[np.uint8]:
    assert shot.box is not None
    box, whole = shot.box, shot.slide.copy()
    area = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
    whole[area] = lay_over(whole[area], shot.patch(shot.keys[index]))
    return whole


def _psnr(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> float:
    error = float(np.mean((left.astype(np.float64) - right) ** 2))
    return 10 * math.log10(255**2 / error) if error else math.inf


def drawn_slide(width_px: int, height_px: int) -> NDArray[np.uint8]:
    """A slide as a theme would paint it: a soft gradient, and lines of small strokes in place of text."""
    rows = np.linspace(0, 1, height_px)[:, None, None]
    slide = (np.array((22, 48, 43)) + rows * np.array((8, 18, 16)) * np.ones((1, width_px, 1))).astype(np.uint8)
    seeded = np.random.default_rng(7)
    unit = height_px // 36
    for line in range(5, 26, 3):
        end = int(width_px * (0.45 + 0.2 * seeded.random()))
        for x in range(width_px // 20, end, max(unit // 2, 4)):
            top, tall = line * unit + int(seeded.integers(0, unit // 2)), int(seeded.integers(unit // 3, unit))
            slide[top : top + tall, x : x + max(unit // 8, 2)] = (244, 241, 232)
    return slide


def drawn_patch(box: Box) -> Patch:
    """A stand-in for a presenter: a head in a disc; the key `mouth.sway` opens the mouth and moves the head."""
    y, x = np.mgrid[0 : box.height, 0 : box.width]
    x, y = (x + 0.5) / box.width - 0.5, (y + 0.5) / box.height - 0.5

    @cache
    def patch(key: str) -> NDArray[np.uint8]:
        mouth, sway = (int(part) for part in key.split("."))
        lower = y - sway * 0.002
        picture = np.zeros((box.height, box.width, 4))
        picture[:] = (40, 90, 110, 255)
        for centre, wide, high, colour in (
            (0.45, 0.4, 0.25, (180, 60, 70)),
            (-0.05, 0.22, 0.29, (232, 182, 150)),
            (0.1, 0.08, 0.01 + 0.006 * mouth, (150, 50, 50)),
        ):
            inside = np.hypot(x / wide, (lower - centre) / high)
            cover = np.clip((1 - inside) * min(wide, high) * box.width, 0, 1)[..., None]
            picture[..., :3] += cover * (np.array(colour) - picture[..., :3])
        picture[..., 3] = 255 * np.clip((0.48 - np.hypot(x, y)) * box.width, 0, 1)
        return np.rint(picture).astype(np.uint8)

    return patch


def drawn_keys(frames: int) -> tuple[str, ...]:
    """A mouth that takes a new shape every two to four frames, and a head that sways as if breathing."""
    seeded, keys, mouth, hold = np.random.default_rng(3), [], 0, 0
    for frame in range(frames):
        if hold == 0:
            mouth, hold = int(seeded.integers(0, 9)), int(seeded.integers(2, 5))
        hold -= 1
        keys.append(f"{mouth}.{round(4 * math.sin(2 * math.pi * frame / 100))}")
    return tuple(keys)


def report(rows: Sequence[Row]) -> str:
    """The rows of one or more comparisons as a table for people."""
    lines = ["maker    preset     frames   wall s    CPU s  frames/CPU s       kB  PSNR dB"]
    for row in rows:
        speed = row.frames / row.cpu_seconds
        lines.append(
            f"{row.maker:8} {row.preset:9} {row.frames:7d} {row.wall_seconds:8.2f} {row.cpu_seconds:8.2f} "
            f"{speed:13.1f} {row.kilobytes:8.0f} {row.psnr_db:8.2f}"
        )
    return "\n".join(lines)


def main(seconds: float = 10) -> None:
    """Compare both makers on a drawn shot at 720p, at the two presets that have a target."""
    stage = plan_layout(1280, 720, "corner")
    assert stage.presenter is not None
    keys = drawn_keys(round(seconds * 25))
    rows: list[Row] = []
    targets: list[str] = []
    for preset, target in (("veryfast", "1/6"), ("fast", "1/4")):
        chosen: Preset = "veryfast" if preset == "veryfast" else "fast"
        studio, other = compare(
            drawn_slide(1280, 720), stage.presenter, keys, drawn_patch(stage.presenter), preset=chosen
        )
        rows += (studio, other)
        targets.append(f"{preset}: 1/{other.cpu_seconds / studio.cpu_seconds:.1f} of MoviePy's CPU (target {target})")
    print(report(rows))
    print("\n".join(targets))


if __name__ == "__main__":
    main(*(float(argument) for argument in sys.argv[1:2]))
