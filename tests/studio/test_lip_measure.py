"""How far a mouth is open, read off pictures: the offset that is concluded from it can be believed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.kit.studio import Studio
from tests.portraits import Portraits
from video_assets.studio.film.checks import LIP_TOLERANCE_MS
from video_assets.studio.lipsync.engine import FaceBox
from video_assets.studio.lipsync.mouth_opening import lower_half, openings
from video_assets.studio.presenter.lip_timing import MISMATCHED_BELOW, lip_timing

RATE = Fraction(25)
RATE_HZ = 16000
SKINS = {"light": (232, 190, 165), "brown": (150, 104, 76), "dark": (92, 62, 48), "bearded": (205, 160, 135)}


def _mouth(skin: str, opening: float, shift: float, noise: np.ndarray) -> np.ndarray:
    """The lower half of a face, drawn four times larger."""
    colour = SKINS[skin]
    picture = Image.new("RGB", (384, 192), colour)
    draw = ImageDraw.Draw(picture)
    if skin == "bearded":
        draw.rectangle((40, 130, 344, 192), fill=(60, 44, 36))
    x, y, tall = 192 + shift, 96 + shift / 2, 10 + 56 * opening
    draw.ellipse((x - 66, y - tall / 2 - 8, x + 66, y + tall / 2 + 8), fill=tuple(int(c * 0.75) for c in colour))
    if opening > 0:
        draw.ellipse((x - 54, y - tall / 2, x + 54, y + tall / 2), fill=(46, 20, 22))
        if opening > 0.5:
            draw.rectangle((x - 30, y - tall / 2, x + 30, y - tall / 2 + 8), fill=(235, 230, 220))
    small = np.asarray(picture.resize((96, 48), Image.Resampling.BOX)).astype(float)
    return np.clip(small + noise, 0, 255).astype(np.uint8)


def _speech(seconds: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """A sound of syllables, and how loud it is, 1000 times a second."""
    throw = np.random.Generator(np.random.PCG64(11))
    loud = np.zeros(seconds * 1000)
    at = 200
    while at < seconds * 1000 - 400:
        length = int(throw.integers(90, 260))
        loud[at : at + length] = np.sin(np.pi * np.arange(length) / length) * throw.uniform(0.5, 1)
        at += length + int(throw.integers(0, 160))
    time = np.arange(seconds * RATE_HZ) / RATE_HZ
    voice = sum(np.sin(2 * np.pi * hz * time) for hz in (220, 660, 1100, 1540)) / 4
    envelope = np.interp(time * 1000, np.arange(len(loud)), loud)
    return (0.3 * envelope * voice).astype(np.float32), loud


def _filmed(skin: str, loud: np.ndarray, offset_ms: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures whose mouth follows the loudness, late by an offset; and how open it is."""
    throw = np.random.Generator(np.random.PCG64(12))
    frames = len(loud) * 25 // 1000
    times = np.arange(frames) * 40 + 20 - offset_ms
    true = np.interp(times, np.arange(len(loud)), loud, left=0, right=0)
    shifts = 6 * np.sin(np.arange(frames) / 9)
    made = [
        _mouth(skin, float(o), float(s), throw.normal(0, 3, (48, 96, 3))) for o, s in zip(true, shifts, strict=True)
    ]
    return np.stack(made), true


@pytest.mark.parametrize("skin", SKINS)
def test_the_estimate_follows_the_true_opening(skin: str) -> None:
    """Whoever trusts the figure: on a swaying head, in noise, on light and dark skin, with a beard."""
    _, loud = _speech()
    pictures, true = _filmed(skin, loud)
    estimated = openings(pictures)
    assert np.corrcoef(estimated, true)[0, 1] >= 0.9
    assert estimated.min() == 0
    assert estimated.max() == 1


@pytest.mark.parametrize("offset_ms", [-160, -80, 0, 40, 160])
def test_an_offset_is_found(offset_ms: int) -> None:
    """Viewers: lips that are a frame late pass no check."""
    sound, loud = _speech()
    pictures, _ = _filmed("light", loud, offset_ms)
    timing = lip_timing(list(openings(pictures)), RATE, sound, RATE_HZ, 0)
    assert abs(timing.offset_ms - offset_ms) <= LIP_TOLERANCE_MS / 2
    assert timing.correlation > 2 * MISMATCHED_BELOW


def test_lips_of_another_sound_do_not_fit() -> None:
    """Viewers: one section's lips on another's words."""
    sound, loud = _speech()
    pictures, _ = _filmed("light", loud[::-1].copy())
    own, _ = _filmed("light", loud)
    wrong = lip_timing(list(openings(pictures)), RATE, sound, RATE_HZ, 0).correlation
    assert wrong < 0.6 * lip_timing(list(openings(own)), RATE, sound, RATE_HZ, 0).correlation


def test_a_mouth_that_does_not_move_is_not_made_to() -> None:
    """Viewers: noise that is blown up to a chewing mouth."""
    still, _ = _filmed("light", np.zeros(3000))
    assert not openings(still).any()
    assert not openings(np.zeros((50, 48, 96, 3), np.uint8)).any()
    assert len(openings(np.zeros((0, 48, 96, 3), np.uint8))) == 0
    assert lip_timing(list(openings(still)), RATE, _speech(3)[0], RATE_HZ, 0) == (0.0, 0.0)


def test_the_lower_half_is_where_the_mouth_is() -> None:
    """Whoever uses another engine: its whole pictures are looked at in the right place."""
    picture = np.full((200, 300, 3), 200, np.uint8)
    picture[100:150, 100:200] = 10
    half = lower_half(picture, FaceBox(100, 50, 200, 150))
    assert half.shape == (48, 96, 3)
    assert half.max() == 10


def test_a_film_tells_what_was_read_off_its_pictures(studio: Studio, portraits_in: type[Portraits]) -> None:
    """Whoever reads the quality report: an estimate is called one, and judged by what it can tell."""
    portraits = portraits_in(studio.root / "portraits")
    portraits.write("noor")
    studio.players["photographed"] = portraits.provider()
    words = "The battery pumps charge around and around again, and a closed switch makes the lamp bright today. " * 2
    studio.write([{**studio.lamp, "content": words}])
    made = studio.make({"presenter": "noor", "frame_rate": "25", "title_card_ms": "0", "end_card_ms": "0"})
    lips = made.clips.manifest.sections[0].lips
    assert lips["opening_estimated"] == 1
    assert lips["lip_correlation"] > MISMATCHED_BELOW
    (finding,) = (each for each in studio.finish(made).findings if each.check == "lips")
    assert finding.passed
    assert finding.measured["estimated_sections"] == 1
    assert abs(float(finding.measured["median_offset_ms"])) <= LIP_TOLERANCE_MS

    late = studio.make({"presenter": "noor", "frame_rate": "25", "lips_lead": "0", "breath_ms": "500"})
    assert late.clips.manifest.sections[0].lips["lip_offset_ms"] < lips["lip_offset_ms"] - 20
