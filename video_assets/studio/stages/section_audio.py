"""The stage `section_audio`: speaks every section, checks the speech and brings it to one loudness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.captions.cues import CaptionReport, caption_report, needed_rate_percent
from video_assets.studio.choices.speakers import speakers_of
from video_assets.studio.core.errors import NoFallback, ProviderError, SettingInvalid, SpeechInvalid
from video_assets.studio.core.settings import chain_of
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.film.approvals import is_approved
from video_assets.studio.lesson.model import RecordingFile
from video_assets.studio.lesson.script import SectionScript, expected_seconds
from video_assets.studio.media.sound import encode_flac
from video_assets.studio.pipeline.manifests import (
    LessonManifest,
    ScriptManifest,
    SoundEntry,
    SpeechManifest,
    keep_manifest,
    read_manifest,
)
from video_assets.studio.pipeline.stage_context import SectionRow, StageContext, StageResult
from video_assets.studio.pipeline.stage_plan import BuiltItem, IsMade, ItemRecord, PlannedRecipe, build_items
from video_assets.studio.speech.checks import check_speech
from video_assets.studio.speech.mastering import master
from video_assets.studio.speech.provider import MasteredSpeech, SpeechProvider, SpeechRequest
from video_assets.studio.speech.recording_report import judge_recording, remarks_on_recording
from video_assets.studio.speech.voices import RECORDINGS
from video_assets.studio.storage.store import BuildResult, Built, Recipe, Record, get_or_build
from video_assets.studio.timeline import plan_clip

STAGE = "section_audio"
STEP = "speech"
CODE = "1"
RATE_HZ = 48000
SECTION_LUFS = -23.0
"""Loudness of the stored sound of each section. The loudness of the film is set once, after the mix."""

_CAPTION_RATE, _CAPTION_BREATH_MS = Fraction(25), 400
"""Reading speed is judged at one frame rate, so that the sound does not depend on the film's."""
_SLOWEST_PERCENT = 60
_SHARE_BESIDE_PICTURES = 2


class LessonSpeaker:
    """How one provider speaks the sections of one lesson: voice, language, rate and instructions."""

    def __init__(self, lesson: LessonManifest, provider: SpeechProvider, voice: str) -> None:
        settings = lesson.settings
        self.provider = provider
        self.language = lesson.lesson.language
        self.voice = voice
        self.rate_percent = settings.rate_percent
        self.instructions = settings.voice_instructions if provider.instructible else ""
        self.identity = provider.identity(self.voice)


def voices_of(lesson: LessonManifest, providers: Mapping[str, SpeechProvider]) -> tuple[LessonSpeaker, ...]:
    """The voices of the lesson in the order of `speakers_of`, the first choice first. Raises SettingInvalid."""
    return tuple(
        LessonSpeaker(lesson, provider, voice.id)
        for provider, voice in speakers_of(lesson.settings, lesson.lesson.language, providers)
    )


def _author_of(lesson: LessonManifest, providers: Mapping[str, SpeechProvider]) -> LessonSpeaker | None:
    """The author, who speaks the sections with a recording; None if no provider follows recordings."""
    return LessonSpeaker(lesson, providers[RECORDINGS], "") if RECORDINGS in providers else None


