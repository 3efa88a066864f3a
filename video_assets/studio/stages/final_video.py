"""The stage `final_video`: joins the clips by copying, levels the sound, adds captions and chapters, and publishes.

A film is written into a folder of its own. It is probed and checked there, and published only if every check passes.
The store does not keep the film, because it can be joined again from its parts in seconds.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from video_assets.studio.captions.checks import film_caption_checks, largest_start_offset_ms
from video_assets.studio.captions.cues import Cue, film_cues
from video_assets.studio.captions.files import mov_text
from video_assets.studio.core.errors import FilmRejected
from video_assets.studio.core.settings import Settings
from video_assets.studio.core.unspaced_words import needs_dictionary
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.film import bundle
from video_assets.studio.film.bundle_texts import bundle_texts
from video_assets.studio.film.checks import CHECKS, CheckResult, FilmMeasurements, check_film
from video_assets.studio.film.mix import mix_audio
from video_assets.studio.film.pages.watch import is_current, write_watch_page
from video_assets.studio.film.provenance import describe, is_realistic, report_of, source_type_of
from video_assets.studio.film.storyboard_cells import film_cells
from video_assets.studio.lesson.script import shown_text
from video_assets.studio.media.encode import encoder_identity
from video_assets.studio.media.join import ChapterMark, FilmSource, FilmTags, TextCue, write_film
from video_assets.studio.media.loudness import CEILING_DBTP, LevelReport, level, measure_file, measure_lufs
from video_assets.studio.media.probe import decode_frame, poster_jpeg, probe
from video_assets.studio.media.sound import decode_sound
from video_assets.studio.pipeline.fan_out import map_sections
from video_assets.studio.pipeline.manifests import (
    CardClip,
    ClipManifest,
    FilmManifest,
    Sources,
    in_film_order,
    is_complete,
    keep_manifest,
    read_sources,
)
from video_assets.studio.pipeline.order import FILM
from video_assets.studio.pipeline.stage_context import SectionRow, StageContext, StageResult
from video_assets.studio.pipeline.stage_plan import ItemRef, PlannedRecipe
from video_assets.studio.slides.storyboard import storyboard
from video_assets.studio.speech.provider import SpeechTimes
from video_assets.studio.storage.store import ObjectRef, Recipe, Store
from video_assets.studio.telemetry.events import Stopwatch
from video_assets.studio.timeline import CardPlan, SectionPlan, Timeline, build_timeline

__all__ = ["CHECKS", "FinishedFilm", "finish_film"]

STAGE = "final_video"
CODE = "2"
WORD_BREAKS = "1"
"""The version of the rule that finds the words of captions in scripts without spaces. Raised when it changes."""


class FinishedFilm(NamedTuple):
    """The result of the stage, the findings of the checks, the folder of the bundle and a contact sheet (WebP)."""

    result: StageResult[FilmManifest]
    findings: tuple[CheckResult, ...]
    folder: Path
    sheet: bytes


class FilmFailedChecks(FilmRejected):
    """A FilmRejected with `findings`: the result of every check, also of those that passed.

    The asset reports them as Dagster asset checks of the film that was not published.
    """

    def __init__(self, findings: tuple[CheckResult, ...]) -> None:
        failed = [f"{finding.check}: {finding.message}" for finding in findings if not finding.passed]
        super().__init__(
            "The film was made, but it failed its checks and was not published. " + "; ".join(failed) + ".",
            remedy="The earlier film, if there is one, is untouched. Look at the named sections.",
        )
        self.findings = findings


def finish_film(clips: ClipManifest, videos: Path, context: StageContext) -> FinishedFilm:
    """Join, level, caption, check and publish the film. A version that exists and is complete is only activated.

    Raises FilmFailedChecks when a check fails; then nothing is published.
    """
    sources = read_sources(clips, context.store)
    timeline = film_timeline(sources, context.store)
    key = sources.lesson.key
    plan = FilmPlan(sources)
    made_from = plan.recipe(*plan.items).complete()
    version = bundle.version_of(made_from)
    files = bundle.find_version(videos, key, version)
    made = files is None
    if files is None:
        writer = BundleWriter(sources, timeline, context)
        folder = bundle.publish(videos, key, version, writer.fill, filesystem=context.filesystem)
        files = bundle.find_version(videos, key, version) or {}
    else:
        folder = bundle.activate(videos, key, version, filesystem=context.filesystem)
        if not is_current(folder):
            write_watch_page(folder, filesystem=context.filesystem)
    manifest = FilmManifest(
        clips=digest_of(canonical_json(clips)),
        recipe=made_from,
        bundle=files[bundle.MANIFEST].id,
        files=files,
        frames=timeline.frames,
        frame_rate=timeline.rate,
    )
    findings = tuple(
        CheckResult.model_validate(entry) for entry in json.loads((folder / bundle.QC).read_bytes())["checks"]
    )
    sheet = storyboard(film_cells(sources, timeline, context.store), context.fonts)
    result = StageResult(
        manifest,
        keep_manifest(context.store, manifest),
        _rows(sources, timeline),
        _figures(files, timeline, sources.lesson.settings),
        joined=made,
    )
    return FinishedFilm(result, findings, folder, sheet)


class FilmTask(NamedTuple):
    """The film of a lesson."""

    title: str
    id: str = FILM


class FilmPlan(NamedTuple):
    """The plan of the film of one state of a lesson. In a dry run, the manifests of `sources` may lack entries."""

    sources: Sources
    stage: str = STAGE

    @property
    def items(self) -> tuple[FilmTask]:
        """The film."""
        return (FilmTask(self.sources.lesson.lesson.title),)

    def recipe(self, _film: FilmTask) -> PlannedRecipe:
        """The recipe of the bundle. Its inputs are unknown while a sound, a picture or a clip is not made yet."""
        clips = in_film_order((*(section.id for section in self.sources.script.sections), *self.sources.script.cards))
        inputs = tuple(ItemRef("lip_synced_clip", id_) for id_ in clips)
        if is_complete(self.sources):
            return PlannedRecipe(film_recipe(self.sources), inputs)
        return PlannedRecipe(_recipe_of("", ""), inputs, ("inputs",))


def is_first_choice(film: FilmManifest) -> bool:
    """Whether the encoder that a run would use made the film."""
    return film.recipe.provider == _recipe_of("", "").provider


def film_recipe(sources: Sources) -> Recipe:
    """The recipe of a bundle. It names the whole state of the lesson, because the bundle describes all of it.

    It names results, not the recipes of the parts: if a part is made again with the same bytes, the film is not joined
    again.
    """
    _, script, speech, pictures, clips = sources
    cards = {"title_card": {"recipe"}, "end_card": {"recipe"}}
    parts: dict[str, object] = {
        "speech": speech.model_dump(mode="json", exclude={"script": True, "sections": {"__all__": {"recipe"}}}),
        "pictures": pictures.model_dump(
            mode="json", exclude={"script": True, "sections": {"__all__": {"recipe"}}, **cards}
        ),
        "clips": clips.model_dump(
            mode="json", exclude={"speech": True, "pictures": True, "sections": {"__all__": {"recipe"}}, **cards}
        ),
    }
    if any(needs_dictionary(shown_text(section.tokens)) for section in script.sections):
        parts["word_breaks"] = WORD_BREAKS
    return _recipe_of(speech.script, digest_of(canonical_json(parts)))


def _recipe_of(script: str, parts: str) -> Recipe:
    """The recipe of a bundle from two digests: of the script (which names the lesson) and of the parts."""
    libraries = encoder_identity()
    provider = {name: libraries[name] for name in ("pyav", "libavcodec")}
    return Recipe(step="film", code=CODE, provider=provider, inputs={"script": script, "parts": parts})


def film_timeline(sources: Sources, store: Store) -> Timeline:
    """The timeline of the film. Raises StoreError when times are not in the store."""
    clips = sources.clips
    sections = [
        SectionPlan(
            id=script.id,
            title=script.title,
            pointer=script.pointer,
            line=script.line,
            plan=clip.plan,
            times=SpeechTimes.model_validate_json(store.read(sound.times.id)),
            tokens=script.tokens,
        )
        for script, sound, clip in zip(sources.script.sections, sources.speech.sections, clips.sections, strict=True)
    ]
    title = sources.lesson.lesson.title
    entries = [
        CardPlan(kind="title_card", frames=_frames(clips.title_card), title=title),
        *sections,
        CardPlan(kind="end_card", frames=_frames(clips.end_card)),
    ]
    return build_timeline(entries, sources.lesson.settings.rate, sources.speech.rate_hz)


def _frames(card: CardClip | None) -> int:
    return sum(part.frames for part in card.parts) if card else 0


class BundleWriter:
    """Makes the files of one bundle."""

    def __init__(self, sources: Sources, timeline: Timeline, context: StageContext) -> None:
        self._sources = sources
        self._timeline = timeline
        self._context = context
        self._language = sources.lesson.lesson.language
        self._stem = f"{sources.lesson.key}.{self._language}"
        self._cues = film_cues(timeline, self._language)
        self._watch = Stopwatch()

    def fill(self, folder: Path) -> None:
        """Write every file of the bundle into `folder`. Raises FilmFailedChecks if the film fails a check."""
        filesystem = self._context.filesystem
        sound, levelled = self._sound()
        poster = self._poster()
        film = folder / f"{self._stem}.mp4"
        write_film(film, self._film(sound, poster), self._sources.lesson.settings.audio_kbps)
        findings = check_film(self._evidence(film, sound))
        if not all(finding.passed for finding in findings):
            raise FilmFailedChecks(findings)
        bundle.write_files(
            folder, {bundle.POSTER: poster, **self._texts(), bundle.QC: _qc(findings, levelled)}, filesystem=filesystem
        )
        files = {path.name: bundle.reference(path) for path in sorted(folder.iterdir())}
        document = describe(self._sources, self._timeline, files)
        # Seconds and counts belong to this run, not to the film. They are outside the manifest and every digest.
        report = report_of(self._context.event_log.read_all(), self._timeline.seconds, self._watch.seconds)
        bundle.write_files(
            folder, {bundle.MANIFEST: _readable(document), bundle.REPORT: _readable(report)}, filesystem=filesystem
        )
        write_watch_page(folder, filesystem=filesystem)

    def _sound(self) -> tuple[NDArray[np.float32], LevelReport]:
        decoded = map_sections(
            STAGE,
            self._sources.speech.sections,
            lambda entry: (decode_sound(self._context.store.read(entry.sound.id))[0], True),
            event_log=self._context.event_log,
            workers=self._context.workers,
        )
        sounds = {entry.id: sound for entry, (sound, _) in zip(self._sources.speech.sections, decoded, strict=True)}
        mixed = mix_audio(self._timeline, sounds)
        return level(mixed, self._timeline.rate_hz, self._sources.lesson.settings.loudness_lufs, CEILING_DBTP)

    def _poster(self) -> bytes:
        """The first frame of the first section, with the presenter at rest. It shows more than a title card."""
        first = self._sources.clips.sections[0].parts[0]
        with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
            file.write(self._context.store.read(first.part.id))
            file.flush()
            return poster_jpeg(decode_frame(Path(file.name), 0))

    def _film(self, sound: NDArray[np.float32], poster: bytes) -> FilmSource:
        clips, lesson = self._sources.clips, self._sources.lesson.lesson
        played = (clips.title_card, *clips.sections, clips.end_card)
        parts = [part for clip in played if clip for part in clip.parts]
        rate = self._timeline.frame_rate
        return FilmSource(
            parts=[self._context.store.read(part.part.id) for part in parts],
            sound=sound,
            sound_hz=self._timeline.rate_hz,
            cues=_text_cues(self._cues, self._timeline, self._language),
            chapters=[
                ChapterMark(chapter.start_frame / rate, chapter.end_frame / rate, chapter.title)
                for chapter in self._timeline.chapters
            ],
            tags=FilmTags(
                title=lesson.title,
                language=self._language,
                artist=lesson.author,
                date=lesson.date,
                description=lesson.description,
                copyright=lesson.licence,
                comment=" ".join(
                    filter(
                        None,
                        ("Made with lessonreel. Voice and pictures are generated.", _synthetic_presenter_note(clips)),
                    )
                ),
                source_type=source_type_of(clips, self._sources.pictures),
            ),
            poster_jpeg=poster,
        )

    def _evidence(self, film: Path, sound: NDArray[np.float32]) -> FilmMeasurements:
        timeline = self._timeline
        stretches = {
            section.id: sound[placed.speech_start_sample : placed.speech_start_sample + placed.speech_samples]
            for placed, section in timeline.sections()
        }
        return FilmMeasurements(
            timeline=timeline,
            sections=tuple(section.id for section in self._sources.lesson.lesson.sections),
            probe=probe(film),
            loudness=measure_file(film),
            wanted_lufs=self._sources.lesson.settings.loudness_lufs,
            section_lufs={
                id_: round(measure_lufs(part, timeline.rate_hz).integrated_lufs, 2) for id_, part in stretches.items()
            },
            captions=film_caption_checks(timeline, self._cues, self._language, recorded=self._sources.script.recorded),
            cue_count=len(self._cues),
            caption_offset_ms=largest_start_offset_ms(timeline, self._cues),
            lips={clip.id: dict(clip.lips) for clip in self._sources.clips.sections if clip.lips},
        )

    def _texts(self) -> dict[str, bytes]:
        texts = bundle_texts(self._timeline, self._cues, self._sources.lesson, self._sources.script)
        return {f"{self._stem}.{ending}": data for ending, data in texts.items()}


def _clock(seconds: Fraction) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _text_cues(cues: tuple[Cue, ...], timeline: Timeline, language: str) -> list[TextCue]:
    timed = mov_text(cues, timeline.frame_rate, language)
    return [TextCue(Fraction(cue.start_ms, 1000), Fraction(cue.end_ms, 1000), cue.text) for cue in timed]


def _qc(findings: tuple[CheckResult, ...], levelled: LevelReport) -> bytes:
    return _readable(
        {
            "passed": all(finding.passed for finding in findings),
            "checks": [finding.model_dump(mode="json") for finding in findings],
            "level": levelled.model_dump(mode="json"),
        }
    )


def _readable(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def _rows(sources: Sources, timeline: Timeline) -> tuple[SectionRow, ...]:
    rate = timeline.frame_rate
    return tuple(
        SectionRow(
            section.id,
            section.title,
            None,
            {
                "starts_at": _clock(placed.start_frame / rate),
                "seconds": round(float(placed.frames / rate), 2),
            },
        )
        for placed, section in timeline.sections()
    )


def _synthetic_presenter_note(clips: ClipManifest) -> str:
    return "The presenter is a picture of a person; the movement of its lips is generated." * is_realistic(clips)


def _figures(files: Mapping[str, ObjectRef], timeline: Timeline, settings: Settings) -> dict[str, int | float]:
    size = sum(entry.size_bytes for entry in files.values())
    figures: dict[str, int | float] = {
        "film_seconds": round(float(timeline.seconds), 3),
        "bundle_megabytes": round(size / 1e6, 2),
    }
    return figures | ({"target_percent": settings.target_percent} if settings.target_percent else {})
