"""The stage `section_image`: the picture of every section and of the cards, at the film's size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.choice import chosen
from video_assets.studio.errors import ContentError
from video_assets.studio.lesson import Section
from video_assets.studio.manifests import (
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
from video_assets.studio.pictures import Look, PictureProvider, PictureRequest, place_beside
from video_assets.studio.records import canonical_json, digest_of
from video_assets.studio.script import Slide
from video_assets.studio.sections import for_each_section
from video_assets.studio.settings import PresenterPlace
from video_assets.studio.stage import plan_stage
from video_assets.studio.store import Made, Outcome, Recipe, Record, Store, make
from video_assets.studio.storyboard import Cell, storyboard
from video_assets.studio.themes import load_theme
from video_assets.studio.workshop import Row, StageResult, Workshop

STEP = "picture"
CODE = "1"


class Job(NamedTuple):
    """A picture to be made: of a section, or of a card."""

    id: str
    title: str
    request: PictureRequest
    place: PresenterPlace


class PicturePlan(NamedTuple):
    """What is to be painted, and by whom."""

    script: str
    """Digest of the ScriptManifest."""
    provider: PictureProvider
    jobs: tuple[Job, ...]

    def recipe(self, job: Job) -> Recipe:
        """The recipe of one picture. Raises ContentError for a character that no font has."""
        return recipe(job.request, self.provider.identity(job.request))

    def manifest(self, records: Mapping[str, Record]) -> PictureManifest:
        """The manifest of the pictures that `records`, by the jobs' ids, tell of."""
        cards = {id_: _card(records[id_]) for id_ in (TITLE_CARD, END_CARD) if id_ in records}
        return PictureManifest(
            script=self.script,
            provider=self.provider.identity(),
            sections=tuple(picture_of(job, records[job.id]) for job in self.jobs if job.id not in cards),
            title_card=cards.get(TITLE_CARD),
            end_card=cards.get(END_CARD),
        )


def plan_pictures(
    script: ScriptManifest, lesson: LessonManifest, providers: Mapping[str, PictureProvider]
) -> PicturePlan:
    """What `script` wants painted; makes nothing. Raises SettingInvalid."""
    load_theme(lesson.settings.theme)  # an unknown theme is said once, not by every section
    return PicturePlan(digest_of(canonical_json(script)), painter(lesson, providers), tuple(_jobs(script, lesson)))


def painter(lesson: LessonManifest, providers: Mapping[str, PictureProvider]) -> PictureProvider:
    """Who paints the lesson. Raises SettingInvalid."""
    return chosen(providers, lesson.settings.pictures, "source of pictures")


def paint_script(
    script: ScriptManifest, providers: Mapping[str, PictureProvider], workshop: Workshop
) -> StageResult[PictureManifest]:
    """The picture of every section and card. What the store has is not painted again. Raises SectionsFailed."""
    lesson = read_manifest(workshop.store, LessonManifest, script.lesson)
    plan = plan_pictures(script, lesson, providers)
    written = {section.id: section for section in lesson.lesson.sections}

    def paint(job: Job) -> tuple[Outcome, bool]:
        try:
            outcome = make(workshop.store, plan.recipe(job), lambda: _paint(job, plan.provider, workshop.store))
        except ContentError as error:
            raise error.at(place_in_file(error.place, written.get(job.id))) from error
        return outcome, outcome.made

    done = for_each_section("section_image", plan.jobs, paint, journal=workshop.journal, workers=workshop.workers)
    outcomes = {job.id: outcome for job, (outcome, _) in zip(plan.jobs, done, strict=True)}
    manifest = plan.manifest({id_: outcome.record for id_, outcome in outcomes.items()})
    rows = tuple(_row(job, outcomes[job.id]) for job in plan.jobs)
    return StageResult(manifest, keep_manifest(workshop.store, manifest), rows, {})


def _paint(job: Job, provider: PictureProvider, store: Store) -> Made:
    files = {digest: store.read(digest) for digest in _files_of(job.request)}
    return Made({"picture": provider.paint(job.request, files)})


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


def _jobs(script: ScriptManifest, lesson: LessonManifest) -> Iterator[Job]:
    if script.title_card is not None:
        yield _job(TITLE_CARD, script.title_card, lesson, "absent")
    for section in script.sections:
        yield _job(
            section.id,
            section.slide,
            lesson,
            place_beside(section.slide, lesson.settings.presenter_place),
            section.title,
        )
    if script.end_card is not None:
        yield _job(END_CARD, script.end_card, lesson, "absent")


def _job(id_: str, slide: Slide, lesson: LessonManifest, place: PresenterPlace, title: str = "") -> Job:
    settings = lesson.settings
    request = PictureRequest(
        slide=slide,
        stage=plan_stage(settings.width_px, settings.height_px, place),
        look=Look(theme=settings.theme, accent=settings.accent, logo=lesson.logo),
        language=lesson.lesson.language,
    )
    return Job(id_, title or slide.title, request, place)


def _files_of(request: PictureRequest) -> tuple[str, ...]:
    picture = request.slide.picture.digest if request.slide.picture else ""
    return tuple(digest for digest in (picture, request.look.logo) if digest)


def picture_of(job: Job, record: Record) -> PictureEntry:
    """The manifest's line on the picture that `record` tells of."""
    return PictureEntry(
        id=job.id,
        picture=record.objects["picture"],
        stage=job.request.stage,
        recipe=record.recipe.id,
    )


def _card(record: Record) -> CardPicture:
    return CardPicture(picture=record.objects["picture"], recipe=record.recipe.id)


def _row(job: Job, outcome: Outcome) -> Row:
    size = outcome.record.objects["picture"].size_bytes
    return Row(
        job.id,
        job.title,
        outcome.made,
        {
            "layout": job.request.slide.layout,
            "presenter": job.place,
            "kilobytes": round(size / 1024, 1),
            "step_seconds": round(outcome.seconds, 3),
        },
    )
