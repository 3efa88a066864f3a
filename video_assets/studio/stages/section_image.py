"""The stage `section_image`: makes the picture of every section and of the cards, at the size of the film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from video_assets.studio.calls.context import CallContext
from video_assets.studio.core.errors import ContentError, NoFallback, ProviderError
from video_assets.studio.core.frame_layout import FrameLayout, plan_layout
from video_assets.studio.core.lookup import lookup
from video_assets.studio.core.settings import PresenterPlace, Settings, chain_of
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import Slide
from video_assets.studio.pictures.illustration import (
    DEFAULT_STYLE,
    IllustrationProvider,
    IllustrationRequest,
    illustrated,
    picture_sources,
)
from video_assets.studio.pictures.provider import PictureProvider, PictureRequest, SlideStyle, presenter_place_for
from video_assets.studio.pipeline.fan_out import map_sections
from video_assets.studio.pipeline.manifests import (
    END_CARD,
    TITLE_CARD,
    CardPicture,
    LessonManifest,
    PictureEntry,
    PictureManifest,
    ScriptManifest,
    keep_manifest,
    read_manifest,
)
from video_assets.studio.pipeline.stage_context import SectionRow, StageContext, StageResult
from video_assets.studio.slides.storyboard import Cell, storyboard
from video_assets.studio.slides.themes import load_theme
from video_assets.studio.storage.store import BuildResult, Built, Recipe, Record, Store, get_or_build

STEP = "picture"
CODE = "1"


TYPESETTER = "slides"
NO_ILLUSTRATORS: Mapping[str, IllustrationProvider] = MappingProxyType({})


class Illustration(NamedTuple):
    """The illustration of a task. There is none if `digest` is empty; else `digest` names a picture in the store."""

    digest: str = ""
    by: Mapping[str, str] = MappingProxyType({})
    instead_of: str = ""
    """Name of the first choice, if it failed."""

    def in_picture(self, task: PictureTask) -> PictureTask:
        """The task with the illustration in its slide."""
        if not self.digest:
            return task
        slide = illustrated(task.request.slide, self.digest)
        return task._replace(request=task.request.model_copy(update={"slide": slide}))


NO_ILLUSTRATIONS: Mapping[str, Illustration] = MappingProxyType({})


class PictureTask(NamedTuple):
    """A picture to make: of a section or of a card."""

    id: str
    title: str
    request: PictureRequest
    place: PresenterPlace
    illustration: IllustrationRequest | None = None
    """The illustration to make first. The picture then shows it."""


class PicturePlan(NamedTuple):
    """The pictures to make, and their providers."""

    script: str
    """Digest of the ScriptManifest."""
    provider: PictureProvider
    """Typesets the slides."""
    tasks: tuple[PictureTask, ...]
    lesson: str = ""
    """Key of the lesson."""
    picture_providers: tuple[IllustrationProvider, ...] = ()
    """The first choice first."""
    may_typeset: bool = True
    """Whether a typeset slide is the last fallback for an illustration."""

    @property
    def workers(self) -> int:
        """Pictures to make in parallel; 0: as many as the machine has cores.

        Twice the number of parallel requests of the provider: a picture that already waits for a slot gets it before a
        sound does.
        """
        return 2 * self.picture_providers[0].at_once if self.picture_providers else 0

    def recipe(self, task: PictureTask) -> Recipe:
        """The recipe of one picture. Raises ContentError for a character that no font has."""
        return recipe(task.request, self.provider.identity(task.request))

    def illustration(self, task: PictureTask) -> Recipe | None:
        """The recipe of the illustration by the first choice; None if there is no illustration."""
        if task.illustration is None or not self.picture_providers:
            return None
        return illustration_recipe(task.illustration, self.picture_providers[0])

    def manifest(
        self, records: Mapping[str, Record], illustrations: Mapping[str, Illustration] = NO_ILLUSTRATIONS
    ) -> PictureManifest:
        """The manifest of the pictures. `records` and `illustrations` are keyed by the id of the task."""
        cards = {id_: _card(records[id_]) for id_ in (TITLE_CARD, END_CARD) if id_ in records}
        return PictureManifest(
            script=self.script,
            provider=self.provider.identity(),
            sections=tuple(
                picture_of(task, records[task.id], illustrations.get(task.id))
                for task in self.tasks
                if task.id not in cards
            ),
            title_card=cards.get(TITLE_CARD),
            end_card=cards.get(END_CARD),
        )


def plan_pictures(
    script: ScriptManifest,
    lesson: LessonManifest,
    providers: Mapping[str, PictureProvider],
    illustrators: Mapping[str, IllustrationProvider] = NO_ILLUSTRATORS,
) -> PicturePlan:
    """The plan of the pictures of `script`. Makes nothing. Raises SettingInvalid."""
    load_theme(lesson.settings.theme)  # reports an unknown theme once, not for every section
    picture_providers = painters_of(lesson, providers, illustrators)
    return PicturePlan(
        digest_of(canonical_json(script)),
        picture_provider(lesson, providers),
        tuple(_tasks(script, lesson)),
        lesson.key,
        picture_providers,
        may_typeset=any(name in providers for name in chain_of(lesson.settings.pictures)),
    )


def picture_provider(lesson: LessonManifest, providers: Mapping[str, PictureProvider]) -> PictureProvider:
    """The provider that typesets the slides: the first in the setting `pictures` that can, else `slides`.

    Raises SettingInvalid.
    """
    named = [name for name in chain_of(lesson.settings.pictures) if name in providers]
    return lookup(providers, named[0] if named else TYPESETTER, "source of pictures")


def painters_of(
    lesson: LessonManifest,
    providers: Mapping[str, PictureProvider],
    illustrators: Mapping[str, IllustrationProvider],
) -> tuple[IllustrationProvider, ...]:
    """The illustration providers, the first choice first: all that the setting names before a typesetting provider.

    Raises SettingInvalid.
    """
    names = picture_sources(lesson.settings.pictures, {*providers, *illustrators})
    before = takewhile(lambda name: name not in providers, names)
    return tuple(illustrators[name] for name in before)


def make_pictures(
    script: ScriptManifest,
    providers: Mapping[str, PictureProvider],
    stage_context: StageContext,
    illustrators: Mapping[str, IllustrationProvider] = NO_ILLUSTRATORS,
) -> StageResult[PictureManifest]:
    """Make the picture of every section and card. Pictures in the store are reused.

    Raises SectionsFailed, SettingInvalid.
    """
    lesson = read_manifest(stage_context.store, LessonManifest, script.lesson)
    plan = plan_pictures(script, lesson, providers, illustrators)
    written = {section.id: section for section in lesson.lesson.sections}
    illustrations: dict[str, Illustration] = {}

    def make(task: PictureTask) -> tuple[BuildResult, bool]:
        try:
            illustrations[task.id] = _illustrated(task, plan, stage_context)
            illustrated_task = illustrations[task.id].in_picture(task)
            outcome = get_or_build(
                stage_context.store,
                plan.recipe(illustrated_task),
                lambda: _render(illustrated_task, plan.provider, stage_context.store),
            )
        except ContentError as error:
            raise error.at(place_in_file(error.place, written.get(task.id))) from error
        return outcome, outcome.made

    workers = stage_context.workers or plan.workers or None
    done = map_sections(
        "section_image", plan.tasks, make, journal=stage_context.event_log, workers=workers, stop=stage_context.cancel
    )
    outcomes = {task.id: outcome for task, (outcome, _) in zip(plan.tasks, done, strict=True)}
    manifest = plan.manifest({id_: outcome.record for id_, outcome in outcomes.items()}, illustrations)
    rows = tuple(_row(task, outcomes[task.id], illustrations[task.id]) for task in plan.tasks)
    by_fallback = sum(bool(each.instead_of) for each in illustrations.values())
    figures: dict[str, int | float] = {"sections_by_stand_in": by_fallback} if by_fallback else {}
    return StageResult(manifest, keep_manifest(stage_context.store, manifest), rows, figures)


def _illustrated(task: PictureTask, plan: PicturePlan, stage_context: StageContext) -> Illustration:
    """The illustration of the task by the first provider that succeeds. A note in the event log names each fallback."""
    if task.illustration is None or not plan.picture_providers:
        return Illustration()
    first = plan.picture_providers[0].name
    for number, each in enumerate(plan.picture_providers):
        last = number == len(plan.picture_providers) - 1
        call_context = stage_context.call_context(
            "section_image", plan.lesson, task.id, fallback=not last or plan.may_typeset
        )
        made_from = illustration_recipe(task.illustration, each)
        try:
            outcome = get_or_build(
                stage_context.store, made_from, partial(_illustrate, task.illustration, each, call_context)
            )
        except ProviderError as error:
            if (last and not plan.may_typeset) or isinstance(error, NoFallback):
                raise
            following = "It is typeset" if last else f"{plan.picture_providers[number + 1].name} paints it"
            stage_context.note("section_image", f"{task.id}: {error.message} {following} instead.")
            continue
        return Illustration(outcome.record.objects["picture"].id, made_from.provider, first if number else "")
    return Illustration("", {}, first)


def _illustrate(
    request: IllustrationRequest, provider: IllustrationProvider, call_context: CallContext | None
) -> Built:
    return Built({"picture": provider.illustrate(request, call_context)})


def illustration_recipe(request: IllustrationRequest, provider: IllustrationProvider) -> Recipe:
    """The recipe of an illustration.

    The exact size of its place is not part of it: a provider has a few sizes, and its identity names the one it uses.
    """
    shaping = request.model_dump(mode="json", exclude={"width_px", "height_px"})
    return Recipe(step="illustration", code=CODE, provider=provider.identity(request), parameters=shaping)


def _render(task: PictureTask, provider: PictureProvider, store: Store) -> Built:
    files = {digest: store.read(digest) for digest in _files_of(task.request)}
    return Built({"picture": provider.paint(task.request, files)})


def recipe(request: PictureRequest, identity: dict[str, str]) -> Recipe:
    """The recipe of a picture.

    It contains no section count and no index, because a slide does not show its place. It also leaves out values that
    are not visible: the alternative text, and the path of the author's file.
    """
    return Recipe(
        step=STEP,
        code=CODE,
        provider=identity,
        parameters=request.model_dump(mode="json", exclude={"slide": {"alt": True, "picture": {"path"}}}),
        inputs={f"file-{number}": digest for number, digest in enumerate(_files_of(request))},
    )


def place_in_file(place: str, section: Section | None) -> str:
    """The JSON pointer in the lesson file for `place`, a pointer into a slide.

    For derived content (a title, label or phrase that the author did not write as such) it is the pointer of the
    section. For a card (`section` is None) it is the whole lesson.
    """
    if section is None:
        return "/"
    field = place.split("/")[1] if place.startswith("/") else ""
    given = section.title if field == "title" else getattr(section.show, field, None)
    return section.pointer + place if given else section.pointer


def contact_sheet(manifest: PictureManifest, script: ScriptManifest, store: Store, fonts: Path) -> bytes:
    """All pictures with the titles of their sections in one WebP, small enough for Dagster's UI."""
    titles = {section.id: section.title for section in script.sections}
    cells = [Cell(store.read(entry.picture.id), titles[entry.id]) for entry in manifest.sections]
    return storyboard(cells, fonts)


