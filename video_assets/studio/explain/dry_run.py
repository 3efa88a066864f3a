"""The dry run, stage by stage: which recipes a run would look up in the store, and the actions that follow.

Does not belong here: the words for differences (`differences.py`, `film.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.choices.precedence import RunOverrides, with_remembered
from video_assets.studio.core.errors import ContentError, SettingInvalid, StoreError
from video_assets.studio.film.bundle import active_version, find_version
from video_assets.studio.film.pages.watch import is_current
from video_assets.studio.lesson.project import ProjectFile
from video_assets.studio.pipeline.manifests import END_CARD, TITLE_CARD, LessonManifest, ScriptManifest, Sources
from video_assets.studio.stages import final_video, lip_synced_clip, section_audio, section_image
from video_assets.studio.stages.lesson import Snapshot, snapshot
from video_assets.studio.stages.lip_synced_clip import Card, ClipInputs
from video_assets.studio.stages.script import script_of, written_before
from video_assets.studio.stages.section_audio import SpeechTask
from video_assets.studio.stages.section_image import Illustration, PictureTask
from video_assets.studio.storage.store import Recipe, Record
from video_assets.studio.telemetry.events import NullEventLog
from video_assets.studio.writing.authoring import wants_writing

from .differences import differences
from .film import Now, film_reasons, seams_to_make
from .inputs import ExplainInputs
from .model import AS_IT_WAS, CARDS, FILM, STAGES, ExplainedItem, Explanation, Join
from .previous_run import PreviousRun
from .unchanged import unchanged

NO_LONGER_KNOWN = "changed; what it was made from is no longer known"
_WITHOUT_SOUND = ("inputs.sound", "inputs.times", "parameters.plan")
_WITHOUT_PICTURE = ("inputs.picture",)
"""Paths of a clip's recipe that are unknown while its sound, or its picture, is unknown."""


class _Outlook(NamedTuple):
    """An item, and the record of its result if that is known.

    The record is certain if the item is reused. Else it is that of an earlier build, and holds if the build gives the
    same bytes again.
    """

    item: ExplainedItem
    record: Record | None

    @property
    def settled(self) -> bool:
        return self.item.action == "reuse" and self.item.certain


def explain_file(
    key: str, path: Path, project: ProjectFile, environ: Mapping[str, str], choices: RunOverrides, means: ExplainInputs
) -> Explanation:
    """What a run would make of the lesson file `path`, whose key is `key`. Writes nothing and waits for no lock.

    `choices` are those of this run; the remembered choices of the lesson are added. Raises the errors that the run
    would raise at its start: LessonInvalid, SettingInvalid, SectionsFailed.
    """
    choices = with_remembered(choices, means.choices, key)
    if not means.store.thorough:
        answer = _if_unchanged(snapshot(key, path, project, environ, choices, rehearse=False), means)
        if answer is not None:
            return answer
    taken = snapshot(key, path, project, environ, choices, providers=means.providers)
    return explain(taken.manifest, means)._replace(made_with=taken.made_with)


def _if_unchanged(taken: Snapshot, means: ExplainInputs) -> Explanation | None:
    try:
        answer = unchanged(taken.manifest, means)
    except SettingInvalid:
        return None  # the full dry run names the wrong setting and its place
    return answer._replace(made_with=taken.made_with) if answer else None


def explain(lesson: LessonManifest, means: ExplainInputs) -> Explanation:
    """What a run would make of `lesson`. Raises SettingInvalid, SectionsFailed."""
    completed = written_before(lesson, means.writers, means.store)
    if completed is None:
        return _to_be_written(lesson)
    return _DryRun(lesson, script_of(lesson, NullEventLog(), completed), means).explain()


def _to_be_written(lesson: LessonManifest) -> Explanation:
    """The explanation of a lesson with unwritten text: everything has to be made."""
    missing = {each.section.id for each in wants_writing(lesson.lesson, lesson.settings)}
    reasons = dict.fromkeys(missing, ("its text is to be written",))
    items = [
        ExplainedItem(
            stage, section.id, section.title, "make", reasons.get(section.id, ("the text of others is to be written",))
        )
        for stage in STAGES[:-1]
        for section in lesson.lesson.sections
        if section.id in missing or stage == "lip_synced_clip"
    ]
    return Explanation(
        lesson.key,
        (
            *items,
            ExplainedItem("final_video", FILM, lesson.lesson.title, "make", ("some of its text is to be written",)),
        ),
        (),
    )