class SpeechPlan(NamedTuple):
    """The plan of the sounds: the sections to speak, and the voices."""

    script: str
    """Digest of the ScriptManifest."""
    voices: tuple[LessonSpeaker, ...]
    """The first choice first."""
    author: LessonSpeaker | None
    """Who speaks the sections with a recording."""
    text_check: str
    """The setting: how much a recording may differ from its text."""
    items: tuple[SectionScript, ...]
    lesson: str
    """Key of the lesson."""
    workers: int
    """Sections to speak in parallel; 0: as many as the machine has cores."""
    stage: str = STAGE

    def recipe(self, section: SectionScript) -> PlannedRecipe:
        """The recipe of the section's sound with the first choice."""
        return PlannedRecipe(sound_recipe(section, self.speakers_of(section)[0]))

    def speakers_of(self, section: SectionScript) -> tuple[LessonSpeaker, ...]:
        """Who may speak the section, the first choice first. Only the author speaks a section with a recording."""
        if section.recording is None:
            return self.voices
        if self.author is None:
            raise SettingInvalid(
                f"Section {section.id} has a recording, and no provider follows recordings.",
                remedy="Add the provider `recording`, or remove the recording.",
            )
        return (self.author,)

    def paid_requests(self, section: SectionScript, is_made: IsMade) -> Sequence[PaidRequest]:
        """See StoredStagePlan."""
        first = self.speakers_of(section)[0]
        if is_made(sound_recipe(section, first)):
            return ()
        return first.provider.paid_requests(_request(section, first, first.rate_percent))

    def manifest(self, results: Iterable[ItemRecord[SectionScript]]) -> SpeechManifest:
        """See StoredStagePlan."""
        usual = self.voices[0].identity
        sections = tuple(_entry(section, record, usual) for section, record in results)
        return SpeechManifest(script=self.script, provider=usual, rate_hz=RATE_HZ, sections=sections)


def plan_speech(script: ScriptManifest, lesson: LessonManifest, providers: Mapping[str, SpeechProvider]) -> SpeechPlan:
    """The plan of the speech of `script`. Makes nothing. Raises SettingInvalid."""
    voices = voices_of(lesson, providers)
    return SpeechPlan(
        digest_of(canonical_json(script)),
        voices,
        _author_of(lesson, providers),
        lesson.settings.text_check,
        script.sections,
        lesson.key,
        _workers(lesson, voices[0].provider),
    )


def is_first_choice(speech: SpeechManifest, lesson: LessonManifest, providers: Mapping[str, SpeechProvider]) -> bool:
    """Whether the provider that a run would call first made all of `speech`. Raises SettingInvalid."""
    author = _author_of(lesson, providers)
    others = [sound.provider for sound in speech.sections if sound.provider]
    by_fallback = any(author is None or provider != author.identity for provider in others)
    return not by_fallback and voices_of(lesson, providers)[0].identity == speech.provider


