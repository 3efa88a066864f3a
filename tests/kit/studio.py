"""The studio's stages at work in a folder of their own: real voice, real slides, real presenter, no Dagster."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from resources.catalogue import ConfiguredProviders
from resources.lesson_folder import LessonFolder
from resources.providers import picture_providers, presenter_providers, speech_providers
from tests.faults.provider import Provider
from video_assets.studio.calls.context import CallServices
from video_assets.studio.calls.slots import LocalSlots
from video_assets.studio.explain.dry_run import explain_file
from video_assets.studio.explain.inputs import ExplainInputs
from video_assets.studio.explain.model import Explanation
from video_assets.studio.explain.read_only_store import ReadOnlyStore
from video_assets.studio.pictures.illustration import IllustrationProvider
from video_assets.studio.pipeline.manifests import (
    ClipManifest,
    LessonManifest,
    PictureManifest,
    ScriptManifest,
    SpeechManifest,
)
from video_assets.studio.pipeline.refs import set_ref
from video_assets.studio.pipeline.stage_context import StageContext, StageResult
from video_assets.studio.speech.provider import SpeechProvider
from video_assets.studio.stages.final_video import FinishedFilm, finish_film
from video_assets.studio.stages.lesson import RunOverrides, load_lesson
from video_assets.studio.stages.lip_synced_clip import make_clips
from video_assets.studio.stages.script import write_script
from video_assets.studio.stages.section_audio import speak_script
from video_assets.studio.stages.section_image import make_pictures
from video_assets.studio.storage.filesystem import FileSystem
from video_assets.studio.storage.store import LocalStore, Record, read_record
from video_assets.studio.telemetry.events import EventLog
from video_assets.studio.writing.provider import WritingProvider

DATA = Path(__file__).parents[2] / "data"
SMALL = {"width_px": "320", "height_px": "320", "frame_rate": "12", "preset": "ultrafast"}
"""The smallest square frame that slides fit: films in seconds."""


def section(id_: str, words: str, **more: object) -> dict[str, object]:
    """A section in the format of lesson files."""
    described = f"A {id_} with the label '{id_}'."
    return {"id": id_, "image_description": described, "content": words, **more}


LAMP = section("lamp", "A closed switch makes the *lamp* bright today.")
BATTERY = section("battery", "The battery pumps charge around and around again.")
COPPER = section("copper", "Most people believe copper wires carry more.", title="Why copper")


class Made(NamedTuple):
    """Every stage of one lesson."""

    lesson: StageResult[LessonManifest]
    script: StageResult[ScriptManifest]
    speech: StageResult[SpeechManifest]
    pictures: StageResult[PictureManifest]
    clips: StageResult[ClipManifest]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Sounds, pictures and clips that were made just now."""
        return (self.speech.made, self.pictures.made, self.clips.made)


class Studio:
    """Stages over a store in `root`; `write` a lesson, then `make` it, then `finish` the film."""

    section = staticmethod(section)
    lamp, battery, copper = LAMP, BATTERY, COPPER
    settings = SMALL
    first: Made
    last: Made
    """What a fixture or a test has made and kept; unset until then."""
    provider: Provider
    """The provider that a fixture has started for this studio; unset until then."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lessons = root / "lessons"
        self.videos = root / "videos"
        self.store = LocalStore(root / "store")
        self.lesson_source = LessonFolder(self.lessons, root / "elsewhere", root / "project.toml")
        self.services = CallServices(root / "calls")
        self.context = StageContext(
            self.store,
            LocalSlots({"rendering": 2}),
            EventLog(root / "journal.jsonl"),
            DATA / "fonts",
            workers=2,
            services=self.services,
            approvals=root / "approvals",
        )
        self.voices: dict[str, SpeechProvider] = dict(speech_providers())
        self.picture_providers = picture_providers(DATA / "fonts")
        self.players = presenter_providers(
            DATA / "presenters", DATA / "engines", DATA / "weights", DATA / "state" / "faces"
        )
        self.writers: dict[str, WritingProvider] = {}
        self.illustrators: dict[str, IllustrationProvider] = {}
        self.lessons.mkdir(parents=True)
        self.videos.mkdir()

    def ask(self, described: ConfiguredProviders) -> None:
        """Let the described providers write, speak and paint as well."""
        self.voices |= described.speech(self.voices["espeak"])
        self.writers |= described.writers()
        self.illustrators |= described.illustrators()

    def forget(self, *steps: str) -> None:
        """As if a new version of these steps had come: what they made is unknown."""
        for path in (self.root / "store" / "records").glob("*/*.json"):
            record = read_record(path.read_bytes())
            if record is not None and record.recipe.step in steps:
                path.unlink()

    def write(self, sections: Sequence[Mapping[str, object]], name: str = "tiny", **more: object) -> Path:
        """A lesson file of `sections`."""
        path = self.lessons / f"{name}.json"
        path.write_text(json.dumps({"title": "Tiny", **more, "sections": list(sections)}), encoding="utf-8")
        return path

    def make(
        self,
        settings: Mapping[str, str] | None = None,
        *,
        name: str = "tiny",
        part: str = "",
        profile: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> Made:
        """Every stage but the last. `settings` come over SMALL."""
        choices = RunOverrides(profile, {**SMALL, **(settings or {})}, part)
        lesson = load_lesson(name, self.lesson_source, environ or {}, choices, self.context).result
        script = write_script(lesson.manifest, self.context, self.writers)
        speech = speak_script(script.manifest, self.voices, self.context)
        pictures = make_pictures(script.manifest, self.picture_providers, self.context, self.illustrators)
        clips = make_clips(speech.manifest, pictures.manifest, self.players, self.context)
        return Made(lesson, script, speech, pictures, clips)

    def finish(self, made: Made) -> FinishedFilm:
        """The film."""
        return finish_film(made.clips.manifest, self.videos, self.context)

    def point(self, made: Made, film: FinishedFilm) -> None:
        """Remember what was made as the newest of its lesson, as Dagster's IO manager does."""
        results = {
            "script": made.script,
            "section_audio": made.speech,
            "section_image": made.pictures,
            "lip_synced_clip": made.clips,
            "final_video": film.result,
        }
        for asset, result in results.items():
            set_ref(
                self.root / "manifests",
                made.lesson.manifest.key,
                asset,
                "a run",
                result.digest,
                filesystem=FileSystem(),
            )

    def explain_inputs(self, *, thorough: bool = True) -> ExplainInputs:
        """What an explanation works with."""
        store = ReadOnlyStore(self.root / "store", thorough=thorough)
        return ExplainInputs(
            store,
            self.voices,
            self.picture_providers,
            self.players,
            self.videos,
            self.root / "manifests",
            self.illustrators,
            self.writers,
        )

    def explain(
        self,
        settings: Mapping[str, str] | None = None,
        *,
        name: str = "tiny",
        part: str = "",
        thorough: bool = True,
    ) -> Explanation:
        """What `make` and `finish` would make, and why."""
        choices = RunOverrides("", {**SMALL, **(settings or {})}, part)
        return explain_file(
            name,
            self.lesson_source.path_of(name),
            self.lesson_source.project(),
            {},
            choices,
            self.explain_inputs(thorough=thorough),
        )

    def records(self) -> list[Record]:
        """Everything that the store says was made, ordered by recipe."""
        paths = sorted((self.root / "store" / "records").rglob("[!.]*.json"))
        return [record for path in paths if (record := read_record(path.read_bytes())) is not None]
