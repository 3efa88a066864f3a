"""The stage `section_image`: makes the picture of every section and of the cards, at the size of the film."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from video_assets.studio.calls.context import CallContext
from video_assets.studio.calls.paid_responses import PaidRequest
from video_assets.studio.core.errors import ContentError, DoesNotFit, NoFallback, ProviderError
from video_assets.studio.core.settings import PresenterPlace, chain_of
from video_assets.studio.core.values import canonical_json, digest_of
from video_assets.studio.film.storyboard_cells import expected_cells
from video_assets.studio.lesson.script import SectionScript, Slide
from video_assets.studio.lesson.text_places import place_in_file
from video_assets.studio.pictures.illustration import (
    IllustrationProvider,
    IllustrationRequest,
    illustration_request,
    picture_sources,
)
from video_assets.studio.pictures.provider import (
    PictureProvider,
    PictureRequest,
    as_list,
    files_of_picture,
    opening_sections,
    picture_moves,
    picture_request,
    section_place,
    typesetter_of,
)
from video_assets.studio.pipeline.manifests import (
    END_CARD,
    TITLE_CARD,
    CardPicture,
    LessonManifest,
    PictureEntry,
    PictureManifest,
    ScriptManifest,
    is_card,
    keep_manifest,
    read_manifest,
)
from video_assets.studio.pipeline.picture_tasks import (
    NO_ILLUSTRATION,
    Illustration,
    PictureTask,
    picture_row,
    spoken_texts,
)
from video_assets.studio.pipeline.slide_states import built_picture, is_listed, moving_in, states_in
from video_assets.studio.pipeline.stage_context import StageContext, StageResult
from video_assets.studio.pipeline.stage_plan import BuiltItem, IsMade, ItemRecord, PlannedRecipe, build_items
from video_assets.studio.slides.looks import looks_of
from video_assets.studio.slides.storyboard import storyboard
from video_assets.studio.slides.themes import load_theme
from video_assets.studio.storage.store import Built, Recipe, Record, Store, get_or_build

STAGE = "section_image"
STEP = "picture"
CODE = "1"

NO_ILLUSTRATORS: Mapping[str, IllustrationProvider] = MappingProxyType({})


class PicturePlan(NamedTuple):
    """The plan of the pictures, and their providers."""

    script: str
    """Digest of the ScriptManifest."""
    provider: PictureProvider
    """Typesets the slides."""
    items: tuple[PictureTask, ...]
    lesson: str = ""
    """Key of the lesson."""
    illustration_providers: tuple[IllustrationProvider, ...] = ()
    """The first choice first."""
    may_typeset: bool = True
    """Whether a typeset slide is the last fallback for an illustration."""
    stage: str = STAGE

    @property
    def workers(self) -> int:
        """Pictures to make in parallel; 0: as many as the machine has cores.

        Twice the number of parallel requests of the provider: a picture that already waits for a slot gets it before a
        sound does.
        """
        return 2 * self.illustration_providers[0].at_once if self.illustration_providers else 0

    def recipe(self, task: PictureTask) -> PlannedRecipe:
        """The recipe of the picture, or of the illustration by the first choice if that is to be made first.

        Raises ContentError for a character that no font has.
        """
        preceding = self._illustration_recipe(task)
        if preceding is None:
            request = task.illustrated_request
            return PlannedRecipe(picture_recipe(request, self.provider.identity(request)))

        def with_illustration(record: Record) -> PictureTask:
            return task._replace(illustration=Illustration(record.objects["picture"].id, preceding.provider))

        return PlannedRecipe(preceding, then=with_illustration)

    def paid_requests(self, task: PictureTask, is_made: IsMade) -> Sequence[PaidRequest]:
        """See StoredStagePlan."""
        preceding = self._illustration_recipe(task)
        if preceding is None or task.wanted_illustration is None or is_made(preceding):
            return ()
        return self.illustration_providers[0].paid_requests(task.wanted_illustration)

    def _illustration_recipe(self, task: PictureTask) -> Recipe | None:
        if task.wanted_illustration is None or task.illustration is not None or not self.illustration_providers:
            return None
        return illustration_recipe(task.wanted_illustration, self.illustration_providers[0])

    def manifest(self, results: Iterable[ItemRecord[PictureTask]]) -> PictureManifest:
        """See StoredStagePlan."""
        results = tuple(results)
        cards = {
            task.id: CardPicture(picture=record.objects["picture"], recipe=record.recipe.id)
            for task, record in results
            if is_card(task.id)
        }
        return PictureManifest(
            script=self.script,
            provider=self.provider.identity(),
            sections=tuple(_entry(task, record) for task, record in results if not is_card(task.id)),
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
    return PicturePlan(
        digest_of(canonical_json(script)),
        picture_provider(lesson, providers),
        tuple(_tasks(script, lesson)),
        lesson.key,
        illustration_providers_of(lesson, providers, illustrators),
        may_typeset=any(name in providers for name in chain_of(lesson.settings.pictures)),
    )


def is_first_choice(
    pictures: PictureManifest,
    lesson: LessonManifest,
    providers: Mapping[str, PictureProvider],
    illustrators: Mapping[str, IllustrationProvider],
) -> bool:
    """Whether the providers that a run would call first made all of `pictures`. Raises SettingInvalid."""
    first = illustration_providers_of(lesson, providers, illustrators)[:1]

    def expected_identity(entry: PictureEntry) -> Mapping[str, str]:
        return first[0].identity(illustration_request("", entry.stage, lesson.settings)) if first else {}

    return (
        not any(entry.instead_of for entry in pictures.sections)
        and all(entry.painted_by == expected_identity(entry) for entry in pictures.sections if entry.painted_by)
        and picture_provider(lesson, providers).identity() == pictures.provider
    )


def picture_provider(lesson: LessonManifest, providers: Mapping[str, PictureProvider]) -> PictureProvider:
    """The provider that typesets the slides: the first in the setting `pictures` that can, else `slides`.

    Raises SettingInvalid.
    """
    return typesetter_of(lesson.settings, providers)


def illustration_providers_of(
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

    def build(task: PictureTask) -> BuiltItem[PictureTask]:
        try:
            task = task._replace(illustration=_make_illustration(task, plan, stage_context))
            outcome = get_or_build(
                stage_context.store,
                plan.recipe(task).complete(),
                lambda: _render(task.illustrated_request, plan.provider, stage_context.store),
            )
        except ContentError as error:
            raise error.at(place_in_file(error.place, written.get(task.id))) from error
        return BuiltItem(task, outcome)

    built = build_items(plan, build, stage_context, plan.workers or None)
    manifest = plan.manifest(each.as_record for each in built)
    spoken = spoken_texts(script)
    rows = tuple(picture_row(task, outcome, spoken.get(task.id, "")) for task, outcome in built)
    by_fallback = sum(bool((task.illustration or NO_ILLUSTRATION).instead_of) for task, _ in built)
    figures: dict[str, int | float] = {"sections_by_stand_in": by_fallback} if by_fallback else {}
    return StageResult(manifest, keep_manifest(stage_context.store, manifest), rows, figures)


def _make_illustration(task: PictureTask, plan: PicturePlan, stage_context: StageContext) -> Illustration:
    """The illustration of the task by the first provider that succeeds. A note in the event log names each fallback."""
    if task.wanted_illustration is None or not plan.illustration_providers:
        return NO_ILLUSTRATION
    first = plan.illustration_providers[0].name
    for number, provider in enumerate(plan.illustration_providers):
        last = number == len(plan.illustration_providers) - 1
        call_context = stage_context.call_context(STAGE, plan.lesson, task.id, fallback=not last or plan.may_typeset)
        made_from = illustration_recipe(task.wanted_illustration, provider)
        try:
            outcome = get_or_build(
                stage_context.store, made_from, partial(_illustrate, task.wanted_illustration, provider, call_context)
            )
        except ProviderError as error:
            if (last and not plan.may_typeset) or isinstance(error, NoFallback):
                raise
            following = "It is typeset" if last else f"{plan.illustration_providers[number + 1].name} paints it"
            stage_context.note(STAGE, f"{task.id}: {error.message} {following} instead.")
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


def _render(request: PictureRequest, provider: PictureProvider, store: Store) -> Built:
    """The painted slide. If a diagram that the author did not ask for has no room, its parts are painted as a list."""
    files = {digest: store.read(digest) for digest in files_of_picture(request)}
    moving = provider.moving_picture(request, files) if request.moving else None
    try:
        return built_picture(provider.paint_states(request, files), moving)
    except DoesNotFit:
        if not request.may_list:
            raise
    return built_picture(provider.paint_states(as_list(request), files), listed=True)


def picture_recipe(request: PictureRequest, identity: dict[str, str]) -> Recipe:
    """The recipe of a picture.

    It contains no section count and no index, because a slide does not show its place. It also leaves out values that
    are not visible: the alternative text, and the path of the author's file.
    """
    return Recipe(
        step=STEP,
        code=CODE,
        provider=identity,
        parameters=request.model_dump(mode="json", exclude={"slide": {"alt": True, "picture": {"path"}}}),
        inputs={f"file-{number}": digest for number, digest in enumerate(files_of_picture(request))},
    )


def contact_sheet(manifest: PictureManifest, script: ScriptManifest, store: Store, fonts: Path) -> bytes:
    """All pictures, with titles and the expected times of their states, in one WebP, small enough for Dagster's UI."""
    lesson = read_manifest(store, LessonManifest, script.lesson)
    return storyboard(expected_cells(manifest, script, lesson, store), fonts)


