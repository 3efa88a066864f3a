"""A rough estimate of a film before it is made: its length, the time to make it, and its disk space.

This module has the arithmetic, the initial rates of a machine, and their update after each render. No decision depends
on an estimate. Does not belong here: measurements, or the file of the rates.

Rates are for a reference film (1280x720, 25 frames/s, preset `fast`, CRF 23); other settings scale them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from video_assets.studio.core.quantities import format_clock, format_duration, format_size
from video_assets.studio.core.settings import Settings
from video_assets.studio.core.values import FrozenModel

_REFERENCE_PIXELS = 1280 * 720
_REFERENCE_FRAMES = 25
_REFERENCE_CRF = 23
_CRF_THAT_HALVES = 6
# Seconds of x264 per frame in terms of `fast`. veryfast, fast and medium were measured on one core with a still slide
# and a moving presenter (245, 135, 169 frames/s); the others are placed around them by x264's own order.
_PRESET_COST = {
    "ultrafast": 0.4,
    "superfast": 0.45,
    "veryfast": 0.55,
    "faster": 0.75,
    "fast": 1.0,
    "medium": 0.8,
    "slow": 1.8,
}
_WEIGHT_OF_NEWEST = 0.4


class Rates(FrozenModel):
    """The cost of work on a machine, in wall seconds with all its cores, for the reference film."""

    start_seconds: float = 9.0
    """The start of the steps' processes."""
    speech: float = 0.01
    """Per second of speech: the embedded voice, mastering, FLAC."""
    picture: float = 0.15
    """Per slide."""
    clip: float = 0.12
    """Per second of film: composing and encoding."""
    join: float = 0.03
    """Per second of film: joining, loudness, AAC, checks."""
    sound_bytes: float = 56_000.0
    """Per second of film: FLAC in the store, AAC in the bundle."""
    video_bytes: float = 60_000.0
    """Per second of film: the parts in the store, and the film."""


class Estimate(FrozenModel):
    """The expected length, time and disk space."""

    film_seconds: float
    wall_seconds: float
    disk_bytes: int


class Measured(FrozenModel):
    """The measurements of a finished render."""

    film_seconds: float
    sections: int
    wall_seconds: float
    """Of the whole command."""
    stage_seconds: dict[str, float]
    """Wall seconds by asset name."""
    made: dict[str, int]
    """Sections (and cards) that were made, not reused, by asset name."""
    disk_bytes: int = 0
    """The disk space it added; 0 if it was not measured or something was reused."""


def film_seconds(section_seconds: Sequence[float], settings: Settings) -> float:
    """The length of a film, from the length of the speech of each section."""
    silence_ms = settings.breath_ms * len(section_seconds) + settings.title_card_ms + settings.end_card_ms
    return sum(section_seconds) + silence_ms / 1000


EVERYTHING: Mapping[str, float] = MappingProxyType(
    dict.fromkeys(("section_audio", "section_image", "lip_synced_clip", "final_video"), 1.0)
)
"""Nothing can be reused."""


def estimate_film(
    section_seconds: Sequence[float],
    settings: Settings,
    rates: Rates | None = None,
    to_make: Mapping[str, float] = EVERYTHING,
) -> Estimate:
    """The estimate of a film, from the length of the speech of each section.

    `to_make`: the share of each stage's sections that is made, not reused, from 0 to 1; by default all.
    """
    known = rates or Rates()
    length = film_seconds(section_seconds, settings)
    slides = _slides(len(section_seconds), settings)
    wall = (
        known.start_seconds
        + to_make["section_audio"] * known.speech * sum(section_seconds)
        + to_make["section_image"] * known.picture * slides * _pixels(settings)
        + to_make["lip_synced_clip"] * known.clip * length * _clip_scale(settings)
        + to_make["final_video"] * known.join * length
    )
    size = length * (known.sound_bytes + known.video_bytes * _size_scale(settings))
    return Estimate(film_seconds=round(length, 1), wall_seconds=round(wall, 1), disk_bytes=round(size))


def updated(rates: Rates, measured: Measured, settings: Settings) -> Rates:
    """`rates`, moved towards the measured rates of this machine. A stage that made nothing changes no rate."""
    seen = _seen(measured, settings)
    old = rates.model_dump()
    return Rates(**{name: _smoothed(old[name], seen.get(name)) for name in old})


def _smoothed(old: float, new: float | None) -> float:
    return old if new is None else round((1 - _WEIGHT_OF_NEWEST) * old + _WEIGHT_OF_NEWEST * new, 6)


def _seen(measured: Measured, settings: Settings) -> dict[str, float]:
    """The rates of `measured` alone, for the stages that did some work."""
    slides = _slides(measured.sections, settings)
    work = {
        "speech": ("section_audio", measured.film_seconds, measured.sections),
        "picture": ("section_image", slides * _pixels(settings), slides),
        "clip": ("lip_synced_clip", measured.film_seconds * _clip_scale(settings), slides),
    }
    seen = {}
    for name, (stage, amount, pieces) in work.items():
        made = min(measured.made.get(stage, 0), pieces)
        if made and stage in measured.stage_seconds:
            seen[name] = measured.stage_seconds[stage] * pieces / (amount * made)
    if "clip" in seen and "final_video" in measured.stage_seconds:
        seen["join"] = measured.stage_seconds["final_video"] / measured.film_seconds
    seen["start_seconds"] = max(0.0, measured.wall_seconds - sum(measured.stage_seconds.values()))
    return seen | _bytes_seen(measured, settings)


def _bytes_seen(measured: Measured, settings: Settings) -> dict[str, float]:
    # Only the sum is known: its parts keep their initial proportion.
    if not measured.disk_bytes:
        return {}
    start = Rates()
    expected = start.sound_bytes + start.video_bytes * _size_scale(settings)
    share = measured.disk_bytes / (measured.film_seconds * expected)
    return {"sound_bytes": start.sound_bytes * share, "video_bytes": start.video_bytes * share}


def _slides(sections: int, settings: Settings) -> int:
    return sections + (settings.title_card_ms > 0) + (settings.end_card_ms > 0)


def _pixels(settings: Settings) -> float:
    return settings.width_px * settings.height_px / _REFERENCE_PIXELS


def _clip_scale(settings: Settings) -> float:
    frames = float(settings.rate) / _REFERENCE_FRAMES
    return _pixels(settings) * frames * _PRESET_COST[settings.preset]


def _size_scale(settings: Settings) -> float:
    return _pixels(settings) * 2 ** ((_REFERENCE_CRF - settings.crf) / _CRF_THAT_HALVES)


def format_estimate(expected: Estimate) -> str:
    """`about 1 min 20 s, 34 MB, film of 4:58`: rounded figures, and the film's length to the second."""
    film = format_clock(expected.film_seconds)
    return f"{_roughly(expected.wall_seconds)}, {format_size(expected.disk_bytes)}, film of {film}"


def _roughly(seconds: float) -> str:
    if seconds < _SHORT_SECONDS:
        return "a second or two"
    step = 1 if seconds < 10 else 5 if seconds < 60 else 10 if seconds < 600 else 60
    return f"about {format_duration(max(step, round(seconds / step) * step))}"


_SHORT_SECONDS = 2.5
"""A shorter time is shown without a figure."""
