"""The stage `section_audio`: every section spoken, checked and brought to one loudness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from video_assets.studio.captions import caption_report, needed_rate_percent
from video_assets.studio.choice import chosen
from video_assets.studio.manifests import (
    LessonManifest,
    ScriptManifest,
    SoundEntry,
    SpeechManifest,
    keep_manifest,
    read_manifest,
)
from video_assets.studio.media.sound import encode_flac
from video_assets.studio.records import canonical_json, digest_of
from video_assets.studio.script import SectionScript, expected_seconds
from video_assets.studio.sections import for_each_section
from video_assets.studio.speech import Speech, SpeechProvider, SpeechRequest, check_speech, choose_voice, master
from video_assets.studio.store import Made, Outcome, Recipe, Record, make
from video_assets.studio.timeline import plan_clip
from video_assets.studio.workshop import Row, StageResult, Workshop

STEP = "speech"
CODE = "1"
RATE_HZ = 48000
SECTION_LUFS = -23.0
"""Loudness of each section's sound in the store; the film's own loudness is set once, when all are joined."""

_CAPTION_RATE, _CAPTION_BREATH_MS = Fraction(25), 400
"""Reading speed is judged at one frame rate, so that the sound does not depend on the film's."""
_SLOWEST_PERCENT = 60


class Spoken:
    """How the sections of one lesson are spoken: by whom, with which voice, in which language."""

    def __init__(self, lesson: LessonManifest, providers: Mapping[str, SpeechProvider]) -> None:
        settings = lesson.settings
        self.provider = chosen(providers, settings.speech, "speech")
        self.language = lesson.lesson.language
        self.voice = choose_voice(self.provider.voices(), settings.voice, self.language).id
        self.rate_percent = settings.rate_percent
        self.identity = self.provider.identity(self.voice)


class Take(NamedTuple):
    """A section to be spoken, and the recipe of its sound."""

    section: SectionScript
    recipe: Recipe

    @property
    def id(self) -> str:
        """The section's id."""
        return self.section.id


class SpeechPlan(NamedTuple):
    """What is to be spoken, and how."""

    script: str
    """Digest of the ScriptManifest."""
    spoken: Spoken
    takes: tuple[Take, ...]

    def manifest(self, records: Iterable[Record]) -> SpeechManifest:
        """The manifest of the sounds that `records`, one a take, tell of."""
        sections = tuple(sound_of(take.section, record) for take, record in zip(self.takes, records, strict=True))
        return SpeechManifest(script=self.script, provider=self.spoken.identity, rate_hz=RATE_HZ, sections=sections)


def plan_speech(script: ScriptManifest, lesson: LessonManifest, providers: Mapping[str, SpeechProvider]) -> SpeechPlan:
    """What `script` wants spoken; makes nothing. Raises SettingInvalid."""
    spoken = Spoken(lesson, providers)
    takes = tuple(Take(section, recipe(section, spoken)) for section in script.sections)
    return SpeechPlan(digest_of(canonical_json(script)), spoken, takes)


def speak_script(
    script: ScriptManifest, providers: Mapping[str, SpeechProvider], workshop: Workshop
) -> StageResult[SpeechManifest]:
    """The speech of every section. What the store has is not spoken again. Raises SectionsFailed, SettingInvalid."""
    plan = plan_speech(script, read_manifest(workshop.store, LessonManifest, script.lesson), providers)

    def speak(take: Take) -> tuple[Outcome, bool]:
        outcome = make(workshop.store, take.recipe, lambda: _speak(take.section, plan.spoken))
        return outcome, outcome.made

    done = for_each_section("section_audio", plan.takes, speak, journal=workshop.journal, workers=workshop.workers)
    outcomes = [outcome for outcome, _ in done]
    manifest = plan.manifest(outcome.record for outcome in outcomes)
    rows = tuple(_row(take.section, outcome) for take, outcome in zip(plan.takes, outcomes, strict=True))
    return StageResult(
        manifest,
        keep_manifest(workshop.store, manifest),
        rows,
        {"speech_seconds": round(sum(entry.samples for entry in manifest.sections) / RATE_HZ, 3)},
    )


def recipe(section: SectionScript, spoken: Spoken) -> Recipe:
    """What a section's sound is made from. Neither its id nor its place: equal words elsewhere are the same sound."""
    return Recipe(
        step=STEP,
        code=CODE,
        provider=spoken.identity,
        parameters={
            "pieces": [piece.model_dump(mode="json") for piece in section.speech],
            # The captions of the shown words decide whether the voice must slow down.
            "shown": [[token.shown, token.space_before] for token in section.tokens],
            "language": spoken.language,
            "rate_percent": spoken.rate_percent,
            "rate_hz": RATE_HZ,
            "loudness_lufs": SECTION_LUFS,
        },
    )


def _speak(section: SectionScript, spoken: Spoken) -> Made:
    speech, rate_percent = _at_readable_rate(section, spoken)
    return Made(
        {"sound": encode_flac(speech.sound, RATE_HZ), "times": canonical_json(speech.times)},
        {
            "samples": speech.times.samples,
            "rate_percent": rate_percent,
            "words": len({word.token for word in speech.times.words}),
        },
    )


def _at_readable_rate(section: SectionScript, spoken: Spoken) -> tuple[Speech, int]:
    """The speech, slower than asked for where its captions could not be read otherwise, and its rate."""
    speech = _once(section, spoken, spoken.rate_percent)
    plan = plan_clip(speech.times, _CAPTION_RATE, _CAPTION_BREATH_MS)
    report = caption_report(section.tokens, speech.times, plan, _CAPTION_RATE, spoken.language)
    needed = max(_SLOWEST_PERCENT, spoken.rate_percent * needed_rate_percent(report) // 100)
    if needed >= spoken.rate_percent:
        return speech, spoken.rate_percent
    return _once(section, spoken, needed), needed


def _once(section: SectionScript, spoken: Spoken, rate_percent: int) -> Speech:
    request = SpeechRequest(
        pieces=section.speech, language=spoken.language, voice=spoken.voice, rate_percent=rate_percent
    )
    speech = master(spoken.provider.speak(request), rate_hz=RATE_HZ, loudness_lufs=SECTION_LUFS)
    check_speech(speech, request, expected_seconds(section.speech, rate_percent, language=spoken.language))
    return speech


def sound_of(section: SectionScript, record: Record) -> SoundEntry:
    """The manifest's line on the sound that `record` tells of."""
    objects, facts = record.objects, record.facts
    return SoundEntry(
        id=section.id,
        sound=objects["sound"],
        times=objects["times"],
        samples=int(facts["samples"] or 0),
        words=int(facts["words"] or 0),
        recipe=record.recipe.id,
    )


def _row(section: SectionScript, outcome: Outcome) -> Row:
    facts = outcome.record.facts
    seconds = int(facts["samples"] or 0) / RATE_HZ
    return Row(
        section.id,
        section.title,
        outcome.made,
        {
            "speech_seconds": round(seconds, 2),
            "words_per_minute": round(int(facts["words"] or 0) * 60 / seconds),
            "rate_percent": facts["rate_percent"],
            "step_seconds": round(outcome.seconds, 3),
        },
    )