def _tasks(script: ScriptManifest, lesson: LessonManifest) -> Iterator[PictureTask]:
    if script.title_card is not None:
        yield _task(TITLE_CARD, script.title_card, lesson, "absent")
    opening = opening_sections([section.id for section in script.sections], lesson.settings)
    for section in script.sections:
        place = section_place(section.slide, lesson.settings, opens=section.id in opening and not section.scene)
        yield _task(section.id, section.slide, lesson, place, section)
    if script.end_card is not None:
        yield _task(END_CARD, script.end_card, lesson, "absent")


def _task(
    id_: str, slide: Slide, lesson: LessonManifest, place: PresenterPlace, section: SectionScript | None = None
) -> PictureTask:
    """The task of a section, or of a card (None)."""
    looks, moving = (looks_of(section), picture_moves(section, lesson.settings)) if section else ((), False)
    language, logo = lesson.lesson.language, lesson.logo
    derived = section is not None and bool(section.derived)
    request = picture_request(slide, place, lesson.settings, language, logo, looks, moving=moving, derived=derived)
    scene = section.scene if section else ""
    scenery = illustration_request(scene, request.stage, lesson.settings) if scene else None
    return PictureTask(id_, (section.title if section else "") or slide.title, request, place, scenery)


def _entry(task: PictureTask, record: Record) -> PictureEntry:
    """The manifest entry of a picture and of its illustration."""
    illustration = task.illustration or NO_ILLUSTRATION
    return PictureEntry(
        id=task.id,
        picture=record.objects["picture"],
        stage=task.request.stage,
        recipe=record.recipe.id,
        painted_by=dict(illustration.by),
        illustration=illustration.digest,
        instead_of=illustration.instead_of,
        states=states_in(record, task.illustrated_request.looks),
        listed=is_listed(record),
        moving=moving_in(record),
    )


def _card(record: Record) -> CardPicture:
    return CardPicture(picture=record.objects["picture"], recipe=record.recipe.id)
