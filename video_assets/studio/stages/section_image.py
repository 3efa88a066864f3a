"""The stage `section_image`: the picture of every section and of the cards, at the film's size."""

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
NOBODY: Mapping[str, IllustrationProvider] = MappingProxyType({})


class Illustration(NamedTuple):
    """What was painted for a job: nothing, unless `digest` names a picture in the store."""

    digest: str = ""
    by: Mapping[str, str] = MappingProxyType({})
    instead_of: str = ""
    """Name of the first choice, where that failed."""

    def in_picture(self, job: PictureTask) -> PictureTask:
        """The job with the painted picture in its slide."""
        if not self.digest:
            return job
        slide = illustrated(job.request.slide, self.digest)
        return job._replace(request=job.request.model_copy(update={"slide": slide}))


NOTHING_PAINTED: Mapping[str, Illustration] = MappingProxyType({})


class PictureTask(NamedTuple):
    """A picture to be made: of a section, or of a card."""

    id: str
    title: str
    request: PictureRequest
    place: PresenterPlace
    illustration: IllustrationRequest | None = None
    """What is to be painted first, and then shown in the picture."""


class PicturePlan(NamedTuple):
    """What is to be painted, and by whom."""

    script: str
    """Digest of the ScriptManifest."""
    provider: PictureProvider
    """Who typesets."""
    tasks: tuple[PictureTask, ...]
    lesson: str = ""
    """Key of the lesson."""
    picture_providers: tuple[IllustrationProvider, ...] = ()
    """The first choice first."""
    may_typeset: bool = True
    """Whether a slide stands in where nobody could paint."""

    @property
    def workers(self) -> int:
        """Pictures that are worth making at a time; 0 leaves it to the machine.

        More than the painter takes at a time: who waits for a slot already gets it before a sound does.
        """
        return 2 * self.picture_providers[0].at_once if self.picture_providers else 0

    def recipe(self, job: PictureTask) -> Recipe:
        """The recipe of one picture. Raises ContentError for a character that no font has."""
        return recipe(job.request, self.provider.identity(job.request))

    def illustration(self, job: PictureTask) -> Recipe | None:
        """The recipe of what the first choice is to paint for it; None where nothing is painted."""
        if job.illustration is None or not self.picture_providers:
            return None
        return illustration_recipe(job.illustration, self.picture_providers[0])

    def manifest(
        self, records: Mapping[str, Record], illustrations: Mapping[str, Illustration] = NOTHING_PAINTED
    ) -> PictureManifest:
        """The manifest of the pictures that `records`, by the jobs' ids, tell of, and of what was painted in them."""
        cards = {id_: _card(records[id_]) for id_ in (TITLE_CARD, END_CARD) if id_ in records}
        return PictureManifest(
            script=self.script,
            provider=self.provider.identity(),
            sections=tuple(
                picture_of(job, records[job.id], illustrations.get(job.id)) for job in self.tasks if job.id not in cards
            ),
            title_card=cards.get(TITLE_CARD),
            end_card=cards.get(END_CARD),
        )


def plan_pictures(
    script: ScriptManifest,
    lesson: LessonManifest,
    providers: Mapping[str, PictureProvider],
    illustrators: Mapping[str, IllustrationProvider] = NOBODY,
) -> PicturePlan:
    """What `script` wants painted; makes nothing. Raises SettingInvalid."""
    load_theme(lesson.settings.theme)  # an unknown theme is said once, not by every section
    picture_providers = painters_of(lesson, providers, illustrators)
    return PicturePlan(
        digest_of(canonical_json(script)),
        picture_provider(lesson, providers),
        tuple(_jobs(script, lesson)),
        lesson.key,
        picture_providers,
        may_typeset=any(name in providers for name in chain_of(lesson.settings.pictures)),
    )