def _tasks(script: ScriptManifest, lesson: LessonManifest) -> Iterator[PictureTask]:
    if script.title_card is not None:
        yield _task(TITLE_CARD, script.title_card, lesson, "absent")
    for section in script.sections:
        yield _task(
            section.id,
            section.slide,
            lesson,
            presenter_place_for(section.slide, lesson.settings.presenter_place),
            section.title,
            section.scene,
        )
    if script.end_card is not None:
        yield _task(END_CARD, script.end_card, lesson, "absent")


def _task(
    id_: str, slide: Slide, lesson: LessonManifest, place: PresenterPlace, title: str = "", scene: str = ""
) -> PictureTask:
    settings = lesson.settings
    stage = plan_layout(settings.width_px, settings.height_px, place)
    request = PictureRequest(
        slide=slide,
        stage=stage,
        look=SlideStyle(theme=settings.theme, accent=settings.accent, logo=lesson.logo),
        language=lesson.lesson.language,
    )
    return PictureTask(
        id_, title or slide.title, request, place, illustration_of(scene, stage, settings) if scene else None
    )


def illustration_of(scene: str, stage: FrameLayout, settings: Settings) -> IllustrationRequest:
    """The request for an illustration."""
    return IllustrationRequest(
        description=scene,
        style=settings.picture_style or DEFAULT_STYLE,
        quality="" if settings.picture_quality == "auto" else settings.picture_quality,
        width_px=stage.content.width,
        height_px=stage.content.height,
    )