def _workers(lesson: LessonManifest, first: SpeechProvider) -> int:
    """As many as the provider allows; fewer if the same provider also makes the pictures of this lesson.

    A picture takes longer than a sound, so pictures must get their slots first.
    """
    makes_pictures_too = first.at_once and first.name in chain_of(lesson.settings.pictures)
    return max(1, first.at_once // _SHARE_BESIDE_PICTURES) if makes_pictures_too else first.at_once


def waits_for_approval(script: ScriptManifest, stage_context: StageContext) -> bool:
    """Whether the lesson must be reviewed and this script is not approved yet. Nothing may then be spoken."""
    lesson = read_manifest(stage_context.store, LessonManifest, script.lesson)
    if not lesson.settings.review:
        return False
    digest = digest_of(canonical_json(script))
    if stage_context.approvals is not None and is_approved(stage_context.approvals, lesson.key, digest):
        return False
    stage_context.note(
        STAGE,
        f"{lesson.key} waits for approval: look at its script and pictures, then `lessonreel approve {lesson.key}` "
        "(or the job approve in Dagster's UI), and make it again.",
    )
    return True


def speak_script(
    script: ScriptManifest, providers: Mapping[str, SpeechProvider], stage_context: StageContext
) -> StageResult[SpeechManifest]:
    """Speak every section. Sounds in the store are reused. Raises SectionsFailed, SettingInvalid."""
    plan = plan_speech(script, read_manifest(stage_context.store, LessonManifest, script.lesson), providers)

    def build(section: SectionScript) -> BuiltItem[SectionScript]:
        if section.recording is None:
            return BuiltItem(section, _first_that_speaks(section, plan, stage_context))
        return BuiltItem(section, _recorded(section, section.recording, plan, stage_context))

    built = build_items(plan, build, stage_context, plan.workers or None)
    manifest = plan.manifest(each.as_record for each in built)
    first = plan.voices[0].identity
    rows = tuple(_row(section, outcome, first) for section, outcome in built)
    return StageResult(
        manifest,
        keep_manifest(stage_context.store, manifest),
        rows,
        {
            "speech_seconds": round(sum(entry.samples for entry in manifest.sections) / RATE_HZ, 3),
            **fallbacks(entry.provider for entry in manifest.sections),
            **_recorded_count(script),
        },
    )


def fallbacks(providers: Iterable[Mapping[str, str]]) -> dict[str, int]:
    """The figure of sections that a fallback made; empty if the first choice made all."""
    count = sum(bool(provider) and provider.get("provider") != RECORDINGS for provider in providers)
    return {"sections_by_stand_in": count} if count else {}


def _recorded_count(script: ScriptManifest) -> dict[str, int]:
    """The figure of sections that the author speaks; empty if there are none."""
    count = sum(section.recording is not None for section in script.sections)
    return {"sections_recorded": count} if count else {}


def _recorded(
    section: SectionScript, recording: RecordingFile, plan: SpeechPlan, stage_context: StageContext
) -> BuildResult:
    """The sound of a recording. Raises SpeechInvalid if it does not say the text; see `judge_recording`."""
    (author,) = plan.speakers_of(section)
    request = _request(section, author, 100)

    def follow() -> Built:
        data = stage_context.store.read(recording.digest)
        raw = author.provider.speak(request.model_copy(update={"recording": data}))
        speech = master(raw, rate_hz=RATE_HZ, loudness_lufs=SECTION_LUFS)
        return Built(
            {"sound": encode_flac(speech.sound, RATE_HZ), "times": canonical_json(speech.times)},
            {
                "samples": speech.times.samples,
                "rate_percent": 100,
                "words": len({word.token for word in speech.times.words}),
                "fast_captions": len(_captions_of(section, speech, author).fast),
                **speech.facts,
            },
        )

    outcome = get_or_build(stage_context.store, sound_recipe(section, author), follow)
    usual = float(expected_seconds(request.words, 100, language=author.language))
    judge_recording(section, recording, outcome.record.facts, usual, strictness=plan.text_check)
    for remark in remarks_on_recording(section, recording, outcome.record.facts):
        stage_context.note(STAGE, f"{section.id}: {remark}")
    return outcome


def _first_that_speaks(section: SectionScript, plan: SpeechPlan, stage_context: StageContext) -> BuildResult:
    """The sound by the first choice. If it fails, the next choice speaks, and a note in the event log says so."""
    for number, speaker in enumerate(plan.voices):
        last = number == len(plan.voices) - 1
        call_context = stage_context.call_context(STAGE, plan.lesson, section.id, fallback=not last)
        try:
            return get_or_build(
                stage_context.store, sound_recipe(section, speaker), partial(_speak, section, speaker, call_context)
            )
        except (ProviderError, SpeechInvalid) as error:
            if last or isinstance(error, NoFallback):
                raise
            following = plan.voices[number + 1].provider.name
            stage_context.note(STAGE, f"{section.id}: {error.message} {following} speaks it instead.")
    raise AssertionError


def sound_recipe(section: SectionScript, speaker: LessonSpeaker) -> Recipe:
    """The recipe of a section's sound. It names neither the id nor the place: equal words share one sound."""
    if section.recording is not None:
        return _recipe_of_recording(section, section.recording, speaker)
    return Recipe(
        step=STEP,
        code=CODE,
        provider=speaker.identity,
        parameters={
            "pieces": [piece.model_dump(mode="json") for piece in section.speech],
            # The captions of the shown words decide whether the voice must slow down.
            "shown": [[token.shown, token.space_before] for token in section.tokens],
            "language": speaker.language,
            "rate_percent": speaker.rate_percent,
            "rate_hz": RATE_HZ,
            "loudness_lufs": SECTION_LUFS,
            **({"instructions": speaker.instructions} if speaker.instructions else {}),
        },
    )


def _recipe_of_recording(section: SectionScript, recording: RecordingFile, author: LessonSpeaker) -> Recipe:
    """The words without their marks, which have no effect on a recording."""
    return Recipe(
        step=STEP,
        code=CODE,
        provider=author.identity,
        parameters={
            "words": [[word.text, word.token] for word in _request(section, author, 100).words],
            "shown": [[token.shown, token.space_before] for token in section.tokens],
            "language": author.language,
            "rate_hz": RATE_HZ,
            "loudness_lufs": SECTION_LUFS,
        },
        inputs={"recording": recording.digest},
    )


def _speak(section: SectionScript, speaker: LessonSpeaker, call_context: CallContext | None) -> Built:
    speech, rate_percent = _at_readable_rate(section, speaker, call_context)
    return Built(
        {"sound": encode_flac(speech.sound, RATE_HZ), "times": canonical_json(speech.times)},
        {
            "samples": speech.times.samples,
            "rate_percent": rate_percent,
            "words": len({word.token for word in speech.times.words}),
            **speech.facts,
        },
    )


def _at_readable_rate(
    section: SectionScript, speaker: LessonSpeaker, call_context: CallContext | None
) -> tuple[MasteredSpeech, int]:
    """The speech and its rate in percent. The rate is below the setting if captions would be too fast to read."""
    speech = _once(section, speaker, speaker.rate_percent, call_context)
    report = _captions_of(section, speech, speaker)
    needed = max(_SLOWEST_PERCENT, speaker.rate_percent * needed_rate_percent(report) // 100)
    if needed >= speaker.rate_percent:
        return speech, speaker.rate_percent
    return _once(section, speaker, needed, call_context), needed


def _captions_of(section: SectionScript, speech: MasteredSpeech, speaker: LessonSpeaker) -> CaptionReport:
    plan = plan_clip(speech.times, _CAPTION_RATE, _CAPTION_BREATH_MS)
    return caption_report(section.tokens, speech.times, plan, _CAPTION_RATE, speaker.language)


def _once(
    section: SectionScript, speaker: LessonSpeaker, rate_percent: int, call_context: CallContext | None
) -> MasteredSpeech:
    request = _request(section, speaker, rate_percent)
    speech = master(speaker.provider.speak(request, call_context), rate_hz=RATE_HZ, loudness_lufs=SECTION_LUFS)
    check_speech(speech, request, expected_seconds(section.speech, rate_percent, language=speaker.language))
    return speech


def _request(section: SectionScript, speaker: LessonSpeaker, rate_percent: int) -> SpeechRequest:
    return SpeechRequest(
        pieces=section.speech,
        language=speaker.language,
        voice=speaker.voice,
        rate_percent=rate_percent,
        instructions=speaker.instructions,
    )


def _entry(section: SectionScript, record: Record, usual: Mapping[str, str]) -> SoundEntry:
    """The manifest entry of a sound. `usual` is the identity of the first choice, which the entry does not repeat."""
    objects, facts = record.objects, record.facts
    return SoundEntry(
        id=section.id,
        sound=objects["sound"],
        times=objects["times"],
        samples=int(facts["samples"] or 0),
        words=int(facts["words"] or 0),
        recipe=record.recipe.id,
        provider={} if record.recipe.provider == usual else record.recipe.provider,
        answers=tuple(str(facts.get("answers", "")).split()),
    )


def _row(section: SectionScript, outcome: BuildResult, first: Mapping[str, str]) -> SectionRow:
    facts = outcome.record.facts
    seconds = int(facts["samples"] or 0) / RATE_HZ
    return SectionRow(
        section.id,
        section.title,
        outcome.made,
        {
            "speech_seconds": round(seconds, 2),
            "words_per_minute": round(int(facts["words"] or 0) * 60 / seconds),
            "rate_percent": facts["rate_percent"],
            "voice": _named(outcome.record.recipe.provider, first),
            "step_seconds": round(outcome.seconds, 3),
            **_of_recording(section, outcome),
        },
    )


def _of_recording(section: SectionScript, outcome: BuildResult) -> dict[str, str]:
    """What the row of a recorded section tells besides."""
    if section.recording is None:
        return {}
    remarks = remarks_on_recording(section, section.recording, outcome.record.facts)
    return {"recording": section.recording.path, "remarks": " ".join(remarks)}


def _named(provider: Mapping[str, str], first: Mapping[str, str]) -> str:
    if provider.get("provider") == RECORDINGS:
        return "the author"
    named = f"{provider.get('provider', '')} {provider.get('voice', '')}".strip()
    return named if provider == first else f"{named}, instead of {first.get('provider', '')}"
