"""The film's sound on its timeline, and the checks between a made film and a published one."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from video_assets.studio.captions.checks import CaptionFinding
from video_assets.studio.film.checks import CHECKS, CheckResult, FilmMeasurements, check_film
from video_assets.studio.film.mix import mix_audio
from video_assets.studio.lesson.script import Token
from video_assets.studio.media.loudness import Loudness
from video_assets.studio.media.probe import Probe, SoundProbe, VideoProbe
from video_assets.studio.speech.provider import SpeechTimes, WordTime
from video_assets.studio.timeline import CardPlan, SectionPlan, Timeline, build_timeline, plan_clip

RATE_HZ = 48000


def _section(id_: str, seconds: float, rate: Fraction) -> SectionPlan:
    samples = int(seconds * RATE_HZ)
    times = SpeechTimes(rate_hz=RATE_HZ, samples=samples, words=(WordTime(token=0, start=0, end=samples),), phones=())
    return SectionPlan(
        id=id_,
        title=id_.title(),
        pointer="/sections/0",
        line=1,
        plan=plan_clip(times, rate, 400),
        times=times,
        tokens=(Token(shown=id_, offset=0),),
    )


def _timeline(seconds: Mapping[str, float], rate: str = "25") -> Timeline:
    entries = [_section(id_, length, Fraction(rate)) for id_, length in seconds.items()]
    return build_timeline([CardPlan(kind="title_card", frames=50), *entries], Fraction(rate), RATE_HZ)


def _evidence(timeline: Timeline | None = None, **changes: Any) -> FilmMeasurements:
    """What is found of a good film of two sections, with `changes`."""
    timeline = timeline or _timeline({"one": 10, "two": 12})
    ids = tuple(section.id for _, section in timeline.sections())
    step = 1 / timeline.frame_rate
    good: dict[str, Any] = {
        "timeline": timeline,
        "sections": ids,
        "probe": Probe(
            duration_seconds=timeline.seconds,
            tags={},
            index_first=True,
            video=VideoProbe(
                codec="h264",
                profile="High",
                pixel_format="yuv420p",
                width_px=1280,
                height_px=720,
                sample_aspect=Fraction(1),
                frames=timeline.frames,
                start_seconds=Fraction(0),
                duration_seconds=timeline.seconds,
                steps_seconds=(step,),
                keyframes=(0, 50),
                matrix=1,
                primaries=1,
                transfer=1,
                limited_range=True,
            ),
            sound=SoundProbe(
                codec="aac",
                profile="LC",
                rate_hz=RATE_HZ,
                channels=1,
                language="eng",
                start_seconds=Fraction(0),
                duration_seconds=timeline.seconds,
            ),
            captions=None,
            chapters=(),
            has_cover=True,
        ),
        "loudness": Loudness(integrated_lufs=-16.1, true_peak_dbtp=-1.9),
        "wanted_lufs": -16.0,
        "section_lufs": dict.fromkeys(ids, -16.0),
        "captions": (),
        "cue_count": 8,
        "caption_offset_ms": -20,
        "lips": {id_: _lips(4.0) for id_ in ids},
    }
    return FilmMeasurements(**{**good, **changes})


def _lips(offset_ms: float, recall: float = 1.0, moved: float = 0.0) -> dict[str, float]:
    return {"closed_lips_recall": recall, "movement_in_silence_frames": moved, "lip_offset_ms": offset_ms}


def _video(**changes: Any) -> Probe:
    found = _evidence().probe
    return found.model_copy(update={"video": found.video.model_copy(update=changes)})


def _sound(**changes: Any) -> Probe:
    found = _evidence().probe
    assert found.sound is not None
    return found.model_copy(update={"sound": found.sound.model_copy(update=changes)})


def _failed(evidence: FilmMeasurements) -> dict[str, CheckResult]:
    return {finding.check: finding for finding in check_film(evidence) if not finding.passed}


def test_a_good_film_passes_every_check():
    """An author would be told that a good film is bad."""
    findings = check_film(_evidence())
    assert [finding.check for finding in findings] == list(CHECKS)
    assert all(finding.passed and finding.measured for finding in findings)


BAD: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "a section lacks": ("section_count", {"sections": ("one", "two", "three")}, "missing: three"),
    "another order": ("section_count", {"sections": ("two", "one")}, "another order"),
    "frames lost": ("length", {"probe": _video(frames=500)}, "500 frames"),
    "sound too short": ("length", {"probe": _sound(duration_seconds=Fraction(20))}, "20.000 s"),
    "a silent section": ("sound", {"section_lufs": {"one": -16.0, "two": -70.0}}, "silent: two"),
    "sound late": ("streams", {"probe": _sound(start_seconds=Fraction(1, 20))}, "50.0 ms apart"),
    "frames at odd times": (
        "streams", {"probe": _video(steps_seconds=(Fraction(1, 50), Fraction(1, 25)))}, "different distances"
    ),
    "no first picture": ("streams", {"probe": _video(keyframes=(3, 50))}, "cannot be decoded by itself"),
    "index at the end": (
        "streams", {"probe": _evidence().probe.model_copy(update={"index_first": False})}, "behind the media"
    ),
    "too quiet": ("loudness", {"loudness": Loudness(integrated_lufs=-17.0, true_peak_dbtp=-3)}, "-17.0 LUFS"),
    "clipping": ("loudness", {"loudness": Loudness(integrated_lufs=-16.0, true_peak_dbtp=-0.3)}, "-0.3 dBTP"),
    "unreadable captions": (
        "captions",
        {"captions": (CaptionFinding(code="reading-speed", section="two", cue=3, message="31 characters/s"),)},
        "two: 31 characters/s",
    ),
    "open lips on a p": ("lips", {"lips": {"one": _lips(0, recall=0.9), "two": _lips(0)}}, "90%"),
    "a mouth in silence": ("lips", {"lips": {"one": _lips(0, moved=4), "two": _lips(0)}}, "4 frames of silence"),
    "late lips": ("lips", {"lips": {"one": _lips(55), "two": _lips(60)}}, "+58 ms"),
    "one section's lips": ("lips", {"lips": {"one": _lips(-110), "two": _lips(30)}}, "one: lips are -110 ms"),
}  # fmt: skip


@pytest.mark.parametrize(("check", "changes", "said"), BAD.values(), ids=BAD)
def test_a_bad_film_fails_the_check_that_says_what_is_wrong(check: str, changes: dict[str, Any], said: str):
    """A class would watch a film with a silent section, or an author would not learn which one it is."""
    failed = _failed(_evidence(**changes))
    assert list(failed) == [check]
    assert said in failed[check].message


def test_a_film_without_sound_fails():
    """A viewer would hear nothing, and turn up the loudspeaker."""
    silent = _evidence().probe.model_copy(update={"sound": None})
    assert {"sound", "length"} <= set(_failed(_evidence(probe=silent)))


def test_lips_of_a_short_section_are_not_judged_by_chance():
    """A lesson with one short sentence would never be published: its lips correlate with anything."""
    short = _timeline({"one": 2.5})
    assert _failed(_evidence(short, lips={"one": _lips(-217)})) == {}


def test_lips_are_judged_by_frames_where_these_are_long():
    """A draft at 12 frames a second would be refused for lips that are as near as its frames allow."""
    timeline = _timeline({"one": 12, "two": 12}, rate="12")
    assert _failed(_evidence(timeline, lips={"one": _lips(70), "two": _lips(75)})) == {}
    assert list(_failed(_evidence(timeline, lips={"one": _lips(90), "two": _lips(95)}))) == ["lips"]


def test_a_film_without_a_face_needs_no_lips():
    """A lesson without a presenter could not be published."""
    assert _failed(_evidence(lips={})) == {}


def test_a_long_list_of_faults_stays_readable():
    """A broken font would fill the screen of an author with four hundred lines."""
    many = tuple(CaptionFinding(code="gap", section=f"s{n}", cue=n, message="too near") for n in range(400))
    message = _failed(_evidence(captions=many))["captions"].message
    assert message.endswith("; and 395 more")
    assert len(message) < 200


def test_sounds_lie_where_the_timeline_says():
    """A learner would hear the next section's words under this section's picture."""
    timeline = _timeline({"one": 1, "two": 2}, rate="30000/1001")
    sounds = {"one": np.full(RATE_HZ, 0.1, np.float32), "two": np.full(2 * RATE_HZ, 0.2, np.float32)}
    mixed = mix_audio(timeline, sounds)
    assert len(mixed) == timeline.samples
    for placed, section in timeline.sections():
        start, stop = placed.speech_start_sample, placed.speech_start_sample + placed.speech_samples
        assert (mixed[start:stop] == sounds[section.id]).all()
    assert np.count_nonzero(mixed) == 3 * RATE_HZ, "silence everywhere else"
