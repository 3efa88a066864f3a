"""The checks that a film must pass before it is published.

Does not belong here: measurements of the file (`media`). The checks only judge them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from statistics import median

from video_assets.studio.captions.checks import CaptionFinding
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.media.loudness import Loudness
from video_assets.studio.media.probe import Probe
from video_assets.studio.presenter.lip_timing import MISMATCHED_BELOW
from video_assets.studio.timeline import Timeline

LOUDNESS_TOLERANCE_LU = 0.5
HIGHEST_PEAK_DBTP = -1.5
STREAMS_TOLERANCE_SECONDS = Fraction(1, 100)
LIP_TOLERANCE_MS = 40.0
"""One frame at 25 fps, which is below the offsets that viewers notice by ITU-R BT.1359 (45 ms early, 125 ms late). If a
frame of the film is longer, that is the limit. The limit applies to the median of the sections. A single section is
measured less exactly and may be off by twice as much."""
TIMED_SPEECH_SECONDS = 8
"""Shorter speech correlates with its lips by chance. At 25 fps, 11 of 70 single sentences seemed 50 to 300 ms off. Of
180 sections of 8 s or more, none was off by more than 38 ms (67 ms at 12 fps)."""
QUIETEST_LUFS = -50.0

CHECKS: Mapping[str, str] = {
    "section_count": "Every section of the lesson is in the film, in the lesson's order.",
    "length": "Pictures, sound and timeline are equally long, to within a frame.",
    "sound": "The film is not silent, and every section is heard.",
    "streams": "Pictures and sound start together, frames follow at one distance, the index stands first.",
    "loudness": "Integrated loudness is as set, to 0.5 LU, and no true peak is above -1.5 dBTP.",
    "captions": "Captions cover every word that is spoken, and keep the rules of reading.",
    "lips": "Closed sounds show closed lips, silence a resting mouth, and lips are on the sound to within a frame.",
}


class CheckResult(FrozenModel):
    """The finding of a check. `measured` holds the figures that decided it."""

    check: str
    passed: bool
    message: str
    measured: dict[str, int | float | str]


class FilmMeasurements(FrozenModel):
    """The input of the checks: the timeline, the probe of the finished file, and measurements of the sections."""

    timeline: Timeline
    sections: tuple[str, ...]
    """Ids of the lesson's sections, in its order."""
    probe: Probe
    loudness: Loudness
    wanted_lufs: float
    section_lufs: dict[str, float]
    """Loudness of the film's sound during each section."""
    captions: tuple[CaptionFinding, ...]
    cue_count: int
    caption_offset_ms: int
    """The largest offset of a caption's start from its first word, by the times that the captions were made from. It
    does not show how exact those times are (docs/captions.md)."""
    lips: dict[str, dict[str, float]]
    """By section: closed_lips_recall, movement_in_silence_frames and lip_offset_ms. Estimates from pictures also have
    opening_estimated and lip_correlation. Empty without a mouth."""


def check_film(film: FilmMeasurements) -> tuple[CheckResult, ...]:
    """The finding of every check, in the order of CHECKS."""
    judges: Mapping[str, Callable[[FilmMeasurements], CheckResult]] = {
        "section_count": _section_count,
        "length": _length,
        "sound": _sound,
        "streams": _streams,
        "loudness": _loudness,
        "captions": _captions,
        "lips": _lips,
    }
    return tuple(judges[name](film) for name in CHECKS)


def _section_count(film: FilmMeasurements) -> CheckResult:
    placed = [section.id for _, section in film.timeline.sections()]
    return _finding(
        "section_count",
        _differences(film.sections, placed),
        {"sections": len(film.sections), "in_film": len(placed)},
    )


def _differences(wanted: Sequence[str], there: Sequence[str]) -> Iterator[str]:
    missing = [section for section in wanted if section not in there]
    if missing:
        yield f"missing: {', '.join(missing)}"
    elif list(wanted) != list(there):
        yield "the sections stand in another order than in the lesson"


def _length(film: FilmMeasurements) -> CheckResult:
    timeline, probe = film.timeline, film.probe
    frame = 1 / timeline.frame_rate
    sound_seconds = probe.sound.duration_seconds if probe.sound else Fraction(0)
    faults = []
    if probe.video.frames != timeline.frames:
        faults.append(f"{probe.video.frames} frames were written, {timeline.frames} planned")
    if abs(sound_seconds - timeline.seconds) > frame:
        faults.append(f"the sound lasts {float(sound_seconds):.3f} s, the film {float(timeline.seconds):.3f} s")
    measured = {
        "planned_seconds": float(timeline.seconds),
        "video_seconds": float(probe.video.frames * frame),
        "sound_seconds": float(sound_seconds),
    }
    return _finding("length", faults, measured)


def _sound(film: FilmMeasurements) -> CheckResult:
    silent = [name for name, lufs in film.section_lufs.items() if lufs < QUIETEST_LUFS]
    faults = [f"silent: {', '.join(silent)}"] if silent else []
    if film.probe.sound is None:
        faults.append("there is no sound")
    quietest = min(film.section_lufs.values(), default=0.0)
    loudest = max(film.section_lufs.values(), default=0.0)
    return _finding("sound", faults, {"quietest_section_lufs": quietest, "loudest_section_lufs": loudest})