def _files_of(request: PictureRequest) -> tuple[str, ...]:
    picture = request.slide.picture.digest if request.slide.picture else ""
    return tuple(digest for digest in (picture, request.look.logo) if digest)


def picture_of(task: PictureTask, record: Record, illustration: Illustration | None = None) -> PictureEntry:
    """The manifest entry of a picture and of its illustration."""
    found = illustration or Illustration()
    return PictureEntry(
        id=task.id,
        picture=record.objects["picture"],
        stage=task.request.stage,
        recipe=record.recipe.id,
        painted_by=dict(found.by),
        illustration=found.digest,
        instead_of=found.instead_of,
    )


def _card(record: Record) -> CardPicture:
    return CardPicture(picture=record.objects["picture"], recipe=record.recipe.id)


def _row(task: PictureTask, outcome: BuildResult, illustration: Illustration) -> SectionRow:
    by = illustration.by.get("provider", outcome.record.recipe.provider.get("provider", ""))
    size = outcome.record.objects["picture"].size_bytes
    return SectionRow(
        task.id,
        task.title,
        outcome.made,
        {
            "layout": task.request.slide.layout,
            "made_by": f"{by}, instead of {illustration.instead_of}" if illustration.instead_of else by,
            "presenter": task.place,
            "kilobytes": round(size / 1024, 1),
            "step_seconds": round(outcome.seconds, 3),
        },
    )