def picture_provider(lesson: LessonManifest, providers: Mapping[str, PictureProvider]) -> PictureProvider:
    """Who typesets the lesson's slides: the first of its setting that does, else `slides`. Raises SettingInvalid."""
    named = [name for name in chain_of(lesson.settings.pictures) if name in providers]
    return lookup(providers, named[0] if named else TYPESETTER, "source of pictures")


def painters_of(
    lesson: LessonManifest,
    providers: Mapping[str, PictureProvider],
    illustrators: Mapping[str, IllustrationProvider],
) -> tuple[IllustrationProvider, ...]:
    """Who paints, the first choice first: those named before any that typesets. Raises SettingInvalid."""
    names = picture_sources(lesson.settings.pictures, {*providers, *illustrators})
    before = takewhile(lambda name: name not in providers, names)
    return tuple(illustrators[name] for name in before)


def make_pictures(
    script: ScriptManifest,
    providers: Mapping[str, PictureProvider],
    stage_context: StageContext,
    illustrators: Mapping[str, IllustrationProvider] = NOBODY,
) -> StageResult[PictureManifest]:
    """The picture of every section and card. What the store has is not painted again. Raises SectionsFailed."""
    lesson = read_manifest(stage_context.store, LessonManifest, script.lesson)
    plan = plan_pictures(script, lesson, providers, illustrators)
    written = {section.id: section for section in lesson.lesson.sections}
    painted: dict[str, Illustration] = {}

    def paint(job: PictureTask) -> tuple[BuildResult, bool]:
        try:
            painted[job.id] = _illustrated(job, plan, stage_context)
            shown = painted[job.id].in_picture(job)
            outcome = get_or_build(
                stage_context.store, plan.recipe(shown), lambda: _paint(shown, plan.provider, stage_context.store)
            )
        except ContentError as error:
            raise error.at(place_in_file(error.place, written.get(job.id))) from error
        return outcome, outcome.made

    workers = stage_context.workers or plan.workers or None
    journal = stage_context.event_log
    done = map_sections("section_image", plan.tasks, paint, journal=journal, workers=workers, stop=stage_context.cancel)
    outcomes = {job.id: outcome for job, (outcome, _) in zip(plan.tasks, done, strict=True)}
    manifest = plan.manifest({id_: outcome.record for id_, outcome in outcomes.items()}, painted)
    rows = tuple(_row(job, outcomes[job.id], painted[job.id]) for job in plan.tasks)
    instead = sum(bool(each.instead_of) for each in painted.values())
    figures: dict[str, int | float] = {"sections_by_stand_in": instead} if instead else {}
    return StageResult(manifest, keep_manifest(stage_context.store, manifest), rows, figures)


def _illustrated(job: PictureTask, plan: PicturePlan, stage_context: StageContext) -> Illustration:
    """What is painted for the job, by the first that can; where nobody can, what stands in is said aloud."""
    if job.illustration is None or not plan.picture_providers:
        return Illustration()
    first = plan.picture_providers[0].name
    for number, each in enumerate(plan.picture_providers):
        last = number == len(plan.picture_providers) - 1
        call_context = stage_context.call_context(
            "section_image", plan.lesson, job.id, fallback=not last or plan.may_typeset
        )
        wanted = illustration_recipe(job.illustration, each)
        try:
            outcome = get_or_build(
                stage_context.store, wanted, partial(_illustrate, job.illustration, each, call_context)
            )
        except ProviderError as error:
            if (last and not plan.may_typeset) or isinstance(error, NoFallback):
                raise
            following = "It is typeset" if last else f"{plan.picture_providers[number + 1].name} paints it"
            stage_context.note("section_image", f"{job.id}: {error.message} {following} instead.")
            continue
        return Illustration(outcome.record.objects["picture"].id, wanted.provider, first if number else "")
    return Illustration("", {}, first)


def _illustrate(
    request: IllustrationRequest, provider: IllustrationProvider, call_context: CallContext | None
) -> Built:
    return Built({"picture": provider.illustrate(request, call_context)})