def _streams(film: FilmMeasurements) -> CheckResult:
    probe = film.probe
    faults = []
    apart = abs(probe.sound.start_seconds - probe.video.start_seconds) if probe.sound else Fraction(0)
    if apart > STREAMS_TOLERANCE_SECONDS:
        faults.append(f"pictures and sound start {float(apart) * 1000:.1f} ms apart")
    if set(probe.video.steps_seconds) - {1 / film.timeline.frame_rate}:
        faults.append(f"frames follow at {len(probe.video.steps_seconds)} different distances")
    if probe.video.keyframes[:1] != (0,):
        faults.append("the first frame cannot be decoded by itself")
    if not probe.index_first:
        faults.append("the index stands behind the media")
    return _finding("streams", faults, {"start_apart_ms": float(apart) * 1000, "keyframes": len(probe.video.keyframes)})


def _loudness(film: FilmMeasurements) -> CheckResult:
    loudness, faults = film.loudness, []
    if abs(loudness.integrated_lufs - film.wanted_lufs) > LOUDNESS_TOLERANCE_LU:
        faults.append(f"{loudness.integrated_lufs:.1f} LUFS instead of {film.wanted_lufs:g}")
    if loudness.true_peak_dbtp > HIGHEST_PEAK_DBTP:
        faults.append(f"a true peak of {loudness.true_peak_dbtp:.1f} dBTP")
    return _finding(
        "loudness", faults, {"lufs": round(loudness.integrated_lufs, 2), "dbtp": round(loudness.true_peak_dbtp, 2)}
    )


def _captions(film: FilmMeasurements) -> CheckResult:
    faults = [f"{finding.section}: {finding.message}" for finding in film.captions]
    return _finding(
        "captions",
        faults,
        {
            "captions": film.cue_count,
            "largest_start_offset_ms": film.caption_offset_ms,
            "broken_rules": len(film.captions),
        },
    )


def _lips(film: FilmMeasurements) -> CheckResult:
    if not film.lips:
        return _finding("lips", [], {"sections_with_a_mouth": 0})
    # Estimates from pictures show when a mouth moves, but how far it is open only too roughly for a check.
    known = [figures for figures in film.lips.values() if not figures.get("opening_estimated")]
    recall = min((figures["closed_lips_recall"] for figures in known), default=1.0)
    moved = sum(figures["movement_in_silence_frames"] for figures in known)
    faults = []
    if recall < 1:
        faults.append(f"only {recall:.0%} of p, b and m show closed lips in one section")
    if moved:
        faults.append(f"the mouth moves in {moved:.0f} frames of silence")
    offsets = _lip_offsets(film)
    faults.extend(_late_lips(offsets, max(LIP_TOLERANCE_MS, float(1000 / film.timeline.frame_rate))))
    return _finding(
        "lips",
        faults,
        {
            "sections_with_a_mouth": len(film.lips),
            "closed_lips_recall": recall,
            "movement_in_silence_frames": moved,
            "sections_timed": len(offsets),
            "median_offset_ms": median(offsets.values()) if offsets else 0.0,
            "largest_offset_ms": max(offsets.values(), key=abs, default=0.0),
            **_estimated(film),
        },
    )


def _lip_offsets(film: FilmMeasurements) -> dict[str, float]:
    """The offsets of the sections with enough speech to measure them."""
    timeline = film.timeline
    enough = TIMED_SPEECH_SECONDS * timeline.rate_hz
    long = [section.id for placed, section in timeline.sections() if placed.speech_samples >= enough]
    return {id_: film.lips[id_]["lip_offset_ms"] for id_ in long if id_ in film.lips and _is_meaningful(film.lips[id_])}


def _is_meaningful(figures: Mapping[str, float]) -> bool:
    """Whether lips and sound correlate enough for a meaningful offset."""
    return figures.get("lip_correlation", 1.0) >= MISMATCHED_BELOW


def _estimated(film: FilmMeasurements) -> dict[str, int | float | str]:
    """Figures that are estimated from pictures. They decide nothing."""
    estimated = [figures for figures in film.lips.values() if figures.get("opening_estimated")]
    if not estimated:
        return {}
    return {
        "estimated_sections": len(estimated),
        "estimated_closed_lips_recall": min(figures["closed_lips_recall"] for figures in estimated),
        "estimated_movement_in_silence_frames": sum(figures["movement_in_silence_frames"] for figures in estimated),
        "lowest_correlation": min(figures["lip_correlation"] for figures in estimated),
    }


def _late_lips(offsets: Mapping[str, float], tolerance_ms: float) -> Iterator[str]:
    if offsets and abs(median(offsets.values())) > tolerance_ms:
        yield f"lips are {median(offsets.values()):+.0f} ms off the sound"
    for section, offset in offsets.items():
        if abs(offset) > 2 * tolerance_ms:
            yield f"{section}: lips are {offset:+.0f} ms off the sound"


def _finding(
    check: str, faults: Iterator[str] | Sequence[str], measured: Mapping[str, int | float | str]
) -> CheckResult:
    found = list(faults)
    shown = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
    return CheckResult(check=check, passed=not found, message=shown or CHECKS[check], measured=dict(measured))