class _DryRun:
    """The dry run of one lesson."""

    def __init__(self, lesson: LessonManifest, script: ScriptManifest, means: ExplainInputs) -> None:
        self._lesson = lesson
        self._script = script
        self._means = means
        self._last = PreviousRun(lesson.key, means.pointers, means.store)
        self._speech = section_audio.plan_speech(script, lesson, means.voices)
        self._pictures = section_image.plan_pictures(script, lesson, means.picture_providers, means.illustrators)
        self._direction = lip_synced_clip.clip_settings_of(lesson.settings, means.presenters)
        self._illustrations: dict[str, Illustration] = {}
        self._sounds = {take.id: self._sound(take) for take in self._speech.tasks}
        self._painted = {job.id: self._picture(job) for job in self._pictures.tasks}
        self._shots: dict[str, ClipInputs | Card] = {}
        clips = {take.id: self._clip(take) for take in self._speech.tasks}
        cards = {job.id: self._card(job) for job in self._pictures.tasks if job.id in CARDS}
        self._clips = {**clips, **cards}

    def explain(self) -> Explanation:
        """Every item, and the seams."""
        film, seams = self._film()
        pictures = sorted(self._painted.values(), key=lambda outlook: outlook.item.section in CARDS)
        kept = [*self._sounds.values(), *pictures, *self._clips.values()]
        return Explanation(self._lesson.key, (*(outlook.item for outlook in kept), film), seams)

    # The results of a section

    def _sound(self, take: SpeechTask) -> _Outlook:
        return self._outlook(ExplainedItem("section_audio", take.id, take.section.title), take.recipe)

    def _picture(self, job: PictureTask) -> _Outlook:
        item = ExplainedItem("section_image", job.id, job.title)
        painting = self._pictures.illustration(job)
        if painting is not None:
            painted = self._outlook(item, painting)
            if painted.item.action != "reuse" or painted.record is None:
                return _Outlook(painted.item, None)
            self._illustrations[job.id] = Illustration(painted.record.objects["picture"].id, painting.provider)
            job = self._illustrations[job.id].in_picture(job)
        try:
            return self._outlook(item, self._pictures.recipe(job))
        except ContentError as error:
            return _Outlook(item._replace(action="fail", reasons=(error.message,)), None)

    def _clip(self, take: SpeechTask) -> _Outlook:
        sound, picture = self._sounds[take.id], self._painted[take.id]
        job = next(job for job in self._pictures.tasks if job.id == take.id)
        item = _following(ExplainedItem("lip_synced_clip", take.id, take.section.title), sound=sound, picture=picture)
        scene = self._scene(take, job, sound.record, picture.record)
        if scene is not None:
            self._shots[take.id] = scene
            return self._outlook(item, lip_synced_clip.recipe(scene, self._direction))
        unknown = (*(_WITHOUT_PICTURE if picture.record is None else ()), *_WITHOUT_SOUND)
        inputs = {"picture": section_image.picture_of(job, picture.record).picture.id} if picture.record else {}
        recipe = lip_synced_clip.recipe_from(inputs, None, job.request.stage.presenter, self._direction)
        return self._unknown(item, recipe, unknown)

    def _scene(
        self, take: SpeechTask, job: PictureTask, sound: Record | None, picture: Record | None
    ) -> ClipInputs | None:
        """None if the sound or the picture is not made yet, or the times of the speech are missing."""
        if sound is None or picture is None:
            return None
        heard = section_audio.sound_of(take.section, sound, self._speech.voices[0].identity)
        entries = heard, section_image.picture_of(job, picture, self._illustrations.get(job.id))
        try:
            return lip_synced_clip.clip_inputs_of(take.section.title, *entries, self._direction, self._means.store)
        except StoreError:
            return None

    def _card(self, job: PictureTask) -> _Outlook:
        picture = self._painted[job.id]
        item = _following(ExplainedItem("lip_synced_clip", job.id, job.title), picture=picture)
        if picture.record is None:
            frames = lip_synced_clip.card_length(job.id, self._lesson.settings)
            recipe = lip_synced_clip.card_recipe_from({}, frames, self._direction)
            return self._unknown(item, recipe, _WITHOUT_PICTURE)
        card = lip_synced_clip.card_of(job.id, picture.record.objects["picture"], self._lesson.settings)
        self._shots[job.id] = card
        return self._outlook(item, lip_synced_clip.card_recipe(card, self._direction))

    def _outlook(self, item: ExplainedItem, recipe: Recipe) -> _Outlook:
        """The outlook of the result of `recipe`."""
        seen = self._means.store.peek(recipe)
        if seen.whole:
            same = recipe.id in self._last.recipes(item.stage).values()
            return _Outlook(item._replace(reasons=(AS_IT_WAS if same else "lies in the store already",)), seen.record)
        if seen.record is not None:
            where = "missing from the store" if seen.lack == "missing" else "damaged in the store"
            return _Outlook(item._replace(action="make", reasons=(f"its object is {where}",)), seen.record)
        return self._unknown(item, recipe, ())

    def _unknown(self, item: ExplainedItem, recipe: Recipe, unknown: tuple[str, ...]) -> _Outlook:
        """The outlook of a result that was never made. Values below the paths `unknown` of its recipe are unknown."""
        if item.action == "fail":
            return _Outlook(item, None)
        return _Outlook(item._replace(action="make", reasons=self._why(item, recipe, unknown)), None)

    def _why(self, item: ExplainedItem, recipe: Recipe, unknown: tuple[str, ...]) -> tuple[str, ...]:
        if absence := self._last.absence(item.stage):
            return (absence,)
        earlier = self._last.recipes(item.stage).get(item.section)
        if earlier is None:
            return ("new card" if item.section in CARDS else "new section",)
        record = self._means.store.record(earlier)
        if record is None:
            return ("its record is missing from the store" if earlier == recipe.id else NO_LONGER_KNOWN,)
        return differences(recipe, record.recipe, unknown=unknown)

    # The film

    def _film(self) -> tuple[ExplainedItem, tuple[Join, ...]]:
        parts = {name: self._clips[name] for name in self._order()}
        item = ExplainedItem("final_video", FILM, self._lesson.lesson.title)
        if any(part.item.action == "fail" for part in parts.values()):
            return item._replace(action="fail", reasons=("a section cannot be made",)), ()
        item = item._replace(follows=tuple(name for name, part in parts.items() if not part.settled))
        recipes = {
            name: part.record.recipe.id if part.settled and part.record else None for name, part in parts.items()
        }
        now = Now(self._lesson, self._script, recipes)
        sources = self._sources()
        made_from = final_video.recipe(sources) if sources else None
        if made_from is not None and self._exists(made_from):
            return self._seen(item, made_from), ()
        seams = seams_to_make(now, self._last.sources)
        return item._replace(action="make", reasons=self._why_joined(now, made_from)), seams

    def _order(self) -> tuple[str, ...]:
        """Names of the film's parts."""
        sections = tuple(take.id for take in self._speech.tasks)
        return tuple(name for name in (TITLE_CARD, *sections, END_CARD) if name in self._clips)

    def _sources(self) -> Sources | None:
        """All manifests that the film would be made from; None if any of them is not known yet."""
        if any(
            each.record is None for each in (*self._sounds.values(), *self._painted.values(), *self._clips.values())
        ):
            return None
        speech = self._speech.manifest(record for _, record in _records(self._sounds))
        pictures = self._pictures.manifest(dict(_records(self._painted)), self._illustrations)
        shots = [self._shots[name] for name in self._clips]
        clips = lip_synced_clip.clip_manifest(speech, pictures, self._direction, shots, dict(_records(self._clips)))
        return Sources(self._lesson, self._script, speech, pictures, clips)

    def _exists(self, made_from: Recipe) -> bool:
        videos, version = self._means.videos, final_video.version_of(made_from)
        return find_version(videos, self._lesson.key, version, thorough=self._means.store.thorough) is not None

    def _seen(self, item: ExplainedItem, made_from: Recipe) -> ExplainedItem:
        """The item of a film that exists: it is the published one, or an earlier one."""
        if active_version(self._means.videos, self._lesson.key) == final_video.version_of(made_from):
            if is_current(self._means.videos / self._lesson.key):
                return item._replace(reasons=(AS_IT_WAS,))
            return item._replace(action="show", reasons=("the page to watch it is written anew",))
        return item._replace(action="show", reasons=("was made before, and is shown again",))

    def _why_joined(self, now: Now, made_from: Recipe | None) -> tuple[str, ...]:
        film, before = self._last.film, self._last.sources
        if film is None:
            return (self._last.absence("final_video"),)
        if made_from == film.recipe:
            return ("its files are missing or damaged",)
        if before is None:
            return (NO_LONGER_KNOWN,)
        program = differences(final_video.recipe_of("", ""), film.recipe, unknown=("inputs",))
        found = (*program, *film_reasons(now, before))
        return found if found or made_from is None else ("what the bundle tells of the lesson changed",)


def _following(item: ExplainedItem, **upstream: _Outlook) -> ExplainedItem:
    """The item, with its unsettled inputs in `follows`."""
    failed = [name for name, outlook in upstream.items() if outlook.item.action == "fail"]
    if failed:
        return item._replace(action="fail", reasons=(f"its {failed[0]} cannot be made",))
    return item._replace(follows=tuple(name for name, outlook in upstream.items() if not outlook.settled))


def _records(outlooks: Mapping[str, _Outlook]) -> Iterator[tuple[str, Record]]:
    return ((name, outlook.record) for name, outlook in outlooks.items() if outlook.record is not None)