def illustration_recipe(request: IllustrationRequest, provider: IllustrationProvider) -> Recipe:
    """What an illustration is made from. Its exact place is not part of it: a painter has a few sizes, which its
    identity names.
    """
    shaping = request.model_dump(mode="json", exclude={"width_px", "height_px"})
    return Recipe(step="illustration", code=CODE, provider=provider.identity(request), parameters=shaping)


def _paint(job: PictureTask, provider: PictureProvider, store: Store) -> Built:
    files = {digest: store.read(digest) for digest in _files_of(job.request)}
    return Built({"picture": provider.paint(job.request, files)})


def recipe(request: PictureRequest, identity: dict[str, str]) -> Recipe:
    """What a picture is made from. No count and no index: a slide says nothing of its place.

    Nor what is not in the picture: the words that describe it to who cannot see it, and the name of the author's file.
    """
    return Recipe(
        step=STEP,
        code=CODE,
        provider=identity,
        parameters=request.model_dump(mode="json", exclude={"slide": {"alt": True, "picture": {"path"}}}),
        inputs={f"file-{number}": digest for number, digest in enumerate(_files_of(request))},
    )


def place_in_file(place: str, section: Section | None) -> str:
    """Where in the lesson file to look for `place`, a pointer into a slide.

    What a slide shows and the author did not write as such (a derived title, label or phrase) is somewhere in the
    section; a card's text is somewhere in the lesson.
    """
    if section is None:
        return "/"
    field = place.split("/")[1] if place.startswith("/") else ""
    given = section.title if field == "title" else getattr(section.show, field, None)
    return section.pointer + place if given else section.pointer


def contact_sheet(manifest: PictureManifest, script: ScriptManifest, store: Store, fonts: Path) -> bytes:
    """All pictures in one WebP, small enough to be shown in Dagster's UI, with the sections' titles."""
    titles = {section.id: section.title for section in script.sections}
    cells = [Cell(store.read(entry.picture.id), titles[entry.id]) for entry in manifest.sections]
    return storyboard(cells, fonts)


def _jobs(script: ScriptManifest, lesson: LessonManifest) -> Iterator[PictureTask]:
    if script.title_card is not None:
        yield _job(TITLE_CARD, script.title_card, lesson, "absent")
    for section in script.sections:
        yield _job(
            section.id,
            section.slide,
            lesson,
            presenter_place_for(section.slide, lesson.settings.presenter_place),
            section.title,
            section.scene,
        )
    if script.end_card is not None:
        yield _job(END_CARD, script.end_card, lesson, "absent")


def _job(
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
    """What a painter is asked for."""
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


def picture_of(job: PictureTask, record: Record, painted: Illustration | None = None) -> PictureEntry:
    """The manifest's line on the picture that `record` tells of, and on what was painted in it."""
    found = painted or Illustration()
    return PictureEntry(
        id=job.id,
        picture=record.objects["picture"],
        stage=job.request.stage,
        recipe=record.recipe.id,
        painted_by=dict(found.by),
        illustration=found.digest,
        instead_of=found.instead_of,
    )


def _card(record: Record) -> CardPicture:
    return CardPicture(picture=record.objects["picture"], recipe=record.recipe.id)


def _row(job: PictureTask, outcome: BuildResult, painted: Illustration) -> SectionRow:
    by = painted.by.get("provider", outcome.record.recipe.provider.get("provider", ""))
    size = outcome.record.objects["picture"].size_bytes
    return SectionRow(
        job.id,
        job.title,
        outcome.made,
        {
            "layout": job.request.slide.layout,
            "made_by": f"{by}, instead of {painted.instead_of}" if painted.instead_of else by,
            "presenter": job.place,
            "kilobytes": round(size / 1024, 1),
            "step_seconds": round(outcome.seconds, 3),
        },
    )
